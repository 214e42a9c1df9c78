//! A change that begins without a contract: what an account is about to conclude is proposed, and is nothing until its change has
//! become active. What is about a contract, and needs no change, is written here too.

use serde::Serialize;

use super::accounts::PresentNew;
use super::changes::{Present, TRIES_MAX};
use super::footing::priced_for;
use super::{Asked, Engine, EngineError, OpenChange, Reply, journal};
use crate::domain::account::{
    Account, AccountId, ClientTerms, Contract, ContractId, ContractStatus, Permission,
};
use crate::domain::catalog::{Options, Playbook, ProrationPolicy, Selection, anchor_day};
use crate::domain::change::{Actor, Party, Refusal, RefusalCode, Turn, open, permitted};
use crate::ports::store::{ContractAmendment, NewContract, Written};

/// What is asked when a change is opened by an account that holds nothing yet.
#[derive(Debug, Clone)]
pub struct OpenFirstChange {
    /// By which account.
    pub account: AccountId,
    /// What the customer wants.
    pub selection: Selection,
    /// The person who is financially responsible.
    pub responsible: Option<String>,
    /// Where the customer goes back to.
    pub return_url: Option<String>,
    /// Where they go back to when they give it up.
    pub cancel_url: Option<String>,
}

#[derive(Serialize)]
struct Proposed<'a> {
    v: u32,
    event: &'static str,
    actor: &'a Actor,
}

#[derive(Serialize)]
struct Amended<'a> {
    v: u32,
    event: &'static str,
    actor: &'a Actor,
    version: u64,
}

impl Engine {
    /// Opens the first change of an account: it concludes a contract when it becomes active, and leaves nothing when it does not.
    pub async fn open_first_change(
        &self,
        wish: &OpenFirstChange,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Reply, EngineError> {
        let opened = self.propose_and_open(wish, asked, present).await;
        self.or_replay(asked, opened).await
    }

    async fn propose_and_open(
        &self,
        wish: &OpenFirstChange,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Reply, EngineError> {
        let account = self.account_of(wish.account, &asked.seller).await?;
        let playbook = self.sellers().get(&asked.seller)?.playbook.clone();
        self.holds_nothing(&account).await?;
        self.settle_payer(account.id, &asked.actor).await?;
        for _ in 0..TRIES_MAX {
            let known = self.store().proposed_contract(account.id).await?;
            let id = known.map_or_else(|| ContractId(self.parts.ids.new_id(self.now())), |known| known.id);
            let client = self.terms_for(account.id, &playbook).await?;
            let contract = self.proposal(id, wish, &account, &playbook, client);
            // Whatever can be refused is refused before anything is written.
            let priced = priced_for(playbook.clone(), &contract);
            let turn = Turn {
                now: self.now(),
                actor: &asked.actor,
                playbook: &priced,
                account: &account,
                billing: None,
                contract: &contract,
            };
            open(&wish.selection, turn)?;
            if self.propose(contract, &asked.actor).await? {
                let onward = OpenChange {
                    contract: id,
                    selection: wish.selection.clone(),
                    return_url: wish.return_url.clone(),
                    cancel_url: wish.cancel_url.clone(),
                    supersedes: None,
                };
                return self.open_anew(&onward, asked, present).await;
            }
        }
        Err(EngineError::Contended)
    }

    /// An account that holds something changes that, instead of concluding another contract.
    async fn holds_nothing(&self, account: &Account) -> Result<(), EngineError> {
        let held = self.store().contracts_of(account.id).await?;
        let in_force = held
            .iter()
            .find(|contract| contract.status != ContractStatus::Cancelled);
        match in_force {
            None => Ok(()),
            Some(contract) => {
                let detail = format!(
                    "The account holds the contract `{}`. Open the change on that one: `POST /v1/contracts/{}/changes`.",
                    contract.id, contract.id
                );
                Err(Refusal::new(RefusalCode::ContractHeld, detail).into())
            }
        }
    }

    fn proposal(
        &self,
        id: ContractId,
        wish: &OpenFirstChange,
        account: &Account,
        playbook: &Playbook,
        client: Option<Box<ClientTerms>>,
    ) -> Contract {
        let now = self.now();
        // Whoever counts in days counts from the account's; otherwise the first period begins with the contract.
        let anchor = match playbook.policy.proration {
            ProrationPolicy::Day => account.created_at,
            ProrationPolicy::Second => now,
        };
        Contract {
            id,
            version: Contract::PROPOSED,
            account: account.id,
            seller: account.seller.clone(),
            plan: wish.selection.plan.clone(),
            currency: wish.selection.currency,
            lines: Vec::new(),
            options: Options::new(),
            anchor_day: anchor_day(anchor, &playbook.seller.time_zone),
            periods: Vec::new(),
            subscription: None,
            status: ContractStatus::Active,
            responsible: wish.responsible.clone(),
            created_at: now,
            client,
        }
    }

    /// Writes a proposal. `false` when somebody else was faster with one.
    async fn propose(&self, contract: Contract, actor: &Actor) -> Result<bool, EngineError> {
        let content = serde_json::to_vec(&Proposed {
            v: 1,
            event: "proposed",
            actor,
        })?;
        let new = NewContract {
            contract,
            entry: journal::entry(1, self.now(), content, [0; 32]),
            due_at: None,
            provider_customer: None,
            request: None,
        };
        match self.store().propose_contract(new).await? {
            Written::Done => Ok(true),
            Written::Blocked(change) => Err(EngineError::Blocked(change)),
            _ => Ok(false),
        }
    }

    /// Sets the person who is financially responsible for a contract, or nobody.
    pub async fn set_responsible(
        &self,
        contract: ContractId,
        responsible: Option<&str>,
        asked: &Asked,
        present: PresentNew<'_, Contract>,
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        let playbook = self.sellers().get(&asked.seller)?.playbook.clone();
        if asked.actor.party == Party::Customer {
            permitted(&playbook, &asked.actor, Permission::Billing)?;
        }
        for _ in 0..TRIES_MAX {
            let mut next = self.contract_of(contract, &asked.seller).await?;
            if next.is_proposed() {
                let detail =
                    "Nobody holds this contract yet: who is responsible was said when its change was opened.";
                return Err(Refusal::new(RefusalCode::NotAllowedHere, detail).into());
            }
            next.version += 1;
            next.responsible = responsible.map(str::to_owned);
            let answer = present(&next)?;
            let (last, head) = self.contract_head(contract).await?;
            let content = serde_json::to_vec(&Amended {
                v: 1,
                event: "responsible_set",
                actor: &asked.actor,
                version: next.version,
            })?;
            let amendment = ContractAmendment {
                entry: journal::entry(last + 1, self.now(), content, head),
                contract: next,
                request: asked.keeping(&answer),
            };
            let written = self.store().amend_contract(amendment).await?;
            if let Some(reply) = Reply::to(written, answer)? {
                return Ok(reply);
            }
        }
        Err(EngineError::Contended)
    }
}
