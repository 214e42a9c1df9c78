//! A difference between the two sides, what proves it, and what is safe to do about it.

use serde::{Deserialize, Serialize};

use crate::domain::change::{Call, ChangeId, OpenInvoice, Payment};
use crate::domain::money::Money;

/// What kind of difference it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// Money has arrived for a change that is over.
    LateMoney,
    /// A change was paid by more than one invoice.
    PaidTwice,
    /// A change that is over has left an invoice that can still be paid.
    OpenInvoice,
    /// The provider has carried out what the stage of an open change does not know of.
    ProviderAhead,
    /// We believe in a payment or a subscription that the provider does not show.
    LocalAhead,
    /// A subscription that one of our changes made lives beside the contract's own.
    DuplicateSubscription,
    /// A schedule holds the subscription, and will change it one day.
    OrphanSchedule,
    /// Something carries our marks, and we know nothing of the change that they name.
    UnknownObject,
}

impl FindingCode {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::LateMoney,
        Self::PaidTwice,
        Self::OpenInvoice,
        Self::ProviderAhead,
        Self::LocalAhead,
        Self::DuplicateSubscription,
        Self::OrphanSchedule,
        Self::UnknownObject,
    ];

    /// The word by which the store, the API and people know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LateMoney => "late_money",
            Self::PaidTwice => "paid_twice",
            Self::OpenInvoice => "open_invoice",
            Self::ProviderAhead => "provider_ahead",
            Self::LocalAhead => "local_ahead",
            Self::DuplicateSubscription => "duplicate_subscription",
            Self::OrphanSchedule => "orphan_schedule",
            Self::UnknownObject => "unknown_object",
        }
    }

    /// What it means, for support.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::LateMoney => "Money has arrived for a change that is over.",
            Self::PaidTwice => "A change was paid by more than one invoice.",
            Self::OpenInvoice => "A change that is over has left an invoice that can still be paid.",
            Self::ProviderAhead => "The provider has carried out something that the change does not know of.",
            Self::LocalAhead => "We believe in a payment or a subscription that the provider does not show.",
            Self::DuplicateSubscription => {
                "A subscription that one of our changes made lives beside the contract's own."
            }
            Self::OrphanSchedule => "A schedule holds the subscription, and will change it one day.",
            Self::UnknownObject => {
                "Something carries our marks, but the change that they name is not known here."
            }
        }
    }
}

/// What proves a finding: the provider's ids and amounts, no personal data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The thing that the finding is about; with the code it names the finding.
    pub object: String,
    /// The subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// What was paid, or could be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// What was seen, in a sentence.
    pub seen: String,
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub code: FindingCode,
    /// The change that it belongs to, where there is one.
    pub change: Option<ChangeId>,
    /// What proves it.
    pub evidence: Evidence,
    /// What is safe to do about it.
    pub repair: Repair,
}

/// What is safe to do about a finding. None of these charges anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// Take something away or give something back, as an effect of the change that is over.
    CleanUp(Call),
    /// A successor of the change that is over takes the payment over.
    Honour(Box<Payment>, OpenInvoice),
    /// The open change looks at this invoice from now on.
    Adopt(Box<Payment>, OpenInvoice),
    /// Only a person can decide.
    Human,
}

impl Repair {
    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::CleanUp(Call::VoidInvoice { .. }) => "void_invoice",
            Self::CleanUp(Call::CancelSubscription { .. }) => "end_subscription",
            Self::CleanUp(Call::CreditBalance { .. }) => "credit",
            Self::CleanUp(_) => "give_back",
            Self::Honour(..) => "honour",
            Self::Adopt(..) => "adopt",
            Self::Human => "ask_a_person",
        }
    }

    /// What it gives back, if it gives anything back. It never charges.
    pub fn gives_back(&self) -> Option<Money> {
        match self {
            Self::CleanUp(Call::Refund { amount, .. } | Call::CreditBalance { amount, .. }) => Some(*amount),
            _ => None,
        }
    }
}
