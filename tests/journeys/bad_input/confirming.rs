//! A yes that is none: to another amount, another quote, other terms, without a card.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::journeys::WORKS;
use crate::support::{Clint, House};

#[tokio::test]
async fn only_exactly_what_is_on_offer_is_taken_for_a_yes() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .comes_to_the_button(&mut house, Clint::selection(5, 8), WORKS)
        .await;
    let good = change.confirmation().await;
    let due = good["seen"]["amount"].as_i64().expect("an amount");
    let with = |pointer: &str, value: Value| {
        let mut click = good.clone();
        *click.pointer_mut(pointer).expect("a field") = value;
        click
    };
    for (click, code, pointer) in [
        (with("/seen/amount", json!(due - 1)), "amount_differs", "/seen"),
        (with("/seen/amount", json!(due + 1)), "amount_differs", "/seen"),
        (with("/seen/amount", json!(0)), "amount_differs", "/seen"),
        (with("/seen/amount", json!(-due)), "amount_differs", "/seen"),
        (with("/seen/currency", json!("USD")), "amount_differs", "/seen"),
        (
            with("/terms_version", json!("2025-01")),
            "terms_outdated",
            "/terms_version",
        ),
        (
            with("/terms_version", json!("")),
            "terms_outdated",
            "/terms_version",
        ),
        (
            with("/quote", json!("q_0000000000000000")),
            "quote_stale",
            "/quote",
        ),
    ] {
        let problem = house.refuses(&clint, change.post("confirm", click)).await;
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (409, code),
            "{problem:?}"
        );
        assert_eq!(problem.body["errors"][0]["pointer"], pointer, "{problem:?}");
        if code == "amount_differs" {
            assert_eq!(problem.body["expected"]["amount"], due);
        }
        assert_eq!(problem.body["reference"], change.reference().await);
    }
    // The right one still works, once.
    change.confirms().await.expect("a confirmation");
    house.settle().await;
    assert_eq!(house.provider.charges_for_changes().await, [due]);
    let again = house.refuses(&clint, change.post("confirm", good)).await;
    assert_eq!(again.code, "change_closed");
    house.close().await;
}

#[tokio::test]
async fn a_quote_that_was_replaced_cannot_be_accepted_or_confirmed() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let old = change.confirmation().await;
    let selection = json!({ "selection": Clint::selection(6, 8) });
    change
        .put("selection", selection)
        .await
        .expect("choosing otherwise");
    let problem = house.refuses(&clint, change.post("confirm", old.clone())).await;
    assert_eq!(problem.code, "not_allowed_here", "there is no quote just now");
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    let accept = json!({ "quote": old["quote"] });
    let problem = house.refuses(&clint, change.post("accept", accept)).await;
    assert_eq!((problem.status, problem.code.as_str()), (409, "quote_stale"));
    let problem = house.refuses(&clint, change.post("confirm", old)).await;
    assert_eq!(problem.code, "quote_stale");
    house.close().await;
}

#[tokio::test]
async fn a_quote_that_has_expired_is_not_accepted_and_a_new_one_shows_what_differs() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let before = change.quote().await;
    house.pass(SignedDuration::from_hours(24)).await;
    let problem = house.refuses(&clint, change.accepts()).await;
    assert_eq!((problem.status, problem.code.as_str()), (409, "quote_expired"));
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    let read = change.read().await;
    assert_eq!(read["drift"]["why"], "expired");
    assert_eq!(read["drift"]["replaced"]["id"], before["id"]);
    let moved = read["drift"]["differences"].as_array().expect("differences");
    assert!(
        moved.iter().any(|row| row["what"] == "due_today"),
        "one day less: {moved:?}"
    );
    house.close().await;
}

#[tokio::test]
async fn a_card_is_needed_and_must_be_the_customers_own() {
    let mut house = House::open().await;
    let [clint, other] = [Clint::customer(&house).await, Clint::customer(&house).await];
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    change.accepts().await.expect("accepting");
    change.gives_billing_data().await.expect("billing data");
    house.settle().await;
    let problem = house.refuses(&clint, change.confirms()).await;
    assert_eq!(
        (problem.status, problem.code.as_str()),
        (409, "payment_method_missing")
    );
    assert_eq!(problem.body["errors"][0]["pointer"], "/card");

    let theirs = house.provider.cards_of(&other.customer).await.remove(0);
    let unfinished = change.begins_a_card().await;
    for (body, status, code) in [
        (json!({ "card": theirs }), 422, "payment_method_unusable"),
        (json!({ "card": "pm_nobodys" }), 422, "payment_method_unusable"),
        (
            json!({ "setup": unfinished["setup"] }),
            422,
            "payment_method_unusable",
        ),
        (json!({ "setup": "seti_nobodys" }), 422, "payment_method_unusable"),
        (json!({}), 422, "request_invalid"),
        (
            json!({ "card": theirs, "setup": "seti_1" }),
            422,
            "request_invalid",
        ),
    ] {
        let problem = house
            .refuses(&clint, change.put("payment-method", body.clone()))
            .await;
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (status, code),
            "{body}: {problem:?}"
        );
    }
    house.close().await;
}

#[tokio::test]
async fn what_makes_no_sense_in_a_stage_is_refused_there() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint
        .opens(&house, Clint::selection(5, 8))
        .await
        .expect("a change");
    let accept = json!({ "quote": "q_0000000000000000" });
    assert_eq!(
        house.refuses(&clint, change.post("accept", accept)).await.code,
        "not_allowed_here"
    );
    let billing = change.put("billing-info", crate::support::billing_data());
    assert_eq!(house.refuses(&clint, billing).await.code, "not_allowed_here");
    let ticket = change.support_answers("apply_now", json!({}));
    assert_eq!(house.refuses(&clint, ticket).await.code, "not_allowed_here");
    change.cancels().await.expect("cancelling");
    for closed in [change.cancels().await, change.asks_for_a_quote().await] {
        assert_eq!(closed.expect_err("it is over").code, "change_closed");
    }
    house.close().await;
}
