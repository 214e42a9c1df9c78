//! Boletos and Pix codes: one-off invoices that customers pay from their own bank, in time or not.

use changeover::sandbox::core::BankSays;
use serde_json::{Value, json};

use super::core_house::{House, at, id};

/// Ana owes 150.00, on an invoice of its own.
fn owes(house: &mut House, methods: &[&str]) -> (String, String) {
    let (ana, _) = house.customer_with("pm_card_visa");
    let params = json!({
        "customer": ana,
        "currency": "brl",
        "auto_advance": false,
        "collection_method": "charge_automatically",
        "pending_invoice_items_behavior": "exclude",
        "payment_settings": { "payment_method_types": methods },
        "metadata": { "change": "c1" },
    });
    let draft = house.does("PostInvoices", &[], params);
    assert_eq!(draft["status"], "draft");
    assert_eq!(draft["billing_reason"], "manual");
    let invoice = id(&draft);
    for (amount, words) in [(20_000, "3 × Seat"), (-5_000, "1 × Seat")] {
        let params = json!({
            "customer": ana,
            "invoice": invoice,
            "currency": "brl",
            "amount": amount,
            "description": words,
            "period": { "start": house.now, "end": house.now + 86_400 },
        });
        house.does("PostInvoiceitems", &[], params);
    }
    let path = [("invoice", invoice.as_str())];
    let open = house.does(
        "PostInvoicesInvoiceFinalize",
        &path,
        json!({ "auto_advance": false }),
    );
    assert_eq!(
        (&open["status"], &open["amount_due"]),
        (&json!("open"), &json!(15_000))
    );
    assert_eq!(open["attempted"], false, "nobody is charged for it");
    let intent = house.intent_of(&invoice);
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(intent["payment_method_types"], json!(methods));
    house.hears();
    (invoice, id(&intent))
}

fn by_boleto() -> Value {
    json!({
        "payment_method_data": {
            "type": "boleto",
            "boleto": { "tax_id": "11.222.333/0001-81" },
            "billing_details": {
                "name": "Padaria Luz Ltda",
                "email": "fiscal@padaria-luz.example",
                "address": {
                    "line1": "Rua das Flores, 100",
                    "city": "São Paulo",
                    "state": "SP",
                    "postal_code": "01310-100",
                    "country": "BR",
                },
            },
        },
        "payment_method_options": { "boleto": { "expires_after_days": 3 } },
    })
}

fn by_pix() -> Value {
    json!({
        "payment_method_data": { "type": "pix" },
        "payment_method_options": { "pix": { "expires_after_seconds": 1800 } },
    })
}

fn asks(house: &mut House, intent: &str, by: Value) -> Value {
    house.does("PostPaymentIntentsIntentConfirm", &[("intent", intent)], by)
}

fn intent(house: &mut House, id: &str) -> Value {
    house.does("GetPaymentIntentsIntent", &[("intent", id)], json!({}))
}

#[test]
fn a_boleto_has_a_number_a_page_and_a_last_day() {
    let mut house = House::opened("2027-04-01T15:00:00Z");
    let (invoice, payment) = owes(&mut house, &["boleto"]);
    let asked = asks(&mut house, &payment, by_boleto());
    assert_eq!(asked["status"], "requires_action");
    let shown = &asked["next_action"]["boleto_display_details"];
    assert_eq!(asked["next_action"]["type"], "boleto_display_details");
    assert!(
        shown["number"]
            .as_str()
            .is_some_and(|number| number.contains("15000"))
    );
    assert_eq!(
        shown["expires_at"],
        at("2027-04-05T02:59:59Z"),
        "the end of the 4th in São Paulo"
    );
    let page = format!("http://127.0.0.1:4242/_sandbox/vouchers/{payment}");
    assert_eq!(shown["hosted_voucher_url"], page);
    assert_eq!(shown["pdf"], format!("{page}/pdf"));
    assert_eq!(house.invoice(&invoice)["status"], "open");
    assert!(
        house
            .hears()
            .contains(&"payment_intent.requires_action".to_owned())
    );
    house.restart();
    assert_eq!(intent(&mut house, &payment)["next_action"], asked["next_action"]);
}

