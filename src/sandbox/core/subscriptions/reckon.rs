//! The lines of every invoice about a subscription, previewed or real: one builder, so that they cannot differ.
//!
//! Pure: it reads the world, names lines from the identifiers that it is handed, and changes nothing. Prorations are
//! exact to the second. In flexible billing mode the credit of a change is the unused part of what was billed for the
//! item, over the time that bill paid for; in classic mode it is reckoned from the current price.
//! Source: Stripe, "Prorations", and "Flexible billing mode".

use super::wanted::{After, Step, interval_of};
use super::writer::{Said, Writer};
use super::{Item, Subscription};
use crate::sandbox::core::World;
use crate::sandbox::core::calendar::Anchor;
use crate::sandbox::core::ids::Ids;
use crate::sandbox::core::invoices::Line;
use crate::sandbox::error::ApiError;

/// What to do about the time that was paid for otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proration {
    None,
    /// Wait for the next invoice.
    Create,
    /// Invoice now.
    Invoice,
}

impl Proration {
    pub(super) fn parse(word: Option<&str>) -> Option<Proration> {
        match word {
            None | Some("create_prorations") => Some(Proration::Create),
            Some("always_invoice") => Some(Proration::Invoice),
            Some("none") => Some(Proration::None),
            Some(_) => None,
        }
    }
}

/// The terms of a change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) now: i64,
    /// The instant that divides old from new.
    pub(super) at: i64,
    pub(super) proration: Proration,
    /// The request starts a new billing cycle.
    pub(super) resets: bool,
}

/// What a subscription becomes, and the lines that say so.
#[derive(Debug)]
pub(super) struct Reckoned {
    pub(super) items: Vec<Item>,
    pub(super) anchor: Anchor,
    pub(super) lines: Vec<Line>,
    /// A new billing cycle starts, which is invoiced at once.
    pub(super) resets: bool,
}

impl Reckoned {
    /// Whether these lines make an invoice now.
    pub(super) fn invoices_now(&self, proration: Proration) -> bool {
        self.resets || (proration == Proration::Invoice && !self.lines.is_empty())
    }
}

/// The items and lines of a subscription that begins.
pub(super) struct Opening<'a> {
    pub(super) subscription: Option<&'a str>,
    pub(super) wanted: &'a [Step],
    pub(super) now: i64,
    /// When it began, or begins: not after now.
    pub(super) start: i64,
    /// Where its cycles are pinned, if the request says so: after now.
    pub(super) anchor: Option<Anchor>,
    pub(super) prorates: bool,
    /// Until when nothing is billed.
    pub(super) trial_end: Option<i64>,
}

impl World {
    pub(super) fn reckon_opening(&self, ids: &mut Ids, opening: &Opening<'_>) -> Result<Reckoned, ApiError> {
        let natural = Anchor::at(opening.trial_end.unwrap_or(opening.now));
        let anchor = opening.anchor.unwrap_or(natural);
        let mut items = Vec::new();
        let mut writer = Writer {
            world: self,
            ids,
            subscription: opening.subscription,
            lines: Vec::new(),
        };
        for after in opening.wanted.iter().filter_map(|step| step.after.as_ref()) {
            let mut item = Item {
                id: writer.ids.next("si"),
                created: opening.now,
                price: after.price.id.clone(),
                quantity: after.quantity,
                metadata: after.metadata.clone(),
                start: opening.now,
                end: anchor.at,
                debits: Vec::new(),
            };
            writer.open(&mut item, after, opening, anchor)?;
            items.push(item);
        }
        Ok(Reckoned {
            items,
            anchor,
            lines: writer.lines,
            resets: false,
        })
    }

    /// What a change makes of a subscription.
    pub(super) fn reckon_change(
        &self,
        ids: &mut Ids,
        subscription: &Subscription,
        steps: &[Step],
        terms: Terms,
    ) -> Result<Reckoned, ApiError> {
        let resets = terms.resets || starts_other_cycle(self, subscription, steps)?;
        let anchor = if resets {
            Anchor::at(terms.now)
        } else {
            subscription.anchor
        };
        let prorates = terms.proration != Proration::None && subscription.trial_is_over(terms.now);
        let mut items = Vec::new();
        let mut writer = Writer {
            world: self,
            ids,
            subscription: Some(&subscription.id),
            lines: Vec::new(),
        };
        for step in steps {
            if !step.changes() && !resets {
                items.extend(kept(step));
                continue;
            }
            if let Some(before) = step.before.as_ref().filter(|_| prorates) {
                writer.credit(subscription, before, terms.at)?;
            }
            let Some(after) = &step.after else { continue };
            let interval = interval_of(&after.price)?;
            let id = step
                .before
                .as_ref()
                .map_or_else(|| writer.ids.next("si"), |before| before.id.clone());
            let mut item = Item {
                id: id.clone(),
                created: step.before.as_ref().map_or(terms.now, |before| before.created),
                price: after.price.id.clone(),
                quantity: after.quantity,
                metadata: after.metadata.clone(),
                start: terms.now,
                end: terms.now,
                debits: step
                    .before
                    .as_ref()
                    .map(|before| before.debits.clone())
                    .unwrap_or_default(),
            };
            if resets {
                let whole = (terms.now, anchor.boundary(interval, 1)?);
                (item.start, item.end) = whole;
                item.debits = vec![writer.bill(&id, after, whole, whole)?];
            } else {
                (item.start, item.end) = period_for(self, subscription, step, after, terms.at)?;
                if prorates {
                    let whole = anchor.period_around(interval, terms.at.min(item.end - 1))?;
                    item.debits = vec![writer.remaining(&id, after, (terms.at, item.end), whole)?];
                }
            }
            items.push(item);
        }
        Ok(Reckoned {
            items,
            anchor,
            lines: writer.lines,
            resets,
        })
    }

