//! Accounts and contracts as a seller brings them.

use jiff::Timestamp;
use serde::Serialize;

use super::{Asked, Engine, EngineError, Reply, journal};
use crate::domain::account::{
    Account, AccountId, Contract, ContractId, ContractStatus, HeldLine, can_be_email,
};
use crate::domain::catalog::{Selection, SellerId, anchor_day};
use crate::domain::change::{Actor, Refusal, RefusalCode};
use crate::domain::language::Language;
use crate::ports::store::{ClientAnswer, NewAccount, NewContract, Written};

/// What a seller says about a new account.
#[derive(Debug, Clone)]
pub struct CreateAccount {
    /// The seller's own id.
    pub external_id: Option<String>,
    /// Where mails go.
    pub email: String,
    /// The company's or person's name.
    pub name: String,
    /// The language of pages and mails; the seller's own first one when it does not say.
    pub language: Option<Language>,
    /// When the account was created at the seller; now, when it does not say.
    pub created_at: Option<Timestamp>,
    /// The provider's customer, when there is one already.
    pub provider_customer: Option<String>,
}

/// What a seller says about a new contract whose lines are all paid in another way.
#[derive(Debug, Clone)]
pub struct CreateContract {
    /// Whose.
    pub account: AccountId,
    /// What is held.
    pub held: Selection,
    /// The person who is financially responsible.
    pub responsible: Option<String>,
}

/// How something new becomes the answer that is kept for repetitions.
pub type PresentNew<'p, T> = &'p (dyn Fn(&T) -> Result<ClientAnswer, serde_json::Error> + Sync);

#[derive(Serialize)]
struct Began<'a> {
    v: u32,
    event: &'static str,
    actor: &'a Actor,
    contract: &'a Contract,
}

impl Engine {
    /// Creates an account.
    pub async fn create_account(
        &self,
        wish: &CreateAccount,
        asked: &Asked,
        present: PresentNew<'_, Account>,
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        let account = self.account_from(wish, &asked.seller)?;
        let answer = present(&account)?;
        let request = asked.keeping(&answer);
        let new = NewAccount {
            account,
            external_id: wish.external_id.clone(),
            request,
        };
        reply(self.store().create_account(new).await?, answer, "account")
    }

    /// The account that follows from what a seller says.
    pub(super) fn account_from(
        &self,
        wish: &CreateAccount,
        seller: &SellerId,
    ) -> Result<Account, EngineError> {
        let profile = &self.sellers().get(seller)?.playbook.seller;
        if !can_be_email(&wish.email) {
            let detail = "This is not a mail address that mail can be sent to. Correct it and send it again.";
            return Err(Refusal::new(RefusalCode::AccountInvalid, detail)
                .at("/email")
                .into());
        }
        let now = self.now();
        let own_language = profile.languages.first().copied();
        Ok(Account {
            id: AccountId(self.parts.ids.new_id(now)),
            seller: seller.clone(),
            email: wish.email.clone(),
            name: wish.name.clone(),
            language: wish.language.or(own_language).unwrap_or(Language::En),
            created_at: wish.created_at.unwrap_or(now),
            provider_customer: wish.provider_customer.clone(),
        })
    }

    /// Creates a contract that holds only what is paid in another way, until a change adds the first line of ours.
    pub async fn create_contract(
        &self,
        wish: &CreateContract,
        asked: &Asked,
        present: PresentNew<'_, Contract>,
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        let account = self.account_of(wish.account, &asked.seller).await?;
        let playbook = self.sellers().get(&asked.seller)?.playbook.clone();
        let held = playbook.catalog.understood(&wish.held, None);
        let target = playbook
            .catalog
            .resolve(&held, None)
            .map_err(|problems| Refusal::of_selection(&problems, "/held"))?;
        let lines = target
            .into_iter()
            .filter(|line| line.quantity > 0)
            .map(HeldLine::outside);
        let now = self.now();
        let client = self.terms_for(account.id, &playbook).await?;
        let contract = Contract {
            id: ContractId(self.parts.ids.new_id(now)),
            version: 1,
            account: account.id,
            seller: asked.seller.clone(),
            plan: held.plan,
            currency: held.currency,
            lines: lines.collect(),
            options: held.options,
            anchor_day: anchor_day(account.created_at, &playbook.seller.time_zone),
            periods: Vec::new(),
            subscription: None,
            status: ContractStatus::Active,
            responsible: wish.responsible.clone(),
            created_at: now,
            client,
        };
        self.begin_contract(contract, "created", None, asked, present)
            .await
    }

    pub(super) async fn begin_contract(
        &self,
        contract: Contract,
        event: &'static str,
        provider_customer: Option<String>,
        asked: &Asked,
        present: PresentNew<'_, Contract>,
    ) -> Result<Reply, EngineError> {
        // A person's name is no part of the history: it could not be erased from it.
        let unnamed = Contract {
            responsible: None,
            ..contract.clone()
        };
        let began = Began {
            v: 1,
            event,
            actor: &asked.actor,
            contract: &unnamed,
        };
        let entry = journal::entry(1, self.now(), serde_json::to_vec(&began)?, [0; 32]);
        let answer = present(&contract)?;
        let counts = !self.sellers().get(&contract.seller)?.playbook.metering.is_empty();
        let due_at = (counts || contract.subscription.is_some()).then(|| self.now());
        let request = asked.keeping(&answer);
        let new = NewContract {
            contract,
            entry,
            due_at,
            provider_customer,
            request,
        };
        let written = self.store().create_contract(new).await?;
        self.parts.bell.ring();
        reply(written, answer, "contract")
    }

    /// Reads an account of this seller.
    pub async fn account_of(&self, id: AccountId, seller: &SellerId) -> Result<Account, EngineError> {
        let found = self.store().account(id).await?;
        found
            .map(|(account, _)| account)
            .filter(|account| account.seller == *seller)
            .ok_or_else(|| EngineError::NotFound {
                what: "account",
                id: id.to_string(),
            })
    }

    /// Reads a contract of this seller.
    pub async fn contract_of(&self, id: ContractId, seller: &SellerId) -> Result<Contract, EngineError> {
        let found = self.store().contract(id).await?;
        let contract = found
            .filter(|contract| contract.seller == *seller)
            .ok_or_else(|| EngineError::no_contract(id))?;
        // What was proposed and given up is nothing.
        if contract.is_proposed() && self.store().open_change(id).await?.is_none() {
            return Err(EngineError::no_contract(id));
        }
        Ok(contract)
    }
}

fn reply(written: Written, answer: ClientAnswer, what: &'static str) -> Result<Reply, EngineError> {
    Reply::to(written, answer)?.ok_or(EngineError::Taken { what })
}
