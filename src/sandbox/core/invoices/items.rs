//! What waits to be put on an invoice: prorations that were not billed at once, and amounts that somebody added.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Invoice, Line, Pricing, Status};
use crate::sandbox::core::operations::Ask;
use crate::sandbox::core::params::Params;
use crate::sandbox::core::rounding::whole_units;
use crate::sandbox::core::shown::{CURSOR, stands};
use crate::sandbox::core::taxes::expect_taxable;
use crate::sandbox::core::{World, currencies};
use crate::sandbox::error::ApiError;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sandbox::core) struct InvoiceItem {
    pub(in crate::sandbox::core) id: String,
    pub(in crate::sandbox::core) created: i64,
    pub(in crate::sandbox::core) customer: String,
    /// The invoice that took it; `None` while it waits.
    pub(in crate::sandbox::core) invoice: Option<String>,
    /// What the invoice will show.
    pub(in crate::sandbox::core) line: Line,
}

stands!(InvoiceItem, invoice_items, "invoice_item", "invoiceitem", "");

impl InvoiceItem {
    fn render(&self, _: &World) -> Value {
        let line = &self.line;
        let quantity = line.quantity.unwrap_or(1);
        let mut details = json!({ "subscription": line.subscription });
        if let (Some(item), Some(fields)) = (&line.subscription_item, details.as_object_mut()) {
            fields.insert("subscription_item".to_owned(), json!(item));
        }
        let parent = line
            .subscription
            .as_ref()
            .map(|_| json!({ "subscription_details": details, "type": "subscription_details" }));
        json!({
            "id": self.id,
            "object": "invoiceitem",
            "amount": line.amount,
            "currency": line.currency,
            "customer": self.customer,
            "customer_account": null,
            "date": self.created,
            "description": line.description,
            "discountable": !line.proration,
            "discounts": [],
            "invoice": self.invoice,
            "livemode": false,
            "metadata": line.metadata,
            "net_amount": line.amount,
            "parent": parent,
            "period": { "start": line.from, "end": line.until },
            "pricing": line.pricing.as_ref().map(Pricing::render),
            "proration": line.proration,
            "quantity": quantity,
            "quantity_decimal": quantity.to_string(),
            "tax_rates": [],
            "test_clock": null,
        })
    }
}

impl World {
    /// Lets a line wait for the next invoice.
    pub(in crate::sandbox::core) fn put_aside(&mut self, customer: &str, mut line: Line) {
        let id = self.memory.ids.next("ii");
        line.invoice_item = Some(id.clone());
        let item = InvoiceItem {
            id,
            created: self.now,
            customer: customer.to_owned(),
            invoice: None,
            line,
        };
        self.add(item, "invoiceitem.created");
    }
}

fn amount_of(world: &World, params: &Params<'_>) -> Result<(i64, Option<Pricing>, String), ApiError> {
    let quantity = params.count("quantity")?;
    if let Some(pricing) = params.child("pricing")? {
        let name = pricing.needed_text("price")?;
        let price = world.prices.find(name, &pricing.name("price"))?;
        if price.interval.is_some() {
            return Err(pricing.refuse(
                "price",
                "The price specified is set to `type=recurring` but this field only \
                 accepts prices with `type=one_time`.",
            ));
        }
        let made = Pricing {
            price: price.id.clone(),
            product: price.product.clone(),
            unit_amount_decimal: price.unit_amount_decimal(),
        };
        return Ok((
            price.amount(quantity.unwrap_or(1))?,
            Some(made),
            price.currency.clone(),
        ));
    }
    let currency = currencies::needed(params, "currency")?;
    if let Some(unit) = params.text("unit_amount_decimal")? {
        let unit: rust_decimal::Decimal = unit
            .parse()
            .map_err(|_| params.refuse("unit_amount_decimal", format!("Invalid decimal: {unit}")))?;
        let exact = unit.checked_mul(quantity.unwrap_or(1).into());
        let exact = exact.ok_or_else(|| params.refuse("unit_amount_decimal", "The amount is too large."))?;
        return Ok((whole_units(exact)?, None, currency));
    }
    if quantity.is_some() {
        return Err(params.refuse("quantity", "`quantity` needs a price or `unit_amount_decimal`."));
    }
    Ok((params.needed_integer("amount")?, None, currency))
}

