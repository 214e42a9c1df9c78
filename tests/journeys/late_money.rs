//! Money that arrives twice, or that nobody knows of any more (F9): honoured or given back, once. What is paid for a change that
//! is over is the story B13.

use hyper::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::travelling::{Journey, Traveller};
use crate::support::{Change, House};

const A_DAY: SignedDuration = SignedDuration::from_hours(25);

/// The last click and all that follows from it is carried out at the provider, and lost here.
pub async fn forgets_the_charge(house: &mut House, journey: Journey) -> (Traveller, Change) {
    let traveller = journey.traveller(house).await;
    let change = traveller.comes_to_the_button(house).await;
    house.copies_its_database().await;
    traveller.confirms(house, &change).await;
    house.settle().await;
    house.falls_back_to_its_copy().await;
    assert_eq!(change.stage().await, "payment_confirm.choosing");
    (traveller, change)
}

/// The changes of the traveller's contract, the newest first.
pub async fn changes(house: &House, traveller: &Traveller) -> Vec<Value> {
    let path = format!("/v1/contracts/{}/changes", traveller.clint.contract);
    let page = house.backend.get(&path).await;
    page["data"].as_array().expect("changes").clone()
}

pub async fn refunds(house: &House) -> Vec<i64> {
    let ledger = house.provider.ledger().await;
    let refunds = ledger.iter().filter(|entry| entry["object"] == "refund");
    refunds
        .map(|refund| refund["amount"].as_i64().expect("an amount"))
        .collect()
}

#[tokio::test]
async fn f9_a_payment_that_was_forgotten_while_its_change_goes_on_is_adopted_by_it() {
    let mut house = House::open().await;
    let (traveller, change) = forgets_the_charge(&mut house, Journey::CardThatWorks).await;
    house.pass(A_DAY).await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    house.close().await;
}

#[tokio::test]
async fn f9_i2_who_pays_again_what_was_forgotten_is_not_charged_again() {
    for journey in [Journey::CardThatWorks, Journey::FirstSubscription] {
        let mut house = House::open().await;
        let (traveller, change) = forgets_the_charge(&mut house, journey).await;
        let again = change.confirms().await;
        house.rests().await;
        house.pass(A_DAY).await;
        let ending = traveller.ending(&house, &change).await;
        assert_eq!(ending.charges(), 1, "{journey:?}: {again:?} {ending:?}");
        assert_eq!(refunds(&house).await, [] as [i64; 0]);
        house.close().await;
    }
}

#[tokio::test]
async fn b1_an_invoice_that_a_change_has_left_behind_is_voided() {
    let mut house = House::open().await;
    let (traveller, change) = forgets_the_charge(&mut house, Journey::Authentication).await;
    change.cancels().await.expect("cancelling");
    house.rests().await;
    let path = format!("/v1/invoices?customer={}&status=open", traveller.clint.customer);
    let open = house.provider.get(&path).await;
    assert_eq!(open["data"], json!([]), "nothing can be paid any more");
    assert_eq!(traveller.ending(&house, &change).await.charges(), 0);
    house.close().await;
}

#[tokio::test]
async fn an_invoice_that_was_written_off_and_paid_all_the_same_is_paid() {
    let mut house = House::open().await;
    let traveller = Journey::Authentication.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    traveller.confirms(&mut house, &change).await;
    let invoice = open_invoice(&house, &traveller).await;
    let intent = traveller.intent(&house, &change).await;
    house
        .provider
        .form(&format!("/v1/invoices/{invoice}/mark_uncollectible"), &[])
        .await;
    house.rests().await;
    assert_eq!(change.stage().await, "payment_confirm.action_required");
    house.provider.bank_says(&intent, "approve").await;
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 1));
    house.close().await;
}

#[tokio::test]
async fn an_invoice_that_somebody_marks_as_paid_elsewhere_brings_the_plan() {
    let mut house = House::open().await;
    let traveller = Journey::Authentication.traveller(&mut house).await;
    let change = traveller.comes_to_the_button(&mut house).await;
    traveller.confirms(&mut house, &change).await;
    let invoice = open_invoice(&house, &traveller).await;
    house
        .provider
        .form(
            &format!("/v1/invoices/{invoice}/pay"),
            &[("paid_out_of_band", "true")],
        )
        .await;
    house.rests().await;
    let ending = traveller.ending(&house, &change).await;
    assert_eq!((ending.stage.as_str(), ending.charges()), ("active", 0));
    house.close().await;
}

async fn open_invoice(house: &House, traveller: &Traveller) -> String {
    let path = format!("/v1/invoices?customer={}&status=open", traveller.clint.customer);
    let open = house.provider.get(&path).await;
    open["data"][0]["id"]
        .as_str()
        .expect("an open invoice")
        .to_owned()
}

