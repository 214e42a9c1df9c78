//! Counting one report of use.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::allowance::Limit;
use super::{
    Against, Book, CreditKind, CreditLine, Late, Measures, Meter, MeterId, PastLimit, Pot, Quantity, Rates,
    Tally, World,
};
use crate::domain::catalog::{Item, OptionId, RateTableId};

/// How far ahead of us the clock of whoever reports may be.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// One report of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Names it: the same use is never counted twice.
    pub id: String,
    /// What was used.
    pub meter: MeterId,
    /// Which of the meter's variants, where it has some.
    pub variant: Option<String>,
    /// How much: what was used, or how much there is.
    pub quantity: Quantity,
    /// When.
    pub at: Timestamp,
}

/// Why a report is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsageProblem {
    /// The seller counts no such thing.
    #[error("there is no meter `{0}`")]
    UnknownMeter(MeterId),
    /// The meter has variants, and not this one, or it was not chosen.
    #[error("`{meter}` cannot be used as `{variant}`; there is {known}")]
    UnknownVariant {
        /// The meter.
        meter: MeterId,
        /// What was reported.
        variant: String,
        /// What there is.
        known: String,
    },
    /// A variant must be named, or must not.
    #[error("`{meter}` {}", if *needed { "has variants: name one of them" } else { "has no variants" })]
    Variant {
        /// The meter.
        meter: MeterId,
        /// Which of the two.
        needed: bool,
    },
    /// It has more decimals than the meter takes.
    #[error("`{meter}` is counted with {decimals} decimals")]
    Decimals {
        /// The meter.
        meter: MeterId,
        /// How many it takes.
        decimals: u8,
    },
    /// Nothing, or more than can be counted.
    #[error("a report brings more than nothing, and at most {}", Quantity::REPORT_MAX)]
    Amount,
    /// It is reported before it was used.
    #[error("{at} has not come yet; it is {now} here")]
    InFuture {
        /// When it was used.
        at: Timestamp,
        /// What time it is.
        now: Timestamp,
    },
    /// Its period is closed.
    #[error("the period of {at} is closed: use can be reported from {from} on")]
    PeriodClosed {
        /// When it was used.
        at: Timestamp,
        /// What is still open.
        from: Timestamp,
    },
    /// The contract is no longer in force.
    #[error("the contract is no longer in force")]
    ContractEnded,
}

impl UsageProblem {
    /// The field of a report that is wrong.
    pub fn field(&self) -> &'static str {
        match self {
            Self::UnknownMeter(_) => "meter",
            Self::UnknownVariant { .. } | Self::Variant { .. } => "variant",
            Self::Decimals { .. } | Self::Amount => "quantity",
            Self::InFuture { .. } | Self::PeriodClosed { .. } => "at",
            Self::ContractEnded => "contract",
        }
    }
}

/// What became of a report that could be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Whether it was counted: not where use stops at the limit, and this would have gone beyond.
    pub allowed: bool,
    /// The tally after it, or as it is without it.
    pub tally: Tally,
    /// The line of the history of credits, where it spent some.
    pub line: Option<CreditLine>,
    /// Whether somebody must be told now that a limit is near or reached.
    pub alerting: bool,
}

/// Counts one report in a book that was advanced to the present.
pub fn count(book: &mut Book, report: &Report, world: &World<'_>) -> Result<Counted, UsageProblem> {
    let metering = &world.playbook.metering;
    let meter = metering
        .meter(&report.meter)
        .ok_or_else(|| UsageProblem::UnknownMeter(report.meter.clone()))?;
    let amount = amount(meter, report, world)?;
    if report.at > world.now.checked_add(SKEW).unwrap_or(world.now) {
        let (at, now) = (report.at, world.now);
        return Err(UsageProblem::InFuture { at, now });
    }
    let pot = meter.pot();
    let Some(rules) = metering.rules(&pot) else {
        return Err(UsageProblem::UnknownMeter(report.meter.clone()));
    };
    let place = place(book, &pot, report.at.min(world.now), rules.late)?;
    let Some(tally) = book.tallies.get_mut(place) else {
        return Err(UsageProblem::ContractEnded);
    };
    let price = rules.price(world.contract.currency);
    let used = match meter.measures {
        Measures::Use => tally.used.plus(amount).ok_or(UsageProblem::Amount)?,
        // An older report, told late, says nothing about now.
        Measures::Level if tally.newest.is_some_and(|newest| newest > report.at) => tally.used,
        Measures::Level => amount,
    };
    let passes = |limit: Limit| limit.is_passed(used, price);
    if rules.past_limit == PastLimit::Stops && used > tally.used && tally.limit.is_some_and(passes) {
        return Ok(Counted {
            allowed: false,
            tally: tally.clone(),
            line: None,
            alerting: false,
        });
    }
    tally.used = used;
    tally.newest = tally.newest.max(Some(report.at));
    let through = match &pot {
        Pot::Credits(credits) => {
            let sum = tally.by_meter.entry(meter.id.clone()).or_default();
            *sum = sum.plus(amount).ok_or(UsageProblem::Amount)?;
            Some((credits.clone(), tally.start))
        }
        Pot::Meter(_) => None,
    };
    let alerting = tally.next_alert(&rules.alerts, price).is_some();
    let tally = tally.clone();
    let line = through.map(|of| {
        let line = book.line(of, CreditKind::Spent, amount, world.now);
        CreditLine {
            report: Some(report.id.clone()),
            ..line
        }
    });
    Ok(Counted {
        allowed: true,
        tally,
        line,
        alerting,
    })
}

