//! Changing a subscription: at once, when the money is there, or not at all.

use serde_json::Value;

use super::reckon::{Proration, Reckoned, Terms};
use super::terms::{PaymentBehavior, presence, read_proration};
use super::wanted::{Shared, Step, read_steps};
use super::{Item, Pending, Status, Subscription};
use crate::sandbox::core::World;
use crate::sandbox::core::invoices::{Bill, Reason};
use crate::sandbox::core::operations::Ask;
use crate::sandbox::core::params::{Metadata, Params, apply_metadata};
use crate::sandbox::core::taxes::expect_taxable;
use crate::sandbox::error::ApiError;

/// How long Stripe lets a pending update wait at most.
const PENDING_SECONDS: i64 = 23 * 3600;

const FIELDS: [&str; 21] = [
    "add_invoice_items",
    "items",
    "payment_behavior",
    "proration_behavior",
    "proration_date",
    "billing_cycle_anchor",
    "metadata",
    "cancel_at_period_end",
    "cancel_at",
    "cancellation_details",
    "collection_method",
    "days_until_due",
    "default_payment_method",
    "description",
    "off_session",
    "payment_settings",
    "pause_collection",
    "automatic_tax",
    "trial_settings",
    "default_tax_rates",
    "invoice_settings",
];

/// What a pending update may carry. Source: Stripe, "Pending updates", section on supported attributes.
const PENDING_FIELDS: [&str; 8] = [
    "add_invoice_items",
    "payment_behavior",
    "proration_behavior",
    "proration_date",
    "billing_cycle_anchor",
    "items",
    "metadata",
    "cancel_at_period_end",
];

/// A request, read against the subscription that it changes.
struct Request {
    behavior: PaymentBehavior,
    proration: Proration,
    /// The instant that divides old from new.
    at: i64,
    metadata: Option<Metadata>,
    reckoned: Reckoned,
}

pub(in crate::sandbox::core) fn update(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&FIELDS)?;
    let id = ask.id("subscription_exposed_id");
    let subscription = world.subscriptions.find(id, "id")?.clone();
    refuse_what_its_state_forbids(&subscription, params)?;
    let request = read(world, ask, &subscription)?;
    if request.reckoned.invoices_now(request.proration) {
        invoice_now(world, params, &subscription, request)?;
    } else {
        apply_quietly(world, params, subscription, &request)?;
    }
    world.show::<Subscription>(id)
}

fn refuse_what_its_state_forbids(subscription: &Subscription, params: &Params<'_>) -> Result<(), ApiError> {
    if subscription.is_over() {
        return params
            .only(&["metadata", "cancellation_details"])
            .map_err(|refusal| {
                let message =
                    "A canceled subscription can only update its cancellation_details and metadata.";
                ApiError {
                    message: message.to_owned(),
                    ..refusal
                }
                .with_code("invalid_canceled_subscription_fields")
            });
    }
    if subscription.status == Status::Incomplete
        && (params.has("items") || params.has("billing_cycle_anchor"))
    {
        return Err(params.refuse(
            "items",
            "You cannot change the items of a subscription whose first invoice is not paid (status `incomplete`).",
        ));
    }
    if let Some(schedule) = &subscription.schedule {
        refuse_what_is_the_schedules(schedule, params)?;
    }
    if PaymentBehavior::read(params)? == PaymentBehavior::Hold {
        if subscription.sends_invoices {
            return Err(params.refuse(
                "payment_behavior",
                "You cannot use `pending_if_incomplete` with \
                 `collection_method=send_invoice`.",
            ));
        }
        params.only(&PENDING_FIELDS).map_err(|refusal| {
            let name = refusal.param.clone().unwrap_or_default();
            let message = format!(
                "You cannot pass `{name}` when `payment_behavior` is set to `pending_if_incomplete`."
            );
            ApiError::invalid(message).with_param(name)
        })?;
        for item in params.children("items")? {
            item.only(&["id", "price", "quantity"])
                .map_err(|refusal| ApiError {
                    message: "A pending update changes only `price` and `quantity` of items.".to_owned(),
                    code: None,
                    ..refusal
                })?;
        }
    }
    Ok(())
}