    /// The next period of the items whose period ends by then.
    pub(super) fn reckon_renewal(
        &self,
        ids: &mut Ids,
        subscription: &Subscription,
        by: i64,
    ) -> Result<Reckoned, ApiError> {
        let mut items = Vec::new();
        let mut writer = Writer {
            world: self,
            ids,
            subscription: Some(&subscription.id),
            lines: Vec::new(),
        };
        for item in &subscription.items {
            let mut item = item.clone();
            if item.end <= by {
                let price = self.prices.have(&item.price)?.clone();
                let whole = subscription
                    .anchor
                    .period_around(interval_of(&price)?, item.end)?;
                let after = After {
                    price,
                    quantity: item.quantity,
                    metadata: item.metadata.clone(),
                };
                let period = (item.end, whole.1);
                item.debits = vec![writer.bill(&item.id.clone(), &after, period, whole)?];
                (item.start, item.end) = period;
            }
            items.push(item);
        }
        Ok(Reckoned {
            items,
            anchor: subscription.anchor,
            lines: writer.lines,
            resets: false,
        })
    }
}

impl Writer<'_> {
    /// The first period of an item: a trial, a stub up to the anchor, or a whole interval from now on.
    fn open(
        &mut self,
        item: &mut Item,
        after: &After,
        opening: &Opening<'_>,
        anchor: Anchor,
    ) -> Result<(), ApiError> {
        let id = item.id.clone();
        let interval = interval_of(&after.price)?;
        let Opening { now, start, .. } = *opening;
        if let Some(end) = opening.trial_end {
            item.end = end;
            self.write(Said {
                item: &id,
                price: &after.price,
                quantity: after.quantity,
                amount: 0,
                period: (now, end),
                proration: false,
                words: format!("Trial period for {}", self.product_name(&after.price)),
            });
            return Ok(());
        }
        if opening.anchor.is_some() {
            // A stub; a whole interval when it starts exactly one interval before the anchor.
            let whole = (anchor.boundary(interval, -1)?, anchor.at);
            if start < whole.0 {
                let message = "`billing_cycle_anchor` cannot be later than the next natural billing date.";
                return Err(ApiError::invalid(message).with_param("billing_cycle_anchor"));
            }
            item.start = start;
            if opening.prorates {
                item.debits = vec![self.bill(&id, after, (start, anchor.at), whole)?];
            }
            return Ok(());
        }
        let before = (anchor.boundary(interval, -1)?, now);
        if start < before.0 {
            let message = "The sandbox backdates by one interval at most.";
            return Err(ApiError::invalid(message).with_param("backdate_start_date"));
        }
        if start < now && opening.prorates {
            self.bill(&id, after, (start, now), before)?;
        }
        let whole = (now, anchor.boundary(interval, 1)?);
        item.end = whole.1;
        item.debits = vec![self.bill(&id, after, whole, whole)?];
        Ok(())
    }
}

/// An item that neither price nor quantity of which changes.
fn kept(step: &Step) -> Option<Item> {
    let mut item = step.before.clone()?;
    item.metadata = step.after.as_ref()?.metadata.clone();
    Some(item)
}

/// A change from one interval to another starts a new cycle. Adding items of another interval does not, nor does a
/// change within a subscription that mixes intervals.
fn starts_other_cycle(world: &World, subscription: &Subscription, steps: &[Step]) -> Result<bool, ApiError> {
    let mut old = Vec::new();
    for item in &subscription.items {
        old.push(interval_of(world.prices.have(&item.price)?)?);
    }
    let mut new = Vec::new();
    for after in steps.iter().filter_map(|step| step.after.as_ref()) {
        new.push(interval_of(&after.price)?);
    }
    old.dedup();
    new.dedup();
    Ok(old.len() == 1 && new.len() == 1 && old != new)
}

/// The current period of an item after a change: its own, or the one its neighbours of the same interval have, or the one
/// that the anchor gives.
fn period_for(
    world: &World,
    subscription: &Subscription,
    step: &Step,
    after: &After,
    at: i64,
) -> Result<(i64, i64), ApiError> {
    let interval = interval_of(&after.price)?;
    let own = step.before.as_ref().map(|before| before.id.as_str());
    let mut neighbours = subscription.items.iter().collect::<Vec<_>>();
    neighbours.sort_by_key(|item| own != Some(item.id.as_str()));
    for item in neighbours {
        let same = world.prices.have(&item.price)?.interval == Some(interval);
        if (same || !subscription.trial_is_over(at)) && (item.start..=item.end).contains(&at) {
            return Ok((item.start, item.end));
        }
    }
    subscription.anchor.period_around(interval, at)
}

impl Subscription {
    fn trial_is_over(&self, at: i64) -> bool {
        self.trial.is_none_or(|(_, end)| at >= end)
    }
}
