use std::fmt;
use std::num::NonZeroU8;
use std::str::FromStr;

use jiff::Span;
use serde::{Deserialize, Serialize};

/// How often a price is charged: every so many months or years. Written `month`, `year` or `3 months`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Interval {
    unit: IntervalUnit,
    count: NonZeroU8,
}

/// What an interval counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntervalUnit {
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
}

/// The text is not an interval that can be charged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// It does not read as one.
    #[error("`{0}` is not a billing interval; write `month`, `year` or a number of them such as `3 months`")]
    Form(String),
    /// The provider takes intervals up to three years. Source: Stripe, Prices, `recurring.interval_count`.
    #[error("a billing interval lasts at most 3 years")]
    TooLong,
}

impl Interval {
    /// Every month.
    pub const MONTH: Self = Self {
        unit: IntervalUnit::Month,
        count: NonZeroU8::MIN,
    };
    /// Every year.
    pub const YEAR: Self = Self {
        unit: IntervalUnit::Year,
        count: NonZeroU8::MIN,
    };

    /// Every `count` units, at least one and at most three years.
    pub fn new(count: u8, unit: IntervalUnit) -> Result<Self, IntervalError> {
        let most = match unit {
            IntervalUnit::Month => 36,
            IntervalUnit::Year => 3,
        };
        match NonZeroU8::new(count) {
            Some(count) if count.get() <= most => Ok(Self { unit, count }),
            Some(_) => Err(IntervalError::TooLong),
            None => Err(IntervalError::Form("0".to_owned())),
        }
    }

    /// What it counts.
    pub fn unit(self) -> IntervalUnit {
        self.unit
    }

    /// How many of the unit, at least one.
    pub fn count(self) -> u8 {
        self.count.get()
    }

    /// How many calendar months it lasts.
    pub fn months(self) -> u32 {
        let each = match self.unit {
            IntervalUnit::Month => 1,
            IntervalUnit::Year => 12,
        };
        u32::from(self.count.get()) * each
    }

    /// The interval as a calendar span, for arithmetic on dates.
    pub fn span(self) -> Span {
        Span::new().months(i64::from(self.months()))
    }
}

impl FromStr for Interval {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Self, IntervalError> {
        let form = || IntervalError::Form(text.chars().take(20).collect());
        let (count, unit) = match text.split_once(' ') {
            None => (1, text),
            Some((count, unit)) => (count.parse().map_err(|_| form())?, unit),
        };
        match unit {
            "month" | "months" => Self::new(count, IntervalUnit::Month),
            "year" | "years" => Self::new(count, IntervalUnit::Year),
            _ => Err(form()),
        }
    }
}

impl TryFrom<String> for Interval {
    type Error = IntervalError;

    fn try_from(text: String) -> Result<Self, IntervalError> {
        text.parse()
    }
}

impl From<Interval> for String {
    fn from(interval: Interval) -> Self {
        interval.to_string()
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            IntervalUnit::Month => "month",
            IntervalUnit::Year => "year",
        };
        match self.count.get() {
            1 => f.write_str(unit),
            count => write!(f, "{count} {unit}s"),
        }
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_read_back_as_they_were_written() {
        for text in ["month", "year", "3 months", "2 years"] {
            assert_eq!(text.parse::<Interval>().expect("an interval").to_string(), text);
        }
        assert_eq!("1 month".parse(), Ok(Interval::MONTH));
        assert_eq!("4 years".parse::<Interval>(), Err(IntervalError::TooLong));
        for bad in ["", "week", "0 months", "-1 month", "3  months", "month 3"] {
            assert!(
                matches!(bad.parse::<Interval>(), Err(IntervalError::Form(_))),
                "{bad}"
            );
        }
    }
}
