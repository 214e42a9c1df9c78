//! Requests that are not what they should be: bodies, headers, keys, ids.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Clint, House, Problem, read, selecting};

const JSON: (&str, &str) = ("content-type", "application/json");

/// A change to open, as bytes.
fn opening(devices: u64) -> Value {
    json!({
        "selection": Clint::selection(devices, 8),
        "actor": { "role": "owner", "id": "user-1" },
    })
}

async fn sends(house: &House, path: &str, headers: &[(&str, &str)], body: &str) -> Result<Value, Problem> {
    read(
        &house
            .backend
            .sends(Method::POST, path, headers, body.to_owned())
            .await,
    )
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let path = format!("/v1/contracts/{}/changes", clint.contract);
    let good = opening(5).to_string();
    let deep = format!("{{\"selection\":{}{}}}", "[".repeat(400), "]".repeat(400));
    let large = json!({ "selection": "x".repeat(300 * 1024) }).to_string();
    let cut = &good[..good.len() / 2];
    let unknown = good.replacen('{', "{\"discount\":100,", 1);
    let twice = good.replacen('{', "{\"actor\":{\"role\":\"member\"},", 1);
    for (body, status, code) in [
        ("", 422, "request_invalid"),
        ("null", 422, "request_invalid"),
        ("[]", 422, "request_invalid"),
        (cut, 400, "body_malformed"),
        ("selection=growth", 400, "body_malformed"),
        ("{\"selection\":\u{0}}", 400, "body_malformed"),
        (&deep, 400, "body_too_deep"),
        (&large, 413, "body_too_large"),
        (&unknown, 422, "request_invalid"),
        (&twice, 422, "request_invalid"),
    ] {
        let key = house.backend.fresh_key();
        let headers = [JSON, ("idempotency-key", &*key)];
        let problem = house.refuses(&clint, sends(&house, &path, &headers, body)).await;
        let told = body.chars().take(40).collect::<String>();
        assert_eq!((problem.status, problem.code.as_str()), (status, code), "{told}");
    }
    for wrong in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "json",
    ] {
        let key = house.backend.fresh_key();
        let headers = [("content-type", wrong), ("idempotency-key", &*key)];
        let problem = house.refuses(&clint, sends(&house, &path, &headers, &good)).await;
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (415, "content_type_unsupported"),
            "{wrong}"
        );
    }
    house.close().await;
}

#[tokio::test]
async fn a_command_needs_a_key_that_can_be_one() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let path = format!("/v1/contracts/{}/changes", clint.contract);
    let good = opening(5).to_string();
    let problem = house.refuses(&clint, sends(&house, &path, &[JSON], &good)).await;
    assert_eq!(
        (problem.status, problem.code.as_str()),
        (400, "idempotency_key_missing")
    );
    let long = "k".repeat(256);
    for wrong in ["", "two words", &long] {
        let problem = house
            .refuses(
                &clint,
                sends(&house, &path, &[JSON, ("idempotency-key", wrong)], &good),
            )
            .await;
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (400, "idempotency_key_invalid")
        );
    }
    house.close().await;
}

#[tokio::test]
async fn i23_a_key_gives_the_same_answer_again_and_belongs_to_one_request() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let path = format!("/v1/contracts/{}/changes", clint.contract);
    let headers = [JSON, ("idempotency-key", "one-key")];
    let first = house
        .backend
        .sends(Method::POST, &path, &headers, opening(5).to_string())
        .await;
    let again = house
        .backend
        .sends(Method::POST, &path, &headers, opening(5).to_string())
        .await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let other = opening(6).to_string();
    let problem = house
        .refuses(&clint, sends(&house, &path, &headers, &other))
        .await;
    assert_eq!(
        (problem.status, problem.code.as_str()),
        (422, "idempotency_key_reused")
    );
    let change = first.json()["id"].as_str().expect("an id").to_owned();
    let other_path = format!("/v1/changes/{change}/quote");
    let body = json!({ "actor": { "role": "owner" } }).to_string();
    let problem = house
        .refuses(&clint, sends(&house, &other_path, &headers, &body))
        .await;
    assert_eq!(problem.code, "idempotency_key_reused");
    house.close().await;
}

