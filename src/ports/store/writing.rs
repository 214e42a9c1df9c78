//! What is written together, and what becomes of it.

use jiff::Timestamp;
use uuid::Uuid;

use super::clients::ClientRecord;
use super::rows::{
    CardOrderRow, ChangeRow, EffectRow, EffectStatus, FiscalDocument, JournalEntry, OutboxRow,
};
use super::tickets::TicketNote;
use crate::domain::account::{Account, AccountId, BillingIdentity, Contract, ContractId};
use crate::domain::catalog::SellerId;
use crate::domain::change::{AccountFact, ChangeId, EffectId, IdentityRef};

/// How an attempt at an effect came out: a fact, which needs no fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectUpdate {
    /// Which effect.
    pub id: EffectId,
    /// Where it stands now. A status that would go backward is not written.
    pub status: EffectStatus,
    /// How it came out, as JSON, if it has.
    pub outcome: Option<Vec<u8>>,
    /// Why it brought no outcome, if it did not.
    pub last_error: Option<String>,
    /// When it is tried again, if it is.
    pub next_try_at: Timestamp,
    /// Whether the decision that is recorded with it takes the outcome in.
    pub consumed: bool,
    /// Since when it is known that the provider does not tell whether it happened, if it is.
    pub undecidable_since: Option<Timestamp>,
}

/// How an attempt at an outbox row came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxUpdate {
    /// It has left.
    Sent,
    /// It is tried again then.
    Again {
        /// When.
        at: Timestamp,
        /// Why, without personal data.
        error: String,
    },
    /// It will never leave.
    GivenUp {
        /// Why, without personal data.
        error: String,
    },
}

/// A client's request under an `Idempotency-Key`, and the answer that a repetition gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRequest {
    /// Whose key space.
    pub seller: SellerId,
    /// The key.
    pub key: String,
    /// A hash of method, path and body.
    pub fingerprint: [u8; 32],
    /// The answer.
    pub answer: ClientAnswer,
}

/// An answer, as it was first given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Vec<u8>,
}

/// What became of a write that a client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is durable.
    Done,
    /// The change (or contract) has moved meanwhile, or the lease is lost: read again and decide again.
    Stale,
    /// Another change is open on the contract.
    Blocked(ChangeId),
    /// Another charge of the same provider customer is on its way: try again a little later.
    CustomerBusy,
    /// The same client request was answered before: this is that answer, and nothing was written.
    Replayed(ClientAnswer),
    /// The client's key was used for another request before; nothing was written.
    KeyReused,
}

/// Everything that a decision brings about.
#[derive(Debug, Clone)]
pub struct Record {
    /// The change as it is from now on.
    pub change: ChangeRow,
    /// The version that it was decided on; `0` opens the change.
    pub expected_version: u64,
    /// For a worker's decision: the lease under which it was made.
    pub fence: Option<Lease>,
    /// The new lines of history, in order.
    pub entries: Vec<JournalEntry>,
    /// How effects came out that this decision takes in.
    pub settled: Vec<EffectUpdate>,
    /// The new effects.
    pub effects: Vec<EffectRow>,
    /// What must leave.
    pub outbox: Vec<OutboxRow>,
    /// What was given up and is due again, by the ids of its rows: its attempts are counted anew.
    pub taken_up: Vec<Uuid>,
    /// What became known about the account.
    pub account: Vec<AccountFact>,
    /// New billing data, for its erasable row.
    pub identity: Option<NewIdentity>,
    /// New words about a request, for their erasable row.
    pub note: Option<TicketNote>,
    /// The contract as it is from now on; it must still have the version before.
    pub contract: Option<Contract>,
    /// When the change must be looked at next; `None` never.
    pub due_at: Option<Timestamp>,
    /// For a worker that goes on with the change at once: until when it holds it under the same lease, instead of `due_at`.
    /// Should it die meanwhile, the change is due then.
    pub held_until: Option<Timestamp>,
    /// When its contract must be looked at, at the latest; `None` leaves that as it is.
    pub contract_look: Option<Timestamp>,
    /// The client's request that asked for it.
    pub request: Option<ClientRequest>,
    /// The decision about the change that this one succeeds: written first, and both or neither.
    pub predecessor: Option<Box<Record>>,
    /// The form of a client that asks for the change which this decision opens: written first, and both or neither. The client's request
    /// is this record's.
    pub client: Option<Box<ClientRecord>>,
}

/// Billing data on its way into its erasable row.
#[derive(Debug, Clone)]
pub struct NewIdentity {
    /// Its row and fingerprints.
    pub reference: IdentityRef,
    /// Whose it is.
    pub account: AccountId,
    /// The data.
    pub identity: BillingIdentity,
    /// When it was given.
    pub at: Timestamp,
}

/// What a worker holds for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A change.
    Change(ChangeId),
    /// A contract.
    Contract(ContractId),
}

/// The right to decide about a subject until the lease ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// What it is about.
    pub subject: Subject,
    /// The fencing number: a decision under an older one is not written.
    pub epoch: u64,
    /// How often the subject had been woken when it was claimed.
    pub wake_seq: u64,
    /// Whether it was claimed because something was heard of it, not only because its time had come.
    pub woken: bool,
}

/// An account with the seller's own name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// The account.
    pub account: Account,
    /// The seller's own id of it, unique per seller.
    pub external_id: Option<String>,
    /// The client's request that asked for it.
    pub request: Option<ClientRequest>,
}

/// A contract, new or adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContract {
    /// The contract.
    pub contract: Contract,
    /// Its first line of history.
    pub entry: JournalEntry,
    /// When it must be looked at next.
    pub due_at: Option<Timestamp>,
    /// The provider customer, where the adopted subscription told it.
    pub provider_customer: Option<String>,
    /// The client's request that asked for it.
    pub request: Option<ClientRequest>,
}

/// A tax document, on its way to the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFiscalDocument {
    /// The document.
    pub document: FiscalDocument,
    /// What tells of it.
    pub outbox: Vec<OutboxRow>,
    /// The client's request that handed it in.
    pub request: Option<ClientRequest>,
}

/// What was observed about a contract.
#[derive(Debug, Clone)]
pub struct ContractRecord {
    /// The contract as it is from now on: its next version, or the same where nothing is new.
    pub contract: Contract,
    /// The version that was held against the provider. Nothing is written on another one, also where both come to the same contract: what was
    /// seen would be told as somebody else's doing.
    pub seen_at: u64,
    /// The lease under which it was observed.
    pub fence: Lease,
    /// The change that is open on it, and its version: one that moves nothing at the provider just now. With another one open,
    /// or at another version, nothing is written.
    pub beside: Option<(ChangeId, u64)>,
    /// The new lines of history; empty when nothing is new.
    pub entries: Vec<JournalEntry>,
    /// What must leave.
    pub outbox: Vec<OutboxRow>,
    /// When it must be looked at next.
    pub due_at: Option<Timestamp>,
}

/// An order about an account's cards, as it stands from now on.
#[derive(Debug, Clone)]
pub struct CardOrderRecord {
    /// The order.
    pub order: CardOrderRow,
    /// The version that it was read at; `0` for a new one.
    pub expected_version: u64,
    /// The new lines of the wallet's history, which must follow what is there.
    pub entries: Vec<JournalEntry>,
    /// What tells of it.
    pub outbox: Vec<OutboxRow>,
    /// The client's request that gave it.
    pub request: Option<ClientRequest>,
}

/// One page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageAsk {
    /// After which position; `0` from the start.
    pub after: u64,
    /// At most how many; the store takes at most 200.
    pub limit: u32,
}
