//! The one place of the sandbox where an amount is rounded.
//!
//! How Stripe rounds a proration is not documented. Its recorded answers (-166.35 gave -166, 540.96 gave 541, -2.5 gave
//! -3, 4.5 gave 4, 7.5 gave 7) fit "to the nearest, ties toward minus infinity", and nothing simpler fits all of them.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::sandbox::error::ApiError;

/// `amount * part / whole` in minor units. A whole of nothing has no part.
pub(super) fn prorate(amount: i64, part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let numerator = i128::from(amount) * i128::from(part);
    let denominator = i128::from(whole);
    // The smallest integer that is not below (value - 1/2): it is the nearest, and the lower one of a tie.
    let doubled = 2 * numerator - denominator;
    let rounded = -((-doubled).div_euclid(2 * denominator));
    i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
}

/// `amount * part / whole`, to the nearest minor unit; exactly in the middle, away from zero, so that a credit is its charge with the
/// other sign. How taxes are rounded.
pub(super) fn half_up(amount: i64, part: i64, whole: i64) -> i64 {
    let doubled = 2 * i128::from(amount.unsigned_abs()) * i128::from(part);
    let whole = i128::from(whole);
    let rounded = i64::try_from((doubled + whole) / (2 * whole)).unwrap_or(i64::MAX);
    if amount < 0 { -rounded } else { rounded }
}

/// A decimal number of minor units as a whole number of them.
pub(super) fn whole_units(exact: Decimal) -> Result<i64, ApiError> {
    let half = Decimal::new(5, 1);
    exact
        .checked_sub(half)
        .and_then(|lowered| lowered.ceil().to_i64())
        .ok_or_else(|| ApiError::invalid("The amount is too large."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_the_nearest_and_ties_down() {
        // Amount, part, whole, expected: the recorded answers first.
        let vectors = [
            (-16_635, 1, 100, -166),
            (54_096, 1, 100, 541),
            (-483_625, 1, 100, -4836),
            (-5, 1, 2, -3),
            (9, 1, 2, 4),
            (15, 1, 2, 7),
            (0, 1, 2, 0),
            (1, 1, 2, 0),
            (-1, 1, 2, -1),
            (2, 1, 3, 1),
            (-2, 1, 3, -1),
            (1000, 0, 7, 0),
            (1000, 7, 7, 1000),
            (1000, 5, 0, 0),
        ];
        for (amount, part, whole, expected) in vectors {
            assert_eq!(
                prorate(amount, part, whole),
                expected,
                "{amount} * {part} / {whole}"
            );
        }
    }

    #[test]
    fn a_tax_is_rounded_half_up_and_its_credit_with_the_other_sign() {
        for (amount, expected) in [(50, 10), (52, 10), (53, 10), (250, 48), (0, 0), (1, 0), (3, 1)] {
            assert_eq!(half_up(amount, 19, 100), expected, "{amount}");
            assert_eq!(half_up(-amount, 19, 100), -expected, "-{amount}");
        }
        assert_eq!(half_up(10, 5, 100), 1, "exactly in the middle");
        assert_eq!(half_up(119, 19, 119), 19, "inside of the price");
    }

    #[test]
    fn decimals_follow_the_same_rule() {
        for (exact, expected) in [("2.5", 2), ("-2.5", -3), ("2.51", 3), ("-0.4", 0), ("7", 7)] {
            let exact: Decimal = exact.parse().unwrap();
            assert_eq!(whole_units(exact).unwrap(), expected, "{exact}");
        }
        assert!(whole_units(Decimal::MAX).is_err());
    }
}
