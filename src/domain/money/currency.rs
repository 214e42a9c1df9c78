use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A currency in which amounts can be charged, with the number of decimals that the provider's API uses for it.
///
/// The exponents are the provider's, not those of ISO 4217: Stripe takes ISK with two decimals although it has none, and
/// treats MGA as having none. Source: Stripe, "Supported currencies", sections on zero-decimal, three-decimal and special
/// cases. UGX is left out on purpose: its page contradicts itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(&'static Entry);

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Entry {
    code: &'static str,
    exponent: u8,
    step: i64,
}

const fn entry(code: &'static str, exponent: u8, step: i64) -> Entry {
    Entry { code, exponent, step }
}

/// Sorted by code, so that a look-up is a binary search and a test can hold the order.
static KNOWN: [Entry; 46] = [
    entry("AED", 2, 1),
    entry("ARS", 2, 1),
    entry("AUD", 2, 1),
    entry("BHD", 3, 10),
    entry("BIF", 0, 1),
    entry("BRL", 2, 1),
    entry("CAD", 2, 1),
    entry("CHF", 2, 1),
    entry("CLP", 0, 1),
    entry("COP", 2, 1),
    entry("CZK", 2, 1),
    entry("DJF", 0, 1),
    entry("DKK", 2, 1),
    entry("EUR", 2, 1),
    entry("GBP", 2, 1),
    entry("GNF", 0, 1),
    entry("HKD", 2, 1),
    entry("HUF", 2, 1),
    entry("INR", 2, 1),
    entry("ISK", 2, 100),
    entry("JOD", 3, 10),
    entry("JPY", 0, 1),
    entry("KMF", 0, 1),
    entry("KRW", 0, 1),
    entry("KWD", 3, 10),
    entry("MGA", 0, 1),
    entry("MXN", 2, 1),
    entry("NOK", 2, 1),
    entry("NZD", 2, 1),
    entry("OMR", 3, 10),
    entry("PEN", 2, 1),
    entry("PLN", 2, 1),
    entry("PYG", 0, 1),
    entry("RON", 2, 1),
    entry("RWF", 0, 1),
    entry("SEK", 2, 1),
    entry("SGD", 2, 1),
    entry("TND", 3, 10),
    entry("TWD", 2, 1),
    entry("USD", 2, 1),
    entry("UYU", 2, 1),
    entry("VND", 0, 1),
    entry("VUV", 0, 1),
    entry("XAF", 0, 1),
    entry("XPF", 0, 1),
    entry("ZAR", 2, 1),
];

impl Currency {
    /// The three upper-case letters, such as `BRL`.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// How many decimals one major unit has in the provider's API: 0, 2 or 3.
    pub fn exponent(self) -> u8 {
        self.0.exponent
    }

    /// The smallest difference between two chargeable amounts, in minor units: the three-decimal currencies need a last
    /// digit of zero, and ISK whole krónur.
    pub fn step(self) -> i64 {
        self.0.step
    }

    /// All known currencies, in the order of their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(Self)
    }
}

/// The currency is not one that Changeover can charge in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a supported currency; use a three-letter code such as BRL, USD or EUR")]
pub struct UnknownCurrency(pub String);

impl FromStr for Currency {
    type Err = UnknownCurrency;

    /// Reads a code in either case: the provider writes `brl`, people write `BRL`.
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let wanted = code.to_ascii_uppercase();
        match KNOWN.binary_search_by(|entry| entry.code.cmp(wanted.as_str())) {
            Ok(at) => Ok(Self(&KNOWN[at])),
            Err(_) => Err(UnknownCurrency(code.chars().take(12).collect())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = UnknownCurrency;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        code.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_currency_is_found_by_its_code_in_either_case() {
        for currency in Currency::all() {
            assert_eq!(currency.code().parse(), Ok(currency));
            assert_eq!(currency.code().to_lowercase().parse(), Ok(currency));
        }
    }

    #[test]
    fn an_unknown_code_is_refused_by_name() {
        assert_eq!("UGX".parse::<Currency>(), Err(UnknownCurrency("UGX".to_owned())));
        assert_eq!("".parse::<Currency>(), Err(UnknownCurrency(String::new())));
    }
}
