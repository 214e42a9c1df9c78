//! Taking a person's data out of what is kept. The history stays: it names data by id and hash, and can still be proven.

use jiff::Timestamp;

use crate::domain::account::AccountId;
use crate::domain::change::ChangeId;

/// An order to erase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Whose data.
    pub account: AccountId,
    /// When.
    pub at: Timestamp,
    /// Who ordered it, as an id that means something to the support system.
    pub by: String,
    /// Why, without personal data.
    pub why: String,
}

/// What is kept of a person, row by row, and what stands in the way of erasing it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traces {
    /// Whether the account still has its name and mail address.
    pub named: bool,
    /// Billing data, the outdated included.
    pub identities: u64,
    /// Exact bytes of requests to the provider.
    pub requests: u64,
    /// Answers that are kept for repeated requests, and name the account.
    pub answers: u64,
    /// Contracts that name the person who is responsible.
    pub responsible: u64,
    /// Changes that remember where their customer is led back to, and tax documents that can be opened.
    pub links: u64,
    /// A change that is open, or whose calls are not over.
    pub under_way: Option<ChangeId>,
    /// When it was erased before.
    pub erased_at: Option<Timestamp>,
}

/// What a repeated request gets whose answer was erased.
pub const ERASED_ANSWER: (u16, &[u8]) = (
    410,
    br#"{"type":"about:blank","title":"Erased","status":410,"code":"erased","detail":"The answer to this request held personal data, which was erased.","next":"Nothing: the request was carried out when it was first sent."}"#,
);
