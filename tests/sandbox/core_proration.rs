//! Prorations, reckoned by hand.

use serde_json::{Value, json};

use super::core_house::{House, amounts, at, id, item};

const DAY: i64 = 86_400;

/// What an upgrade to so many seats, invoiced now, previews and then charges.
fn upgraded(house: &mut House, subscription: &Value, quantity: u64, date: i64) -> Vec<i64> {
    let change = json!([{ "id": item(subscription), "quantity": quantity }]);
    let preview = house.previews(json!({
        "subscription": id(subscription),
        "subscription_details": { "items": change, "proration_behavior": "always_invoice", "proration_date": date },
    }));
    let updated = house.updates(
        &id(subscription),
        json!({
            "items": change,
            "proration_behavior": "always_invoice",
            "proration_date": date,
            "payment_behavior": "pending_if_incomplete",
        }),
    );
    let latest = updated["latest_invoice"].as_str().unwrap().to_owned();
    let invoice = house.invoice(&latest);
    assert_eq!(amounts(&preview), amounts(&invoice), "preview and charge differ");
    for field in [
        "subtotal",
        "total",
        "amount_due",
        "starting_balance",
        "ending_balance",
    ] {
        assert_eq!(preview[field], invoice[field], "{field}");
    }
    assert_eq!(invoice["billing_reason"], "subscription_update");
    assert_eq!(
        invoice["parent"]["subscription_details"]["subscription_proration_date"],
        date
    );
    for line in preview["lines"]["data"].as_array().unwrap() {
        assert_eq!(line["parent"]["subscription_item_details"]["proration"], true);
    }
    amounts(&invoice)
}

#[test]
fn an_upgrade_in_the_middle_of_a_month() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(3000, "month");
    let subscription = house.subscribes(&ana, &price, 1);
    house.waits_until("2027-04-16T00:00:00Z");
    // April has 30 days, 15 are left: half of one seat back, half of three seats on top.
    let now = house.now;
    assert_eq!(upgraded(&mut house, &subscription, 3, now), [-1500, 4500]);
    assert_eq!(
        house.subscription(&id(&subscription))["items"]["data"][0]["quantity"],
        3
    );
}

#[test]
fn a_second_and_a_third_upgrade_give_back_what_was_billed_before() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(1000, "month");
    let subscription = house.subscribes(&ana, &price, 1);
    // 20 of 30 days left: 1000 * 2/3 = 666.67 back; 2000 * 2/3 = 1333.33 on top.
    house.waits_until("2027-04-11T00:00:00Z");
    let now = house.now;
    assert_eq!(upgraded(&mut house, &subscription, 2, now), [-667, 1333]);
    // Half of what was billed then: 1333 / 2 = 666.5, and -666.5 goes down to -667; 3000 / 3 = 1000 on top.
    house.waits_until("2027-04-21T00:00:00Z");
    let now = house.now;
    assert_eq!(upgraded(&mut house, &subscription, 3, now), [-667, 1000]);
    // And half of that: 5 of 30 days of 4 seats are 4000 / 6 = 666.67.
    house.waits_until("2027-04-26T00:00:00Z");
    let now = house.now;
    assert_eq!(upgraded(&mut house, &subscription, 4, now), [-500, 667]);
}

#[test]
fn a_pinned_instant_decides_and_not_the_moment_of_the_call() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(3000, "month");
    let subscription = house.subscribes(&ana, &price, 1);
    house.waits_until("2027-04-16T13:14:15Z");
    assert_eq!(
        upgraded(&mut house, &subscription, 3, at("2027-04-16T00:00:00Z")),
        [-1500, 4500]
    );
    let refusal = house.refuses(
        "PostSubscriptionsSubscriptionExposedId",
        &[("subscription_exposed_id", &id(&subscription))],
        json!({ "items": [{ "id": item(&subscription), "quantity": 9 }], "proration_date": at("2027-03-31T00:00:00Z") }),
    );
    assert_eq!(refusal.param.as_deref(), Some("proration_date"));
}

