use std::fmt;

use serde::{Deserialize, Serialize};

use super::country;
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
    /// State or province; in Brazil, the United States, Canada and Australia its letters.
    #[serde(default)]
    pub state: String,
    /// As the country writes it; empty where it has none.
    pub postal_code: String,
    /// Two upper-case letters, ISO 3166-1.
    pub country: String,
}

impl PostalAddress {
    /// Whether these are the two letters of a country.
    pub fn is_country(country: &str) -> bool {
        country::exists(country)
    }

    /// Whether every address in this country names its state or province.
    pub fn names_its_state(country: &str) -> bool {
        country::needs_state(country)
    }

    /// Whether a state of this country is written so.
    pub fn may_be_state(country: &str, state: &str) -> bool {
        match country::states(country) {
            Some(states) => states.contains(&state),
            None => !state.trim().is_empty(),
        }
    }

    /// Brings it into the form that its country writes, and tells the fields where that cannot be done.
    pub(super) fn normalise(&mut self, say: &mut impl FnMut(BillingField, FieldMistake)) {
        if self.country.is_empty() {
            return;
        }
        if !country::exists(&self.country) {
            say(BillingField::Country, FieldMistake::Form);
            return;
        }
        if let Some(states) = country::states(&self.country) {
            self.state.make_ascii_uppercase();
            if !self.state.is_empty() && !states.contains(&self.state.as_str()) {
                say(BillingField::State, FieldMistake::Form);
            }
        }
        if let Some(forms) = country::postal_forms(&self.country)
            && !self.postal_code.is_empty()
        {
            match forms
                .iter()
                .find_map(|form| country::written(form, &self.postal_code))
            {
                Some(code) => self.postal_code = code,
                None => say(BillingField::PostalCode, FieldMistake::Form),
            }
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
