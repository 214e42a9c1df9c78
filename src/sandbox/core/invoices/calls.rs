//! What people ask of invoices.

use serde_json::{Value, json};

use super::{Bill, Collected, Invoice, InvoicePayment, Line, Reason, Status};
use crate::sandbox::core::World;
use crate::sandbox::core::customers::Customer;
use crate::sandbox::core::operations::Ask;
use crate::sandbox::core::params::{Metadata, Params};
use crate::sandbox::core::paying::Presence;
use crate::sandbox::core::payment_intents::PaymentIntent;
use crate::sandbox::core::payment_methods::owned_by;
use crate::sandbox::core::taxes::{Taxing, expect_location, expect_one_way, read_automatic_tax};
use crate::sandbox::core::{currencies, shown::CURSOR};
use crate::sandbox::error::{ApiError, ErrorKind};

const HOUR: i64 = 3600;

pub(in crate::sandbox::core) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[
        "auto_advance",
        "automatic_tax",
        "collection_method",
        "currency",
        "customer",
        "days_until_due",
        "default_payment_method",
        "default_tax_rates",
        "description",
        "due_date",
        "metadata",
        "payment_settings",
        "pending_invoice_items_behavior",
        "subscription",
    ])?;
    let customer = params.needed_text("customer")?;
    let customer = world.customers.find(customer, "customer")?.clone();
    let subscription = match params.text("subscription")? {
        Some(id) => Some(world.subscriptions.find(id, "subscription")?.clone()),
        None => None,
    };
    let currency = match (params.has("currency"), &subscription, &customer.currency) {
        (true, _, _) => currencies::needed(params, "currency")?,
        (false, Some(subscription), _) => subscription.currency.clone(),
        (false, None, Some(currency)) => currency.clone(),
        (false, None, None) => return Err(params.missing("currency")),
    };
    let taxing = read_taxing(world, params, &customer)?;
    let takes = params.text("pending_invoice_items_behavior")? == Some("include");
    let mut ids = world.memory.ids.clone();
    let lines: Vec<Line> = if takes {
        let of = subscription.as_ref().map(|subscription| subscription.id.as_str());
        let waiting = world.pending_items(&customer.id, of, &currency);
        waiting
            .into_iter()
            .map(|item| Line {
                id: ids.next("il"),
                ..item.line.clone()
            })
            .collect()
    } else {
        Vec::new()
    };
    let mut invoice = world.compose(
        &mut ids,
        "in",
        Bill {
            customer: Some(&customer),
            subscription: subscription.as_ref(),
            subscription_metadata: subscription
                .as_ref()
                .map(|one| one.metadata.clone())
                .unwrap_or_default(),
            proration_date: None,
            reason: Reason::Manual,
            currency,
            lines,
            taxing,
            period: (ask.now, ask.now),
        },
    );
    world.memory.ids = ids;
    read_options(world, &mut invoice, ask)?;
    let id = world.draft(invoice)?;
    world.show::<Invoice>(&id)
}

/// How an invoice that somebody makes is taxed: as the request says, and not at all where it says nothing.
fn read_taxing(world: &World, params: &Params<'_>, customer: &Customer) -> Result<Taxing, ApiError> {
    let automatic = read_automatic_tax(params)?.unwrap_or(false);
    if automatic {
        expect_location(customer)?;
    }
    let rates = world.read_rates(params, &[])?.unwrap_or_default();
    expect_one_way(&rates, automatic, params)?;
    Ok(Taxing::of(automatic, &rates))
}

fn read_options(world: &World, invoice: &mut Invoice, ask: &Ask<'_>) -> Result<(), ApiError> {
    let params = &ask.params;
    invoice.auto_advance = params.flag("auto_advance")?.unwrap_or(false);
    invoice.finalizes_at = invoice.auto_advance.then_some(ask.now + HOUR);
    invoice.description = params.owned("description")?;
    invoice.metadata = params.metadata()?;
    if let Some(method) = params.owned("default_payment_method")? {
        owned_by(world, &method, &invoice.customer, "default_payment_method")?;
        invoice.default_payment_method = Some(method);
    }
    if let Some(settings) = params.child("payment_settings")? {
        settings.only(&["payment_method_types"])?;
        invoice.method_types = settings
            .texts("payment_method_types")?
            .into_iter()
            .map(str::to_owned)
            .collect();
    }
    if params.text("collection_method")? == Some("send_invoice") {
        invoice.sent = true;
        let days = params.integer("days_until_due")?;
        invoice.due_date = params
            .integer("due_date")?
            .or(days.map(|days| ask.now + days * 86_400));
        if invoice.due_date.is_none() {
            return Err(params.missing("days_until_due"));
        }
    }
    Ok(())
}

