use std::borrow::Borrow;

use crate::domain::language::Language;
use crate::text::decline::{DeclineAdvice, DeclineReason};
use crate::text::{Arg, Words, count, quantity, spoken};
use crate::web::api::views::{HoldingView, RecurringView};

/// The words of a page, in the language of whoever reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Say(pub Language);

impl Say {
    /// A sentence.
    pub fn get(self, key: &str) -> String {
        Words::get(spoken(self.0), key, &[])
    }

    /// A sentence with one thing in it.
    pub fn with(self, key: &str, name: &'static str, value: impl AsRef<str>) -> String {
        Words::get(spoken(self.0), key, &[(name, Arg::from(value.as_ref()))])
    }

    /// A sentence with two things in it.
    pub fn with_two(self, key: &str, first: (&'static str, &str), second: (&'static str, &str)) -> String {
        let args = [(first.0, Arg::from(first.1)), (second.0, Arg::from(second.1))];
        Words::get(spoken(self.0), key, &args)
    }

    /// A sentence with a number in it, in the form that fits the number.
    pub fn count(self, key: &str, count: impl Borrow<u64>) -> String {
        Words::get(spoken(self.0), key, &[("count", Arg::from(*count.borrow()))])
    }

    /// A word from a closed list, such as the state of something: `key` and the word make the sentence's name.
    pub fn word(self, key: &str, word: impl AsRef<str>) -> String {
        self.get(&format!("{key}-{}", word.as_ref().replace(['_', '.'], "-")))
    }

    /// A number.
    pub fn number(self, number: impl Borrow<u64>) -> String {
        count(self.0, *number.borrow())
    }

    /// "Now 5, will be 8."
    pub fn moved(self, moved: &HoldingView) -> String {
        self.now_then(moved.now, moved.then)
    }

    /// The same of two numbers.
    pub fn now_then(self, now: impl Borrow<u64>, then: impl Borrow<u64>) -> String {
        let (now, then) = (self.number(now), self.number(then));
        self.with_two("page-moves-now-then", ("now", &now), ("then", &then))
    }

    /// What is charged again and again, and from when on.
    pub fn recurring(self, row: &RecurringView) -> String {
        let key = format!("page-recurring-{}", row.interval.replace(' ', "-"));
        self.with_two(&key, ("amount", &row.amount.text), ("day", &row.renews_on))
    }

    /// A quantity that is written for programs, as people read it.
    pub fn quantity(self, written: impl AsRef<str>) -> String {
        let written = written.as_ref();
        written
            .parse()
            .map_or_else(|_| written.to_owned(), |read| quantity(self.0, read))
    }

    /// What to check on a card that was not accepted.
    pub fn card_advice(self) -> DeclineAdvice {
        DeclineReason::Generic.advice(spoken(self.0))
    }

    /// The reasons that a bank can give for a card, each with the provider's codes for it.
    pub fn card_reasons(self) -> Vec<(String, String)> {
        let reasons = DeclineReason::ALL.into_iter();
        let own = reasons.filter(|reason| reason.is_about_a_card() && !reason.codes().is_empty());
        own.map(|reason| (reason.codes().join(" "), reason.advice(spoken(self.0)).reason))
            .collect()
    }

    /// A price for one interval.
    pub fn per(self, interval: impl AsRef<str>, price: impl AsRef<str>) -> String {
        self.with(
            &format!("page-choose-unit-{}", interval.as_ref().replace(' ', "-")),
            "price",
            price,
        )
    }

    /// So many credits each month.
    pub fn granted(self, units: impl Borrow<u64>, name: impl AsRef<str>) -> String {
        let units = self.number(units);
        self.with_two("page-choose-grant", ("units", &units), ("name", name.as_ref()))
    }

    /// What each so many beyond a limit cost.
    pub fn beyond(self, price: impl AsRef<str>, per: impl Borrow<u64>) -> String {
        let per = self.number(per);
        self.with_two("page-usage-over-price", ("price", price.as_ref()), ("per", &per))
    }

    /// From so many to so many can be chosen.
    pub fn between(self, min: impl Borrow<u64>, max: impl Borrow<u64>) -> String {
        let (min, max) = (self.number(min), self.number(max));
        self.with_two("page-choose-options-count", ("min", &min), ("max", &max))
    }
}