/// What a schedule decides is not decided past it.
fn refuse_what_is_the_schedules(schedule: &str, params: &Params<'_>) -> Result<(), ApiError> {
    const ITS_OWN: [&str; 5] = [
        "items",
        "billing_cycle_anchor",
        "cancel_at_period_end",
        "cancel_at",
        "proration_date",
    ];
    match ITS_OWN.iter().find(|name| params.has(name)) {
        None => Ok(()),
        Some(name) => {
            let message = format!(
                "The subscription is managed by the subscription schedule `{schedule}`, and updating any of its items or its \
                 cancelation behavior directly is not allowed. Please update the schedule instead."
            );
            Err(params.refuse(name, message))
        }
    }
}

/// Whether a request asks for a new billing cycle from now.
pub(super) fn read_reset(params: &Params<'_>) -> Result<bool, ApiError> {
    match params.child("billing_cycle_anchor")? {
        Some(anchor) => Ok(anchor.needed_text("type")? == "now"),
        None => Ok(false),
    }
}

/// The instant that divides old from new: within the current period of everything that changes.
pub(super) fn read_instant(params: &Params<'_>, steps: &[Step], now: i64) -> Result<i64, ApiError> {
    let Some(date) = params.integer("proration_date")? else {
        return Ok(now);
    };
    let within = |item: &Item| (item.start..=item.end).contains(&date);
    let mut items = steps.iter().filter_map(|step| step.before.as_ref());
    let mut changed = steps
        .iter()
        .filter(|step| step.changes())
        .filter_map(|step| step.before.as_ref());
    if items.any(within) && changed.all(within) {
        return Ok(date);
    }
    Err(params.refuse(
        "proration_date",
        "Cannot prorate: `proration_date` lies outside the current period of what changes.",
    ))
}

fn read(world: &mut World, ask: &Ask<'_>, subscription: &Subscription) -> Result<Request, ApiError> {
    let params = &ask.params;
    let shared = Shared {
        currency: Some(&subscription.currency),
        flexible: subscription.flexible,
    };
    let steps = read_steps(world, &subscription.items, params, &shared)?;
    let proration = read_proration(params)?;
    let at = read_instant(params, &steps, ask.now)?;
    let terms = Terms {
        now: ask.now,
        at,
        proration,
        resets: read_reset(params)?,
    };
    let mut ids = world.memory.ids.clone();
    let reckoned = world.reckon_change(&mut ids, subscription, &steps, terms)?;
    world.memory.ids = ids;
    Ok(Request {
        behavior: PaymentBehavior::read(params)?,
        proration,
        at,
        metadata: params.metadata_changes()?,
        reckoned,
    })
}

impl Subscription {
    fn take_on(&mut self, reckoned: &Reckoned, metadata: Option<&Metadata>) {
        self.items.clone_from(&reckoned.items);
        self.anchor = reckoned.anchor;
        if let Some(changes) = metadata {
            apply_metadata(&mut self.metadata, changes);
        }
        // The end of the period may have moved.
        if self.cancel_at_period_end {
            self.cancel_at = self.paid_until();
        }
    }
}

/// A change that makes no invoice now: it takes effect at once, and what it prorates waits.
fn apply_quietly(
    world: &mut World,
    params: &Params<'_>,
    mut subscription: Subscription,
    request: &Request,
) -> Result<(), ApiError> {
    let id = subscription.id.clone();
    if subscription.pending.is_some() && request.reckoned.items != subscription.items {
        return Err(params.refuse(
            "items",
            "This subscription has a pending update. Void its invoice, or change the items in a way that makes an \
             invoice.",
        ));
    }
    if params.has("add_invoice_items") {
        return Err(params.refuse(
            "add_invoice_items",
            "The sandbox adds invoice items to changes that are invoiced now.",
        ));
    }
    for line in request.reckoned.lines.clone() {
        world.put_aside(&subscription.customer, line);
    }
    subscription.take_on(&request.reckoned, request.metadata.as_ref());
    world.read_terms(&mut subscription, params)?;
    read_pause(&mut subscription, params)?;
    world.change::<Subscription>(&id, |kept| *kept = subscription)
}

