//! The one door: everything that moves a change comes through here, and leaves written.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::drafting::{Draft, Drafted};
use super::footing::{Footing, Onward};
use super::tickets::{self, FormWords, Words};
use super::view::{ChangeView, HistoryEntry};
use super::{CrashPoint, Engine, EngineError, LeftToDo, fingerprint};
use crate::domain::account::{BillingIdentity, ContractId};
use crate::domain::catalog::SellerId;
use crate::domain::change::{
    Actor, ChangeId, Click, Event, INVOICE_BUDGET_SPAN, Means, Party, Refusal, RefusalCode, Stage,
    TicketMaker, invoice_budget, read_stage,
};
use crate::measures;
use crate::ports::store::{
    ChangeRow, ClientAnswer, ClientRequest, JournalEntry, NewIdentity, NoteKind, PageAsk, Situation, Written,
};

/// How often a command is decided again because the change moved meanwhile. Each try reads what moved it.
pub(super) const TRIES_MAX: usize = 8;

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
    /// The customer makes a request to go down, with these answers to the seller's form.
    FileTicket(BTreeMap<String, String>),
    /// Somebody writes something to a request.
    Comment {
        /// What.
        text: String,
        /// Whether it is for support alone.
        internal: bool,
    },
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The answer, byte by byte what a repetition of the request gets too.
    pub answer: ClientAnswer,
    /// Whether it is such a repetition.
    pub replayed: bool,
}

impl Asked {
    /// The request as it is kept with its answer, where it carries a key.
    pub(super) fn keeping(&self, answer: &ClientAnswer) -> Option<ClientRequest> {
        let key = self.key.as_ref()?;
        Some(ClientRequest {
            seller: self.seller.clone(),
            key: key.key.clone(),
            fingerprint: key.fingerprint,
            answer: answer.clone(),
        })
    }
}

impl Reply {
    /// What a client is told after a write; `None` when what it was decided on has moved meanwhile.
    pub(super) fn to(written: Written, answer: ClientAnswer) -> Result<Option<Self>, EngineError> {
        let reply = |answer, replayed| Ok(Some(Self { answer, replayed }));
        match written {
            Written::Done => reply(answer, false),
            Written::Replayed(kept) => reply(kept, true),
            Written::Stale => Ok(None),
            Written::KeyReused => Err(EngineError::KeyReused),
            Written::Blocked(change) => Err(EngineError::Blocked(change)),
            Written::CustomerBusy => Err(Refusal::new(
                RefusalCode::PaymentInFlight,
                "Another payment of this customer is on its way. Nothing was charged; try again in a moment.",
            )
            .into()),
        }
    }
}

/// How a view becomes the answer that is kept for repetitions.
pub type Present<'p> = &'p (dyn Fn(&ChangeView) -> Result<ClientAnswer, serde_json::Error> + Sync);

