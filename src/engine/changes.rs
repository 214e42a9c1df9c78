//! The one door: everything that moves a change comes through here, and leaves written.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::drafting::Draft;
use super::view::{ChangeView, HistoryEntry};
use super::{CrashPoint, Engine, EngineError};
use crate::domain::account::{BillingIdentity, Contract, ContractId};
use crate::domain::catalog::{Selection, SellerId};
use crate::domain::change::{
    Actor, ChangeId, Click, Event, IdentityRef, NextAction, Refusal, RefusalCode, Stage, read_stage,
    write_stage,
};
use crate::ports::store::{
    ChangeRow, ClientAnswer, ClientRequest, JournalEntry, NewIdentity, PageAsk, Record, Situation, Written,
};

/// How often a command is decided again because the change moved meanwhile. Each try reads what moved it.
const TRIES_MAX: usize = 8;

/// Who asks for something, and under which guarantees.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Whose change it must be.
    pub seller: SellerId,
    /// Who acts.
    pub actor: Actor,
    /// The client's idempotency key.
    pub key: Option<ClientKey>,
    /// The version that the client has seen, when it insists on it.
    pub expected_version: Option<u64>,
}

/// A client's idempotency key with a fingerprint of the request that it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientKey {
    /// The key.
    pub key: String,
    /// A hash of method, path and body.
    pub fingerprint: [u8; 32],
}

/// What is asked of a change.
#[derive(Debug, Clone)]
pub enum Wish {
    /// One event.
    Event(Event),
    /// The customer gives billing data.
    BillingInfo(BillingIdentity),
    /// The customer's final button, passing through every stage that needs no more input.
    Confirm(Click),
}

/// What is asked when a change is opened.
#[derive(Debug, Clone)]
pub struct OpenChange {
    /// On which contract.
    pub contract: ContractId,
    /// What the customer wants.
    pub selection: Selection,
    /// Where the customer goes back to.
    pub return_url: Option<String>,
    /// Where they go back to when they give it up.
    pub cancel_url: Option<String>,
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The answer, byte by byte what a repetition of the request gets too.
    pub answer: ClientAnswer,
    /// Whether it is such a repetition.
    pub replayed: bool,
}

/// How a view becomes the answer that is kept for repetitions.
pub type Present<'p> = &'p (dyn Fn(&ChangeView) -> Result<ClientAnswer, serde_json::Error> + Sync);

impl Engine {
    /// Opens a change. Another one that is open on the same contract is named in the refusal.
    pub async fn open_change(
        &self,
        wish: &OpenChange,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        let seller = self.sellers().get(&asked.seller)?;
        self.check_return_url(asked, "/return_url", wish.return_url.as_deref())?;
        self.check_return_url(asked, "/cancel_url", wish.cancel_url.as_deref())?;
        let not_found = || EngineError::NotFound {
            what: "contract",
            id: wish.contract.to_string(),
        };
        let contract = self
            .store()
            .contract(wish.contract)
            .await?
            .ok_or_else(not_found)?;
        if contract.seller != asked.seller {
            return Err(not_found());
        }
        if let Some(open) = self.store().open_change(contract.id).await? {
            return Err(EngineError::Blocked(open));
        }
        let (account, _) = self
            .store()
            .account(contract.account)
            .await?
            .ok_or_else(not_found)?;
        let change = self.new_change(wish, asked, &contract)?;
        let billing = self.store().billing(contract.account).await?;
        let situation = Situation {
            change,
            account,
            billing,
            contract,
            effects: Vec::new(),
        };
        let mut draft = Draft::new(self, seller.playbook.clone(), situation)?;
        draft.open(
            &Event::Opened {
                selection: wish.selection.clone(),
            },
            &asked.actor,
        )?;
        match self.write(draft, asked, present).await? {
            Some(reply) => Ok(reply),
            None => Err(EngineError::Contended),
        }
    }

