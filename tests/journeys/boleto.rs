//! Money that the customer sends: boleto and Pix, from the choice to the plan. Rows Z6 and Z8.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::part;
use crate::support::{Clint, Customs, Database, House};

/// What 2 devices and 3 seats more cost on the 18th of March: 23 of 31 days, each line on its own.
const DUE: i64 = (35984 - 21590) + (29618 - 18511);

fn amount(money: &Value) -> i64 {
    money["amount"].as_i64().expect("an amount")
}

/// What the one-off invoice of a change shows, line by line.
async fn invoice_lines(house: &House, intent: &str) -> Vec<i64> {
    let ledger = house.provider.ledger().await;
    let payment = ledger
        .iter()
        .find(|entry| entry["id"] == intent)
        .expect("a payment");
    let id = payment["sandbox_invoice"].as_str().expect("an invoice");
    let invoice = house.provider.get(&format!("/v1/invoices/{id}")).await;
    assert_eq!(
        invoice["auto_advance"], false,
        "the provider collects nothing by itself"
    );
    let lines = invoice["lines"]["data"].as_array().expect("lines").iter();
    lines
        .map(|line| line["amount"].as_i64().expect("an amount"))
        .collect()
}

async fn a_boleto_is_paid_at_the_bank(database: Database) {
    let mut house = House::open_on(database).await;
    house.takes_boleto_and_pix().await;
    let clint = Clint::customer(&house).await;
    let before = house.provider.subscription(&clint.subscription).await;
    let change = clint
        .comes_to_the_choice(&mut house, Clint::selection(5, 8))
        .await;

    // Z6: beside each way to pay stands when it releases the change.
    let offered = change.offered("boleto").await;
    assert_eq!(offered["available"], true, "{offered}");
    assert_eq!(
        offered["releases"],
        "Liberado quando o boleto for compensado, em até 3 dias úteis."
    );
    assert_eq!(offered["tax_ids"], json!(["cnpj", "cpf"]));
    assert_eq!(change.offered("card").await["available"], true);

    change.will_pay_by("boleto").await.expect("a boleto");
    assert_eq!(change.next().await, "confirm");
    change.confirms().await.expect("a confirmation");
    house.settle().await;

    let asked = change.read().await;
    assert_eq!(change.stage().await, "payment_confirm.settling");
    assert_eq!(asked["paid_by"], "boleto");
    let next = &asked["next_action"];
    assert_eq!(next["type"], "pay_voucher");
    let voucher = &next["voucher"];
    // Three days, to the end of the day in São Paulo.
    assert_eq!(voucher["due_at"], "2026-03-22T02:59:59Z");
    assert!(voucher["pdf"].as_str().expect("a file").ends_with("/pdf"));
    assert!(!voucher["code"].as_str().expect("a number").is_empty());
    assert_eq!(asked["stuck"], Value::Null);
    // Nothing has changed but the invoice, and that says what the quote said.
    let quoted = asked["quote"]["lines"].as_array().expect("lines").iter();
    let quoted: Vec<i64> = quoted.map(|line| amount(&line["amount"])).collect();
    let intent = change.voucher_intent().await;
    assert_eq!(invoice_lines(&house, &intent).await, quoted);
    assert_eq!(
        house.provider.subscription(&clint.subscription).await["items"],
        before["items"]
    );
    assert_eq!(
        clint.held(&house).await,
        [("device".to_owned(), 3), ("user-seat".to_owned(), 5)]
    );

    // The bank takes the money: it is on its way, and the plan waits for it.
    assert!(house.provider.at_the_bank(&intent, "pay").await);
    house.settle().await;
    assert_eq!(change.stage().await, "payment_confirm.settling");
    assert_eq!(change.next().await, "wait");
    house.pass(SignedDuration::from_hours(25)).await;

    let done = change.read().await;
    assert_eq!(change.stage().await, "active", "{done}");
    assert_eq!(amount(&done["receipt"]["charged"]), DUE);
    assert_eq!(
        clint.held(&house).await,
        [("device".to_owned(), 5), ("user-seat".to_owned(), 8)]
    );
    assert_eq!(house.provider.charges_for_changes().await, [DUE]);
    what_was_paid_outside_is_credited(&mut house, &clint).await;
    house.close().await;
}

