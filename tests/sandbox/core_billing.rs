//! Subscriptions from the first payment to the last: cards that ask, cards that refuse, changes that wait, and time.

use serde_json::{Value, json};

use super::core_house::{House, amounts, at, id, item};

const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

/// A subscription to one seat of 30.00 a month, half of its first month gone. The customer then changes to this card.
fn half_way(card: &str) -> (House, String, Value) {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(3000, "month");
    let subscription = house.subscribes(&ana, &price, 1);
    let method = house.attaches(&ana, card);
    house.updates(
        &id(&subscription),
        json!({ "default_payment_method": method, "metadata": { "kept": "yes" } }),
    );
    house.waits_until("2027-04-16T00:00:00Z");
    house.hears();
    (house, ana, subscription)
}

fn upgrade(subscription: &Value) -> Value {
    json!({
        "items": [{ "id": item(subscription), "quantity": 3 }],
        "proration_behavior": "always_invoice",
        "payment_behavior": "pending_if_incomplete",
        "metadata": { "change": "c1" },
    })
}

fn latest(subscription: &Value) -> String {
    let latest = &subscription["latest_invoice"];
    latest["id"].as_str().or(latest.as_str()).unwrap().to_owned()
}

fn quantity(subscription: &Value) -> i64 {
    subscription["items"]["data"][0]["quantity"].as_i64().unwrap()
}

#[test]
fn a_change_is_paid_and_applied_in_one_call() {
    let (mut house, _, subscription) = half_way("pm_card_visa");
    let updated = house.updates(&id(&subscription), upgrade(&subscription));
    assert_eq!(updated["pending_update"], Value::Null);
    assert_eq!(quantity(&updated), 3);
    assert_eq!(updated["metadata"], json!({ "kept": "yes", "change": "c1" }));
    let invoice = house.invoice(&latest(&updated));
    assert_eq!(invoice["status"], "paid");
    assert_eq!(
        invoice["parent"]["subscription_details"]["metadata"]["change"],
        "c1"
    );
    assert_eq!(
        invoice["payments"]["data"][0]["payment"]["payment_intent"]["status"],
        "succeeded"
    );
    let heard = house.hears();
    for kind in [
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "charge.succeeded",
        "invoice_payment.paid",
    ] {
        assert!(
            heard.iter().any(|event| event == kind),
            "{kind} is missing in {heard:?}"
        );
    }
    assert!(
        !heard.iter().any(|event| event.contains("pending_update")),
        "{heard:?}"
    );
}

#[test]
fn a_change_waits_for_its_customer_and_is_applied_when_she_confirms() {
    let (mut house, _, subscription) = half_way("pm_card_authenticationRequired");
    let updated = house.updates(&id(&subscription), upgrade(&subscription));
    assert_eq!(quantity(&updated), 1, "nothing changes before the money is there");
    assert_eq!(updated["metadata"], json!({ "kept": "yes" }));
    let pending = &updated["pending_update"];
    assert_eq!(pending["metadata"], json!({ "change": "c1" }));
    assert_eq!(pending["subscription_items"][0]["quantity"], 3);
    assert_eq!(pending["expires_at"], house.now + 23 * HOUR);
    let invoice = house.invoice(&latest(&updated));
    assert_eq!(invoice["status"], "open");
    let intent = house.intent_of(&id(&invoice));
    assert_eq!(intent["status"], "requires_action");
    let expected = format!("http://127.0.0.1:4242/_sandbox/3ds/{}", id(&intent));
    assert_eq!(intent["next_action"]["redirect_to_url"]["url"], expected);
    assert_eq!(
        invoice["confirmation_secret"]["client_secret"],
        intent["client_secret"]
    );
    assert!(
        house
            .hears()
            .contains(&"invoice.payment_action_required".to_owned())
    );
    house.restart();
    house
        .world
        .complete_authentication(&id(&intent), true, house.now)
        .unwrap();
    let applied = house.subscription(&id(&subscription));
    assert_eq!(applied["pending_update"], Value::Null);
    assert_eq!(quantity(&applied), 3);
    assert_eq!(applied["metadata"], json!({ "kept": "yes", "change": "c1" }));
    assert_eq!(applied["latest_invoice"]["status"], "paid");
    assert!(
        house
            .hears()
            .contains(&"customer.subscription.pending_update_applied".to_owned())
    );
    let again = house
        .world
        .complete_authentication(&id(&intent), true, house.now)
        .unwrap_err();
    assert_eq!(again.code.as_deref(), Some("payment_intent_unexpected_state"));
}

