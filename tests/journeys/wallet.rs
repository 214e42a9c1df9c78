//! The wallet, outside of any change: cards are listed with what they are used for, added with the holder's name, made the default and
//! taken away. Row Z5; and the refusals of Z7.

use hyper::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Clint, Database, House, Problem};

/// A second card that always works.
const OTHER: &str = "5555555555554444";

fn owner() -> Value {
    json!({ "actor": { "role": "owner", "id": "user-1" } })
}

async fn wallet(house: &House, clint: &Clint) -> Value {
    house
        .backend
        .get(&format!("/v1/accounts/{}/cards", clint.account))
        .await
}

async fn begins(house: &House, clint: &Clint) -> Value {
    let path = format!("/v1/accounts/{}/cards", clint.account);
    house
        .backend
        .command(Method::POST, &path, &owner())
        .await
        .expect("a beginning")
}

async fn orders(house: &House, clint: &Clint, method: Method, rest: &str) -> Result<Value, Problem> {
    let path = format!("/v1/accounts/{}/cards/{rest}", clint.account);
    house.backend.command(method, &path, &owner()).await
}

async fn history(house: &House, clint: &Clint) -> Vec<String> {
    let path = format!("/v1/accounts/{}/cards/history", clint.account);
    let lines = house.backend.get(&path).await;
    let lines = lines["data"].as_array().expect("lines").iter();
    lines
        .map(|line| line["event"].as_str().expect("a word").to_owned())
        .collect()
}

/// The card of this number, as the wallet shows it.
fn card<'w>(wallet: &'w Value, last4: &str) -> Option<&'w Value> {
    let cards = wallet["data"].as_array().expect("cards");
    cards.iter().find(|card| card["last4"] == last4)
}

