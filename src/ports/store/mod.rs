//! The store: about a dozen verbs, each a whole transaction, and the reads beside them.
//!
//! Everything that a decision brings about is written by one verb, [`Store::record`], together or not at all.

mod cards;
mod clients;
mod erasing;
mod metering;
mod pages;
mod rows;
mod staff;
mod support;
mod tickets;
mod writing;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::domain::account::{Account, AccountId, BillingIdentity, Contract, ContractId};
use crate::domain::catalog::{SellerId, WorkflowVersion};
use crate::domain::change::stuck::Failure;
use crate::domain::change::{BillingOnFile, ChangeId, EffectId};

pub use cards::CardStore;
pub use clients::{ClientRecord, ClientStore, ContractAmendment};
pub use erasing::{ERASED_ANSWER, Erasure, Traces};
pub use metering::{
    BookRecord, ClosedTally, MeteringStore, OverageRow, OverageStatus, PrerequisiteLine, ReportRow,
};
pub use pages::{PageSessionRow, PageStore};
pub use rows::{
    ApiKey, CardOrderRow, Census, ChangeRow, Channel, EffectRow, EffectStatus, FindingRow, FiscalDocument,
    Grounds, Inbound, JournalEntry, OutboxRow, PROMISED, Situation,
};
pub use staff::{
    ActRow, ActsAsk, CountedTry, ErasedRow, STAFF_MAX, StaffRole, StaffRow, StaffSessionRow, StaffStore,
    StaffUpdate,
};
pub use support::{Concern, Departed, Departure, Dossier, InboundLine, Name, Search};
pub use tickets::{NoteKind, TicketNote};
pub use writing::{
    CardOrderRecord, ClientAnswer, ClientRequest, ContractRecord, EffectUpdate, Lease, NewAccount,
    NewContract, NewFiscalDocument, NewIdentity, OutboxUpdate, PageAsk, Record, Subject, Written,
};

/// What a store call comes to when the store itself could not do its work.
#[derive(Debug, Clone, thiserror::Error)]
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

/// An account, and the seller's own id of it.
pub type NamedAccount = (Account, Option<String>);

/// The fingerprint of a client's request, and the answer that it was given.
pub type GivenAnswer = ([u8; 32], ClientAnswer);

/// Where everything durable lives.
pub trait Store: CardStore + ClientStore + MeteringStore + PageStore + StaffStore + Send + Sync {
    // Changes

    /// Writes a decision, or says why it cannot be: the one transaction in which stage, journal, effects, outbox, account,
    /// contract and next wake-up change together. With `expected_version` 0 it opens the change.
    ///
    /// A command (without a fence) takes the change from whoever holds it, and the change is then due at once. A wake-up that
    /// nobody has claimed yet is never lost: it counts more than `due_at`. An outcome in `settled` that would take back a
    /// known one makes the whole [`Written::Stale`].
    fn record(&self, record: Record) -> BoxFuture<'_, StoreResult<Written>>;

