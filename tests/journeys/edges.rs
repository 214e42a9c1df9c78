//! Amounts at the edges: nothing to pay, less than can be charged, and what an earlier bill still owes. Nothing is shown that is not
//! what happens.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Change, Clint, House};

/// 2 devices and 3 seats more on the 18th of March; see `boleto.rs`.
const DUE: i64 = (35984 - 21590) + (29618 - 18511);

/// Support has given the customer a credit, or a debt.
async fn has_a_balance(house: &House, clint: &Clint, amount: i64) {
    let path = format!("/v1/customers/{}/balance_transactions", clint.customer);
    let amount = amount.to_string();
    let fields = [("amount", amount.as_str()), ("currency", "brl")];
    house.provider.form(&path, &fields).await;
}

async fn balance(house: &House, clint: &Clint) -> i64 {
    let customer = house
        .provider
        .get(&format!("/v1/customers/{}", clint.customer))
        .await;
    customer["balance"].as_i64().expect("a balance")
}

fn amount(money: &Value) -> i64 {
    money["amount"].as_i64().expect("an amount")
}

#[tokio::test]
async fn nothing_due_and_a_card_on_file_is_confirmed_without_choosing() {
    let mut house = House::open().await;
    house.takes_boleto_and_pix().await;
    let clint = Clint::customer(&house).await;
    has_a_balance(&house, &clint, -100_000).await;
    let change = clint
        .comes_to_the_choice(&mut house, Clint::selection(5, 8))
        .await;
    let quote = change.quote().await;
    assert_eq!(amount(&quote["due_today"]), 0);
    assert_eq!(amount(&quote["balance_used"]), DUE);
    assert_eq!(
        change.next().await,
        "confirm",
        "the card on file pays the renewals"
    );
    assert_eq!(change.offered("boleto").await["why_not"], "nothing_due");
    let refused = change
        .will_pay_by("boleto")
        .await
        .expect_err("nothing to ask for");
    assert_eq!(refused.code, "payment_method_unavailable");
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    let done = change.read().await;
    assert_eq!(change.stage().await, "active", "{done}");
    assert_eq!(amount(&done["receipt"]["charged"]), 0);
    assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());
    assert_eq!(
        balance(&house, &clint).await,
        DUE - 100_000,
        "the rest of the credit stays"
    );
    house.close().await;
}

#[tokio::test]
async fn nothing_due_and_nothing_on_file_still_asks_for_a_card() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    has_a_balance(&house, &clint, -100_000).await;
    without_a_card(&house, &clint).await;
    let change = clint
        .comes_to_the_choice(&mut house, Clint::selection(5, 8))
        .await;
    assert_eq!(
        change.next().await,
        "choose_payment_method",
        "the renewals will be charged"
    );
    let refused = change.confirms().await.expect_err("no way to pay the renewals");
    assert_eq!(refused.code, "payment_method_missing");
    change.cancels().await.expect("cancelled");
    house.close().await;
}

/// Nothing that could pay a renewal is left at the provider.
async fn without_a_card(house: &House, clint: &Clint) {
    for card in house.provider.cards_of(&clint.customer).await {
        house
            .provider
            .form(&format!("/v1/payment_methods/{card}/detach"), &[])
            .await;
    }
}

#[tokio::test]
async fn what_is_too_little_to_be_charged_is_carried_over_as_shown() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    has_a_balance(&house, &clint, 30 - DUE).await;
    let change = clint
        .comes_to_the_choice(&mut house, Clint::selection(5, 8))
        .await;
    let quote = change.quote().await;
    assert_eq!(amount(&quote["due_today"]), 0, "{quote}");
    assert_eq!(amount(&quote["carried"]), 30, "{quote}");
    assert_eq!(amount(&quote["balance_used"]), DUE - 30, "{quote}");
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await, Vec::<i64>::new());
    assert_eq!(
        balance(&house, &clint).await,
        30,
        "as it was shown: the next invoice collects it"
    );
    house.close().await;
}

#[tokio::test]
async fn a_boleto_is_not_offered_below_what_a_bank_takes() {
    let mut house = House::open().await;
    house.takes_boleto_and_pix().await;
    let clint = Clint::customer(&house).await;
    has_a_balance(&house, &clint, 300 - DUE).await;
    let change = clint
        .comes_to_the_choice(&mut house, Clint::selection(5, 8))
        .await;
    assert_eq!(amount(&change.quote().await["due_today"]), 300);
    assert_eq!(change.offered("boleto").await["why_not"], "too_little");
    assert_eq!(change.offered("pix").await["available"], true);
    change.cancels().await.expect("cancelled");
    house.close().await;
}

async fn standing(house: &House, clint: &Clint) -> Value {
    let path = format!("/v1/contracts/{}/standing", clint.contract);
    house.backend.get(&path).await
}

/// A renewal came, and the card was refused.
async fn past_due(house: &mut House) -> Clint {
    let clint = Clint::customer(house).await;
    let bad = house
        .provider
        .brings_card(&clint.customer, "pm_card_chargeCustomerFail")
        .await;
    let fields = [("default_payment_method", bad.as_str())];
    house.provider.edits(&clint.subscription, &fields).await;
    house
        .clock
        .move_to("2026-04-10T03:00:00Z".parse().expect("an instant"));
    house.settle().await;
    house.pass(SignedDuration::from_hours(2)).await;
    clint
}

async fn asks_in_vain(house: &mut House, clint: &Clint) -> Change {
    let change = clint
        .opens(house, Clint::selection(5, 8))
        .await
        .expect("a change");
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    change
}

#[tokio::test]
async fn a_contract_past_due_shows_what_is_open_and_where_it_can_be_paid() {
    let mut house = House::open().await;
    let clint = past_due(&mut house).await;
    let read = standing(&house, &clint).await;
    assert_eq!(read["status"], "past_due");
    assert_eq!(read["problem"]["code"], "subscription_past_due");
    let open = read["open_invoices"].as_array().expect("invoices");
    assert_eq!(open.len(), 1, "{read}");
    assert_eq!(open[0]["kind"], "renewal");
    assert_eq!(open[0]["status"], "open");
    assert!(
        open[0]["url"].is_string(),
        "a page where it can be paid: {}",
        open[0]
    );
    let change = asks_in_vain(&mut house, &clint).await;
    assert_eq!(change.read().await["problem"]["code"], "subscription_past_due");

    // Paid with another card, the same change goes on.
    let good = house.provider.brings_card(&clint.customer, "pm_card_visa").await;
    let invoice = open[0]["id"].as_str().expect("an id");
    let fields = [("payment_method", good.as_str())];
    house
        .provider
        .form(&format!("/v1/invoices/{invoice}/pay"), &fields)
        .await;
    house.settle().await;
    let paid = standing(&house, &clint).await;
    assert_eq!(
        (&paid["status"], &paid["open_invoices"]),
        (&json!("active"), &json!([]))
    );
    assert_eq!(paid.get("problem"), None);
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    assert_eq!(change.stage().await, "quote.ready");
    house.close().await;
}

#[tokio::test]
async fn a_contract_that_is_paid_up_says_so() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    let read = standing(&house, &clint).await;
    assert_eq!(
        (&read["status"], &read["open_invoices"]),
        (&json!("active"), &json!([]))
    );
    let unknown = house
        .backend
        .try_get("/v1/contracts/01890000-0000-7000-8000-000000000000/standing")
        .await
        .expect_err("no such contract");
    assert_eq!(unknown.status, 404);
    house.close().await;
}
