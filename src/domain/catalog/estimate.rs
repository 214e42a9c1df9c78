//! What a change would cost, computed here so that a price can move along with a slider.
//!
//! For lines before tax, discount and balance it equals what the provider previews, to the minor unit. It is never what is
//! charged: that is the provider's own preview.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::calendar::{self, CalendarError};
use super::{Interval, LineKey, Place, Price, ProrationPolicy, TargetLine};
use crate::domain::account::{Contract, Debit, HeldLine, Period};
use crate::domain::money::{Currency, Money, MoneyError, prorate};

/// What a change would cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// What is credited and debited now, line by line.
    pub lines: Vec<EstimateLine>,
    /// Their exact sum; below zero it is a credit that the customer keeps.
    pub total: Money,
    /// What is to be paid now: the total, or nothing when that is a credit.
    pub due_now: Money,
    /// The full price from the next renewal, per interval; what is bought outside is not in it.
    pub recurring: Vec<Recurring>,
}

/// One credit or debit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateLine {
    /// Which line it is for.
    pub key: LineKey,
    /// Whether it gives back or asks.
    pub kind: EstimateLineKind,
    /// How many units: those held, for a credit; those wanted, for a debit.
    pub quantity: u64,
    /// Below zero for a credit.
    pub amount: Money,
    /// The time that it pays for begins here,
    pub from: Timestamp,
    /// and ends here.
    pub until: Timestamp,
}

/// Whether a line gives back or asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EstimateLineKind {
    /// What was debited for the line and is not used up.
    UnusedTime,
    /// What the line costs from now to the next renewal.
    RemainingTime,
}

/// What is charged at each renewal of one interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    /// How often.
    pub interval: Interval,
    /// How much.
    pub amount: Money,
    /// When next.
    pub renews_at: Timestamp,
}

/// The instant from which a change is charged, and the whole periods that it falls into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateInstant {
    /// From here on the new lines are charged and the old ones credited; a whole second. The provider must be given the
    /// same: as `proration_date`, or as the start of a first subscription.
    pub at: Timestamp,
    /// One per interval of the provider lines in the target.
    pub periods: Vec<Period>,
}

/// Why no estimate could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EstimateError {
    /// An amount does not fit, or lines are in two currencies.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The instant names no period for lines of this interval.
    #[error("no period is known for lines that are charged per {0}")]
    NoPeriod(Interval),
    /// There is no line at all, so not even a currency.
    #[error("there is nothing to estimate")]
    Nothing,
}

impl EstimateInstant {
    /// The instant for a change of this contract, or for a first one, made now.
    ///
    /// With a running subscription its periods go on; an interval that it does not have yet begins a period of its own at
    /// the instant. Without one, a first period begins as the policy says, around `anchor_day`.
    pub fn for_change(
        held: Option<&Contract>,
        target: &[TargetLine],
        policy: ProrationPolicy,
        anchor_day: i8,
        now: Timestamp,
        time_zone: &TimeZone,
    ) -> Result<Self, CalendarError> {
        let intervals: BTreeSet<_> = target
            .iter()
            .filter(|line| line.place == Place::Provider)
            .map(|line| line.price.interval)
            .collect();
        if let Some(contract) = held.filter(|contract| !contract.periods.is_empty()) {
            let starts = contract.periods.iter().map(|period| period.start);
            let debits = contract
                .lines
                .iter()
                .flat_map(|line| [line.debit, line.outside])
                .flatten()
                .map(|debit| debit.from);
            let at = calendar::proration_instant(policy, now, time_zone, starts.chain(debits))?;
            let periods = intervals
                .into_iter()
                .map(|interval| match contract.period(interval) {
                    Some(running) => calendar::whole_of(running, contract.anchor_day),
                    None => calendar::fresh_period(interval, at),
                })
                .collect::<Result<_, _>>()?;
            return Ok(Self { at, periods });
        }
        let mut at = calendar::proration_instant(policy, now, time_zone, [])?;
        let mut periods = Vec::new();
        for interval in intervals {
            let first = calendar::first_period(policy, interval, anchor_day, now, time_zone)?;
            at = first.start;
            periods.push(first.whole);
        }
        Ok(Self { at, periods })
    }

    fn period(&self, interval: Interval) -> Result<Period, EstimateError> {
        let found = self.periods.iter().find(|period| period.interval == interval);
        found.copied().ok_or(EstimateError::NoPeriod(interval))
    }
}

