//! 「骰子」 Chance that falls the same on every machine: ChaCha with a stream per
//! household, whole numbers only. No floats (their `ln` differs between
//! machines), no `usize` ranges, no hashing whose order nobody promises.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A stream of chance.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of a seed.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Dice(rng)
    }

    /// 0 … `count` − 1; 0 when `count` is 0.
    pub fn below(&mut self, count: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(count)) >> 32) as u32
    }

    /// `low` … `high`, both included.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// Whether something of that rate (per 10,000) happens.
    pub fn happens(&mut self, per_10_000: u32) -> bool {
        self.below(10_000) < per_10_000
    }

    /// One of these, all as likely; `items` is not empty.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u32) as usize]
    }

    /// One of these by weight.
    pub fn weighted<T: Copy>(&mut self, items: &[(T, u32)]) -> T {
        let total = items.iter().map(|(_, weight)| weight).sum();
        let mut rest = self.below(total);
        for (item, weight) in items {
            if rest < *weight {
                return *item;
            }
            rest -= weight;
        }
        items[0].0
    }
}

/// A number that depends on nothing but its arguments (SplitMix64).
pub(crate) fn mix(seed: u64, one: u64, two: u64) -> u64 {
    let mut z = seed
        .wrapping_add(one.wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .wrapping_add(two.wrapping_mul(0xD1B5_4A32_D192_ED03))
        .wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The value at a share (of 10,000) of a distribution given by its corners,
/// straight between them.
pub(crate) fn quantile(corners: &[(u32, i64)], share: u32) -> i64 {
    let mut before = corners[0];
    for corner in corners {
        if share <= corner.0 {
            let width = i64::from(corner.0 - before.0).max(1);
            let into = i64::from(share.saturating_sub(before.0));
            return before.1 + (corner.1 - before.1) * into / width;
        }
        before = *corner;
    }
    before.1
}
