use jiff::{SignedDuration, Timestamp};

use super::refusal::{Again, Refusal, RefusalCode};

/// New invoices of one subscription that the provider allows: so many within so long. Source: Stripe, "Rate limits".
const ALLOWED: [(usize, SignedDuration); 2] = [
    (10, SignedDuration::from_mins(1)),
    (20, SignedDuration::from_hours(24)),
];

/// How far back the budget looks.
pub const INVOICE_BUDGET_SPAN: SignedDuration = ALLOWED[1].1;

/// Whether one more invoice of a subscription may be asked for, after those that were asked for at these instants, in any
/// order. The refusal says when it may.
pub fn invoice_budget(asked: &[Timestamp], now: Timestamp) -> Result<(), Refusal> {
    let mut latest: Vec<Timestamp> = asked.to_vec();
    latest.sort_unstable_by(|one, other| other.cmp(one));
    let free_at = ALLOWED.iter().filter_map(|(count, within)| {
        // The one that must have left the window before another fits into it.
        let oldest = latest.get(count - 1)?;
        Some(oldest.checked_add(*within).unwrap_or(Timestamp::MAX))
    });
    match free_at.max().filter(|at| *at > now) {
        None => Ok(()),
        Some(at) => {
            let detail = format!(
                "The payment provider allows so many invoices of one subscription a minute and a day, and they are \
                 used up until {at}. Nothing was sent or charged."
            );
            Err(Refusal::new(RefusalCode::InvoiceBudgetSpent, detail).again(Again::at(at, now)))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("an instant")
    }

    fn again_at(asked: &[Timestamp], now: Timestamp) -> Option<Timestamp> {
        let refusal = invoice_budget(asked, now).err()?;
        Some(refusal.again.expect("a time").at)
    }

    #[test]
    fn ten_a_minute_and_twenty_a_day() {
        let burst: Vec<Timestamp> = (0..10).map(second).collect();
        assert_eq!(again_at(&burst[..9], second(9)), None);
        assert_eq!(again_at(&burst, second(10)), Some(second(60)));
        assert_eq!(again_at(&burst, second(60)), None);
        let day: Vec<Timestamp> = (0..20).map(|nth| second(nth * 600)).collect();
        assert_eq!(again_at(&day, second(12_000)), Some(second(86_400)));
        assert_eq!(again_at(&day, second(86_400)), None);
    }

    proptest! {
        /// Whoever waits for the named time gets through, nobody gets through before, and no window ever holds too many.
        #[test]
        fn the_named_time_is_the_first_that_works(
            asked in proptest::collection::vec(0_i64..90_000, 0..40),
            now in 0_i64..90_000,
        ) {
            let asked: Vec<Timestamp> = asked.into_iter().filter(|at| *at <= now).map(second).collect();
            let now = second(now);
            if let Some(at) = again_at(&asked, now) {
                prop_assert_eq!(again_at(&asked, at), None);
                prop_assert!(again_at(&asked, at - SignedDuration::from_secs(1)).is_some());
            } else {
                for (count, within) in ALLOWED {
                    let inside = asked.iter().filter(|at| **at > now - within).count();
                    prop_assert!(inside < count);
                }
            }
        }
    }
}
