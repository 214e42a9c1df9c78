//! Proration, computed by hand: the days of São Paulo, whose midnight is 03:00 UTC.

use changeover::domain::catalog::{
    Anchoring, EstimateInstant, EstimateLineKind, ProrationPolicy, TargetLine, anchor_day, estimate,
    first_period,
};
use jiff::tz::TimeZone;

use super::*;

fn sao_paulo() -> TimeZone {
    TimeZone::get("America/Sao_Paulo").expect("a known time zone")
}

/// The contract's lines and these wanted quantities, at what each is priced now.
fn target(contract: &Contract, wanted: &[(&str, i64, u64)]) -> Vec<TargetLine> {
    let kept = |line: &HeldLine| TargetLine {
        key: line.key.clone(),
        price_ref: line.price_ref.clone(),
        price: line.price.clone(),
        quantity: line.quantity,
        place: line.place.place(),
    };
    let mut lines: Vec<_> = contract
        .lines
        .iter()
        .filter(|line| line.key == LineKey::Plan)
        .map(kept)
        .collect();
    for (line, unit, quantity) in wanted {
        lines.push(kept(&held(line, *unit, *quantity, None)));
    }
    lines
}

fn instant(
    contract: &Contract,
    target: &[TargetLine],
    policy: ProrationPolicy,
    now: &str,
) -> EstimateInstant {
    EstimateInstant::for_change(
        Some(contract),
        target,
        policy,
        contract.anchor_day,
        at(now),
        &sao_paulo(),
    )
    .expect("inside the calendar")
}

/// What going to `wanted` costs now, by days: each line as (line, amount), and the total.
fn costs(contract: &Contract, wanted: &[(&str, i64, u64)], now: &str) -> (Vec<(String, i64)>, i64) {
    let target = target(contract, wanted);
    let instant = instant(contract, &target, ProrationPolicy::Day, now);
    let told = estimate(&contract.lines, &target, &instant).expect("small amounts");
    (
        told.lines
            .iter()
            .map(|line| (line.key.to_string(), line.amount.amount))
            .collect(),
        told.total.amount,
    )
}

fn total(contract: &Contract, wanted: &[(&str, i64, u64)], now: &str) -> i64 {
    costs(contract, wanted, now).1
}

#[test]
fn c6_the_first_extra_is_charged_from_today_to_the_anchor_day() {
    let ana = anas_contract(vec![], None);
    // 10 March to 10 April are 31 days; from the 14th on 27 of them are left: 194.00 * 27 / 31 = 168.967...
    assert_eq!(
        total(&ana, &[("item:device", 9_700, 2)], "2026-03-14T15:00:00Z"),
        16_897
    );
    // On the last day before the anchor day one day is left: 6.258...
    assert_eq!(
        total(&ana, &[("item:device", 9_700, 2)], "2026-04-09T15:00:00Z"),
        626
    );
    // On the anchor day itself the full price.
    assert_eq!(
        total(&ana, &[("item:device", 9_700, 2)], "2026-04-10T15:00:00Z"),
        19_400
    );
}

#[test]
fn c6_a_day_is_the_sellers_local_day() {
    let ana = anas_contract(vec![], None);
    let wanted = [("item:device", 9_700, 2)];
    for now in [
        "2026-03-14T03:00:00Z",
        "2026-03-14T15:00:00Z",
        "2026-03-15T02:59:59.999Z",
    ] {
        assert_eq!(total(&ana, &wanted, now), 16_897, "{now}");
    }
    // One second later it is the 15th: 194.00 * 26 / 31 = 162.709...
    assert_eq!(total(&ana, &wanted, "2026-03-15T03:00:00Z"), 16_271);
}

