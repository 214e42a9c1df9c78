//! Tax rates of the account's own, reckoned by hand.

use serde_json::{Value, json};

use super::core_house::{House, amounts, id, item, latest};

fn rate(house: &mut House, name: &str, percentage: &str, inclusive: bool) -> String {
    let made = house.does(
        "PostTaxRates",
        &[],
        json!({ "display_name": name, "percentage": percentage, "inclusive": inclusive }),
    );
    id(&made)
}

fn subscribes(house: &mut House, customer: &str, price: &str, rates: &[&str]) -> Value {
    house.does(
        "PostSubscriptions",
        &[],
        json!({ "customer": customer, "items": [{ "price": price }], "default_tax_rates": rates }),
    )
}

/// Amount and rate of each tax.
fn taxes(invoice: &Value) -> Vec<(i64, &str)> {
    let taxes = invoice["total_taxes"].as_array().expect("taxes").iter();
    let told = taxes.map(|tax| {
        (
            tax["amount"].as_i64().expect("an amount"),
            tax["tax_rate_details"]["tax_rate"].as_str().expect("a rate"),
        )
    });
    told.collect()
}

fn sums(invoice: &Value) -> [i64; 3] {
    ["subtotal", "total_excluding_tax", "total"].map(|field| invoice[field].as_i64().expect("an amount"))
}

#[test]
fn a_subscription_with_rates_is_taxed_by_them_at_first_in_between_and_when_it_renews() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price_in("cad", 1010, "month");
    let gst = rate(&mut house, "GST", "5", false);
    let qst = rate(&mut house, "QST", "9.975", false);
    let preview = house.previews(json!({
        "customer": ana,
        "subscription_details": { "items": [{ "price": price, "quantity": 1 }], "default_tax_rates": [gst, qst] },
    }));
    let subscription = subscribes(&mut house, &ana, &price, &[&gst, &qst]);
    assert_eq!(subscription["default_tax_rates"][1]["percentage"], 9.975);
    let first = house.invoice(&latest(&subscription));
    // 5 % of 10.10 is 0.505, 9.975 % of it is 1.007475.
    assert_eq!(taxes(&first), [(51, gst.as_str()), (101, qst.as_str())]);
    assert_eq!(sums(&first), [1010, 1010, 1162]);
    assert_eq!(first["amount_paid"], 1162);
    for field in ["total_taxes", "total", "amount_due", "default_tax_rates"] {
        assert_eq!(preview[field], first[field], "{field}");
    }

    house.waits_until("2027-04-16T00:00:00Z");
    let now = house.now;
    let change = json!({
        "items": [{ "id": item(&subscription), "quantity": 2 }],
        "proration_behavior": "always_invoice", "proration_date": now,
    });
    let preview =
        house.previews(json!({ "subscription": id(&subscription), "subscription_details": change }));
    let mut update = change;
    update["payment_behavior"] = json!("pending_if_incomplete");
    let updated = house.updates(&id(&subscription), update);
    let invoice = house.invoice(&latest(&updated));
    assert_eq!(amounts(&invoice), [-505, 1010]);
    // 0.2525 back and 0.505 on top; 0.50374 back and 1.007475 on top.
    assert_eq!(
        taxes(&invoice),
        [(51 - 25, gst.as_str()), (101 - 50, qst.as_str())]
    );
    assert_eq!(preview["total_taxes"], invoice["total_taxes"]);

    // What is put on the renewal besides is taxed by the same rates.
    house.does(
        "PostInvoiceitems",
        &[],
        json!({ "customer": ana, "subscription": id(&subscription), "amount": 1000, "currency": "cad" }),
    );
    house.waits_until("2027-05-01T02:00:00Z");
    let renewed = house.subscription(&id(&subscription));
    let renewal = house.invoice(&latest(&renewed));
    assert_eq!(amounts(&renewal), [2020, 1000]);
    // 101 and 50; 201.495 and 99.75.
    assert_eq!(taxes(&renewal), [(151, gst.as_str()), (201 + 100, qst.as_str())]);
}

