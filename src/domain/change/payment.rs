use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Decline;
use super::means::Voucher;
use crate::domain::money::Money;

/// A card that the provider keeps; no card data, only what a person needs to recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentMethod {
    /// The provider's id.
    pub id: String,
    /// The card's brand, such as `visa`.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// The month in which it expires, 1 to 12.
    pub exp_month: u8,
    /// The year in which it expires, such as 2030.
    pub exp_year: u16,
}

/// The customer's yes: which amount they saw, and what they agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The amount that stood on the screen.
    pub seen: Money,
    /// What was agreed to, and when.
    pub consent: Consent,
}

/// The terms that were agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The version of the seller's terms.
    pub terms_version: String,
    /// When.
    pub at: Timestamp,
}

/// What the provider says about the payment of one change, read at one moment. The answer to a charging call and every
/// later look have this same form, so that it does not matter which of them tells us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentFacts {
    /// Our invoice, when there is one: the one that carries our mark and our instant, not a renewal that inherited them.
    pub invoice: Option<InvoiceFacts>,
    /// Where its payment stands; `None` where nothing is to be paid.
    pub intent: Option<IntentStatus>,
    /// Why the last attempt failed, when one did.
    pub decline: Option<Decline>,
    /// The subscription on which the change is charged.
    pub subscription: String,
    /// What the subscription holds now.
    pub items: Vec<ItemFacts>,
    /// Until when an unpaid change is held by the provider, when one is.
    pub pending_until: Option<Timestamp>,
    /// When the current period ends.
    pub period_end: Option<Timestamp>,
    /// The provider's id of the payment, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent_id: Option<String>,
    /// What the customer needs for sending the money, while they are asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<Box<Voucher>>,
}

/// An invoice, as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceFacts {
    /// The provider's id.
    pub id: String,
    /// Its status.
    pub status: InvoiceStatus,
    /// What it asks for, after balance.
    pub amount_due: Money,
    /// What has been paid.
    pub amount_paid: Money,
    /// The provider's page of the invoice, where the customer finds the receipt.
    pub hosted_url: Option<String>,
}

/// The states of an invoice. Source: Stripe, "Status transitions and finalization".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// Not final.
    Draft,
    /// Final and not paid.
    Open,
    /// Paid.
    Paid,
    /// Given up, for good; can never be paid.
    Void,
    /// Written off; could still be paid.
    Uncollectible,
}

/// The states of a payment that matter here. Source: Stripe, "How `PaymentIntent`s work".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentStatus {
    /// Waits for a way to pay, also after a refused one.
    RequiresPaymentMethod,
    /// Has a way to pay and waits for the order to use it.
    RequiresConfirmation,
    /// Waits for the customer to authenticate.
    RequiresAction,
    /// On its way; the outcome is not known yet.
    Processing,
    /// Paid.
    Succeeded,
    /// Ended without payment.
    Canceled,
}

/// One line of the provider's subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemFacts {
    /// The provider's id of the item.
    pub id: String,
    /// The provider's id of its price.
    pub price: String,
    /// Our content-named key of that price, when it has one.
    pub lookup_key: Option<String>,
    /// The provider's id of what is sold at that price, where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// How many.
    pub quantity: u64,
    /// Start of its current period.
    pub period_start: Timestamp,
    /// End of its current period.
    pub period_end: Timestamp,
}

impl fmt::Display for PaymentMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} •••• {}", self.brand, self.last4)
    }
}
