//! What is kept about use: books, reports, credits and what goes beyond.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use super::StoreResult;
use super::rows::{JournalEntry, OutboxRow};
use super::writing::{ClientRequest, Lease, PageAsk, Written};
use crate::domain::account::{AccountId, ContractId};
use crate::domain::catalog::{PrerequisiteId, SellerId};
use crate::domain::metering::{Book, CreditLine, Overage, Report, Tally};

/// A report of use, as it was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    /// Whose seller's; with the report's own id it is unique.
    pub seller: SellerId,
    /// On which contract.
    pub contract: ContractId,
    /// What was reported.
    pub report: Report,
    /// When it arrived.
    pub received_at: Timestamp,
}

/// A period that is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedTally {
    /// What was used in it.
    pub tally: Tally,
    /// When it was closed.
    pub closed_at: Timestamp,
}

/// Where the charge for what went beyond a limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OverageStatus {
    /// It is owed, and no request is prepared.
    Owed,
    /// A request is prepared, and perhaps sent.
    Intent,
    /// It was sent, and the answer is not known.
    Unknown,
    /// It stands on an invoice, or will on the next one.
    Charged,
    /// It will never be charged: the provider refuses it, and a person must look.
    Waived,
}

/// What went beyond a limit, and what became of its charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverageRow {
    /// Its id, which the provider's object is marked with.
    pub id: Uuid,
    /// On which contract. With pot and period it is unique.
    pub contract: ContractId,
    /// What it is.
    pub overage: Overage,
    /// The prepared request, as JSON, and its idempotency key.
    pub request: Option<(Vec<u8>, String)>,
    /// The invoice that was made for it, where no renewal is near.
    pub invoice: Option<String>,
    /// How many requests were prepared: a second one needs a proof that the first was not carried out.
    pub generation: u32,
    /// Where it stands.
    pub status: OverageStatus,
    /// How often it was sent.
    pub attempts: u32,
    /// When the request was prepared: its key lives from then on.
    pub prepared_at: Option<Timestamp>,
    /// When it is tried (again).
    pub next_try_at: Timestamp,
    /// The provider's id of the invoice item, once there is one.
    pub outcome: Option<String>,
    /// Why the last attempt brought no outcome, without personal data.
    pub last_error: Option<String>,
}

/// What is written about the use of one contract, together or not at all.
#[derive(Debug, Clone)]
pub struct BookRecord {
    /// Which contract.
    pub contract: ContractId,
    /// The version that it was read at; `0` where there was nothing. It is then one more.
    pub expected_version: u64,
    /// How many lines the history of its credits has from now on.
    pub lines: u64,
    /// The lease, for what only its holder writes: history, and charges.
    pub fence: Option<Lease>,
    /// New reports. With one whose name is taken nothing is written.
    pub reports: Vec<ReportRow>,
    /// Tallies as they are from now on.
    pub tallies: Vec<Tally>,
    /// Tallies that are closed.
    pub closed: Vec<ClosedTally>,
    /// New lines of the history of credits.
    pub credits: Vec<CreditLine>,
    /// What went beyond, new or as it stands from now on.
    pub overages: Vec<OverageRow>,
    /// New lines of the contract's history.
    pub entries: Vec<JournalEntry>,
    /// What must leave.
    pub outbox: Vec<OutboxRow>,
    /// Since when the contract is to be looked at, where something must be told of it.
    pub wake: Option<Timestamp>,
}

/// Something that was said about a conditional prerequisite of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrerequisiteLine {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub prerequisite: PrerequisiteId,
    /// From 1, without a gap.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What was said, and by whom, as JSON without personal data.
    pub content: Vec<u8>,
}

/// What is durable about use: books, reports, credits, overages, prerequisites. It is part of every [`Store`](super::Store).
pub trait MeteringStore: Send + Sync {
    /// Writes what is new about the use of a contract. [`Written::Stale`] when its book has moved, the lease is lost, or a report of
    /// one of the names was counted before: read again and count again.
    fn keep_book(&self, record: BookRecord) -> BoxFuture<'_, StoreResult<Written>>;

    /// Reads the book of a contract: its open periods. An empty one where nothing was ever counted.
    fn book(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Book>>;

    /// Reads the reports of these names, at most 200, in the order of the names.
    fn usage_reports(
        &self,
        seller: &SellerId,
        ids: Vec<String>,
    ) -> BoxFuture<'_, StoreResult<Vec<ReportRow>>>;

    /// The periods of a contract that are closed, the newest first; positions count from the newest.
    fn closed_tallies(
        &self,
        contract: ContractId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<ClosedTally>>>;

    /// The history of a contract's credits, by number.
    fn credit_lines(
        &self,
        contract: ContractId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<CreditLine>>>;

    /// What went beyond limits of a contract, the newest first, at most 200; or only what is still to be charged.
    fn overages(&self, contract: ContractId, open: bool) -> BoxFuture<'_, StoreResult<Vec<OverageRow>>>;

    /// Adds a line about a prerequisite. [`Written::Stale`] when another one has its number.
    fn add_prerequisite_line(
        &self,
        line: PrerequisiteLine,
        request: Option<ClientRequest>,
    ) -> BoxFuture<'_, StoreResult<Written>>;

    /// Everything that was said about prerequisites of an account, by prerequisite and number, at most 1000 lines.
    fn prerequisite_lines(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Vec<PrerequisiteLine>>>;
}
