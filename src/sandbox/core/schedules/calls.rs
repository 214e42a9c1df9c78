//! The operations on subscription schedules.

use serde_json::Value;

use super::{EndBehavior, Phase, PhaseItem, Schedule, Status};
use crate::sandbox::core::World;
use crate::sandbox::core::calendar::{Anchor, Interval, Unit};
use crate::sandbox::core::operations::Ask;
use crate::sandbox::core::params::{Metadata, Params};
use crate::sandbox::core::shown::CURSOR;
use crate::sandbox::core::subscriptions::Subscription;
use crate::sandbox::error::ApiError;

/// Made from a subscription that is there: its current period becomes the current phase.
pub(in crate::sandbox::core) fn create(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    let from = params.needed_text("from_subscription")?;
    params.only(&["from_subscription"]).map_err(|refusal| {
        let name = refusal.param.clone().unwrap_or_default();
        let message = format!("You cannot set `{name}` if `from_subscription` is set.");
        ApiError::invalid(message).with_param(name)
    })?;
    let subscription = world.subscriptions.find(from, "from_subscription")?.clone();
    if let Some(held) = world.schedule_of(from) {
        let message = format!(
            "You cannot migrate a subscription that is already attached to a schedule: `{from}` is attached to `{}`.",
            held.id
        );
        return Err(params.refuse("from_subscription", message));
    }
    if !subscription.goes_on() || subscription.pending.is_some() || subscription.cancel_at.is_some() {
        let message =
            "You cannot migrate a subscription that is over, waits for a payment, or is set to end.";
        return Err(params.refuse("from_subscription", message));
    }
    let (start, end) = running(&subscription)
        .ok_or_else(|| params.refuse("from_subscription", "The subscription has no items."))?;
    let schedule = Schedule {
        id: world.memory.ids.next("sub_sched"),
        created: ask.now,
        customer: subscription.customer.clone(),
        subscription: Some(from.to_owned()),
        released_subscription: None,
        flexible: subscription.is_flexible(),
        currency: subscription.currency.clone(),
        status: Status::Active,
        end_behavior: EndBehavior::Release,
        phases: vec![Phase {
            start,
            end,
            items: subscription.items.iter().map(PhaseItem::of).collect(),
            proration_behavior: "create_prorations".to_owned(),
            metadata: Metadata::new(),
            tax_rates: subscription.tax_rates.clone(),
        }],
        metadata: Metadata::new(),
        canceled_at: None,
        completed_at: None,
        released_at: None,
    };
    let id = schedule.id.clone();
    let shown = world.add(schedule, "subscription_schedule.created");
    world.change::<Subscription>(from, |kept| kept.schedule = Some(id))?;
    Ok(shown)
}

/// The period that is running, of whatever renews first.
fn running(subscription: &Subscription) -> Option<(i64, i64)> {
    let items = subscription.items.iter();
    items
        .map(|item| (item.end, item.start))
        .min()
        .map(|(end, start)| (start, end))
}

pub(in crate::sandbox::core) fn update(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&["phases", "end_behavior", "metadata", "proration_behavior"])?;
    let id = ask.id("schedule");
    let mut schedule = world.schedules.find(id, "schedule")?.clone();
    must_be_active(&schedule, params, "update")?;
    if params.has("phases") {
        schedule.phases = read_phases(world, &schedule, params, ask.now)?;
    }
    schedule.end_behavior = match params.text("end_behavior")? {
        None => schedule.end_behavior,
        Some("release") => EndBehavior::Release,
        Some("cancel") => EndBehavior::Cancel,
        Some(other) => {
            let message = format!("The sandbox does not support the end behavior {other}.");
            return Err(params
                .refuse("end_behavior", message)
                .with_code("sandbox_unsupported"));
        }
    };
    params.merge_metadata(&mut schedule.metadata)?;
    world.change::<Schedule>(id, |kept| *kept = schedule)?;
    world.show::<Schedule>(id)
}

fn must_be_active(schedule: &Schedule, params: &Params<'_>, verb: &str) -> Result<(), ApiError> {
    if schedule.status == Status::Active {
        return Ok(());
    }
    let message = format!(
        "You cannot {verb} a subscription schedule that is currently in the `{}` status. It must be in the `active` or \
         `not_started` status.",
        schedule.status.as_str()
    );
    Err(params.refuse("schedule", message))
}

