use std::fmt::Display;

/// One fact behind a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it is, such as `invoice` or `attempts`.
    pub name: &'static str,
    /// What is known, as text.
    pub value: String,
}

/// What a text of the provider is cut to.
const CHARACTERS_MAX: usize = 300;

impl Evidence {
    /// A fact of ours: an id, a number, a time, a code.
    pub(super) fn new(name: &'static str, value: impl Display) -> Self {
        Self {
            name,
            value: value.to_string(),
        }
    }

    /// What somebody else has said: it may quote what it was sent, so that mail addresses are taken out.
    pub(super) fn said(name: &'static str, text: &str) -> Self {
        let words: Vec<&str> = text
            .split_whitespace()
            .map(|word| if word.contains('@') { "[address]" } else { word })
            .collect();
        let value = words.join(" ").chars().take(CHARACTERS_MAX).collect();
        Self { name, value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mail_address_gets_into_evidence() {
        let said = Evidence::said("said", "Invalid email address: ana@example.com, try again");
        assert_eq!(said.value, "Invalid email address: [address] try again");
        assert!(Evidence::said("said", &"x".repeat(900)).value.len() <= CHARACTERS_MAX);
    }
}