impl Engine {
    /// Asks something of a change: decided, written and answered, or refused with nothing changed.
    pub async fn submit(
        &self,
        change: ChangeId,
        wish: &Wish,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Reply, EngineError> {
        let decided = self.decide_on(change, wish, asked, present).await;
        self.or_replay(asked, decided).await
    }

    /// What would become of a wish: decided and shown, and not written.
    pub async fn rehearse(
        &self,
        change: ChangeId,
        wish: &Wish,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Reply, EngineError> {
        let situation = self.situation_of(change, &asked.seller).await?;
        self.check_version(&situation.change, asked).await?;
        let draft = self
            .draft(self.standing_on(situation).await?, wish, asked)
            .await?;
        Ok(Reply {
            answer: present(&draft.view())?,
            replayed: false,
        })
    }

    async fn decide_on(
        &self,
        change: ChangeId,
        wish: &Wish,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Reply, EngineError> {
        if let Some(remembered) = self.recent.take(change, self.now())
            && remembered.situation.change.seller == asked.seller
        {
            match self.decide_standing_on(remembered, wish, asked, present).await {
                Ok(Some(reply)) => return Ok(reply),
                Err(crash @ EngineError::Crashed(_)) => return Err(crash),
                // It may be outdated: only what was read has the last word.
                Ok(None) | Err(_) => {}
            }
        }
        for _ in 0..TRIES_MAX {
            let situation = self.situation_of(change, &asked.seller).await?;
            let footing = self.standing_on(situation).await?;
            if let Some(reply) = self.decide_standing_on(footing, wish, asked, present).await? {
                return Ok(reply);
            }
        }
        Err(EngineError::Contended)
    }

    /// Decides and writes, where nobody was faster.
    async fn decide_standing_on(
        &self,
        footing: Box<Footing>,
        wish: &Wish,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Option<Reply>, EngineError> {
        self.check_version(&footing.situation.change, asked).await?;
        let contract = footing.situation.contract.id;
        let draft = self.draft(footing, wish, asked).await?;
        if matches!(wish, Wish::Confirm(_)) {
            self.within_invoice_budget(contract).await?;
        }
        self.write(draft, asked, present).await
    }

    /// Refuses what relies on another version than the present one, and says who has moved it.
    pub(super) async fn check_version(&self, change: &ChangeRow, asked: &Asked) -> Result<(), EngineError> {
        match asked.expected_version {
            Some(expected) if expected != change.version => Err(EngineError::VersionMoved {
                now: change.version,
                by: self.last_move(change).await?.map(Box::new),
            }),
            _ => Ok(()),
        }
    }

    /// The provider makes only so many invoices of one subscription: the next one must be one that it would make. Whatever is
    /// sent after this was read moves the change, so that what is decided on it is not written.
    async fn within_invoice_budget(&self, contract: ContractId) -> Result<(), EngineError> {
        let now = self.now();
        let since = now.checked_sub(INVOICE_BUDGET_SPAN).unwrap_or(Timestamp::MIN);
        let asked = self.store().invoices_asked(contract, since).await?;
        Ok(invoice_budget(&asked, now)?)
    }

    async fn draft(
        &self,
        footing: Box<Footing>,
        wish: &Wish,
        asked: &Asked,
    ) -> Result<Box<Draft<'_>>, EngineError> {
        let account = footing.situation.account.id;
        // Only what the provider does not have yet can be sent to it; and a voucher names who pays.
        let unsaved = footing
            .situation
            .unsaved_billing()
            .filter(|_| may_save_billing(&footing.stage))
            .map(|identity| identity.row);
        let named = named_by_a_voucher(&footing, Some(wish));
        let mut draft = Draft::new(self, *footing);
        if let Some(row) = unsaved.or(named)
            && let Some(identity) = self.store().identity(row).await?
        {
            draft.with_identity(row, identity);
        }
        match wish {
            Wish::Event(event) => {
                draft.decide(event, &asked.actor)?;
            }
            Wish::BillingInfo(identity) => {
                let reference = fingerprint::of_identity(self.parts.ids.new_id(self.now()), identity)?;
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
            Wish::FileTicket(fields) => self.file(&mut draft, fields, &asked.actor)?,
            Wish::Comment { text, internal } => self.comment(&mut draft, text, *internal, &asked.actor)?,
        }
        Ok(draft)
    }

    /// The request, with what was answered in the form; where nothing was, the machine says whether it had to be.
    fn file(
        &self,
        draft: &mut Draft<'_>,
        fields: &BTreeMap<String, String>,
        actor: &Actor,
    ) -> Result<(), EngineError> {
        let form = if fields.is_empty() {
            None
        } else {
            let fields = tickets::answered(&draft.policy().ticket, fields)?;
            let words = FormWords { from: None, fields };
            Some(draft.with_words(
                self,
                Words {
                    kind: NoteKind::Form,
                    author: TicketMaker::Customer,
                    data: serde_json::to_vec(&words)?,
                },
            ))
        };
        draft.decide(&Event::FileTicket { form }, actor)?;
        Ok(())
    }

    fn comment(
        &self,
        draft: &mut Draft<'_>,
        text: &str,
        internal: bool,
        actor: &Actor,
    ) -> Result<(), EngineError> {
        let words = tickets::commented(text)?;
        let note = draft.with_words(
            self,
            Words {
                kind: if internal {
                    NoteKind::Internal
                } else {
                    NoteKind::Comment
                },
                author: match actor.party {
                    Party::Customer => TicketMaker::Customer,
                    _ => TicketMaker::Support,
                },
                data: serde_json::to_vec(&words)?,
            },
        );
        draft.decide(&Event::Comment { note, internal }, actor)?;
        Ok(())
    }

    /// Writes a client's draft. `None` when the change moved meanwhile.
    pub(super) async fn write(
        &self,
        draft: Box<Draft<'_>>,
        asked: &Asked,
        present: Present<'_>,
    ) -> Result<Option<Reply>, EngineError> {
        let answer = present(&draft.view())?;
        let request = asked.keeping(&answer);
        self.reach(CrashPoint::CommandDecided)?;
        let (written, _) = self.record(draft.finish(None, Vec::new(), request)).await?;
        self.reach(CrashPoint::CommandWritten)?;
        Reply::to(written, answer)
    }

    /// Writes what was drafted, tells whoever waits for it, and counts what was decided. What a worker holds on to is given back
    /// to it, and what else was written is remembered.
    pub(super) async fn record(&self, drafted: Drafted) -> Result<(Written, Option<Onward>), EngineError> {
        let Drafted {
            record,
            news,
            footing,
            begun,
        } = drafted;
        let held = record.held_until.is_some();
        let left = LeftToDo::by(&record);
        let written = self.parts.store.record(*record).await?;
        let now = self.now();
        match written {
            Written::Done => {
                self.parts.bell.ring_for(left, now);
                if news.moving() {
                    self.parts.bell.moved.goes_on(&footing, now);
                } else {
                    self.parts.bell.moved.tell(&footing, now);
                }
                news.count();
                if held {
                    return Ok((written, Some(Onward { footing, begun })));
                }
                self.recent.remember(footing, now);
            }
            Written::Stale => measures::lease_lost(),
            _ => {}
        }
        Ok((written, None))
    }

    pub(super) fn reach(&self, point: CrashPoint) -> Result<(), EngineError> {
        Ok(self.parts.crash_points.reach(point)?)
    }

    /// The answer that the same client request was given before, if it was. To be looked at first by whoever asks the provider
    /// something before it decides.
    pub async fn replay(&self, asked: &Asked) -> Result<Option<Reply>, EngineError> {
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

    /// A refusal is not the last word where the same request was answered before, or while this one was looked at: what refuses it
    /// is then its own work, and both get one answer. Where nothing is refused, the write finds the key.
    pub(super) async fn or_replay(
        &self,
        asked: &Asked,
        decided: Result<Reply, EngineError>,
    ) -> Result<Reply, EngineError> {
        match decided {
            Ok(reply) => Ok(reply),
            Err(crash @ EngineError::Crashed(_)) => Err(crash),
            Err(problem) => self.replay(asked).await?.ok_or(problem),
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
        let successor = if situation.change.open || situation.change.is_promised() {
            None
        } else {
            self.store().successor(change).await?
        };
        let footing = self.standing_on(situation).await?;
        Ok(footing.view(self.now(), successor))
    }

    /// The stage that a journalled fact led to; nothing where there is no such fact.
    pub(super) async fn stage_after(&self, change: ChangeId, seq: u64) -> Result<Option<Stage>, EngineError> {
        // What is told is mostly what was written last.
        let newest =
            |footing: &Footing| (footing.situation.change.version == seq).then(|| footing.stage.clone());
        if let Some(stage) = self.recent.look(change, self.now(), newest) {
            return Ok(Some(stage));
        }
        let page = PageAsk {
            after: seq.saturating_sub(1),
            limit: 1,
        };
        let Some(entry) = self.store().journal(change, page).await?.into_iter().next() else {
            return Ok(None);
        };
        let said: HistoryEntry = serde_json::from_slice(&entry.content)?;
        Ok(Some(read_stage(said.stage.get().as_bytes())?))
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

/// The row of the billing data that a decision about a voucher looks at: which tax number the payer has, and who they are.
pub(super) fn named_by_a_voucher(footing: &Footing, wish: Option<&Wish>) -> Option<Uuid> {
    let is_voucher = |method: &Means| method.voucher().is_some();
    let wished = match wish {
        Some(Wish::Event(Event::ChooseMethod { method })) => is_voucher(method),
        Some(Wish::Confirm(click)) => click.method.as_ref().is_some_and(is_voucher),
        _ => false,
    };
    let chosen = match &footing.stage {
        Stage::Choosing { method, .. } => method.as_ref(),
        stage => stage.payment().and_then(|payment| payment.method.as_ref()),
    };
    let billing = footing.situation.billing.as_ref()?;
    (wished || chosen.is_some_and(is_voucher)).then_some(billing.identity.row)
}
