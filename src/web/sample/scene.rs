//! Who is in front of a sample product: which customer, in which role, in which language. The address says it, and nothing remembers
//! it, so that a link leads anybody to the same scene.

use std::sync::Arc;

use serde::Deserialize;

use super::shelf::SampleProduct;
use crate::domain::account::{Account, Contract, Permission, RoleRule};
use crate::domain::catalog::{Playbook, SellerId};
use crate::domain::change::Actor;
use crate::domain::language::Language;
use crate::engine::{Asked, EngineError};
use crate::web::WebState;
use crate::web::api::views::Reader;
use crate::web::page::{Alert, Shell, Trouble};

/// Who the person in front of the product is, to the seller's systems.
const PERSON: &str = "user-1";

/// What the address of a page of the product says.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Told {
    /// The customer.
    pub who: Option<String>,
    /// The role.
    #[serde(rename = "as")]
    pub role: Option<String>,
    /// The language.
    pub lang: Option<String>,
    /// What was done just now.
    pub said: Option<String>,
}

/// Somebody in front of a sample product.
pub(super) struct Scene {
    /// Whose product.
    pub seller: SellerId,
    /// The customer's name within the product.
    pub who: String,
    /// All customers' names.
    pub customers: Vec<String>,
    /// The customer.
    pub account: Account,
    /// What it holds, where it holds something.
    pub contract: Option<Contract>,
    /// The person's role.
    pub role: String,
    /// All roles that somebody of this customer can have: id and name.
    pub roles: Vec<(String, String)>,
    /// The language of the page.
    pub language: Language,
    /// The seller's rules.
    pub playbook: Arc<Playbook>,
    /// Whether the customer is an agency, with clients of its own.
    pub is_agency: bool,
}

impl Scene {
    /// The scene that an address tells; what it leaves out, or what is not there, is the first of its kind.
    pub(super) async fn of(state: &WebState, seller: &str, told: &Told) -> Result<Self, Trouble> {
        let nowhere = || Trouble::of(Language::En, Alert::NoSuchPage);
        let samples = state.samples.as_ref().ok_or_else(nowhere)?;
        let product: &SampleProduct = samples.of(seller).ok_or_else(nowhere)?;
        let named = product
            .customers
            .iter()
            .find(|customer| Some(&customer.id) == told.who.as_ref());
        let customer = named.or(product.customers.first()).ok_or_else(nowhere)?;
        let engine = &state.engine;
        let account = engine.account_of(customer.account, &product.seller).await?;
        let contracts = engine.store().contracts_of(account.id).await;
        let contracts = contracts.map_err(EngineError::from)?;
        let contract = contracts
            .into_iter()
            .rev()
            .find(|contract| !contract.is_proposed());
        let playbook = state.playbook(&product.seller)?;
        let wanted = told.lang.as_deref().and_then(|tag| tag.parse().ok());
        let language = playbook.seller.language(wanted.or(Some(account.language)));
        let client = engine.store().client(account.id).await;
        let is_client = client.map_err(EngineError::from)?.is_some();
        let is_agency = playbook.policy.clients.is_some() && !is_client;
        let reader = Reader {
            playbook: &playbook,
            language,
        };
        let fitting = playbook.policy.roles.all.iter().filter(|role| {
            let manages = role.may(Permission::ManageClients);
            if is_agency {
                manages || !role.may(Permission::ChangePlan)
            } else {
                !manages
            }
        });
        let named = |role: &RoleRule| (role.id.to_string(), reader.said(&role.name));
        let roles: Vec<(String, String)> = fitting.map(named).collect();
        let role = roles.iter().find(|(id, _)| Some(id) == told.role.as_ref());
        let role = role
            .or(roles.first())
            .map(|(id, _)| id.clone())
            .unwrap_or_default();
        Ok(Self {
            seller: product.seller.clone(),
            who: customer.id.clone(),
            customers: product.customers.iter().map(|one| one.id.clone()).collect(),
            account,
            contract,
            role,
            roles,
            language,
            is_agency,
            playbook,
        })
    }

    /// How things are told to the person.
    pub(super) fn reader(&self) -> Reader<'_> {
        Reader {
            playbook: &self.playbook,
            language: self.language,
        }
    }

    /// Who the person is to the engine, as the seller's backend would say it.
    pub(super) fn actor(&self) -> Actor {
        let of = self.playbook.policy.clients.is_some().then_some(self.account.id);
        Actor::customer(self.role.clone(), Some(PERSON.to_owned())).of(of)
    }

    /// What the seller's backend asks by itself.
    pub(super) fn asked(&self) -> Asked {
        Asked {
            seller: self.seller.clone(),
            actor: Actor::system(),
            key: None,
            expected_version: None,
        }
    }

    /// A page of the product, in the same scene. `page` is empty for the first one.
    pub(super) fn at(&self, page: &str) -> String {
        self.with(page, &self.who, Some(&self.role), self.language)
    }

    /// The first page, in another scene.
    pub(super) fn with(&self, page: &str, who: &str, role: Option<&str>, language: Language) -> String {
        let role = role.map(|role| format!("&as={role}")).unwrap_or_default();
        format!(
            "/sample/{}/{page}?who={who}{role}&lang={}",
            self.seller,
            language.tag()
        )
    }

    /// What stands around a page of the product.
    pub(super) fn shell(&self, title: impl Into<String>) -> Shell {
        Shell {
            home: Some(self.at("")),
            languages: Vec::new(),
            ..Shell::of(&self.playbook.seller, self.language, title)
        }
    }
}
