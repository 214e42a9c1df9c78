//! What is refused, what is listed, what is told, and what comes back from the durable file.

use serde_json::{Value, json};

use super::core_house::{House, at, id, item};

#[test]
fn what_is_not_there_is_named() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    for (operation, variable, noun) in [
        ("GetCustomersCustomer", "customer", "customer"),
        (
            "GetSubscriptionsSubscriptionExposedId",
            "subscription_exposed_id",
            "subscription",
        ),
        ("GetInvoicesInvoice", "invoice", "invoice"),
        ("GetPaymentIntentsIntent", "intent", "payment_intent"),
        (
            "GetPaymentMethodsPaymentMethod",
            "payment_method",
            "PaymentMethod",
        ),
        ("GetPricesPrice", "price", "price"),
    ] {
        let refusal = house.refuses(operation, &[(variable, "gone_1")], json!({}));
        assert_eq!(
            (refusal.status, refusal.code.as_deref()),
            (404, Some("resource_missing"))
        );
        assert_eq!(refusal.message, format!("No such {noun}: 'gone_1'"));
    }
}

#[test]
fn one_customer_never_mixes_currencies() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let (real, dollar) = (house.price(3000, "month"), house.price_in("usd", 900, "month"));
    let subscription = house.subscribes(&ana, &real, 1);
    let mixed = json!({ "customer": ana, "items": [{ "price": dollar }] });
    assert!(
        house
            .refuses("PostSubscriptions", &[], mixed)
            .message
            .contains("combine currencies")
    );
    let path = [("subscription_exposed_id", &*id(&subscription))];
    let change = json!({ "items": [{ "id": item(&subscription), "price": dollar }] });
    assert!(
        house
            .refuses("PostSubscriptionsSubscriptionExposedId", &path, change)
            .message
            .contains("`usd`")
    );
}

#[test]
fn cards_that_cannot_be_used() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, method) = house.customer_with("pm_card_visa");
    let (bia, _) = house.customer_with("pm_card_mastercard");
    let card = |number: &str| {
        json!({
            "type": "card", "card": { "number": number, "exp_month": 12, "exp_year": 2030, "cvc": "123" },
            "billing_details": { "name": "Ana", "address": { "city": "Recife" } },
        })
    };
    let typed = house.does("PostPaymentMethods", &[], card("4000 0000 0000 9995"));
    assert_eq!(typed["billing_details"]["address"]["city"], "Recife");
    let attach = json!({ "customer": ana });
    let refusal = house.refuses(
        "PostPaymentMethodsPaymentMethodAttach",
        &[("payment_method", &id(&typed))],
        attach.clone(),
    );
    assert_eq!(
        (refusal.status, refusal.decline_code.as_deref()),
        (402, Some("insufficient_funds"))
    );
    let refusal = house.refuses("PostPaymentMethods", &[], card("4111111111111112"));
    assert_eq!(refusal.code.as_deref(), Some("incorrect_number"));
    house.refuses(
        "PostPaymentMethodsPaymentMethodDetach",
        &[("payment_method", &id(&typed))],
        json!({}),
    );
    let stolen = json!({ "customer": bia });
    house.refuses(
        "PostPaymentMethodsPaymentMethodAttach",
        &[("payment_method", &method)],
        stolen,
    );
    house.does(
        "PostPaymentMethodsPaymentMethodDetach",
        &[("payment_method", &method)],
        json!({}),
    );
    assert_eq!(
        house.customer(&ana)["invoice_settings"]["default_payment_method"],
        Value::Null
    );
    let refusal = house.refuses(
        "PostPaymentMethodsPaymentMethodAttach",
        &[("payment_method", &method)],
        attach,
    );
    assert!(refusal.message.contains("may not be used again"));
}

#[test]
fn what_the_sandbox_does_not_reckon_it_refuses() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price(3000, "month");
    for (key, value) in [
        ("discounts", json!([{ "coupon": "HALF" }])),
        ("add_invoice_items", json!([{ "price": price }])),
    ] {
        let mut params = json!({ "customer": ana, "items": [{ "price": price }] });
        params[key] = value;
        let refusal = house.refuses("PostSubscriptions", &[], params);
        assert_eq!(
            (refusal.status, refusal.code.as_deref()),
            (400, Some("sandbox_unsupported")),
            "{key}"
        );
    }
}

#[test]
fn lookup_keys_move_from_price_to_price() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let params = |moves: bool| {
        json!({
            "currency": "brl", "unit_amount": 100, "lookup_key": "clint.start", "transfer_lookup_key": moves,
            "product_data": { "name": "Start" }, "recurring": { "interval": "month" },
        })
    };
    let first = house.does("PostPrices", &[], params(false));
    house.refuses("PostPrices", &[], params(false));
    let second = house.does("PostPrices", &[], params(true));
    let found = house.does(
        "GetPrices",
        &[],
        json!({ "lookup_keys": ["clint.start"], "expand": ["data.product"] }),
    );
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert_eq!(found["data"][0]["id"], second["id"]);
    assert_eq!(found["data"][0]["product"]["name"], "Start");
    let old = house.does("GetPricesPrice", &[("price", &id(&first))], json!({}));
    assert_eq!(old["lookup_key"], Value::Null);
}