pub(in crate::sandbox::core) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[
        "amount",
        "currency",
        "customer",
        "description",
        "invoice",
        "metadata",
        "period",
        "pricing",
        "quantity",
        "subscription",
        "unit_amount_decimal",
        "discountable",
    ])?;
    let customer = params.needed_text("customer")?;
    world.customers.find(customer, "customer")?;
    let (amount, pricing, currency) = amount_of(world, params)?;
    world.settle_currency(customer, &currency)?;
    let subscription = params.owned("subscription")?;
    if let Some(subscription) = &subscription {
        world.subscriptions.find(subscription, "subscription")?;
    }
    let period = params.child("period")?;
    let (from, until) = match &period {
        Some(period) => (period.needed_integer("start")?, period.needed_integer("end")?),
        None => (ask.now, ask.now),
    };
    let id = world.memory.ids.next("ii");
    let mut line = Line {
        id: world.memory.ids.next("il"),
        amount,
        currency,
        description: params.owned("description")?,
        quantity: Some(params.count("quantity")?.unwrap_or(1)),
        from,
        until,
        proration: false,
        pricing,
        subscription,
        subscription_item: None,
        invoice_item: Some(id.clone()),
        metadata: params.metadata()?,
        taxes: Vec::new(),
    };
    let invoice = params.owned("invoice")?;
    if let Some(invoice) = &invoice {
        put_on(world, params, invoice, customer, &mut line)?;
    }
    let item = InvoiceItem {
        id,
        created: ask.now,
        customer: customer.to_owned(),
        invoice,
        line,
    };
    Ok(world.add(item, "invoiceitem.created"))
}

/// Puts a line on a draft at once.
fn put_on(
    world: &mut World,
    params: &Params<'_>,
    invoice: &str,
    customer: &str,
    line: &mut Line,
) -> Result<(), ApiError> {
    let kept = world.invoices.find(invoice, "invoice")?;
    if kept.customer != customer || kept.currency != line.currency {
        return Err(params.refuse(
            "invoice",
            "The invoice belongs to another customer or has another currency.",
        ));
    }
    expect_draft(kept)?;
    line.subscription.clone_from(&kept.subscription);
    let added = vec![line.clone()];
    if kept.taxed {
        expect_taxable(&added, params, "amount")?;
    }
    let added = world.taxed(&kept.taxing(), &kept.addressee, added);
    world.change::<Invoice>(invoice, |invoice| invoice.add_lines(added))
}

fn expect_draft(invoice: &Invoice) -> Result<(), ApiError> {
    if invoice.status == Status::Draft {
        return Ok(());
    }
    Err(ApiError::invalid("This invoice is no longer editable.").with_code("invoice_not_editable"))
}

impl Invoice {
    fn add_lines(&mut self, lines: Vec<Line>) {
        self.lines.extend(lines);
        self.amount_due =
            super::Settlement::of(self.total(), self.starting_balance, &self.currency).amount_due;
    }

    fn drop_line_of(&mut self, item: &str) {
        self.lines
            .retain(|line| line.invoice_item.as_deref() != Some(item));
        self.amount_due =
            super::Settlement::of(self.total(), self.starting_balance, &self.currency).amount_due;
    }
}

pub(in crate::sandbox::core) fn delete(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&[])?;
    let id = ask.id("invoiceitem");
    let item = world.invoice_items.find(id, "invoiceitem")?.clone();
    if let Some(invoice) = &item.invoice {
        expect_draft(world.invoices.have(invoice)?)?;
        world.change::<Invoice>(invoice, |invoice| invoice.drop_line_of(id))?;
    }
    world.invoice_items.remove(id);
    let shown = item.render(world);
    world.emit("invoiceitem.deleted", shown);
    Ok(json!({ "id": id, "object": "invoiceitem", "deleted": true }))
}

pub(in crate::sandbox::core) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[&CURSOR[..], &["created", "customer", "invoice", "pending"]].concat())?;
    let customer = params.text("customer")?;
    let invoice = params.text("invoice")?;
    let pending = params.flag("pending")?;
    world.page::<InvoiceItem>(ask, "/v1/invoiceitems", |item| {
        customer.is_none_or(|customer| item.customer == customer)
            && (invoice.is_none() || item.invoice.as_deref() == invoice)
            && pending.is_none_or(|pending| item.invoice.is_none() == pending)
    })
}
