//! Amounts and prices: decimal texts in major units become exact minor units.

use std::collections::BTreeSet;

use toml::Spanned;

use super::Builder;
use crate::domain::catalog::{Price, Scheme, Tier};
use crate::domain::money::Currency;
use crate::workflow::CHARGE_MAX;
use crate::workflow::raw::{RawPrice, RawTier};

impl Builder<'_, '_> {
    /// All prices of one plan or offer; `most` is the largest quantity that can be bought.
    pub(super) fn prices(&mut self, of: &str, raw: Vec<Spanned<RawPrice>>, most: u64) -> Vec<Price> {
        let mut seen = BTreeSet::new();
        let mut prices = Vec::new();
        for raw in raw {
            let span = raw.span();
            let raw = raw.into_inner();
            let (currency, interval) = (raw.currency, raw.interval);
            if !seen.insert((currency, interval)) {
                self.say(&span, format!("{of} has two prices in {currency} per {interval}"));
            }
            if !self.currencies.contains(&currency) {
                let hint = format!("add {currency} to `currencies` in [seller], or take the price out");
                let what = format!("{of} has a price in {currency}, which the seller does not sell in");
                self.say_with_hint(&span, what, hint);
            }
            let scheme = match (raw.unit, raw.graduated, raw.volume) {
                (Some(unit), None, None) => self.amount(&unit, currency).map(|unit| Scheme::PerUnit { unit }),
                (None, Some(tiers), None) => self
                    .tiers(tiers, currency)
                    .map(|tiers| Scheme::Graduated { tiers }),
                (None, None, Some(tiers)) => {
                    self.tiers(tiers, currency).map(|tiers| Scheme::Volume { tiers })
                }
                _ => {
                    let what = format!("a price of {of} needs one of `unit`, `graduated` and `volume`");
                    self.say(&span, what);
                    None
                }
            };
            let Some(scheme) = scheme else { continue };
            let price = Price {
                currency,
                interval,
                scheme,
            };
            if price.amount(most).is_err() {
                self.say(
                    &span,
                    format!("{of}: {most} at this price is more than can be charged"),
                );
            }
            prices.push(price);
        }
        prices
    }

    fn tiers(&mut self, raw: Spanned<Vec<RawTier>>, currency: Currency) -> Option<Vec<Tier>> {
        let span = raw.span();
        let raw = raw.into_inner();
        let ends: Vec<_> = raw.iter().map(|tier| tier.up_to).collect();
        let open_end = ends.last().is_some_and(Option::is_none);
        let rising = ends.windows(2).all(|pair| match (pair[0], pair[1]) {
            (Some(lower), Some(upper)) => lower < upper,
            (Some(_), None) => true,
            (None, _) => false,
        });
        if !open_end || !rising || ends.first() == Some(&Some(0)) {
            let hint = "let `up_to` rise from tier to tier, and leave it out in the last one";
            self.say_with_hint(&span, "the tiers do not cover every quantity once", hint);
            return None;
        }
        let tiers = raw.into_iter().map(|tier| {
            let unit = self.amount(&tier.unit, currency);
            let flat = tier.flat.map_or(Some(0), |flat| self.amount(&flat, currency));
            Some(Tier {
                up_to: tier.up_to,
                unit: unit?,
                flat: flat?,
            })
        });
        // Every tier is read before the first bad one ends it, so that all are told.
        tiers.collect::<Vec<_>>().into_iter().collect()
    }

    pub(super) fn amount(&mut self, text: &Spanned<String>, currency: Currency) -> Option<i64> {
        match minor_units(text.get_ref(), currency) {
            Ok(amount) => Some(amount),
            Err((what, hint)) => {
                self.say_with_hint(&text.span(), what, hint);
                None
            }
        }
    }
}

/// Reads `49.90` exactly. The error is what is wrong, and a hint.
fn minor_units(text: &str, currency: Currency) -> Result<i64, (String, String)> {
    let exponent = usize::from(currency.exponent());
    let example = match exponent {
        0 => "4990".to_owned(),
        digits => format!("49.{}", &"900"[..digits]),
    };
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let dot_in_place = !text.contains('.') || !decimals.is_empty();
    if whole.is_empty() || !digits(whole) || !digits(decimals) || !dot_in_place {
        let hint = format!("write digits, with a dot before the decimals and nothing else: \"{example}\"");
        return Err((format!("`{text}` is not an amount"), hint));
    }
    if decimals.len() > exponent {
        let hint = format!("{currency} has {exponent} decimals: \"{example}\"");
        return Err((format!("`{text}` has more decimals than {currency}"), hint));
    }
    let padded = format!("{whole}{decimals:0<exponent$}");
    match padded.parse::<i64>() {
        Ok(amount) if amount > CHARGE_MAX => Err((
            format!("`{text}` is more than the provider charges"),
            "at most 8 digits".to_owned(),
        )),
        Ok(amount) if amount % currency.step() != 0 => {
            let hint = "the provider takes its last digits only as zeros".to_owned();
            Err((format!("`{text}` cannot be charged in {currency}"), hint))
        }
        Ok(amount) => Ok(amount),
        Err(_) => Err((format!("`{text}` is too large"), "at most 8 digits".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::minor_units;

    #[test]
    fn amounts_are_read_exactly_by_the_currencys_decimals() {
        for (text, code, amount) in [
            ("49.90", "BRL", 4990),
            ("49.9", "BRL", 4990),
            ("49", "BRL", 4900),
            ("0.01", "USD", 1),
            ("4990", "JPY", 4990),
            ("1.990", "KWD", 1990),
            ("199", "ISK", 19900),
        ] {
            assert_eq!(
                minor_units(text, code.parse().expect("known")),
                Ok(amount),
                "{text} {code}"
            );
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for (text, code) in [
            ("", "BRL"),
            (".5", "BRL"),
            ("5.", "BRL"),
            ("-5", "BRL"),
            ("1,50", "BRL"),
            ("1.505", "BRL"),
            ("5.0", "JPY"),
            ("1.995", "KWD"),
            ("1.50", "ISK"),
            ("99999999999999999999", "BRL"),
            ("1000000.00", "BRL"),
            ("1e2", "BRL"),
        ] {
            assert!(
                minor_units(text, code.parse().expect("known")).is_err(),
                "{text} {code}"
            );
        }
    }
}