#[tokio::test]
async fn a_person_looks_first_and_orders_the_repair_once() {
    let mut house = House::open().await;
    let (traveller, change) = forgets_the_charge(&mut house, Journey::CardThatWorks).await;
    change.cancels().await.expect("cancelling");
    let contract = format!("/v1/contracts/{}", traveller.clint.contract);
    let planned = house.backend.get(&format!("{contract}/comparison")).await;
    let found = &planned["findings"][0];
    assert_eq!(
        (&found["code"], &found["repair"], &found["state"]),
        (&json!("late_money"), &json!("honour"), &json!("planned")),
        "{planned}"
    );
    assert_eq!(found["gives_back"], Value::Null);
    assert_eq!(
        changes(&house, &traveller).await.len(),
        1,
        "looking changes nothing"
    );

    let path = format!("{contract}/repairs");
    let order = |reason: &str| json!({ "support": { "id": "agent-1", "reason": reason } });
    let silent = house.backend.command(Method::POST, &path, &order(" ")).await;
    assert_eq!(silent.expect_err("a reason is needed").code, "reason_missing");
    let why = order("the customer has paid");
    let begun = house
        .backend
        .command_under("repair-1", Method::POST, &path, &why)
        .await
        .expect("a repair");
    assert_eq!(begun["findings"][0]["state"], "begun");
    let again = house
        .backend
        .command_under("repair-1", Method::POST, &path, &why)
        .await;
    assert_eq!(again.expect("the same answer"), begun);
    house.rests().await;
    let all = changes(&house, &traveller).await;
    assert_eq!((all.len(), &all[0]["stage"]), (2, &json!("active")));
    let history = change.history().await;
    let last = history["data"]
        .as_array()
        .and_then(|lines| lines.last())
        .expect("a line");
    assert_eq!(last["event"], "succeeded_by");
    assert_eq!(last["actor"]["reason"], "the customer has paid");
    let nothing = house.backend.get(&format!("{contract}/comparison")).await;
    assert_eq!(nothing["findings"], json!([]));
    assert_eq!(house.backend.get("/v1/findings").await["data"], json!([]));
    house.close().await;
}

#[tokio::test]
async fn f9_a_first_subscription_that_was_forgotten_and_bought_again_is_ended_and_given_back() {
    let mut house = House::open().await;
    let (traveller, change) = forgets_the_charge(&mut house, Journey::FirstSubscription).await;
    let once = house.provider.charges_for_changes().await;
    // Something else has happened in this life: the second charge has another key.
    change.post("quote", json!({})).await.expect("another quote");
    house.settle().await;
    change.accepts().await.expect("accepting");
    house.settle().await;
    if change.stage().await == "billing_info.asking" {
        traveller.gives_billing_data(&mut house, &change).await;
    }
    traveller.gives_a_card(&mut house, &change).await;
    change.confirms().await.expect("a confirmation");
    house.rests().await;
    house.pass(A_DAY).await;
    assert_eq!(change.stage().await, "active");
    assert_eq!(refunds(&house).await, once, "what was paid first goes back");
    let path = format!(
        "/v1/subscriptions?customer={}",
        customer_of(&house, &traveller).await
    );
    let living = house.provider.get(&path).await;
    assert_eq!(
        living["data"].as_array().map(Vec::len),
        Some(1),
        "one subscription lives"
    );
    house.close().await;
}

async fn customer_of(house: &House, traveller: &Traveller) -> String {
    let path = format!("/v1/accounts/{}", traveller.clint.account);
    let account = house.backend.get(&path).await;
    account["provider_customer"]
        .as_str()
        .expect("a customer")
        .to_owned()
}

/// Somebody has made a decision that only a person can take back: it is shown, and nothing is done.
#[tokio::test]
async fn what_only_a_person_can_decide_is_shown_and_left_alone() {
    let mut house = House::open().await;
    let (traveller, change) = forgets_the_charge(&mut house, Journey::CardThatWorks).await;
    change.cancels().await.expect("cancelling");
    // Before anybody compares, the customer begins something else.
    let other = traveller
        .clint
        .opens(&house, crate::support::Clint::selection(6, 9))
        .await
        .expect("another change");
    house.rests().await;
    let found = house.backend.get("/v1/findings").await;
    assert_eq!(found["data"][0]["code"], "late_money", "{found}");
    assert_eq!(found["data"][0]["repair"], "ask_a_person");
    assert_eq!(found["data"][0]["change"], json!(change.id));
    let agent = house.support("agent-1");
    let stuck = agent.sees(&change, "comparison_differs").await;
    assert_eq!(stuck["actions"], json!(["note"]), "{stuck}");
    for (name, of_it) in [("finding", "code"), ("object", "object")] {
        let fact = json!({ "name": name, "value": found["data"][0][of_it] });
        let facts = stuck["evidence"].as_array().expect("facts");
        assert!(facts.contains(&fact), "{fact}: {facts:?}");
    }
    // Once the way is free, it is honoured by itself.
    other.cancels().await.expect("cancelling");
    house.rests().await;
    let all = changes(&house, &traveller).await;
    assert_eq!(all[0]["stage"], "active", "{all:?}");
    assert_eq!(refunds(&house).await, [] as [i64; 0]);
    assert_eq!(agent.stuck().await, []);
    house.close().await;
}
