//! B8: the second and the third upgrade in one period, after a discounted purchase. What is credited is the unused part of what
//! was really paid for the current plan, and nothing else: every history of a few upgrades is held against a closed form.

use jiff::SignedDuration;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::journeys::part;
use crate::support::{Clint, Database, House, selecting};

super::on_both!(b08_every_upgrade_credits_the_unused_part_of_what_was_really_paid);

const CLINT: &str = include_str!("../../workflows/clint.toml");

/// A device costs this much when it is bought for the first time, and that much from then on.
const THEN: i64 = 7700;
const NOW: i64 = 9700;

/// The period, in days, and how many are left when the first device is bought.
const PERIOD: i64 = 31;
const LEFT: i64 = 23;

/// Histories for each database.
const HISTORIES: u64 = 4;

/// The first purchase, and then how many days later how many devices more.
#[derive(Debug)]
struct History {
    first: u64,
    upgrades: Vec<(i64, u64)>,
}

impl History {
    fn drawn(seed: u64) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let upgrades = (0..3)
            .map(|_| (chance.random_range(0..=7), chance.random_range(1..=5)))
            .collect();
        Self {
            first: chance.random_range(1..=4),
            upgrades,
        }
    }

    /// What each purchase costs: the days that are left at the new quantity, less the unused days of the debit before.
    fn costs(&self) -> Vec<i64> {
        let (mut quantity, mut left) = (i64::try_from(self.first).expect("small"), LEFT);
        let mut debit = part(quantity * THEN, left, PERIOD);
        let mut costs = vec![debit];
        for (days, more) in &self.upgrades {
            let unused = part(debit, left - days, left);
            left -= days;
            quantity += i64::try_from(*more).expect("small");
            debit = part(quantity * NOW, left, PERIOD);
            costs.push(debit - unused);
        }
        costs
    }
}

#[test]
fn the_closed_form_is_what_it_should_be() {
    let history = History {
        first: 2,
        upgrades: vec![(0, 1), (7, 2)],
    };
    // 2 at 77,00 for 23 of 31 days; then 3 at 97,00 instead; then 5 at 97,00 for 16 days, less 16 of 23 days of that.
    assert_eq!(history.costs(), [11426, 21590 - 11426, 25032 - 15019]);
}

async fn b08_every_upgrade_credits_the_unused_part_of_what_was_really_paid(database: Database) {
    let discounted = CLINT.replace(r#"unit = "97.00""#, r#"unit = "77.00""#);
    assert_ne!(discounted, CLINT);
    for seed in 0..HISTORIES {
        let history = History::drawn(seed);
        let mut house = House::open_on(database).await;
        house.deploy(&[("clint.toml", &discounted)]).await;
        house.push_catalog().await;
        let clint = Clint::without_extras(&house, "growth").await;
        let mut quantity = history.first;
        let wanted = |devices| selecting("growth", "month", &[("device", devices)]);
        let (_, due) = clint.changes_to(&mut house, wanted(quantity)).await;
        let mut dues = vec![due];
        house.deploy(&[("clint.toml", CLINT)]).await;
        house.push_catalog().await;
        for (days, more) in &history.upgrades {
            house.clock.advance(SignedDuration::from_hours(24 * days));
            house.rests().await;
            quantity += more;
            let shown = clint.estimates(&house, wanted(quantity)).await;
            let (_, due) = clint.changes_to(&mut house, wanted(quantity)).await;
            assert_eq!(shown["due_now"]["amount"], due, "{history:?}");
            dues.push(due);
        }
        assert_eq!(dues, history.costs(), "{history:?}");
        assert_eq!(house.provider.charges_for_changes().await, dues, "{history:?}");
        house.close().await;
    }
}