pub(in crate::sandbox::core) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(
        &[
            &CURSOR[..],
            &[
                "created",
                "customer",
                "status",
                "subscription",
                "collection_method",
            ],
        ]
        .concat(),
    )?;
    let customer = params.text("customer")?;
    let subscription = params.text("subscription")?;
    let status = params.text("status")?;
    let sent = params
        .text("collection_method")?
        .map(|method| method == "send_invoice");
    world.page::<Invoice>(ask, "/v1/invoices", |invoice| {
        customer.is_none_or(|customer| invoice.customer == customer)
            && (subscription.is_none() || invoice.subscription.as_deref() == subscription)
            && status.is_none_or(|status| invoice.status.as_str() == status)
            && sent.is_none_or(|sent| invoice.sent == sent)
    })
}

pub(in crate::sandbox::core) fn list_lines(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&CURSOR)?;
    Ok(world.invoices.find(ask.id("invoice"), "invoice")?.render_lines())
}

pub(in crate::sandbox::core) fn list_payments(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[&CURSOR[..], &["created", "invoice", "payment", "status"]].concat())?;
    let invoice = params.text("invoice")?;
    let status = params.text("status")?;
    let intent = match params.child("payment")? {
        Some(payment) => payment.text("payment_intent")?,
        None => None,
    };
    world.page::<InvoicePayment>(ask, "/v1/invoice_payments", |payment| {
        invoice.is_none_or(|invoice| payment.invoice == invoice)
            && status.is_none_or(|status| payment.status() == status)
            && intent.is_none_or(|intent| payment.payment_intent == intent)
    })
}

pub(in crate::sandbox::core) fn finalize(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&["auto_advance"])?;
    let id = ask.id("invoice");
    let invoice = world.invoices.find(id, "invoice")?;
    if invoice.status != Status::Draft {
        return Err(ApiError::invalid(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
        )
        .with_code("invoice_not_editable"));
    }
    let advances = ask.params.flag("auto_advance")?.unwrap_or(invoice.auto_advance);
    world.invoices.edit(id)?.auto_advance = advances;
    world.finalize(id)?;
    let now = ask.now;
    let collects = world.invoices.have(id)?;
    if collects.is_open() && advances && !collects.sent {
        world.change::<Invoice>(id, |invoice| invoice.next_attempt = Some(now + HOUR))?;
    }
    world.show::<Invoice>(id)
}

/// Refuses what can only be done to an open invoice.
fn expect_open(invoice: &Invoice, wish: &str) -> Result<(), ApiError> {
    let message = match invoice.status {
        Status::Open => return Ok(()),
        Status::Paid if wish == "paid" => "Invoice is already paid".to_owned(),
        Status::Void if wish == "paid" => "Voided invoices cannot be paid.".to_owned(),
        status => format!("This invoice cannot be {wish} because it is {}.", status.as_str()),
    };
    Err(ApiError::invalid(message).with_code("invoice_not_open"))
}

pub(in crate::sandbox::core) fn void(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&[])?;
    let id = ask.id("invoice");
    let invoice = world.invoices.find(id, "invoice")?;
    if invoice.status != Status::Uncollectible {
        expect_open(invoice, "voided")?;
    }
    world.void(id)?;
    world.show::<Invoice>(id)
}

pub(in crate::sandbox::core) fn mark_uncollectible(
    world: &mut World,
    ask: &Ask<'_>,
) -> Result<Value, ApiError> {
    ask.params.only(&[])?;
    let id = ask.id("invoice");
    expect_open(world.invoices.find(id, "invoice")?, "marked uncollectible")?;
    let now = ask.now;
    world.change::<Invoice>(id, |invoice| {
        invoice.status = Status::Uncollectible;
        invoice.next_attempt = None;
        invoice.transitions.uncollectible_at = Some(now);
    })?;
    let shown = world.show::<Invoice>(id)?;
    world.emit("invoice.marked_uncollectible", shown.clone());
    Ok(shown)
}

