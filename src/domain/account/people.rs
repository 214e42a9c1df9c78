use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::catalog::SellerId;
use crate::domain::language::Language;

/// Names an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub Uuid);

/// A seller's customer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its name in every machine-readable place.
    pub id: AccountId,
    /// Whose customer it is.
    pub seller: SellerId,
    /// Where its mails go.
    pub email: String,
    /// The company's or person's name.
    pub name: String,
    /// The language of its pages and mails.
    pub language: Language,
    /// When the seller created it: its day of the month anchors the billing of some sellers.
    pub created_at: Timestamp,
    /// The customer object at the payment provider, once there is one.
    pub provider_customer: Option<String>,
}

impl Account {
    /// Whether this is the mail address of the account's primary admin. Letters count alike in either case: no provider of mail
    /// tells two people apart by them.
    pub fn is_primary_admin(&self, address: &str) -> bool {
        self.email.trim().to_lowercase() == address.trim().to_lowercase()
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Shows no personal data: it ends up in logs.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("seller", &self.seller)
            .field("language", &self.language)
            .field("created_at", &self.created_at)
            .field("provider_customer", &self.provider_customer)
            .finish_non_exhaustive()
    }
}