#[test]
fn other_rates_count_from_the_next_invoice_on_and_are_told_by_themselves() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price_in("eur", 1000, "month");
    let old = rate(&mut house, "VAT", "19", false);
    let new = rate(&mut house, "TVA", "20", false);
    let subscription = subscribes(&mut house, &ana, &price, &[&old]);
    let change = json!({
        "items": [{ "id": item(&subscription), "quantity": 2 }],
        "proration_behavior": "always_invoice", "default_tax_rates": [new],
    });
    let preview =
        house.previews(json!({ "subscription": id(&subscription), "subscription_details": change }));
    let told: Vec<&str> = taxes(&preview).into_iter().map(|(_, rate)| rate).collect();
    assert_eq!(told, [new.as_str()]);
    let mut update = change;
    update["payment_behavior"] = json!("pending_if_incomplete");
    let of = id(&subscription);
    let refusal = house.refuses(
        "PostSubscriptionsSubscriptionExposedId",
        &[("subscription_exposed_id", &of)],
        update,
    );
    assert_eq!(refusal.param.as_deref(), Some("default_tax_rates"), "{refusal:?}");
    let set = house.updates(&of, json!({ "default_tax_rates": [new] }));
    assert_eq!(set["default_tax_rates"][0]["id"], new.as_str());
    assert_eq!(latest(&set), latest(&subscription), "nothing is invoiced by that");
    let none = house.updates(&of, json!({ "default_tax_rates": "" }));
    assert_eq!(none["default_tax_rates"], json!([]));
}

#[test]
fn a_price_can_contain_its_taxes_and_an_exempt_customer_pays_none() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price_in("eur", 1190, "month");
    let vat = rate(&mut house, "MwSt.", "19", true);
    let first = json!({
        "customer": ana,
        "subscription_details": { "items": [{ "price": price }], "default_tax_rates": [vat] },
    });
    let preview = house.previews(first.clone());
    assert_eq!(sums(&preview), [1190, 1000, 1190]);
    assert_eq!(taxes(&preview), [(190, vat.as_str())]);
    assert_eq!(preview["total_taxes"][0]["tax_behavior"], "inclusive");
    for (exempt, why) in [("exempt", "customer_exempt"), ("reverse", "reverse_charge")] {
        house.does(
            "PostCustomersCustomer",
            &[("customer", &ana)],
            json!({ "tax_exempt": exempt }),
        );
        let preview = house.previews(first.clone());
        assert_eq!(taxes(&preview), [(0, vat.as_str())]);
        assert_eq!(preview["total_taxes"][0]["taxability_reason"], why);
    }
}

#[test]
fn what_cannot_be_a_rate_is_refused_and_an_archived_one_stays_where_it_is() {
    let mut house = House::opened("2027-04-01T00:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let price = house.price_in("eur", 1000, "month");
    for percentage in ["-1", "100.0001", "1.23456", "a lot"] {
        let refusal = house.refuses(
            "PostTaxRates",
            &[],
            json!({ "display_name": "VAT", "percentage": percentage, "inclusive": false }),
        );
        assert_eq!(refusal.param.as_deref(), Some("percentage"), "{percentage}");
    }
    let vat = rate(&mut house, "VAT", "19", false);
    let subscription = subscribes(&mut house, &ana, &price, &[&vat]);
    house.does(
        "PostTaxRatesTaxRate",
        &[("tax_rate", &vat)],
        json!({ "active": false }),
    );
    let listed = house.does("GetTaxRates", &[], json!({ "active": true }));
    assert_eq!(listed["data"], json!([]));
    house.updates(&id(&subscription), json!({ "default_tax_rates": [vat] }));
    let refusal = house.refuses(
        "PostSubscriptions",
        &[],
        json!({ "customer": ana, "items": [{ "price": price }], "default_tax_rates": [vat] }),
    );
    assert_eq!(refusal.param.as_deref(), Some("default_tax_rates"));
}
