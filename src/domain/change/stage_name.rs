use std::fmt;

use serde::{Deserialize, Serialize};

/// The eight stages that the product speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    /// Choosing.
    Draft,
    /// Being told what it costs.
    Quote,
    /// Billing data.
    BillingInfo,
    /// Paying.
    PaymentConfirm,
    /// Asking to go down.
    DowngradeTicket,
    /// Done.
    Active,
    /// Given up, by somebody.
    Cancelled,
    /// Given up, by time.
    Expired,
}

impl StageName {
    /// All of them, in the order of the journey.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Quote,
        Self::BillingInfo,
        Self::PaymentConfirm,
        Self::DowngradeTicket,
        Self::Active,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The word by which the API, the store and the workflow files know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Quote => "quote",
            Self::BillingInfo => "billing_info",
            Self::PaymentConfirm => "payment_confirm",
            Self::DowngradeTicket => "downgrade_ticket",
            Self::Active => "active",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
