//! ActiveCampaign: contacts, seats, tiers, the bundle and add-ons. Rows A2 to A8 and A10.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Holder, House, wanting};

fn of(plan: &str, contacts: u64, seats: u64, more: &[(&str, u64)]) -> Value {
    let items = [("contacts", contacts), ("seat", seats)];
    wanting(plan, "EUR", "month", &[&items, more].concat())
}

async fn customer(house: &House, plan: &str) -> Holder {
    Holder::of(house, "activecampaign", "fr", &of(plan, 2500, 1, &[])).await
}

fn amount(money: &Value) -> i64 {
    money["amount"].as_i64().expect("an amount")
}

#[tokio::test]
async fn a2_the_contact_limit_moves_by_a_slider_with_tiered_prices_in_both_directions() {
    let mut house = House::of("activecampaign").await;
    let customer = customer(&house, "plus").await;
    let catalog = customer.catalog(&house).await;
    let contacts = &catalog["plans"][1]["items"][0];
    assert_eq!(
        (&contacts["id"], &contacts["held"]),
        (&json!("contacts"), &json!(2500))
    );
    assert_eq!(contacts["prices"][0]["tiers"].as_array().map(Vec::len), Some(7));
    let mut full = Vec::new();
    for (wanted, way) in [
        (2500, "nothing"),
        (3000, "immediate"),
        (5000, "immediate"),
        (5500, "immediate"),
        (2000, "ticket"),
        (1000, "ticket"),
    ] {
        let estimate = customer
            .estimates(&house, of("plus", wanted, 1, &[]))
            .await
            .expect("an estimate");
        assert_eq!(estimate["way"], way, "{wanted}");
        full.push(amount(&estimate["recurring"][0]["amount"]));
    }
    // All contacts of a bracket cost the same, so that the next bracket begins with the next contact.
    assert!(
        full[0] < full[1]
            && full[1] == full[2]
            && full[2] < full[3]
            && full[4] == full[0]
            && full[5] < full[4],
        "{full:?}"
    );
    let (_, told) = customer.is_refused(&house, of("plus", 2501, 1, &[])).await;
    assert_eq!(told[0].0, "out_of_bounds");

    let (_, due) = customer.changes_to(&mut house, of("plus", 5000, 1, &[])).await;
    assert_eq!(house.provider.charges_for_changes().await, [due]);
    assert_eq!(customer.held(&house, "contacts").await, 5000);
    house.close().await;
}

#[tokio::test]
async fn a3_seats_by_plus_and_minus_and_one_button_that_accepts_and_confirms() {
    let mut house = House::of("activecampaign").await;
    let customer = customer(&house, "plus").await;
    // The first purchase leaves billing data and a card on file.
    customer.changes_to(&mut house, of("plus", 2500, 2, &[])).await;
    let estimate = customer
        .estimates(&house, of("plus", 2500, 4, &[]))
        .await
        .expect("an estimate");
    let change = customer
        .comes_to_the_quote(&mut house, of("plus", 2500, 4, &[]))
        .await;
    let quote = change.quote().await;
    assert_eq!(quote["due_today"]["amount"], estimate["due_now"]["amount"]);
    let seats = quote["holdings"]
        .as_array()
        .expect("holdings")
        .iter()
        .find(|moved| moved["key"] == "item:seat")
        .expect("seats");
    assert_eq!(
        (&seats["now"], &seats["then"], &seats["difference"]),
        (&json!(2), &json!(4), &json!("+2"))
    );
    customer.confirms_at_once(&mut house, &change).await;
    assert_eq!(customer.held(&house, "seat").await, 4);
    let fewer = customer
        .estimates(&house, of("plus", 2500, 3, &[]))
        .await
        .expect("an estimate");
    assert_eq!(fewer["way"], "ticket");
    house.close().await;
}

#[tokio::test]
async fn a4_a_tier_is_chosen_by_either_of_its_names_and_its_dialog_shows_both_amounts() {
    let mut house = House::of("activecampaign").await;
    let customer = customer(&house, "plus").await;
    customer.changes_to(&mut house, of("plus", 2500, 2, &[])).await;
    let change = customer
        .comes_to_the_quote(&mut house, of("professional", 2500, 2, &[]))
        .await;
    let read = change.read().await;
    assert_eq!(read["selection"]["plan"], "pro");
    let quote = &read["quote"];
    assert!(amount(&quote["due_today"]) > 0 && amount(&quote["recurring"][0]["amount"]) > 0);
    assert_eq!(quote["recurring"][0]["renews_on"], "10 avril 2026");
    customer.confirms_at_once(&mut house, &change).await;
    assert_eq!(customer.contract(&house).await["plan"]["id"], "pro");
    house.close().await;
}

#[tokio::test]
async fn a5_the_bundle_is_tier_contacts_seats_and_add_ons_in_one_change() {
    let mut house = House::of("activecampaign").await;
    let customer = customer(&house, "pro").await;
    let whole = of("bundle-pro", 5000, 3, &[("custom-reporting", 1), ("sms", 1)]);
    let estimate = customer
        .estimates(&house, whole.clone())
        .await
        .expect("an estimate");
    assert_eq!(estimate["way"], "immediate");
    let (_, due) = customer.changes_to(&mut house, whole.clone()).await;
    assert_eq!(amount(&estimate["due_now"]), due);
    assert_eq!(
        house.provider.charges_for_changes().await,
        [due],
        "one charge for all of it"
    );
    let contract = customer.contract(&house).await;
    assert_eq!(contract["plan"]["id"], "bundle-pro");
    assert_eq!(
        contract["selection"]["quantities"],
        json!({ "contacts": 5000, "seat": 3, "sms": 1, "custom-reporting": 1 })
    );
    let mut unbundled = whole;
    unbundled["plan"] = json!("pro");
    let estimate = customer.estimates(&house, unbundled).await.expect("an estimate");
    assert_eq!(estimate["way"], "ticket");
    house.close().await;
}