#[test]
fn c6_anchor_days_that_a_month_lacks_fall_on_its_last_day() {
    for (anchor, now, start, end, amount) in [
        // 31 January to 28 February, 28 days, 18 left: 97.00 * 18 / 28 = 62.357...
        (31, "2026-02-10T12:00:00Z", "2026-01-31", "2026-02-28", 6_236),
        // 29 January to 29 February, 31 days, 14 left: 97.00 * 14 / 31 = 43.806...
        (29, "2028-02-15T12:00:00Z", "2028-01-29", "2028-02-29", 4_381),
        // 28 February is the anchor day of a 30th in 2026, 29 February in 2028: the full price, to 30 March.
        (30, "2026-02-28T12:00:00Z", "2026-02-28", "2026-03-30", 9_700),
        (30, "2028-02-29T12:00:00Z", "2028-02-29", "2028-03-30", 9_700),
        // On 28 February 2028 one day of 30 January to 29 February, 30 days, is left: 97.00 / 30 = 3.233...
        (30, "2028-02-28T12:00:00Z", "2028-01-30", "2028-02-29", 323),
        // 30 April is the anchor day of a 31st.
        (31, "2026-04-30T12:00:00Z", "2026-04-30", "2026-05-31", 9_700),
        // Over the end of a year: 31 days, 10 left: 97.00 * 10 / 31 = 31.290...
        (5, "2026-12-26T12:00:00Z", "2026-12-05", "2027-01-05", 3_129),
    ] {
        let first = first_period(
            ProrationPolicy::Day,
            Interval::MONTH,
            anchor,
            at(now),
            &sao_paulo(),
        );
        let first = first.expect("inside the calendar");
        assert_eq!(first.whole, days(start, end), "{anchor} {now}");
        // The provider is told the day where the first renewal's date does not tell it.
        let told = end.ends_with(&format!("{anchor:02}"));
        let anchoring = if told {
            Anchoring::FirstRenewal
        } else {
            Anchoring::DayOfMonth(anchor)
        };
        assert_eq!(first.anchoring, anchoring, "{anchor} {now}");
        let ana = Contract {
            anchor_day: anchor,
            ..anas_contract(vec![], None)
        };
        assert_eq!(
            total(&ana, &[("item:device", 9_700, 1)], now),
            amount,
            "{anchor} {now}"
        );
    }
}

#[test]
fn the_anchor_day_is_the_local_day_of_the_accounts_creation() {
    assert_eq!(anchor_day(at("2026-02-01T02:59:59Z"), &sao_paulo()), 31);
    assert_eq!(anchor_day(at("2026-02-01T03:00:00Z"), &sao_paulo()), 1);
}

#[test]
fn an_upgrade_credits_what_is_unused_and_debits_what_remains() {
    let period = days("2026-03-10", "2026-04-10");
    let ana = anas_contract(
        vec![held("item:user-seat", 4_990, 2, Some((9_980, period)))],
        Some(period),
    );
    // 21 of 31 days are left: 99.80 * 21 / 31 = 67.606..., 249.50 * 21 / 31 = 169.016...
    let (lines, total) = costs(&ana, &[("item:user-seat", 4_990, 5)], "2026-03-20T18:00:00Z");
    let seat = || "item:user-seat".to_owned();
    assert_eq!(lines, [(seat(), -6_761), (seat(), 16_902)]);
    assert_eq!(total, 10_141);
}

#[test]
fn b8_a_second_upgrade_takes_the_first_ones_debit_apart() {
    let period = days("2026-03-10", "2026-04-10");
    let since_the_20th = days("2026-03-20", "2026-04-10");
    let seats = held("item:user-seat", 4_990, 5, Some((16_902, since_the_20th)));
    let ana = anas_contract(vec![seats], Some(period));
    // 16 of the debit's 21 days are unused: 169.02 * 16 / 21 = 128.777...; 299.40 * 16 / 31 = 154.529...
    let (lines, total) = costs(&ana, &[("item:user-seat", 4_990, 6)], "2026-03-25T18:00:00Z");
    let amounts: Vec<_> = lines.iter().map(|(_, amount)| *amount).collect();
    assert_eq!(amounts, [-12_878, 15_453]);
    assert_eq!(total, 2_575);
    // A second one on the same day gives the whole of the first back.
    let (lines, _) = costs(&ana, &[("item:user-seat", 4_990, 6)], "2026-03-20T23:00:00Z");
    assert_eq!(lines[0].1, -16_902);
}

#[test]
fn b8_what_was_bought_with_a_discount_is_credited_as_it_was_paid() {
    let period = days("2026-03-10", "2026-04-10");
    // Half the price was paid: 49.90 * 21 / 31 = 33.803... comes back, although the price says 99.80.
    let ana = anas_contract(
        vec![held("item:user-seat", 4_990, 2, Some((4_990, period)))],
        Some(period),
    );
    let (lines, _) = costs(&ana, &[("item:user-seat", 4_990, 3)], "2026-03-20T18:00:00Z");
    assert_eq!(lines[0].1, -3_380);
}

#[test]
fn on_the_renewal_day_a_change_is_charged_in_full() {
    let period = days("2026-03-10", "2026-04-10");
    let ana = anas_contract(
        vec![held("item:device", 9_700, 1, Some((9_700, period)))],
        Some(period),
    );
    let (lines, total) = costs(&ana, &[("item:device", 9_700, 2)], "2026-03-10T20:00:00Z");
    assert_eq!(
        lines.iter().map(|(_, amount)| *amount).collect::<Vec<_>>(),
        [-9_700, 19_400]
    );
    assert_eq!(total, 9_700);
}

