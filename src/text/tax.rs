//! How taxes are called, and why one is not due.

use rust_decimal::Decimal;

use super::number::decimal;
use super::words::{Words, spoken};
use crate::domain::change::NothingDue;
use crate::domain::language::Language;

/// What a tax is called of which nobody says the name.
pub fn nameless(language: Language) -> String {
    Words::get(spoken(language), "tax-name", &[])
}

/// A rate out of 100, as the language writes it: `5,5 %` in French, `5.5%` in English.
pub fn percentage(language: Language, rate: Decimal) -> String {
    let language = spoken(language);
    let written = rate.normalize().to_string();
    let number = decimal(language, &written).unwrap_or(written);
    Words::get(language, "tax-percentage", &[("number", number.into())])
}

/// Why nothing is due, as a sentence.
pub fn nothing_due(language: Language, why: NothingDue) -> String {
    let key = match why {
        NothingDue::ReverseCharge => "tax-reverse-charge",
        NothingDue::CustomerExempt => "tax-customer-exempt",
        NothingDue::ProductExempt => "tax-product-exempt",
        NothingDue::ZeroRated => "tax-zero-rated",
    };
    Words::get(spoken(language), key, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_written_as_the_language_does() {
        let rate = Decimal::new(550, 2);
        assert_eq!(percentage(Language::En, rate), "5.5%");
        assert_eq!(percentage(Language::PtBr, rate), "5,5%");
        assert_eq!(percentage(Language::Fr, rate), "5,5\u{a0}%");
        assert_eq!(percentage(Language::Es, Decimal::from(21)), "21\u{a0}%");
    }

    #[test]
    fn each_reason_has_a_sentence_in_each_language() {
        let all = [
            NothingDue::ReverseCharge,
            NothingDue::CustomerExempt,
            NothingDue::ProductExempt,
            NothingDue::ZeroRated,
        ];
        for language in Language::ALL {
            for why in all {
                assert!(nothing_due(language, why).ends_with('.'), "{language:?} {why:?}");
            }
        }
    }
}
