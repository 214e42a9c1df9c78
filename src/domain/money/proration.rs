//! A part of an amount, in proportion to time or by a tax's rate. The one place where an amount is ever rounded.

use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Money, MoneyError};

/// `part / whole` of `amount`, to the nearest minor unit; exactly in the middle, toward minus infinity.
///
/// Negative amounts are credits and follow the same rule: -2.5 becomes -3 and 4.5 becomes 4. How the provider rounds is not
/// documented; recorded answers of its API in flexible and classic billing mode fit this rule and refute rounding down,
/// half away from zero, and half to even. Should it turn out to be another one, this function is all that changes.
///
/// `part` and `whole` are seconds. A part outside of the whole is cut to it, and a whole without extent gives nothing.
pub fn prorate(amount: Money, part: i64, whole: i64) -> Result<Money, MoneyError> {
    if whole <= 0 {
        return Ok(Money::zero(amount.currency));
    }
    let part = part.clamp(0, whole);
    // Two factors of 64 bits and a doubling fit into 128 bits.
    let numerator = i128::from(amount.amount) * i128::from(part);
    let whole = i128::from(whole);
    let rounded = -((whole - 2 * numerator).div_euclid(2 * whole));
    let amount_rounded = i64::try_from(rounded).map_err(|_| MoneyError::Overflow)?;
    Ok(Money::new(amount_rounded, amount.currency))
}

/// `part / whole` of `amount`, to the nearest minor unit; exactly in the middle, away from zero, so that what a credit gives back is what
/// its charge has taken. How taxes are rounded. Source: Stripe, "Tax rates": each amount of a line is rounded for itself.
pub fn share(amount: Money, part: Decimal, whole: Decimal) -> Result<Money, MoneyError> {
    let exact = Decimal::from(amount.amount)
        .checked_mul(part)
        .and_then(|scaled| scaled.checked_div(whole))
        .ok_or(MoneyError::Overflow)?;
    let rounded = exact.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    let amount_rounded = rounded.to_i64().ok_or(MoneyError::Overflow)?;
    Ok(Money::new(amount_rounded, amount.currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brl(amount: i64) -> Money {
        Money::new(amount, "BRL".parse().expect("known"))
    }

    #[test]
    fn rounds_to_the_nearest_and_a_tie_toward_minus_infinity() {
        // The first three ratios and the ties are recorded answers of the provider.
        for (amount, part, whole, expected) in [
            (-16_635, 1, 100, -166),
            (54_096, 1, 100, 541),
            (-483_625, 1, 100, -4836),
            (-5, 1, 2, -3),
            (9, 1, 2, 4),
            (15, 1, 2, 7),
            (1, 1, 2, 0),
            (-1, 1, 2, -1),
            (100, 1, 3, 33),
            (200, 1, 3, 67),
            (-200, 1, 3, -67),
        ] {
            assert_eq!(
                prorate(brl(amount), part, whole),
                Ok(brl(expected)),
                "{amount} * {part}/{whole}"
            );
        }
    }

    #[test]
    fn the_whole_is_exact_and_nothing_is_nothing() {
        for amount in [i64::MIN, -1, 0, 1, 4990, i64::MAX] {
            assert_eq!(prorate(brl(amount), i64::MAX, i64::MAX), Ok(brl(amount)));
            assert_eq!(prorate(brl(amount), 0, 30), Ok(brl(0)));
            assert_eq!(prorate(brl(amount), 5, 0), Ok(brl(0)));
        }
    }

    #[test]
    fn a_part_outside_of_the_whole_is_cut_to_it() {
        assert_eq!(prorate(brl(100), 31, 30), Ok(brl(100)));
        assert_eq!(prorate(brl(100), -1, 30), Ok(brl(0)));
    }
}