#[test]
fn a_refused_authentication_leaves_the_change_waiting_for_another_card() {
    let (mut house, ana, subscription) = half_way("pm_card_threeDSecure2Required");
    let updated = house.updates(&id(&subscription), upgrade(&subscription));
    let invoice = latest(&updated);
    let intent = id(&house.intent_of(&invoice));
    house
        .world
        .complete_authentication(&intent, false, house.now)
        .unwrap();
    let refused = house.intent_of(&invoice);
    assert_eq!(refused["status"], "requires_payment_method");
    assert_eq!(
        refused["last_payment_error"]["code"],
        "payment_intent_authentication_failure"
    );
    assert!(!house.subscription(&id(&subscription))["pending_update"].is_null());
    let other = house.attaches(&ana, "pm_card_mastercard");
    let pay = json!({ "payment_method": other, "off_session": false });
    let paid = house.does("PostInvoicesInvoicePay", &[("invoice", &invoice)], pay);
    assert_eq!(paid["status"], "paid");
    assert_eq!(quantity(&house.subscription(&id(&subscription))), 3);
}

#[test]
fn a_declined_card_leaves_its_reason_and_the_change_waiting() {
    let (mut house, ana, subscription) = half_way("pm_card_chargeCustomerFail");
    let updated = house.updates(&id(&subscription), upgrade(&subscription));
    let invoice = latest(&updated);
    let intent = house.intent_of(&invoice);
    assert_eq!(intent["last_payment_error"]["decline_code"], "generic_decline");
    let charges = house.does("GetCharges", &[], json!({ "payment_intent": id(&intent) }));
    assert_eq!(charges["data"][0]["status"], "failed");
    // Asking off session for a card that wants its holder.
    let asking = house.attaches(&ana, "pm_card_authenticationRequired");
    let pay = json!({ "payment_method": asking });
    let refusal = house.declines("PostInvoicesInvoicePay", &[("invoice", &invoice)], pay);
    assert_eq!(refusal.code.as_deref(), Some("authentication_required"));
    let intent = house.intent_of(&invoice);
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(house.invoice(&invoice)["attempt_count"], 2);
    // And on session.
    let pay = json!({ "payment_method": asking, "off_session": false });
    let refusal = house.declines("PostInvoicesInvoicePay", &[("invoice", &invoice)], pay);
    assert_eq!(
        refusal.code.as_deref(),
        Some("invoice_payment_intent_requires_action")
    );
    assert_eq!(house.intent_of(&invoice)["status"], "requires_action");
    house
        .world
        .complete_authentication(&id(&intent), true, house.now)
        .unwrap();
    assert_eq!(quantity(&house.subscription(&id(&subscription))), 3);
}

#[test]
fn a_change_that_nobody_pays_expires() {
    let (mut house, _, subscription) = half_way("pm_card_authenticationRequired");
    let updated = house.updates(&id(&subscription), upgrade(&subscription));
    let invoice = latest(&updated);
    let intent = id(&house.intent_of(&invoice));
    assert_eq!(house.world.next_due(), Some(house.now + 23 * HOUR));
    house.passes(23 * HOUR - 1);
    assert!(!house.subscription(&id(&subscription))["pending_update"].is_null());
    house.passes(1);
    let expired = house.subscription(&id(&subscription));
    assert_eq!(expired["pending_update"], Value::Null);
    assert_eq!(expired["status"], "active");
    assert_eq!(quantity(&expired), 1);
    assert_eq!(house.invoice(&invoice)["status"], "void");
    assert_eq!(house.intent_of(&invoice)["status"], "canceled");
    assert!(
        house
            .hears()
            .contains(&"customer.subscription.pending_update_expired".to_owned())
    );
    assert!(
        house
            .world
            .complete_authentication(&intent, true, house.now)
            .is_err()
    );
    let pay = json!({ "off_session": false });
    let refusal = house.refuses("PostInvoicesInvoicePay", &[("invoice", &invoice)], pay);
    assert_eq!(refusal.code.as_deref(), Some("invoice_not_open"));
}

