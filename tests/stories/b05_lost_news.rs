//! B5: a webhook is lost, or acknowledged and never applied; an event is marked as processed before it was. Here the mark and
//! the work are one transaction, and the change looks for itself where nothing is told.

use changeover::engine::CrashPoint;
use jiff::SignedDuration;

use super::is_at_the_bank;
use crate::support::{Database, House};

super::on_both!(
    b05_a_webhook_that_never_comes_is_not_missed,
    b05_a_webhook_that_a_dead_process_had_heard_is_heard_again,
    b05_the_customer_who_returns_from_the_bank_is_not_kept_waiting,
);

/// For so long that the ladder of looks has come to once an hour.
const HOURS: SignedDuration = SignedDuration::from_hours(5);

async fn b05_a_webhook_that_never_comes_is_not_missed(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change, intent) = is_at_the_bank(&mut house).await;
    house.provider.loses_every_webhook().await;
    house.pass(HOURS).await;
    house.provider.bank_says(&intent, "approve").await;
    house.settle().await;
    assert_eq!(change.stage().await, "payment_confirm.action_required");
    house.pass(SignedDuration::from_mins(61)).await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    house.close().await;
}

/// A wake-up that a process has kept, or claimed, and died of, is heard by the next one, and not only at the next look.
async fn b05_a_webhook_that_a_dead_process_had_heard_is_heard_again(database: Database) {
    for point in [
        CrashPoint::WebhookVerified,
        CrashPoint::WebhookKept,
        CrashPoint::Claimed,
    ] {
        let mut house = House::open_on(database).await;
        let (_, change, intent) = is_at_the_bank(&mut house).await;
        house.pass(HOURS).await;
        house.provider.bank_says(&intent, "approve").await;
        house.crash_at(point, 1);
        // Seconds, until the provider sends again what was not acknowledged; not an hour.
        house.rests().await;
        assert_eq!(change.stage().await, "active", "{point}");
        assert!(house.disarm(), "{point} is reached");
        house.close().await;
    }
}

/// The customer's browser is back within seconds, and nobody has told us anything.
async fn b05_the_customer_who_returns_from_the_bank_is_not_kept_waiting(database: Database) {
    let mut house = House::open_on(database).await;
    let (traveller, change, intent) = is_at_the_bank(&mut house).await;
    house.provider.loses_every_webhook().await;
    house.provider.bank_says(&intent, "approve").await;
    // Right after the customer has gone to the bank, the payment is looked at every few seconds.
    house.clock.advance(SignedDuration::from_secs(20));
    house.settle().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    house.close().await;
}
