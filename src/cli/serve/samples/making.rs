//! Makes the customers of a sample product, at the sandbox and at the engine, as a seller's backend would.

use anyhow::Context as _;
use jiff::SignedDuration;
use serde_json::Value;

use super::cast::{Holds, Person};
use crate::cli::sample::{self, Customer};
use crate::domain::account::{Account, AccountId, Contract, Permission};
use crate::domain::catalog::{Options, Playbook, Selection};
use crate::domain::change::Actor;
use crate::engine::{AdoptContract, Asked, ClientView, CreateAccount, CreateClient, CreateContract, Engine};
use crate::ports::store::ClientAnswer;
use crate::web::sample::SampleCustomer;

/// Makes customers of one seller.
pub(super) struct Maker<'m> {
    pub engine: &'m Engine,
    pub playbook: &'m Playbook,
    /// The sandbox's address.
    pub sandbox: &'m str,
}

/// A customer with what it holds.
pub(super) struct Made {
    /// The customer.
    pub customer: SampleCustomer,
    /// Its contract, where it has one.
    pub contract: Option<String>,
}

impl Maker<'_> {
    /// Makes one. `agency` is the account of the agency whose client it becomes, where it does.
    pub(super) async fn make(&self, person: &Person, agency: Option<AccountId>) -> anyhow::Result<Made> {
        let who = (person.name, person.email);
        let (account, contract) = match &person.holds {
            Holds::Nothing => (self.account(person, None).await?, None),
            Holds::CardOnly => {
                let customer = sample::customer_with_card(self.sandbox, who).await?;
                (self.account(person, Some(customer)).await?, None)
            }
            Holds::Extras => {
                let customer = sample::existing_customer(self.sandbox).await?;
                let plan = Some(sample::PLAN);
                self.adopted(person, &customer, plan, Options::new()).await?
            }
            Holds::Subscribed(held) => {
                let held: Selection = serde_json::from_value(held.clone())?;
                let customer = sample::customer_with(self.sandbox, self.playbook, &held, who).await?;
                self.adopted(person, &customer, None, held.options).await?
            }
            Holds::Outside(held) => {
                let customer = sample::customer_with_card(self.sandbox, who).await?;
                let account = self.account(person, Some(customer)).await?;
                (account, Some(self.held(person, account, held).await?))
            }
            Holds::Client(held) => {
                let agency = agency.context("a client comes after its agency")?;
                let account = self.client(person, agency).await?;
                (account, Some(self.held(person, account, held).await?))
            }
        };
        let id = person.id.to_owned();
        Ok(Made {
            customer: SampleCustomer { id, account },
            contract,
        })
    }

    fn asked(&self, actor: Actor) -> Asked {
        Asked {
            seller: self.playbook.seller.id.clone(),
            actor,
            key: None,
            expected_version: None,
        }
    }

    fn wish(&self, person: &Person, provider_customer: Option<String>) -> CreateAccount {
        let age = SignedDuration::from_hours(24 * person.days);
        CreateAccount {
            external_id: Some(format!("sample.{}", person.id)),
            email: person.email.to_owned(),
            name: person.name.to_owned(),
            language: None,
            created_at: self.engine.now().checked_sub(age).ok(),
            provider_customer,
        }
    }

    async fn account(&self, person: &Person, provider_customer: Option<String>) -> anyhow::Result<AccountId> {
        let wish = self.wish(person, provider_customer);
        let asked = self.asked(Actor::system());
        let made = self
            .engine
            .create_account(&wish, &asked, &|account: &Account| id_of(&account.id.0))
            .await?;
        Ok(AccountId(String::from_utf8(made.answer.body)?.parse()?))
    }

    async fn client(&self, person: &Person, agency: AccountId) -> anyhow::Result<AccountId> {
        let roles = &self.playbook.policy.roles.all;
        let role = roles.iter().find(|role| role.may(Permission::ManageClients));
        let role = role.context("nobody may manage clients")?.id.to_string();
        let asked = self.asked(Actor::customer(role, None).of(Some(agency)));
        let wish = CreateClient {
            agency,
            account: self.wish(person, None),
        };
        let made = self
            .engine
            .create_client(&wish, &asked, &|view: &ClientView| id_of(&view.account.id.0))
            .await?;
        Ok(AccountId(String::from_utf8(made.answer.body)?.parse()?))
    }

    async fn adopted(
        &self,
        person: &Person,
        customer: &Customer,
        plan: Option<&str>,
        options: Options,
    ) -> anyhow::Result<(AccountId, Option<String>)> {
        let account = self.account(person, Some(customer.id.clone())).await?;
        let adopt = AdoptContract {
            account,
            subscription: customer.subscription.clone(),
            plan: plan.map(str::parse).transpose()?,
            plan_interval: None,
            options,
            responsible: Some(person.responsible.to_owned()),
        };
        let asked = self.asked(Actor::system());
        let made = self
            .engine
            .adopt_contract(&adopt, &asked, &|contract: &Contract| id_of(&contract.id.0))
            .await?;
        Ok((account, Some(String::from_utf8(made.answer.body)?)))
    }

    /// A contract that is paid in another way.
    async fn held(&self, person: &Person, account: AccountId, held: &Value) -> anyhow::Result<String> {
        let wish = CreateContract {
            account,
            held: serde_json::from_value(held.clone())?,
            responsible: Some(person.responsible.to_owned()),
        };
        let asked = self.asked(Actor::system());
        let made = self
            .engine
            .create_contract(&wish, &asked, &|contract: &Contract| id_of(&contract.id.0))
            .await?;
        Ok(String::from_utf8(made.answer.body)?)
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "an answer of the engine's is written as JSON, which can fail"
)]
fn id_of(id: &uuid::Uuid) -> Result<ClientAnswer, serde_json::Error> {
    Ok(ClientAnswer {
        status: 201,
        body: id.to_string().into_bytes(),
    })
}