#[test]
fn a_change_never_waits_beyond_its_period() {
    let (mut house, _, subscription) = half_way("pm_card_authenticationRequired");
    house.waits_until("2027-04-30T12:00:00Z");
    let updated = house.updates(&id(&subscription), upgrade(&subscription));
    assert_eq!(
        updated["pending_update"]["expires_at"],
        at("2027-05-01T00:00:00Z")
    );
    house.waits_until("2027-05-01T00:00:00Z");
    let renewed = house.subscription(&id(&subscription));
    assert_eq!(renewed["pending_update"], Value::Null);
    assert_eq!(amounts(&renewed["latest_invoice"]), [3000]);
}

#[test]
fn voiding_its_invoice_ends_a_change_and_a_new_one_replaces_it() {
    let (mut house, _, subscription) = half_way("pm_card_authenticationRequired");
    let first = latest(&house.updates(&id(&subscription), upgrade(&subscription)));
    let second = latest(&house.updates(&id(&subscription), upgrade(&subscription)));
    assert_ne!(first, second);
    assert_eq!(house.invoice(&first)["status"], "void");
    assert_eq!(house.intent_of(&first)["status"], "canceled");
    house.does("PostInvoicesInvoiceVoid", &[("invoice", &second)], json!({}));
    assert_eq!(
        house.subscription(&id(&subscription))["pending_update"],
        Value::Null
    );
    house.refuses("PostInvoicesInvoiceVoid", &[("invoice", &second)], json!({}));
    let paid: i64 = house.world.ledger()["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["object"] == "charge" && entry["paid"] == true)
        .map(|entry| entry["amount"].as_i64().unwrap())
        .sum();
    assert_eq!(paid, 3000, "the first month, and nothing else");
}

#[test]
fn a_pending_update_carries_only_what_it_may() {
    let (mut house, _, subscription) = half_way("pm_card_visa");
    let path = [("subscription_exposed_id", &*id(&subscription))];
    for (key, value) in [
        ("description", json!("new")),
        ("off_session", json!(true)),
        ("collection_method", json!("send_invoice")),
    ] {
        let mut params = upgrade(&subscription);
        params[key] = value;
        let refusal = house.refuses("PostSubscriptionsSubscriptionExposedId", &path, params);
        assert_eq!((refusal.status, refusal.param.as_deref()), (400, Some(key)));
    }
}

#[test]
fn the_other_payment_behaviors_of_a_change() {
    let (mut house, _, subscription) = half_way("pm_card_chargeCustomerFail");
    let path = [("subscription_exposed_id", &*id(&subscription))];
    let change = |behavior: &str| {
        json!({
            "items": [{ "id": item(&subscription), "quantity": 3 }],
            "proration_behavior": "always_invoice",
            "payment_behavior": behavior,
        })
    };
    let refusal = house.refuses(
        "PostSubscriptionsSubscriptionExposedId",
        &path,
        change("error_if_incomplete"),
    );
    assert_eq!(
        (refusal.status, refusal.decline_code.as_deref()),
        (402, Some("generic_decline"))
    );
    let updated = house.updates(&id(&subscription), change("allow_incomplete"));
    assert_eq!(
        (quantity(&updated), updated["status"].as_str()),
        (3, Some("past_due"))
    );
    house.does(
        "PostInvoicesInvoiceVoid",
        &[("invoice", &latest(&updated))],
        json!({}),
    );
    assert_eq!(house.subscription(&id(&subscription))["status"], "active");
    let mut four = change("default_incomplete");
    four["items"][0]["quantity"] = json!(4);
    let updated = house.updates(&id(&subscription), four);
    assert_eq!(
        (quantity(&updated), updated["status"].as_str()),
        (4, Some("past_due"))
    );
    assert_eq!(house.invoice(&latest(&updated))["attempted"], false);
}

#[test]
fn a_first_subscription_waits_for_its_first_payment() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let ana = id(&house.does("PostCustomers", &[], json!({ "email": "ana@example.com" })));
    let price = house.price(3000, "month");
    let params = json!({
        "customer": ana,
        "items": [{ "price": price }],
        "payment_behavior": "default_incomplete",
        "payment_settings": { "save_default_payment_method": "on_subscription" },
        "expand": ["latest_invoice.confirmation_secret", "latest_invoice.payments"],
    });
    let made = house.does("PostSubscriptions", &[], params.clone());
    assert_eq!(made["status"], "incomplete");
    assert_eq!(made["billing_mode"]["type"], "flexible");
    let intent = house.intent_of(&latest(&made));
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(
        made["latest_invoice"]["confirmation_secret"]["client_secret"],
        intent["client_secret"]
    );
    let confirm =
        json!({ "payment_method": "pm_card_threeDSecure2Required", "return_url": "https://shop.example/" });
    let confirmed = house.does(
        "PostPaymentIntentsIntentConfirm",
        &[("intent", &id(&intent))],
        confirm,
    );
    assert_eq!(confirmed["status"], "requires_action");
    house
        .world
        .complete_authentication(&id(&intent), true, house.now)
        .unwrap();
    let active = house.subscription(&id(&made));
    assert_eq!(active["status"], "active");
    assert!(active["default_payment_method"].is_string());
    // Nobody pays the second one.
    let second = house.does("PostSubscriptions", &[], params);
    house.passes(23 * HOUR);
    let expired = house.subscription(&id(&second));
    assert_eq!(expired["status"], "incomplete_expired");
    assert_eq!(expired["latest_invoice"]["status"], "void");
}

