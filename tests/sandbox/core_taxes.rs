//! Automatic tax, reckoned by hand.

use serde_json::{Value, json};

use super::core_house::{House, amounts, id, item, latest};

const ON: fn() -> Value = || json!({ "enabled": true });

fn lives_in(house: &mut House, customer: &str, country: &str) {
    let address =
        json!({ "line1": "Hauptstr. 1", "city": "Berlin", "postal_code": "10115", "country": country });
    house.does(
        "PostCustomersCustomer",
        &[("customer", customer)],
        json!({ "address": address }),
    );
}

fn has_number(house: &mut House, customer: &str, number: &str) {
    house.does(
        "PostCustomersCustomerTaxIds",
        &[("customer", customer)],
        json!({ "type": "eu_vat", "value": number }),
    );
}

fn subscribes(house: &mut House, customer: &str, price: &str, quantity: u64) -> Value {
    house.does(
        "PostSubscriptions",
        &[],
        json!({ "customer": customer, "items": [{ "price": price, "quantity": quantity }], "automatic_tax": ON() }),
    )
}

fn previews_first(house: &mut House, customer: &str, price: &str) -> Value {
    house.previews(json!({
        "customer": customer, "automatic_tax": ON(),
        "subscription_details": { "items": [{ "price": price, "quantity": 1 }] },
    }))
}

/// Amount and reason of each tax of an invoice.
fn taxes(invoice: &Value) -> Vec<(i64, &str)> {
    let taxes = invoice["total_taxes"].as_array().expect("taxes").iter();
    let told = taxes.map(|tax| {
        (
            tax["amount"].as_i64().expect("an amount"),
            tax["taxability_reason"].as_str().expect("a reason"),
        )
    });
    told.collect()
}

fn sums(invoice: &Value) -> [i64; 4] {
    ["subtotal", "total_excluding_tax", "total", "amount_due"]
        .map(|field| invoice[field].as_i64().expect("an amount"))
}

/// Everything about money and taxes: what a preview and the real invoice must agree on.
fn assert_alike(preview: &Value, invoice: &Value) {
    assert_eq!(amounts(preview), amounts(invoice));
    assert_eq!(sums(preview), sums(invoice));
    for field in ["total_taxes", "automatic_tax"] {
        assert_eq!(preview[field], invoice[field], "{field}");
    }
}

#[test]
fn a_customer_in_germany_pays_vat_on_top_and_the_preview_says_so_before() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    lives_in(&mut house, &ana, "DE");
    let price = house.price_in("eur", 2999, "month");
    let preview = previews_first(&mut house, &ana, &price);
    let subscription = subscribes(&mut house, &ana, &price, 1);
    assert_eq!(subscription["automatic_tax"]["enabled"], true);
    let invoice = house.invoice(&latest(&subscription));
    assert_alike(&preview, &invoice);
    // 19 % of 29.99 is 5.6981.
    assert_eq!(taxes(&invoice), [(570, "standard_rated")]);
    assert_eq!(sums(&invoice), [2999, 2999, 3569, 3569]);
    assert_eq!(invoice["amount_paid"], 3569);
    assert_eq!(invoice["automatic_tax"]["status"], "complete");
    let of_line = &invoice["lines"]["data"][0]["taxes"][0];
    assert_eq!(
        (&of_line["amount"], &of_line["taxable_amount"]),
        (&json!(570), &json!(2999))
    );

    let rate = of_line["tax_rate_details"]["tax_rate"]
        .as_str()
        .expect("a bare id")
        .to_owned();
    let rate = house.does("GetTaxRatesTaxRate", &[("tax_rate", &rate)], json!({}));
    assert_eq!(
        (&rate["display_name"], &rate["percentage"]),
        (&json!("VAT"), &json!(19))
    );
    let unknown = house.refuses("GetTaxRatesTaxRate", &[("tax_rate", "txr_none")], json!({}));
    assert_eq!(unknown.status, 404);
}

#[test]
fn an_upgrade_in_the_middle_of_a_period_is_taxed_on_the_credit_and_on_the_charge() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    lives_in(&mut house, &ana, "DE");
    let price = house.price_in("eur", 1101, "month");
    let subscription = subscribes(&mut house, &ana, &price, 1);
    house.waits_until("2027-04-16T00:00:00Z");
    let now = house.now;
    // What the subscription is set to goes for its changes, without their asking.
    let change = json!({
        "items": [{ "id": item(&subscription), "quantity": 3 }],
        "proration_behavior": "always_invoice", "proration_date": now,
    });
    let preview =
        house.previews(json!({ "subscription": id(&subscription), "subscription_details": change }));
    let mut update = change;
    update["payment_behavior"] = json!("pending_if_incomplete");
    let updated = house.updates(&id(&subscription), update);
    let invoice = house.invoice(&latest(&updated));
    assert_alike(&preview, &invoice);
    // Half of 11.01 back, half of 33.03 on top; 19 % of each: 1.0469 and 3.1369, exactly.
    assert_eq!(amounts(&invoice), [-551, 1651]);
    let lines = invoice["lines"]["data"].as_array().expect("lines").iter();
    let of_lines: Vec<&Value> = lines.map(|line| &line["taxes"][0]["amount"]).collect();
    assert_eq!(of_lines, [&json!(-105), &json!(314)]);
    assert_eq!(taxes(&invoice), [(209, "standard_rated")]);
    assert_eq!(sums(&invoice), [1100, 1100, 1309, 1309]);
}

