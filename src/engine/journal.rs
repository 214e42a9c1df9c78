//! The journal's hash chain: each entry's hash covers the one before it, so that an accident or a partial edit is seen.

use std::future::Future;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::ports::store::{JournalEntry, PageAsk, StoreResult};

/// The chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// A number is missing or comes twice.
    #[error("entry {found} stands where {expected} should")]
    Gap {
        /// The number that should come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// An entry does not name the hash of the one before it.
    #[error("entry {0} does not follow the one before it")]
    Unlinked(u64),
    /// An entry's content is not what was hashed.
    #[error("entry {0} was altered")]
    Altered(u64),
}

/// The next entry after `previous`.
pub(super) fn entry(seq: u64, at: Timestamp, content: Vec<u8>, previous: [u8; 32]) -> JournalEntry {
    let hash = hash(seq, at, &content, &previous);
    JournalEntry {
        seq,
        at,
        content,
        previous,
        hash,
    }
}

/// Where a history ends: the number and the hash of its last entry, zeros before the first.
pub(super) async fn head<P>(page: impl Fn(PageAsk) -> P) -> StoreResult<(u64, [u8; 32])>
where
    P: Future<Output = StoreResult<Vec<JournalEntry>>>,
{
    let (mut after, mut head) = (0, [0; 32]);
    loop {
        match page(PageAsk { after, limit: 200 }).await?.last() {
            Some(last) => (after, head) = (last.seq, last.hash),
            None => return Ok((after, head)),
        }
    }
}

fn hash(seq: u64, at: Timestamp, content: &[u8], previous: &[u8; 32]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(seq.to_be_bytes());
    hasher.update(at.as_millisecond().to_be_bytes());
    hasher.update(content);
    hasher.finalize().into()
}

/// A history as far as it has been proven.
#[derive(Debug, Default)]
pub(super) struct Chain {
    last: u64,
    head: [u8; 32],
}

impl Chain {
    /// The number of the last entry that was proven.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Proves the next entry.
    pub(super) fn follow(&mut self, entry: &JournalEntry) -> Result<(), BrokenChain> {
        let expected = self.last + 1;
        if entry.seq != expected {
            return Err(BrokenChain::Gap {
                expected,
                found: entry.seq,
            });
        }
        if entry.previous != self.head {
            return Err(BrokenChain::Unlinked(entry.seq));
        }
        if entry.hash != hash(entry.seq, entry.at, &entry.content, &entry.previous) {
            return Err(BrokenChain::Altered(entry.seq));
        }
        (self.last, self.head) = (entry.seq, entry.hash);
        Ok(())
    }
}

/// Proves a whole history, from its first entry on, and gives the hash of its last.
pub fn verify_chain<'a>(
    entries: impl IntoIterator<Item = &'a JournalEntry>,
) -> Result<[u8; 32], BrokenChain> {
    let mut chain = Chain::default();
    for entry in entries {
        chain.follow(entry)?;
    }
    Ok(chain.head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> Vec<JournalEntry> {
        let first = entry(1, Timestamp::UNIX_EPOCH, b"one".to_vec(), [0; 32]);
        let second = entry(2, Timestamp::UNIX_EPOCH, b"two".to_vec(), first.hash);
        vec![first, second]
    }

    #[test]
    fn a_history_that_nobody_touched_is_proven() {
        let history = history();
        assert_eq!(verify_chain(&history), Ok(history[1].hash));
    }

    #[test]
    fn an_altered_missing_or_swapped_entry_is_seen() {
        let mut altered = history();
        altered[0].content = b"uno".to_vec();
        assert_eq!(verify_chain(&altered), Err(BrokenChain::Altered(1)));
        assert_eq!(
            verify_chain(&history()[1..]),
            Err(BrokenChain::Gap {
                expected: 1,
                found: 2
            })
        );
        let mut relinked = history();
        relinked[1].previous = [7; 32];
        assert_eq!(verify_chain(&relinked), Err(BrokenChain::Unlinked(2)));
    }
}
