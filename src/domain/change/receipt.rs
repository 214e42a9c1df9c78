use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::stage::is_none_yet;
use crate::domain::money::Money;

/// What a finished change cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was paid, in the end, for this change.
    pub charged: Money,
    /// The paid invoice; `None` where nothing was due.
    pub invoice: Option<String>,
    /// Where the customer finds it.
    pub url: Option<String>,
    /// What was charged beyond the confirmed amount and is given back.
    pub excess: Option<Money>,
    /// How far giving it back is; `None` where there is no excess.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<RefundStep>,
    /// How many attempts at the refund have provably never happened, one after the other.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    pub never_happened: u8,
    /// How far making the card that paid the subscription's own is; `None` where it is, or need not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardStep>,
    /// When.
    pub at: Timestamp,
}

/// How far giving money back is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStep {
    /// It is asked for.
    OnItsWay,
    /// The provider has it, by its id there.
    Returned {
        /// The provider's id of the refund.
        refund: String,
    },
    /// The provider does not do it. A person must look, and can order another attempt.
    Halted {
        /// The provider's code.
        code: String,
    },
}

/// How far making the card that paid the subscription's own is. The change is done without it; renewals are charged on
/// another card until it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardStep {
    /// It is asked for.
    OnItsWay {
        /// The provider's id of the card.
        method: String,
    },
    /// The provider does not do it. A person must look, and can order another attempt.
    Halted {
        /// The provider's id of the card.
        method: String,
        /// The provider's code.
        code: String,
    },
}
