//! Clint, the money: pro rata by days to the billing anchor. Row C6.

use jiff::SignedDuration;

use super::part;
use crate::support::{Clint, Customs, House, selecting};

/// Two devices, per month.
const TWO: i64 = 2 * 9700;

#[tokio::test]
async fn c6_the_day_of_contracting_counts_until_its_last_minute() {
    // 00:10 and 23:50 on the 18th in São Paulo, which is 03:10 of that day and 02:50 of the next in UTC.
    for now in ["2026-03-18T03:10:00Z", "2026-03-19T02:50:00Z"] {
        let mut house = House::open_at(now).await;
        let clint = Clint::customer(&house).await;
        let (change, due) = clint.changes_to(&mut house, Clint::selection(5, 5)).await;
        assert_eq!(due, part(5 * 9700, 23, 31) - part(3 * 9700, 23, 31), "{now}");
        assert_eq!(change.quote().await["prorated_at"], "2026-03-18T03:00:00Z");
        assert_eq!(house.provider.charges_for_changes().await, [due]);
        house.close().await;
    }
}

#[tokio::test]
async fn c6_on_the_anchor_day_itself_the_full_price_is_due() {
    let mut house = House::open_at("2026-03-10T15:00:00Z").await;
    let clint = Clint::customer(&house).await;
    let (_, due) = clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    assert_eq!(due, TWO + 3 * 4990);
    assert_eq!(house.provider.charges_for_changes().await, [due]);
    house.close().await;
}

#[tokio::test]
async fn c6_on_the_last_day_before_the_anchor_one_day_is_due() {
    let mut house = House::open_at("2026-04-09T15:00:00Z").await;
    let clint = Clint::customer(&house).await;
    let (_, due) = clint.changes_to(&mut house, Clint::selection(5, 5)).await;
    assert_eq!(due, part(5 * 9700, 1, 31) - part(3 * 9700, 1, 31));
    assert_eq!(house.provider.charges_for_changes().await, [due]);
    house.close().await;
}

#[tokio::test]
async fn c6_a_second_and_a_third_upgrade_take_apart_what_was_really_debited() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let (_, first) = clint.changes_to(&mut house, Clint::selection(5, 5)).await;
    assert_eq!(first, part(5 * 9700, 23, 31) - part(3 * 9700, 23, 31));

    // On the same day: all of the first debit comes back.
    house.pass(SignedDuration::from_hours(3)).await;
    let shown = clint.estimates(&house, Clint::selection(6, 5)).await;
    let (_, second) = clint.changes_to(&mut house, Clint::selection(6, 5)).await;
    let debited = part(6 * 9700, 23, 31);
    assert_eq!(second, debited - part(5 * 9700, 23, 31));
    assert_eq!(shown["due_now"]["amount"], second);

    // A week later, in the same period: the unused 16 of the 23 days that the second one had debited.
    house.pass(SignedDuration::from_hours(7 * 24)).await;
    let shown = clint.estimates(&house, Clint::selection(7, 5)).await;
    let (_, third) = clint.changes_to(&mut house, Clint::selection(7, 5)).await;
    assert_eq!(third, part(7 * 9700, 16, 31) - part(debited, 16, 23));
    assert_eq!(shown["due_now"]["amount"], third);
    assert_eq!(house.provider.charges_for_changes().await, [first, second, third]);
    house.close().await;
}