#[test]
fn money_by_boleto_arrives_a_day_later() {
    let mut house = House::opened("2027-04-01T15:00:00Z");
    let (invoice, payment) = owes(&mut house, &["boleto"]);
    asks(&mut house, &payment, by_boleto());
    let now = house.now;
    house.world.bank_says(&payment, BankSays::Pay, now).unwrap();
    house.keep();
    assert_eq!(intent(&mut house, &payment)["status"], "processing");
    assert_eq!(house.invoice(&invoice)["status"], "open");
    let mut heard = house.hears();
    let refused = house.refuses("PostInvoicesInvoiceVoid", &[("invoice", &invoice)], json!({}));
    assert_eq!(refused.status, 400, "money is on its way: {refused:?}");
    house.passes(86_400);
    let paid = house.invoice(&invoice);
    assert_eq!(
        (&paid["status"], &paid["amount_paid"]),
        (&json!("paid"), &json!(15_000))
    );
    heard.extend(house.hears());
    for kind in [
        "payment_intent.processing",
        "payment_intent.succeeded",
        "invoice.paid",
    ] {
        assert!(
            heard.iter().any(|event| event == kind),
            "{kind} is missing in {heard:?}"
        );
    }
    let params = json!({ "payment_intent": payment });
    let refused = house.refuses("PostRefunds", &[], params);
    assert_eq!(refused.status, 400, "a boleto is never refunded: {refused:?}");
}

#[test]
fn a_boleto_that_nobody_pays_expires_and_its_invoice_stays_open() {
    let mut house = House::opened("2027-04-01T15:00:00Z");
    let (invoice, payment) = owes(&mut house, &["boleto"]);
    asks(&mut house, &payment, by_boleto());
    house.waits_until("2027-04-05T03:00:00Z");
    let expired = intent(&mut house, &payment);
    assert_eq!(expired["status"], "requires_payment_method");
    assert_eq!(
        expired["last_payment_error"]["code"],
        "payment_intent_payment_attempt_expired"
    );
    assert_eq!(house.invoice(&invoice)["status"], "open");
    assert!(
        house
            .hears()
            .contains(&"payment_intent.payment_failed".to_owned())
    );
    let now = house.now;
    let late = house.world.bank_says(&payment, BankSays::Pay, now).unwrap_err();
    assert_eq!(late.code.as_deref(), Some("payment_intent_unexpected_state"));
    let void = house.does("PostInvoicesInvoiceVoid", &[("invoice", &invoice)], json!({}));
    assert_eq!(void["status"], "void");
    assert_eq!(intent(&mut house, &payment)["status"], "canceled");
}

#[test]
fn a_voided_invoice_ends_its_boleto() {
    let mut house = House::opened("2027-04-01T15:00:00Z");
    let (invoice, payment) = owes(&mut house, &["boleto"]);
    asks(&mut house, &payment, by_boleto());
    house.does("PostInvoicesInvoiceVoid", &[("invoice", &invoice)], json!({}));
    let over = intent(&mut house, &payment);
    assert_eq!(
        (&over["status"], &over["next_action"]),
        (&json!("canceled"), &Value::Null)
    );
    let now = house.now;
    assert!(house.world.bank_says(&payment, BankSays::Pay, now).is_err());
}

