//! Names that sellers give to things, checked once and then trusted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest name. Four of them with currency, interval and hash fit into the provider's 200 characters of a lookup key.
const LENGTH_MAX: usize = 40;

/// The text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` cannot be {what}: use lower-case letters, digits and single hyphens, a letter first, at most {LENGTH_MAX} characters"
)]
pub struct SlugError {
    /// What it should have named, with its article: "a plan id".
    pub what: &'static str,
    /// The refused text, cut to a readable length.
    pub text: String,
}

fn check_slug(what: &'static str, text: &str) -> Result<(), SlugError> {
    let starts_well = text.starts_with(|first: char| first.is_ascii_lowercase());
    let characters = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let hyphens = !text.ends_with('-') && !text.contains("--");
    if starts_well && characters && hyphens && text.len() <= LENGTH_MAX {
        return Ok(());
    }
    let text = text.chars().take(LENGTH_MAX).collect();
    Err(SlugError { what, text })
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = SlugError;

            fn from_str(text: &str) -> Result<Self, SlugError> {
                check_slug($what, text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = SlugError;

            fn try_from(text: String) -> Result<Self, SlugError> {
                check_slug($what, &text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

slug!(
    /// Names a seller: one workflow file, one set of provider keys.
    SellerId,
    "a seller id"
);
slug!(
    /// Names a plan within one seller.
    PlanId,
    "a plan id"
);
slug!(
    /// Names an item within one seller: something that is bought in a quantity on top of a plan.
    ItemId,
    "an item id"
);
slug!(
    /// Names a product that plans belong to.
    FamilyId,
    "a family id"
);
slug!(
    /// Names a group of items of which so many are chosen.
    GroupId,
    "a group id"
);
slug!(
    /// Names something that plans and packages are compared by.
    FeatureId,
    "a feature id"
);
slug!(
    /// Names a kind of credits.
    CreditId,
    "a credit id"
);
slug!(
    /// Names a table of what each use costs in credits.
    RateTableId,
    "a rate table id"
);
slug!(
    /// Names a row of a rate table, and with that an option that can be chosen, such as a channel or a country.
    OptionId,
    "an option id"
);
slug!(
    /// Names something that has to be met outside of this program.
    PrerequisiteId,
    "a prerequisite id"
);
slug!(
    /// Names a role that a person can have in an account, as the seller's product calls it.
    RoleId,
    "a role"
);

slug!(
    /// Names a service that an agency switches for each of its clients.
    ServiceId,
    "a service id"
);
slug!(
    /// Names something that is counted: an allowance and a limit are of it.
    MeterId,
    "the id of something that is counted"
);

slug!(
    /// Names a screen of a seller's checkout.
    ScreenId,
    "a screen id"
);

slug!(
    /// Names a field of a seller's form, or an answer that can be chosen in one.
    FieldId,
    "a field id"
);

/// One place in a contract that can hold one price: the plan itself, or an item. Written `plan` and `item:device`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LineKey {
    /// The plan's own price, always in quantity one.
    Plan,
    /// An item in a quantity.
    Item(ItemId),
}

/// The text names no line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownLineKey {
    /// It is neither `plan` nor starts with `item:`.
    #[error("`{0}` is not a line; write `plan` or `item:` and the item's id")]
    Form(String),
    /// What follows `item:` is not an item id.
    #[error(transparent)]
    Item(#[from] SlugError),
}

impl LineKey {
    /// The item, unless this is the plan's line.
    pub fn item(&self) -> Option<&ItemId> {
        match self {
            Self::Plan => None,
            Self::Item(item) => Some(item),
        }
    }
}

impl fmt::Display for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan => f.write_str("plan"),
            Self::Item(item) => write!(f, "item:{item}"),
        }
    }
}

impl fmt::Debug for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for LineKey {
    type Err = UnknownLineKey;

    fn from_str(text: &str) -> Result<Self, UnknownLineKey> {
        match text.strip_prefix("item:") {
            Some(item) => Ok(Self::Item(item.parse()?)),
            None if text == "plan" => Ok(Self::Plan),
            None => Err(UnknownLineKey::Form(text.chars().take(LENGTH_MAX).collect())),
        }
    }
}

impl TryFrom<String> for LineKey {
    type Error = UnknownLineKey;

    fn try_from(text: String) -> Result<Self, UnknownLineKey> {
        text.parse()
    }
}

impl From<LineKey> for String {
    fn from(key: LineKey) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_slugs() {
        for good in ["a", "user-seat", "growth2", "whatsapp-official-device"] {
            assert!(good.parse::<PlanId>().is_ok(), "{good}");
        }
        let long = "a".repeat(LENGTH_MAX + 1);
        for bad in [
            "",
            "-a",
            "a-",
            "a--b",
            "2go",
            "Growth",
            "user_seat",
            "a.b",
            "dé",
            long.as_str(),
        ] {
            assert!(bad.parse::<PlanId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_line_reads_back_as_it_was_written() {
        for text in ["plan", "item:device"] {
            assert_eq!(text.parse::<LineKey>().expect("a line").to_string(), text);
        }
        assert!(matches!("plans".parse::<LineKey>(), Err(UnknownLineKey::Form(_))));
        assert!(matches!("item:".parse::<LineKey>(), Err(UnknownLineKey::Item(_))));
    }
}
