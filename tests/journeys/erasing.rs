//! A person asks to be forgotten: what is kept about them is emptied, and the history can still be proven.

use changeover::engine::Verifier;
use hyper::Method;
use serde_json::{Value, json};

use super::WORKS;
use crate::support::{Clint, Database, House, Problem, Use, read};

/// What stands in the customer's data, and nowhere else.
const SECRETS: [&str; 5] = [
    "padaria-luz",
    "Padaria Luz",
    "11222333000181",
    "Rua das Flores",
    "dona@",
];

async fn erase(
    house: &House,
    clint: &Clint,
    key: &str,
    reason: &str,
    dry_run: bool,
) -> Result<Value, Problem> {
    let path = format!("/v1/support/accounts/{}/erase", clint.account);
    let body = json!({ "support": { "id": "agent-7", "reason": reason }, "dry_run": dry_run });
    read(&house.backend.answered(key, Method::POST, &path, &[], &body).await)
}

async fn told(house: &House, clint: &Clint) -> String {
    let mut all = String::new();
    for path in [
        format!("/v1/accounts/{}", clint.account),
        format!("/v1/contracts/{}", clint.contract),
        format!("/v1/contracts/{}/history?limit=200", clint.contract),
        format!("/v1/contracts/{}/changes", clint.contract),
        "/v1/events?limit=200".to_owned(),
    ] {
        all += &house.backend.get(&path).await.to_string();
    }
    all
}

async fn a_person_is_forgotten_on(database: Database) {
    let mut house = House::open_on(database).await;
    let clint = Clint::customer(&house).await;
    let (first, _) = clint.changes_to(&mut house, Clint::selection(5, 8)).await;
    assert!(told(&house, &clint).await.contains("padaria-luz"));

    let open = clint
        .comes_to_the_button(&mut house, Clint::selection(6, 8), WORKS)
        .await;
    let refused = erase(&house, &clint, "e1", "asked for by its person", false)
        .await
        .expect_err("it is open");
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (409, "change_in_progress")
    );
    open.cancels().await.expect("cancelling");
    house.settle().await;

    let silent = erase(&house, &clint, "e2", " ", false)
        .await
        .expect_err("no reason");
    assert_eq!(silent.code, "reason_missing");
    let plan = erase(&house, &clint, "e3", "asked for by its person", true)
        .await
        .expect("a plan");
    assert_eq!(
        (&plan["erased"], &plan["named"], &plan["billing_data"]),
        (&json!(false), &json!(true), &json!(2))
    );
    assert!(
        plan["requests"].as_u64() > Some(3) && plan["answers"].as_u64() > Some(5),
        "{plan}"
    );
    assert_eq!(plan["provider_customer"], clint.customer);
    assert!(
        told(&house, &clint).await.contains("padaria-luz"),
        "a dry run erases nothing"
    );

    let done = erase(&house, &clint, "e4", "asked for by its person", false)
        .await
        .expect("erased");
    assert_eq!(done["erased"], true);
    let again = erase(&house, &clint, "e4", "asked for by its person", false)
        .await
        .expect("the same answer");
    assert_eq!(again, done);
    let left = erase(&house, &clint, "e5", "again", true).await.expect("a plan");
    let nothing = ["billing_data", "requests", "answers", "responsible", "links"];
    assert!(
        nothing.iter().all(|part| left[part] == 0) && left["named"] == false,
        "{left}"
    );

    let remaining = told(&house, &clint).await;
    for secret in SECRETS {
        assert!(
            !remaining.contains(secret),
            "`{secret}` is still told: {remaining}"
        );
    }
    // The change is still there to be read, and so is its history: proven, line by line.
    assert_eq!(first.stage().await, "active");
    let verifier = Verifier::new(house.engine().store());
    for change in [&first, &open] {
        let id = change
            .id
            .parse()
            .map(changeover::domain::change::ChangeId)
            .expect("an id");
        assert!(verifier.change(id).await.expect("read").is_ok());
    }
    let contract = clint
        .contract
        .parse()
        .map(changeover::domain::account::ContractId)
        .expect("an id");
    assert!(verifier.contract(contract).await.expect("read").is_ok());
    house.close().await;
}

#[tokio::test]
async fn a_person_is_forgotten_on_sqlite() {
    a_person_is_forgotten_on(Database::Sqlite).await;
}

#[tokio::test]
async fn a_person_is_forgotten_on_postgresql() {
    a_person_is_forgotten_on(Database::Postgres).await;
}

#[tokio::test]
async fn what_is_used_after_the_erasure_is_counted_and_mailed_to_nobody() {
    let mut house = House::that_counts(Database::Sqlite).await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    erase(&house, &clint, "e1", "asked for by its person", false)
        .await
        .expect("erased");
    clint
        .uses(&house, &[Use::of("email-sync", "a-1", 100)])
        .await
        .expect("counted");
    house.settle().await;
    assert_eq!(clint.pot(&house, "email-sync").await["used"], "100");
    assert!(house.mails().await.is_empty());
    let now = house.clock_says().parse().expect("a time");
    let census = house.engine().store().census(now).await.expect("read");
    assert_eq!(census.outbox_given_up, 0, "nobody is left to be told");
    house.close().await;
}