#[test]
fn added_items_are_billed_within_the_current_period_too() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let (seat, device) = (house.price(3000, "month"), house.price(900, "month"));
    let subscription = house.subscribes(&ana, &seat, 1);
    house.waits_until("2027-04-11T10:00:00Z");
    let params = |date: &str| {
        json!({
            "items": [{ "price": device, "quantity": 2 }], "proration_behavior": "always_invoice",
            "proration_date": at(date), "expand": ["latest_invoice"],
        })
    };
    let path = [("subscription_exposed_id", &*id(&subscription))];
    house.refuses(
        "PostSubscriptionsSubscriptionExposedId",
        &path,
        params("2027-05-02T00:00:00Z"),
    );
    let updated = house.updates(&id(&subscription), params("2027-04-11T00:00:00Z"));
    assert_eq!(
        amounts(&updated["latest_invoice"]),
        [1200],
        "two thirds of two devices"
    );
    // One of them goes again: its unused half comes back, nothing is billed anew for what goes.
    house.waits_until("2027-04-21T00:00:00Z");
    let added = updated["items"]["data"][1]["id"].clone();
    let updated = house.updates(&id(&subscription), json!({
        "items": [{ "id": added, "deleted": true }], "proration_behavior": "always_invoice", "expand": ["latest_invoice"],
    }));
    assert_eq!(amounts(&updated["latest_invoice"]), [-600]);
    assert_eq!(house.customer(&ana)["balance"], -600);
}

#[test]
fn to_the_second() {
    let mut house = House::opened("2027-02-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(9999, "month");
    let subscription = house.subscribes(&ana, &price, 1);
    house.waits_until("2027-02-10T12:34:56Z");
    // 28 days are 2,419,200 s; 1,596,304 s are left: 9999 * 1596304 / 2419200 = 6597.788.
    let now = house.now;
    assert_eq!(upgraded(&mut house, &subscription, 2, now), [-6598, 13196]);
}

#[test]
fn month_ends_and_the_leap_day() {
    // Anchored on the 31st: the periods end on 29 February and 31 March.
    let mut house = House::opened("2028-01-31T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(2900, "month");
    let subscription = house.subscribes(&ana, &price, 1);
    assert_eq!(
        subscription["items"]["data"][0]["current_period_end"],
        at("2028-02-29T00:00:00Z")
    );
    house.waits_until("2028-02-19T00:00:00Z");
    // 29 days, 10 left.
    let now = house.now;
    assert_eq!(upgraded(&mut house, &subscription, 2, now), [-1000, 2000]);
    house.waits_until("2028-02-29T02:00:00Z");
    let renewed = house.subscription(&id(&subscription));
    assert_eq!(
        renewed["items"]["data"][0]["current_period_end"],
        at("2028-03-31T00:00:00Z")
    );
    assert_eq!(amounts(&renewed["latest_invoice"]), [5800]);
    // 31 days, 31 left: on the anchor day itself, everything back and everything on top.
    let anchor_day = at("2028-02-29T00:00:00Z");
    assert_eq!(upgraded(&mut house, &renewed, 3, anchor_day), [-5800, 8700]);
}

#[test]
fn the_credit_comes_from_what_was_billed_and_not_from_the_price_list() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let (cheap, dear) = (house.price(1000, "month"), house.price(6000, "month"));
    let subscription = house.subscribes(&ana, &cheap, 1);
    house.waits_until("2027-04-11T00:00:00Z");
    // A change that is not billed: the plan is dear from now, but 1000 was paid for it.
    house.updates(
        &id(&subscription),
        json!({
            "items": [{ "id": item(&subscription), "price": dear }],
            "proration_behavior": "none",
        }),
    );
    house.waits_until("2027-04-16T00:00:00Z");
    let now = house.now;
    assert_eq!(upgraded(&mut house, &subscription, 2, now), [-500, 6000]);
}

#[test]
fn classic_mode_reckons_from_the_price() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let (cheap, dear) = (house.price(1000, "month"), house.price(6000, "month"));
    let subscription = house.does(
        "PostSubscriptions",
        &[],
        json!({
            "customer": ana, "items": [{ "price": cheap }], "billing_mode": { "type": "classic" },
        }),
    );
    house.updates(
        &id(&subscription),
        json!({
            "items": [{ "id": item(&subscription), "price": dear }], "proration_behavior": "none",
        }),
    );
    house.waits_until("2027-04-16T00:00:00Z");
    let now = house.now;
    assert_eq!(upgraded(&mut house, &subscription, 2, now), [-3000, 6000]);
}

