//! Drafts what a decision brings about: from the situation that was read to the record that is written.

mod finishing;

pub(super) use finishing::Drafted;

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::account::{Account, BillingIdentity, Contract, TaxId, TaxIdKind};
use crate::domain::catalog::{Playbook, Policy};
use crate::domain::change::stuck::concern;
use crate::domain::change::{
    AccountFact, Actor, BillingOnFile, Call, CallAnswer, CallName, ChangeId, Decision, Effect, EffectId,
    Event, Question, Refusal, Stage, Tell, Turn, bring, decide, machine_version, open, question, succeed,
    write_stage,
};
use crate::engine::fingerprint::digest;
use crate::engine::footing::Footing;
use crate::engine::news::News;
use crate::engine::outbox::{BillingFacts, RefundFacts, ReminderFacts};
use crate::engine::pace::{KEY_LIFE, later};
use crate::engine::tickets::NoteFacts;
use crate::engine::view::HistoryEntry;
use crate::engine::{Engine, EngineError, journal};
use crate::ports::payments::{Marks, Preparing};
use crate::ports::store::{
    ChangeRow, Channel, EffectRow, EffectStatus, EffectUpdate, JournalEntry, NewIdentity, OutboxRow,
    TicketNote,
};

/// A decision on its way to being written: several events can be decided one after the other, and are written together.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent facts of the draft, none a state"
)]
pub(in crate::engine) struct Draft<'a> {
    engine: &'a Engine,
    playbook: Arc<Playbook>,
    now: Timestamp,
    base_version: u64,
    /// Whether the change was over before the draft: what is promised after its end is meant.
    was_over: bool,
    /// Whether something was taken away at the provider for its charge, which must be put back if that comes to nothing.
    had_released: bool,
    row: ChangeRow,
    stage: Stage,
    account: Account,
    billing: Option<BillingOnFile>,
    contract: Contract,
    live: Vec<EffectRow>,
    identity: Option<(Uuid, BillingIdentity)>,
    new_identity: Option<NewIdentity>,
    note: Option<TicketNote>,
    entries: Vec<JournalEntry>,
    effects: Vec<EffectRow>,
    outbox: Vec<OutboxRow>,
    facts: Vec<AccountFact>,
    switched: bool,
    hurried: Vec<EffectUpdate>,
    taken_up: Vec<Uuid>,
    due_at_once: bool,
    news: News,
}

impl<'a> Draft<'a> {
    /// Begins from what was read.
    pub(in crate::engine) fn new(engine: &'a Engine, footing: Footing) -> Box<Self> {
        let Footing {
            situation,
            stage,
            playbook,
        } = footing;
        Box::new(Self {
            engine,
            playbook,
            now: engine.now(),
            base_version: situation.change.version,
            had_released: stage.payment().is_some_and(|payment| payment.released.is_some()),
            was_over: stage.is_terminal(),
            row: situation.change,
            stage,
            account: situation.account,
            billing: situation.billing,
            contract: situation.contract,
            live: situation.effects,
            identity: None,
            new_identity: None,
            note: None,
            entries: Vec::new(),
            effects: Vec::new(),
            outbox: Vec::new(),
            facts: Vec::new(),
            switched: false,
            hurried: Vec::new(),
            taken_up: Vec::new(),
            due_at_once: false,
            news: News::default(),
        })
    }

    /// Hands in billing data that calls may have to send.
    pub(in crate::engine) fn with_identity(&mut self, row: Uuid, identity: BillingIdentity) {
        self.identity = Some((row, identity));
        let kind = self.tax_id_kind(row);
        if let Some(billing) = self
            .billing
            .as_mut()
            .filter(|billing| billing.identity.row == row)
        {
            billing.tax_id_kind = kind;
        }
    }

    fn tax_id_kind(&self, row: Uuid) -> Option<TaxIdKind> {
        let (_, identity) = self.identity.as_ref().filter(|(known, _)| *known == row)?;
        identity.tax_id.as_ref().map(TaxId::kind)
    }