#[test]
fn a_first_subscription_with_a_card_that_fails() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_chargeCustomerFail");
    let price = house.price(3000, "month");
    let params = |behavior: &str| {
        json!({
            "customer": ana, "items": [{ "price": price }], "payment_behavior": behavior, "off_session": true,
        })
    };
    assert_eq!(
        house
            .refuses("PostSubscriptions", &[], params("error_if_incomplete"))
            .status,
        402
    );
    assert_eq!(
        house
            .refuses("PostSubscriptions", &[], params("pending_if_incomplete"))
            .status,
        400
    );
    let made = house.does("PostSubscriptions", &[], params("allow_incomplete"));
    assert_eq!(made["status"], "incomplete");
    let path = [("subscription_exposed_id", &*id(&made))];
    let change = json!({ "items": [{ "id": item(&made), "quantity": 2 }] });
    house.refuses("PostSubscriptionsSubscriptionExposedId", &path, change);
    let nobody = id(&house.does("PostCustomers", &[], json!({})));
    let refusal = house.refuses(
        "PostSubscriptions",
        &[],
        json!({ "customer": nobody, "items": [{ "price": price }] }),
    );
    assert_eq!(
        (refusal.status, refusal.code.as_deref()),
        (400, Some("resource_missing"))
    );
    house.does(
        "PostInvoicesInvoiceVoid",
        &[("invoice", &latest(&made))],
        json!({}),
    );
    assert_eq!(house.subscription(&id(&made))["status"], "incomplete_expired");
}

