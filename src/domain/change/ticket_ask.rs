//! What is known of a request to go down besides what is asked for.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actor::Party;

/// Points to words that somebody wrote, in their erasable row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteRef {
    /// The row.
    pub row: Uuid,
    /// A hash of the words, so that the journal can prove which they were without holding them.
    pub hash: String,
}

/// How a request came about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketAsk {
    /// The form's answers, and for a mail its sender; `None` where nothing was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<NoteRef>,
    /// By which way.
    #[serde(default, skip_serializing_if = "AskChannel::is_product")]
    pub channel: AskChannel,
    /// Who made it: only they, and support, can take it back.
    #[serde(default, skip_serializing_if = "TicketMaker::is_customer")]
    pub made_by: TicketMaker,
    /// Whether it takes effect without support's answer, by the seller's rules.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub direct: bool,
    /// Whether the whole contract is to end, instead of holding the selection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends: bool,
}

impl TicketAsk {
    /// Whether it is nothing but a request that was made in the product without a word.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Whether this side may take it back.
    pub fn may_be_taken_back_by(&self, party: Party) -> bool {
        party != Party::Customer || self.made_by == TicketMaker::Customer
    }
}

/// By which way a request came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskChannel {
    /// In the seller's product, or on the hosted pages.
    #[default]
    Product,
    /// By mail, brought here by support or the help desk.
    Mail,
    /// By support itself.
    Support,
}

impl AskChannel {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
    fn is_product(&self) -> bool {
        *self == Self::Product
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Mail => "mail",
            Self::Support => "support",
        }
    }
}

/// Whose request it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketMaker {
    /// The customer's.
    #[default]
    Customer,
    /// The seller's staff's.
    Support,
}

impl TicketMaker {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
    fn is_customer(&self) -> bool {
        *self == Self::Customer
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Support => "support",
        }
    }
}

/// What the machine itself finds in the way of an accepted request. Its ticket then says so by the code; a refusal of the provider or of
/// the rules stands there by its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketProblem {
    /// Nothing is charged at the provider, so that nothing can be lowered there.
    NoSubscription,
    /// It would begin a period of another length, which is charged at once.
    AnotherPeriod,
    /// The provider said yes, and does not hold it.
    NotHeld,
    /// The day of the promise came, and the provider did not carry it out.
    NotCarriedOut,
}

impl TicketProblem {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::NoSubscription,
        Self::AnotherPeriod,
        Self::NotHeld,
        Self::NotCarriedOut,
    ];

    /// The stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSubscription => "no_subscription",
            Self::AnotherPeriod => "another_period",
            Self::NotHeld => "not_held",
            Self::NotCarriedOut => "not_carried_out",
        }
    }
}
