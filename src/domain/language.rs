//! The languages that customers read.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language that pages and mails can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    En,
    /// Portuguese as written in Brazil.
    #[serde(rename = "pt-BR")]
    PtBr,
    /// Spanish.
    #[serde(rename = "es")]
    Es,
    /// French.
    #[serde(rename = "fr")]
    Fr,
}

/// One sentence or name in each language that a seller serves.
pub type Texts = BTreeMap<Language, String>;

/// The text in this language, or in the first that there is; nothing where there is none at all.
pub fn said(texts: &Texts, language: Language) -> Option<&str> {
    let own = texts.get(&language).or_else(|| texts.values().next());
    own.map(String::as_str)
}

impl Language {
    /// All of them, in the order in which they are listed to people.
    pub const ALL: [Self; 4] = [Self::En, Self::PtBr, Self::Es, Self::Fr];

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::PtBr => "pt-BR",
            Self::Es => "es",
            Self::Fr => "fr",
        }
    }
}

/// The language is not one that Changeover speaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a supported language; choose one of en, pt-BR, es, fr")]
pub struct UnknownLanguage(pub String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(tag))
            .ok_or_else(|| UnknownLanguage(tag.chars().take(20).collect()))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}