    fn new_change(
        &self,
        wish: &OpenChange,
        asked: &Asked,
        contract: &Contract,
    ) -> Result<ChangeRow, EngineError> {
        let now = self.now();
        let stage = Stage::Draft {
            selection: wish.selection.clone(),
            problem: None,
        };
        let id = ChangeId(self.parts.ids.new_id(now));
        Ok(ChangeRow {
            id,
            reference: id.reference(),
            seller: asked.seller.clone(),
            account: contract.account,
            contract: contract.id,
            workflow: self.sellers().get(&asked.seller)?.playbook.version.clone(),
            version: 0,
            stage: write_stage(&stage)?,
            stage_name: stage.full_name(),
            machine_version: crate::domain::change::MACHINE_VERSION,
            open: true,
            entered_at: now,
            asked: 0,
            last_asked: None,
            reminded: 0,
            return_url: wish.return_url.clone(),
            cancel_url: wish.cancel_url.clone(),
            created_at: now,
            updated_at: now,
            journal_head: [0; 32],
        })
    }

    /// Asks something of a change: decided, written and answered, or refused with nothing changed.
    pub async fn submit(
        &self,
        change: ChangeId,
        wish: &Wish,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Reply, EngineError> {
        if let Some(reply) = self.replay(asked).await? {
            return Ok(reply);
        }
        for _ in 0..TRIES_MAX {
            let situation = self.situation_of(change, &asked.seller).await?;
            if let Some(expected) = asked.expected_version
                && expected != situation.change.version
            {
                return Err(EngineError::VersionMoved {
                    now: situation.change.version,
                });
            }
            let draft = self.draft(situation, wish, asked).await?;
            if let Some(reply) = self.write(draft, asked, present).await? {
                return Ok(reply);
            }
        }
        Err(EngineError::Contended)
    }

    async fn draft(
        &self,
        situation: Situation,
        wish: &Wish,
        asked: &Asked,
    ) -> Result<Draft<'_>, EngineError> {
        let (row, account) = (&situation.change, situation.account.id);
        let playbook = self
            .sellers()
            .playbook(self.store(), &row.seller, &row.workflow)
            .await?;
        let on_file = situation.billing.as_ref().map(|billing| billing.identity.row);
        let mut draft = Draft::new(self, playbook, situation)?;
        if let Some(row) = on_file
            && may_save_billing(draft.stage())
            && let Some(identity) = self.store().identity(row).await?
        {
            draft.with_identity(row, identity);
        }
        match wish {
            Wish::Event(event) => {
                draft.decide(event, &asked.actor)?;
            }
            Wish::BillingInfo(identity) => {
                let reference = self.fingerprint(identity)?;
                let (at, identity) = (self.now(), identity.clone());
                draft.with_new_identity(NewIdentity {
                    reference: reference.clone(),
                    account,
                    identity,
                    at,
                });
                draft.decide(&Event::GiveBillingInfo { identity: reference }, &asked.actor)?;
            }
            Wish::Confirm(click) => confirm(&mut draft, click, &asked.actor)?,
        }
        Ok(draft)
    }

    /// Writes a client's draft. `None` when the change moved meanwhile.
    async fn write(
        &self,
        draft: Draft<'_>,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Option<Reply>, EngineError> {
        let answer = present(&draft.view())?;
        let request = asked.key.as_ref().map(|key| ClientRequest {
            seller: asked.seller.clone(),
            key: key.key.clone(),
            fingerprint: key.fingerprint,
            answer: answer.clone(),
        });
        self.reach(CrashPoint::CommandDecided)?;
        let written = self.record(draft.finish(None, Vec::new(), request)).await?;
        self.reach(CrashPoint::CommandWritten)?;
        match written {
            Written::Done => Ok(Some(Reply {
                answer,
                replayed: false,
            })),
            Written::Stale => Ok(None),
            Written::Replayed(answer) => Ok(Some(Reply {
                answer,
                replayed: true,
            })),
            Written::KeyReused => Err(EngineError::KeyReused),
            Written::Blocked(change) => Err(EngineError::Blocked(change)),
            Written::CustomerBusy => Err(Refusal::new(
                RefusalCode::PaymentInFlight,
                "Another payment of this customer is on its way. Nothing was charged; try again in a moment.",
            )
            .into()),
        }
    }

    /// Writes a record and rings the bell.
    pub(super) async fn record(&self, record: Record) -> Result<Written, EngineError> {
        let written = self.parts.store.record(record).await?;
        if written == Written::Done {
            self.parts.bell.ring();
        }
        Ok(written)
    }

    pub(super) fn reach(&self, point: CrashPoint) -> Result<(), EngineError> {
        Ok(self.parts.crash_points.reach(point)?)
    }