/// B8: the credit of the next change is the unused part of what was really paid, wherever it was paid.
async fn what_was_paid_outside_is_credited(house: &mut House, clint: &Clint) {
    // The 19th: 22 of the period's 31 days are left, and of the 23 that the boleto paid for.
    let (all, known, sent) = (
        part(10 * 4990, 22, 31),
        part(5 * 4990, 22, 31),
        part(29618 - 18511, 22, 23),
    );
    let selection = Clint::selection(5, 10);
    let estimate = clint.estimates(house, selection.clone()).await;
    let change = clint.comes_to_the_button(house, selection, super::WORKS).await;
    let quote = change.quote().await;
    assert_eq!(amount(&quote["due_today"]), all - known - sent, "{quote}");
    assert_eq!(amount(&estimate["due_now"]), all - known - sent, "{estimate}");
    let lines = quote["lines"].as_array().expect("lines");
    assert!(
        lines.iter().all(|line| line["key"] == "item:user-seat"),
        "{lines:?}"
    );
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(
        house.provider.charges_for_changes().await,
        [DUE, all - known - sent]
    );
    // What the provider has debited itself from now on, it credits itself: nothing is credited twice.
    let more = clint.comes_to_the_quote(house, Clint::selection(5, 11)).await;
    let due = part(11 * 4990, 22, 31) - part(10 * 4990, 22, 31);
    assert_eq!(amount(&more.quote().await["due_today"]), due);
    more.cancels().await.expect("cancelled");
}

#[tokio::test]
async fn z8_a_boleto_is_issued_paid_at_the_bank_and_brings_the_plan() {
    a_boleto_is_paid_at_the_bank(Database::Sqlite).await;
}

#[tokio::test]
async fn z8_a_boleto_brings_the_plan_on_the_other_database_too() {
    a_boleto_is_paid_at_the_bank(Database::Postgres).await;
}

#[tokio::test]
async fn z8_before_a_month_a_boleto_is_shown_with_its_date_and_cannot_be_chosen() {
    let mut house = House::open().await;
    house.takes_boleto_and_pix().await;
    let customs = Customs {
        created_at: "2026-03-02T15:00:00Z",
        ..Customs::default()
    };
    let clint = Clint::customer_like(&house, customs).await;
    let change = clint
        .comes_to_the_choice(&mut house, Clint::selection(5, 8))
        .await;
    let offered = change.offered("boleto").await;
    assert_eq!(offered["available"], false);
    assert_eq!(offered["why_not"], "not_yet");
    assert_eq!(offered["available_from"], "2026-04-02T15:00:00Z");
    assert_eq!(
        change.offered("pix").await["available"],
        true,
        "the rule is the boleto's alone"
    );

    let refused = change.will_pay_by("boleto").await.expect_err("too early");
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (409, "payment_method_unavailable")
    );
    assert_eq!(
        refused.body["again_at"], "2026-04-02T15:00:00Z",
        "{}",
        refused.body
    );
    let mut body = change.confirmation().await;
    body["method"] = json!("boleto");
    let refused = change.post("confirm", body).await.expect_err("too early");
    assert_eq!(refused.code, "payment_method_unavailable");
    assert_eq!(change.stage().await, "payment_confirm.choosing");
    assert_eq!(house.provider.charges_for_changes().await, [0_i64; 0]);
    change.cancels().await.expect("cancelled");
    house.close().await;
}

#[tokio::test]
async fn z8_a_pix_is_paid_within_minutes_by_the_same_path() {
    let mut house = House::open().await;
    house.takes_boleto_and_pix().await;
    let clint = Clint::customer(&house).await;
    let (change, intent) = clint
        .is_asked_for_the_money(&mut house, "pix", Clint::selection(5, 8))
        .await;
    let next = change.read().await["next_action"].clone();
    assert_eq!(next["voucher"]["kind"], "pix");
    assert_eq!(next["voucher"]["due_at"], "2026-03-18T15:30:00Z");
    let code = next["voucher"]["code"].as_str().expect("a code");
    assert!(code.contains("br.gov.bcb.pix"), "{code}");
    assert!(
        next["voucher"]["image"]
            .as_str()
            .expect("a picture")
            .ends_with("/qr.png")
    );
    assert!(house.provider.at_the_bank(&intent, "pay").await);
    house.pass(SignedDuration::from_mins(2)).await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await, [DUE]);
    house.close().await;
}

#[tokio::test]
async fn z8_what_the_seller_does_not_take_cannot_be_chosen() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .comes_to_the_choice(&mut house, Clint::selection(5, 8))
        .await;
    let kinds: Vec<Value> = change.read().await["payment_methods"]
        .as_array()
        .expect("ways to pay")
        .iter()
        .map(|one| one["kind"].clone())
        .collect();
    assert_eq!(kinds, ["card"]);
    for method in ["boleto", "pix"] {
        let refused = change.will_pay_by(method).await.expect_err("not taken");
        assert_eq!(refused.code, "payment_method_unavailable");
    }
    let refused = change.will_pay_by("cheque").await.expect_err("unknown");
    assert_eq!(refused.status, 422);
    let both = json!({ "method": "boleto", "card": "pm_1" });
    let refused = change.put("payment-method", both).await.expect_err("both");
    assert_eq!(refused.status, 422);
    change.cancels().await.expect("cancelled");
    house.close().await;
}
