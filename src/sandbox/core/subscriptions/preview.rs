//! `invoices/create_preview`: what an invoice would be. The same reckoning as the real thing, and nothing is changed.

use serde_json::Value;

use super::Subscription;
use super::reckon::{Opening, Proration, Reckoned, Terms};
use super::terms::{read_flexible, read_proration};
use super::update::{read_instant, read_reset};
use super::wanted::{Shared, read_steps};
use crate::sandbox::core::World;
use crate::sandbox::core::calendar::Anchor;
use crate::sandbox::core::customers::Customer;
use crate::sandbox::core::ids::Ids;
use crate::sandbox::core::invoices::{Bill, Line, Reason};
use crate::sandbox::core::operations::Ask;
use crate::sandbox::core::params::{Metadata, Params, apply_metadata};
use crate::sandbox::core::taxes::{Taxing, expect_one_way, expect_taxable, read_automatic_tax};
use crate::sandbox::error::{ApiError, ErrorKind};

const DETAILS: [&str; 9] = [
    "items",
    "proration_behavior",
    "proration_date",
    "billing_cycle_anchor",
    "start_date",
    "billing_mode",
    "metadata",
    "cancel_at_period_end",
    "default_tax_rates",
];

pub(in crate::sandbox::core) fn preview(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&[
        "automatic_tax",
        "currency",
        "customer",
        "customer_details",
        "invoice_items",
        "preview_mode",
        "subscription",
        "subscription_details",
    ])?;
    if params.text("preview_mode")?.is_some_and(|mode| mode != "next") {
        return Err(params.refuse("preview_mode", "The sandbox previews the next invoice only."));
    }
    let none = serde_json::Map::new();
    let details = params
        .child("subscription_details")?
        .unwrap_or(Params::new(&none));
    details.only(&DETAILS)?;
    // Identifiers of a preview are taken from a copy: it uses up nothing.
    let mut ids = world.memory.ids.clone();
    let invoice = match params.text("subscription")? {
        Some(id) => of_subscription(world, &mut ids, ask, id, &details)?,
        None => of_nothing_yet(world, &mut ids, ask, &details)?,
    };
    Ok(invoice)
}

/// What a preview shows.
struct Shown<'a> {
    customer: Option<&'a Customer>,
    subscription: Option<&'a Subscription>,
    metadata: Metadata,
    proration_date: Option<i64>,
    currency: String,
    lines: Vec<Line>,
    taxing: Taxing,
    period: (i64, i64),
}

fn render(world: &World, ids: &mut Ids, shown: Shown<'_>) -> Value {
    let invoice = world.compose(
        ids,
        "upcoming_in",
        Bill {
            customer: shown.customer,
            subscription: shown.subscription,
            subscription_metadata: shown.metadata,
            proration_date: shown.proration_date,
            reason: Reason::Upcoming,
            currency: shown.currency,
            lines: shown.lines,
            taxing: shown.taxing,
            period: shown.period,
        },
    );
    invoice.render(world)
}

fn of_subscription(
    world: &World,
    ids: &mut Ids,
    ask: &Ask<'_>,
    id: &str,
    details: &Params<'_>,
) -> Result<Value, ApiError> {
    let subscription = world.subscriptions.find(id, "subscription")?;
    let customer = ask.params.text("customer")?;
    if customer.is_some_and(|customer| customer != subscription.customer) {
        return Err(ask
            .params
            .refuse("customer", "The subscription belongs to another customer."));
    }
    if details.has("start_date") {
        return Err(details.refuse("start_date", "`start_date` previews a new subscription only."));
    }
    let nothing = || {
        ApiError::new(
            404,
            ErrorKind::InvalidRequest,
            format!("No upcoming invoices for customer: {}", subscription.customer),
        )
        .with_code("invoice_upcoming_none")
    };
    if subscription.is_over() {
        return Err(nothing());
    }
    let shared = Shared {
        currency: Some(&subscription.currency),
        flexible: subscription.flexible,
    };
    let steps = read_steps(world, &subscription.items, details, &shared)?;
    let proration = read_proration(details)?;
    let at = read_instant(details, &steps, ask.now)?;
    let terms = Terms {
        now: ask.now,
        at,
        proration,
        resets: read_reset(details)?,
    };
    let reckoned = world.reckon_change(ids, subscription, &steps, terms)?;
    let mut metadata = subscription.metadata.clone();
    if let Some(changes) = details.metadata_changes()? {
        apply_metadata(&mut metadata, &changes);
    }
    let prorates = !reckoned.lines.is_empty() && proration != Proration::None;
    let now_due = reckoned.invoices_now(proration);
    let (mut lines, period) = if now_due {
        (reckoned.lines, (ask.now, ask.now))
    } else {
        renewal(world, ids, subscription, reckoned)?
    };
    lines.extend(world.waiting_lines(ids, subscription));
    let automatic = read_automatic_tax(&ask.params)?.unwrap_or(subscription.automatic_tax);
    let rates = world.read_rates(details, &subscription.tax_rates)?;
    let rates = rates.unwrap_or_else(|| subscription.tax_rates.clone());
    expect_one_way(&rates, automatic, details)?;
    lines.extend(added(world, ids, ask, subscription, automatic)?);
    if lines.is_empty() {
        return Err(nothing());
    }
    Ok(render(
        world,
        ids,
        Shown {
            customer: Some(world.customers.have(&subscription.customer)?),
            subscription: Some(subscription),
            metadata,
            proration_date: prorates.then_some(at),
            currency: subscription.currency.clone(),
            lines,
            taxing: Taxing::of(automatic, &rates),
            period,
        },
    ))
}

