//! What is stuck before any charge: rules that are gone, work that fails, calls that nobody can tell about, quotes and requests
//! that the provider refuses.

use jiff::SignedDuration;
use serde_json::json;

use super::{actions, at_the_button, fact, frees, is_free};
use crate::journeys::travelling::Journey;
use crate::support::{Change, Clint, Database, House, billing_data};

crate::stories::on_both!(
    i25_a_change_of_a_seller_who_is_not_served_any_more_waits_for_its_rules,
    i25_what_the_provider_cannot_tell_is_told_once_a_person_has_looked,
    i25_what_the_provider_cannot_tell_can_be_given_up_and_is_never_sent_on_a_guess,
    i25_a_quote_that_the_sellers_setup_forbids_is_shown_until_it_is_mended,
    i25_a_quote_that_the_sellers_setup_forbids_can_be_given_up,
    i25_a_request_to_go_down_that_was_not_applied_is_answered_once_more,
    i25_a_request_to_go_down_that_was_not_applied_can_be_given_up,
);

const CLINT: &str = include_str!("../../../workflows/clint.toml");

/// The workflow file of another seller.
fn outra() -> String {
    CLINT
        .replace(r#"id = "clint""#, r#"id = "outra""#)
        .replace("name = \"Clint\"", "name = \"Outra\"")
}

async fn i25_a_change_of_a_seller_who_is_not_served_any_more_waits_for_its_rules(database: Database) {
    let mut house = House::open_on(database).await;
    let (_, change) = at_the_button(&mut house).await;
    change.confirms().await.expect("a confirmation");
    house.deploy(&[("outra.toml", &outra())]).await;
    house.rests().await;
    let operator = house.operator();
    let stuck = operator.sees(&change, "rules_missing").await;
    assert_eq!(stuck["actions"], json!([]), "there is nothing to act by: {stuck}");
    assert!(fact(&stuck, "failure").contains("`clint`"), "{stuck}");
    for action in ["resume", "retry", "refresh", "cancel", "note"] {
        let planned = operator.plans(&change, action).await.expect_err(action);
        assert_eq!(planned.code, "not_allowed_here", "{action}");
        let ordered = operator.acts(&change, action).await.expect_err(action);
        assert_eq!(ordered.code, "not_allowed_here", "{action}");
    }
    // Served again, it goes on by itself.
    house
        .deploy(&[("clint.toml", CLINT), ("outra.toml", &outra())])
        .await;
    house.rests().await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(house.provider.charges_for_changes().await.len(), 1);
    is_free(&house).await;
    house.close().await;
}

/// The quote is there, and cannot be written, again and again.
async fn fails_at_the_quote(house: &mut House) -> Change {
    let clint = Clint::customer(house).await;
    house.settle().await;
    let change = clint
        .opens(house, Clint::selection(5, 8))
        .await
        .expect("a change");
    house
        .tampers(
            "CREATE TRIGGER out_of_order BEFORE INSERT ON journal
            WHEN CAST(NEW.content AS TEXT) LIKE '%\"event\":\"quoted\"%' BEGIN
                SELECT RAISE(ABORT, 'the disk is out of order');
            END",
        )
        .await;
    change.asks_for_a_quote().await.expect("asking");
    house.rests().await;
    house.rests().await;
    let stuck = house.support("agent-1").sees(&change, "work_failing").await;
    assert_eq!(actions(&stuck), ["resume", "cancel", "note"], "{stuck}");
    assert!(fact(&stuck, "failures").parse::<u32>().expect("a number") >= 3);
    assert!(
        !stuck.to_string().contains("out of order"),
        "what a database says is for the log"
    );
    change
}

#[tokio::test]
async fn i25_work_that_fails_on_our_side_goes_on_when_support_resumes_it() {
    let mut house = House::open().await;
    let change = fails_at_the_quote(&mut house).await;
    house.tampers("DROP TRIGGER out_of_order").await;
    frees(&house, &change, "work_failing", "resume").await;
    house.settle().await;
    assert_eq!(change.stage().await, "quote.ready");
    is_free(&house).await;
    house.close().await;
}

#[tokio::test]
async fn i25_work_that_fails_on_our_side_can_be_given_up() {
    let mut house = House::open().await;
    let change = fails_at_the_quote(&mut house).await;
    frees(&house, &change, "work_failing", "cancel").await;
    house.rests().await;
    assert_eq!(change.stage().await, "cancelled");
    is_free(&house).await;
    house.close().await;
}

/// The answer to adding a tax number is lost for longer than its key lives, and somebody has added another one meanwhile: which
/// of them is ours cannot be told. With the number that somebody added.
async fn cannot_be_told(house: &mut House) -> (Clint, Change, String) {
    let clint = Clint::customer(house).await;
    let change = clint.comes_to_the_quote(house, Clint::selection(5, 8)).await;
    change.accepts().await.expect("accepting");
    let numbers = format!("/v1/customers/{}/tax_ids", clint.customer);
    house.provider.fault("POST", &numbers, 1, "reset_after").await;
    house
        .provider
        .fault_from("POST", &numbers, 2, "reset_before")
        .await;
    change
        .put("billing-info", billing_data())
        .await
        .expect("billing data");
    house.rests().await;
    house.provider.heals().await;
    let another = [("type", "br_cnpj"), ("value", "45.723.174/0001-10")];
    let another = house.provider.form(&numbers, &another).await;
    // Nobody has worked meanwhile: the key is spent before anybody could use it again.
    house.clock.advance(SignedDuration::from_hours(30));
    house.settle().await;
    let stuck = house.support("agent-1").sees(&change, "undecidable").await;
    assert_eq!(actions(&stuck), ["refresh", "cancel", "note"], "{stuck}");
    assert_eq!(fact(&stuck, "call"), "add_tax_id");
    (clint, change, another["id"].as_str().expect("an id").to_owned())
}

async fn i25_what_the_provider_cannot_tell_is_told_once_a_person_has_looked(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change, another) = cannot_be_told(&mut house).await;
    let numbers = format!("/v1/customers/{}/tax_ids", clint.customer);
    house.provider.removes(&format!("{numbers}/{another}")).await;
    frees(&house, &change, "undecidable", "refresh").await;
    house.settle().await;
    assert_eq!(
        change.stage().await,
        "quote.ready",
        "the day has changed what it costs"
    );
    let held = house.provider.get(&numbers).await;
    assert_eq!(held["data"].as_array().map(Vec::len), Some(1), "added once");
    is_free(&house).await;
    house.close().await;
}

