//! The switch: whether the provider holds what was agreed, and the contract that follows from it.

use super::decide::Turn;
use super::payment::PaymentFacts;
use super::quote::{Deal, Quote};
use crate::domain::account::{Contract, Debit, HeldLine, LinePlace, Period};
use crate::domain::catalog::{LineKey, Place, TargetLine};

/// Whether the provider's subscription holds every target, and nothing waits to be applied.
pub(super) fn holds(facts: &PaymentFacts, quote: &Quote) -> bool {
    let each = quote.targets.iter().all(|target| {
        let held = facts.items.iter().find(|item| item.price == target.price);
        held.map_or(0, |item| item.quantity) == target.quantity
    });
    each && facts.pending_until.is_none()
}

/// The contract once the provider holds what was agreed: its lines, what was debited for them, and their periods.
pub(super) fn after(before: &Contract, deal: &Deal, facts: &PaymentFacts, turn: Turn<'_>) -> Contract {
    // The selection was resolved when it was chosen; should the catalogue refuse it now, what the provider holds still counts.
    let target = turn
        .playbook
        .catalog
        .resolve(&deal.selection, Some(before))
        .unwrap_or_default();
    let lines = target
        .iter()
        .filter_map(|line| held_line(line, before, deal, facts))
        .collect();
    let mut periods: Vec<Period> = before.periods.clone();
    for line in target.iter().filter(|line| line.place == Place::Provider) {
        let interval = line.price.interval;
        let item = facts
            .items
            .iter()
            .find(|item| item.lookup_key.as_deref() == Some(line.price_ref.as_str()));
        if let Some(item) = item {
            periods.retain(|period| period.interval != interval);
            periods.push(Period {
                interval,
                start: item.period_start,
                end: item.period_end,
            });
        }
    }
    Contract {
        plan: deal.selection.plan.clone(),
        currency: deal.selection.currency,
        lines,
        periods,
        subscription: Some(facts.subscription.clone()),
        version: before.version + 1,
        ..before.clone()
    }
}

fn held_line(line: &TargetLine, before: &Contract, deal: &Deal, facts: &PaymentFacts) -> Option<HeldLine> {
    if line.quantity == 0 {
        return None;
    }
    let held = before.line(&line.key);
    let place = match line.place {
        Place::Outside => LinePlace::Outside,
        Place::Provider => {
            let wanted = line.price_ref.as_str();
            let item = facts
                .items
                .iter()
                .find(|item| item.lookup_key.as_deref() == Some(wanted))?;
            LinePlace::Provider {
                item: item.id.clone(),
            }
        }
    };
    let unchanged =
        held.is_some_and(|held| held.quantity == line.quantity && held.price_ref == line.price_ref);
    let debit = if unchanged {
        held.and_then(|held| held.debit)
    } else {
        debit_of(&line.key, deal)
    };
    Some(HeldLine {
        key: line.key.clone(),
        price_ref: line.price_ref.clone(),
        price: line.price.clone(),
        quantity: line.quantity,
        place,
        debit,
    })
}

/// What the quote debited for a line: the later credit for unused time is a part of it.
fn debit_of(key: &LineKey, deal: &Deal) -> Option<Debit> {
    let line = deal
        .quote
        .lines
        .iter()
        .find(|line| line.key.as_ref() == Some(key) && line.amount.amount >= 0)?;
    Some(Debit {
        amount: line.amount,
        from: line.from,
        until: line.until,
    })
}
