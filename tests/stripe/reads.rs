use changeover::domain::catalog::Anchoring;
use changeover::domain::change::{CallFailure, FirstPeriod, NothingDue, SubscriptionStatus};
use changeover::ports::payments::{CardSetupOutcome, Payments as _, PreviewAsk, ReadError};
use serde_json::{Value, json};

use super::stub::{Reply, Stub};
use super::things::{self, brl, invoice, line, list, subscription, targets, with};

const PREVIEW: &str = "POST /v1/invoices/create_preview";

fn ask() -> PreviewAsk {
    PreviewAsk {
        customer: Some("cus_1".to_owned()),
        subscription: Some("sub_1".to_owned()),
        targets: targets(),
        currency: "BRL".parse().expect("known"),
        prorated_at: things::at(things::AT),
        first_period: None,
        credits: Vec::new(),
        automatic_tax: false,
        untaxed: false,
        tax_rates: None,
    }
}

fn tax(behavior: &str, amount: i64) -> Value {
    json!({"amount": amount, "tax_behavior": behavior, "taxability_reason": "standard_rated",
        "type": "tax_rate_details"})
}

fn preview(lines: Vec<Value>, before_tax: i64, total: i64) -> Value {
    let lines = list("/v1/invoices/upcoming_in_1/lines", lines);
    let taxes = Some(tax("exclusive", total - before_tax)).filter(|_| total != before_tax);
    let taxes: Vec<Value> = taxes.into_iter().collect();
    with(
        invoice("draft", total, vec![]),
        json!({"id": "upcoming_in_1", "lines": lines, "subtotal": before_tax, "total_excluding_tax": before_tax,
            "total": total, "amount_due": total.max(0), "total_taxes": taxes}),
    )
}

#[tokio::test]
async fn a_preview_is_read_to_its_last_line() {
    let lines: Vec<Value> = (0..10).map(|n| line(&format!("il_{n}"), 100)).collect();
    let mut first = preview(lines, 1500, 1650);
    first["lines"]["has_more"] = Value::from(true);
    let rest = list(
        "/v1/invoices/upcoming_in_1/lines",
        vec![line("il_10", 700), line("il_11", -200)],
    );
    let stub = Stub::start().await;
    stub.answers(PREVIEW, Reply::ok(&first)).answers(
        "GET /v1/invoices/upcoming_in_1/lines?limit=100&starting_after=il_9",
        Reply::ok(&rest),
    );
    let read = stub.payments().preview(&ask()).await.expect("read");
    assert_eq!(read.lines.len(), 12);
    assert_eq!(
        (read.subtotal, read.tax, read.total),
        (brl(1500), brl(150), brl(1650))
    );
    assert_eq!(read.amount_due, brl(1650));
    assert_eq!(read.lines[11].amount, brl(-200));
    assert!(read.lines[0].proration);
    assert_eq!(read.lines[0].price.as_deref(), Some("price_growth"));
    assert_eq!(
        (read.lines[0].from, read.lines[0].until),
        (things::at(things::AT), things::at(things::PERIOD_END))
    );
}

#[tokio::test]
async fn discounts_and_taxes_inside_of_prices_are_taken_out_of_the_lines() {
    let discounted = with(
        line("il_1", 1000),
        json!({"discount_amounts": [{"amount": 100, "discount": "di_1"}],
            "taxes": [tax("inclusive", 90), tax("exclusive", 40)]}),
    );
    let stub = Stub::start().await;
    let taxed = with(
        preview(vec![discounted], 810, 940),
        json!({"total_taxes": [tax("inclusive", 90), tax("exclusive", 40)]}),
    );
    stub.answers(PREVIEW, Reply::ok(&taxed));
    let read = stub.payments().preview(&ask()).await.expect("read");
    assert_eq!(
        (read.lines[0].amount, read.subtotal, read.tax),
        (brl(810), brl(810), brl(130))
    );
    let told: Vec<_> = read.taxes.iter().map(|tax| (tax.amount, tax.inside)).collect();
    assert_eq!(told, [(brl(90), true), (brl(40), false)]);
}