/// Deletes a draft that nobody needs; what waited for an invoice waits again.
pub(in crate::sandbox::core) fn delete(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&[])?;
    let id = ask.id("invoice");
    let invoice = world.invoices.find(id, "invoice")?.clone();
    if invoice.status != Status::Draft || invoice.subscription.is_some() {
        return Err(ApiError::invalid(
            "You can only delete draft invoices that are not part of a subscription.",
        )
        .with_code("invoice_not_editable"));
    }
    for item in invoice.lines.iter().filter_map(|line| line.invoice_item.as_ref()) {
        world.invoice_items.edit(item)?.invoice = None;
    }
    let shown = invoice.render(world);
    world.invoices.remove(id);
    world.emit("invoice.deleted", shown);
    Ok(json!({ "id": id, "object": "invoice", "deleted": true }))
}

pub(in crate::sandbox::core) fn pay(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&["off_session", "paid_out_of_band", "payment_method"])?;
    let id = ask.id("invoice");
    if world.invoices.find(id, "invoice")?.status == Status::Draft {
        world.finalize(id)?;
        if !world.invoices.have(id)?.is_open() {
            return world.show::<Invoice>(id);
        }
    }
    let invoice = world.invoices.have(id)?.clone();
    // What was written off can still be paid.
    if invoice.status != Status::Uncollectible {
        expect_open(&invoice, "paid")?;
    }
    if params.flag("paid_out_of_band")? == Some(true) {
        world.close_as_paid(id, true)?;
        return world.show::<Invoice>(id);
    }
    let method = params.owned("payment_method")?;
    if let Some(method) = &method {
        owned_by(world, method, &invoice.customer, "payment_method")?;
    }
    let off_session = params.flag("off_session")?.unwrap_or(true);
    let presence = if off_session {
        Presence::OffSession
    } else {
        Presence::OnSession
    };
    let intent = invoice.payment_intent.clone().unwrap_or_default();
    match world.collect(id, method, presence)? {
        Collected::Paid => world.show::<Invoice>(id),
        Collected::ActionNeeded => {
            world.keeps_traces = true;
            let shown = world.show::<PaymentIntent>(&intent)?;
            Err(ApiError::new(
                402,
                ErrorKind::Card,
                "This payment requires additional user action before it can be completed successfully. Payment can be \
                 completed using the PaymentIntent associated with the invoice.",
            )
            .with_code("invoice_payment_intent_requires_action")
            .with_object("payment_intent", shown))
        }
        Collected::Declined(decline) => {
            world.keeps_traces = true;
            Err(world.payment_error(&intent, &decline)?)
        }
        Collected::NoMethod => Err(no_method()),
    }
}

/// A 400: there is nothing that could be charged.
pub(in crate::sandbox::core) fn no_method() -> ApiError {
    ApiError::invalid(
        "This customer has no attached payment source or default payment method. Please consider adding a default \
         payment method.",
    )
    .with_code("resource_missing")
}

/// Metadata and description of an invoice may change at any time.
pub(in crate::sandbox::core) fn update(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[
        "metadata",
        "description",
        "auto_advance",
        "default_payment_method",
    ])?;
    let id = ask.id("invoice");
    let mut invoice = world.invoices.find(id, "invoice")?.clone();
    let mut metadata: Metadata = invoice.metadata.clone();
    params.merge_metadata(&mut metadata)?;
    invoice.metadata = metadata;
    params.set_text("description", &mut invoice.description)?;
    if let Some(advances) = params.flag("auto_advance")? {
        invoice.auto_advance = advances;
        let drafted = invoice.status == Status::Draft && advances;
        invoice.finalizes_at = drafted.then_some(invoice.finalizes_at.unwrap_or(ask.now + HOUR));
        if !advances {
            invoice.next_attempt = None;
        }
    }
    if let Some(method) = params.owned("default_payment_method")? {
        owned_by(world, &method, &invoice.customer, "default_payment_method")?;
        invoice.default_payment_method = Some(method);
    }
    world.change::<Invoice>(id, |kept| *kept = invoice)?;
    world.show::<Invoice>(id)
}