/// What the request puts on the invoice besides.
fn added(
    world: &World,
    ids: &mut Ids,
    ask: &Ask<'_>,
    subscription: &Subscription,
    taxed: bool,
) -> Result<Vec<Line>, ApiError> {
    let owner = (&*subscription.id, &*subscription.currency);
    let added = world.added_lines(ids, &ask.params, "invoice_items", owner)?;
    if taxed {
        expect_taxable(&added, &ask.params, "invoice_items")?;
    }
    Ok(added)
}

/// The next renewal after a change: what the change prorates, and the next period.
fn renewal(
    world: &World,
    ids: &mut Ids,
    subscription: &Subscription,
    reckoned: Reckoned,
) -> Result<(Vec<Line>, (i64, i64)), ApiError> {
    let mut changed = subscription.clone();
    changed.items = reckoned.items;
    changed.anchor = reckoned.anchor;
    let mut lines = reckoned.lines;
    let Some(due) = changed.renews_at() else {
        return Ok((lines, (world.now, world.now)));
    };
    let start = changed
        .items
        .iter()
        .filter(|item| item.end == due)
        .map(|item| item.start)
        .min()
        .unwrap_or(due);
    if subscription.cancel_at.is_none_or(|end| end > due) {
        lines.extend(world.reckon_renewal(ids, &changed, due)?.lines);
    }
    Ok((lines, (start, due)))
}

/// When a subscription that is not there yet begins, and where its cycles are pinned.
fn read_beginning(details: &Params<'_>, now: i64) -> Result<(i64, Option<Anchor>), ApiError> {
    let start = details.integer("start_date")?.unwrap_or(now);
    if start > now {
        return Err(details.refuse(
            "start_date",
            "The sandbox previews subscriptions that start by now.",
        ));
    }
    let Some(anchor) = details.child("billing_cycle_anchor")? else {
        return Ok((start, None));
    };
    if anchor.needed_text("type")? != "timestamp" {
        return Ok((start, None));
    }
    let at = anchor.needed_integer("timestamp")?;
    if at <= now {
        return Err(anchor.refuse("timestamp", "billing_cycle_anchor must be in the future."));
    }
    Ok((start, Some(Anchor::at(at))))
}

/// The first invoice of a subscription that is not there yet.
fn of_nothing_yet(
    world: &World,
    ids: &mut Ids,
    ask: &Ask<'_>,
    details: &Params<'_>,
) -> Result<Value, ApiError> {
    let params = &ask.params;
    let customer = match params.text("customer")? {
        Some(id) => Some(world.customers.find(id, "customer")?),
        None if params.has("customer_details") || params.has("currency") || details.has("items") => None,
        None => return Err(params.missing("customer")),
    };
    let wished = params.text("currency")?.map(str::to_ascii_lowercase);
    let shared = Shared {
        currency: wished.as_deref(),
        flexible: read_flexible(details)?,
    };
    let steps = read_steps(world, &[], details, &shared)?;
    let currency = steps
        .iter()
        .find_map(|step| Some(step.after.as_ref()?.price.currency.clone()))
        .unwrap_or_default();
    if let Some(known) = customer
        .and_then(|customer| customer.currency.as_ref())
        .filter(|known| **known != currency)
    {
        let message =
            format!("You cannot combine currencies on a single customer. This customer has {known}.");
        return Err(params.refuse("customer", message));
    }
    let (start, anchor) = read_beginning(details, ask.now)?;
    let automatic = read_automatic_tax(params)?.unwrap_or(false);
    let rates = world.read_rates(details, &[])?.unwrap_or_default();
    expect_one_way(&rates, automatic, details)?;
    let reckoned = world.reckon_opening(
        ids,
        &Opening {
            subscription: None,
            wanted: &steps,
            now: ask.now,
            start,
            anchor,
            prorates: read_proration(details)? != Proration::None,
            trial_end: None,
        },
    )?;
    let mut lines = reckoned.lines;
    if let Some(customer) = customer {
        let waiting = world.pending_items(&customer.id, None, &currency);
        lines.extend(waiting.into_iter().map(|item| Line {
            id: ids.next("il"),
            ..item.line.clone()
        }));
    }
    Ok(render(
        world,
        ids,
        Shown {
            customer,
            subscription: None,
            metadata: details.metadata()?,
            proration_date: None,
            currency,
            lines,
            taxing: Taxing::of(automatic, &rates),
            period: (ask.now, ask.now),
        },
    ))
}
