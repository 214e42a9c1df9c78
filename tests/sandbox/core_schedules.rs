//! Subscription schedules: made from a subscription, given phases, turned by time, released, and kept from being passed by.

use serde_json::{Value, json};

use super::core_house::{House, amounts, at, half_way, id, item, latest, quantity, upgrade};

/// A schedule of that subscription with a second phase of one seat less.
fn scheduled(house: &mut House, subscription: &Value, then: &str, quantity: u64) -> Value {
    let made = house.does(
        "PostSubscriptionSchedules",
        &[],
        json!({ "from_subscription": id(subscription) }),
    );
    let now = &made["phases"][0];
    let price = now["items"][0]["price"].as_str().unwrap();
    house.does(
        "PostSubscriptionSchedulesSchedule",
        &[("schedule", &id(&made))],
        json!({
            "end_behavior": "release",
            "metadata": { "change": "c1" },
            "phases": [
                {
                    "start_date": now["start_date"],
                    "end_date": now["end_date"],
                    "proration_behavior": "none",
                    "items": [{ "price": price, "quantity": now["items"][0]["quantity"] }],
                },
                {
                    "proration_behavior": "none",
                    "duration": { "interval": "month" },
                    "items": [{ "price": then, "quantity": quantity }],
                },
            ],
        }),
    )
}

