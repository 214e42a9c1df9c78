//! B10: a schedule is attached to the subscription, and every change is refused by the provider in the middle of it. Here a
//! foreign one is seen before anything is begun: it is left alone, and the reason has a code. (What
//! becomes of our own is in `promises.rs`.)

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::{NOTHING, quantities};
use crate::journeys::WORKS;
use crate::support::{Bend, Clint, Database, House};

super::on_both!(
    b10_a_foreign_schedule_is_a_clear_no_and_is_left_alone,
    b10_a_schedule_that_comes_after_the_yes_costs_nothing,
);

/// While this is up, somebody else's schedule holds every subscription that is read.
async fn somebody_schedules(house: &mut House) -> Arc<AtomicBool> {
    let scheduled = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&scheduled);
    house
        .meets_a_provider_that(Bend {
            afterwards: Arc::new(move |request, answer| {
                if request.starts_with("GET /v1/subscriptions/") && seen.load(Ordering::SeqCst) {
                    answer["schedule"] = json!("sub_sched_ofThePortal");
                }
            }),
            ..Bend::default()
        })
        .await;
    scheduled
}

async fn mutations(house: &House, clint: &Clint) -> usize {
    let path = format!("/v1/subscriptions/{}", clint.subscription);
    house.provider.requests_to("POST", &path).await.len()
}

async fn b10_a_foreign_schedule_is_a_clear_no_and_is_left_alone(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let scheduled = somebody_schedules(&mut house).await;
    scheduled.store(true, Ordering::SeqCst);
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let read = change.read().await;
    assert_eq!(crate::support::stage_of(&read), "draft", "{read}");
    assert_eq!(read["problem"]["code"], "subscription_scheduled", "{read}");
    assert_eq!(
        mutations(&house, &clint).await,
        0,
        "nobody touches what is not ours"
    );

    // Once it is released, the same change goes on.
    scheduled.store(false, Ordering::SeqCst);
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    assert_eq!(change.stage().await, "quote.ready");
    house.close().await;
}

async fn b10_a_schedule_that_comes_after_the_yes_costs_nothing(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let scheduled = somebody_schedules(&mut house).await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    change.confirms().await.expect("a confirmation");
    scheduled.store(true, Ordering::SeqCst);
    house.rests().await;
    let read = change.read().await;
    assert_eq!(read["problem"]["code"], "subscription_scheduled", "{read}");
    assert_eq!(house.provider.charges_for_changes().await, NOTHING);
    assert_eq!(clint.held(&house).await, quantities(3, 5));
    house.close().await;
}
