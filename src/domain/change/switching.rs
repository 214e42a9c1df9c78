//! The switch: whether the provider holds what was agreed, and the contract that follows from it.

use super::decide::Turn;
use super::payment::{ItemFacts, PaymentFacts};
use super::quote::{Deal, Quote, QuoteLine};
use crate::domain::account::{Contract, ContractStatus, Debit, HeldLine, LinePlace, Period};
use crate::domain::catalog::{Catalog, LineKey, Place, PriceRef, TargetLine};
use crate::domain::money::Money;

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
    let catalog = &turn.playbook.catalog;
    // It was resolved when it was chosen. Should the catalogue refuse it now, what was agreed and is held still counts.
    let target = catalog
        .resolve(&deal.selection, Some(before))
        .unwrap_or_else(|_| agreed(catalog, before, deal));
    let lines = target
        .iter()
        .filter_map(|line| held_line(line, before, deal, facts))
        .collect();
    let mut periods: Vec<Period> = before.periods.clone();
    for line in target.iter().filter(|line| line.place == Place::Provider) {
        let interval = line.price.interval;
        if let Some(item) = item_of(line, deal, facts) {
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
        options: deal.selection.options.clone(),
        periods,
        subscription: Some(facts.subscription.clone()),
        // What had ended elsewhere while the customer was choosing is in force again: it was paid for, and runs.
        status: match before.status {
            ContractStatus::Cancelled => ContractStatus::Active,
            other => other,
        },
        version: before.version + 1,
        // A contract is concluded by its first change.
        created_at: if before.is_proposed() {
            turn.now
        } else {
            before.created_at
        },
        ..before.clone()
    }
}

/// The contract once the provider holds less, without a charge: nothing was debited or given back, so that the unused part of
/// what was debited before stays the customer's.
pub(super) fn after_lowering(
    before: &Contract,
    deal: &Deal,
    facts: &PaymentFacts,
    turn: Turn<'_>,
) -> Contract {
    let mut contract = after(before, deal, facts, turn);
    for line in &mut contract.lines {
        let held = before.line(&line.key);
        line.debit = held.and_then(|held| held.debit);
        line.outside = held.and_then(|held| held.outside);
    }
    contract
}

/// The contract once what was paid for by a one-off invoice is held. The provider's subscription knows nothing of that money: what
/// it has debited itself stays what it credits, and what is on top is remembered here, so that the next quote can credit it.
pub(super) fn after_money_from_outside(
    before: &Contract,
    deal: &Deal,
    facts: &PaymentFacts,
    turn: Turn<'_>,
) -> Contract {
    let mut contract = after_lowering(before, deal, facts, turn);
    for line in &mut contract.lines {
        line.outside = match outside_of(&line.key, deal) {
            Some(paid) => Some(paid),
            None => before.line(&line.key).and_then(|held| held.outside),
        };
    }
    contract
}

/// What the quote debits for a line beyond what it credits for it, without what was paid outside before: that is in it.
fn outside_of(key: &LineKey, deal: &Deal) -> Option<Debit> {
    let own = |line: &&QuoteLine| line.key.as_ref() == Some(key) && line.outside.is_none();
    let lines = || deal.quote.lines.iter().filter(own);
    let first = lines().next()?;
    let amount = Money::sum(first.amount.currency, lines().map(|line| line.amount)).ok()?;
    Some(Debit {
        amount,
        from: first.from,
        until: first.until,
    })
}

/// The lines that the quote spoke of, beside the held ones that it did not touch.
fn agreed(catalog: &Catalog, before: &Contract, deal: &Deal) -> Vec<TargetLine> {
    let prices = catalog.all_prices();
    let quoted = deal.quote.targets.iter().filter_map(|target| {
        let listed = prices
            .iter()
            .find(|(name, ..)| name.as_str() == target.lookup_key);
        let held = before.line(&target.key);
        // A price that has left the catalogue is kept under its name, at what is known of it.
        let price = listed
            .map(|(_, _, _, price)| price)
            .or(held.map(|held| &held.price))?;
        Some(TargetLine {
            key: target.key.clone(),
            price_ref: PriceRef::from_stored(target.lookup_key.clone()),
            price: price.clone(),
            quantity: target.quantity,
            place: Place::Provider,
        })
    });
    let spoken_of = |line: &&HeldLine| deal.quote.targets.iter().any(|target| target.key == line.key);
    let untouched = before.lines.iter().filter(|line| !spoken_of(line));
    let kept = untouched.map(|line| TargetLine {
        key: line.key.clone(),
        price_ref: line.price_ref.clone(),
        price: line.price.clone(),
        quantity: line.quantity,
        place: line.place.place(),
    });
    quoted.chain(kept).collect()
}

/// The provider's item of a line: by the price that was agreed, or by our name of it. A name can move to another price.
fn item_of<'a>(line: &TargetLine, deal: &Deal, facts: &'a PaymentFacts) -> Option<&'a ItemFacts> {
    let target = deal.quote.targets.iter().find(|target| target.key == line.key);
    let by_price = |item: &&ItemFacts| target.is_some_and(|target| target.price == item.price);
    let by_name = |item: &&ItemFacts| item.lookup_key.as_deref() == Some(line.price_ref.as_str());
    let items = || facts.items.iter();
    items().find(by_price).or_else(|| items().find(by_name))
}

fn held_line(line: &TargetLine, before: &Contract, deal: &Deal, facts: &PaymentFacts) -> Option<HeldLine> {
    if line.quantity == 0 {
        return None;
    }
    let held = before.line(&line.key);
    let place = match line.place {
        Place::Outside => LinePlace::Outside,
        Place::Provider => LinePlace::Provider {
            item: item_of(line, deal, facts)?.id.clone(),
        },
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
        outside: held.filter(|_| unchanged).and_then(|held| held.outside),
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