/// All phases from the current one on, each beginning where the one before ends. What is past, or is changing now, is refused.
fn read_phases(
    world: &World,
    schedule: &Schedule,
    params: &Params<'_>,
    now: i64,
) -> Result<Vec<Phase>, ApiError> {
    let current = schedule
        .phase_at(now)
        .ok_or_else(|| params.refuse("phases", "The schedule has no current phase."))?;
    let mut phases: Vec<Phase> = Vec::new();
    for wanted in params.children("phases")? {
        wanted.only(&[
            "start_date",
            "end_date",
            "duration",
            "items",
            "proration_behavior",
            "metadata",
            "default_tax_rates",
        ])?;
        let start = match (wanted.integer("start_date")?, phases.last()) {
            (Some(start), Some(before)) if start != before.end => {
                let message = "Each phase must start where the one before it ends.";
                return Err(wanted.refuse("start_date", message));
            }
            (Some(start), _) => start,
            (None, Some(before)) => before.end,
            (None, None) => return Err(wanted.missing("start_date")),
        };
        if phases.is_empty() && start != current.start {
            let message = format!(
                "The first phase must be the current one, with its own `start_date` ({}).",
                current.start
            );
            return Err(wanted.refuse("start_date", message));
        }
        let end = read_end(&wanted, start)?;
        if end <= start || end <= now {
            return Err(wanted.refuse(
                "end_date",
                "A phase must end after it starts, and not in the past.",
            ));
        }
        let phase = Phase {
            start,
            end,
            items: read_items(world, schedule, &wanted)?,
            proration_behavior: wanted
                .text("proration_behavior")?
                .unwrap_or("create_prorations")
                .to_owned(),
            metadata: wanted.metadata()?,
            tax_rates: world.read_rates(&wanted, &current.tax_rates)?.unwrap_or_default(),
        };
        if phases.is_empty() && !same_items(&phase, current) {
            let message = "The sandbox does not change the items of the current phase.";
            return Err(wanted.refuse("items", message).with_code("sandbox_unsupported"));
        }
        phases.push(phase);
    }
    if phases.is_empty() {
        return Err(params.missing("phases"));
    }
    Ok(phases)
}

fn same_items(one: &Phase, other: &Phase) -> bool {
    let same = |item: &PhaseItem| {
        let mut others = other.items.iter();
        others.any(|other| other.price == item.price && other.quantity == item.quantity)
    };
    one.items.len() == other.items.len() && one.items.iter().all(same)
}

/// The end of a phase: an instant, or so long after its start.
fn read_end(wanted: &Params<'_>, start: i64) -> Result<i64, ApiError> {
    match (wanted.integer("end_date")?, wanted.child("duration")?) {
        (Some(_), Some(_)) => Err(wanted.refuse(
            "duration",
            "You cannot set both `end_date` and `duration` on a phase.",
        )),
        (Some(end), None) => Ok(end),
        (None, Some(duration)) => {
            let word = duration.needed_text("interval")?;
            let unit = Unit::parse(word)
                .ok_or_else(|| duration.refuse("interval", format!("Invalid interval: {word}")))?;
            let interval = Interval {
                unit,
                count: duration.integer("interval_count")?.unwrap_or(1),
            };
            if !interval.is_allowed() {
                return Err(duration.refuse("interval_count", "A phase lasts at most three years."));
            }
            Ok(Anchor::at(start).period_around(interval, start)?.1)
        }
        (None, None) => Err(wanted.missing("end_date")),
    }
}

/// The items of a phase. A price that is not held already must be one that can still be bought.
fn read_items(world: &World, schedule: &Schedule, wanted: &Params<'_>) -> Result<Vec<PhaseItem>, ApiError> {
    let held = schedule
        .subscription
        .as_deref()
        .and_then(|id| world.subscriptions.get(id));
    let mut items = Vec::new();
    for item in wanted.children("items")? {
        item.only(&["price", "quantity", "metadata"])?;
        let id = item.needed_text("price")?;
        let price = world.prices.find(id, &item.name("price"))?;
        let is_held = held.is_some_and(|held| held.items.iter().any(|one| one.price == id));
        if !price.is_active() && !is_held {
            return Err(item.refuse(
                "price",
                "The price specified is inactive. This field only accepts active prices.",
            ));
        }
        if price.currency != schedule.currency {
            return Err(item.refuse("price", "All prices of a schedule have the same currency."));
        }
        items.push(PhaseItem {
            price: id.to_owned(),
            quantity: item.count("quantity")?.unwrap_or(1),
            metadata: item.metadata()?,
        });
    }
    if items.is_empty() {
        return Err(wanted.missing("items"));
    }
    Ok(items)
}

pub(in crate::sandbox::core) fn release(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&["preserve_cancel_date"])?;
    let id = ask.id("schedule");
    let schedule = world.schedules.find(id, "schedule")?.clone();
    must_be_active(&schedule, &ask.params, "release")?;
    world.let_go(id, "subscription_schedule.released")?;
    world.show::<Schedule>(id)
}

/// Ends the schedule, and its subscription with it.
pub(in crate::sandbox::core) fn cancel(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&[])?;
    let id = ask.id("schedule");
    let schedule = world.schedules.find(id, "schedule")?.clone();
    must_be_active(&schedule, &ask.params, "cancel")?;
    let now = world.now;
    let kept = world.schedules.edit(id)?;
    kept.status = Status::Canceled;
    kept.canceled_at = Some(now);
    if let Some(subscription) = schedule.subscription {
        world.change::<Subscription>(&subscription, |kept| kept.schedule = None)?;
        world.end_subscription(&subscription, "cancellation_requested")?;
    }
    let shown = world.show::<Schedule>(id)?;
    world.emit("subscription_schedule.canceled", shown.clone());
    Ok(shown)
}

pub(in crate::sandbox::core) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params
        .only(&[&CURSOR[..], &["created", "customer"]].concat())?;
    let customer = ask.params.text("customer")?;
    world.page::<Schedule>(ask, "/v1/subscription_schedules", |one| {
        customer.is_none_or(|customer| one.customer == customer)
    })
}