#[test]
fn a_card_that_is_set_up_is_charged_while_its_holder_is_away() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let ana = id(&house.does("PostCustomers", &[], json!({})));
    let params = json!({
        "customer": ana, "payment_method": "pm_card_authenticationRequiredOnSetup", "confirm": true,
        "return_url": "https://shop.example/", "automatic_payment_methods": { "enabled": true },
    });
    let set_up = house.does("PostSetupIntents", &[], params);
    assert_eq!(set_up["status"], "requires_action");
    house
        .world
        .complete_authentication(&id(&set_up), true, house.now)
        .unwrap();
    let set_up = house.does("GetSetupIntentsIntent", &[("intent", &id(&set_up))], json!({}));
    assert_eq!(set_up["status"], "succeeded");
    let method = set_up["payment_method"].as_str().unwrap().to_owned();
    let price = house.price(3000, "month");
    let subscribe = |absent: bool| {
        json!({
            "customer": ana, "items": [{ "price": price }], "default_payment_method": method, "off_session": absent,
            "payment_behavior": "error_if_incomplete",
        })
    };
    let refusal = house.refuses("PostSubscriptions", &[], subscribe(false));
    assert_eq!(
        refusal.code.as_deref(),
        Some("subscription_payment_intent_requires_action")
    );
    assert_eq!(
        house.does("PostSubscriptions", &[], subscribe(true))["status"],
        "active"
    );
    let failing = json!({ "customer": ana, "payment_method": "pm_card_chargeDeclinedInsufficientFunds", "confirm": true });
    let refusal = house.declines("PostSetupIntents", &[], failing);
    assert_eq!(refusal.decline_code.as_deref(), Some("insufficient_funds"));
}

#[test]
fn a_renewal_is_drafted_and_collected_an_hour_later() {
    let (mut house, ana, subscription) = half_way("pm_card_visa");
    house.waits_until("2027-05-01T00:00:00Z");
    let drafted = house.subscription(&id(&subscription));
    let invoice = &drafted["latest_invoice"];
    assert_eq!(
        (invoice["status"].as_str(), invoice["billing_reason"].as_str()),
        (Some("draft"), Some("subscription_cycle"))
    );
    assert_eq!(invoice["automatically_finalizes_at"], house.now + HOUR);
    assert_eq!(
        invoice["parent"]["subscription_details"]["metadata"]["kept"],
        "yes"
    );
    assert_eq!(
        (invoice["period_start"].clone(), invoice["period_end"].clone()),
        (json!(at("2027-04-01T00:00:00Z")), json!(house.now))
    );
    house.passes(HOUR);
    let paid = house.subscription(&id(&subscription));
    assert_eq!(paid["latest_invoice"]["status"], "paid");
    assert_eq!(paid["status"], "active");
    // Half a year at once, as after a long sleep: every month is billed once.
    house.waits_until("2027-11-01T02:00:00Z");
    let invoices = house.does(
        "GetInvoices",
        &[],
        json!({ "customer": ana, "status": "paid", "limit": 100 }),
    );
    assert_eq!(invoices["data"].as_array().unwrap().len(), 8);
}

#[test]
fn dunning_tries_three_times_more_and_gives_up() {
    let (mut house, _, subscription) = half_way("pm_card_chargeCustomerFail");
    house.waits_until("2027-05-01T01:00:00Z");
    let late = house.subscription(&id(&subscription));
    assert_eq!(late["status"], "past_due");
    assert_eq!(
        late["latest_invoice"]["next_payment_attempt"],
        house.now + 3 * DAY
    );
    house.passes(3 * DAY);
    house.passes(5 * DAY);
    assert_eq!(
        house.subscription(&id(&subscription))["latest_invoice"]["attempt_count"],
        3
    );
    house.passes(7 * DAY);
    let ended = house.subscription(&id(&subscription));
    assert_eq!(
        (
            ended["status"].as_str(),
            ended["latest_invoice"]["status"].as_str()
        ),
        (Some("canceled"), Some("open"))
    );
    assert_eq!(ended["cancellation_details"]["reason"], "payment_failed");
    assert!(
        house
            .hears()
            .contains(&"customer.subscription.deleted".to_owned())
    );
}