#[tokio::test]
async fn a6_a7_every_kind_of_change_shows_what_is_due_today_and_in_future_and_changes_nothing_before_the_yes()
{
    let mut house = House::of("activecampaign").await;
    let customer = customer(&house, "pro").await;
    let before = customer.contract(&house).await;
    let at_the_provider = house.provider.subscription(&customer.subscription).await["items"].clone();
    for (what, wanted) in [
        ("contacts", of("pro", 10_000, 1, &[])),
        ("seats", of("pro", 2500, 3, &[])),
        ("tier", of("enterprise", 2500, 1, &[])),
        ("bundle", of("bundle-pro", 2500, 1, &[])),
        ("add-on", of("pro", 2500, 1, &[("custom-reporting", 1)])),
    ] {
        let change = customer.comes_to_the_quote(&mut house, wanted).await;
        let quote = change.quote().await;
        let lines = quote["lines"].as_array().expect("lines");
        let sum: i64 = lines.iter().map(|line| amount(&line["amount"])).sum();
        assert!(lines.iter().all(|line| line["proration"] == true), "{what}");
        assert_eq!(
            sum,
            amount(&quote["due_today"]),
            "{what}: the prorated charges sum to what is due"
        );
        assert!(amount(&quote["recurring"][0]["amount"]) > 0, "{what}");
        assert_eq!(quote["recurring"][0]["renews_on"], "10 avril 2026", "{what}");
        change.cancels().await.expect("giving up");
        house.settle().await;
    }
    let after = customer.contract(&house).await;
    assert_eq!(
        (&after["lines"], &after["plan"]),
        (&before["lines"], &before["plan"])
    );
    assert_eq!(
        house.provider.subscription(&customer.subscription).await["items"],
        at_the_provider
    );
    assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());
    house.close().await;
}

#[tokio::test]
async fn a7_nothing_about_plan_or_billing_changes_until_the_customer_confirms() {
    let mut house = House::of("activecampaign").await;
    let customer = customer(&house, "plus").await;
    let before = house.provider.subscription(&customer.subscription).await;
    let change = customer
        .comes_to_the_button(&mut house, of("pro", 5000, 2, &[]))
        .await;
    let now = house.provider.subscription(&customer.subscription).await;
    assert_eq!(
        (&now["items"], &now["default_payment_method"]),
        (&before["items"], &before["default_payment_method"])
    );
    assert_eq!(customer.contract(&house).await["plan"]["id"], "plus");
    change.confirms().await.expect("a yes");
    house.settle().await;
    assert_eq!(customer.contract(&house).await["plan"]["id"], "pro");
    house.close().await;
}

#[tokio::test]
async fn a8_the_seller_never_changes_anything_on_its_own() {
    let mut house = House::of("activecampaign").await;
    let customer = customer(&house, "plus").await;
    let catalog = customer.catalog(&house).await;
    assert_eq!(catalog["automatic_changes"], "never");
    let before = customer.contract(&house).await;
    house.pass(SignedDuration::from_hours(24 * 40)).await;
    let changes = format!("/v1/contracts/{}/changes", customer.contract);
    assert_eq!(house.backend.get(&changes).await["data"], json!([]));
    let after = customer.contract(&house).await;
    assert_eq!(
        after["selection"], before["selection"],
        "a renewal has passed, and nothing else"
    );
    house.close().await;
}

#[tokio::test]
async fn a10_only_add_ons_of_this_plan_are_offered_and_one_is_bought_in_a_review_and_a_yes() {
    let mut house = House::of("activecampaign").await;
    let customer = customer(&house, "plus").await;
    let catalog = customer.catalog(&house).await;
    let plus = &catalog["plans"][1];
    let offered: Vec<_> = plus["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["id"].clone())
        .collect();
    assert_eq!(offered, ["contacts", "seat", "sms", "sms-credits"]);
    let elsewhere = &plus["elsewhere"][0];
    assert_eq!(elsewhere["id"], "custom-reporting");
    assert_eq!(elsewhere["plans"][0], "pro");
    let (body, told) = customer
        .is_refused(&house, of("plus", 2500, 1, &[("custom-reporting", 1)]))
        .await;
    assert_eq!(told[0].0, "ineligible");
    assert_eq!(told[0].1[0], "pro");
    assert!(
        body["detail"].as_str().expect("a sentence").contains("`pro`"),
        "{body}"
    );

    let (_, due) = customer
        .changes_to(&mut house, of("plus", 2500, 1, &[("sms", 1)]))
        .await;
    assert!(due > 0);
    assert_eq!(customer.held(&house, "sms").await, 1);
    // A tier that does not have the add-on would end it, and says so.
    let down = customer
        .estimates(&house, of("starter", 2500, 1, &[("sms", 1)]))
        .await
        .expect("an estimate");
    assert_eq!(down["way"], "ticket");
    let sms = down["holdings"]
        .as_array()
        .expect("holdings")
        .iter()
        .find(|moved| moved["key"] == "item:sms")
        .expect("sms");
    assert_eq!(sms["then"], 0);
    assert!(
        sms["dropped"].as_str().expect("a reason").contains("Starter"),
        "{sms}"
    );
    house.close().await;
}