#[test]
fn lists_are_paged_newest_first() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(id(&house.does(
            "PostCustomers",
            &[],
            json!({ "email": "x@example.com" }),
        )));
        house.passes(10);
    }
    made.reverse();
    let ids = |page: &Value| {
        page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(id)
            .collect::<Vec<_>>()
    };
    let first = house.does("GetCustomers", &[], json!({ "limit": 2 }));
    assert_eq!(
        (ids(&first), first["has_more"].as_bool()),
        (made[..2].to_vec(), Some(true))
    );
    let next = house.does(
        "GetCustomers",
        &[],
        json!({ "limit": 3, "starting_after": made[1] }),
    );
    assert_eq!(
        (ids(&next), next["has_more"].as_bool()),
        (made[2..].to_vec(), Some(false))
    );
    let back = house.does(
        "GetCustomers",
        &[],
        json!({ "limit": 2, "ending_before": made[3] }),
    );
    assert_eq!(
        (ids(&back), back["has_more"].as_bool()),
        (made[1..3].to_vec(), Some(true))
    );
    let old = house.does(
        "GetCustomers",
        &[],
        json!({ "created": { "lt": at("2027-04-01T00:00:15Z") } }),
    );
    assert_eq!(ids(&old), made[3..].to_vec());
    house.refuses("GetCustomers", &[], json!({ "limit": 101 }));
    house.refuses("GetCustomers", &[], json!({ "starting_after": "cus_gone" }));
}

#[test]
fn events_tell_who_asked_and_what_was_before() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    house.world.take_events();
    house.does(
        "PostCustomersCustomer",
        &[("customer", &ana)],
        json!({ "name": "Bia", "metadata": { "a": "1" } }),
    );
    let events = house.world.take_events();
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!(
        (event["type"].as_str(), event["api_version"].as_str()),
        (Some("customer.updated"), Some("2026-09-30.endive"))
    );
    assert_eq!(
        event["data"]["previous_attributes"],
        json!({ "name": "Ana", "metadata": { "a": null } })
    );
    assert_eq!(event["data"]["object"]["name"], "Bia");
    assert_eq!(event["request"]["idempotency_key"], "key");
    let listed = house.does(
        "GetEvents",
        &[],
        json!({ "types": ["customer.updated"], "limit": 1 }),
    );
    assert_eq!(listed["data"][0]["id"], event["id"]);
    house.does("GetEventsId", &[("id", &id(event))], json!({}));
    // Nothing changed, nothing is told; and after thirty days it is forgotten.
    house.does(
        "PostCustomersCustomer",
        &[("customer", &ana)],
        json!({ "name": "Bia" }),
    );
    assert!(house.world.take_events().is_empty());
    house.passes(31 * 86_400);
    house.restart();
    house.refuses("GetEventsId", &[("id", &id(event))], json!({}));
}

#[test]
fn tax_numbers_of_a_customer() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let path = [("customer", &*ana)];
    let made = house.does(
        "PostCustomersCustomerTaxIds",
        &path,
        json!({ "type": "br_cnpj", "value": "01.234.456/5432-10" }),
    );
    assert_eq!(made["country"], "BR");
    house.refuses(
        "PostCustomersCustomerTaxIds",
        &path,
        json!({ "type": "br_cpf", "value": "123" }),
    );
    let price = house.price(3000, "month");
    let subscription = house.subscribes(&ana, &price, 1);
    let invoice = house.invoice(subscription["latest_invoice"].as_str().unwrap());
    assert_eq!(invoice["customer_tax_ids"][0]["type"], "br_cnpj");
    let gone = house.does(
        "DeleteCustomersCustomerTaxIdsId",
        &[("customer", &ana), ("id", &id(&made))],
        json!({}),
    );
    assert_eq!(gone["deleted"], true);
    let listed = house.does("GetCustomersCustomerTaxIds", &path, json!({}));
    assert_eq!(listed["data"], json!([]));
}

#[test]
fn a_world_comes_back_as_it_was_and_goes_on_as_it_would_have() {
    let story = |restarts: bool| {
        let mut house = House::opened("2027-04-01T00:00:00Z");
        let (ana, _) = house.customer_with("pm_card_authenticationRequiredSetupForOffSession");
        let price = house.price(3000, "month");
        let params = json!({ "customer": ana, "items": [{ "price": price }], "off_session": true });
        let subscription = house.does("PostSubscriptions", &[], params);
        house.waits_until("2027-04-16T00:00:00Z");
        house.updates(
            &id(&subscription),
            json!({
                "items": [{ "id": item(&subscription), "quantity": 2 }],
                "proration_behavior": "always_invoice",
                "payment_behavior": "pending_if_incomplete",
            }),
        );
        if restarts {
            house.restart();
        }
        house.waits_until("2027-06-02T00:00:00Z");
        house.world.ledger()
    };
    let ledger = story(false);
    assert_eq!(ledger, story(true));
    assert!(ledger["entries"].as_array().unwrap().len() > 8);
}

#[test]
fn a_foreign_file_is_refused() {
    use changeover::sandbox::core::{Record, RestoreError, World};
    let record = |kind: &str, body: &[u8]| Record {
        kind: kind.to_owned(),
        id: "x".to_owned(),
        body: Some(body.to_vec()),
    };
    assert!(matches!(
        World::restore([record("spaceship", b"{}")]),
        Err(RestoreError::UnknownKind(_))
    ));
    assert!(matches!(
        World::restore([record("customer", b"{")]),
        Err(RestoreError::Unreadable { .. })
    ));
    assert!(matches!(World::restore([]), Err(RestoreError::NoWorld)));
}

#[test]
fn what_cannot_be_expanded_is_refused() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, method) = house.customer_with("pm_card_visa");
    let path = [("customer", &*ana)];
    let refusal = house.refuses("GetCustomersCustomer", &path, json!({ "expand": ["shoes"] }));
    assert_eq!(refusal.param.as_deref(), Some("expand[0]"));
    let shown = house.does(
        "GetCustomersCustomer",
        &path,
        json!({ "expand": ["invoice_settings.default_payment_method"] }),
    );
    assert_eq!(
        shown["invoice_settings"]["default_payment_method"]["id"],
        json!(method)
    );
}
