use std::fmt;

use serde::{Deserialize, Serialize};

use super::{BillingField, FieldMistake};

/// A postal address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostalAddress {
    /// Street and number.
    pub line1: String,
    /// Whatever more it takes; may be empty.
    #[serde(default)]
    pub line2: String,
    /// Town.
    pub city: String,
    /// State or province: in Brazil the two letters.
    #[serde(default)]
    pub state: String,
    /// In Brazil eight digits.
    pub postal_code: String,
    /// Two upper-case letters, ISO 3166-1.
    pub country: String,
}

/// The states of Brazil and its federal district, as the postal service abbreviates them.
const BRAZILIAN_STATES: [&str; 27] = [
    "AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA", "PB", "PE", "PI",
    "PR", "RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO",
];

impl PostalAddress {
    /// Brings it into the form that its country writes, and tells the fields where that cannot be done.
    pub(super) fn normalise(&mut self, say: &mut impl FnMut(BillingField, FieldMistake)) {
        let two_letters = self.country.len() == 2 && self.country.bytes().all(|b| b.is_ascii_uppercase());
        if !self.country.is_empty() && !two_letters {
            say(BillingField::Country, FieldMistake::Form);
        }
        if self.country != "BR" {
            return;
        }
        self.state.make_ascii_uppercase();
        if !self.state.is_empty() && !BRAZILIAN_STATES.contains(&self.state.as_str()) {
            say(BillingField::State, FieldMistake::Form);
        }
        let digits: String = self
            .postal_code
            .chars()
            .filter(|c| !matches!(c, '-' | '.' | ' '))
            .collect();
        let is_code = digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit());
        if is_code {
            self.postal_code = format!("{}-{}", &digits[..5], &digits[5..]);
        } else if !self.postal_code.is_empty() {
            say(BillingField::PostalCode, FieldMistake::Form);
        }
    }
}

/// Shows the country alone.
impl fmt::Debug for PostalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostalAddress")
            .field("country", &self.country)
            .finish_non_exhaustive()
    }
}
