//! Who may ask, what may be asked, and how a refusal looks.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use changeover::sandbox::{Data, Options, SandboxError, serve};
use hyper::Method;

use super::http_house::{House, VERSION, options};

#[tokio::test]
async fn every_refusal_is_json_in_stripes_envelope() {
    let house = House::new().await;
    let cases = [
        (
            house
                .ask(Method::GET, "/v1/customers")
                .header("authorization", ""),
            401,
            None,
            None,
        ),
        (
            house
                .ask(Method::GET, "/v1/customers")
                .header("authorization", "Bearer hunter2"),
            401,
            None,
            None,
        ),
        (
            house
                .ask(Method::GET, "/v1/customers")
                .header("authorization", "Bearer sk_live_hunter2"),
            401,
            None,
            None,
        ),
        (house.ask(Method::GET, "/v1/casinos"), 404, None, None),
        (house.ask(Method::GET, "/v1/customers/"), 404, None, None),
        (house.ask(Method::PUT, "/v1/customers"), 405, None, None),
        (house.ask(Method::GET, "/nowhere"), 404, None, None),
        (house.ask(Method::DELETE, "/_sandbox/ledger"), 405, None, None),
        (
            house.ask(Method::POST, "/v1/customers").form("emial=a"),
            400,
            Some("parameter_unknown"),
            Some("emial"),
        ),
        (
            house
                .ask(Method::POST, "/v1/webhook_endpoints")
                .form("url=http://localhost/"),
            400,
            Some("parameter_missing"),
            Some("enabled_events"),
        ),
        (
            house.ask(Method::GET, "/v1/customers?limit=few"),
            400,
            Some("parameter_invalid_integer"),
            Some("limit"),
        ),
        (
            house
                .ask(Method::POST, "/v1/customers")
                .form(&format!("name={}", "n".repeat(2_000_000))),
            413,
            None,
            None,
        ),
        (
            house
                .ask(Method::POST, "/v1/customers")
                .header("content-type", "application/json")
                .body("{}".into()),
            400,
            None,
            None,
        ),
        (
            house.ask(Method::POST, "/v1/customers").key(&"k".repeat(256)),
            400,
            None,
            None,
        ),
        (
            house.ask(Method::GET, "/v1/webhook_endpoints/we_nobody"),
            404,
            Some("resource_missing"),
            Some("webhook_endpoint"),
        ),
    ];
    for (number, (ask, status, code, param)) in cases.into_iter().enumerate() {
        let answer = ask.send().await;
        assert_eq!(
            answer.error(),
            (status, "invalid_request_error", code, param),
            "case {number}"
        );
        assert_eq!(
            answer.header("content-type"),
            Some("application/json"),
            "case {number}"
        );
        assert!(
            answer
                .header("request-id")
                .is_some_and(|id| id.starts_with("req_")),
            "case {number}"
        );
        assert!(!answer.text.contains("hunter2"), "case {number} tells the key");
    }
    house.stop().await;
}

#[tokio::test]
async fn a_secret_key_comes_as_bearer_or_as_the_name_of_basic() {
    let house = House::new().await;
    let basic = format!("Basic {}", BASE64_STANDARD.encode("sk_test_x:"));
    for key in ["Bearer sk_test_x", "bearer sk_test_x", &basic] {
        let answer = house
            .ask(Method::GET, "/v1/webhook_endpoints")
            .header("authorization", key)
            .send()
            .await;
        assert_eq!(
            (answer.status, answer.json["object"].as_str()),
            (200, Some("list")),
            "{key}"
        );
    }
    house.stop().await;
}

#[tokio::test]
async fn a_browser_may_do_only_what_a_browser_does() {
    let house = House::new().await;
    let browser = |method, path| {
        let ask = house
            .ask(method, path)
            .header("authorization", "Bearer pk_test_x");
        ask.header("origin", "http://seller.example")
    };
    for path in [
        "/v1/customers",
        "/v1/invoices",
        "/v1/webhook_endpoints",
        "/v1/refunds",
    ] {
        let answer = browser(Method::GET, path).send().await;
        assert_eq!(
            answer.error(),
            (401, "invalid_request_error", Some("secret_key_required"), None),
            "{path}"
        );
    }
    let blind = browser(Method::POST, "/v1/payment_intents/pi_1/confirm")
        .send()
        .await;
    assert_eq!(
        blind.error(),
        (
            400,
            "invalid_request_error",
            Some("parameter_missing"),
            Some("client_secret")
        )
    );
    assert_eq!(blind.header("access-control-allow-origin"), Some("*"));

    let preflight = browser(Method::OPTIONS, "/v1/payment_methods")
        .header("authorization", "")
        .send()
        .await;
    assert_eq!(preflight.status, 204);
    assert!(
        preflight
            .header("access-control-allow-headers")
            .is_some_and(|names| names.contains("authorization"))
    );
    house.stop().await;
}

#[tokio::test]
async fn another_version_is_served_with_a_warning_and_refused_in_strict_mode() {
    let house = House::new().await;
    let ours = house.get("/v1/webhook_endpoints").await;
    assert_eq!(
        (ours.header("stripe-version"), ours.header("sandbox-warning")),
        (Some(VERSION), None)
    );
    for version in ["2020-08-27", ""] {
        let answer = house
            .ask(Method::GET, "/v1/webhook_endpoints")
            .header("stripe-version", version)
            .send()
            .await;
        assert_eq!(
            (answer.status, answer.header("stripe-version")),
            (200, Some(VERSION))
        );
        assert!(answer.header("sandbox-warning").is_some(), "{version}");
    }
    house.stop().await;

    let (options, time) = options(Data::Memory);
    let strict = House::with(
        Options {
            strict: true,
            ..options
        },
        time,
    )
    .await;
    assert_eq!(strict.get("/v1/webhook_endpoints").await.status, 200);
    for version in ["2020-08-27", ""] {
        let answer = strict
            .ask(Method::GET, "/v1/webhook_endpoints")
            .header("stripe-version", version)
            .send()
            .await;
        assert_eq!(
            answer.error(),
            (400, "invalid_request_error", None, None),
            "{version}"
        );
    }
    strict.stop().await;
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let (options, _) = options(Data::Memory);
    let outside = Options {
        listen: "0.0.0.0:0".parse().expect("an address"),
        ..options
    };
    let refused = serve(outside, |_| panic!("it must not listen"), std::future::pending()).await;
    assert!(
        matches!(refused, Err(SandboxError::NotLoopback(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_last_requests_are_remembered_without_card_numbers() {
    let house = House::new().await;
    let form = "type=card&card[number]=4242424242424242&card[cvc]=987&card[exp_month]=12&card[exp_year]=2040";
    house
        .ask(Method::POST, "/v1/payment_methods")
        .key("journal")
        .form(form)
        .send()
        .await;
    let journal = house.get("/_sandbox/requests?key=journal").await;
    let entry = &journal.json["data"][0];
    assert_eq!(entry["operation"], "PostPaymentMethods");
    assert_eq!(entry["params"]["card"]["exp_year"], 2040);
    assert_eq!(entry["params"]["card"]["number"], "[hidden]");
    assert_eq!(entry["version"], VERSION);
    assert!(
        !journal.text.contains("4242424242424242") && !journal.text.contains("987"),
        "{}",
        journal.text
    );
    house.stop().await;
}
