//! I26: for whatever a customer asks, at whatever instant, in currencies of every exponent, lines add up to totals exactly.

use changeover::domain::catalog::{
    EstimateInstant, EstimateLineKind, IntervalUnit, Place, ProrationPolicy, TargetLine, Tier, estimate,
    first_period,
};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

fn scheme() -> impl Strategy<Value = Scheme> {
    let amount = 0_i64..1_000_000;
    let tiers = prop::collection::vec((1_u64..50, amount.clone(), amount.clone()), 1..4).prop_map(|raw| {
        let mut end = 0;
        let last = raw.len() - 1;
        raw.into_iter()
            .enumerate()
            .map(|(at, (width, unit, flat))| {
                end += width;
                Tier {
                    up_to: (at < last).then_some(end),
                    unit,
                    flat,
                }
            })
            .collect::<Vec<_>>()
    });
    prop_oneof![
        amount.prop_map(|unit| Scheme::PerUnit { unit }),
        tiers.clone().prop_map(|tiers| Scheme::Graduated { tiers }),
        tiers.prop_map(|tiers| Scheme::Volume { tiers }),
    ]
}

const START: i64 = 1_772_420_400;
const LENGTH: i64 = 31 * 86_400;

fn period() -> Period {
    let second = |at| Timestamp::from_second(at).expect("a near instant");
    Period {
        interval: Interval::MONTH,
        start: second(START),
        end: second(START + LENGTH),
    }
}

fn line(name: &str, price: Price, quantity: u64) -> TargetLine {
    let price_ref = PriceRef::from_stored(format!("{name}-{:?}", price.scheme));
    TargetLine {
        key: key(name),
        price_ref,
        price,
        quantity,
        place: Place::Provider,
    }
}

/// What is held after a target was paid for over this time.
fn paid(target: &TargetLine, amount: Money, from: i64, until: i64) -> HeldLine {
    let second = |at| Timestamp::from_second(at).expect("a near instant");
    HeldLine {
        key: target.key.clone(),
        price_ref: target.price_ref.clone(),
        price: target.price.clone(),
        quantity: target.quantity,
        place: LinePlace::Provider {
            item: "si_1".to_owned(),
        },
        outside: None,
        debit: Some(Debit {
            amount,
            from: second(from),
            until: second(until),
        }),
    }
}