    /// Reads what opening a change on a contract looks at.
    fn grounds(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Option<Grounds>>>;

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
    /// `asked_at` notes one more question without a new answer.
    fn release(
        &self,
        lease: Lease,
        due_at: Option<Timestamp>,
        asked_at: Option<Timestamp>,
    ) -> BoxFuture<'_, StoreResult<()>>;

    /// Gives back everything that `owner` holds: for a process that ends. Each subject is due at once, counts as woken, because
    /// it may have been claimed for that, and has a new epoch, so that nothing the owner left behind can still be written under
    /// its lease. Says how many there were.
    fn give_back(&self, owner: &str, now: Timestamp) -> BoxFuture<'_, StoreResult<u64>>;

    /// Gives a lease back after a failure, which is counted until the work on the subject succeeds again. Otherwise as
    /// [`Store::release`].
    fn park(
        &self,
        lease: Lease,
        due_at: Timestamp,
        asked_at: Option<Timestamp>,
        failure: Failure,
        now: Timestamp,
    ) -> BoxFuture<'_, StoreResult<()>>;

    /// When something is due next, to sleep until then.
    fn next_due(&self) -> BoxFuture<'_, StoreResult<Option<Timestamp>>>;

    /// A change's history.
    fn journal(&self, change: ChangeId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>>;

    /// All effects of a change, oldest first.
    fn effects(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Vec<EffectRow>>>;

    /// When the calls were first sent that make invoices of a contract's subscription, those since `since` that is; in any
    /// order, at most 200.
    fn invoices_asked(
        &self,
        contract: ContractId,
        since: Timestamp,
    ) -> BoxFuture<'_, StoreResult<Vec<Timestamp>>>;

    /// The changes of a contract, the newest first; positions count from the newest.
    fn changes_of(&self, contract: ContractId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<ChangeRow>>>;

    // For whoever watches

    /// Counts what is open, what should have been done before `late` and is not, and what was given up.
    fn census(&self, late: Timestamp) -> BoxFuture<'_, StoreResult<Census>>;

    /// All changes in the order of their ids, for whoever walks through them: those after `after`, at most `limit`; the store
    /// takes at most 200.
    fn change_ids(&self, after: Option<ChangeId>, limit: u32) -> BoxFuture<'_, StoreResult<Vec<ChangeId>>>;

    /// The change that honours the late money of this one.
    fn successor(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Option<ChangeId>>>;

    // Comparing with the provider

    /// The contracts of a seller in the order of their ids, for whoever walks through all of them: at most 200 a page.
    fn contracts_after(
        &self,
        seller: &SellerId,
        after: Option<ContractId>,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<ContractId>>>;

    /// Writes what a comparison found at a contract, in place of what the last one found. What was known before keeps its first
    /// day.
    fn keep_findings(
        &self,
        contract: ContractId,
        findings: Vec<FindingRow>,
    ) -> BoxFuture<'_, StoreResult<()>>;

    /// What the last comparison found at a contract.
    fn findings_of(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Vec<FindingRow>>>;

    /// What was found at all contracts of a seller, the longest known first; positions count from there.
    fn findings(&self, seller: &SellerId, page: PageAsk) -> BoxFuture<'_, StoreResult<Vec<FindingRow>>>;
    /// Changes for support, oldest first: those that fit the search, or that may be stuck.
    fn find_changes(&self, search: Search) -> BoxFuture<'_, StoreResult<Vec<ChangeRow>>>;

    /// All that is kept about a change, but for its history.
    fn dossier(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Option<Dossier>>>;

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
    fn account(&self, id: AccountId) -> BoxFuture<'_, StoreResult<Option<NamedAccount>>>;

    /// What is kept of the person behind an account; `None` when there is no such account.
    fn traces(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<Traces>>>;

    /// Empties every row that holds personal data of an account, and keeps who ordered it and why. [`Written::Blocked`] while a
    /// change of it is under way, [`Written::Stale`] when there is no such account. Erasing again finds what has come since.
    fn erase(&self, erasure: Erasure) -> BoxFuture<'_, StoreResult<Written>>;

    /// Reads an account's billing data, by reference.
    fn billing(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<BillingOnFile>>>;

    /// Writes a new or adopted contract. [`Written::Stale`] when its id or subscription is another contract's, or its provider
    /// customer not the account's.
    fn create_contract(&self, contract: NewContract) -> BoxFuture<'_, StoreResult<Written>>;

    /// Writes a contract that nobody holds yet, at version 0: a new one, or in place of the one of its id, whose history does not
    /// tell of that. [`Written::Stale`] when the account has another one, [`Written::Blocked`] when a change is open on it.
    fn propose_contract(&self, contract: NewContract) -> BoxFuture<'_, StoreResult<Written>>;

    /// The contract of an account that nobody holds yet.
    fn proposed_contract(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<Contract>>>;

    /// Writes something about a contract that no change is needed for. [`Written::Stale`] when it, or its history, is not what it
    /// was before.
    fn amend_contract(&self, amendment: ContractAmendment) -> BoxFuture<'_, StoreResult<Written>>;

    /// Reads a contract.
    fn contract(&self, id: ContractId) -> BoxFuture<'_, StoreResult<Option<Contract>>>;

    /// All contracts in the order of their ids, as [`Self::change_ids`].
    fn contract_ids(
        &self,
        after: Option<ContractId>,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<ContractId>>>;

    /// The contracts that an account holds, or has held, oldest first.
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

    /// The change that waits aside on a contract, for the day that it is promised for, or on its way there.
    fn promised_change(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Option<ChangeId>>>;

    /// Reads billing data; `None` when it was erased.
    fn identity(&self, row: Uuid) -> BoxFuture<'_, StoreResult<Option<BillingIdentity>>>;

    /// Keeps a tax document, with the mail and the event that tell of it. Keeping the same one again tells nobody twice;
    /// [`Written::Stale`] when another document of the change has its number.
    fn add_fiscal_document(&self, new: NewFiscalDocument) -> BoxFuture<'_, StoreResult<Written>>;

    /// The tax documents of a change, oldest first.
    fn fiscal_documents(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Vec<FiscalDocument>>>;

    // Requests to go down

    /// What was written about a request, oldest first; at most 200.
    fn ticket_notes(&self, change: ChangeId) -> BoxFuture<'_, StoreResult<Vec<TicketNote>>>;

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

    /// Keeps the answer to a client request that wrote nothing else here.
    fn keep_answer(&self, request: ClientRequest) -> BoxFuture<'_, StoreResult<Written>>;

    /// The answer that this client request was given before, and its fingerprint.
    fn answered(&self, seller: &SellerId, key: &str) -> BoxFuture<'_, StoreResult<Option<GivenAnswer>>>;
}
