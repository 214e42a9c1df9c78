//! What single kinds of mail are told, beyond a line or two.

use crate::domain::money::Money;
use jiff::Timestamp;

/// One line of what is held after a change: "user seats: 5, now 8".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The item's name in the language of the mail.
    pub name: String,
    /// How many were held before.
    pub before: u64,
    /// How many are held now.
    pub after: u64,
}

/// What is charged next, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// The full price of a period.
    pub amount: Money,
    /// The day.
    pub at: Timestamp,
}

/// What is held from some moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The name of the plan.
    pub plan: String,
    /// One line an item, in the order of the plan.
    pub holdings: Vec<Holding>,
    /// The next renewal, where something renews and its amount is known.
    pub renewal: Option<Renewal>,
}

/// What the customer does next with something that was bought, in the seller's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// What to do.
    pub text: String,
    /// Where.
    pub url: Option<String>,
}

/// Something that the customer pays on their own, at their bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// What it is.
    pub kind: VoucherKind,
    /// What it asks for.
    pub amount: Money,
    /// Until when it can be paid.
    pub pay_until: Timestamp,
    /// What is typed or copied into the bank's app.
    pub code: Option<String>,
    /// Where it can be seen: a PDF, or a page with the QR code.
    pub url: Option<String>,
    /// When what was bought is released, in the seller's words.
    pub releases: Option<String>,
    /// Whether it was mailed before, and is still not paid.
    pub again: bool,
}

/// The ways of paying on one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoucherKind {
    /// A Brazilian bank slip.
    Boleto,
    /// Brazil's instant payment.
    Pix,
}

/// What people recognise a card by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFace {
    /// Its brand, as the provider names it: `visa`.
    pub brand: String,
    /// Its last four digits.
    pub last4: String,
    /// Month and year in which it expires.
    pub expiry: Option<(u8, u16)>,
}

/// Who changed a customer's plan, when it was not the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangedBy {
    /// The seller's support.
    Support,
    /// The agency that manages the account, by its name.
    Agency(String),
    /// Somebody, past this program: at the provider.
    Elsewhere,
}
