//! Billing days: where a seller's local day begins, and which period a first charge belongs to.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Interval, ProrationPolicy};
use crate::domain::account::Period;

/// The day does not exist in the calendar that this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the date is outside of the calendar")]
pub struct CalendarError;

impl From<jiff::Error> for CalendarError {
    fn from(_: jiff::Error) -> Self {
        Self
    }
}

/// How a first subscription begins: the charged part of a whole period that ends at the first renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstPeriod {
    /// From when the customer is charged.
    pub start: Timestamp,
    /// The period that the first charge is a part of. Its end is the first renewal; its start lies at or before `start`,
    /// and at it the full price is due.
    pub whole: Period,
    /// What the provider must be told, so that it counts the same period.
    pub anchoring: Anchoring,
}

/// What the provider must be told about the renewals of a first subscription.
///
/// Told an instant, it counts the period back from there in UTC, by that instant's own day of the month; so east of
/// Greenwich, where a local midnight falls on the day before, days of the month cannot be told at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchoring {
    /// Nothing: the subscription begins now and renews on this day. An instant would be wrong for the 29th to 31st.
    BeginsNow,
    /// The instant of the first renewal, and the start of the charge.
    FirstRenewal,
    /// This day of the month, with the first renewal's time of day: the renewal falls on a shorter month's last day, and its
    /// own date would make later renewals stay there and another whole period be counted.
    ///
    /// **A preview cannot be told this**, only a creation; what it shows may be off by the length of the whole period. Source:
    /// Stripe API reference, `billing_cycle_anchor_config` of creating a subscription, and its absence from invoice previews.
    DayOfMonth(i8),
}

/// The day of the month on which an account created at this instant renews: 1 to 31, in the seller's time zone.
pub fn anchor_day(created_at: Timestamp, time_zone: &TimeZone) -> i8 {
    time_zone.to_datetime(created_at).day()
}

/// The instant at which the seller's local day that contains `now` began.
pub fn start_of_day(now: Timestamp, time_zone: &TimeZone) -> Result<Timestamp, CalendarError> {
    midnight(time_zone.to_datetime(now).date(), time_zone)
}

/// From which instant a change of running lines is charged: this second, or the start of today, yet never before any of
/// the instants `not_before` (the periods' starts and the debits that are running).
pub(super) fn proration_instant(
    policy: ProrationPolicy,
    now: Timestamp,
    time_zone: &TimeZone,
    not_before: impl IntoIterator<Item = Timestamp>,
) -> Result<Timestamp, CalendarError> {
    let pinned = match policy {
        ProrationPolicy::Second => whole_second(now)?,
        ProrationPolicy::Day => start_of_day(now, time_zone)?,
    };
    Ok(not_before.into_iter().fold(pinned, Ord::max))
}

/// How a first subscription of an account begins now.
///
/// By the second it begins now, at the full price, and renews on this day and hour. By days it begins with today and runs
/// to the next anchor day; on the anchor day itself that is a whole interval. Days 29 to 31 fall on a short month's last day.
pub fn first_period(
    policy: ProrationPolicy,
    interval: Interval,
    anchor_day: i8,
    now: Timestamp,
    time_zone: &TimeZone,
) -> Result<FirstPeriod, CalendarError> {
    match policy {
        ProrationPolicy::Second => {
            let start = whole_second(now)?;
            Ok(FirstPeriod {
                start,
                whole: fresh_period(interval, start)?,
                anchoring: Anchoring::BeginsNow,
            })
        }
        ProrationPolicy::Day => {
            let anchor_day = anchor_day.clamp(1, 31);
            let today = time_zone.to_datetime(now).date();
            let (first, next) = dates_around(today, interval, anchor_day)?;
            let whole = Period {
                interval,
                start: midnight(first, time_zone)?,
                end: midnight(next, time_zone)?,
            };
            let anchoring = if next.day() < anchor_day {
                Anchoring::DayOfMonth(anchor_day)
            } else {
                Anchoring::FirstRenewal
            };
            Ok(FirstPeriod {
                start: midnight(today, time_zone)?,
                whole,
                anchoring,
            })
        }
    }
}

/// A whole period that begins at `start`. The provider counts months in UTC.
pub(super) fn fresh_period(interval: Interval, start: Timestamp) -> Result<Period, CalendarError> {
    let end = start
        .to_zoned(TimeZone::UTC)
        .checked_add(interval.span())?
        .timestamp();
    Ok(Period { interval, start, end })
}