/// A tax of one rate, as a preview with automatic tax has it: the rate is named by its bare id.
fn rated(rate: &str, amount: i64, reason: &str) -> Value {
    with(
        tax("exclusive", amount),
        json!({"tax_rate_details": {"tax_rate": rate}, "taxability_reason": reason}),
    )
}

fn rate(id: &str, percentage: &Value, effective: &Value) -> Reply {
    Reply::ok(
        &json!({"id": id, "object": "tax_rate", "active": false, "created": 1, "display_name": "VAT",
        "inclusive": false, "livemode": false, "percentage": percentage, "effective_percentage": effective}),
    )
}

#[tokio::test]
async fn taxes_are_told_one_by_one_with_the_names_of_their_rates() {
    let taxes = json!([
        rated("txr_1", 110, "standard_rated"),
        rated("txr_2", 55, "reduced_rated"),
        rated("txr_1", -5, "standard_rated"),
        rated("txr_3", 0, "reverse_charge"),
        // What says nothing to the customer is left out, and its rate is not asked for.
        rated("txr_4", 0, "not_collecting"),
        tax("exclusive", 0),
    ]);
    let stub = Stub::start().await;
    let answer = with(
        preview(vec![line("il_1", 1000)], 1000, 1160),
        json!({"total_taxes": taxes}),
    );
    stub.answers(PREVIEW, Reply::ok(&answer))
        .answers(
            "GET /v1/tax_rates/txr_1",
            rate("txr_1", &json!(20.5), &json!(11.0)),
        )
        .answers(
            "GET /v1/tax_rates/txr_2",
            rate("txr_2", &json!(5.5), &Value::Null),
        )
        .answers("GET /v1/tax_rates/txr_3", rate("txr_3", &json!(0), &Value::Null));
    let read = stub.payments().preview(&ask()).await.expect("read");
    let told = read.taxes.iter().map(|tax| {
        let percentage = tax.percentage.expect("a rate").to_string();
        (tax.name.as_deref(), percentage, tax.amount, tax.nothing_due)
    });
    let vat = Some("VAT");
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (vat, "11".to_owned(), brl(110), None),
            (vat, "5.5".to_owned(), brl(55), None),
            (vat, "11".to_owned(), brl(-5), None),
            (vat, "0".to_owned(), brl(0), Some(NothingDue::ReverseCharge)),
        ]
    );
    assert_eq!(stub.seen().len(), 4, "each rate is read once");
}

#[tokio::test]
async fn a_rate_of_the_sellers_own_tells_itself_why_nothing_is_due() {
    let taxes = json!([
        rated("txr_1", 0, "not_available"),
        rated("txr_2", 0, "not_available"),
        rated("txr_3", 0, "not_available"),
    ]);
    let reversed = json!({"id": "txr_1", "object": "tax_rate", "active": true, "created": 1, "display_name": "VAT",
        "inclusive": false, "livemode": false, "percentage": 0, "metadata": {"changeover_reverse_charge": "true"}});
    let stub = Stub::start().await;
    let answer = with(
        preview(vec![line("il_1", 1)], 1, 1),
        json!({"total_taxes": taxes}),
    );
    stub.answers(PREVIEW, Reply::ok(&answer))
        .answers("GET /v1/tax_rates/txr_1", Reply::ok(&reversed))
        .answers("GET /v1/tax_rates/txr_2", rate("txr_2", &json!(0), &Value::Null))
        // One cent is too little for a tax: that is no reason to tell.
        .answers("GET /v1/tax_rates/txr_3", rate("txr_3", &json!(19), &Value::Null));
    let read = stub.payments().preview(&ask()).await.expect("read");
    let told: Vec<_> = read.taxes.iter().map(|tax| tax.nothing_due).collect();
    assert_eq!(
        told,
        [Some(NothingDue::ReverseCharge), Some(NothingDue::ZeroRated)]
    );
}

