//! Invoices: what they are. How they look is in `render`, how they come about in `compose`, their life in `lifecycle`,
//! what people ask of them in `calls`, and what waits to be put on one in `items`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::params::Metadata;
use super::shown::{full_list, stands};
use super::taxes::LineTax;

pub(super) mod calls;
mod compose;
pub(super) mod items;
mod lifecycle;
mod render;

pub(super) use compose::{Bill, Settlement};
pub(super) use items::InvoiceItem;
pub(super) use lifecycle::Collected;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Draft,
    Open,
    Paid,
    Void,
    Uncollectible,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Open => "open",
            Status::Paid => "paid",
            Status::Void => "void",
            Status::Uncollectible => "uncollectible",
        }
    }
}

/// Why an invoice was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    SubscriptionCreate,
    SubscriptionUpdate,
    SubscriptionCycle,
    Manual,
    /// A preview.
    Upcoming,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Reason::SubscriptionCreate => "subscription_create",
            Reason::SubscriptionUpdate => "subscription_update",
            Reason::SubscriptionCycle => "subscription_cycle",
            Reason::Manual => "manual",
            Reason::Upcoming => "upcoming",
        }
    }
}

/// One amount on an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) id: String,
    /// Minor units; negative is a credit.
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) description: Option<String>,
    pub(super) quantity: Option<u64>,
    /// The time that it pays for, unix seconds, end excluded.
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) proration: bool,
    pub(super) pricing: Option<Pricing>,
    pub(super) subscription: Option<String>,
    pub(super) subscription_item: Option<String>,
    pub(super) invoice_item: Option<String>,
    pub(super) metadata: Metadata,
    /// Reckoned when an invoice takes the line.
    #[serde(default)]
    pub(super) taxes: Vec<LineTax>,
}

/// Which price a line was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pricing {
    pub(super) price: String,
    pub(super) product: String,
    pub(super) unit_amount_decimal: Option<String>,
}

/// When an invoice reached each of its states.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the API calls them so")]
pub(super) struct Transitions {
    pub(super) finalized_at: Option<i64>,
    pub(super) paid_at: Option<i64>,
    pub(super) voided_at: Option<i64>,
    pub(super) uncollectible_at: Option<i64>,
}

/// The customer as the invoice was addressed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Addressee {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    address: Option<Value>,
    tax_exempt: Option<String>,
    tax_ids: Vec<(String, String)>,
}

impl Addressee {
    /// The country of an address, where it names one that can be found: no place has a postal code of zeros alone.
    pub(super) fn country_of(address: Option<&Value>) -> Option<&str> {
        let address = address?;
        let code = address
            .get("postal_code")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let nowhere = !code.is_empty() && code.bytes().all(|b| b == b'0');
        address.get("country")?.as_str().filter(|_| !nowhere)
    }

    pub(super) fn country(&self) -> Option<&str> {
        Self::country_of(self.address.as_ref())
    }

    pub(super) fn is_european_business(&self) -> bool {
        self.tax_ids.iter().any(|(kind, _)| kind == "eu_vat")
    }

    pub(super) fn tax_exempt(&self) -> &str {
        self.tax_exempt.as_deref().unwrap_or_default()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, as the API tells them"
)]
pub(super) struct Invoice {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) customer: String,
    pub(super) subscription: Option<String>,
    /// What the subscription's metadata was when this invoice was made.
    pub(super) subscription_metadata: Metadata,
    pub(super) proration_date: Option<i64>,
    pub(super) reason: Reason,
    pub(super) status: Status,
    pub(super) currency: String,
    pub(super) lines: Vec<Line>,
    pub(super) period_start: i64,
    pub(super) period_end: i64,
    pub(super) starting_balance: i64,
    pub(super) ending_balance: Option<i64>,
    pub(super) amount_due: i64,
    pub(super) amount_paid: i64,
    pub(super) paid_elsewhere: bool,
    pub(super) attempt_count: u32,
    pub(super) attempted: bool,
    pub(super) next_attempt: Option<i64>,
    pub(super) auto_advance: bool,
    /// When a draft becomes final by itself.
    pub(super) finalizes_at: Option<i64>,
    pub(super) sent: bool,
    pub(super) due_date: Option<i64>,
    pub(super) number: Option<String>,
    pub(super) description: Option<String>,
    pub(super) default_payment_method: Option<String>,
    pub(super) payment_intent: Option<String>,
    pub(super) metadata: Metadata,
    pub(super) transitions: Transitions,
    pub(super) addressee: Addressee,
    /// The ways to pay that it takes; none named means those that the account is set to.
    #[serde(default)]
    pub(super) method_types: Vec<String>,
    /// Whether automatic tax is switched on for it.
    #[serde(default)]
    pub(super) taxed: bool,
    /// The rates that apply to each of its lines.
    #[serde(default)]
    pub(super) tax_rates: Vec<String>,
}

stands!(Invoice, invoices, "invoice", "invoice", "invoice.updated");

impl Invoice {
    pub(super) fn is_open(&self) -> bool {
        self.status == Status::Open
    }

    pub(super) fn total(&self) -> i64 {
        let lines = self.lines.iter();
        lines.map(|line| line.amount + line.tax_on_top()).sum()
    }

    fn remaining(&self) -> i64 {
        if self.status == Status::Void {
            self.amount_due
        } else {
            self.amount_due - self.amount_paid
        }
    }
}

/// The link between an invoice and the payment intent that collects for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct InvoicePayment {
    pub(super) id: String,
    created: i64,
    pub(super) invoice: String,
    payment_intent: String,
    amount_requested: i64,
    currency: String,
    paid_at: Option<i64>,
    canceled_at: Option<i64>,
}

stands!(
    InvoicePayment,
    invoice_payments,
    "invoice_payment",
    "invoice_payment",
    ""
);

impl InvoicePayment {
    fn status(&self) -> &'static str {
        match (self.paid_at, self.canceled_at) {
            (Some(_), _) => "paid",
            (None, Some(_)) => "canceled",
            (None, None) => "open",
        }
    }

    fn render(&self, _: &World) -> Value {
        json!({
            "id": self.id,
            "object": "invoice_payment",
            "amount_paid": self.paid_at.map(|_| self.amount_requested),
            "amount_requested": self.amount_requested,
            "created": self.created,
            "currency": self.currency,
            "invoice": self.invoice,
            "is_default": true,
            "livemode": false,
            "payment": { "payment_intent": self.payment_intent, "type": "payment_intent" },
            "status": self.status(),
            "status_transitions": { "canceled_at": self.canceled_at, "paid_at": self.paid_at },
        })
    }
}

impl World {
    pub(super) fn payments_of(&self, invoice: &str) -> Value {
        let belongs = |payment: &&InvoicePayment| payment.invoice == invoice;
        let payments = self
            .invoice_payments
            .iter()
            .rev()
            .filter(belongs)
            .map(|payment| payment.render(self))
            .collect();
        full_list(payments, "/v1/invoice_payments")
    }

    pub(super) fn confirmation_secret_of(&self, invoice: &str) -> Value {
        let invoice = self.invoices.get(invoice).filter(|invoice| invoice.is_open());
        let intent = invoice.and_then(|invoice| self.payment_intents.get(invoice.payment_intent.as_deref()?));
        intent.map_or(
            Value::Null,
            |intent| json!({ "client_secret": intent.client_secret, "type": "payment_intent" }),
        )
    }
}
