//! Facts about a contract that no open change of ours has caused: renewals, cancellations and edits at the provider.
//!
//! Each fact is what the provider says *now*, read again, never what a notice claimed. Observing it twice, or after a newer
//! one, changes nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Contract, ContractStatus, Debit, HeldLine, LinePlace, Period};
use crate::domain::catalog::{LineKey, Place, Price, PriceRef};
use crate::domain::money::Money;

/// Something that is true at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractFact {
    /// A renewal was paid: these lines were debited for their next period.
    Renewed(Vec<RenewedLine>),
    /// The subscription is set to end, now or later; or, with nothing, no longer is.
    SetToCancel(Option<Timestamp>),
    /// The subscription has ended.
    Cancelled,
    /// The items that the subscription carries.
    Items(Vec<ObservedItem>),
}

/// One line of a paid renewal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewedLine {
    /// The subscription item that it was for.
    pub item: String,
    /// What was debited.
    pub amount: Money,
    /// For which time.
    pub period: Period,
}

/// One item of a subscription as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedItem {
    /// Its name at the provider.
    pub item: String,
    /// What it is, when its price is one of ours.
    pub price: Option<ObservedPrice>,
    /// How many units.
    pub quantity: u64,
}

/// A price at the provider that this program made, and so understands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedPrice {
    /// For which line it was made.
    pub key: LineKey,
    /// Its name.
    pub price_ref: PriceRef,
    /// Its content.
    pub price: Price,
}

/// What a fact means for the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractEvent {
    /// The period of these lines has moved on.
    Renewed {
        /// The new period.
        period: Period,
        /// What was debited for it, all its lines together.
        amount: Money,
    },
    /// It will end.
    SetToEnd {
        /// Then.
        at: Timestamp,
    },
    /// It will not end after all.
    EndWithdrawn,
    /// It has ended; what was bought outside stays.
    Ended {
        /// When that was seen.
        at: Timestamp,
    },
    /// A line was changed at the provider, past this program. From none or to none when it was added or taken away.
    EditedElsewhere {
        /// Which line.
        key: LineKey,
        /// How many were held.
        from: u64,
        /// How many are.
        to: u64,
    },
    /// The subscription carries something that this program did not sell. A human should look.
    Unrecognised {
        /// The item's name at the provider.
        item: String,
    },
}

/// The contract after a fact, and what has happened to it: nothing, when the fact was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// What has happened.
    pub events: Vec<ContractEvent>,
    /// The contract as it is now; one version on when it differs from what it was.
    pub contract: Contract,
}

/// What `fact`, seen now, means for the contract.
pub fn observe(contract: &Contract, fact: &ContractFact, now: Timestamp) -> Observation {
    let mut after = contract.clone();
    let events = if contract.status == ContractStatus::Cancelled {
        Vec::new()
    } else {
        match fact {
            ContractFact::Renewed(lines) => renewed(&mut after, lines),
            ContractFact::SetToCancel(at) => set_to_cancel(&mut after, *at),
            ContractFact::Cancelled => cancelled(&mut after, now),
            ContractFact::Items(items) => edited(&mut after, items),
        }
    };
    if after != *contract {
        after.version = contract.version.saturating_add(1);
    }
    Observation {
        events,
        contract: after,
    }
}

fn renewed(contract: &mut Contract, lines: &[RenewedLine]) -> Vec<ContractEvent> {
    let mut events: Vec<ContractEvent> = Vec::new();
    for line in lines {
        let Some(held) = contract.lines.iter_mut().find(|held| carries(held, &line.item)) else {
            let item = line.item.clone();
            events.push(ContractEvent::Unrecognised { item });
            continue;
        };
        let Period { start, end, .. } = line.period;
        // An older renewal, told late, must not bring an older debit or period back.
        let running = contract
            .periods
            .iter()
            .find(|period| period.interval == line.period.interval);
        let over = running.is_some_and(|running| start < running.start);
        if over || held.debit.is_some_and(|debit| debit.from >= start) {
            continue;
        }
        held.debit = Some(Debit {
            amount: line.amount,
            from: start,
            until: end,
        });
        // What was paid for the period before is over with it.
        held.outside = None;
        move_on(&mut contract.periods, line.period);
        add_renewal(&mut events, line);
    }
    events
}

