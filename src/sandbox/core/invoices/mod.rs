//! Invoices: what they are and how they look. Their life is in `lifecycle`, what people ask of them in `calls`, and what
//! waits to be put on one in `items`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::params::Metadata;
use super::shown::{full_list, joined, stands};

pub(super) mod calls;
pub(super) mod items;
mod lifecycle;

pub(super) use items::InvoiceItem;
pub(super) use lifecycle::{Bill, Collected, Settlement};

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
}

/// Which price a line was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pricing {
    pub(super) price: String,
    pub(super) product: String,
    pub(super) unit_amount_decimal: Option<String>,
}

impl Pricing {
    fn render(&self) -> Value {
        json!({
            "price_details": { "price": self.price, "product": self.product },
            "type": "price_details",
            "unit_amount_decimal": self.unit_amount_decimal,
        })
    }
}

impl Line {
    fn parent(&self) -> Value {
        let proration_details = json!({ "credited_items": null });
        match (&self.subscription_item, &self.invoice_item) {
            (Some(item), _) => json!({
                "invoice_item_details": null,
                "subscription_item_details": {
                    "invoice_item": self.invoice_item,
                    "proration": self.proration,
                    "proration_details": proration_details,
                    "subscription": self.subscription,
                    "subscription_item": item,
                },
                "type": "subscription_item_details",
            }),
            (None, Some(item)) => json!({
                "invoice_item_details": {
                    "invoice_item": item,
                    "proration": self.proration,
                    "proration_details": proration_details,
                    "subscription": self.subscription,
                },
                "subscription_item_details": null,
                "type": "invoice_item_details",
            }),
            (None, None) => Value::Null,
        }
    }

    fn render(&self, invoice: &str) -> Value {
        json!({
            "id": self.id,
            "object": "line_item",
            "amount": self.amount,
            "currency": self.currency,
            "description": self.description,
            "discount_amounts": [],
            "discountable": !self.proration,
            "discounts": [],
            "invoice": invoice,
            "livemode": false,
            "metadata": self.metadata,
            "parent": self.parent(),
            "period": { "start": self.from, "end": self.until },
            "pretax_credit_amounts": [],
            "pricing": self.pricing.as_ref().map(Pricing::render),
            "quantity": self.quantity,
            "subscription": self.subscription,
            "subtotal": self.amount,
            "taxes": [],
        })
    }
}

/// When an invoice reached each of its states.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
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

#[derive(Debug, Clone, Serialize, Deserialize)]
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
}

stands!(Invoice, invoices, "invoice", "invoice", "invoice.updated");

impl Invoice {
    pub(super) fn is_open(&self) -> bool {
        self.status == Status::Open
    }

    pub(super) fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.amount).sum()
    }

    fn remaining(&self) -> i64 {
        if self.status == Status::Void {
            self.amount_due
        } else {
            self.amount_due - self.amount_paid
        }
    }

    fn parent(&self) -> Value {
        let Some(subscription) = &self.subscription else {
            return Value::Null;
        };
        let mut details = json!({ "metadata": self.subscription_metadata, "subscription": subscription });
        if let (Some(date), Some(fields)) = (self.proration_date, details.as_object_mut()) {
            fields.insert("subscription_proration_date".to_owned(), json!(date));
        }
        json!({ "quote_details": null, "subscription_details": details, "type": "subscription_details" })
    }

    pub(super) fn render_lines(&self) -> Value {
        let lines = self.lines.iter().map(|line| line.render(&self.id)).collect();
        full_list(lines, &format!("/v1/invoices/{}/lines", self.id))
    }

    pub(super) fn render(&self, world: &World) -> Value {
        joined([
            self.render_party(),
            self.render_money(world),
            self.render_course(),
        ])
    }

    fn render_party(&self) -> Value {
        let addressee = &self.addressee;
        let tax_ids: Vec<Value> = addressee
            .tax_ids
            .iter()
            .map(|(kind, value)| json!({ "type": kind, "value": value }))
            .collect();
        json!({
            "id": self.id,
            "object": "invoice",
            "account_country": "BR",
            "account_name": "Sandbox",
            "account_tax_ids": null,
            "application": null,
            "customer": Some(&self.customer).filter(|customer| !customer.is_empty()),
            "customer_account": null,
            "customer_address": addressee.address,
            "customer_email": addressee.email,
            "customer_name": addressee.name,
            "customer_phone": addressee.phone,
            "customer_shipping": null,
            "customer_tax_exempt": addressee.tax_exempt,
            "customer_tax_ids": tax_ids,
            "custom_fields": null,
            "description": self.description,
            "footer": null,
            "from_invoice": null,
            "issuer": { "type": "self" },
            "latest_revision": null,
            "livemode": false,
            "metadata": self.metadata,
            "on_behalf_of": null,
            "parent": self.parent(),
        })
    }

    fn render_money(&self, world: &World) -> Value {
        let total = self.total();
        let page = |what: &str| {
            self.number
                .as_ref()
                .map(|_| format!("{}/_sandbox/invoices/{}{what}", world.base_url, self.id))
        };
        json!({
            "amount_due": self.amount_due,
            "amount_overpaid": 0,
            "amount_paid": self.amount_paid,
            "amount_paid_off_stripe": if self.paid_elsewhere { self.amount_paid } else { 0 },
            "amount_remaining": self.remaining(),
            "amount_shipping": 0,
            "automatic_tax": {
                "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null,
            },
            "currency": self.currency,
            "default_tax_rates": [],
            "discounts": [],
            "ending_balance": self.ending_balance,
            "hosted_invoice_url": page(""),
            "invoice_pdf": page("/pdf"),
            "lines": self.render_lines(),
            "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0,
            "shipping_cost": null,
            "shipping_details": null,
            "starting_balance": self.starting_balance,
            "subtotal": total,
            "subtotal_excluding_tax": total,
            "total": total,
            "total_discount_amounts": [],
            "total_excluding_tax": total,
            "total_pretax_credit_amounts": [],
            "total_taxes": [],
        })
    }

    fn render_course(&self) -> Value {
        let at = &self.transitions;
        json!({
            "attempt_count": self.attempt_count,
            "attempted": self.attempted,
            "auto_advance": self.auto_advance,
            "automatically_finalizes_at": self.finalizes_at,
            "billing_reason": self.reason.as_str(),
            "collection_method": if self.sent { "send_invoice" } else { "charge_automatically" },
            "created": self.created,
            "default_payment_method": self.default_payment_method,
            "default_source": null,
            "due_date": self.due_date,
            "effective_at": at.finalized_at,
            "last_finalization_error": null,
            "next_payment_attempt": self.next_attempt,
            "number": self.number,
            "payment_settings": {
                "default_mandate": null, "payment_method_options": null, "payment_method_types": null,
            },
            "period_end": self.period_end,
            "period_start": self.period_start,
            "receipt_number": null,
            "rendering": null,
            "statement_descriptor": null,
            "status": self.status.as_str(),
            "status_transitions": {
                "finalized_at": at.finalized_at,
                "marked_uncollectible_at": at.uncollectible_at,
                "paid_at": at.paid_at,
                "voided_at": at.voided_at,
            },
            "test_clock": null,
            "webhooks_delivered_at": at.finalized_at,
        })
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