#[test]
fn a_business_of_another_country_with_a_vat_number_accounts_for_it_itself() {
    for (country, number, due) in [
        ("DE", "DE136695976", vec![(0, "reverse_charge")]),
        // At home the number changes nothing.
        ("ES", "ESB58378431", vec![(210, "standard_rated")]),
    ] {
        let mut house = House::opened("2027-04-01T00:00:00Z");
        let (ana, _) = house.customer_with("pm_card_visa");
        lives_in(&mut house, &ana, country);
        has_number(&mut house, &ana, number);
        let price = house.price_in("eur", 1000, "month");
        let preview = previews_first(&mut house, &ana, &price);
        assert_eq!(taxes(&preview), due, "{country}");
        let invoice = house.does("PostSubscriptions", &[], json!({
            "customer": ana, "items": [{ "price": price }], "automatic_tax": ON(), "expand": ["latest_invoice"],
        }))["latest_invoice"]
            .clone();
        assert_alike(&preview, &invoice);
    }
}

#[test]
fn elsewhere_nothing_is_collected_and_whoever_is_exempt_pays_none() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price_in("eur", 1000, "month");
    lives_in(&mut house, &ana, "BR");
    let preview = previews_first(&mut house, &ana, &price);
    assert_eq!(taxes(&preview), [(0, "not_collecting")]);
    assert_eq!(preview["total_taxes"][0]["tax_rate_details"], Value::Null);
    lives_in(&mut house, &ana, "FR");
    for (exempt, due) in [
        ("none", (200, "standard_rated")),
        ("exempt", (0, "customer_exempt")),
        ("reverse", (0, "reverse_charge")),
    ] {
        house.does(
            "PostCustomersCustomer",
            &[("customer", &ana)],
            json!({ "tax_exempt": exempt }),
        );
        let preview = previews_first(&mut house, &ana, &price);
        assert_eq!(taxes(&preview), [due], "{exempt}");
    }
}

#[test]
fn without_a_location_a_preview_has_no_tax_and_a_subscription_is_not_made() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price_in("eur", 1000, "month");
    let preview = previews_first(&mut house, &ana, &price);
    assert_eq!(preview["automatic_tax"]["status"], "requires_location_inputs");
    assert_eq!((taxes(&preview), sums(&preview)), (vec![], [1000; 4]));
    let refusal = house.refuses(
        "PostSubscriptions",
        &[],
        json!({ "customer": ana, "items": [{ "price": price }], "automatic_tax": ON() }),
    );
    assert_eq!(refusal.status, 400);
    assert_eq!(refusal.code.as_deref(), Some("customer_tax_location_invalid"));
}

#[test]
fn another_address_counts_from_the_next_invoice_on() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    lives_in(&mut house, &ana, "DE");
    let price = house.price_in("eur", 1000, "month");
    let subscription = subscribes(&mut house, &ana, &price, 1);
    lives_in(&mut house, &ana, "FR");
    let first = house.invoice(&latest(&subscription));
    assert_eq!(taxes(&first), [(190, "standard_rated")]);
    house.waits_until("2027-05-01T02:00:00Z");
    let renewed = house.subscription(&id(&subscription));
    let renewal = house.invoice(&latest(&renewed));
    assert_eq!(renewal["billing_reason"], "subscription_cycle");
    assert_eq!(taxes(&renewal), [(200, "standard_rated")]);
    assert_eq!(
        (&renewal["amount_paid"], &renewal["status"]),
        (&json!(1200), &json!("paid"))
    );
}

#[test]
fn a_price_that_contains_its_tax_stays_what_it_is() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    lives_in(&mut house, &ana, "DE");
    let price = house.price_in("eur", 1190, "month");
    house.does(
        "PostPricesPrice",
        &[("price", &price)],
        json!({ "tax_behavior": "inclusive" }),
    );
    let preview = previews_first(&mut house, &ana, &price);
    assert_eq!(taxes(&preview), [(190, "standard_rated")]);
    assert_eq!(preview["total_taxes"][0]["tax_behavior"], "inclusive");
    assert_eq!(sums(&preview), [1190, 1000, 1190, 1190]);
}

#[test]
fn negative_amounts_cannot_stand_beside_taxes() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    lives_in(&mut house, &ana, "DE");
    let price = house.price_in("eur", 1000, "month");
    let product = house.does("GetPricesPrice", &[("price", &price)], json!({}))["product"].clone();
    let subscription = subscribes(&mut house, &ana, &price, 1);
    let credit = json!([{ "price_data": { "currency": "eur", "product": product, "unit_amount": -100 } }]);
    let refusal = house.refuses(
        "PostInvoicesCreatePreview",
        &[],
        json!({ "subscription": id(&subscription), "invoice_items": credit }),
    );
    assert_eq!(refusal.param.as_deref(), Some("invoice_items"));
}