/// What it costs to go from the held lines to the target at this instant. Lines outside of the provider cost nothing here.
pub fn estimate(
    held: &[HeldLine],
    target: &[TargetLine],
    instant: &EstimateInstant,
) -> Result<Estimate, EstimateError> {
    let currency = currency_of(held, target).ok_or(EstimateError::Nothing)?;
    let held: BTreeMap<_, _> = held
        .iter()
        .filter(|line| line.place.place() == Place::Provider)
        .map(|line| (&line.key, line))
        .collect();
    let target: Vec<_> = target
        .iter()
        .filter(|line| line.place == Place::Provider)
        .collect();
    let mut lines = Vec::new();
    for line in &target {
        let before = held.get(&line.key).copied();
        if before.is_some_and(|before| before.price_ref == line.price_ref && before.quantity == line.quantity)
        {
            continue;
        }
        lines.extend(
            before
                .map(|before| credit(before, instant.at))
                .transpose()?
                .flatten(),
        );
        lines.extend(
            before
                .map(|before| credit_from_outside(before, instant.at))
                .transpose()?
                .flatten(),
        );
        lines.push(debit(&line.key, &line.price, line.quantity, instant)?);
    }
    for (key, line) in held {
        if target.iter().all(|other| other.key != *key) {
            lines.extend(credit(line, instant.at)?);
            lines.extend(credit_from_outside(line, instant.at)?);
        }
    }
    let total = Money::sum(currency, lines.iter().map(|line| line.amount))?;
    let due_now = Money::new(total.amount.max(0), currency);
    Ok(Estimate {
        lines,
        total,
        due_now,
        recurring: recurring(currency, &target, instant)?,
    })
}

/// The unused part of what was debited for the line; nothing when nothing was.
///
/// Flexible billing credits a part of the money that was debited, not of today's price: a second change within one period
/// takes the first one's debit apart.
fn credit(line: &HeldLine, at: Timestamp) -> Result<Option<EstimateLine>, EstimateError> {
    line.debit.map_or(Ok(None), |paid| unused_time(line, paid, at))
}

/// What was paid for the line in another way than by its subscription is credited beside what that has debited.
fn credit_from_outside(line: &HeldLine, at: Timestamp) -> Result<Option<EstimateLine>, EstimateError> {
    line.outside.map_or(Ok(None), |paid| unused_time(line, paid, at))
}

fn unused_time(line: &HeldLine, paid: Debit, at: Timestamp) -> Result<Option<EstimateLine>, EstimateError> {
    let amount = unused(paid, at)?;
    Ok((!amount.is_zero()).then(|| EstimateLine {
        key: line.key.clone(),
        kind: EstimateLineKind::UnusedTime,
        quantity: line.quantity,
        amount,
        from: at,
        until: paid.until,
    }))
}

/// What a debit's unused time is worth from then on: below zero, because it is given back.
pub fn unused(paid: Debit, at: Timestamp) -> Result<Money, MoneyError> {
    let whole = paid.until.as_second().saturating_sub(paid.from.as_second());
    let unused = paid.until.as_second().saturating_sub(at.as_second());
    let negative = Money::zero(paid.amount.currency).minus(paid.amount)?;
    prorate(negative, unused.max(0), whole)
}

fn debit(
    key: &LineKey,
    price: &Price,
    quantity: u64,
    instant: &EstimateInstant,
) -> Result<EstimateLine, EstimateError> {
    let period = instant.period(price.interval)?;
    let whole = period.end.as_second().saturating_sub(period.start.as_second());
    let remaining = period.end.as_second().saturating_sub(instant.at.as_second());
    Ok(EstimateLine {
        key: key.clone(),
        kind: EstimateLineKind::RemainingTime,
        quantity,
        amount: prorate(price.amount(quantity)?, remaining, whole)?,
        from: instant.at,
        until: period.end,
    })
}

fn recurring(
    currency: Currency,
    target: &[&TargetLine],
    instant: &EstimateInstant,
) -> Result<Vec<Recurring>, EstimateError> {
    let mut by_interval = BTreeMap::new();
    for line in target {
        let sum = by_interval
            .entry(line.price.interval)
            .or_insert(Money::zero(currency));
        *sum = sum.plus(line.amount()?)?;
    }
    by_interval
        .into_iter()
        .map(|(interval, amount)| {
            Ok(Recurring {
                interval,
                amount,
                renews_at: instant.period(interval)?.end,
            })
        })
        .collect()
}

fn currency_of(held: &[HeldLine], target: &[TargetLine]) -> Option<Currency> {
    let wanted = target.iter().map(|line| line.price.currency);
    wanted.chain(held.iter().map(|line| line.price.currency)).next()
}
