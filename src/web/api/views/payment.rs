use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{MoneyView, Reader};
use crate::domain::change::{Decline, Means, PaymentMethod, Receipt, Stage};
use crate::text::decline::DeclineReason;

/// A card that the provider keeps: what a person needs to recognise it, and nothing more.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Card)]
pub struct CardView {
    /// The provider's id.
    #[schema(example = "pm_1Q0PsIJvEtkwdCNYMSaVuRz6")]
    pub id: String,
    /// Its brand.
    #[schema(example = "visa")]
    pub brand: String,
    /// The last four digits.
    #[schema(example = "4242")]
    pub last4: String,
    /// The month in which it expires, 1 to 12.
    pub exp_month: u8,
    /// The year in which it expires.
    pub exp_year: u16,
    /// As people read it.
    #[schema(example = "visa •••• 4242")]
    pub text: String,
}

/// Why a card was refused, and what the customer can check: the bank's reason where it gives one, never an invented one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Decline)]
pub struct DeclineView {
    /// The stable code.
    #[schema(example = "insufficient_funds")]
    pub code: &'static str,
    /// What the bank said, as a sentence for the customer.
    pub sentence: String,
    /// The sentence above the checklist.
    pub please_check: String,
    /// What to check, in this order.
    pub checklist: Vec<String>,
    /// Where to turn when all of that is right.
    pub issuer: String,
}

/// What a finished change cost.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipt)]
pub struct ReceiptView {
    /// What was paid in the end.
    pub charged: MoneyView,
    /// The paid invoice; nothing where nothing was due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice: Option<String>,
    /// Where the customer finds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What was charged beyond the confirmed amount and is given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excess: Option<MoneyView>,
    /// When.
    pub at: Timestamp,
}

impl CardView {
    /// The card.
    pub fn of(method: &PaymentMethod) -> Self {
        Self {
            id: method.id.clone(),
            brand: method.brand.clone(),
            last4: method.last4.clone(),
            exp_month: method.exp_month,
            exp_year: method.exp_year,
            text: method.to_string(),
        }
    }

    /// The card that a change is to be paid with, once one is chosen.
    pub(super) fn of_stage(stage: &Stage) -> Option<Self> {
        let method = match stage {
            Stage::Choosing { method, .. } => method.as_ref(),
            _ => stage.payment()?.method.as_ref(),
        };
        method.and_then(Means::card).map(Self::of)
    }
}

impl DeclineView {
    /// What to show after a refusal.
    pub fn of(reader: Reader<'_>, decline: Decline) -> Self {
        let advice = DeclineReason::of_code(decline.as_str()).advice(reader.language);
        Self {
            code: decline.as_str(),
            sentence: advice.reason,
            please_check: advice.please_check,
            checklist: advice.checklist,
            issuer: advice.issuer,
        }
    }
}

impl ReceiptView {
    pub(super) fn of(reader: Reader<'_>, receipt: &Receipt) -> Self {
        Self {
            charged: reader.money(receipt.charged),
            invoice: receipt.invoice.clone(),
            url: receipt.url.clone(),
            excess: receipt.excess.map(|excess| reader.money(excess)),
            at: receipt.at,
        }
    }
}
