use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One plan change. A `UUIDv7`, so that ids sort by the time of their making.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeId(pub Uuid);

/// One effect: a call to the provider that is owed exactly once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EffectId(pub Uuid);

/// A change's name between people: short enough to read aloud, without letters that look like digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reference(pub String);

/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl ChangeId {
    /// `CH-` and two groups of five characters, from the id's random tail: 50 bits, and unique per store by an index.
    pub fn reference(self) -> Reference {
        let mut tail = self.0.as_u128() & ((1 << 50) - 1);
        let mut letters = [0_u8; 10];
        for letter in letters.iter_mut().rev() {
            *letter = ALPHABET[usize::try_from(tail % 32).unwrap_or_default()];
            tail /= 32;
        }
        let text: String = letters.iter().copied().map(char::from).collect();
        Reference(format!("CH-{}-{}", &text[..5], &text[5..]))
    }
}

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