/// What the report takes from its pot.
fn amount(meter: &Meter, report: &Report, world: &World<'_>) -> Result<Quantity, UsageProblem> {
    if !report.quantity.fits(meter.decimals) {
        return Err(UsageProblem::Decimals {
            meter: meter.id.clone(),
            decimals: meter.decimals,
        });
    }
    let nothing = report.quantity.is_zero() && meter.measures == Measures::Use;
    if nothing || report.quantity > Quantity::REPORT_MAX {
        return Err(UsageProblem::Amount);
    }
    let variant = |needed| UsageProblem::Variant {
        meter: meter.id.clone(),
        needed,
    };
    let rate = match (&meter.against, report.variant.as_deref()) {
        (Against::Allowance(_), None) => return Ok(report.quantity),
        (
            Against::Credits {
                rates: Rates::Flat(rate),
                ..
            },
            None,
        ) => *rate,
        (
            Against::Credits {
                rates: Rates::Table(_),
                ..
            },
            None,
        ) => return Err(variant(true)),
        (
            Against::Credits {
                rates: Rates::Table(table),
                ..
            },
            Some(named),
        ) => row(meter, table, named, world)?,
        (Against::Allowance(_) | Against::Credits { .. }, Some(_)) => return Err(variant(false)),
    };
    report.quantity.times(rate).ok_or(UsageProblem::Amount)
}

/// What a unit of this row costs. Where rows are chosen with an item, only those that were chosen can be used.
fn row(meter: &Meter, table: &RateTableId, named: &str, world: &World<'_>) -> Result<Quantity, UsageProblem> {
    let catalog = &world.playbook.catalog;
    let rows = catalog.rate_table(table).map_or(&[][..], |table| &table.rows[..]);
    let from_table = |item: &&Item| item.options.as_ref().is_some_and(|rule| rule.of == *table);
    let mut choosers = catalog.items.iter().filter(from_table).peekable();
    let chosen = choosers.peek().is_some().then(|| {
        let held = choosers.filter_map(|item| world.contract.options.get(&item.id));
        held.flatten().collect::<BTreeSet<_>>()
    });
    let usable = |id: &OptionId| chosen.as_ref().is_none_or(|chosen| chosen.contains(id));
    let found = rows
        .iter()
        .find(|row| row.id.as_str() == named && usable(&row.id));
    let Some(found) = found else {
        let known = rows
            .iter()
            .filter(|row| usable(&row.id))
            .map(|row| row.id.to_string());
        return Err(UsageProblem::UnknownVariant {
            meter: meter.id.clone(),
            variant: named.to_owned(),
            known: known.collect::<Vec<_>>().join(", "),
        });
    };
    Quantity::whole(found.credits).ok_or(UsageProblem::Amount)
}

/// The tally that a report counts in: its own period's while that is open.
fn place(book: &Book, pot: &Pot, at: Timestamp, late: Late) -> Result<usize, UsageProblem> {
    let of_pot = || {
        book.tallies
            .iter()
            .enumerate()
            .filter(|(_, tally)| tally.pot == *pot)
    };
    if let Some((place, _)) = of_pot().find(|(_, tally)| tally.start <= at && at < tally.end) {
        return Ok(place);
    }
    let Some((oldest, from)) = of_pot()
        .map(|(place, tally)| (place, tally.start))
        .min_by_key(|(_, start)| *start)
    else {
        return Err(UsageProblem::ContractEnded);
    };
    match late {
        _ if at >= from => Err(UsageProblem::ContractEnded),
        Late::NextPeriod => Ok(oldest),
        Late::Refused => Err(UsageProblem::PeriodClosed { at, from }),
    }
}
