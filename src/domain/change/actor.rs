use serde::{Deserialize, Serialize};

use crate::domain::account::{AccountId, Permission};

/// Who caused an event, as the journal records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Which side acted.
    pub party: Party,
    /// The role that the seller's backend asserted, for a customer; a word of the workflow file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The single permissions that they have besides it, as the seller's backend knows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<Permission>,
    /// The account whose people they are, where that is another than the one that the change is about: an agency's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// Who exactly, as an opaque id of the seller's or the support system's. Never a name or a mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Why support acts, in its own words. As final as the journal: never a name or a mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The sides that can act on a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The seller's customer, through the seller's backend or the hosted pages.
    Customer,
    /// The seller's support staff.
    Support,
    /// The payment provider: facts that were read from it.
    Provider,
    /// Changeover itself: timers and its own follow-up steps.
    System,
}

impl Actor {
    /// A customer in `role`.
    pub fn customer(role: impl Into<String>, subject: Option<String>) -> Self {
        Self {
            party: Party::Customer,
            role: Some(role.into()),
            permissions: Vec::new(),
            account: None,
            subject,
            reason: None,
        }
    }

    /// The same person, with single permissions besides the role.
    #[must_use]
    pub fn permitted(self, permissions: Vec<Permission>) -> Self {
        Self { permissions, ..self }
    }

    /// The same person, of this account.
    #[must_use]
    pub fn of(self, account: Option<AccountId>) -> Self {
        Self { account, ..self }
    }

    /// A member of the seller's support, and why they act. Without a reason, everything that they order is refused.
    pub fn support(subject: impl Into<String>, reason: Option<String>) -> Self {
        Self {
            party: Party::Support,
            role: None,
            permissions: Vec::new(),
            account: None,
            subject: Some(subject.into()),
            reason,
        }
    }

    /// A fact that was read from the payment provider.
    pub fn provider() -> Self {
        Self::machine(Party::Provider)
    }

    /// A timer, or a step that follows from an earlier one.
    pub fn system() -> Self {
        Self::machine(Party::System)
    }

    fn machine(party: Party) -> Self {
        Self {
            party,
            role: None,
            permissions: Vec::new(),
            account: None,
            subject: None,
            reason: None,
        }
    }
}
