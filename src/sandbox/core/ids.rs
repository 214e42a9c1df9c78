//! Identifiers and secrets: a counter mixed with the world's seed, so that one seed and one history give the same ids
//! again. They look like Stripe's and sort in the order in which they were made.

use serde::{Deserialize, Serialize};

/// The source of all identifiers of one world. A copy goes its own way, which is how a preview names its lines without
/// using up anything.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Ids {
    seed: u64,
    made: u64,
}

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 62^6, about 57 thousand million objects.
const SERIAL_DIGITS: usize = 6;

impl Ids {
    pub(super) fn new(seed: u64) -> Ids {
        Ids { seed, made: 0 }
    }

    /// How many identifiers were made so far.
    pub(super) fn made(&self) -> u64 {
        self.made
    }

    /// A new identifier such as `sub_1000002Q8x..`.
    pub(super) fn next(&mut self, prefix: &str) -> String {
        self.made += 1;
        let tail = scramble(self.seed ^ scramble(self.made));
        format!(
            "{prefix}_1{}{}",
            base62(self.made, SERIAL_DIGITS),
            base62(tail, 10)
        )
    }

    /// A word that belongs to `name` and cannot be guessed from it without the seed.
    pub(super) fn word_for(&self, name: &str, length: usize) -> String {
        // FNV-1a, then scrambled: spread enough for test data, and free of dependencies on a hasher's version.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut word = String::with_capacity(length);
        let mut state = hash ^ self.seed;
        while word.len() < length {
            state = scramble(state);
            word.push_str(&base62(state, 10.min(length - word.len())));
        }
        word
    }
}

/// The place of an identifier in the order of making; the empty text for a name that was not made here.
pub(super) fn serial(id: &str) -> &str {
    id.rsplit_once("_1")
        .and_then(|(_, tail)| tail.get(..SERIAL_DIGITS))
        .unwrap_or_default()
}

/// The finishing steps of `SplitMix64` (Steele, Lea, Flood, 2014): every bit of the input reaches every bit of the output.
fn scramble(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn base62(mut value: u64, digits: usize) -> String {
    let mut text = vec!['0'; digits];
    for place in text.iter_mut().rev() {
        let digit = usize::try_from(value % 62).unwrap_or_default();
        *place = char::from(DIGITS[digit]);
        value /= 62;
    }
    text.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids_in_making_order() {
        let mut one = Ids::new(7);
        let mut two = Ids::new(7);
        let mut previous = String::new();
        for _ in 0..200 {
            let id = one.next("in");
            assert_eq!(id, two.next("in"));
            assert!(id > previous, "{id} must sort after {previous}");
            previous = id;
        }
        assert_ne!(Ids::new(8).next("in"), Ids::new(7).next("in"));
    }

    #[test]
    fn serials_order_identifiers_of_different_kinds() {
        let mut ids = Ids::new(1);
        let first = ids.next("zz");
        let second = ids.next("seti");
        assert!(serial(&first) < serial(&second));
        assert_eq!(serial("pm_card_visa"), "");
    }
}