    /// Hands in new billing data, to be kept with the decision.
    pub(in crate::engine) fn with_new_identity(&mut self, new: NewIdentity) {
        self.with_identity(new.reference.row, new.identity.clone());
        self.new_identity = Some(new);
    }

    /// Hands in words about a request, to be kept with the decision.
    pub(in crate::engine) fn with_note(&mut self, note: TicketNote) {
        self.note = Some(note);
    }

    /// The change that is decided on.
    pub(in crate::engine) fn change_id(&self) -> ChangeId {
        self.row.id
    }

    /// The seller's rules.
    pub(in crate::engine) fn policy(&self) -> &Policy {
        &self.playbook.policy
    }

    /// The names of the calls that the draft promises.
    pub(in crate::engine) fn promised(&self) -> Vec<CallName> {
        self.effects.iter().map(|effect| effect.name).collect()
    }

    /// The stage as it stands in the draft.
    pub(in crate::engine) fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Decides the opening of a change.
    pub(in crate::engine) fn open(&mut self, event: &Event, actor: &Actor) -> Result<(), EngineError> {
        let Stage::Draft { selection, .. } = self.stage.clone() else {
            return Ok(());
        };
        let decision = open(&selection, self.turn(actor))?;
        self.take(event, actor, decision)
    }

    /// Decides the opening of a request that support brings.
    pub(in crate::engine) fn bring(&mut self, event: &Event, actor: &Actor) -> Result<(), EngineError> {
        let decision = bring(event, self.turn(actor))?;
        self.take(event, actor, decision)
    }

    /// Decides the opening of a change that honours the late money of another one.
    pub(in crate::engine) fn succeed(&mut self, event: &Event, actor: &Actor) -> Result<(), EngineError> {
        let Stage::Draft { selection, .. } = self.stage.clone() else {
            return Ok(());
        };
        let decision = succeed(event, &selection, self.turn(actor))?;
        self.take(event, actor, decision)
    }

    /// Decides one event. `false` when nothing is new: then nothing is written for it.
    pub(in crate::engine) fn decide(&mut self, event: &Event, actor: &Actor) -> Result<bool, EngineError> {
        let decision = self.ask(event, actor)?;
        let nothing_new = decision.stage == self.stage
            && decision.effects.is_empty()
            && decision.account.is_empty()
            && decision.contract.is_none();
        if nothing_new && matches!(event, Event::PaymentSeen { .. } | Event::StandingSeen { .. }) {
            return Ok(false);
        }
        self.take(event, actor, decision)?;
        Ok(true)
    }

    /// What the machine says to an event, without taking it.
    pub(in crate::engine) fn ask(&self, event: &Event, actor: &Actor) -> Result<Decision, Refusal> {
        decide(&self.stage, event, self.turn(actor))
    }

    /// What a decision looks at.
    pub(in crate::engine) fn turn<'t>(&'t self, actor: &'t Actor) -> Turn<'t> {
        Turn {
            now: self.now,
            actor,
            playbook: &self.playbook,
            account: &self.account,
            billing: self.billing.as_ref(),
            contract: &self.contract,
        }
    }

