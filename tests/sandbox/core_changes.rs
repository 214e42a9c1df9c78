//! Changes that wait for their money, first payments, and the cards that ask or refuse.

use serde_json::{Value, json};

use super::core_house::{House, amounts, at, half_way, id, item, latest, quantity, upgrade};

const HOUR: i64 = 3600;

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