#[tokio::test]
async fn without_the_sellers_key_nobody_reads_or_writes() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    house.settle().await;
    let contract = format!("/v1/contracts/{}", clint.contract);
    let changes = format!("{contract}/changes");
    let good = opening(5).to_string();
    let unknown = "Bearer cho_test_key_that_nobody_has_ever_been_given_0";
    for authorization in [
        None,
        Some(""),
        Some("Bearer"),
        Some("Basic Y2hvX3Rlc3Q="),
        Some("Bearer sk_test_house"),
        Some(unknown),
    ] {
        let mut headers = vec![JSON, ("idempotency-key", "k")];
        headers.extend(authorization.map(|value| ("authorization", value)));
        for (method, path) in [(Method::GET, &contract), (Method::POST, &changes)] {
            let asked = async {
                let body = if method == Method::GET {
                    String::new()
                } else {
                    good.clone()
                };
                read(&house.backend.raw(method, path, &headers, body).await)
            };
            let problem = house.refuses(&clint, asked).await;
            assert_eq!(
                (problem.status, problem.code.as_str()),
                (401, "unauthorized"),
                "{authorization:?}"
            );
        }
    }
    house.close().await;
}

#[tokio::test]
async fn another_sellers_things_are_not_there() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let files = include_str!("../../../workflows/clint.toml");
    let outra = files
        .replace(r#"id = "clint""#, r#"id = "outra""#)
        .replace("name = \"Clint\"", "name = \"Outra\"");
    house
        .deploy(&[("clint.toml", files), ("outra.toml", &outra)])
        .await;
    house.settle().await;
    let outra = house.backend_of_another_seller();
    assert_eq!(
        outra.get("/v1/catalog").await["seller"],
        "outra",
        "the key is a good one"
    );

    let (account, contract, change) = (&clint.account, &clint.contract, &change.id);
    for path in [
        format!("/v1/accounts/{account}"),
        format!("/v1/accounts/{account}/contracts"),
        format!("/v1/contracts/{contract}"),
        format!("/v1/contracts/{contract}/history"),
        format!("/v1/contracts/{contract}/changes"),
        format!("/v1/catalog?contract={contract}"),
        format!("/v1/changes/{change}"),
        format!("/v1/changes/{change}/history"),
        format!("/v1/changes/{change}/billing-info"),
        format!("/v1/changes/{change}/cards"),
        format!("/v1/changes/{change}/authentication"),
        format!("/v1/changes/{change}/fiscal-documents"),
    ] {
        let problem = house.refuses(&clint, outra.try_get(&path)).await;
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
    let actor = json!({ "role": "owner", "id": "user-1" });
    let billing = {
        let mut billing = crate::support::billing_data();
        billing["actor"] = actor.clone();
        billing
    };
    let (post, put) = (Method::POST, Method::PUT);
    for (method, path, body) in [
        (
            &post,
            "/v1/contracts".to_owned(),
            json!({ "account": account, "held": selecting("growth", "month", &[]) }),
        ),
        (&post, format!("/v1/contracts/{contract}/changes"), opening(6)),
        (
            &post,
            format!("/v1/contracts/{contract}/estimate"),
            json!({ "selection": Clint::selection(5, 8) }),
        ),
        (&put, format!("/v1/changes/{change}/selection"), opening(6)),
        (
            &post,
            format!("/v1/changes/{change}/quote"),
            json!({ "actor": actor }),
        ),
        (
            &post,
            format!("/v1/changes/{change}/accept"),
            json!({ "actor": actor, "quote": "q_0000000000000000" }),
        ),
        (&put, format!("/v1/changes/{change}/billing-info"), billing),
        (&post, format!("/v1/changes/{change}/card-setup"), json!({})),
        (
            &post,
            format!("/v1/changes/{change}/cancel"),
            json!({ "actor": actor, "why": "not mine" }),
        ),
        (
            &post,
            format!("/v1/changes/{change}/fiscal-documents"),
            json!({ "number": "NF-1" }),
        ),
    ] {
        let asked = outra.command(method.clone(), &path, &body);
        let problem = house.refuses(&clint, asked).await;
        assert_eq!(
            (problem.status, problem.code.as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
    assert_eq!(outra.get("/v1/events").await["data"], json!([]));
    house.close().await;
}

#[tokio::test]
async fn ids_that_name_nothing_are_not_found() {
    let house = House::open().await;
    let clint = Clint::customer(&house).await;
    let nobody = "018f0000-0000-7000-8000-000000000000";
    for id in [nobody, "7", "not-an-id", "..%2f..%2fetc", &"f".repeat(3000)] {
        for path in ["accounts", "contracts", "changes"] {
            let problem = house
                .refuses(&clint, house.backend.try_get(&format!("/v1/{path}/{id}")))
                .await;
            assert_eq!(
                (problem.status, problem.code.as_str()),
                (404, "not_found"),
                "{path}"
            );
        }
    }
    for (path, status, code) in [
        ("/v1/nothing".to_owned(), 404, "not_found"),
        (
            format!("/v1/contracts/{}/changes?limit=0", clint.contract),
            400,
            "parameter_invalid",
        ),
        (
            format!("/v1/contracts/{}/changes?limit=201", clint.contract),
            400,
            "parameter_invalid",
        ),
        (
            format!("/v1/contracts/{}/changes?page=2", clint.contract),
            400,
            "parameter_invalid",
        ),
        ("/v1/catalog?language=tlh".to_owned(), 400, "parameter_invalid"),
        (
            format!("/v1/contracts/{}/estimate", clint.contract),
            405,
            "method_not_allowed",
        ),
    ] {
        let problem = house.refuses(&clint, house.backend.try_get(&path)).await;
        assert_eq!((problem.status, problem.code.as_str()), (status, code), "{path}");
    }
    house.close().await;
}

#[tokio::test]
async fn a_command_that_relies_on_another_version_is_refused() {
    let mut house = House::open().await;
    let clint = Clint::customer(&house).await;
    let change = clint.comes_to_the_quote(&mut house, Clint::selection(5, 8)).await;
    let read_once = house
        .backend
        .sends(Method::GET, &format!("/v1/changes/{}", change.id), &[], "")
        .await;
    let tag = read_once.headers["etag"].to_str().expect("a tag").to_owned();
    let version = read_once.json()["version"].as_u64().expect("a version");
    assert_eq!(tag, format!("\"{version}\""));
    let path = format!("/v1/changes/{}/accept", change.id);
    let body = json!({ "quote": change.quote().await["id"], "actor": { "role": "owner" } }).to_string();
    for (given, status, code) in [
        ("\"1\"", 412, "version_moved"),
        ("\"999\"", 412, "version_moved"),
        ("7", 400, "if_match_invalid"),
        ("W/\"1\"", 400, "if_match_invalid"),
        ("\"1\", \"2\"", 400, "if_match_invalid"),
    ] {
        let key = house.backend.fresh_key();
        let headers = [JSON, ("idempotency-key", &*key), ("if-match", given)];
        let problem = house.refuses(&clint, sends(&house, &path, &headers, &body)).await;
        assert_eq!((problem.status, problem.code.as_str()), (status, code), "{given}");
        if code == "version_moved" {
            assert_eq!(problem.body["version"], version);
        }
    }
    let opening_path = format!("/v1/contracts/{}/changes", clint.contract);
    let headers = [JSON, ("idempotency-key", "new"), ("if-match", "\"1\"")];
    let problem = house
        .refuses(
            &clint,
            sends(&house, &opening_path, &headers, &opening(6).to_string()),
        )
        .await;
    assert_eq!(problem.code, "if_match_invalid");
    let headers = [JSON, ("idempotency-key", "right"), ("if-match", tag.as_str())];
    sends(&house, &path, &headers, &body)
        .await
        .expect("the right version");
    house.close().await;
}
