use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Currency;

/// An exact amount: minor units of one currency. Negative amounts are credits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// In minor units: 1999 BRL is R$ 19,99; 1999 JPY is ¥1999.
    pub amount: i64,
    /// The currency that `amount` counts in.
    pub currency: Currency,
}

/// Why two amounts could not be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Amounts in two currencies never meet; there is no exchange rate in this program.
    #[error("cannot combine {0} with {1}")]
    Mixed(Currency, Currency),
    /// The result does not fit in 64 bits of minor units.
    #[error("the amount is too large")]
    Overflow,
}

impl Money {
    /// `amount` minor units of `currency`.
    pub fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Nothing, in `currency`.
    pub fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Whether it is exactly nothing.
    pub fn is_zero(self) -> bool {
        self.amount == 0
    }

    /// The sum, when both are in one currency and it fits.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let amount = self
            .amount
            .checked_add(other.amount)
            .ok_or(MoneyError::Overflow)?;
        Ok(Self::new(amount, self.currency))
    }

    /// The difference, when both are in one currency and it fits.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let amount = self
            .amount
            .checked_sub(other.amount)
            .ok_or(MoneyError::Overflow)?;
        Ok(Self::new(amount, self.currency))
    }

    /// `quantity` times this amount, when it fits.
    pub fn times(self, quantity: u64) -> Result<Self, MoneyError> {
        let quantity = i64::try_from(quantity).map_err(|_| MoneyError::Overflow)?;
        let amount = self.amount.checked_mul(quantity).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(amount, self.currency))
    }

    /// The sum of all, or zero when there are none.
    pub fn sum(currency: Currency, all: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        all.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    /// The amount in major units, with as many decimals as the currency has: 19.99 for 1999 BRL.
    pub fn major(self) -> Decimal {
        Decimal::new(self.amount, u32::from(self.currency.exponent()))
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::Mixed(self.currency, other.currency))
        }
    }
}

/// For logs and errors, the same in every language: `BRL 19.99`. People read amounts through the `text` room.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.major())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_two_currencies_never_meet() {
        let [brl, usd] = ["BRL", "USD"].map(|code| code.parse().expect("known"));
        assert_eq!(
            Money::new(1, brl).plus(Money::new(1, usd)),
            Err(MoneyError::Mixed(brl, usd))
        );
    }

    #[test]
    fn major_units_follow_the_exponent() {
        for (code, shown) in [("BRL", "BRL 19.99"), ("JPY", "JPY 1999"), ("KWD", "KWD 1.999")] {
            assert_eq!(Money::new(1999, code.parse().expect("known")).to_string(), shown);
        }
    }

    #[test]
    fn a_sum_that_does_not_fit_is_an_error() {
        let brl = "BRL".parse().expect("known");
        assert_eq!(
            Money::new(i64::MAX, brl).plus(Money::new(1, brl)),
            Err(MoneyError::Overflow)
        );
    }
}