#[test]
fn a_late_payment_makes_it_active_again() {
    let (mut house, ana, subscription) = half_way("pm_card_chargeCustomerFail");
    house.waits_until("2027-05-01T01:00:00Z");
    let invoice = latest(&house.subscription(&id(&subscription)));
    let good = house.attaches(&ana, "pm_card_visa");
    house.does(
        "PostInvoicesInvoicePay",
        &[("invoice", &invoice)],
        json!({ "payment_method": good }),
    );
    assert_eq!(house.subscription(&id(&subscription))["status"], "active");
    let again = house.refuses("PostInvoicesInvoicePay", &[("invoice", &invoice)], json!({}));
    assert_eq!(again.message, "Invoice is already paid");
}

#[test]
fn it_ends_with_its_period_when_told_so() {
    let (mut house, _, subscription) = half_way("pm_card_visa");
    let marked = house.updates(&id(&subscription), json!({ "cancel_at_period_end": true }));
    assert_eq!(marked["cancel_at"], at("2027-05-01T00:00:00Z"));
    house.waits_until("2027-05-01T00:00:00Z");
    let ended = house.subscription(&id(&subscription));
    assert_eq!(
        (ended["status"].as_str(), ended["ended_at"].as_i64()),
        (Some("canceled"), Some(house.now))
    );
    assert_eq!(
        ended["latest_invoice"]["billing_reason"], "subscription_create",
        "no renewal"
    );
    let path = [("subscription_exposed_id", &*id(&subscription))];
    let refusal = house.refuses(
        "PostSubscriptionsSubscriptionExposedId",
        &path,
        json!({ "description": "x" }),
    );
    assert_eq!(
        refusal.code.as_deref(),
        Some("invalid_canceled_subscription_fields")
    );
}

#[test]
fn a_downgrade_leaves_a_credit_that_the_next_invoice_uses() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(3000, "month");
    let subscription = house.subscribes(&ana, &price, 3);
    house.waits_until("2027-04-16T00:00:00Z");
    let change = json!([{ "id": item(&subscription), "quantity": 1 }]);
    let preview = house.previews(json!({
        "subscription": id(&subscription),
        "subscription_details": { "items": change, "proration_behavior": "always_invoice" },
    }));
    assert_eq!(
        (preview["total"].as_i64(), preview["amount_due"].as_i64()),
        (Some(-3000), Some(0))
    );
    assert_eq!(preview["ending_balance"], -3000);
    let updated = house.updates(&id(&subscription), json!({
        "items": change, "proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete",
    }));
    assert_eq!(quantity(&updated), 1);
    assert_eq!(house.invoice(&latest(&updated))["status"], "paid");
    assert_eq!(house.customer(&ana)["balance"], -3000);
    // Two seats more for half a month cost 30.00: all of it is there already.
    let updated = house.updates(
        &id(&subscription),
        json!({
            "items": [{ "id": item(&subscription), "quantity": 3 }], "proration_behavior": "always_invoice",
        }),
    );
    let invoice = house.invoice(&latest(&updated));
    assert_eq!(
        (
            invoice["starting_balance"].as_i64(),
            invoice["amount_due"].as_i64()
        ),
        (Some(-3000), Some(0))
    );
    assert_eq!(house.customer(&ana)["balance"], 0);
    let movements = house.does(
        "GetCustomersCustomerBalanceTransactions",
        &[("customer", &ana)],
        json!({}),
    );
    let moved: Vec<i64> = movements["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["amount"].as_i64().unwrap())
        .collect();
    assert_eq!(moved, [3000, -3000]);
}

#[test]
fn a_voided_invoice_gives_back_the_balance_that_it_used() {
    let (mut house, ana, subscription) = half_way("pm_card_authenticationRequired");
    let credit = json!({ "amount": -500, "currency": "brl" });
    house.does(
        "PostCustomersCustomerBalanceTransactions",
        &[("customer", &ana)],
        credit,
    );
    let updated = house.updates(&id(&subscription), upgrade(&subscription));
    assert_eq!(house.invoice(&latest(&updated))["amount_due"], 2500);
    assert_eq!(house.customer(&ana)["balance"], 0);
    house.does(
        "PostInvoicesInvoiceVoid",
        &[("invoice", &latest(&updated))],
        json!({}),
    );
    assert_eq!(house.customer(&ana)["balance"], -500);
}