#[tokio::test]
async fn a_preview_is_asked_with_the_rates_that_are_wanted_also_with_none() {
    for (rates, asked) in [
        (None, None),
        (Some(vec![]), Some("subscription_details[default_tax_rates]=")),
        (
            Some(vec!["txr_1".to_owned(), "txr_2".to_owned()]),
            Some(
                "subscription_details[default_tax_rates][0]=txr_1&subscription_details[default_tax_rates][1]=txr_2",
            ),
        ),
    ] {
        let stub = Stub::start().await;
        stub.answers(PREVIEW, Reply::ok(&preview(vec![line("il_1", 1)], 1, 1)));
        let ask = PreviewAsk {
            tax_rates: rates,
            ..ask()
        };
        stub.payments().preview(&ask).await.expect("read");
        let body = stub.seen()[0].body.clone();
        match asked {
            Some(asked) => assert!(body.ends_with(&format!("&{asked}")), "{body}"),
            None => assert!(!body.contains("default_tax_rates"), "{body}"),
        }
        let problems = super::schema::problems("POST", "/v1/invoices/create_preview", &body);
        assert!(problems.is_empty(), "{problems:#?}");
    }
}

#[tokio::test]
async fn an_address_that_tells_no_taxes_is_a_refusal_of_its_own() {
    let stub = Stub::start().await;
    let lost = with(
        preview(vec![line("il_1", 100)], 100, 100),
        json!({"automatic_tax": {"enabled": true, "status": "requires_location_inputs"}}),
    );
    stub.answers(PREVIEW, Reply::ok(&lost));
    let read = stub.payments().preview(&ask()).await;
    let code = CallFailure::LOCATION_UNKNOWN;
    assert!(
        matches!(&read, Err(ReadError::Refused { code: own, .. }) if own == code),
        "{read:?}"
    );
}

#[tokio::test]
async fn taxes_that_do_not_add_up_or_failed_are_an_error_and_never_a_guess() {
    let taxed = |more: Value| with(preview(vec![line("il_1", 100)], 100, 119), more);
    for broken in [
        taxed(json!({"total_taxes": [tax("exclusive", 18)]})),
        taxed(json!({"total_taxes": null})),
        taxed(json!({"automatic_tax": {"enabled": true, "status": "failed"}})),
    ] {
        let stub = Stub::start().await;
        stub.answers(PREVIEW, Reply::ok(&broken));
        let read = stub.payments().preview(&ask()).await;
        assert!(matches!(read, Err(ReadError::Later { .. })), "{read:?}");
    }
    // A rate that cannot be read leaves the tax without its name: not shown as if it had none.
    let stub = Stub::start().await;
    let nameless = taxed(json!({"total_taxes": [rated("txr_1", 19, "standard_rated")]}));
    stub.answers(PREVIEW, Reply::ok(&nameless))
        .answers("GET /v1/tax_rates/txr_1", Reply::error(500, "api_error", ""));
    let read = stub.payments().preview(&ask()).await;
    assert!(matches!(read, Err(ReadError::Later { .. })), "{read:?}");
}

#[tokio::test]
async fn automatic_tax_is_asked_for_a_first_subscription_of_a_known_customer_alone() {
    let first = FirstPeriod {
        starts_at: things::at(things::AT),
        anchor: things::at(things::PERIOD_END),
        anchoring: Anchoring::FirstRenewal,
    };
    for (customer, subscription, asked) in [
        (Some("cus_1"), None, true),
        (None, None, false),
        (Some("cus_1"), Some("sub_1"), false),
    ] {
        let stub = Stub::start().await;
        stub.answers(PREVIEW, Reply::ok(&preview(vec![line("il_1", 100)], 100, 100)));
        let ask = PreviewAsk {
            customer: customer.map(str::to_owned),
            subscription: subscription.map(str::to_owned),
            first_period: Some(first).filter(|_| subscription.is_none()),
            automatic_tax: true,
            ..ask()
        };
        stub.payments().preview(&ask).await.expect("read");
        let body = &stub.seen()[0].body;
        assert_eq!(body.contains("automatic_tax[enabled]=true"), asked, "{body}");
    }
}

