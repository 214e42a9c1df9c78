//! What is said about things that cannot be had, or not yet.

use super::Words;
use super::words::spoken;
use crate::domain::language::Language;

/// That an item can only be had on these plans.
pub fn only_on(language: Language, item: &str, plans: &[String]) -> String {
    let language = spoken(language);
    let plans = one_of(language, plans);
    Words::get(
        language,
        "catalog-only-on",
        &[("item", item.into()), ("plans", plans.into())],
    )
}

/// That an item ends with the change, because the other plan does not offer it.
pub fn ends_with_the_change(language: Language, item: &str, plan: &str) -> String {
    let language = spoken(language);
    Words::get(
        language,
        "catalog-dropped",
        &[("item", item.into()), ("plan", plan.into())],
    )
}

/// That an item can be had once another one is held.
pub fn once_held(language: Language, item: &str, needs: &[String]) -> String {
    let language = spoken(language);
    let needs = one_of(language, needs);
    Words::get(
        language,
        "catalog-once-held",
        &[("item", item.into()), ("needs", needs.into())],
    )
}

/// That an item can be had from a day on.
pub fn available_from(language: Language, item: &str, day: &str) -> String {
    let language = spoken(language);
    Words::get(
        language,
        "catalog-available-from",
        &[("item", item.into()), ("day", day.into())],
    )
}

/// Names, as an enumeration of which one is enough.
fn one_of(language: Language, names: &[String]) -> String {
    let or = match language {
        Language::En => "or",
        Language::PtBr | Language::Fr => "ou",
        Language::Es => "o",
    };
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} {or} {last}", before.join(", ")),
    }
}