    /// The answer that the same client request was given before.
    pub(super) async fn replay(&self, asked: &Asked) -> Result<Option<Reply>, EngineError> {
        let Some(key) = &asked.key else {
            return Ok(None);
        };
        match self.store().answered(&asked.seller, &key.key).await? {
            Some((fingerprint, answer)) if fingerprint == key.fingerprint => Ok(Some(Reply {
                answer,
                replayed: true,
            })),
            Some(_) => Err(EngineError::KeyReused),
            None => Ok(None),
        }
    }

    pub(super) async fn situation_of(
        &self,
        change: ChangeId,
        seller: &SellerId,
    ) -> Result<Situation, EngineError> {
        let found = self.store().situation(change).await?;
        found
            .filter(|situation| situation.change.seller == *seller)
            .ok_or_else(|| EngineError::no_change(change))
    }

    /// Reads a change.
    pub async fn change(&self, change: ChangeId, seller: &SellerId) -> Result<ChangeView, EngineError> {
        let situation = self.situation_of(change, seller).await?;
        let row = situation.change;
        let playbook = self
            .sellers()
            .playbook(self.store(), &row.seller, &row.workflow)
            .await?;
        let stage = read_stage(&row.stage)?;
        let next_action = NextAction::of(&stage);
        let (account, contract) = (situation.account, situation.contract);
        Ok(ChangeView {
            change: row,
            stage,
            next_action,
            playbook,
            account,
            contract,
        })
    }

    /// Reads a page of a change's history.
    pub async fn history(
        &self,
        change: ChangeId,
        seller: &SellerId,
        page: PageAsk,
    ) -> Result<Vec<(JournalEntry, HistoryEntry)>, EngineError> {
        self.situation_of(change, seller).await?;
        let entries = self.store().journal(change, page).await?;
        entries
            .into_iter()
            .map(|entry| {
                let said = serde_json::from_slice(&entry.content)?;
                Ok((entry, said))
            })
            .collect()
    }

    fn check_return_url(&self, asked: &Asked, pointer: &str, url: Option<&str>) -> Result<(), EngineError> {
        let allowed = &self.sellers().get(&asked.seller)?.playbook.seller.return_urls;
        match url {
            Some(url) if !allowed.iter().any(|prefix| url.starts_with(prefix.as_str())) => {
                let detail = format!(
                    "The workflow file allows return addresses that begin with: {}.",
                    allowed.join(", ")
                );
                Err(Refusal::new(RefusalCode::SelectionInvalid, detail)
                    .at(pointer)
                    .into())
            }
            _ => Ok(()),
        }
    }

    fn fingerprint(&self, identity: &BillingIdentity) -> Result<IdentityRef, EngineError> {
        let now: Timestamp = self.now();
        let tax_id = identity.tax_id.as_ref().map_or("", |tax_id| tax_id.normalised());
        let address = &identity.address;
        let taxed = [
            address.country.as_str(),
            &address.state,
            &address.postal_code,
            tax_id,
        ]
        .join("\n");
        Ok(IdentityRef {
            row: self.parts.ids.new_id(now),
            hash: digest(&serde_json::to_vec(identity)?),
            tax_hash: digest(taxed.as_bytes()),
            tax_id_hash: if tax_id.is_empty() {
                String::new()
            } else {
                digest(tax_id.as_bytes())
            },
        })
    }
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The stages from which billing data can be sent to the provider: only there is it read from its row.
fn may_save_billing(stage: &Stage) -> bool {
    matches!(
        stage,
        Stage::QuoteReady { .. }
            | Stage::BillingInfo { .. }
            | Stage::BillingSaving { .. }
            | Stage::Choosing { .. }
    )
}

/// One click, several events: each is decided where the one before it led, until the confirmation itself has been given.
/// A stage that needs more input, or time, ends the passing with that stage's own refusal.
fn confirm(draft: &mut Draft<'_>, click: &Click, actor: &Actor) -> Result<(), EngineError> {
    let confirmed = |event: &Event| matches!(event, Event::Confirm { .. });
    // Accept, billing data, card, confirm: more than that cannot be passed.
    for _ in 0..4 {
        let event = click.next(draft.stage()).unwrap_or_else(|| click.confirm());
        draft.decide(&event, actor)?;
        if confirmed(&event) {
            return Ok(());
        }
    }
    Err(EngineError::Contended)
}
