//! What the store keeps, as values.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::account::{Account, AccountId, Contract, ContractId};
use crate::domain::catalog::{SellerId, WorkflowVersion};
use crate::domain::change::stuck::Work;
use crate::domain::change::{BillingOnFile, CallName, ChangeId, EffectId, IdentityRef, Reference};
use crate::domain::reconcile::{Evidence, FindingCode};

/// A change, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its id.
    pub id: ChangeId,
    /// Its name between people.
    pub reference: Reference,
    /// Whose product it changes.
    pub seller: SellerId,
    /// Who is charged: the holder of the contract, or the holder's agency.
    pub account: AccountId,
    /// The contract that it changes.
    pub contract: ContractId,
    /// The version of the workflow file that it started with, and stays on.
    pub workflow: WorkflowVersion,
    /// How many journal entries it has; rises by one with each.
    pub version: u64,
    /// The stored form of its stage, see [`crate::domain::change::write_stage`].
    pub stage: Vec<u8>,
    /// The full name of the stage, for lists: `quote.ready`.
    pub stage_name: String,
    /// The machine version that wrote the stage.
    pub machine_version: u32,
    /// Whether it is in progress: neither over, nor set aside until the day that it is promised for.
    pub open: bool,
    /// When the stage began.
    pub entered_at: Timestamp,
    /// How often the stage's question was asked without moving it.
    pub asked: u32,
    /// When it was asked last.
    pub last_asked: Option<Timestamp>,
    /// How many reminders have left in this stage.
    pub reminded: u32,
    /// From when on its present step is a concern for support, should nothing move; `None` never. A hint by which lists find
    /// what may be stuck: the diagnosis decides. See [`crate::domain::change::stuck::concern`].
    pub concern_at: Option<Timestamp>,
    /// The provider's id of the last invoice that it spoke of, to find it by.
    pub invoice: Option<String>,
    /// The provider's id of the last payment that it spoke of, to find it by.
    pub payment_intent: Option<String>,
    /// Where the customer goes back to.
    pub return_url: Option<String>,
    /// Where they go back to when they give it up, if that is another address.
    pub cancel_url: Option<String>,
    /// The change that was over, and whose late money this one honours.
    pub succeeds: Option<ChangeId>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
    /// The hash of its newest journal entry.
    pub journal_head: [u8; 32],
}

/// An order about an account's cards, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardOrderRow {
    /// Its id.
    pub id: Uuid,
    /// Whose product.
    pub seller: SellerId,
    /// Whose cards.
    pub account: AccountId,
    /// Rises with every claim and every write: the guard against slower ones.
    pub version: u64,
    /// What is wanted, and how far it is. No personal data.
    pub content: Vec<u8>,
    /// Whether the account has only one such order at a time.
    pub alone: bool,
    /// Whether it is not over.
    pub open: bool,
    /// When it is worked on next; `None` once it is over.
    pub next_try_at: Option<Timestamp>,
    /// When it was given.
    pub at: Timestamp,
}

/// The stages in which a change is promised for a day, or on its way there: a contract has one such change, beside the one in progress.
pub const PROMISED: [&str; 2] = ["downgrade_ticket.scheduling", "downgrade_ticket.scheduled"];

impl ChangeRow {
    /// Whether it is promised for a day, or on its way there.
    pub fn is_promised(&self) -> bool {
        PROMISED.contains(&self.stage_name.as_str())
    }
}

/// One line of a change's (or contract's) history. The hash covers the one before it, the number, the time and the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// From 1, without a gap.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What happened, to whom it led, and who did it, as the exact bytes that were hashed. No personal data.
    pub content: Vec<u8>,
    /// The hash of the entry before; zeros for the first.
    pub previous: [u8; 32],
    /// The hash of this entry.
    pub hash: [u8; 32],
}

/// A change together with all that a decision about it looks at, read at one moment.
#[derive(Debug, Clone)]
pub struct Situation {
    /// The change.
    pub change: ChangeRow,
    /// Whose it is.
    pub account: Account,
    /// The account's billing data.
    pub billing: Option<BillingOnFile>,
    /// What it changes.
    pub contract: Contract,
    /// Its effects that are not over, or whose outcome no decision has taken in yet; oldest first.
    pub effects: Vec<EffectRow>,
    /// How the work on it goes.
    pub work: Work,
}

impl Situation {
    /// The billing data on file, where the provider does not have all of it yet.
    pub fn unsaved_billing(&self) -> Option<&IdentityRef> {
        let on_file = self.billing.as_ref()?;
        let saved = self.account.provider_customer.is_some() && on_file.is_saved();
        (!saved).then_some(&on_file.identity)
    }
}

/// A contract with all that opening a change on it looks at, read at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grounds {
    /// Whose it is.
    pub account: Account,
    /// The account's billing data.
    pub billing: Option<BillingOnFile>,
    /// The contract.
    pub contract: Contract,
    /// The change that is open on it.
    pub open: Option<ChangeId>,
}

