//! Subscription schedules: what a subscription will hold from which day on.
//!
//! Made from a subscription that is there, then given phases; while one is attached, the subscription's items are its business and
//! nobody else's. `calls` are the operations; the phases turn by themselves, see [`World::turn_phase`].
//! Source: Stripe, "Subscription schedules", and the API reference of `/v1/subscription_schedules`.

pub(super) mod calls;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::params::Metadata;
use super::shown::stands;
use super::subscriptions::{Item, Subscription};
use crate::sandbox::error::ApiError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Active,
    Released,
    Canceled,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Released => "released",
            Self::Canceled => "canceled",
        }
    }
}

/// What becomes of the subscription after the last phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum EndBehavior {
    Release,
    Cancel,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PhaseItem {
    price: String,
    quantity: u64,
    metadata: Metadata,
}

/// From `start` to `end`, unix seconds, end excluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Phase {
    start: i64,
    end: i64,
    items: Vec<PhaseItem>,
    proration_behavior: String,
    metadata: Metadata,
    #[serde(default)]
    tax_rates: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Schedule {
    pub(super) id: String,
    pub(super) created: i64,
    customer: String,
    /// The subscription that it holds; `None` once it has let go of it.
    pub(super) subscription: Option<String>,
    released_subscription: Option<String>,
    flexible: bool,
    currency: String,
    pub(super) status: Status,
    end_behavior: EndBehavior,
    phases: Vec<Phase>,
    metadata: Metadata,
    canceled_at: Option<i64>,
    completed_at: Option<i64>,
    released_at: Option<i64>,
}

stands!(
    Schedule,
    schedules,
    "subscription_schedule",
    "subscription_schedule",
    "subscription_schedule.updated"
);

impl Schedule {
    /// The phase that an instant falls into.
    fn phase_at(&self, now: i64) -> Option<&Phase> {
        let within = |phase: &&Phase| (phase.start..phase.end).contains(&now);
        self.phases.iter().find(within)
    }

    /// The phase that has ended last, or ends next: its end is when something must be done.
    pub(super) fn turns_at(&self) -> Option<i64> {
        let active = self.status == Status::Active;
        let current = self.phases.first().filter(|_| active);
        current.map(|phase| phase.end)
    }

    /// Whether the invoices of what it holds carry taxes.
    fn is_taxed(&self, world: &World) -> bool {
        let held = self
            .subscription
            .as_ref()
            .and_then(|id| world.subscriptions.get(id));
        held.is_some_and(|subscription| subscription.automatic_tax)
    }

    fn render(&self, world: &World) -> Value {
        let billing_mode = if self.flexible {
            json!({ "flexible": { "proration_discounts": "included" }, "type": "flexible", "updated_at": self.created })
        } else {
            json!({ "flexible": null, "type": "classic" })
        };
        let current = self.phase_at(world.now).filter(|_| self.status == Status::Active);
        json!({
            "id": self.id,
            "object": "subscription_schedule",
            "application": null,
            "billing_mode": billing_mode,
            "canceled_at": self.canceled_at,
            "completed_at": self.completed_at,
            "created": self.created,
            "current_phase": current.map(|phase| json!({ "start_date": phase.start, "end_date": phase.end })),
            "customer": self.customer,
            "customer_account": null,
            "default_settings": {
                "application_fee_percent": null,
                "automatic_tax": { "disabled_reason": null, "enabled": self.is_taxed(world), "liability": null },
                "billing_cycle_anchor": "automatic",
                "billing_thresholds": null,
                "collection_method": "charge_automatically",
                "default_payment_method": null,
                "description": null,
                "invoice_settings": { "account_tax_ids": null, "days_until_due": null, "issuer": { "type": "self" } },
                "on_behalf_of": null,
                "transfer_data": null,
            },
            "end_behavior": match self.end_behavior {
                EndBehavior::Release => "release",
                EndBehavior::Cancel => "cancel",
            },
            "livemode": false,
            "metadata": self.metadata,
            "phases": self.phases.iter().map(|phase| self.render_phase(world, phase)).collect::<Vec<_>>(),
            "released_at": self.released_at,
            "released_subscription": self.released_subscription,
            "status": self.status.as_str(),
            "subscription": self.subscription,
            "test_clock": null,
        })
    }

    fn render_phase(&self, world: &World, phase: &Phase) -> Value {
        let items = phase.items.iter().map(|item| {
            json!({
                "billing_thresholds": null,
                "discounts": [],
                "metadata": item.metadata,
                // Not published any more, but the official client for Rust cannot do without it.
                "plan": item.price,
                "price": item.price,
                "quantity": item.quantity,
                "tax_rates": [],
            })
        });
        json!({
            "add_invoice_items": [],
            "application_fee_percent": null,
            "billing_cycle_anchor": null,
            "billing_thresholds": null,
            "collection_method": null,
            "currency": self.currency,
            "default_payment_method": null,
            "default_tax_rates": world.render_rates(&phase.tax_rates),
            "description": null,
            "discounts": [],
            "end_date": phase.end,
            "invoice_settings": null,
            "items": items.collect::<Vec<_>>(),
            "metadata": phase.metadata,
            "on_behalf_of": null,
            "proration_behavior": phase.proration_behavior,
            "start_date": phase.start,
            "transfer_data": null,
            "trial_end": null,
        })
    }
}