fn read_pause(subscription: &mut Subscription, params: &Params<'_>) -> Result<(), ApiError> {
    if !params.has("pause_collection") {
        return Ok(());
    }
    subscription.pause_collection = match params.child("pause_collection")? {
        Some(pause) => {
            let behavior = pause.needed_text("behavior")?;
            Some(serde_json::json!({ "behavior": behavior, "resumes_at": pause.integer("resumes_at")? }))
        }
        None => None,
    };
    Ok(())
}

/// A change that is invoiced now.
fn invoice_now(
    world: &mut World,
    params: &Params<'_>,
    before: &Subscription,
    request: Request,
) -> Result<(), ApiError> {
    let id = before.id.clone();
    if let Some(replaced) = &before.pending {
        world.void(&replaced.invoice)?;
    }
    let holds = request.behavior == PaymentBehavior::Hold;
    let mut after = world.subscriptions.have(&id)?.clone();
    after.take_on(&request.reckoned, request.metadata.as_ref());
    world.read_terms(&mut after, params)?;
    read_pause(&mut after, params)?;
    let mut ids = world.memory.ids.clone();
    let added = world.added_lines(&mut ids, params, "add_invoice_items", (&id, &before.currency))?;
    if after.automatic_tax {
        expect_taxable(&added, params, "add_invoice_items")?;
    }
    world.memory.ids = ids;
    for line in added {
        world.put_aside(&before.customer, line);
    }
    let invoice = draft(world, &after, &request)?;
    if holds {
        let pending = Pending {
            invoice: invoice.clone(),
            expires_at: expiry(before, world.now),
            items: request.reckoned.items,
            anchor: request.reckoned.anchor,
            metadata: request.metadata,
            cancel_at_period_end: params.flag("cancel_at_period_end")?,
            announced: false,
        };
        let latest = invoice.clone();
        world.change::<Subscription>(&id, |kept| {
            kept.pending = Some(pending);
            kept.latest_invoice = Some(latest);
        })?;
    } else {
        after.latest_invoice = Some(invoice.clone());
        world.change::<Subscription>(&id, |kept| *kept = after)?;
    }
    world.finalize(&invoice)?;
    if world.invoices.have(&invoice)?.is_open() && !before.sends_invoices {
        if request.behavior == PaymentBehavior::Wait {
            world.subscription_waits(&invoice)?;
        } else {
            let collected = world.collect(&invoice, None, presence(params)?)?;
            world.bear_with(&invoice, collected, request.behavior)?;
        }
    }
    world.change::<Subscription>(&id, |kept| {
        if let Some(pending) = &mut kept.pending {
            pending.announced = true;
        }
    })
}

/// A pending update ends with the period or the trial that it was reckoned in, and after 23 hours at the latest.
fn expiry(subscription: &Subscription, now: i64) -> i64 {
    let period = subscription.renews_at().filter(|end| *end > now);
    let trial = subscription.trial.map(|trial| trial.1).filter(|end| *end > now);
    [Some(now + PENDING_SECONDS), period, trial]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(now)
}

/// The invoice of a change: its lines, and everything that waited.
fn draft(world: &mut World, after: &Subscription, request: &Request) -> Result<String, ApiError> {
    let mut ids = world.memory.ids.clone();
    let waiting = world.waiting_lines(&mut ids, after);
    let customer = world.customers.have(&after.customer)?;
    let invoice = world.compose(
        &mut ids,
        "in",
        Bill {
            customer: Some(customer),
            subscription: Some(after),
            subscription_metadata: after.metadata.clone(),
            proration_date: Some(request.at),
            reason: Reason::SubscriptionUpdate,
            currency: after.currency.clone(),
            lines: request.reckoned.lines.iter().cloned().chain(waiting).collect(),
            taxing: after.taxing(),
            period: (world.now, world.now),
        },
    );
    world.memory.ids = ids;
    world.draft(invoice)
}
