//! What makes a history: each line follows the one before it.

use crate::ports::store::{JournalEntry, StoreError, StoreResult};

/// The most lines of one page, whatever it lists.
pub(super) const PAGE_MAX: u32 = 200;

/// The most accounts that a search by name finds.
pub(super) const ACCOUNTS_MAX: u32 = 20;

/// What stands in a line of history that this person has brought about, byte by byte: inside of a JSON text the quotation marks would
/// be escaped, so that nobody else's line holds it.
pub(super) fn brought_by(person: &str) -> Vec<u8> {
    format!("\"subject\":{}", serde_json::Value::from(person)).into_bytes()
}

/// Where a history stands: its last number, and the hash of that line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) hash: [u8; 32],
}

impl Head {
    /// Of a history without a line.
    pub(super) const NONE: Self = Self {
        seq: 0,
        hash: [0; 32],
    };

    /// The head after one more line, which must follow. `table` names the history that would be broken.
    pub(super) fn then(self, entry: &JournalEntry, table: &'static str) -> StoreResult<Self> {
        if entry.seq != self.seq + 1 {
            return Err(StoreError::Damaged(format!("{table}.seq")));
        }
        if entry.previous != self.hash {
            return Err(StoreError::Damaged(format!("{table}.previous")));
        }
        Ok(Self {
            seq: entry.seq,
            hash: entry.hash,
        })
    }
}