#[test]
fn by_days_nothing_is_charged_from_before_the_period_began() {
    let afternoon = Period {
        interval: Interval::MONTH,
        start: at("2026-03-10T18:00:00Z"),
        end: at("2026-04-10T18:00:00Z"),
    };
    let ana = anas_contract(
        vec![held("item:device", 9_700, 1, Some((9_700, afternoon)))],
        Some(afternoon),
    );
    let target = target(&ana, &[("item:device", 9_700, 2)]);
    let at_once = instant(&ana, &target, ProrationPolicy::Day, "2026-03-10T19:00:00Z");
    assert_eq!(at_once.at, afternoon.start);
    let next_day = instant(&ana, &target, ProrationPolicy::Day, "2026-03-11T19:00:00Z");
    assert_eq!(next_day.at, at("2026-03-11T03:00:00Z"));
}

#[test]
fn by_seconds_a_change_is_charged_from_its_very_second() {
    let april = Period {
        interval: Interval::MONTH,
        start: at("2026-04-01T00:00:00Z"),
        end: at("2026-05-01T00:00:00Z"),
    };
    let ana = anas_contract(
        vec![held("item:device", 1_000, 1, Some((1_000, april)))],
        Some(april),
    );
    let target = target(&ana, &[("item:device", 3_000, 1)]);
    let half = instant(&ana, &target, ProrationPolicy::Second, "2026-04-16T00:00:00.7Z");
    assert_eq!(half.at, at("2026-04-16T00:00:00Z"));
    let told = estimate(&ana.lines, &target, &half).expect("small amounts");
    assert_eq!(
        told.lines
            .iter()
            .map(|line| line.amount.amount)
            .collect::<Vec<_>>(),
        [-500, 1_500]
    );
    // 1,000 seconds later 1,295,000 of 2,592,000 are left: 10.00 * 1295 / 2592 = 4.996..., 30.00 * 1295 / 2592 = 14.988...
    let later = instant(&ana, &target, ProrationPolicy::Second, "2026-04-16T00:16:40Z");
    let told = estimate(&ana.lines, &target, &later).expect("small amounts");
    assert_eq!(
        told.lines
            .iter()
            .map(|line| line.amount.amount)
            .collect::<Vec<_>>(),
        [-500, 1_499]
    );
}

#[test]
fn a_first_subscription_by_seconds_begins_with_the_full_price() {
    let first = first_period(
        ProrationPolicy::Second,
        Interval::MONTH,
        10,
        at("2026-01-31T12:34:56.789Z"),
        &sao_paulo(),
    )
    .expect("inside the calendar");
    assert_eq!(first.start, at("2026-01-31T12:34:56Z"));
    assert_eq!(first.whole.start, first.start);
    assert_eq!(first.whole.end, at("2026-02-28T12:34:56Z"));
    assert_eq!(
        first.anchoring,
        Anchoring::BeginsNow,
        "an anchor on the 28th would make a stub of it"
    );
}

#[test]
fn giving_something_up_leaves_a_credit_and_nothing_to_pay() {
    let period = days("2026-03-10", "2026-04-10");
    let extras = vec![
        held("item:device", 9_700, 2, Some((19_400, period))),
        held("item:user-seat", 4_990, 1, Some((4_990, period))),
    ];
    let ana = anas_contract(extras, Some(period));
    let target = target(&ana, &[("item:user-seat", 4_990, 1)]);
    let instant = instant(&ana, &target, ProrationPolicy::Day, "2026-03-20T18:00:00Z");
    let told = estimate(&ana.lines, &target, &instant).expect("small amounts");
    // 194.00 * 21 / 31 = 131.419...; the seat does not change and the plan is paid elsewhere: neither has a line.
    let [credit] = told.lines.as_slice() else {
        panic!("{:?}", told.lines)
    };
    assert_eq!(
        (credit.kind, credit.amount),
        (EstimateLineKind::UnusedTime, brl(-13_142))
    );
    assert_eq!((told.total, told.due_now), (brl(-13_142), brl(0)));
    assert_eq!(told.recurring.len(), 1);
    assert_eq!(
        (told.recurring[0].amount, told.recurring[0].renews_at),
        (brl(4_990), period.end)
    );
}

#[test]
fn money_that_was_never_debited_is_never_credited() {
    let period = days("2026-03-10", "2026-04-10");
    let ana = anas_contract(vec![held("item:device", 9_700, 1, None)], Some(period));
    let (lines, _) = costs(&ana, &[("item:device", 9_700, 2)], "2026-03-20T18:00:00Z");
    assert_eq!(lines.len(), 1);
    // 194.00 * 21 / 31 = 131.419...
    assert_eq!(lines[0].1, 13_142);
}
