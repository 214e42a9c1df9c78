//! Chance, drawn from the seed: the only source of anything that could be otherwise.

use std::ops::Range;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// One stream of chance. Streams of different names do not disturb each other.
#[derive(Debug)]
pub struct Chance {
    stream: ChaCha8Rng,
}

impl Chance {
    /// The stream of this name in a seed.
    pub fn of(seed: u64, name: &str) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        for (place, byte) in name.bytes().enumerate() {
            key[8 + place % 24] ^= byte.rotate_left(u32::try_from(place / 24).unwrap_or(0));
        }
        Self {
            stream: ChaCha8Rng::from_seed(key),
        }
    }

    /// A stream that goes its own way from here on.
    pub fn fork(&mut self) -> Self {
        Self {
            stream: ChaCha8Rng::seed_from_u64(self.stream.random()),
        }
    }

    /// A number of the range; its start where the range is empty.
    pub fn below(&mut self, range: Range<u64>) -> u64 {
        if range.is_empty() {
            return range.start;
        }
        self.stream.random_range(range)
    }

    /// Whether something happens that happens so often in a thousand times.
    pub fn permille(&mut self, often: u64) -> bool {
        often > 0 && self.below(0..1000) < often
    }

    /// One of several.
    pub fn one_of<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        &several[self.place_in(several.len())]
    }

    /// The place of one among so many.
    pub fn place_in(&mut self, many: usize) -> usize {
        usize::try_from(self.below(0..many.max(1) as u64)).unwrap_or(0)
    }
}
