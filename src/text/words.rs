use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, langid, static_loader};

use super::number;
use crate::domain::language::Language;

/// The languages whose texts are complete. A seller may choose among these; a test fails on any key that one of them
/// lacks. A language that is added without its folder keeps English sentences.
pub const OFFERED: [Language; 4] = Language::ALL;

/// The language that is really used for someone who reads `language`: that one when its texts are complete, else
/// English. Numbers and dates beside the sentences follow it too, so that a page is never in two languages.
pub fn spoken(language: Language) -> Language {
    if OFFERED.contains(&language) {
        language
    } else {
        Language::En
    }
}

// The macro reads the folder while this file is compiled: touch it after adding a file to `locales/`.
static_loader! {
    static LOCALES = {
        locales: "./src/text/locales",
        fallback_language: "en",
        customise: |bundle| {
            // Isolating marks are invisible characters around every argument; they break comparisons and mail subjects.
            bundle.set_use_isolating(false);
            let by_custom: fn(&FluentValue, &_) -> Option<String> = match bundle.locales.first() {
                Some(tag) if *tag == tag_of(Language::PtBr) => |value, _| grouped(Language::PtBr, value),
                Some(tag) if *tag == tag_of(Language::Es) => |value, _| grouped(Language::Es, value),
                Some(tag) if *tag == tag_of(Language::Fr) => |value, _| grouped(Language::Fr, value),
                _ => |value, _| grouped(Language::En, value),
            };
            bundle.set_formatter(Some(by_custom));
        },
    };
}

/// The sentences of `locales/`.
pub struct Words;

/// What a sentence is told.
#[derive(Debug, Clone)]
pub enum Arg<'a> {
    /// A word, a name, an amount or a date that is already written as people read it.
    Text(Cow<'a, str>),
    /// A whole number below 2^53: chooses the plural form, and is shown with the grouping of the language.
    Count(u64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<u64> for Arg<'_> {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl Words {
    /// The sentence `key` in `language` with `args` filled in; `key` may name an attribute, as in `card-declined.next`.
    ///
    /// A sentence that the language lacks is said in English; one that is missing there too is a mistake of ours, which
    /// is logged and shows the key itself rather than nothing.
    pub fn get(language: Language, key: &str, args: &[(&'static str, Arg<'_>)]) -> String {
        Self::find(language, key, args)
            .or_else(|| Self::find(Language::En, key, args))
            .unwrap_or_else(|| {
                tracing::error!(key, %language, "a text is missing");
                key.to_owned()
            })
    }

    /// As [`Words::get`], without falling back: `None` when the language lacks the sentence, or when the sentence asks
    /// for an argument that is not in `args`.
    pub fn find(language: Language, key: &str, args: &[(&'static str, Arg<'_>)]) -> Option<String> {
        let told: HashMap<&str, FluentValue<'_>> =
            args.iter().map(|(name, arg)| (*name, value(arg))).collect();
        LOCALES
            .lookup_single_language(&tag_of(language), key, Some(&told))
            .ok()
    }
}

fn value<'a>(arg: &'a Arg<'_>) -> FluentValue<'a> {
    match arg {
        Arg::Text(text) => FluentValue::from(text.as_ref()),
        Arg::Count(count) => FluentValue::from(*count),
    }
}

fn grouped(language: Language, value: &FluentValue<'_>) -> Option<String> {
    match value {
        FluentValue::Number(shown) => number::decimal(language, &shown.as_string()),
        _ => None,
    }
}

fn tag_of(language: Language) -> LanguageIdentifier {
    match language {
        Language::En => langid!("en"),
        Language::PtBr => langid!("pt-BR"),
        Language::Es => langid!("es"),
        Language::Fr => langid!("fr"),
    }
}
