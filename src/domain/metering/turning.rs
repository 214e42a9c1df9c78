//! How time passes in a book: months begin, credits are granted and lapse, limits are told of, periods are closed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::allowance::{allowance, set_for, shares_of};
use super::month::{month_after, month_before};
use super::{
    Book, ClientLimit, CreditKind, CreditLine, Limit, Measures, Overage, Pot, Quantity, Tally, UnitPrice,
};
use crate::domain::account::{Contract, ContractStatus};
use crate::domain::catalog::{CreditId, Playbook};
use crate::domain::money::Money;

/// What a book is kept by.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The seller's rules.
    pub playbook: &'a Playbook,
    /// The contract, as it is now.
    pub contract: &'a Contract,
    /// What was set for this client.
    pub limits: &'a [ClientLimit],
    /// What time it is.
    pub now: Timestamp,
}

/// Something that happened in a book and is told: in the contract's history, and to people and systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// Credits came: with a month, or with what was bought in it.
    CreditsGranted {
        /// Which.
        credits: CreditId,
        /// How many came.
        amount: Quantity,
        /// How many there are now.
        balance: Quantity,
        /// When they lapse.
        until: Timestamp,
    },
    /// Credits were not used in their month.
    CreditsLapsed {
        /// Which.
        credits: CreditId,
        /// How many are gone.
        amount: Quantity,
        /// The beginning of their month.
        month: Timestamp,
    },
    /// A limit is near, reached or passed. Told once per period and threshold.
    LimitReached {
        /// Of what.
        pot: Pot,
        /// At how many hundredths of the limit this is told.
        percent: u16,
        /// How much is used.
        used: Quantity,
        /// The limit.
        limit: Limit,
        /// When the period began.
        start: Timestamp,
        /// When it ends.
        end: Timestamp,
    },
    /// A period is closed: what was used in it will not change any more.
    PeriodClosed {
        /// Of what.
        pot: Pot,
        /// When it began.
        start: Timestamp,
        /// When it ended.
        end: Timestamp,
        /// How much was used.
        used: Quantity,
        /// How much could be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<Limit>,
        /// What is due for the rest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overage: Option<Money>,
    },
    /// What went beyond a limit stands on an invoice, or will on the next one.
    OverageCharged {
        /// Of what.
        pot: Pot,
        /// When the period began.
        start: Timestamp,
        /// When it ended.
        end: Timestamp,
        /// How much.
        amount: Money,
        /// The provider's id of the line.
        invoice_item: String,
    },
    /// The provider refuses to charge for what went beyond: a person must look.
    OverageRefused {
        /// Of what.
        pot: Pot,
        /// When the period began.
        start: Timestamp,
        /// When it ended.
        end: Timestamp,
        /// How much.
        amount: Money,
        /// The provider's code.
        code: String,
    },
}

/// What a look at a book brings about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    /// What happened, in order.
    pub happenings: Vec<Happening>,
    /// New lines of the history of credits.
    pub lines: Vec<CreditLine>,
    /// The tallies that are closed, and no longer in the book.
    pub closed: Vec<Tally>,
    /// What is to be charged for them.
    pub overages: Vec<Overage>,
}

impl World<'_> {
    /// How much of a pot there is, and whether that was set for this client.
    fn limit(&self, pot: &Pot) -> (Option<Limit>, bool) {
        if let Some(set) = set_for(self.limits, pot) {
            return (Some(set), true);
        }
        let catalog = &self.playbook.catalog;
        let shares = shares_of(self.playbook, pot);
        let count = shares.and_then(|shares| allowance(catalog, self.contract, shares));
        (count.map(Limit::Count), false)
    }

    fn price(&self, pot: &Pot) -> Option<UnitPrice> {
        let rules = self.playbook.metering.rules(pot)?;
        rules.price(self.contract.currency)
    }

    fn period(&self, after: Option<Timestamp>) -> Option<(Timestamp, Timestamp)> {
        let zone = &self.playbook.seller.time_zone;
        if let Some(start) = after {
            let end = month_after(self.contract, zone, start).ok()?;
            if end > self.now {
                return Some((start, end));
            }
        }
        let start = month_before(self.contract, zone, self.now).ok()?;
        let end = month_after(self.contract, zone, self.now).ok()?;
        Some((after.map_or(start, |after| after.max(start)), end))
    }
}

/// Brings a book to the present: every pot that the contract has is given its month, and what the contract allows now. It can be
/// done by whoever looks; only [`settle`] tells somebody.
pub fn advance(book: &mut Book, world: &World<'_>) -> Vec<CreditLine> {
    let mut lines = Vec::new();
    if world.contract.status == ContractStatus::Cancelled {
        return lines;
    }
    for pot in world.playbook.metering.pots() {
        let (limit, set) = world.limit(&pot);
        let newest = book.newest(&pot).cloned();
        let never = matches!(pot, Pot::Credits(_)) && limit == Some(Limit::Count(Quantity::ZERO));
        if newest.is_none() && never {
            continue;
        }
        if newest.as_ref().is_none_or(|tally| tally.end <= world.now) {
            let Some((start, end)) = world.period(newest.as_ref().map(|tally| tally.end)) else {
                continue;
            };
            let carried = world.playbook.metering.measures(&pot) == Measures::Level;
            let before = newest.as_ref().filter(|_| carried);
            book.tallies.push(Tally {
                pot: pot.clone(),
                start,
                end,
                used: before.map_or(Quantity::ZERO, |tally| tally.used),
                by_meter: std::collections::BTreeMap::new(),
                newest: before.and_then(|tally| tally.newest),
                limit: None,
                told: Vec::new(),
                announced: Quantity::ZERO,
            });
        }
        lines.extend(allow(book, &pot, limit, set, world.now));
    }
    lines
}

