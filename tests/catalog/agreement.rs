//! B7: what the estimate says, an independent reckoning of the provider's preview says too, to the minor unit.
//!
//! The sandbox shares no code with the domain: that both come to the same amounts is the proof.

use std::collections::BTreeMap;

use changeover::domain::catalog::{
    EstimateInstant, ItemId, Place, ProrationPolicy, TargetLine, Tier, estimate,
};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::provider::{Provider, after, change};
use super::*;

const ITEMS: [&str; 3] = ["item:a", "item:b", "item:c"];

fn wanted(money: Currency, quantities: &BTreeMap<ItemId, u64>, schemes: &[Scheme]) -> Vec<TargetLine> {
    let line = |name: &str, scheme: &Scheme| {
        let key = key(name);
        let quantity = quantities.get(key.item().expect("an item")).copied().unwrap_or(0);
        let price = Price {
            currency: money,
            interval: Interval::MONTH,
            scheme: scheme.clone(),
        };
        let price_ref = PriceRef::from_stored(format!("{name}-{scheme:?}"));
        TargetLine {
            key,
            price_ref,
            price,
            quantity,
            place: Place::Provider,
        }
    };
    let all = ITEMS.iter().zip(schemes).map(|(name, scheme)| line(name, scheme));
    all.filter(|line| line.quantity > 0).collect()
}

/// One change: when it is made, which quantities it wants, and which scheme each item then has.
type Step = (i64, Vec<u64>, Vec<Scheme>);

fn follow(money: Currency, anchor_day: i8, start: i64, steps: &[Step], policy: ProrationPolicy) {
    let zone = TimeZone::get("America/Sao_Paulo").expect("a known time zone");
    let mut provider = Provider::new(start);
    let mut contract = Contract {
        anchor_day,
        currency: money,
        lines: Vec::new(),
        ..anas_contract(vec![], None)
    };
    let mut now = start;
    for (later, quantities, schemes) in steps {
        now += later;
        if contract
            .periods
            .first()
            .is_some_and(|period| now >= period.end.as_second())
        {
            break;
        }
        let quantities = ITEMS
            .iter()
            .zip(quantities)
            .map(|(name, quantity)| (key(name).item().expect("an item").clone(), *quantity));
        let target = wanted(money, &quantities.collect(), schemes);
        if target.is_empty() {
            continue;
        }
        let at = Timestamp::from_second(now).expect("a near instant");
        let instant = EstimateInstant::for_change(Some(&contract), &target, policy, anchor_day, at, &zone)
            .expect("inside the calendar");
        let told = estimate(&contract.lines, &target, &instant).expect("small amounts");
        let mut expected: Vec<_> = told.lines.iter().map(|line| line.amount.amount).collect();
        expected.sort_unstable();
        if expected.is_empty() {
            continue;
        }
        let (previewed, charged, subscription) =
            change(&mut provider, &contract, &target, &instant, policy, now);
        assert_eq!(
            previewed,
            (expected.clone(), told.total.amount),
            "previewed at {at} for {told:?}"
        );
        assert_eq!(charged, (expected, told.total.amount), "charged at {at}");
        contract = after(&contract, &target, &told, &instant, &subscription);
    }
}

fn scheme() -> impl Strategy<Value = Scheme> {
    let unit = 100_i64..20_000;
    let tiers = (unit.clone(), unit.clone(), 0_i64..5_000).prop_map(|(low, high, flat)| {
        vec![
            Tier {
                up_to: Some(5),
                unit: high,
                flat,
            },
            Tier {
                up_to: None,
                unit: low,
                flat: 0,
            },
        ]
    });
    prop_oneof![
        3 => unit.prop_map(|unit| Scheme::PerUnit { unit }),
        1 => tiers.clone().prop_map(|tiers| Scheme::Graduated { tiers }),
        1 => tiers.prop_map(|tiers| Scheme::Volume { tiers }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let quantities = prop::collection::vec(0_u64..9, 3);
    let schemes = prop::collection::vec(scheme(), 3);
    prop::collection::vec((0_i64..10 * 86_400, quantities, schemes), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn by_days_the_estimate_is_the_preview_is_the_charge(
        money in any_currency(),
        anchor_day in 1_i8..=28,
        start in 1_735_700_400_i64..1_861_930_800,
        steps in steps(),
    ) {
        follow(money, anchor_day, start, &steps, ProrationPolicy::Day);
    }

    #[test]
    fn by_seconds_the_estimate_is_the_preview_is_the_charge(
        money in any_currency(),
        start in 1_735_700_400_i64..1_861_930_800,
        steps in steps(),
    ) {
        follow(money, 10, start, &steps, ProrationPolicy::Second);
    }
}