proptest! {
    #[test]
    fn lines_add_up_to_the_total(
        currency in any_currency(),
        before in scheme(),
        after in scheme(),
        quantities in (1_u64..200, 1_u64..200, 0_u64..200),
        elapsed in 0..=LENGTH,
    ) {
        let price = |scheme: &Scheme| Price { currency, interval: Interval::MONTH, scheme: scheme.clone() };
        let old = line("item:a", price(&before), quantities.0);
        let debited = old.amount().expect("small amounts");
        let held = [paid(&old, debited, START, START + LENGTH)];
        let mut target = vec![line("item:a", price(&after), quantities.1)];
        if quantities.2 > 0 {
            target.push(line("item:b", price(&before), quantities.2));
        }
        let at = Timestamp::from_second(START + elapsed).expect("a near instant");
        let instant = EstimateInstant { at, periods: vec![period()] };
        let told = estimate(&held, &target, &instant).expect("small amounts");

        let sum = Money::sum(currency, told.lines.iter().map(|line| line.amount)).expect("small amounts");
        prop_assert_eq!(told.total, sum);
        prop_assert_eq!(told.due_now.amount, sum.amount.max(0));
        let full = Money::sum(currency, target.iter().map(|line| line.amount().expect("small amounts")));
        prop_assert_eq!(told.recurring[0].amount, full.expect("small amounts"));
        for line in &told.lines {
            let (low, high) = match line.kind {
                EstimateLineKind::UnusedTime => (-debited.amount, 0),
                EstimateLineKind::RemainingTime => (0, full.expect("small amounts").amount),
            };
            prop_assert!(low <= line.amount.amount && line.amount.amount <= high, "{:?}", line);
        }
    }

    /// A chain of changes within one period costs what each stretch of it costs on its own, up to half a minor unit for
    /// each of the roundings on the way.
    #[test]
    fn b8_a_chain_of_changes_costs_what_its_stretches_cost(
        currency in any_currency(),
        unit in 1_i64..100_000,
        steps in prop::collection::vec((1_u64..100, 1_i64..LENGTH / 8), 1..6),
    ) {
        let price = Price { currency, interval: Interval::MONTH, scheme: Scheme::PerUnit { unit } };
        let mut at = START;
        let first = line("item:a", price.clone(), 1);
        let mut held = paid(&first, first.amount().expect("small"), START, START + LENGTH);
        let mut charged = i128::from(unit);
        // The closed form, in minor units times the length of the period.
        let mut exact = 0_i128;
        for (quantity, after) in &steps {
            exact += i128::from(unit) * i128::from(held.quantity) * i128::from(*after);
            at += after;
            let now = Timestamp::from_second(at).expect("a near instant");
            let target = [line("item:a", price.clone(), *quantity)];
            let instant = EstimateInstant { at: now, periods: vec![period()] };
            let told = estimate(std::slice::from_ref(&held), &target, &instant).expect("small amounts");
            charged += i128::from(told.total.amount);
            if let Some(debit) = told.lines.iter().find(|line| line.kind == EstimateLineKind::RemainingTime) {
                held = paid(&target[0], debit.amount, at, START + LENGTH);
            }
        }
        exact += i128::from(unit) * i128::from(held.quantity) * i128::from(START + LENGTH - at);
        let off = (charged * i128::from(LENGTH) - exact).abs();
        let roundings = 2 * i128::try_from(steps.len()).expect("few");
        prop_assert!(2 * off <= roundings * i128::from(LENGTH), "off by {off}/{LENGTH}");
    }

    #[test]
    fn a_first_charge_is_a_part_of_a_whole_period_around_today(
        anchor in 1_i8..=31,
        second in 1_700_000_000_i64..2_000_000_000,
        zone in prop::sample::select(vec!["America/Sao_Paulo", "UTC", "Europe/Madrid", "America/New_York"]),
        day in prop::bool::ANY,
    ) {
        let zone = TimeZone::get(zone).expect("a known time zone");
        let now = Timestamp::from_second(second).expect("a near instant");
        let policy = if day { ProrationPolicy::Day } else { ProrationPolicy::Second };
        let first = first_period(policy, Interval::MONTH, anchor, now, &zone).expect("inside the calendar");
        prop_assert!(first.whole.start <= first.start && first.start <= now && now < first.whole.end);
        let length = first.whole.end.duration_since(first.whole.start).as_hours();
        prop_assert!((28 * 24 - 1..=31 * 24 + 1).contains(&length), "{length} hours");
        if day {
            let last = zone.to_datetime(first.whole.end).date().days_in_month();
            prop_assert_eq!(zone.to_datetime(first.whole.end).day(), anchor.min(last));
        }
    }

    #[test]
    fn any_selection_is_answered(
        plan in prop::sample::select(vec!["start", "growth", "elite", "mega"]),
        code in prop::sample::select(vec!["BRL", "USD", "JPY"]),
        yearly in prop::bool::ANY,
        quantities in prop::collection::btree_map(
            prop::sample::select(vec!["device", "user-seat", "whatsapp-device", "toaster"]),
            prop_oneof![0_u64..10, 0..=u64::MAX],
            0..4,
        ),
        contracted in prop::bool::ANY,
    ) {
        let interval = if yearly { Interval::YEAR } else { Interval::MONTH };
        let quantities: Vec<_> = quantities.into_iter().collect();
        let wanted = Selection { currency: currency(code), interval, ..selection(plan, &quantities) };
        let contract = anas_contract(vec![held("item:device", 9_700, 2, None)], Some(period()));
        match clint().playbook.catalog.resolve(&wanted, contracted.then_some(&contract)) {
            Ok(lines) => {
                prop_assert_eq!(&lines[0].key, &LineKey::Plan);
                let bought = quantities.iter().filter(|(_, quantity)| *quantity > 0).count();
                prop_assert_eq!(lines.len(), bought + 1);
            }
            Err(problems) => prop_assert!(!problems.is_empty()),
        }
    }

    /// Amounts, quantities and instants at the edges of what can be written are answered with an amount or an error.
    #[test]
    fn nothing_is_too_large_to_be_answered(
        currency in any_currency(),
        units in (prop::num::i64::ANY, prop::num::i64::ANY, prop::num::i64::ANY),
        quantities in (prop::num::u64::ANY, prop::num::u64::ANY),
        seconds in prop::array::uniform5(-377_705_023_201_i64..=253_402_207_200),
        anchor in prop::num::i8::ANY,
        months in 1_u8..=36,
    ) {
        let [from, until, start, end, at] = seconds.map(|at| Timestamp::from_second(at).expect("in range"));
        let interval = Interval::new(months, IntervalUnit::Month).expect("at most three years");
        let price = |unit| Price { currency, interval, scheme: Scheme::PerUnit { unit } };
        let target = [line("item:a", price(units.0), quantities.0)];
        let before = line("item:a", price(units.1), quantities.1);
        let debit = Money::new(units.2, currency);
        let mut held = paid(&before, debit, 0, 1);
        held.debit = Some(Debit { amount: debit, from, until });
        let instant = EstimateInstant { at, periods: vec![Period { interval, start, end }] };
        if let Ok(told) = estimate(std::slice::from_ref(&held), &target, &instant) {
            let sum = Money::sum(currency, told.lines.iter().map(|line| line.amount));
            prop_assert_eq!(sum, Ok(told.total));
        }
        for policy in [ProrationPolicy::Day, ProrationPolicy::Second] {
            if let Ok(first) = first_period(policy, interval, anchor, at, &TimeZone::UTC) {
                prop_assert!(first.whole.start <= first.start && first.start < first.whole.end);
            }
        }
    }
}