#[test]
fn what_is_too_small_to_charge_becomes_a_debt() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(30, "month");
    let subscription = house.subscribes(&ana, &price, 1);
    let invoice = house.invoice(&latest(&subscription));
    assert_eq!(
        (invoice["status"].as_str(), invoice["amount_due"].as_i64()),
        (Some("paid"), Some(0))
    );
    assert_eq!(house.customer(&ana)["balance"], 30);
    house.waits_until("2027-05-01T01:00:00Z");
    let renewed = house.subscription(&id(&subscription));
    assert_eq!(renewed["latest_invoice"]["amount_due"], 60);
    assert_eq!(house.customer(&ana)["balance"], 0);
}

#[test]
fn refunds_in_parts_and_never_more_than_was_charged() {
    let (mut house, _, subscription) = half_way("pm_card_visa");
    let first = latest(&house.subscription(&id(&subscription)));
    let intent = id(&house.intent_of(&first));
    let partly = house.does(
        "PostRefunds",
        &[],
        json!({ "payment_intent": intent, "amount": 1000 }),
    );
    assert_eq!(partly["amount"], 1000);
    let charge = partly["charge"].as_str().unwrap().to_owned();
    house.refuses("PostRefunds", &[], json!({ "charge": charge, "amount": 2001 }));
    assert_eq!(
        house.does("PostRefunds", &[], json!({ "charge": charge }))["amount"],
        2000
    );
    let refusal = house.refuses("PostRefunds", &[], json!({ "charge": charge }));
    assert_eq!(refusal.code.as_deref(), Some("charge_already_refunded"));
    let shown = house.does(
        "GetChargesCharge",
        &[("charge", &charge)],
        json!({ "expand": ["refunds", "payment_intent"] }),
    );
    assert_eq!(
        (
            shown["refunded"].as_bool(),
            shown["refunds"]["data"].as_array().unwrap().len()
        ),
        (Some(true), 2)
    );
}

#[test]
fn an_invoice_by_hand() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let params =
        json!({ "customer": ana, "currency": "brl", "auto_advance": false, "metadata": { "effect": "e1" } });
    let draft = house.does("PostInvoices", &[], params);
    let mut add = json!({ "customer": ana, "currency": "brl", "amount": 4000, "invoice": id(&draft) });
    house.does("PostInvoiceitems", &[], add.clone());
    add["amount"] = json!(-1000);
    let credit = house.does("PostInvoiceitems", &[], add.clone());
    assert_eq!(house.invoice(&id(&draft))["amount_due"], 3000);
    house.does(
        "DeleteInvoiceitemsInvoiceitem",
        &[("invoiceitem", &id(&credit))],
        json!({}),
    );
    let open = house.does(
        "PostInvoicesInvoiceFinalize",
        &[("invoice", &id(&draft))],
        json!({}),
    );
    assert_eq!(
        (open["status"].as_str(), open["amount_due"].as_i64()),
        (Some("open"), Some(4000))
    );
    assert!(open["number"].as_str().unwrap().ends_with("-0001"));
    let refusal = house.refuses("PostInvoiceitems", &[], add);
    assert_eq!(refusal.code.as_deref(), Some("invoice_not_editable"));
    let path = [("invoice", &*id(&draft))];
    let paid = house.does(
        "PostInvoicesInvoicePay",
        &path,
        json!({ "paid_out_of_band": true }),
    );
    assert_eq!(
        (paid["status"].as_str(), paid["amount_paid"].as_i64()),
        (Some("paid"), Some(4000))
    );
    assert_eq!(house.intent_of(&id(&draft))["status"], "canceled");
}
