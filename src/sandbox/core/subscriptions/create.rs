//! A new subscription and its first invoice.

use serde_json::Value;

use super::reckon::{Opening, Proration};
use super::terms::{PaymentBehavior, presence, read_anchor, read_flexible, read_proration, read_trial};
use super::wanted::{Shared, read_steps};
use super::{Status, Subscription};
use crate::sandbox::core::World;
use crate::sandbox::core::invoices::{Bill, Line, Reason};
use crate::sandbox::core::operations::Ask;
use crate::sandbox::core::params::Params;
use crate::sandbox::core::paying::Presence;
use crate::sandbox::error::ApiError;

const FIELDS: [&str; 25] = [
    "customer",
    "items",
    "currency",
    "default_payment_method",
    "payment_behavior",
    "proration_behavior",
    "metadata",
    "backdate_start_date",
    "billing_cycle_anchor",
    "billing_cycle_anchor_config",
    "billing_mode",
    "cancel_at_period_end",
    "collection_method",
    "days_until_due",
    "description",
    "off_session",
    "payment_settings",
    "trial_end",
    "trial_period_days",
    "automatic_tax",
    "trial_settings",
    "default_tax_rates",
    "invoice_settings",
    "trial_from_plan",
    "cancel_at",
];

pub(in crate::sandbox::core) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&FIELDS)?;
    let customer = params.needed_text("customer")?;
    world.customers.find(customer, "customer")?;
    let behavior = PaymentBehavior::read(params)?;
    if behavior == PaymentBehavior::Hold {
        return Err(params.refuse(
            "payment_behavior",
            "You cannot create a subscription with `payment_behavior=pending_if_incomplete`.",
        ));
    }
    let flexible = read_flexible(params)?;
    let wished = params.text("currency")?.map(str::to_ascii_lowercase);
    let steps = read_steps(
        world,
        &[],
        params,
        &Shared {
            currency: wished.as_deref(),
            flexible,
        },
    )?;
    let currency = steps
        .iter()
        .find_map(|step| Some(step.after.as_ref()?.price.currency.clone()))
        .unwrap_or_default();
    world.settle_currency(customer, &currency)?;
    let trial = read_trial(params, ask.now)?;
    let start = read_start(params, trial.is_some(), ask.now)?;
    let mut ids = world.memory.ids.clone();
    let id = ids.next("sub");
    let reckoned = world.reckon_opening(
        &mut ids,
        &Opening {
            subscription: Some(&id),
            wanted: &steps,
            now: ask.now,
            start,
            anchor: read_anchor(params, ask.now)?,
            prorates: read_proration(params)? != Proration::None,
            trial_end: trial.map(|trial| trial.1),
        },
    )?;
    world.memory.ids = ids;
    let mut subscription = Subscription::new(id.clone(), customer, reckoned.anchor);
    subscription.created = ask.now;
    subscription.start_date = start;
    subscription.currency = currency;
    subscription.flexible = flexible;
    subscription.items = reckoned.items;
    subscription.metadata = params.metadata()?;
    subscription.trial = trial;
    world.read_terms(&mut subscription, params)?;
    open(world, subscription, reckoned.lines, behavior, presence(params)?)?;
    world.show::<Subscription>(&id)
}

fn read_start(params: &Params<'_>, tries: bool, now: i64) -> Result<i64, ApiError> {
    if tries && (params.has("backdate_start_date") || params.has("billing_cycle_anchor")) {
        return Err(params.refuse(
            "trial_end",
            "The sandbox does not combine a trial with an anchor or a backdate.",
        ));
    }
    match params.integer("backdate_start_date")? {
        Some(start) if start > now => {
            Err(params.refuse("backdate_start_date", "backdate_start_date must be in the past."))
        }
        start => Ok(start.unwrap_or(now)),
    }
}

/// Puts a subscription into the world, invoices its first period and collects as the request says.
fn open(
    world: &mut World,
    mut subscription: Subscription,
    lines: Vec<Line>,
    behavior: PaymentBehavior,
    presence: Presence,
) -> Result<(), ApiError> {
    let id = subscription.id.clone();
    let sends = subscription.sends_invoices;
    if subscription.trial.is_some() {
        subscription.status = Status::Trialing;
    } else if sends || lines.is_empty() {
        subscription.status = Status::Active;
    }
    let lasting = subscription.clone();
    world.add(subscription, "customer.subscription.created");
    if lines.is_empty() {
        return Ok(());
    }
    let mut ids = world.memory.ids.clone();
    let waiting = world.waiting_lines(&mut ids, &lasting);
    let customer = world.customers.have(&lasting.customer)?;
    let invoice = world.compose(
        &mut ids,
        "in",
        Bill {
            customer: Some(customer),
            subscription: Some(&lasting),
            subscription_metadata: lasting.metadata.clone(),
            proration_date: None,
            reason: Reason::SubscriptionCreate,
            currency: lasting.currency.clone(),
            lines: lines.into_iter().chain(waiting).collect(),
            taxing: lasting.taxing(),
            period: (world.now, world.now),
        },
    );
    world.memory.ids = ids;
    let invoice = world.draft(invoice)?;
    let first = invoice.clone();
    world.change::<Subscription>(&id, |subscription| {
        subscription.first_invoice = Some(first.clone());
        subscription.latest_invoice = Some(first);
    })?;
    world.finalize(&invoice)?;
    if sends || behavior == PaymentBehavior::Wait {
        return Ok(());
    }
    let collected = world.collect(&invoice, None, presence)?;
    world.bear_with(&invoice, collected, behavior)
}
