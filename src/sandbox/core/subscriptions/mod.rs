//! Subscriptions: what they are and how they look.
//!
//! `reckon` makes the lines of every invoice about one; `wanted` reads what a request wants the items to be; `create`,
//! `update`, `cancel` and `preview` are the calls; `course` is what payments and the passing of time do to one.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::calendar::Anchor;
use super::operations::Ask;
use super::params::{Metadata, Params};
use super::prices::Price;
use super::shown::{CURSOR, Shown, full_list, joined, stands};
use super::taxes::Taxing;
use crate::sandbox::error::ApiError;

mod added;
pub(super) mod cancel;
mod course;
pub(super) mod create;
pub(super) mod preview;
mod reckon;
mod terms;
pub(super) mod update;
mod wanted;
mod writer;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Incomplete,
    IncompleteExpired,
    Trialing,
    Active,
    PastDue,
    Unpaid,
    Canceled,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Status::Incomplete => "incomplete",
            Status::IncompleteExpired => "incomplete_expired",
            Status::Trialing => "trialing",
            Status::Active => "active",
            Status::PastDue => "past_due",
            Status::Unpaid => "unpaid",
            Status::Canceled => "canceled",
        }
    }
}

/// An amount that was billed for an item and the time it paid for. Its unused part is what a change gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Debit {
    pub(super) amount: i64,
    pub(super) from: i64,
    pub(super) until: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) price: String,
    pub(super) quantity: u64,
    pub(super) metadata: Metadata,
    /// The current period, unix seconds, end excluded.
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) debits: Vec<Debit>,
}

/// A change that waits for its payment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) invoice: String,
    pub(super) expires_at: i64,
    items: Vec<Item>,
    anchor: Anchor,
    metadata: Option<Metadata>,
    cancel_at_period_end: Option<bool>,
    /// Whether the API has shown it: what is paid within the call that made it never waits.
    announced: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, as the API tells them"
)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) customer: String,
    pub(super) currency: String,
    pub(super) status: Status,
    start_date: i64,
    anchor: Anchor,
    flexible: bool,
    pub(super) items: Vec<Item>,
    pub(super) default_payment_method: Option<String>,
    /// Keep the card that pays as the default.
    saves_method: bool,
    first_invoice: Option<String>,
    latest_invoice: Option<String>,
    sends_invoices: bool,
    days_until_due: Option<i64>,
    cancel_at_period_end: bool,
    pub(super) cancel_at: Option<i64>,
    canceled_at: Option<i64>,
    ended_at: Option<i64>,
    cancellation: Cancellation,
    description: Option<String>,
    pub(super) metadata: Metadata,
    pub(super) pending: Option<Pending>,
    trial: Option<(i64, i64)>,
    pause_collection: Option<Value>,
    /// The schedule that holds it, if one does.
    #[serde(default)]
    pub(super) schedule: Option<String>,
    /// Whether its invoices carry taxes.
    #[serde(default)]
    pub(super) automatic_tax: bool,
    /// The rates that apply to each line of its invoices.
    #[serde(default)]
    pub(super) tax_rates: Vec<String>,
}

/// Why a subscription was or will be cancelled.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Cancellation {
    comment: Option<String>,
    feedback: Option<String>,
    reason: Option<String>,
}

impl Cancellation {
    fn read(&mut self, params: &Params<'_>) -> Result<(), ApiError> {
        let Some(details) = params.child("cancellation_details")? else {
            return Ok(());
        };
        details.only(&["comment", "feedback"])?;
        details.set_text("comment", &mut self.comment)?;
        details.set_text("feedback", &mut self.feedback)
    }
}

stands!(
    Subscription,
    subscriptions,
    "subscription",
    "subscription",
    "customer.subscription.updated"
);