    fn take(&mut self, event: &Event, actor: &Actor, decision: Decision) -> Result<(), EngineError> {
        let Decision {
            stage,
            effects,
            account,
            contract,
        } = decision;
        let moved = stage.full_name() != self.stage.full_name();
        let before = (self.row.version > 0).then_some((&self.stage, self.row.concern_at));
        self.row.concern_at = concern(before, &stage, self.now);
        self.row.invoice = stage.invoice().map(str::to_owned).or(self.row.invoice.take());
        if let Some(intent) = event.payment_intent() {
            self.row.payment_intent = Some(intent.to_owned());
        }
        let stored = write_stage(&stage)?;
        self.row.version += 1;
        self.chronicle(event, actor, &stored, &effects)?;
        self.row.stage = stored;
        self.row.stage_name = stage.full_name();
        self.row.machine_version = machine_version();
        self.row.open = stage.is_in_progress();
        self.row.updated_at = self.now;
        if moved {
            self.row.entered_at = self.now;
            self.row.reminded = 0;
            self.row.asked = 0;
        } else if let Event::Remind { nth } = event {
            self.row.reminded = u32::try_from(nth + 1).unwrap_or(u32::MAX);
        }
        if !moved && matches!(event, Event::PaymentSeen { .. } | Event::StandingSeen { .. }) {
            // News that moves nothing is no reason to look again at once.
            self.row.asked = self.row.asked.saturating_add(1);
            self.row.last_asked = Some(self.now);
        } else if !moved && tried_in_vain(event, &stage) {
            // Else a call that is refused again and again would be made again as fast as it is refused.
            self.row.last_asked = Some(self.now);
        } else if !matches!(event, Event::Note | Event::Hurry | Event::Resume) {
            self.row.last_asked = None;
        }
        if matches!(event, Event::Refresh) {
            self.row.asked = 0;
        }
        self.news.note(event, &self.stage, &stage);
        self.stage = stage;
        for fact in account {
            self.learn(fact);
        }
        if let Some(contract) = contract {
            self.contract = contract;
            self.switched = true;
        }
        for effect in effects {
            match effect {
                Effect::Call(call) => self.promise(&call)?,
                Effect::Tell(tell) => self.post(tell, event)?,
            }
        }
        Ok(())
    }

    fn chronicle(
        &mut self,
        event: &Event,
        actor: &Actor,
        stage: &[u8],
        effects: &[Effect],
    ) -> Result<(), EngineError> {
        let named = effects.iter().map(|effect| match effect {
            Effect::Call(call) => call.name().as_str().to_owned(),
            Effect::Tell(tell) => format!("tell:{}", tell.as_str()),
        });
        let content = HistoryEntry {
            v: 1,
            event: event.clone(),
            actor: actor.clone(),
            stage: serde_json::from_slice(stage)?,
            effects: named.collect(),
        };
        let content = serde_json::to_vec(&content)?;
        let entry = journal::entry(self.row.version, self.now, content, self.row.journal_head);
        self.row.journal_head = entry.hash;
        self.entries.push(entry);
        Ok(())
    }

    fn learn(&mut self, fact: AccountFact) {
        match &fact {
            AccountFact::Identity(identity) => {
                let before = self.billing.take();
                self.billing = Some(BillingOnFile {
                    identity: identity.clone(),
                    saved_hash: before.as_ref().and_then(|before| before.saved_hash.clone()),
                    saved_tax_id: before.and_then(|before| before.saved_tax_id),
                    tax_id_kind: self.tax_id_kind(identity.row),
                });
            }
            AccountFact::Customer {
                customer,
                identity_hash,
            } => {
                self.account.provider_customer = Some(customer.clone());
                if let Some(billing) = &mut self.billing {
                    billing.saved_hash = Some(identity_hash.clone());
                }
            }
            AccountFact::TaxId { tax_id, hash } => {
                if let Some(billing) = &mut self.billing {
                    billing.saved_tax_id = Some((tax_id.clone(), hash.clone()));
                }
            }
        }
        self.facts.push(fact);
    }

    /// A call is owed: its exact bytes are made here, once, and written with the decision.
    fn promise(&mut self, call: &Call) -> Result<(), EngineError> {
        let id = EffectId(self.engine.parts.ids.new_id(self.now));
        let marks = Marks {
            change: self.row.id,
            effect: id,
        };
        let named = match call {
            Call::SaveCustomer { identity, .. }
            | Call::AddTaxId { identity, .. }
            | Call::IssueVoucher { identity, .. } => Some(*identity),
            _ => None,
        };
        let identity = self.identity.as_ref().filter(|(row, _)| Some(*row) == named);
        let preparing = Preparing {
            marks: &marks,
            account: &self.account,
            identity: identity.map(|(_, data)| data),
        };
        let payments = &self.engine.parts.sellers.get(&self.row.seller)?.payments;
        let prepared = payments.prepare(call, preparing)?;
        let request = serde_json::to_vec(&prepared)?;
        let name = call.name();
        let generation = self.next_generation(name);
        self.effects.push(EffectRow {
            id,
            change: self.row.id,
            name,
            generation,
            charging: call.charges().map(str::to_owned),
            call: serde_json::to_vec(call)?,
            request_hash: digest(&request),
            request,
            key: format!("changeover-{}-{name}-{generation}", self.row.id),
            first_sent_at: None,
            key_deadline: Some(later(self.now, KEY_LIFE)),
            status: EffectStatus::Intent,
            attempts: 0,
            next_try_at: self.now,
            outcome: None,
            last_error: None,
            undecidable_since: None,
            consumed: false,
        });
        Ok(())
    }

