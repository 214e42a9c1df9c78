//! The end of a subscription at somebody's wish.

use serde_json::Value;

use super::reckon::{Proration, Terms};
use super::wanted::Step;
use super::{Status, Subscription};
use crate::sandbox::core::World;
use crate::sandbox::core::invoices::{Bill, Reason};
use crate::sandbox::core::operations::Ask;
use crate::sandbox::core::paying::Presence;
use crate::sandbox::error::ApiError;

pub(in crate::sandbox::core) fn cancel(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    let params = &ask.params;
    params.only(&["cancellation_details", "invoice_now", "prorate"])?;
    let id = ask.id("subscription_exposed_id");
    let mut subscription = world.subscriptions.find(id, "id")?.clone();
    if subscription.is_over() {
        return Err(ApiError::missing("subscription", id, "id"));
    }
    subscription.cancellation.read(params)?;
    let details = subscription.cancellation.clone();
    world.change::<Subscription>(id, |kept| kept.cancellation = details)?;
    if params.flag("prorate")? == Some(true) {
        credit_unused_time(world, &subscription)?;
    }
    if params.flag("invoice_now")? == Some(true) {
        invoice_what_waits(world, &subscription)?;
    }
    world.end_subscription(id, "cancellation_requested")?;
    world.show::<Subscription>(id)
}

fn credit_unused_time(world: &mut World, subscription: &Subscription) -> Result<(), ApiError> {
    let steps: Vec<Step> = subscription
        .items
        .iter()
        .map(|item| Step {
            before: Some(item.clone()),
            after: None,
        })
        .collect();
    let terms = Terms {
        now: world.now,
        at: world.now,
        proration: Proration::Create,
        resets: false,
    };
    let mut ids = world.memory.ids.clone();
    let reckoned = world.reckon_change(&mut ids, subscription, &steps, terms)?;
    world.memory.ids = ids;
    for line in reckoned.lines {
        world.put_aside(&subscription.customer, line);
    }
    Ok(())
}

fn invoice_what_waits(world: &mut World, subscription: &Subscription) -> Result<(), ApiError> {
    let mut ids = world.memory.ids.clone();
    let lines = world.waiting_lines(&mut ids, subscription);
    if lines.is_empty() {
        return Ok(());
    }
    let invoice = world.compose(
        &mut ids,
        "in",
        Bill {
            customer: Some(world.customers.have(&subscription.customer)?),
            subscription: Some(subscription),
            subscription_metadata: subscription.metadata.clone(),
            proration_date: None,
            reason: Reason::SubscriptionUpdate,
            currency: subscription.currency.clone(),
            lines,
            taxing: subscription.taxing(),
            period: (world.now, world.now),
        },
    );
    world.memory.ids = ids;
    let invoice = world.draft(invoice)?;
    let latest = invoice.clone();
    world.change::<Subscription>(&subscription.id, |kept| kept.latest_invoice = Some(latest))?;
    world.finalize(&invoice)?;
    if world.invoices.have(&invoice)?.is_open() && !subscription.sends_invoices {
        world.collect(&invoice, None, Presence::OffSession)?;
    }
    Ok(())
}

impl World {
    /// Ends a subscription now. Its open invoices stay, but nobody collects them by themselves any more; a change that
    /// waited is gone.
    pub(in crate::sandbox::core) fn end_subscription(
        &mut self,
        id: &str,
        reason: &str,
    ) -> Result<(), ApiError> {
        if let Some(pending) = self.subscriptions.have(id)?.pending.clone() {
            self.void(&pending.invoice)?;
        }
        let now = self.now;
        self.schedule_lost_subscription(id)?;
        let subscription = self.subscriptions.edit(id)?;
        subscription.status = Status::Canceled;
        subscription.ended_at = Some(now);
        subscription.canceled_at.get_or_insert(now);
        subscription
            .cancellation
            .reason
            .get_or_insert_with(|| reason.to_owned());
        self.stop_collecting(id)?;
        let shown = self.show::<Subscription>(id)?;
        self.emit("customer.subscription.deleted", shown);
        Ok(())
    }
}
