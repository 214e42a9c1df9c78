//! Billing periods. Their ends lie whole intervals away from the billing-cycle anchor, in UTC; an anchor on day 29, 30 or
//! 31 falls on the last day of a shorter month and returns to its own day afterwards.

use jiff::Span;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::sandbox::error::ApiError;

/// The unit of a billing interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unit {
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    pub(super) fn parse(word: &str) -> Option<Unit> {
        match word {
            "day" => Some(Unit::Day),
            "week" => Some(Unit::Week),
            "month" => Some(Unit::Month),
            "year" => Some(Unit::Year),
            _ => None,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Year => "year",
        }
    }
}

/// How often something is billed, such as every 3 months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Interval {
    pub(super) unit: Unit,
    pub(super) count: i64,
}

impl Interval {
    /// Stripe allows intervals of up to three years.
    pub(super) fn is_allowed(self) -> bool {
        let longest = match self.unit {
            Unit::Day => 1095,
            Unit::Week => 156,
            Unit::Month => 36,
            Unit::Year => 3,
        };
        (1..=longest).contains(&self.count)
    }

    fn times(self, steps: i64) -> Option<Span> {
        let units = self.count.checked_mul(steps)?;
        match self.unit {
            Unit::Day => Span::new().try_days(units).ok(),
            Unit::Week => Span::new().try_weeks(units).ok(),
            Unit::Month => Span::new().try_months(units).ok(),
            Unit::Year => Span::new().try_years(units).ok(),
        }
    }

    /// A length in seconds that the interval never exceeds.
    fn seconds_max(self) -> i64 {
        let days = match self.unit {
            Unit::Day => 1,
            Unit::Week => 7,
            Unit::Month => 31,
            Unit::Year => 366,
        };
        days * 86_400 * self.count
    }
}

/// Where the billing cycles of a subscription are pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Anchor {
    /// Unix seconds.
    pub(super) at: i64,
    /// The day of the month that cycles return to, when it is not the anchor's own (an anchor on 28 February that
    /// stands for day 31).
    pub(super) day: Option<i8>,
}

impl Anchor {
    pub(super) fn at(at: i64) -> Anchor {
        Anchor { at, day: None }
    }

    /// The boundary that lies `steps` intervals after the anchor (before it, if negative).
    pub(super) fn boundary(self, interval: Interval, steps: i64) -> Result<i64, ApiError> {
        let shifted = || {
            let anchor = civil(self.at)?;
            let whole = matches!(interval.unit, Unit::Month | Unit::Year);
            let day = self.day.filter(|_| whole);
            // Whole months are counted from the first day, so that a clamped day cannot pull the following ones along.
            let start = if day.is_some() {
                anchor.with().day(1).build().ok()?
            } else {
                anchor
            };
            let moved = start.checked_add(interval.times(steps)?).ok()?;
            let moved = match day {
                Some(day) => moved.with().day(day.min(moved.days_in_month())).build().ok()?,
                None => moved,
            };
            seconds(moved)
        };
        shifted().ok_or_else(|| ApiError::invalid("The billing period leaves the calendar."))
    }

    /// The period `[start, end)` of this interval that contains the instant.
    pub(super) fn period_around(self, interval: Interval, instant: i64) -> Result<(i64, i64), ApiError> {
        // Rounded down, this guess is never past the right step; the search goes forward from there.
        let mut step = (instant - self.at).div_euclid(interval.seconds_max()) - 1;
        let mut start = self.boundary(interval, step)?;
        while start > instant {
            step -= 1;
            start = self.boundary(interval, step)?;
        }
        loop {
            let end = self.boundary(interval, step + 1)?;
            if end > instant {
                return Ok((start, end));
            }
            start = end;
            step += 1;
        }
    }
}

/// The first instant after `after` that has this day of the month and time of day.
pub(super) fn next_day_of_month(after: i64, day: i8, time: (i8, i8, i8)) -> Result<i64, ApiError> {
    let found = || {
        let from = civil(after)?
            .with()
            .day(1)
            .hour(time.0)
            .minute(time.1)
            .second(time.2)
            .build()
            .ok()?;
        for months in 0..=1 {
            let month = from.checked_add(Span::new().try_months(months).ok()?).ok()?;
            let at = seconds(month.with().day(day.min(month.days_in_month())).build().ok()?)?;
            if at > after {
                return Some(at);
            }
        }
        None
    };
    found().ok_or_else(|| ApiError::invalid("This anchor is no day of a month with a time of day."))
}

