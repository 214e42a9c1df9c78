//! What an account was asked to pay and has paid, as the provider keeps it: for a financial page.

use jiff::Timestamp;

use crate::domain::change::{ChangeId, InvoiceStatus, Voucher};
use crate::domain::money::Money;

/// One page of a customer's invoices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoicePage {
    /// The invoices, the newest first.
    pub invoices: Vec<InvoiceSummary>,
    /// Where the next page begins; nothing on the last.
    pub next: Option<String>,
}

/// An invoice, as a financial page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceSummary {
    /// The provider's id.
    pub id: String,
    /// Its number, once it is final.
    pub number: Option<String>,
    /// Its status.
    pub status: InvoiceStatus,
    /// What it is for.
    pub kind: InvoiceKind,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is to be paid, where it says so.
    pub due_at: Option<Timestamp>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// What it asks for, after balance.
    pub amount_due: Money,
    /// What has been paid.
    pub amount_paid: Money,
    /// The provider's page of it: where it can be paid, and where the receipt is afterwards.
    pub url: Option<String>,
    /// The same as a file.
    pub pdf: Option<String>,
    /// The boleto or Pix that waits to be paid, if one does.
    pub voucher: Option<Voucher>,
    /// The change that it is for, where it is for one.
    pub change: Option<ChangeId>,
    /// The subscription that it is for.
    pub subscription: Option<String>,
}

/// What an invoice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceKind {
    /// A first subscription.
    First,
    /// A plan change.
    Change,
    /// A renewal.
    Renewal,
    /// Anything else.
    Other,
}

impl InvoiceKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Change => "change",
            Self::Renewal => "renewal",
            Self::Other => "other",
        }
    }
}
