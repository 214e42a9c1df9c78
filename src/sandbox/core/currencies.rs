//! Currencies that the sandbox charges in, with the smallest amount that a card can be charged, in minor units of the
//! API. Source: Stripe, "Supported currencies", section on minimum charge amounts; currencies without a row there get
//! the amount that is worth about half a US dollar.

use crate::sandbox::error::ApiError;

use super::params::Params;

static MINIMUM_CHARGE: [(&str, i64); 34] = [
    ("aed", 200),
    ("aud", 50),
    ("bgn", 100),
    ("bhd", 200),
    ("brl", 50),
    ("cad", 50),
    ("chf", 50),
    ("clp", 500),
    ("cop", 200_000),
    ("czk", 1500),
    ("dkk", 250),
    ("eur", 50),
    ("gbp", 30),
    ("hkd", 400),
    ("huf", 17_500),
    ("inr", 50),
    ("isk", 10_000),
    ("jod", 400),
    ("jpy", 50),
    ("krw", 700),
    ("kwd", 200),
    ("mxn", 1000),
    ("myr", 200),
    ("nok", 300),
    ("nzd", 50),
    ("omr", 200),
    ("pen", 200),
    ("pln", 200),
    ("ron", 200),
    ("sek", 300),
    ("sgd", 50),
    ("thb", 1000),
    ("tnd", 2000),
    ("usd", 50),
];

/// Below this amount an invoice is not charged but carried over. Zero for a currency that the sandbox does not know.
pub(super) fn minimum_charge(currency: &str) -> i64 {
    let found = MINIMUM_CHARGE.binary_search_by(|(code, _)| (*code).cmp(currency));
    found.map_or(0, |place| MINIMUM_CHARGE[place].1)
}

/// The currency under `key`, in lower case.
pub(super) fn needed(params: &Params<'_>, key: &str) -> Result<String, ApiError> {
    let currency = params.needed_text(key)?.to_ascii_lowercase();
    if minimum_charge(&currency) == 0 {
        return Err(params.refuse(
            key,
            format!("Invalid currency: {currency}. The sandbox does not charge in it."),
        ));
    }
    Ok(currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_every_row_is_found() {
        assert!(MINIMUM_CHARGE.is_sorted());
        for (code, amount) in MINIMUM_CHARGE {
            assert_eq!(minimum_charge(code), amount);
        }
        assert_eq!(minimum_charge("xyz"), 0);
    }
}
