//! The cards of a customer at the payment provider, outside of any change.

use serde::{Deserialize, Serialize};

use crate::domain::change::{Decline, PaymentMethod};

/// The cards that the provider keeps for a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wallet {
    /// The cards, the newest first.
    pub cards: Vec<KeptCard>,
    /// The provider's id of the one that pays whatever has none of its own.
    pub default: Option<String>,
}

/// A card that the provider keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptCard {
    /// The card.
    pub card: PaymentMethod,
    /// Whose name is on it, where that was given. Shown to the customer; never stored here, never logged.
    pub holder: Option<String>,
}

/// How giving a card went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardGiven {
    /// The provider keeps it.
    Kept(KeptCard),
    /// Not yet; why the last attempt was refused, if it was.
    Unfinished(Option<Decline>),
    /// It was given up at the provider.
    Over,
    /// It belongs to another customer, or is not there.
    Foreign,
}

/// A call that changes a customer's cards. None of them charges, and each can be made again without harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "call")]
pub enum CardCall {
    /// Make it the card that pays whatever has none of its own.
    SetDefault {
        /// The customer.
        customer: String,
        /// The card.
        card: String,
    },
    /// Make it the card of a subscription: it pays the next renewals.
    SetOfSubscription {
        /// The subscription.
        subscription: String,
        /// The card.
        card: String,
    },
    /// Forget it.
    Detach {
        /// The card.
        card: String,
    },
}

/// Shows no name: it ends up in logs.
impl std::fmt::Debug for KeptCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptCard")
            .field("card", &self.card)
            .finish_non_exhaustive()
    }
}
