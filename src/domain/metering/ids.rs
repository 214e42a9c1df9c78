use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::catalog::{CreditId, ItemId, SlugError};

/// Names a meter within one seller: something whose use is counted. A meter of what is bought in a quantity has its item's name.
pub type MeterId = ItemId;

/// What use is held against. Written `meter:contacts` and `credits:sms`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Pot {
    /// The meter's own allowance.
    Meter(MeterId),
    /// Credits that are spent.
    Credits(CreditId),
}

impl fmt::Display for Pot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Meter(meter) => write!(f, "meter:{meter}"),
            Self::Credits(credits) => write!(f, "credits:{credits}"),
        }
    }
}

impl fmt::Debug for Pot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text names no pot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownPot {
    /// It begins with neither `meter:` nor `credits:`.
    #[error("a pot is written `meter:` or `credits:` and a name")]
    Form,
    /// What follows is no name.
    #[error(transparent)]
    Name(#[from] SlugError),
}

impl FromStr for Pot {
    type Err = UnknownPot;

    fn from_str(text: &str) -> Result<Self, UnknownPot> {
        match text.split_once(':') {
            Some(("meter", name)) => Ok(Self::Meter(name.parse()?)),
            Some(("credits", name)) => Ok(Self::Credits(name.parse()?)),
            _ => Err(UnknownPot::Form),
        }
    }
}

impl TryFrom<String> for Pot {
    type Error = UnknownPot;

    fn try_from(text: String) -> Result<Self, UnknownPot> {
        text.parse()
    }
}

impl From<Pot> for String {
    fn from(pot: Pot) -> Self {
        pot.to_string()
    }
}
