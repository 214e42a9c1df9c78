//! A deployment is taken back, and the older program is there again beside what the newer one has written (F20): it leaves to the
//! newer one what only that can read, and goes on with everything else for as long as it takes.

use jiff::SignedDuration;

use super::WORKS;
use super::renewals::{comes_to_the_anchor_day, seen};
use crate::support::{Change, Clint, Database, House, Version};

crate::stories::on_both!(
    f20_after_a_rollback_a_contract_that_the_newer_program_has_changed_is_looked_at_all_the_same,
    f20_after_a_rollback_what_must_be_told_waits_for_the_newer_program_and_is_told_once,
);

/// Longer than anything is tried before it is given up.
const THREE_DAYS: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The newer program has carried a change out; its mail has not left yet.
async fn is_changed_by_the_newer_program(house: &mut House) -> (Clint, Change) {
    house.is_deployed(Version::Newer).await;
    let clint = Clint::customer(house).await;
    house.settle().await;
    let change = clint
        .comes_to_the_button(house, Clint::selection(5, 8), WORKS)
        .await;
    change.confirms().await.expect("a confirmation");
    house.keeps_its_mails_back().await;
    assert_eq!(change.stage().await, "active");
    (clint, change)
}

/// What the newer program has written is not guessed at.
async fn is_left_alone(change: &Change) {
    let path = format!("/v1/changes/{}", change.id);
    let refused = change.backend.try_get(&path).await.expect_err("newer");
    assert_eq!((refused.status, refused.code.as_str()), (503, "newer_version"));
}

async fn f20_after_a_rollback_a_contract_that_the_newer_program_has_changed_is_looked_at_all_the_same(
    database: Database,
) {
    let mut house = House::open_on(database).await;
    let (clint, change) = is_changed_by_the_newer_program(&mut house).await;
    house.is_deployed(Version::Older).await;
    comes_to_the_anchor_day(&mut house).await;
    is_left_alone(&change).await;
    assert_eq!(seen(&house, &clint).await, ["adopted", "renewed"]);
    let period = clint.contract(&house).await["periods"][0].clone();
    assert_eq!(period["start"], "2026-04-10T03:00:00Z", "{period}");

    // And what the customer holds can be changed again, by the older program as well.
    let (again, _) = clint.changes_to(&mut house, Clint::selection(6, 8)).await;
    house.is_deployed(Version::Newer).await;
    house.rests().await;
    assert_eq!(
        (change.stage().await.as_str(), again.stage().await.as_str()),
        ("active", "active")
    );
    assert_eq!(house.provider.charges_for_changes().await.len(), 2);
    house.close().await;
}

async fn f20_after_a_rollback_what_must_be_told_waits_for_the_newer_program_and_is_told_once(
    database: Database,
) {
    let mut house = House::open_on(database).await;
    let (_, change) = is_changed_by_the_newer_program(&mut house).await;
    let before = house.mails().await.len();
    house.is_deployed(Version::Older).await;
    house.pass(THREE_DAYS).await;
    is_left_alone(&change).await;
    assert_eq!(house.mails().await.len(), before, "nothing is guessed at");

    house.is_deployed(Version::Newer).await;
    house.rests().await;
    assert_eq!(house.operator().stuck().await, [], "nothing was given up");
    // Within the few minutes after which it is looked at again.
    house.pass(SignedDuration::from_mins(10)).await;
    assert_eq!(house.mails().await.len(), before + 1, "the receipt, once");
    house.close().await;
}