impl PhaseItem {
    fn of(item: &Item) -> Self {
        Self {
            price: item.price.clone(),
            quantity: item.quantity,
            metadata: item.metadata.clone(),
        }
    }
}

impl World {
    /// The schedule that holds a subscription now.
    pub(super) fn schedule_of(&self, subscription: &str) -> Option<&Schedule> {
        let holds = |one: &&Schedule| {
            one.status == Status::Active && one.subscription.as_deref() == Some(subscription)
        };
        self.schedules.iter().find(holds)
    }

    /// A phase is over: the next one begins, or the subscription goes on without a schedule, or ends with it. A price that was archived
    /// since cannot begin: then the subscription goes on as it is, without the schedule.
    pub(super) fn turn_phase(&mut self, id: &str) -> Result<(), ApiError> {
        let schedule = self.schedules.have(id)?.clone();
        let Some(subscription) = schedule.subscription.clone() else {
            return Ok(());
        };
        let Some(next) = schedule.phases.get(1).cloned() else {
            return match schedule.end_behavior {
                EndBehavior::Release => self.let_go(id, "subscription_schedule.released"),
                EndBehavior::Cancel => {
                    self.let_go(id, "subscription_schedule.completed")?;
                    self.end_subscription(&subscription, "cancellation_requested")
                }
            };
        };
        let goes = { next.items.iter() }.all(|item| {
            let held = self.subscriptions.get(&subscription);
            let known = held.is_some_and(|held| held.items.iter().any(|one| one.price == item.price));
            known
                || self
                    .prices
                    .get(&item.price)
                    .is_some_and(super::prices::Price::is_active)
        });
        if !goes {
            return self.let_go(id, "subscription_schedule.released");
        }
        self.change::<Schedule>(id, |kept| {
            kept.phases.remove(0);
        })?;
        self.begin_phase(&subscription, &next)
    }

    /// The subscription holds what the phase says. What renews at this very moment is invoiced so.
    fn begin_phase(&mut self, subscription: &str, phase: &Phase) -> Result<(), ApiError> {
        let before = self.subscriptions.have(subscription)?.clone();
        let mut items = Vec::new();
        for wanted in &phase.items {
            let held = before.items.iter().find(|item| item.price == wanted.price);
            let interval = self.prices.have(&wanted.price)?.interval;
            let beside = before
                .items
                .iter()
                .find(|item| self.prices.get(&item.price).map(|price| price.interval) == Some(interval))
                .or(before.items.first());
            let item = match (held, beside) {
                (Some(held), _) => Item {
                    quantity: wanted.quantity,
                    ..held.clone()
                },
                (None, Some(beside)) => Item {
                    id: self.memory.ids.next("si"),
                    created: self.now,
                    price: wanted.price.clone(),
                    quantity: wanted.quantity,
                    metadata: wanted.metadata.clone(),
                    start: beside.start,
                    end: beside.end,
                    debits: Vec::new(),
                },
                (None, None) => continue,
            };
            items.push(item);
        }
        self.change::<Subscription>(subscription, |kept| {
            kept.items = items;
            kept.tax_rates.clone_from(&phase.tax_rates);
        })
    }

    /// Its subscription has ended, so that there is nothing left to schedule.
    pub(super) fn schedule_lost_subscription(&mut self, subscription: &str) -> Result<(), ApiError> {
        let Some(id) = self.schedule_of(subscription).map(|held| held.id.clone()) else {
            return Ok(());
        };
        let now = self.now;
        let schedule = self.schedules.edit(&id)?;
        schedule.status = Status::Canceled;
        schedule.canceled_at = Some(now);
        self.subscriptions.edit(subscription)?.schedule = None;
        let shown = self.show::<Schedule>(&id)?;
        self.emit("subscription_schedule.canceled", shown);
        Ok(())
    }

    /// The schedule lets go of its subscription, which goes on as it is.
    fn let_go(&mut self, id: &str, event: &str) -> Result<(), ApiError> {
        let now = self.now;
        let schedule = self.schedules.edit(id)?;
        schedule.status = Status::Released;
        schedule.released_subscription = schedule.subscription.take();
        schedule.released_at = Some(now);
        let released = schedule.released_subscription.clone();
        if let Some(subscription) = released {
            self.change::<Subscription>(&subscription, |kept| kept.schedule = None)?;
        }
        let shown = self.show::<Schedule>(id)?;
        self.emit(event, shown);
        Ok(())
    }
}
