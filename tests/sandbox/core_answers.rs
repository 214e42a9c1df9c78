//! Small things that the official clients show their users, or decide by.

use serde_json::json;

use super::core_house::{House, id};

#[test]
fn what_the_path_names_is_a_404_and_what_a_parameter_names_a_400() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let gone = [("subscription_exposed_id", "sub_gone")];
    let operation = "PostSubscriptionsSubscriptionExposedId";
    let refusal = house.refuses(operation, &gone, json!({ "cancel_at_period_end": true }));
    assert_eq!((refusal.status, refusal.param.as_deref()), (404, Some("id")));
    for (operation, params, param) in [
        (
            "PostSubscriptions",
            json!({ "customer": "cus_gone", "items": [{ "price": "price_gone" }] }),
            "customer",
        ),
        (
            "PostSubscriptions",
            json!({ "customer": ana, "items": [{ "price": "price_gone" }] }),
            "items[0][price]",
        ),
        (
            "GetCustomers",
            json!({ "starting_after": "cus_gone" }),
            "starting_after",
        ),
        (
            "PostRefunds",
            json!({ "payment_intent": "pi_gone" }),
            "payment_intent",
        ),
    ] {
        let refusal = house.refuses(operation, &[], params);
        assert_eq!(
            (refusal.status, refusal.code.as_deref(), refusal.param.as_deref()),
            (400, Some("resource_missing"), Some(param)),
            "{operation}"
        );
    }
}

#[test]
fn a_decline_names_the_charge_that_failed() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let params = json!({
        "amount": 5000, "currency": "brl", "payment_method": "pm_card_chargeDeclined", "confirm": true,
    });
    let error = house.declines("PostPaymentIntents", &[], params);
    let envelope = error.envelope("req_1");
    let charge = envelope["error"]["charge"].as_str().unwrap();
    assert_eq!(envelope["error"]["payment_intent"]["latest_charge"], charge);
    let failed = house.does("GetChargesCharge", &[("charge", charge)], json!({}));
    assert_eq!(failed["status"], "failed");
}

#[test]
fn four_levels_can_be_expanded_and_data_is_one_of_them() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(3000, "month");
    let subscription = house.subscribes(&ana, &price, 1);
    let invoice = subscription["latest_invoice"].as_str().unwrap();
    let four = house.does(
        "GetInvoicesInvoice",
        &[("invoice", invoice)],
        json!({ "expand": ["payments.data.payment.payment_intent"] }),
    );
    assert_eq!(
        four["payments"]["data"][0]["payment"]["payment_intent"]["status"],
        "succeeded"
    );
    let path = [("subscription_exposed_id", &*id(&subscription))];
    let five = json!({ "expand": ["latest_invoice.payments.data.payment.payment_intent"] });
    let refusal = house.refuses("GetSubscriptionsSubscriptionExposedId", &path, five);
    assert_eq!(
        refusal.message,
        "You cannot expand more than 4 levels of a property."
    );
}

#[test]
fn an_invoice_tells_that_its_customer_is_needed_although_nobody_was_there() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, card) = house.customer_with("pm_card_authenticationRequired");
    let item = json!({ "customer": ana, "amount": 2000, "currency": "brl" });
    house.does("PostInvoiceitems", &[], item);
    let draft = json!({ "customer": ana, "pending_invoice_items_behavior": "include" });
    let invoice = id(&house.does("PostInvoices", &[], draft));
    house.hears();
    let error = house.declines(
        "PostInvoicesInvoicePay",
        &[("invoice", &invoice)],
        json!({ "payment_method": card }),
    );
    assert_eq!(error.code.as_deref(), Some("authentication_required"));
    let heard = house.hears();
    for kind in ["invoice.payment_action_required", "invoice.payment_failed"] {
        assert!(
            heard.iter().any(|event| event == kind),
            "{kind} is missing in {heard:?}"
        );
    }
}

#[test]
fn a_payment_keeps_where_it_is_shipped_to() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let made = house.does(
        "PostPaymentIntents",
        &[],
        json!({
            "amount": 5000, "currency": "brl",
            "shipping": { "name": "Ana", "address": { "line1": "Rua das Flores, 10", "country": "BR" } },
        }),
    );
    house.restart();
    let found = house.does("GetPaymentIntentsIntent", &[("intent", &*id(&made))], json!({}));
    assert_eq!(found["shipping"]["name"], "Ana");
    assert_eq!(found["shipping"]["address"]["country"], "BR");
    assert_eq!(found["shipping"]["address"]["city"], json!(null));
}
