use crate::domain::language::Language;
use crate::text::{Arg, Words, spoken};

/// The words of a page, in the language of whoever reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Say(pub Language);

impl Say {
    /// The language.
    pub fn tag(self) -> &'static str {
        spoken(self.0).tag()
    }

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
    pub fn count(self, key: &str, count: u64) -> String {
        Words::get(spoken(self.0), key, &[("count", Arg::from(count))])
    }

    /// A word from a closed list, such as the state of something: `key` and the word make the sentence's name.
    pub fn word(self, key: &str, word: &str) -> String {
        self.get(&format!("{key}-{}", word.replace(['_', '.'], "-")))
    }
}
