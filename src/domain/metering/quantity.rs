use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How many millionths a unit has.
const UNIT: u64 = 1_000_000;

/// How many decimals a quantity can have at most.
const DECIMALS_MAX: usize = 6;

/// An exact amount of use, never negative: millionths of a unit. Written as a decimal number in a text: `12.5`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quantity(u64);

/// The text is not a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// It is not digits, with a dot before at most six decimals.
    #[error("a quantity is written in digits, with a dot before at most six decimals, and is never negative")]
    Form,
    /// It is beyond what can be counted.
    #[error("the quantity is too large")]
    TooLarge,
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The most that one report can bring: a thousand million units.
    pub const REPORT_MAX: Self = Self(1_000_000_000 * UNIT);

    /// Whole units; `None` where they are more than can be counted.
    pub fn whole(units: u64) -> Option<Self> {
        units.checked_mul(UNIT).map(Self)
    }

    /// Millionths of a unit.
    pub fn from_millionths(millionths: u64) -> Self {
        Self(millionths)
    }

    /// The same in millionths of a unit.
    pub fn millionths(self) -> u64 {
        self.0
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, where it can be counted: it fits into a signed number of the databases too.
    pub fn plus(self, other: Self) -> Option<Self> {
        let sum = self.0.checked_add(other.0)?;
        i64::try_from(sum).is_ok().then_some(Self(sum))
    }

    /// What is left of it without `other`; nothing where that is more.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Exactly so many times this much; `None` where that is finer than a millionth, or too much.
    pub fn times(self, rate: Self) -> Option<Self> {
        let product = u128::from(self.0).checked_mul(u128::from(rate.0))?;
        let (units, rest) = (product / u128::from(UNIT), product % u128::from(UNIT));
        let units = u64::try_from(units).ok().filter(|_| rest == 0)?;
        Self(units).plus(Self::ZERO)
    }

    /// Whether it has no more decimals than these.
    pub fn fits(self, decimals: u8) -> bool {
        let step = 10_u64.checked_pow(6_u32.saturating_sub(u32::from(decimals)));
        step.is_none_or(|step| self.0.is_multiple_of(step))
    }

    /// Whether it has reached this many hundredths of `of`.
    pub fn has_reached(self, percent: u16, of: Self) -> bool {
        u128::from(self.0) * 100 >= u128::from(of.0) * u128::from(percent)
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let in_place = !text.contains('.') || !decimals.is_empty();
        if whole.is_empty()
            || !digits(whole)
            || !digits(decimals)
            || !in_place
            || decimals.len() > DECIMALS_MAX
        {
            return Err(QuantityError::Form);
        }
        let written = format!("{whole}{decimals:0<DECIMALS_MAX$}");
        let millionths = written.parse().map_err(|_| QuantityError::TooLarge)?;
        Self(millionths).plus(Self::ZERO).ok_or(QuantityError::TooLarge)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (units, rest) = (self.0 / UNIT, self.0 % UNIT);
        if rest == 0 {
            return write!(f, "{units}");
        }
        let decimals = format!("{rest:0>DECIMALS_MAX$}");
        write!(f, "{units}.{}", decimals.trim_end_matches('0'))
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Quantity {
    type Error = QuantityError;

    fn try_from(text: String) -> Result<Self, QuantityError> {
        text.parse()
    }
}

impl From<Quantity> for String {
    fn from(quantity: Quantity) -> Self {
        quantity.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(text: &str) -> Quantity {
        text.parse().expect("a quantity")
    }

    #[test]
    fn decimals_are_exact_and_read_back_as_they_were_written() {
        for text in ["0", "1", "0.1", "12.5", "1000000000", "0.000001", "3.25"] {
            assert_eq!(quantity(text).to_string(), text);
        }
        assert_eq!(quantity("1.50").to_string(), "1.5");
        assert_eq!(quantity("0.1").plus(quantity("0.2")), Some(quantity("0.3")));
        assert_eq!(quantity("2.5").times(quantity("1.2")), Some(quantity("3")));
        assert_eq!(
            quantity("0.000001").times(quantity("0.5")),
            None,
            "finer than can be counted"
        );
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for bad in ["", "-1", "+1", "1.", ".5", "1e3", "1,5", "0.0000001", "x", " 1"] {
            assert_eq!(bad.parse::<Quantity>(), Err(QuantityError::Form), "{bad}");
        }
        assert_eq!("99999999999999".parse::<Quantity>(), Err(QuantityError::TooLarge));
        assert_eq!(
            "99999999999999999999999".parse::<Quantity>(),
            Err(QuantityError::TooLarge)
        );
    }

    #[test]
    fn a_meter_says_how_many_decimals_it_takes() {
        assert!(quantity("3").fits(0) && quantity("3.25").fits(2) && quantity("3.25").fits(6));
        assert!(!quantity("3.5").fits(0) && !quantity("3.125").fits(2));
    }

    #[test]
    fn a_share_is_reached_exactly() {
        assert!(quantity("80").has_reached(80, quantity("100")));
        assert!(!quantity("79.999999").has_reached(80, quantity("100")));
        assert!(quantity("0").has_reached(100, quantity("0")));
    }
}