/// The whole period that a running one is the rest of: a subscription that began between two renewals has a shorter first one,
/// and the provider counts a share of the whole interval all the same. It counts months in UTC.
pub(super) fn whole_of(running: Period, anchor_day: i8) -> Result<Period, CalendarError> {
    let [start, end] = [running.start, running.end].map(|at| at.to_zoned(TimeZone::UTC));
    let (first, next) = (start.date(), end.date());
    let before = -i64::from(running.interval.months());
    // Either end may be the last day of a month that is too short for the anchor day.
    let by_first = on_day(next, before, first.day())? == first && on_day(next, 0, first.day())? == next;
    if by_first || on_day(next, before, next.day())? == first {
        return Ok(running);
    }
    let day = if on_day(next, 0, anchor_day)? == next {
        anchor_day
    } else {
        next.day()
    };
    let whole = on_day(next, before, day)?
        .to_datetime(end.time())
        .to_zoned(TimeZone::UTC)?
        .timestamp();
    Ok(Period {
        start: whole.min(running.start),
        ..running
    })
}

/// The first and the next renewal day around `today`: the period's own first day, and the day after its last.
fn dates_around(today: Date, interval: Interval, anchor_day: i8) -> Result<(Date, Date), CalendarError> {
    let months = i64::from(interval.months());
    let this_month = on_day(today, 0, anchor_day)?;
    if today == this_month {
        return Ok((today, on_day(today, months, anchor_day)?));
    }
    let next_in = i64::from(today > this_month);
    let next = on_day(today, next_in, anchor_day)?;
    Ok((on_day(today, next_in - months, anchor_day)?, next))
}

/// The anchor day in the month that is so many months after `date`'s, or its last day when it is shorter.
fn on_day(date: Date, months_later: i64, anchor_day: i8) -> Result<Date, CalendarError> {
    let month = date
        .first_of_month()
        .checked_add(Span::new().try_months(months_later)?)?;
    let day = anchor_day.clamp(1, month.days_in_month());
    Ok(Date::new(month.year(), month.month(), day)?)
}

fn midnight(date: Date, time_zone: &TimeZone) -> Result<Timestamp, CalendarError> {
    // A day whose midnight is skipped by a clock change begins with its first instant.
    Ok(date.to_zoned(time_zone.clone())?.start_of_day()?.timestamp())
}

fn whole_second(now: Timestamp) -> Result<Timestamp, CalendarError> {
    Ok(now.checked_sub(SignedDuration::from_nanos(i64::from(now.subsec_nanosecond())))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(start: &str, end: &str) -> Period {
        let at = |date: &str| format!("{date}T03:00:00Z").parse().expect("an instant");
        Period {
            interval: Interval::MONTH,
            start: at(start),
            end: at(end),
        }
    }

    #[test]
    fn a_shorter_first_period_is_the_rest_of_a_whole_one() {
        for (start, end, anchor_day, whole_start) in [
            ("2026-03-18", "2026-04-10", 10, "2026-03-10"),
            ("2026-03-12", "2026-04-10", 10, "2026-03-10"),
            ("2026-02-18", "2026-02-28", 31, "2026-01-31"),
            ("2026-03-05", "2026-03-31", 31, "2026-02-28"),
            // The day of the account is not that of the subscription: the period's own end counts.
            ("2026-03-18", "2026-04-10", 25, "2026-03-10"),
        ] {
            let whole = whole_of(period(start, end), anchor_day).expect("a period");
            assert_eq!(whole, period(whole_start, end), "{start} to {end}");
        }
    }

    #[test]
    fn a_whole_period_stays_as_it_is_whatever_the_anchor_day() {
        for (start, end) in [
            ("2026-03-10", "2026-04-10"),
            ("2026-01-31", "2026-02-28"),
            ("2026-02-28", "2026-03-31"),
            ("2026-03-31", "2026-04-30"),
            ("2026-01-30", "2026-02-28"),
            ("2026-02-28", "2026-03-28"),
        ] {
            for anchor_day in [1, 10, 28, 29, 30, 31] {
                let running = period(start, end);
                assert_eq!(
                    whole_of(running, anchor_day).expect("a period"),
                    running,
                    "{start}"
                );
            }
        }
    }
}
