//! How invoices look.

use serde_json::{Value, json};

use super::{Invoice, Line, Pricing};
use crate::sandbox::core::World;
use crate::sandbox::core::shown::{full_list, joined};

impl Pricing {
    pub(super) fn render(&self) -> Value {
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
            "quantity_decimal": self.quantity.map(|quantity| quantity.to_string()),
            "subscription": self.subscription,
            "subtotal": self.amount,
            "taxes": self.render_taxes(),
        })
    }
}

impl Invoice {
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

    pub(in crate::sandbox::core) fn render_lines(&self) -> Value {
        let lines = self.lines.iter().map(|line| line.render(&self.id)).collect();
        full_list(lines, &format!("/v1/invoices/{}/lines", self.id))
    }

    pub(in crate::sandbox::core) fn render(&self, world: &World) -> Value {
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
        let subtotal: i64 = self.lines.iter().map(|line| line.amount).sum();
        let without_tax = self.total_without_tax();
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
            "automatic_tax": self.render_automatic_tax(),
            "currency": self.currency,
            "default_tax_rates": world.render_rates(&self.tax_rates),
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
            "subtotal": subtotal,
            "subtotal_excluding_tax": without_tax,
            "total": self.total(),
            "total_discount_amounts": [],
            "total_excluding_tax": without_tax,
            "total_pretax_credit_amounts": [],
            "total_taxes": self.render_taxes(),
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
                "default_mandate": null, "payment_method_options": null, "payment_method_types": Some(&self.method_types).filter(|types| !types.is_empty()),
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
