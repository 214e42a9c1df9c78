//! The store: about a dozen verbs, each a whole transaction, and the reads beside them.
//!
//! Everything that a decision brings about is written by one verb, [`Store::record`], together or not at all.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::domain::account::{Account, AccountId, BillingIdentity, Contract, ContractId};
use crate::domain::catalog::{SellerId, WorkflowVersion};
use crate::domain::change::{
    AccountFact, BillingOnFile, CallName, ChangeId, EffectId, IdentityRef, Reference,
};

/// What a store call comes to when the store itself could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached, is overloaded, or its disk is full. Nothing was written, as far as can be told; the caller may
    /// try again, and every verb is safe to repeat.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A row cannot be read as what it should be, or would not be if it were written, such as a line of history that does not
    /// follow the one before it: its table and column are named, never its content. Trying again does not help.
    #[error("a stored row is damaged: {0}")]
    Damaged(String),
}

/// The answer of a store call.
pub type StoreResult<T> = Result<T, StoreError>;

/// A change, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its id.
    pub id: ChangeId,
    /// Its name between people.
    pub reference: Reference,
    /// Whose product it changes.
    pub seller: SellerId,
    /// Whose plan it changes.
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
    /// Whether it is not over.
    pub open: bool,
    /// When the stage began.
    pub entered_at: Timestamp,
    /// How often the stage's question was asked without moving it.
    pub asked: u32,
    /// When it was asked last.
    pub last_asked: Option<Timestamp>,
    /// How many reminders have left in this stage.
    pub reminded: u32,
    /// Where the customer goes back to.
    pub return_url: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
    /// The hash of its newest journal entry.
    pub journal_head: [u8; 32],
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
    /// From when on the key must not be used any more; set when it is first used.
    pub key_deadline: Option<Timestamp>,
    /// Where it stands.
    pub status: EffectStatus,
    /// How often it was sent.
    pub attempts: u32,
    /// When it is tried (again).
    pub next_try_at: Timestamp,
    /// How it came out, as JSON, once it has.
    pub outcome: Option<Vec<u8>>,
    /// Why the last attempt brought no outcome, without personal data.
    pub last_error: Option<String>,
    /// The provider customer whose money it moves, if it moves any.
    pub charging: Option<String>,
    /// Whether a decision has taken the outcome in.
    pub consumed: bool,
}

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
}

/// The ways out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// A mail to a customer.
    Mail,
    /// An event to the seller's systems.
    Event,
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
    /// What became known about the account.
    pub account: Vec<AccountFact>,
    /// New billing data, for its erasable row.
    pub identity: Option<NewIdentity>,
    /// The contract as it is from now on; it must still have the version before.
    pub contract: Option<Contract>,
    /// When the change must be looked at next; `None` never.
    pub due_at: Option<Timestamp>,
    /// The client's request that asked for it.
    pub request: Option<ClientRequest>,
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
    /// A contract without an open change.
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

/// What was observed about a contract that no change is open on.
#[derive(Debug, Clone)]
pub struct ContractRecord {
    /// The contract as it is from now on.
    pub contract: Contract,
    /// The lease under which it was observed.
    pub fence: Lease,
    /// The new lines of history; empty when nothing is new.
    pub entries: Vec<JournalEntry>,
    /// What must leave.
    pub outbox: Vec<OutboxRow>,
    /// When it must be looked at next.
    pub due_at: Option<Timestamp>,
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

/// One page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageAsk {
    /// After which position; `0` from the start.
    pub after: u64,
    /// At most how many; the store takes at most 200.
    pub limit: u32,
}

/// Where everything durable lives.
pub trait Store: Send + Sync {
    // Changes

    /// Writes a decision, or says why it cannot be: the one transaction in which stage, journal, effects, outbox, account,
    /// contract and next wake-up change together. With `expected_version` 0 it opens the change.
    ///
    /// A command (without a fence) takes the change from whoever holds it, and the change is then due at once. A wake-up that
    /// nobody has claimed yet is never lost: it counts more than `due_at`. An outcome in `settled` that would take back a
    /// known one makes the whole [`Written::Stale`].
    fn record(&self, record: Record) -> BoxFuture<'_, StoreResult<Written>>;