/// `next` is never older than what is running.
fn move_on(periods: &mut Vec<Period>, next: Period) {
    match periods.iter_mut().find(|period| period.interval == next.interval) {
        Some(running) => *running = next,
        None => periods.push(next),
    }
}

/// Lines of one period are one renewal. Amounts that do not add up stay apart, each its own event.
fn add_renewal(events: &mut Vec<ContractEvent>, line: &RenewedLine) {
    for event in events.iter_mut() {
        if let ContractEvent::Renewed { period, amount } = event
            && *period == line.period
            && let Ok(sum) = amount.plus(line.amount)
        {
            *amount = sum;
            return;
        }
    }
    events.push(ContractEvent::Renewed {
        period: line.period,
        amount: line.amount,
    });
}

fn set_to_cancel(contract: &mut Contract, at: Option<Timestamp>) -> Vec<ContractEvent> {
    match (contract.status, at) {
        (ContractStatus::Ending { at: known }, Some(at)) if known == at => Vec::new(),
        (_, Some(at)) => {
            contract.status = ContractStatus::Ending { at };
            vec![ContractEvent::SetToEnd { at }]
        }
        (ContractStatus::Ending { .. }, None) => {
            contract.status = ContractStatus::Active;
            vec![ContractEvent::EndWithdrawn]
        }
        (_, None) => Vec::new(),
    }
}

fn cancelled(contract: &mut Contract, now: Timestamp) -> Vec<ContractEvent> {
    let Some(_) = contract.subscription.take() else {
        return Vec::new();
    };
    contract.lines.retain(|line| line.place.place() == Place::Outside);
    contract.periods.clear();
    contract.status = if contract.lines.is_empty() {
        ContractStatus::Cancelled
    } else {
        ContractStatus::Active
    };
    vec![ContractEvent::Ended { at: now }]
}

fn edited(contract: &mut Contract, items: &[ObservedItem]) -> Vec<ContractEvent> {
    let mut events = Vec::new();
    let gone = |line: &HeldLine| match &line.place {
        LinePlace::Provider { item } => items.iter().all(|seen| seen.item != *item),
        LinePlace::Outside => false,
    };
    for line in contract.lines.iter().filter(|line| gone(line)) {
        events.push(ContractEvent::EditedElsewhere {
            key: line.key.clone(),
            from: line.quantity,
            to: 0,
        });
    }
    contract.lines.retain(|line| !gone(line));
    for seen in items {
        events.extend(item_seen(contract, seen));
    }
    events
}

fn item_seen(contract: &mut Contract, seen: &ObservedItem) -> Option<ContractEvent> {
    let unrecognised = || {
        Some(ContractEvent::Unrecognised {
            item: seen.item.clone(),
        })
    };
    let Some(price) = &seen.price else {
        return unrecognised();
    };
    let to = seen.quantity;
    if let Some(line) = contract.lines.iter_mut().find(|line| carries(line, &seen.item)) {
        let from = line.quantity;
        if line.price_ref == price.price_ref && from == to && line.key == price.key {
            return None;
        }
        line.key.clone_from(&price.key);
        line.price_ref = price.price_ref.clone();
        line.price = price.price.clone();
        line.quantity = to;
        return Some(ContractEvent::EditedElsewhere {
            key: price.key.clone(),
            from,
            to,
        });
    }
    if contract.line(&price.key).is_some() {
        // Two items for one line: which of them counts only a human can say.
        return unrecognised();
    }
    contract.lines.push(HeldLine {
        key: price.key.clone(),
        price_ref: price.price_ref.clone(),
        price: price.price.clone(),
        quantity: to,
        place: LinePlace::Provider {
            item: seen.item.clone(),
        },
        debit: None,
        outside: None,
    });
    Some(ContractEvent::EditedElsewhere {
        key: price.key.clone(),
        from: 0,
        to,
    })
}

fn carries(line: &HeldLine, item: &str) -> bool {
    matches!(&line.place, LinePlace::Provider { item: own } if own == item)
}
