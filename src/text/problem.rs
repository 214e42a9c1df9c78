//! What a problem says to the customer: a sentence, and what to do next.

use super::{Arg, Words};
use crate::domain::language::Language;

/// A problem in the customer's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is the matter.
    pub sentence: String,
    /// What the person can do now.
    pub next: String,
}

/// The words for a stable code, such as `quote_expired`: the message `problem-quote-expired` and its attribute `next`. A
/// code without words of its own, which no customer can do anything about, gets the general ones.
pub fn problem(language: Language, code: &str, args: &[(&'static str, Arg<'_>)]) -> Problem {
    let own = key(code);
    said(language, &own, args).unwrap_or_else(|| Problem {
        sentence: Words::get(language, "problem-unknown", &[]),
        next: Words::get(language, "problem-unknown.next", &[]),
    })
}

/// Whether a code has words of its own in this very language.
pub fn has_own_words(language: Language, code: &str) -> bool {
    let own = key(code);
    Words::find(language, &own, &[]).is_some() && Words::find(language, &format!("{own}.next"), &[]).is_some()
}

fn key(code: &str) -> String {
    format!("problem-{}", code.replace('_', "-"))
}

fn said(language: Language, key: &str, args: &[(&'static str, Arg<'_>)]) -> Option<Problem> {
    let in_language = |language| {
        Some(Problem {
            sentence: Words::find(language, key, args)?,
            next: Words::find(language, &format!("{key}.next"), args)?,
        })
    };
    in_language(language).or_else(|| in_language(Language::En))
}
