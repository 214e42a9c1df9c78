//! The tables, and how one is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use changeover::domain::account::{Account, AccountId, BillingIdentity, Client, Contract, ContractId};
use changeover::domain::catalog::{PrerequisiteId, SellerId, WorkflowVersion};
use changeover::domain::change::{ChangeId, IdentityRef};
use changeover::domain::metering::{CreditLine, Pot, Tally};
use changeover::ports::store::{
    ApiKey, CardOrderRow, ChangeRow, ErasedRow, FindingRow, FiscalDocument, GivenAnswer, Inbound,
    JournalEntry, OutboxRow, OverageRow, PageAsk, PageSessionRow, PrerequisiteLine, ReportRow, StaffRow,
    StaffSessionRow, Subject, TicketNote,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::Decided;
use super::due::Due;
use super::effects::Effect;

/// A table: a copy is cheap until one of the two is written.
pub type Table<K, V> = Arc<BTreeMap<K, V>>;

/// Everything that is stored.
#[derive(Clone, Default)]
pub struct Tables {
    /// Workflow files by their hash.
    pub workflows: Table<WorkflowVersion, String>,
    /// Keys of sellers' backends by the hash of their secret.
    pub api_keys: Table<[u8; 32], ApiKey>,
    /// Answers to clients' requests.
    pub requests: Table<(SellerId, String), GivenAnswer>,
    /// Accounts.
    pub accounts: Table<AccountId, AccountRow>,
    /// Billing data in erasable rows.
    pub identities: Table<Uuid, (AccountId, IdentityRef, BillingIdentity)>,
    /// Whose data was erased, and when first.
    pub erasures: Table<AccountId, Timestamp>,
    /// Clients of agencies.
    pub clients: Table<AccountId, Client>,
    /// Their histories.
    pub client_journal: Table<AccountId, Arc<Vec<Arc<JournalEntry>>>>,
    /// Contracts.
    pub contracts: Table<ContractId, Contract>,
    /// Their histories.
    pub contract_journal: Table<ContractId, Arc<Vec<Arc<JournalEntry>>>>,
    /// Changes.
    pub changes: Table<ChangeId, ChangeRow>,
    /// Their histories.
    pub journal: Table<ChangeId, Arc<Vec<Arc<JournalEntry>>>>,
    /// The queue.
    pub due: Table<Subject, Due>,
    /// Effects in the order of their making.
    pub effects: Arc<Vec<Effect>>,
    /// What must leave, by position.
    pub outbox: Table<u64, Outbox>,
    /// Webhooks by seller and the provider's id.
    pub inbox: Table<(SellerId, String), Inbound>,
    /// Tax documents.
    pub documents: Arc<Vec<FiscalDocument>>,
    /// What the last comparison found at each contract.
    pub findings: Table<ContractId, Vec<FindingRow>>,
    /// Versions of books, and how many lines the history of their credits has.
    pub books: Table<ContractId, (u64, u64)>,
    /// What was used in each period, and when it was closed.
    pub tallies: Table<(ContractId, Pot, Timestamp), (Tally, Option<Timestamp>)>,
    /// Reports of use.
    pub reports: Table<(SellerId, String), ReportRow>,
    /// The histories of credits.
    pub credit_lines: Table<ContractId, Vec<CreditLine>>,
    /// What went beyond limits.
    pub overages: Table<Uuid, OverageRow>,
    /// What was said about prerequisites.
    pub prerequisites: Table<(AccountId, PrerequisiteId, u64), PrerequisiteLine>,
    /// Sessions of the hosted pages.
    pub page_sessions: Table<Uuid, PageSessionRow>,
    /// Who works at the console, by name.
    pub staff: Table<String, StaffRow>,
    /// Who is signed in there.
    pub staff_sessions: Table<[u8; 32], StaffSessionRow>,
    /// Attempts to sign in: since when, and how many.
    pub sign_ins: Table<[u8; 32], (Timestamp, u32)>,
    /// Orders to erase somebody's data.
    pub erasure_orders: Arc<Vec<ErasedRow>>,
    /// Secrets of our own.
    pub own_secrets: Table<&'static str, [u8; 32]>,
    /// Orders about cards.
    pub card_orders: Table<Uuid, CardOrderRow>,
    /// The histories of wallets.
    pub card_journal: Table<AccountId, Vec<JournalEntry>>,
    /// Words about requests to go down.
    pub notes: Arc<Vec<TicketNote>>,
    /// The decisions that nobody has looked at yet.
    pub decided: Vec<Decided>,
}

/// An account with what is kept beside it.
#[derive(Debug, Clone)]
pub struct AccountRow {
    /// The account.
    pub account: Account,
    /// The seller's own id.
    pub external_id: Option<String>,
    /// The newest billing data.
    pub identity: Option<Uuid>,
    /// What of it the provider has.
    pub saved_hash: Option<String>,
    /// The tax number that the provider has: its id there, and a hash of the number.
    pub saved_tax_id: Option<(String, String)>,
}

/// Something that must leave, or has.
#[derive(Debug, Clone)]
pub struct Outbox {
    /// The row.
    pub row: OutboxRow,
    /// Where it stands.
    pub status: OutboxStatus,
    /// When it is tried next.
    pub next_try_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// Where something that must leave stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxStatus {
    /// It waits.
    Waiting,
    /// It has left.
    Sent,
    /// It never will.
    GivenUp,
}

/// The table to write into.
pub(super) fn write<K: Ord + Clone, V: Clone>(table: &mut Table<K, V>) -> &mut BTreeMap<K, V> {
    Arc::make_mut(table)
}

/// A page of a list that is read by position from 1.
pub(super) fn page<T: Clone>(all: &[T], after: u64, limit: u32) -> Vec<T> {
    let skipped = usize::try_from(after).unwrap_or(usize::MAX);
    all.iter()
        .skip(skipped)
        .take(limit.min(200) as usize)
        .cloned()
        .collect()
}

/// A page of a history.
pub(super) fn lines_of(lines: &[Arc<JournalEntry>], ask: PageAsk) -> Vec<JournalEntry> {
    let lines = page(lines, ask.after, ask.limit);
    lines.into_iter().map(Arc::unwrap_or_clone).collect()
}