#[tokio::test]
async fn a_preview_that_is_not_whole_is_an_error_and_never_zero() {
    let missing_total = with(
        preview(vec![line("il_1", 100)], 100, 100),
        json!({"total_excluding_tax": null}),
    );
    let missing_quantity = preview(vec![with(line("il_1", 100), json!({"quantity": null}))], 100, 100);
    let missing_parent = preview(vec![with(line("il_1", 100), json!({"parent": null}))], 100, 100);
    for broken in [
        Reply::ok(&missing_total),
        Reply::ok(&missing_quantity),
        Reply::ok(&missing_parent),
        Reply::ok(&preview(vec![line("il_1", 100)], 200, 200)),
        Reply::ok(&json!({"object": "invoice"})),
        Reply::status(200, ""),
        Reply::error(500, "api_error", ""),
    ] {
        let stub = Stub::start().await;
        stub.answers(PREVIEW, broken);
        let read = stub.payments().preview(&ask()).await;
        assert!(matches!(read, Err(ReadError::Later { .. })), "{read:?}");
    }
    let stub = Stub::start().await;
    stub.answers(
        PREVIEW,
        Reply::ok(&with(preview(vec![], 0, 0), json!({"currency": "usd"}))),
    );
    let read = stub.payments().preview(&ask()).await;
    assert!(
        matches!(&read, Err(ReadError::Refused { code, .. }) if code == "currency_differs"),
        "{read:?}"
    );
}

#[tokio::test]
async fn a_first_subscription_is_previewed_with_its_stub() {
    let first = FirstPeriod {
        starts_at: things::at(things::AT),
        anchor: things::at(things::PERIOD_END),
        anchoring: Anchoring::FirstRenewal,
    };
    for (customer, named) in [(Some("cus_1"), "customer=cus_1"), (None, "currency=brl")] {
        let stub = Stub::start().await;
        stub.answers(PREVIEW, Reply::ok(&preview(vec![line("il_1", 100)], 100, 100)));
        let customer = customer.map(str::to_owned);
        let ask = PreviewAsk {
            customer,
            subscription: None,
            first_period: Some(first),
            ..ask()
        };
        stub.payments().preview(&ask).await.expect("read");
        let body = &stub.seen()[0].body;
        let anchor = format!(
            "subscription_details[billing_cycle_anchor][timestamp]={}",
            things::PERIOD_END
        );
        let start = format!("subscription_details[start_date]={}", things::AT);
        for part in [named, &anchor, &start] {
            assert!(body.contains(part), "{part} in {body}");
        }
    }
}

#[tokio::test]
async fn a_subscription_is_told_in_our_words() {
    let theirs = with(
        subscription(),
        json!({"status": "past_due", "schedule": "sub_sched_1", "cancel_at_period_end": true,
            "default_payment_method": "pm_1", "pause_collection": {"behavior": "void"},
            "collection_method": "send_invoice", "billing_mode": {"type": "classic"}}),
    );
    let stub = Stub::start().await;
    stub.answers("GET /v1/subscriptions/sub_1", Reply::ok(&theirs))
        .answers(
            "GET /v1/subscriptions/sub_1",
            Reply::ok(&with(theirs.clone(), json!({"status": "brand_new"}))),
        )
        .answers(
            "GET /v1/subscriptions/sub_2",
            Reply::error(404, "invalid_request_error", "resource_missing"),
        );
    let payments = stub.payments();
    let read = payments.subscription("sub_1").await.expect("read");
    assert_eq!(
        (read.status, read.paused, read.charges_automatically),
        (SubscriptionStatus::PastDue, true, false)
    );
    assert_eq!(
        (read.schedule.as_deref(), read.default_method.as_deref()),
        (Some("sub_sched_1"), Some("pm_1"))
    );
    assert_eq!(
        (read.ends_at, read.flexible_billing),
        (Some(things::at(things::PERIOD_END)), false)
    );
    let unknown = payments.subscription("sub_1").await;
    assert!(matches!(unknown, Err(ReadError::Later { .. })), "{unknown:?}");
    assert_eq!(
        payments.subscription("sub_2").await,
        Err(ReadError::NotFound("sub_2".to_owned()))
    );
    let path = payments.subscription("sub_1/../../charges").await;
    assert!(matches!(path, Err(ReadError::NotFound(_))), "{path:?}");
}