/// Where an effect stands. It only ever moves forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectStatus {
    /// Promised, and perhaps sent.
    Intent,
    /// Sent, and the answer is not known.
    Unknown,
    /// Done.
    Succeeded,
    /// Provably not done.
    Declined,
    /// Done, and undone on purpose: its invoice was voided, its subscription ended.
    Abandoned,
}

/// A call that is owed, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectRow {
    /// Its id.
    pub id: EffectId,
    /// Whose it is.
    pub change: ChangeId,
    /// Its name.
    pub name: CallName,
    /// 1 for the first of this name in the change, then rising.
    pub generation: u32,
    /// The call, as JSON.
    pub call: Vec<u8>,
    /// The prepared request, as JSON: kept in an erasable row, and empty once it is erased.
    pub request: Vec<u8>,
    /// The hash of the request, as 64 hexadecimal digits; it stays when the request is erased.
    pub request_hash: String,
    /// The idempotency key.
    pub key: String,
    /// When the key was first used; `None` while it was not.
    pub first_sent_at: Option<Timestamp>,
    /// From when on the key must not be used any more, reckoned from the intent. Where it is missing, the first attempt sets it.
    pub key_deadline: Option<Timestamp>,
    /// Where it stands.
    pub status: EffectStatus,
    /// How often it was sent.
    pub attempts: u32,
    /// When it is tried (again).
    pub next_try_at: Timestamp,
    /// How it came out, as JSON, once it has.
    pub outcome: Option<Vec<u8>>,
    /// Why the last attempt brought no outcome, or why the outcome was not taken in; without personal data.
    pub last_error: Option<String>,
    /// Since when it is known that the provider does not tell whether it happened.
    pub undecidable_since: Option<Timestamp>,
    /// The provider customer whose money it moves, if it moves any.
    pub charging: Option<String>,
    /// Whether a decision has taken the outcome in.
    pub consumed: bool,
}

/// Something that must leave: a mail or an outgoing event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its id.
    pub id: Uuid,
    /// Names the fact and the kind; a second row with the same key is not written.
    pub dedupe_key: String,
    /// `mail` or `event`.
    pub channel: Channel,
    /// Whose customer it is about.
    pub seller: SellerId,
    /// Whom it is about.
    pub account: AccountId,
    /// What it says, such as `activated`.
    pub topic: String,
    /// The change and the number of the journal entry that it speaks of, where it is one.
    pub entry: Option<(ChangeId, u64)>,
    /// Further facts as JSON, without personal data.
    pub facts: Vec<u8>,
    /// When the fact was journalled; it is due from then on.
    pub at: Timestamp,
    /// How often it was claimed to be sent, this time included.
    pub attempts: u32,
    /// Whether somebody has to send it (still, where it was read). What is only read in the feed is there at once.
    pub leaves: bool,
}

/// How much there is of what an operator watches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// Open changes, by the full name of their stage.
    pub open: BTreeMap<String, u64>,
    /// Of those, the ones that a newer machine wrote: this program never claims them.
    pub of_a_newer_machine: u64,
    /// Changes and contracts that should have been looked at.
    pub overdue: u64,
    /// Mails and events that should have left.
    pub outbox_late: u64,
    /// Mails and events that will never leave.
    pub outbox_given_up: u64,
}

/// The ways out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// A mail to a customer.
    Mail,
    /// An event to the seller's systems.
    Event,
}

/// A webhook's envelope, verified and ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// Whose provider sent it.
    pub seller: SellerId,
    /// The provider's id of the event.
    pub event_id: String,
    /// Its type, such as `invoice.paid`.
    pub event_type: String,
    /// The provider customer that it is about, when it says so: the changes and contracts of that customer are woken.
    pub customer: Option<String>,
    /// The object that it is about.
    pub object: Option<String>,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The envelope as JSON: no object, no personal data.
    pub envelope: Vec<u8>,
}

/// A key of a seller's backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Whose.
    pub seller: SellerId,
    /// The SHA-256 of the secret; the secret itself is never stored.
    pub hash: [u8; 32],
    /// A name for people.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A tax document that the seller's system has issued for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiscalDocument {
    /// Its id.
    pub id: Uuid,
    /// For what.
    pub change: ChangeId,
    /// Its number.
    pub number: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// When it was handed in.
    pub at: Timestamp,
}

/// A difference to the provider that was found at a contract, and is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// Whose customer it is about.
    pub seller: SellerId,
    /// At which contract it was found.
    pub contract: ContractId,
    /// What kind; with the contract and the evidence's object it is unique.
    pub code: FindingCode,
    /// The change that it belongs to, where there is one.
    pub change: Option<ChangeId>,
    /// What proves it.
    pub evidence: Evidence,
    /// The word for what is safe to do about it.
    pub repair: String,
    /// Since when it is known.
    pub first_seen_at: Timestamp,
}