async fn a_card_is_added_made_the_default_and_the_old_one_removed(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let before = wallet(&house, &clint).await;
    let old = card(&before, "4242")
        .expect("the card that it brings along")
        .clone();
    assert_eq!(
        (&old["renews"], &old["removable"]),
        (&json!([clint.contract]), &json!(false))
    );

    let setup = begins(&house, &clint).await;
    assert_eq!(wallet(&house, &clint).await["pending"][0]["wish"], "add");
    house
        .provider
        .give_named_card(&setup, OTHER, "Luz da Silva")
        .await;
    // Nobody comes back to say so: it is learned from the provider.
    house.settle().await;
    let added = wallet(&house, &clint).await;
    let new = card(&added, "4444").expect("the new card").clone();
    assert_eq!(new["holder"], "Luz da Silva");
    assert_eq!((&new["exp_month"], &new["exp_year"]), (&json!(12), &json!(2031)));
    assert_eq!(
        (&new["default"], &new["removable"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(added["pending"], json!([]));

    // What pays a renewal is not taken away.
    let (old, new) = (
        old["id"].as_str().expect("an id"),
        new["id"].as_str().expect("an id"),
    );
    let refused = orders(&house, &clint, Method::DELETE, old)
        .await
        .expect_err("used");
    assert_eq!((refused.status, refused.code.as_str()), (409, "card_in_use"));
    assert!(
        refused.body["detail"].to_string().contains(&clint.contract),
        "{}",
        refused.body
    );

    let ordered = orders(&house, &clint, Method::PUT, &format!("{new}/default"))
        .await
        .expect("an order");
    assert_eq!(ordered["wish"], "make_default");
    house.settle().await;
    let changed = wallet(&house, &clint).await;
    let new_now = card(&changed, "4444").expect("the new card");
    assert_eq!(
        (&new_now["default"], &new_now["renews"]),
        (&json!(true), &json!([clint.contract]))
    );
    let subscription = house.provider.subscription(&clint.subscription).await;
    assert_eq!(
        subscription["default_payment_method"], new,
        "the next renewal is charged on it"
    );

    orders(&house, &clint, Method::DELETE, old)
        .await
        .expect("an order");
    house.settle().await;
    assert!(card(&wallet(&house, &clint).await, "4242").is_none());
    assert_eq!(
        history(&house, &clint).await,
        [
            "add_began",
            "card_added",
            "default_wished",
            "card_default_changed",
            "removal_wished",
            "card_removed"
        ]
    );
    let told = house.backend.get("/v1/events?limit=200").await;
    let told: Vec<&str> = told["data"]
        .as_array()
        .expect("events")
        .iter()
        .filter_map(|entry| entry["event"]["type"].as_str())
        .filter(|kind| kind.starts_with("account."))
        .collect();
    assert_eq!(
        told,
        [
            "account.card_added",
            "account.card_pays_renewals",
            "account.card_removed"
        ]
    );
    house.close().await;
}

#[tokio::test]
async fn z5_cards_are_added_made_the_default_and_removed_outside_of_any_change() {
    a_card_is_added_made_the_default_and_the_old_one_removed(Database::Sqlite).await;
}

#[tokio::test]
async fn z5_cards_are_looked_after_on_the_other_database_too() {
    a_card_is_added_made_the_default_and_the_old_one_removed(Database::Postgres).await;
}

#[tokio::test]
async fn z5_adding_a_card_needs_the_holder_name_and_is_learned_without_any_webhook() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.provider.loses_every_webhook().await;
    let setup = begins(&house, &clint).await;
    house.provider.give_card(&setup, OTHER).await;
    house.pass(SignedDuration::from_mins(1)).await;
    assert!(
        card(&wallet(&house, &clint).await, "4444").is_none(),
        "a card without a name is not kept"
    );
    assert_eq!(
        history(&house, &clint).await,
        ["add_began", "card_nameless", "add_given_up"]
    );

    let setup = begins(&house, &clint).await;
    house
        .provider
        .give_named_card(&setup, OTHER, "Luz da Silva")
        .await;
    house.pass(SignedDuration::from_mins(1)).await;
    assert!(card(&wallet(&house, &clint).await, "4444").is_some());

    // What is never given is given up, and says nothing to anybody.
    begins(&house, &clint).await;
    house.pass(SignedDuration::from_hours(30)).await;
    assert_eq!(wallet(&house, &clint).await["pending"], json!([]));
    house.close().await;
}

#[tokio::test]
async fn z7_a_card_that_cannot_be_added_says_why_and_what_to_check() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    for (number, code, said) in [
        ("4000000000009995", "insufficient_funds", "limite"),
        ("4000000000000069", "expired_card", "vencido"),
        // A card that is reported as stolen is not called so: no cause is invented either.
        ("4000000000009979", "generic", "não aprovou"),
    ] {
        let setup = begins(&house, &clint).await;
        house
            .provider
            .fails_to_give_card(&setup, number, "Luz da Silva")
            .await;
        house.settle().await;
        let shown = wallet(&house, &clint).await;
        let pending = shown["pending"].as_array().expect("pending");
        let mine = pending
            .iter()
            .find(|one| one["setup"] == setup["setup"])
            .expect("this one");
        let declined = &mine["declined"];
        assert_eq!(declined["code"], code, "{declined}");
        let sentence = declined["sentence"].as_str().expect("a sentence");
        assert!(sentence.contains(said), "{sentence}");
        let checklist = declined["checklist"].as_array().expect("a checklist");
        assert_eq!(
            checklist.len(),
            5,
            "number, expiry, code, online, balance or limit"
        );
        assert!(!declined["issuer"].as_str().expect("a sentence").is_empty());
    }
    house.close().await;
}

#[tokio::test]
async fn z5_whoever_may_not_change_the_plan_does_not_change_the_cards_either() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    let member = json!({ "actor": { "role": "member", "id": "user-2" } });
    let path = format!("/v1/accounts/{}/cards", clint.account);
    let refused = house
        .backend
        .command(Method::POST, &path, &member)
        .await
        .expect_err("may not");
    assert_eq!(refused.code, "role_not_allowed");
    let unknown = orders(&house, &clint, Method::PUT, "pm_nobodys/default")
        .await
        .expect_err("no such card");
    assert_eq!(unknown.code, "payment_method_unusable");
    // An account that the provider does not know has no cards, and none can be given yet.
    let young = Clint::without_extras(&house, "growth").await;
    assert_eq!(wallet(&house, &young).await["data"], json!([]));
    let path = format!("/v1/accounts/{}/cards", young.account);
    let refused = house
        .backend
        .command(Method::POST, &path, &owner())
        .await
        .expect_err("unknown");
    assert_eq!(refused.code, "billing_info_missing");
    house.close().await;
}

#[tokio::test]
async fn z5_an_answer_that_is_lost_changes_nothing_twice() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let setup = begins(&house, &clint).await;
    house
        .provider
        .give_named_card(&setup, OTHER, "Luz da Silva")
        .await;
    house.settle().await;
    let new = card(&wallet(&house, &clint).await, "4444").expect("the card")["id"].clone();
    let new = new.as_str().expect("an id");
    house
        .provider
        .fault("POST", "/v1/subscriptions/*", 1, "reset_after")
        .await;
    let key = house.backend.fresh_key();
    let path = format!("/v1/accounts/{}/cards/{new}/default", clint.account);
    let first = house
        .backend
        .command_under(&key, Method::PUT, &path, &owner())
        .await
        .expect("an order");
    let again = house
        .backend
        .command_under(&key, Method::PUT, &path, &owner())
        .await
        .expect("the same");
    assert_eq!(first, again);
    // Another order waits for this one.
    let busy = orders(&house, &clint, Method::PUT, &format!("{new}/default")).await;
    assert!(busy.is_err_and(|problem| problem.code == "payment_in_flight"));
    // Its answer is lost, and it is asked for again under the same key.
    house.settle().await;
    house.pass(SignedDuration::from_mins(5)).await;
    let changed = wallet(&house, &clint).await;
    assert_eq!(card(&changed, "4444").expect("the card")["default"], true);
    let events = history(&house, &clint).await;
    assert_eq!(events[2..], ["default_wished", "card_default_changed"]);
    house.close().await;
}