impl Item {
    fn render(&self, subscription: &str, world: &World) -> Value {
        let price = world.prices.get(&self.price);
        json!({
            "id": self.id,
            "object": "subscription_item",
            "billing_thresholds": null,
            "created": self.created,
            "current_period_end": self.end,
            "current_period_start": self.start,
            "current_trial": null,
            "discounts": [],
            "metadata": self.metadata,
            "plan": price.map(Price::render_plan),
            "price": price.map(|price| price.shown(world)),
            "quantity": self.quantity,
            "subscription": subscription,
            "tax_rates": [],
        })
    }
}

impl Subscription {
    /// One that does nothing yet, to be filled in.
    fn new(id: String, customer: &str, anchor: Anchor) -> Subscription {
        Subscription {
            id,
            created: anchor.at,
            customer: customer.to_owned(),
            currency: String::new(),
            status: Status::Incomplete,
            start_date: anchor.at,
            anchor,
            flexible: true,
            items: Vec::new(),
            default_payment_method: None,
            saves_method: false,
            first_invoice: None,
            latest_invoice: None,
            sends_invoices: false,
            days_until_due: None,
            cancel_at_period_end: false,
            cancel_at: None,
            canceled_at: None,
            ended_at: None,
            cancellation: Cancellation::default(),
            description: None,
            metadata: Metadata::new(),
            pending: None,
            trial: None,
            pause_collection: None,
            schedule: None,
            automatic_tax: false,
            tax_rates: Vec::new(),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.status, Status::Canceled | Status::IncompleteExpired)
    }

    pub(super) fn taxing(&self) -> Taxing {
        Taxing::of(self.automatic_tax, &self.tax_rates)
    }

    pub(super) fn is_flexible(&self) -> bool {
        self.flexible
    }

    pub(super) fn sends_invoices(&self) -> bool {
        self.sends_invoices
    }

    /// When an invoice that is sent now is due.
    pub(super) fn due_date(&self, now: i64) -> Option<i64> {
        let days = self.days_until_due.filter(|_| self.sends_invoices)?;
        Some(now + days * 86_400)
    }

    /// When the first of its items renews.
    pub(super) fn renews_at(&self) -> Option<i64> {
        self.items.iter().map(|item| item.end).min()
    }

    /// When the last of its items would renew: the end of what is paid for.
    fn paid_until(&self) -> Option<i64> {
        self.items.iter().map(|item| item.end).max()
    }

    fn set_cancel_at_period_end(&mut self, cancels: bool, now: i64) {
        self.cancel_at_period_end = cancels;
        self.cancel_at = if cancels { self.paid_until() } else { None };
        self.canceled_at = cancels.then_some(now);
        self.cancellation.reason = cancels.then(|| "cancellation_requested".to_owned());
    }

    fn render_items(&self, world: &World) -> Value {
        let items = self
            .items
            .iter()
            .map(|item| item.render(&self.id, world))
            .collect();
        full_list(items, &format!("/v1/subscription_items?subscription={}", self.id))
    }

    fn render_pending(&self, world: &World) -> Value {
        let Some(pending) = self.pending.as_ref().filter(|pending| pending.announced) else {
            return Value::Null;
        };
        let items: Vec<Value> = pending
            .items
            .iter()
            .map(|item| item.render(&self.id, world))
            .collect();
        json!({
            "billing_cycle_anchor": Some(pending.anchor.at).filter(|at| *at != self.anchor.at),
            "cancel_at_period_end": pending.cancel_at_period_end,
            "discount": null,
            "discounts": null,
            "expires_at": pending.expires_at,
            "metadata": pending.metadata,
            "subscription_items": items,
            "trial_end": null,
            "trial_from_plan": null,
        })
    }

    fn render(&self, world: &World) -> Value {
        joined([self.render_terms(world), self.render_course(world)])
    }