    /// Reads a change with all that a decision looks at.
    fn situation(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Option<Situation>>>;

    /// Notes that an effect is about to be sent for the first time, or again: its attempt, and the key's deadline. It must be
    /// durable before the request leaves. `false` when it must not leave: the lease is lost, or the effect is over.
    fn begin_attempt(
        &self,
        lease: Lease,
        effect: EffectId,
        now: Timestamp,
        key_deadline: Timestamp,
    ) -> BoxFuture<'_, StoreResult<bool>>;

    /// Writes how an effect came out, when no decision could be recorded with it: forward only, and the change becomes due.
    fn settle_effect(&self, update: EffectUpdate, now: Timestamp) -> BoxFuture<'_, StoreResult<()>>;

    /// Claims what is due: each subject is held until `now + lease`, under a new epoch.
    fn claim_due(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        owner: &str,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<Lease>>>;

    /// Gives a lease back without a decision. The subject is due at `due_at`, or at once if it was woken meanwhile.
    /// `asked` notes one more question without a new answer.
    fn release(
        &self,
        lease: Lease,
        due_at: Option<Timestamp>,
        asked_at: Option<Timestamp>,
    ) -> BoxFuture<'_, StoreResult<()>>;

    /// When something is due next, to sleep until then.
    fn next_due(&self) -> BoxFuture<'_, StoreResult<Option<Timestamp>>>;

    /// A change's history.
    fn journal(&self, change: ChangeId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>>;

    /// All effects of a change, oldest first.
    fn effects(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Vec<EffectRow>>>;

    /// The changes of a contract, the newest first; positions count from the newest.
    fn changes_of(&self, contract: ContractId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<ChangeRow>>>;

    // What arrives, what leaves

    /// Keeps a webhook's envelope and wakes what it is about, in one transaction. `false` when it was kept before.
    fn accept_inbound(&self, inbound: Inbound) -> BoxFuture<'_, StoreResult<bool>>;

    /// Claims what must leave and is due; each is held until `now + lease`.
    fn claim_outbox(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<OutboxRow>>>;

    /// Writes how an attempt to send came out.
    fn settle_outbox(&self, id: Uuid, update: OutboxUpdate) -> BoxFuture<'_, StoreResult<()>>;

    /// When something must leave next, to sleep until then.
    fn next_outbox(&self) -> BoxFuture<'_, StoreResult<Option<Timestamp>>>;

    /// The events of a seller, oldest first, each with its position: the feed that a seller can read instead of being called.
    fn events(&self, seller: &SellerId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<(u64, OutboxRow)>>>;

    // Accounts and contracts

    /// Writes a new account. [`Written::Stale`] when its id, the seller's own id or the provider customer is taken.
    fn create_account(&self, account: NewAccount) -> BoxFuture<'_, StoreResult<Written>>;

    /// Reads an account, with the seller's own id of it.
    fn account(&self, id: AccountId) -> BoxFuture<'_, StoreResult<Option<(Account, Option<String>)>>>;

    /// Reads an account's billing data, by reference.
    fn billing(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<BillingOnFile>>>;

    /// Writes a new or adopted contract. [`Written::Stale`] when its id or subscription is another contract's, or its provider
    /// customer not the account's.
    fn create_contract(&self, contract: NewContract) -> BoxFuture<'_, StoreResult<Written>>;

    /// Reads a contract.
    fn contract(&self, id: ContractId) -> BoxFuture<'_, StoreResult<Option<Contract>>>;

    /// The contracts of an account, oldest first.
    fn contracts_of(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Vec<Contract>>>;

    /// Writes what was observed about a contract. Not written when the lease is lost or a change is open on it.
    fn record_contract(&self, record: ContractRecord) -> BoxFuture<'_, StoreResult<Written>>;

    /// A contract's history.
    fn contract_journal(
        &self,
        contract: ContractId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>>;

    /// The change that is open on a contract.
    fn open_change(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Option<ChangeId>>>;

    /// Reads billing data; `None` when it was erased.
    fn identity(&self, row: Uuid) -> BoxFuture<'_, StoreResult<Option<BillingIdentity>>>;

    /// Keeps a tax document, with the mail and the event that tell of it. `false` when this number was kept before.
    fn add_fiscal_document(
        &self,
        document: FiscalDocument,
        outbox: Vec<OutboxRow>,
    ) -> BoxFuture<'_, StoreResult<bool>>;

    /// The tax documents of a change, oldest first.
    fn fiscal_documents(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Vec<FiscalDocument>>>;

    // Sellers

    /// Keeps the text of a workflow file under its hash; changes in flight read it from here.
    fn keep_workflow(
        &self,
        seller: &SellerId,
        version: &WorkflowVersion,
        text: &str,
        now: Timestamp,
    ) -> BoxFuture<'_, StoreResult<()>>;

    /// Reads a kept workflow file.
    fn workflow(&self, version: &WorkflowVersion) -> BoxFuture<'_, StoreResult<Option<String>>>;

    /// Keeps an API key. Keeping the same one again changes nothing.
    fn keep_api_key(&self, key: ApiKey) -> BoxFuture<'_, StoreResult<()>>;

    /// Finds an API key by the hash of its secret.
    fn api_key(&self, hash: [u8; 32]) -> BoxFuture<'_, StoreResult<Option<ApiKey>>>;

    /// The answer that this client request was given before, and its fingerprint.
    fn answered(
        &self,
        seller: &SellerId,
        key: &str,
    ) -> BoxFuture<'_, StoreResult<Option<([u8; 32], ClientAnswer)>>>;
}
