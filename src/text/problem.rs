//! What a refusal says to the person: a sentence, and what to do next.

use super::{Arg, Words};
use crate::domain::language::Language;

/// A refusal in the customer's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is the matter.
    pub sentence: String,
    /// What the person can do now.
    pub next: String,
}

/// The words for the stable code of a refusal, such as `quote_expired`: the message `problem-quote-expired` and its
/// attribute `next`. A code without words of its own gets the general ones.
pub fn problem(language: Language, code: &str, args: &[(&'static str, Arg<'_>)]) -> Problem {
    let own = format!("problem-{}", code.replace('_', "-"));
    said(language, &own, args).unwrap_or_else(|| Problem {
        sentence: Words::get(language, "problem-unknown", &[]),
        next: Words::get(language, "problem-unknown.next", &[]),
    })
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