#[tokio::test]
async fn prices_are_asked_for_ten_at_a_time() {
    let names: Vec<String> = (0..12)
        .map(|n| format!("clint.growth.price_{n}.brl.month.0"))
        .collect();
    let stub = Stub::start().await;
    stub.answers(
        "GET /v1/prices",
        Reply::ok(&list("/v1/prices", vec![things::price("price_0")])),
    )
    .answers(
        "GET /v1/prices",
        Reply::ok(&list("/v1/prices", vec![things::price("price_11")])),
    );
    let found = stub.payments().prices(&names).await.expect("read");
    let found: Vec<_> = found
        .iter()
        .map(|(name, id)| (name.as_str(), id.as_str()))
        .collect();
    assert_eq!(
        found,
        [(names[0].as_str(), "price_0"), (names[11].as_str(), "price_11")]
    );
    assert!(
        stub.lines().iter().all(|line| line.contains("active=true")),
        "{:?}",
        stub.lines()
    );
}

fn setup(changes: Value) -> Value {
    let setup = json!({"id": "seti_1", "object": "setup_intent", "client_secret": "seti_1_secret", "created": 1,
        "customer": "cus_1", "livemode": false, "payment_method_types": ["card"], "status": "succeeded",
        "usage": "off_session"});
    with(setup, changes)
}

fn card(id: &str) -> Value {
    json!({"id": id, "object": "payment_method", "billing_details": {}, "created": 1, "livemode": false,
        "type": "card", "card": {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030,
        "funding": "credit"}})
}

#[tokio::test]
async fn a_card_is_kept_for_its_own_customer_only() {
    let stub = Stub::start().await;
    let read = "GET /v1/setup_intents/seti_1";
    stub.answers("POST /v1/setup_intents", Reply::ok(&setup(json!({}))))
        .answers(read, Reply::ok(&setup(json!({"status": "requires_action"}))))
        .answers(read, Reply::ok(&setup(json!({"payment_method": card("pm_1")}))))
        .answers(read, Reply::ok(&setup(json!({"payment_method": card("pm_1")}))));
    let payments = stub.payments();
    let begun = payments.begin_card_setup("cus_1", "key-9").await.expect("begun");
    assert_eq!(
        (begun.id.as_str(), begun.client_secret.as_str()),
        ("seti_1", "seti_1_secret")
    );
    assert_eq!(stub.seen()[0].key.as_deref(), Some("key-9"));
    assert_eq!(
        payments.card_setup("cus_1", "seti_1").await,
        Ok(CardSetupOutcome::Unfinished)
    );
    let kept = payments.card_setup("cus_1", "seti_1").await.expect("read");
    assert!(matches!(kept, CardSetupOutcome::Kept(method) if method.last4 == "4242"));
    assert_eq!(
        payments.card_setup("cus_2", "seti_1").await,
        Ok(CardSetupOutcome::Foreign)
    );
}

#[tokio::test]
async fn cards_and_the_secret_of_an_invoice_are_read() {
    let stub = Stub::start().await;
    let secret = json!({"confirmation_secret": {"type": "payment_intent", "client_secret": "pi_1_secret"}});
    stub.answers(
        "GET /v1/customers/cus_1/payment_methods",
        Reply::ok(&list("/v1", vec![card("pm_2"), card("pm_1")])),
    )
    .answers(
        "GET /v1/invoices/in_1",
        Reply::ok(&with(invoice("open", 1, vec![]), secret)),
    )
    .answers("GET /v1/invoices/in_1", Reply::ok(&invoice("open", 1, vec![])));
    let payments = stub.payments();
    let cards = payments.cards("cus_1").await.expect("read");
    assert_eq!(
        cards.iter().map(|card| card.id.as_str()).collect::<Vec<_>>(),
        ["pm_2", "pm_1"]
    );
    assert_eq!(
        payments.client_secret("in_1").await,
        Ok(Some("pi_1_secret".to_owned()))
    );
    assert_eq!(payments.client_secret("in_1").await, Ok(None));
}

#[tokio::test]
async fn an_invoice_of_another_subscription_is_refused() {
    let parent = json!({"parent": {"type": "subscription_details",
        "subscription_details": {"subscription": "sub_2", "metadata": {}}}});
    let stub = Stub::start().await;
    stub.answers("GET /v1/subscriptions/sub_1", Reply::ok(&subscription()))
        .answers(
            "GET /v1/invoices/in_1",
            Reply::ok(&with(invoice("open", 1, vec![]), parent)),
        );
    let read = stub.payments().payment("sub_1", Some("in_1")).await;
    assert!(matches!(read, Err(ReadError::Refused { .. })), "{read:?}");
}