/// Gives the running month what the contract allows. What a plan allowed earlier in the month stays until its end, so that
/// nobody pays for what was theirs; what was set for a client counts at once.
fn allow(book: &mut Book, pot: &Pot, limit: Option<Limit>, set: bool, now: Timestamp) -> Option<CreditLine> {
    let runs = |tally: &&mut Tally| tally.pot == *pot && tally.start <= now && now < tally.end;
    let tally = book.tallies.iter_mut().find(runs)?;
    let before = tally.limit;
    tally.limit = match (before, limit) {
        (Some(before), Some(now)) if !set => Some(now.or_more(before)),
        (_, now) => now,
    };
    let (Pot::Credits(credits), Some(Limit::Count(granted))) = (pot, tally.limit) else {
        return None;
    };
    let had = match before {
        Some(Limit::Count(had)) => had,
        _ => Quantity::ZERO,
    };
    let of = (credits.clone(), tally.start);
    let more = granted.less(had);
    (!more.is_zero()).then(|| book.line(of, CreditKind::Granted, more, now))
}

/// Brings a book to the present, and says what is to be told, closed and charged.
pub fn settle(book: &mut Book, world: &World<'_>) -> Settled {
    let mut settled = Settled {
        lines: advance(book, world),
        ..Settled::default()
    };
    for tally in &mut book.tallies {
        announce(tally, world, &mut settled.happenings);
    }
    let ended = world.contract.status == ContractStatus::Cancelled;
    let over = |tally: &Tally| {
        let rules = world.playbook.metering.rules(&tally.pot);
        let wait = rules.map(|rules| rules.closes_after).unwrap_or_default();
        ended
            || tally
                .end
                .checked_add(wait)
                .is_ok_and(|closes| closes <= world.now)
    };
    let (closed, open) = std::mem::take(&mut book.tallies).into_iter().partition(over);
    book.tallies = open;
    settled.closed = closed;
    for tally in settled.closed.clone() {
        close(book, &tally, world, &mut settled);
    }
    settled
}

/// Tells of credits that came, and of the highest threshold that was reached; lower ones are not told after it.
fn announce(tally: &mut Tally, world: &World<'_>, happenings: &mut Vec<Happening>) {
    if let (Pot::Credits(credits), Some(Limit::Count(granted))) = (&tally.pot, tally.limit)
        && granted > tally.announced
    {
        happenings.push(Happening::CreditsGranted {
            credits: credits.clone(),
            amount: granted.less(tally.announced),
            balance: granted.less(tally.used),
            until: tally.end,
        });
        tally.announced = granted;
    }
    let Some(rules) = world.playbook.metering.rules(&tally.pot) else {
        return;
    };
    let price = world.price(&tally.pot);
    if let (Some(percent), Some(limit)) = (tally.next_alert(&rules.alerts, price), tally.limit) {
        let reached = rules.alerts.iter().copied().filter(|other| *other <= percent);
        tally.told = reached.collect();
        happenings.push(Happening::LimitReached {
            pot: tally.pot.clone(),
            percent,
            used: tally.used,
            limit,
            start: tally.start,
            end: tally.end,
        });
    }
}

fn close(book: &mut Book, tally: &Tally, world: &World<'_>, settled: &mut Settled) {
    if let (Pot::Credits(credits), Some(unused)) = (&tally.pot, tally.left().filter(|left| !left.is_zero())) {
        let of = (credits.clone(), tally.start);
        settled
            .lines
            .push(book.line(of, CreditKind::Lapsed, unused, world.now));
        settled.happenings.push(Happening::CreditsLapsed {
            credits: credits.clone(),
            amount: unused,
            month: tally.start,
        });
    }
    let level = world.playbook.metering.measures(&tally.pot) == Measures::Level;
    let due = tally
        .limit
        .filter(|_| !level)
        .and_then(|limit| Some((limit, limit.overage(tally.used, world.price(&tally.pot))?)));
    if let Some((limit, amount)) = due {
        settled.overages.push(Overage {
            pot: tally.pot.clone(),
            start: tally.start,
            end: tally.end,
            used: tally.used,
            limit,
            amount,
        });
    }
    if !tally.used.is_zero() && !level {
        settled.happenings.push(Happening::PeriodClosed {
            pot: tally.pot.clone(),
            start: tally.start,
            end: tally.end,
            used: tally.used,
            limit: tally.limit,
            overage: due.map(|(_, amount)| amount),
        });
    }
}

/// When a book must be looked at next, though nothing is reported: when a month turns, or a period is to be closed.
pub fn next_moment(book: &Book, world: &World<'_>) -> Option<Timestamp> {
    let moment = |tally: &Tally| {
        if tally.end > world.now {
            return Some(tally.end);
        }
        let rules = world.playbook.metering.rules(&tally.pot)?;
        tally.end.checked_add(rules.closes_after).ok()
    };
    book.tallies.iter().filter_map(moment).min()
}

impl Tally {
    /// The highest threshold that is reached and was not told of.
    pub(super) fn next_alert(&self, alerts: &[u16], price: Option<UnitPrice>) -> Option<u16> {
        let limit = self.limit.filter(|_| !self.used.is_zero())?;
        let highest = alerts
            .iter()
            .copied()
            .filter(|percent| limit.is_reached(*percent, self.used, price))
            .max()?;
        self.told.iter().all(|told| *told < highest).then_some(highest)
    }
}