/// A day as people read it in a line's description, such as `21 Nov 2026`.
pub(super) fn day_in_words(at: i64) -> String {
    civil(at)
        .map(|moment| moment.strftime("%-d %b %Y").to_string())
        .unwrap_or_default()
}

/// The year in which the instant lies.
pub(super) fn year_of(at: i64) -> i64 {
    civil(at).map_or(1970, |moment| i64::from(moment.year()))
}

fn civil(at: i64) -> Option<DateTime> {
    let moment = Timestamp::from_second(at).ok()?;
    Some(moment.to_zoned(TimeZone::UTC).datetime())
}

fn seconds(moment: DateTime) -> Option<i64> {
    Some(moment.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONTHLY: Interval = Interval {
        unit: Unit::Month,
        count: 1,
    };
    const YEARLY: Interval = Interval {
        unit: Unit::Year,
        count: 1,
    };

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn the_last_days_of_a_month_clamp_and_return() {
        let anchor = Anchor::at(at("2027-10-31T09:30:00Z"));
        let ends: Vec<_> = (1..=6)
            .map(|step| anchor.boundary(MONTHLY, step).unwrap())
            .collect();
        let expected = [
            "2027-11-30",
            "2027-12-31",
            "2028-01-31",
            "2028-02-29",
            "2028-03-31",
            "2028-04-30",
        ];
        assert_eq!(ends, expected.map(|day| at(&format!("{day}T09:30:00Z"))).to_vec());
    }

    #[test]
    fn a_leap_day_clamps_in_common_years_and_returns() {
        let anchor = Anchor::at(at("2028-02-29T00:00:00Z"));
        assert_eq!(anchor.boundary(YEARLY, 1).unwrap(), at("2029-02-28T00:00:00Z"));
        assert_eq!(anchor.boundary(YEARLY, 4).unwrap(), at("2032-02-29T00:00:00Z"));
        assert_eq!(anchor.boundary(MONTHLY, -1).unwrap(), at("2028-01-29T00:00:00Z"));
    }

    #[test]
    fn an_anchor_may_stand_for_a_later_day_than_its_own() {
        let anchor = Anchor {
            at: at("2027-02-28T03:00:00Z"),
            day: Some(31),
        };
        assert_eq!(anchor.boundary(MONTHLY, 0).unwrap(), at("2027-02-28T03:00:00Z"));
        assert_eq!(anchor.boundary(MONTHLY, 1).unwrap(), at("2027-03-31T03:00:00Z"));
        assert_eq!(anchor.boundary(MONTHLY, 2).unwrap(), at("2027-04-30T03:00:00Z"));
        assert_eq!(
            next_day_of_month(at("2027-02-10T00:00:00Z"), 31, (3, 0, 0)).unwrap(),
            at("2027-02-28T03:00:00Z")
        );
        assert_eq!(
            next_day_of_month(at("2027-02-28T03:00:00Z"), 31, (3, 0, 0)).unwrap(),
            at("2027-03-31T03:00:00Z")
        );
    }

    #[test]
    fn a_period_holds_its_start_and_not_its_end() {
        let anchor = Anchor::at(at("2027-01-31T00:00:00Z"));
        let february = (at("2027-01-31T00:00:00Z"), at("2027-02-28T00:00:00Z"));
        assert_eq!(anchor.period_around(MONTHLY, february.0).unwrap(), february);
        assert_eq!(anchor.period_around(MONTHLY, february.1 - 1).unwrap(), february);
        assert_eq!(
            anchor.period_around(MONTHLY, february.1).unwrap(),
            (february.1, at("2027-03-31T00:00:00Z"))
        );
        // Before the anchor, and many years after it.
        assert_eq!(
            anchor.period_around(MONTHLY, february.0 - 1).unwrap().1,
            february.0
        );
        assert_eq!(
            anchor
                .period_around(MONTHLY, at("2047-02-15T00:00:00Z"))
                .unwrap()
                .1,
            at("2047-02-28T00:00:00Z")
        );
    }
}
