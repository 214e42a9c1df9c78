//! Selections that cannot be had, and changes that cannot be opened.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Clint, House, selecting};

#[tokio::test]
async fn a_selection_that_cannot_be_had_is_refused_with_every_field_that_is_wrong() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let base = || Clint::selection(5, 8);
    let with = |name: &str, value: Value| {
        let mut selection = base();
        selection[name] = value;
        selection
    };
    for (wanted, code, pointer) in [
        (
            with("plan", json!("platinum")),
            "selection_invalid",
            "/selection/plan",
        ),
        (
            with("currency", json!("USD")),
            "selection_invalid",
            "/selection/currency",
        ),
        (
            selecting("growth", "month", &[("device", 101), ("user-seat", 5)]),
            "selection_invalid",
            "/selection/quantities/device",
        ),
        (
            selecting("growth", "month", &[("device", u64::MAX), ("user-seat", 5)]),
            "selection_invalid",
            "/selection/quantities/device",
        ),
        (
            selecting("growth", "month", &[("device", 3), ("user-seat", 5), ("fax", 1)]),
            "selection_invalid",
            "/selection/quantities/fax",
        ),
        (
            with("interval", json!("year")),
            "change_not_offered",
            "/selection/plan",
        ),
        (Clint::selection(3, 5), "nothing_changes", ""),
    ] {
        let problem = house.refuses(&clint, clint.opens(&house, wanted.clone())).await;
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (422, code),
            "{wanted}: {problem:?}"
        );
        if code == "selection_invalid" {
            assert_eq!(problem.body["errors"][0]["pointer"], pointer, "{problem:?}");
        }
    }
    // Two mistakes are told at once.
    let wanted = selecting("growth", "month", &[("device", 101), ("fax", 1)]);
    let problem = house.refuses(&clint, clint.opens(&house, wanted)).await;
    assert_eq!(
        problem.body["errors"].as_array().map(Vec::len),
        Some(2),
        "{problem:?}"
    );
    house.close().await;
}

#[tokio::test]
async fn a_selection_of_the_wrong_form_never_reaches_the_rules() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    for (name, value, pointer) in [
        ("plan", json!("Growth!"), "/selection/plan"),
        ("plan", json!(7), "/selection/plan"),
        ("plan", Value::Null, "/selection/plan"),
        ("currency", json!("REAIS"), "/selection/currency"),
        ("interval", json!("fortnight"), "/selection/interval"),
        (
            "quantities",
            json!({ "device": -1 }),
            "/selection/quantities/device",
        ),
        (
            "quantities",
            json!({ "device": 1.5 }),
            "/selection/quantities/device",
        ),
        (
            "quantities",
            json!({ "device": "5" }),
            "/selection/quantities/device",
        ),
        ("colour", json!("red"), "/selection/colour"),
    ] {
        let mut wanted = Clint::selection(5, 8);
        wanted[name] = value;
        let problem = house.refuses(&clint, clint.opens(&house, wanted.clone())).await;
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (422, "request_invalid"),
            "{wanted}"
        );
        assert_eq!(problem.body["errors"][0]["pointer"], pointer, "{wanted}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_second_change_of_one_contract_names_the_first_and_the_way_to_it() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let first = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let problem = house
        .refuses(&clint, clint.opens(&house, Clint::selection(6, 8)))
        .await;
    assert_eq!(
        (problem.status, problem.code.as_str()),
        (409, "change_in_progress")
    );
    let blocking = &problem.body["blocking_change"];
    assert_eq!(blocking["id"], first.id);
    assert_eq!(blocking["reference"], first.reference().await);
    assert_eq!(blocking["url"], format!("/v1/changes/{}", first.id));
    let way = blocking["url"].as_str().expect("an address");
    let links = house.backend.get(way).await["links"].clone();
    assert_eq!(links["cancel"], format!("{way}/cancel"));
    first.cancels().await.expect("cancelling");
    clint
        .opens(&house, Clint::selection(6, 8))
        .await
        .expect("the way is free");
    house.close().await;
}

#[tokio::test]
async fn a_return_address_that_the_seller_does_not_allow_is_refused() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    for foreign in [
        "https://evil.example/",
        "https://app.clint.example.evil.example/",
        "https://app.clint.example",
        "https://app.clint.example@evil.example/",
        "http://app.clint.example/",
        "//app.clint.example/",
        "javascript:alert(1)",
        "",
    ] {
        for field in ["return_url", "cancel_url"] {
            let mut body = json!({ "selection": Clint::selection(5, 8) });
            body[field] = json!(foreign);
            let problem = house
                .refuses(&clint, clint.opens_with(&house, "owner", body))
                .await;
            assert_eq!(problem.code, "selection_invalid", "{foreign}");
            assert_eq!(
                problem.body["errors"][0]["pointer"],
                format!("/{field}"),
                "{foreign}"
            );
        }
    }
    house.close().await;
}

#[tokio::test]
async fn what_a_contract_cannot_hold_or_adopt_is_refused() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    let other = Clint::without_extras(&house, "growth").await;
    let account = &clint.account;
    let adopt = |subscription: &str| json!({ "account": account, "adopt": { "subscription": subscription, "plan": "growth" } });
    let held = |plan: &str| json!({ "account": account, "held": selecting(plan, "month", &[]) });
    for (body, status, code) in [
        (held("platinum"), 422, "selection_invalid"),
        (json!({ "account": account }), 422, "request_invalid"),
        (adopt("sub_nobodys"), 409, "subscription_ended"),
        (adopt(&clint.subscription), 409, "already_exists"),
        (
            json!({ "account": account, "adopt": { "subscription": clint.subscription, "plan": "platinum" } }),
            422,
            "selection_invalid",
        ),
        (
            json!({ "account": "018f0000-0000-7000-8000-000000000000", "held": selecting("growth", "month", &[]) }),
            404,
            "not_found",
        ),
    ] {
        let asked = house.backend.command(Method::POST, "/v1/contracts", &body);
        let problem = house.refuses(&clint, asked).await;
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (status, code),
            "{body}: {problem:?}"
        );
    }
    let theirs = json!({ "account": other.account, "adopt": { "subscription": clint.subscription, "plan": "growth" } });
    let asked = house.backend.command(Method::POST, "/v1/contracts", &theirs);
    let problem = house.refuses(&clint, asked).await;
    assert!(
        ["already_exists", "contract_out_of_step"].contains(&problem.code.as_str()),
        "{problem:?}"
    );
    house.close().await;
}
