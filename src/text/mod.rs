//! Languages, numbers, dates and money as people read them.
//!
//! Sentences are Fluent messages in `locales/`, one folder a language; digits, dates and currencies follow CLDR.
//! Used by mails, pages and problems. May know the domain; must never know who asks, and never sees a float: amounts
//! come in as minor units and are either shown to the last unit or not shown as CLDR would have them.

mod accepted;
mod calendar;
pub mod catalog;
mod country;
pub mod decline;
pub mod field;
mod number;
pub mod problem;
mod quantity;
pub mod tax;
mod words;

pub use accepted::accepted;
pub use calendar::{date, moment};
pub use country::country;
pub use number::{count, difference, money};
pub use quantity::quantity;
pub use words::{Arg, OFFERED, Words, spoken};

use icu_locale_core::{Locale, locale};

use crate::domain::language::Language;

/// Whose customs numbers and dates follow. Spanish and French without a region are those of Spain and France in CLDR.
fn customs_of(language: Language) -> Locale {
    match language {
        Language::En => locale!("en"),
        Language::PtBr => locale!("pt-BR"),
        Language::Es => locale!("es"),
        Language::Fr => locale!("fr"),
    }
}