/// The first invoice of something that began at the start of the day and is billed from an anchor on.
fn stub(start: &str, now: &str, anchor: &str) -> Vec<i64> {
    let mut house = House::opened(now);
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(3100, "month");
    let preview = house.previews(json!({
        "customer": ana,
        "subscription_details": {
            "items": [{ "price": price, "quantity": 2 }],
            "start_date": at(start),
            "billing_cycle_anchor": { "type": "timestamp", "timestamp": at(anchor) },
        },
    }));
    let made = house.does(
        "PostSubscriptions",
        &[],
        json!({
            "customer": ana,
            "items": [{ "price": price, "quantity": 2 }],
            "backdate_start_date": at(start),
            "billing_cycle_anchor": at(anchor),
            "expand": ["latest_invoice"],
        }),
    );
    assert_eq!(
        amounts(&preview),
        amounts(&made["latest_invoice"]),
        "preview and charge differ"
    );
    assert_eq!(preview["amount_due"], made["latest_invoice"]["amount_due"]);
    assert_eq!(made["status"], "active");
    assert_eq!(made["items"]["data"][0]["current_period_end"], at(anchor));
    assert_eq!(made["start_date"], at(start));
    house.waits_until(anchor);
    house.passes(2 * 3600);
    let renewed = house.subscription(&id(&made));
    assert_eq!(
        amounts(&renewed["latest_invoice"]),
        [6200],
        "a whole month from the anchor on"
    );
    amounts(&made["latest_invoice"])
}

#[test]
fn a_stub_until_the_billing_day() {
    // From 22 March to 1 April: 10 of the 31 days of March, two seats.
    assert_eq!(
        stub(
            "2027-03-22T03:00:00Z",
            "2027-03-22T15:00:00Z",
            "2027-04-01T03:00:00Z"
        ),
        [2000]
    );
    // The day before the anchor.
    assert_eq!(
        stub(
            "2027-03-31T03:00:00Z",
            "2027-03-31T15:00:00Z",
            "2027-04-01T03:00:00Z"
        ),
        [200]
    );
}

#[test]
fn on_the_billing_day_itself_the_full_price() {
    assert_eq!(
        stub(
            "2027-03-01T03:00:00Z",
            "2027-03-01T15:00:00Z",
            "2027-04-01T03:00:00Z"
        ),
        [6200]
    );
    assert_eq!(
        stub(
            "2028-01-29T00:00:00Z",
            "2028-01-29T15:00:00Z",
            "2028-02-29T00:00:00Z"
        ),
        [6200]
    );
}

#[test]
fn an_anchor_further_away_than_one_interval_is_refused() {
    let mut house = House::opened("2027-03-22T15:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(3100, "month");
    let params = json!({
        "customer": ana, "items": [{ "price": price }], "billing_cycle_anchor": at("2027-04-23T00:00:00Z"),
    });
    let refusal = house.refuses("PostSubscriptions", &[], params);
    assert_eq!(refusal.param.as_deref(), Some("billing_cycle_anchor"));
}

#[test]
fn from_month_to_year_starts_a_new_cycle_and_is_invoiced_at_once() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let (monthly, yearly) = (house.price(3000, "month"), house.price(30_000, "year"));
    let subscription = house.subscribes(&ana, &monthly, 1);
    house.waits_until("2027-04-16T00:00:00Z");
    let change = json!([{ "id": item(&subscription), "price": yearly }]);
    let preview = house.previews(json!({
        "subscription": id(&subscription), "subscription_details": { "items": change },
    }));
    let updated = house.updates(
        &id(&subscription),
        json!({ "items": change, "expand": ["latest_invoice"] }),
    );
    assert_eq!(amounts(&updated["latest_invoice"]), [-1500, 30_000]);
    assert_eq!(amounts(&preview), [-1500, 30_000]);
    assert_eq!(updated["billing_cycle_anchor"], at("2027-04-16T00:00:00Z"));
    assert_eq!(
        updated["items"]["data"][0]["current_period_end"],
        at("2028-04-16T00:00:00Z")
    );
}

