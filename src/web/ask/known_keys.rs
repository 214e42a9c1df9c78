//! Keys that were looked up a moment ago: a backend sends many requests, and each of them carries its key.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::domain::catalog::SellerId;

/// How long a key that was taken away may still open.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(5);

/// How many keys are remembered. Unknown keys never are: nobody fills this from outside.
const MOST: usize = 1_024;

/// The hashes of keys, with whose they are, and until when that is believed.
type Remembered = BTreeMap<[u8; 32], (SellerId, Timestamp)>;

/// The keys that were looked up a moment ago.
#[derive(Debug, Clone, Default)]
pub struct KnownKeys(Arc<Mutex<Remembered>>);

impl KnownKeys {
    pub(super) fn seller_of(&self, hash: &[u8; 32], now: Timestamp) -> Option<SellerId> {
        let keys = self.keys();
        let (seller, until) = keys.get(hash)?;
        // A clock that was set back must not keep a key for long.
        let fresh = now < *until && until.duration_since(now) <= FRESH_FOR;
        fresh.then(|| seller.clone())
    }

    pub(super) fn remember(&self, hash: [u8; 32], seller: &SellerId, now: Timestamp) {
        let mut keys = self.keys();
        if keys.len() >= MOST {
            keys.clear();
        }
        let until = now.checked_add(FRESH_FOR).unwrap_or(now);
        keys.insert(hash, (seller.clone(), until));
    }

    /// A poisoned lock only means that somebody panicked elsewhere: the map itself is always whole.
    fn keys(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_believed_for_a_moment_whatever_the_clock_does() {
        let now = Timestamp::from_second(1_700_000_000).expect("a time");
        let (keys, seller) = (KnownKeys::default(), "clint".parse::<SellerId>().expect("a name"));
        assert_eq!(keys.seller_of(&[1; 32], now), None);
        keys.remember([1; 32], &seller, now);
        assert_eq!(keys.seller_of(&[1; 32], now), Some(seller));
        assert_eq!(keys.seller_of(&[2; 32], now), None);
        assert_eq!(keys.seller_of(&[1; 32], now + FRESH_FOR), None);
        assert_eq!(keys.seller_of(&[1; 32], now - FRESH_FOR), None);
    }

    #[test]
    fn it_never_grows_past_its_bound() {
        let (keys, seller) = (KnownKeys::default(), "clint".parse::<SellerId>().expect("a name"));
        for nth in 0..=MOST {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&nth.to_le_bytes());
            keys.remember(hash, &seller, Timestamp::UNIX_EPOCH);
        }
        assert!(keys.keys().len() <= MOST);
    }
}
