//! How a customer pays: with a card that the provider keeps, or by money that they send themselves after they were asked for it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::payment::PaymentMethod;
use crate::domain::catalog::PaymentMethodKind;
use crate::domain::money::Money;

/// What the customer chose to pay with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Means {
    /// A card.
    Card(PaymentMethod),
    /// A boleto or Pix: the money comes from the customer's own bank.
    Voucher {
        /// Which of them.
        voucher: VoucherKind,
    },
}

/// Ways to pay by which the customer sends the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoucherKind {
    /// A Brazilian bank slip.
    Boleto,
    /// A Brazilian instant payment.
    Pix,
}

/// What the customer needs for sending the money. The provider shows it for as long as it can be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    /// What it is.
    pub kind: VoucherKind,
    /// A boleto's number, or the text of a Pix code, to be typed or pasted at the bank.
    pub code: String,
    /// The provider's page with it.
    pub url: Option<String>,
    /// A boleto as a file to print.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdf: Option<String>,
    /// A Pix code as a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Until when it can be paid.
    pub expires_at: Timestamp,
}

/// The unused part of money that was paid for a line in another way than by its subscription, so that the provider's own proration
/// does not credit it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideCredit {
    /// The provider's id of what is credited.
    pub product: String,
    /// The amount: below zero, or above it where the customer was credited too much outside.
    pub amount: Money,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

impl Means {
    /// Which way to pay it is.
    pub fn kind(&self) -> PaymentMethodKind {
        match self {
            Self::Card(_) => PaymentMethodKind::Card,
            Self::Voucher { voucher } => voucher.kind(),
        }
    }

    /// The card, where it is one.
    pub fn card(&self) -> Option<&PaymentMethod> {
        match self {
            Self::Card(card) => Some(card),
            Self::Voucher { .. } => None,
        }
    }

    /// The voucher, where it is one.
    pub fn voucher(&self) -> Option<VoucherKind> {
        match self {
            Self::Card(_) => None,
            Self::Voucher { voucher } => Some(*voucher),
        }
    }
}

impl VoucherKind {
    /// The way to pay.
    pub fn kind(self) -> PaymentMethodKind {
        match self {
            Self::Boleto => PaymentMethodKind::Boleto,
            Self::Pix => PaymentMethodKind::Pix,
        }
    }

    /// The word by which the API and the journal know it.
    pub fn as_str(self) -> &'static str {
        self.kind().as_str()
    }

    /// Whether the provider can give the money back to where it came from. Source: Stripe, "Boleto payments": no refunds.
    pub fn can_be_refunded(self) -> bool {
        matches!(self, Self::Pix)
    }
}