#[test]
fn items_of_different_intervals_share_one_anchor() {
    let mut house = House::opened("2027-01-15T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let (monthly, yearly) = (house.price(3100, "month"), house.price(36_500, "year"));
    let subscription = house.subscribes(&ana, &monthly, 1);
    house.waits_until("2027-01-25T00:00:00Z");
    let updated = house.updates(&id(&subscription), json!({
        "items": [{ "price": yearly }], "proration_behavior": "always_invoice", "expand": ["latest_invoice"],
    }));
    // 355 of 365 days are left until the anchor's day comes round.
    assert_eq!(amounts(&updated["latest_invoice"]), [35_500]);
    let ends: Vec<&Value> = updated["items"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["current_period_end"])
        .collect();
    assert_eq!(
        ends,
        [
            &json!(at("2027-02-15T00:00:00Z")),
            &json!(at("2028-01-15T00:00:00Z"))
        ]
    );
    house.waits_until("2027-02-15T01:00:00Z");
    assert_eq!(
        amounts(&house.subscription(&id(&subscription))["latest_invoice"]),
        [3100]
    );
}

#[test]
fn tiers() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let tiers = json!([
        { "up_to": 5, "unit_amount": 1000 },
        { "up_to": 10, "unit_amount": 800, "flat_amount": 100 },
        { "up_to": "inf", "unit_amount_decimal": "499.5" },
    ]);
    for (mode, quantity, expected) in [
        ("graduated", 3, 3000),
        ("graduated", 7, 5000 + 2 * 800 + 100),
        // 5000 + 4000 + 100 + 499.5: the tie goes down.
        ("graduated", 11, 9599),
        ("volume", 5, 5000),
        ("volume", 6, 6 * 800 + 100),
        ("volume", 12, 5994),
    ] {
        let price = house.does(
            "PostPrices",
            &[],
            json!({
                "currency": "brl", "billing_scheme": "tiered", "tiers_mode": mode, "tiers": tiers,
                "recurring": { "interval": "month" }, "product_data": { "name": "Seat" }, "expand": ["tiers"],
            }),
        );
        assert_eq!(price["tiers"][2]["unit_amount_decimal"], "499.5");
        let preview = house.previews(json!({
            "customer": ana, "subscription_details": { "items": [{ "price": id(&price), "quantity": quantity }] },
        }));
        assert_eq!(amounts(&preview), [expected], "{mode} {quantity}");
    }
}

#[test]
fn what_was_prorated_without_an_invoice_waits_for_the_renewal() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(3000, "month");
    let subscription = house.subscribes(&ana, &price, 2);
    house.passes(15 * DAY);
    let change = json!([{ "id": item(&subscription), "quantity": 1 }]);
    let preview = house.previews(json!({
        "subscription": id(&subscription), "subscription_details": { "items": change },
    }));
    assert_eq!(amounts(&preview), [-3000, 1500, 3000]);
    house.updates(&id(&subscription), json!({ "items": change }));
    let pending = house.does(
        "GetInvoiceitems",
        &[],
        json!({ "customer": ana, "pending": true }),
    );
    assert_eq!(pending["data"].as_array().unwrap().len(), 2);
    house.waits_until("2027-05-01T02:00:00Z");
    let renewed = house.subscription(&id(&subscription));
    let mut billed = amounts(&renewed["latest_invoice"]);
    billed.sort_unstable();
    assert_eq!(billed, [-3000, 1500, 3000]);
    assert_eq!(renewed["latest_invoice"]["amount_paid"], 1500);
}