#[test]
fn money_that_does_not_arrive_leaves_the_invoice_open() {
    let mut house = House::opened("2027-04-01T15:00:00Z");
    let (invoice, payment) = owes(&mut house, &["boleto"]);
    asks(&mut house, &payment, by_boleto());
    let now = house.now;
    house.world.bank_says(&payment, BankSays::Pay, now).unwrap();
    house.world.bank_says(&payment, BankSays::Fail, now).unwrap();
    house.keep();
    let failed = intent(&mut house, &payment);
    assert_eq!(failed["status"], "requires_payment_method");
    assert_eq!(house.invoice(&invoice)["status"], "open");
    let again = asks(&mut house, &payment, by_boleto());
    assert_eq!(
        again["status"], "requires_action",
        "it may be asked for once more"
    );
}

#[test]
fn a_pix_is_a_code_for_minutes_and_arrives_at_once() {
    let mut house = House::opened("2027-04-01T15:00:00Z");
    let (invoice, payment) = owes(&mut house, &["pix"]);
    let asked = asks(&mut house, &payment, by_pix());
    let shown = &asked["next_action"]["pix_display_qr_code"];
    assert!(
        shown["data"]
            .as_str()
            .is_some_and(|code| code.starts_with("000201"))
    );
    assert_eq!(shown["expires_at"], house.now + 1800);
    assert!(
        shown["image_url_png"]
            .as_str()
            .is_some_and(|url| url.ends_with("/qr.png"))
    );
    let now = house.now;
    house.world.bank_says(&payment, BankSays::Pay, now).unwrap();
    house.keep();
    house.passes(10);
    assert_eq!(house.invoice(&invoice)["status"], "paid");
    let refund = house.does(
        "PostRefunds",
        &[],
        json!({ "payment_intent": payment, "amount": 100 }),
    );
    assert_eq!(refund["amount"], 100, "a Pix goes back");
}

#[test]
fn a_pix_is_over_after_its_minutes() {
    let mut house = House::opened("2027-04-01T15:00:00Z");
    let (_, payment) = owes(&mut house, &["pix"]);
    asks(&mut house, &payment, by_pix());
    house.passes(1801);
    assert_eq!(intent(&mut house, &payment)["status"], "requires_payment_method");
}

#[test]
fn a_boleto_needs_a_tax_number_a_name_and_an_address() {
    let mut house = House::opened("2027-04-01T15:00:00Z");
    let (_, payment) = owes(&mut house, &["boleto"]);
    let spoilt = |pointer: &str, value: Value| {
        let mut by = by_boleto();
        let place = by.pointer_mut(pointer).unwrap();
        *place = value;
        by
    };
    let path = [("intent", payment.as_str())];
    for by in [
        spoilt("/payment_method_data/boleto", json!({ "tax_id": "12" })),
        spoilt("/payment_method_data/billing_details", json!({ "name": "Ana" })),
        spoilt(
            "/payment_method_options",
            json!({ "boleto": { "expires_after_days": 61 } }),
        ),
    ] {
        let refused = house.refuses("PostPaymentIntentsIntentConfirm", &path, by);
        assert_eq!(refused.status, 400, "{refused:?}");
    }
}

#[test]
fn what_is_kept_as_a_credit_lowers_the_next_invoice() {
    let mut house = House::opened("2027-04-01T15:00:00Z");
    let (ana, _) = house.customer_with("pm_card_visa");
    let path = [("customer", ana.as_str())];
    let params = json!({ "amount": -15_000, "currency": "brl", "description": "Paid too late: in_1" });
    let movement = house.does("PostCustomersCustomerBalanceTransactions", &path, params);
    assert_eq!(movement["ending_balance"], -15_000);
    assert_eq!(movement["type"], "adjustment");
    let listed = house.does("GetCustomersCustomerBalanceTransactions", &path, json!({}));
    assert_eq!(listed["data"][0]["id"], movement["id"]);
    let price = house.price(20_000, "month");
    let made = house.subscribes(&ana, &price, 1);
    let first = house.invoice(&super::core_house::latest(&made));
    assert_eq!(
        (&first["total"], &first["amount_paid"]),
        (&json!(20_000), &json!(5_000))
    );
}