#[tokio::test]
async fn c6_the_first_extra_of_an_account_is_pro_rata_to_its_anchor_day() {
    // When the account was created, when it contracts, how many days of how long a period, its end, and the end after that.
    let stories = [
        (
            "2025-09-10T15:00:00Z",
            "2026-03-18T15:00:00Z",
            (23, 31),
            "2026-04-10",
            "2026-05-10",
        ),
        // On the anchor day itself.
        (
            "2025-09-18T15:00:00Z",
            "2026-03-18T15:00:00Z",
            (31, 31),
            "2026-04-18",
            "2026-05-18",
        ),
        // The last day before it, and a period over the end of a year.
        (
            "2025-09-10T15:00:00Z",
            "2026-01-09T15:00:00Z",
            (1, 31),
            "2026-01-10",
            "2026-02-10",
        ),
        // Created on the 31st, contracted in February, and on February's last day, which is its anchor day.
        (
            "2025-08-31T15:00:00Z",
            "2026-02-18T15:00:00Z",
            (10, 28),
            "2026-02-28",
            "2026-03-31",
        ),
        (
            "2025-08-31T15:00:00Z",
            "2026-02-28T15:00:00Z",
            (31, 31),
            "2026-03-31",
            "2026-04-30",
        ),
        (
            "2025-08-31T15:00:00Z",
            "2026-03-31T15:00:00Z",
            (30, 30),
            "2026-04-30",
            "2026-05-31",
        ),
        (
            "2025-08-31T15:00:00Z",
            "2026-04-12T15:00:00Z",
            (18, 30),
            "2026-04-30",
            "2026-05-31",
        ),
        // Created on the 30th and on the 29th; 2028 is a leap year.
        (
            "2025-08-30T15:00:00Z",
            "2026-02-01T15:00:00Z",
            (27, 29),
            "2026-02-28",
            "2026-03-30",
        ),
        (
            "2025-08-29T15:00:00Z",
            "2026-03-02T15:00:00Z",
            (27, 29),
            "2026-03-29",
            "2026-04-29",
        ),
        (
            "2025-08-29T15:00:00Z",
            "2028-02-10T15:00:00Z",
            (19, 31),
            "2028-02-29",
            "2028-03-29",
        ),
        // Late in the evening of the 31st in São Paulo it is the 1st in UTC.
        (
            "2025-09-01T01:30:00Z",
            "2026-02-18T15:00:00Z",
            (10, 28),
            "2026-02-28",
            "2026-03-31",
        ),
    ];
    for (created_at, now, (days, of), renews, and_then) in stories {
        let told = format!("created {created_at}, contracted {now}");
        let mut house = House::open_at(now).await;
        let customs = Customs {
            created_at,
            ..Customs::default()
        };
        let clint = Clint::without_extras_like(&house, customs).await;
        let wanted = selecting("growth", "month", &[("device", 2)]);
        let shown = clint.estimates(&house, wanted.clone()).await;
        let (change, due) = clint.changes_to(&mut house, wanted).await;
        assert_eq!(due, part(TWO, days, of), "{told}");
        assert_eq!(shown["due_now"]["amount"], due, "{told}");
        assert_eq!(house.provider.charges_for_changes().await, [due], "{told}");
        let recurring = change.quote().await["recurring"][0].clone();
        assert_eq!(recurring["amount"]["amount"], TWO, "{told}");
        assert_eq!(recurring["renews_at"], format!("{renews}T03:00:00Z"), "{told}");

        // The next period is whole, and ends on the anchor day again.
        let end = |contract: &serde_json::Value| contract["periods"][0]["end"].clone();
        assert_eq!(
            end(&clint.contract(&house).await),
            format!("{renews}T03:00:00Z"),
            "{told}"
        );
        let renewal: jiff::Timestamp = format!("{renews}T05:00:00Z").parse().expect("an instant");
        house.clock.move_to(renewal);
        house.settle().await;
        house.pass(SignedDuration::from_hours(2)).await;
        assert_eq!(
            end(&clint.contract(&house).await),
            format!("{and_then}T03:00:00Z"),
            "{told}"
        );
        house.close().await;
    }
}

#[tokio::test]
async fn c6_after_the_first_extra_the_next_one_is_charged_for_the_same_days() {
    let mut house = House::open_at("2026-02-18T15:00:00Z").await;
    let customs = Customs {
        created_at: "2025-08-31T15:00:00Z",
        ..Customs::default()
    };
    let clint = Clint::without_extras_like(&house, customs).await;
    let (_, first) = clint
        .changes_to(&mut house, selecting("growth", "month", &[("device", 2)]))
        .await;
    let more = selecting("growth", "month", &[("device", 2), ("user-seat", 4)]);
    let shown = clint.estimates(&house, more.clone()).await;
    let (_, second) = clint.changes_to(&mut house, more).await;
    assert_eq!(shown["due_now"]["amount"], second, "as the slider said");
    assert_eq!([first, second], [part(TWO, 10, 28), part(4 * 4990, 10, 28)]);
    assert_eq!(house.provider.charges_for_changes().await, [first, second]);
    house.close().await;
}