    fn render_terms(&self, world: &World) -> Value {
        let billing_mode = if self.flexible {
            json!({ "flexible": { "proration_discounts": "included" }, "type": "flexible", "updated_at": self.created })
        } else {
            json!({ "flexible": null, "type": "classic" })
        };
        let anchor_config = self.anchor.day.map(
            |day| json!({ "day_of_month": day, "hour": null, "minute": null, "month": null, "second": null }),
        );
        json!({
            "id": self.id,
            "object": "subscription",
            "application": null,
            "application_fee_percent": null,
            "automatic_tax": {
                "disabled_reason": null,
                "enabled": self.automatic_tax,
                "liability": self.automatic_tax.then(|| json!({ "type": "self" })),
            },
            "billing_cycle_anchor": self.anchor.at,
            "billing_cycle_anchor_config": anchor_config,
            "billing_mode": billing_mode,
            "billing_schedules": [],
            "billing_thresholds": null,
            "collection_method": if self.sends_invoices { "send_invoice" } else { "charge_automatically" },
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "days_until_due": self.days_until_due,
            "default_payment_method": self.default_payment_method,
            "default_source": null,
            "default_tax_rates": world.render_rates(&self.tax_rates),
            "description": self.description,
            "discounts": [],
            "invoice_settings": { "account_tax_ids": null, "issuer": { "type": "self" } },
        })
    }

    fn render_course(&self, world: &World) -> Value {
        joined([
            json!({
                "cancel_at": self.cancel_at,
                "cancel_at_period_end": self.cancel_at_period_end,
                "canceled_at": self.canceled_at,
                "cancellation_details": {
                    "comment": self.cancellation.comment,
                    "feedback": self.cancellation.feedback,
                    "reason": self.cancellation.reason,
                },
                "ended_at": self.ended_at,
                "items": self.render_items(world),
                "latest_invoice": self.latest_invoice,
                "livemode": false,
                "metadata": self.metadata,
                "next_pending_invoice_item_invoice": null,
                "on_behalf_of": null,
                "pause_collection": self.pause_collection,
            }),
            json!({
                "managed_payments": null,
                "payment_settings": {
                    "payment_method_options": null,
                    "payment_method_types": null,
                    "save_default_payment_method": if self.saves_method { "on_subscription" } else { "off" },
                },
                "pending_invoice_item_interval": null,
                "pending_setup_intent": null,
                "pending_update": self.render_pending(world),
                "schedule": self.schedule,
                "start_date": self.start_date,
                "status": self.status.as_str(),
                "test_clock": null,
                "transfer_data": null,
                "trial_end": self.trial.map(|trial| trial.1),
                "trial_settings": { "end_behavior": { "missing_payment_method": "create_invoice" } },
                "trial_start": self.trial.map(|trial| trial.0),
            }),
        ])
    }
}

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(
        &[
            &CURSOR[..],
            &["created", "customer", "price", "status", "collection_method"],
        ]
        .concat(),
    )?;
    let customer = params.text("customer")?;
    let price = params.text("price")?;
    let status = params.text("status")?;
    let sent = params
        .text("collection_method")?
        .map(|method| method == "send_invoice");
    world.page::<Subscription>(ask, "/v1/subscriptions", |one| {
        let fits = match status {
            None => one.status != Status::Canceled,
            Some("all") => true,
            Some("ended") => one.is_over(),
            Some(status) => one.status.as_str() == status,
        };
        fits && customer.is_none_or(|customer| one.customer == customer)
            && price.is_none_or(|price| one.items.iter().any(|item| item.price == price))
            && sent.is_none_or(|sent| one.sends_invoices == sent)
    })
}

pub(super) fn list_items(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params.only(&[&CURSOR[..], &["subscription"]].concat())?;
    let id = ask.params.needed_text("subscription")?;
    Ok(world.subscriptions.find(id, "subscription")?.render_items(world))
}

pub(super) fn get_item(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let id = ask.id("item");
    let found = world.subscriptions.iter().find_map(|one| {
        let item = one.items.iter().find(|item| item.id == id)?;
        Some(item.render(&one.id, world))
    });
    found.ok_or_else(|| ApiError::missing("subscription_item", id, "item"))
}