fn price_of(subscription: &Value) -> String {
    subscription["items"]["data"][0]["price"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_phase_begins_with_the_period_and_the_renewal_is_invoiced_so() {
    let (mut house, _, subscription) = half_way("pm_card_visa");
    house.updates(&id(&subscription), upgrade(&subscription));
    house.hears();
    let price = price_of(&subscription);
    let schedule = scheduled(&mut house, &subscription, &price, 1);
    assert_eq!(schedule["status"], "active");
    assert_eq!(schedule["phases"][0]["end_date"], at("2027-05-01T00:00:00Z"));
    assert_eq!(schedule["phases"][1]["end_date"], at("2027-06-01T00:00:00Z"));
    let held = house.subscription(&id(&subscription));
    assert_eq!(held["schedule"], schedule["id"]);
    assert_eq!(quantity(&held), 3);

    let mut heard = house.hears();
    house.restart();
    house.waits_until("2027-05-01T02:00:00Z");
    let renewed = house.subscription(&id(&subscription));
    assert_eq!(quantity(&renewed), 1);
    assert_eq!(amounts(&renewed["latest_invoice"]), [3000], "at the new quantity");
    assert_eq!(renewed["latest_invoice"]["status"], "paid");
    let turned = house.does(
        "GetSubscriptionSchedulesSchedule",
        &[("schedule", &id(&schedule))],
        json!({}),
    );
    assert_eq!(turned["current_phase"]["start_date"], at("2027-05-01T00:00:00Z"));

    house.waits_until("2027-06-01T02:00:00Z");
    let after = house.subscription(&id(&subscription));
    assert_eq!((quantity(&after), &after["schedule"]), (1, &Value::Null));
    heard.extend(house.hears());
    for kind in [
        "subscription_schedule.created",
        "subscription_schedule.updated",
        "subscription_schedule.released",
    ] {
        assert!(heard.iter().any(|event| event == kind), "{kind} in {heard:?}");
    }
}

#[test]
fn what_is_scheduled_is_not_changed_past_the_schedule_until_it_is_released() {
    let (mut house, ana, subscription) = half_way("pm_card_visa");
    let price = price_of(&subscription);
    let schedule = scheduled(&mut house, &subscription, &price, 2);
    let own = id(&subscription);
    let path = [("subscription_exposed_id", own.as_str())];
    let refused = house.refuses(
        "PostSubscriptionsSubscriptionExposedId",
        &path,
        upgrade(&subscription),
    );
    assert_eq!(refused.status, 400);
    assert!(refused.message.contains(&id(&schedule)), "{refused:?}");
    house.refuses(
        "PostSubscriptionsSubscriptionExposedId",
        &path,
        json!({ "cancel_at_period_end": true }),
    );
    let again = house.refuses(
        "PostSubscriptionSchedules",
        &[],
        json!({ "from_subscription": own }),
    );
    assert!(again.message.contains("already attached"), "{again:?}");
    house.updates(&own, json!({ "metadata": { "kept": "still" } }));

    let of_ana = house.does("GetSubscriptionSchedules", &[], json!({ "customer": ana }));
    assert_eq!(of_ana["data"].as_array().unwrap().len(), 1);
    let handle = id(&schedule);
    let named = [("schedule", handle.as_str())];
    let released = house.does("PostSubscriptionSchedulesScheduleRelease", &named, json!({}));
    assert_eq!(released["status"], "released");
    assert_eq!(released["released_subscription"].as_str(), Some(own.as_str()));
    house.refuses("PostSubscriptionSchedulesScheduleRelease", &named, json!({}));
    house.refuses(
        "PostSubscriptionSchedulesSchedule",
        &named,
        json!({ "metadata": { "a": "b" } }),
    );
    let free = house.updates(&own, upgrade(&subscription));
    assert_eq!(quantity(&free), 3);
    house.waits_until("2027-05-01T02:00:00Z");
    assert_eq!(
        quantity(&house.subscription(&own)),
        3,
        "what was released never comes"
    );
}

#[test]
fn an_archived_price_cannot_be_scheduled_and_cannot_begin() {
    let (mut house, _, subscription) = half_way("pm_card_visa");
    let cheaper = house.price(1000, "month");
    let archive = |house: &mut House, active: bool| {
        house.does(
            "PostPricesPrice",
            &[("price", &cheaper)],
            json!({ "active": active }),
        )
    };
    archive(&mut house, false);
    let made = house.does(
        "PostSubscriptionSchedules",
        &[],
        json!({ "from_subscription": id(&subscription) }),
    );
    let now = made["phases"][0].clone();
    let phases = |price: &str| {
        json!({ "phases": [
            { "start_date": now["start_date"], "end_date": now["end_date"],
              "items": [{ "price": now["items"][0]["price"], "quantity": 1 }] },
            { "duration": { "interval": "month" }, "items": [{ "price": price, "quantity": 1 }] },
        ] })
    };
    let handle = id(&made);
    let named = [("schedule", handle.as_str())];
    let refused = house.refuses("PostSubscriptionSchedulesSchedule", &named, phases(&cheaper));
    assert!(refused.message.contains("inactive"), "{refused:?}");
    archive(&mut house, true);
    house.does("PostSubscriptionSchedulesSchedule", &named, phases(&cheaper));
    archive(&mut house, false);
    house.waits_until("2027-05-01T02:00:00Z");
    let after = house.subscription(&id(&subscription));
    assert_eq!(price_of(&after), price_of(&subscription));
    assert_eq!(after["schedule"], Value::Null);
    assert_eq!(amounts(&after["latest_invoice"]), [3000]);
}

#[test]
fn a_new_price_begins_whole_and_an_ended_subscription_takes_its_schedule_along() {
    let (mut house, _, subscription) = half_way("pm_card_visa");
    let cheaper = house.price(1000, "month");
    let schedule = scheduled(&mut house, &subscription, &cheaper, 2);
    house.waits_until("2027-05-01T02:00:00Z");
    let renewed = house.subscription(&id(&subscription));
    assert_eq!(amounts(&renewed["latest_invoice"]), [2000]);
    assert_eq!(price_of(&renewed), cheaper);
    assert_ne!(item(&renewed), item(&subscription));
    assert!(!latest(&renewed).is_empty());

    house.does(
        "DeleteSubscriptionsSubscriptionExposedId",
        &[("subscription_exposed_id", &id(&subscription))],
        json!({}),
    );
    let over = house.does(
        "GetSubscriptionSchedulesSchedule",
        &[("schedule", &id(&schedule))],
        json!({}),
    );
    assert_eq!(over["status"], "canceled");
}

#[test]
fn a_schedule_is_cancelled_with_its_subscription() {
    let (mut house, _, subscription) = half_way("pm_card_visa");
    let price = price_of(&subscription);
    let schedule = scheduled(&mut house, &subscription, &price, 2);
    let over = house.does(
        "PostSubscriptionSchedulesScheduleCancel",
        &[("schedule", &id(&schedule))],
        json!({}),
    );
    assert_eq!(over["status"], "canceled");
    assert_eq!(house.subscription(&id(&subscription))["status"], "canceled");
}