    /// Generations count per change and name, over its whole life: the journal's version makes them unique without a read.
    fn next_generation(&self, _name: CallName) -> u32 {
        u32::try_from(self.row.version).unwrap_or(u32::MAX)
    }

    fn post(&mut self, tell: Tell, event: &Event) -> Result<(), EngineError> {
        let mail = super::letters::is_mailed(tell, &self.stage);
        let facts = self.facts_of(tell, event)?;
        for (channel, wanted) in [(Channel::Event, true), (Channel::Mail, mail)] {
            if !wanted {
                continue;
            }
            let way = match channel {
                Channel::Mail => "mail",
                Channel::Event => "event",
            };
            self.outbox.push(OutboxRow {
                id: self.engine.parts.ids.new_id(self.now),
                dedupe_key: format!("{}.{}.{}.{way}", self.row.id, self.row.version, tell.as_str()),
                channel,
                seller: self.row.seller.clone(),
                account: self.row.account,
                topic: tell.as_str().to_owned(),
                entry: Some((self.row.id, self.row.version)),
                facts: facts.clone(),
                at: self.now,
                attempts: 0,
                leaves: self.engine.leaves(channel, &self.row.seller),
            });
        }
        Ok(())
    }

    /// What an outbox row must remember itself, because the account may have moved on when it leaves.
    fn facts_of(&self, tell: Tell, event: &Event) -> Result<Vec<u8>, EngineError> {
        match (tell, event) {
            (Tell::BillingData, _) => {
                let billing_data = self.billing.as_ref().map(|billing| billing.identity.row);
                Ok(serde_json::to_vec(&BillingFacts { billing_data })?)
            }
            (Tell::Reminder, Event::Remind { nth }) => Ok(serde_json::to_vec(&ReminderFacts { nth: *nth })?),
            (
                Tell::Refunded,
                Event::Done {
                    answer:
                        CallAnswer::Refunded {
                            amount: Some(amount), ..
                        },
                    ..
                },
            ) => Ok(serde_json::to_vec(&RefundFacts { amount: *amount })?),
            (Tell::TicketAnswered, Event::Comment { note, .. }) => {
                Ok(serde_json::to_vec(&NoteFacts { note: note.row })?)
            }
            _ => Ok(b"{}".to_vec()),
        }
    }

    /// A call that is owed, or a known outcome that was refused, comes to its turn now.
    pub(in crate::engine) fn hurry(&mut self, effect: EffectId) {
        let Some(owed) = self.live.iter().find(|owed| owed.id == effect) else {
            return;
        };
        self.due_at_once = true;
        self.hurried.push(EffectUpdate {
            id: owed.id,
            status: owed.status,
            outcome: owed.outcome.clone(),
            last_error: owed.last_error.clone(),
            next_try_at: self.now,
            consumed: false,
            undecidable_since: owed.undecidable_since,
        });
    }

    /// What was given up leaves after all, and work that rests goes on.
    pub(in crate::engine) fn take_up(&mut self, given_up: Vec<Uuid>) {
        self.due_at_once = true;
        self.taken_up = given_up;
    }
}

/// A call came to nothing, and its stage waits for the payment as before: the ladder of looks goes on where it was.
fn tried_in_vain(event: &Event, stage: &Stage) -> bool {
    matches!(event, Event::Failed { .. }) && question(stage) == Some(Question::Payment)
}