async fn i25_what_the_provider_cannot_tell_can_be_given_up_and_is_never_sent_on_a_guess(database: Database) {
    let mut house = House::open_on(database).await;
    let (clint, change, _) = cannot_be_told(&mut house).await;
    let numbers = format!("/v1/customers/{}/tax_ids", clint.customer);
    let sent = house.provider.requests_to("POST", &numbers).await.len();
    frees(&house, &change, "undecidable", "cancel").await;
    house.rests().await;
    assert_eq!(change.stage().await, "cancelled");
    assert_eq!(house.provider.requests_to("POST", &numbers).await.len(), sent);
    house.close().await;
}

/// The seller has new prices, which nobody has brought to the provider yet.
async fn lacks_its_prices(house: &mut House) -> Change {
    let dearer = CLINT.replace(r#"unit = "97.00""#, r#"unit = "107.00""#);
    assert_ne!(dearer, CLINT);
    house.deploy(&[("clint.toml", &dearer)]).await;
    let clint = Clint::without_extras(house, "growth").await;
    let change = clint.comes_to_the_quote(house, Clint::selection(5, 8)).await;
    let stuck = house.support("agent-1").sees(&change, "quote_refused").await;
    assert_eq!(actions(&stuck), ["cancel", "note"], "{stuck}");
    assert_eq!(fact(&stuck, "refusal"), "catalog_not_pushed");
    assert_eq!(change.stage().await, "draft");
    change
}

async fn i25_a_quote_that_the_sellers_setup_forbids_is_shown_until_it_is_mended(database: Database) {
    let mut house = House::open_on(database).await;
    let change = lacks_its_prices(&mut house).await;
    frees(&house, &change, "quote_refused", "note").await;
    house.push_catalog().await;
    change.asks_for_a_quote().await.expect("asking");
    house.settle().await;
    assert_eq!(change.stage().await, "quote.ready");
    is_free(&house).await;
    house.close().await;
}

async fn i25_a_quote_that_the_sellers_setup_forbids_can_be_given_up(database: Database) {
    let mut house = House::open_on(database).await;
    let change = lacks_its_prices(&mut house).await;
    frees(&house, &change, "quote_refused", "cancel").await;
    house.rests().await;
    assert_eq!(change.stage().await, "cancelled");
    is_free(&house).await;
    house.close().await;
}

/// Support has said yes to going down, and the provider does not do it.
async fn is_not_applied(house: &mut House) -> Change {
    let traveller = Journey::GoingDown.traveller(house).await;
    let change = traveller.comes_to_the_button(house).await;
    house
        .provider
        .breaks("POST", "/v1/subscriptions/*", "error_500_before")
        .await;
    traveller.is_answered_at_once(&change).await.expect("an answer");
    house.rests().await;
    house.provider.heals().await;
    let stuck = house.support("agent-1").sees(&change, "ticket_not_applied").await;
    assert_eq!(actions(&stuck), ["cancel", "note"], "{stuck}");
    assert_eq!(fact(&stuck, "problem"), "never_happened");
    change
}

async fn i25_a_request_to_go_down_that_was_not_applied_is_answered_once_more(database: Database) {
    let mut house = House::open_on(database).await;
    let change = is_not_applied(&mut house).await;
    frees(&house, &change, "ticket_not_applied", "note").await;
    change
        .support_answers("apply_now", json!({}))
        .await
        .expect("an answer");
    house.rests().await;
    assert_eq!(change.stage().await, "active");
    is_free(&house).await;
    house.close().await;
}

async fn i25_a_request_to_go_down_that_was_not_applied_can_be_given_up(database: Database) {
    let mut house = House::open_on(database).await;
    let change = is_not_applied(&mut house).await;
    frees(&house, &change, "ticket_not_applied", "cancel").await;
    house.rests().await;
    assert_eq!(change.stage().await, "cancelled");
    is_free(&house).await;
    house.close().await;
}
