//! What follows: renewals, dunning, endings, balances, refunds, and invoices by hand.

use serde_json::json;

use super::core_house::{House, at, half_way, id, item, latest, quantity, upgrade};

const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

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
