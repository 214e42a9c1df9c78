//! A real server whose store stands still while it is flooded: clear refusals, nothing lost, and recovery; all of it measured.

use std::path::Path;

use changeover::ports::time::Clock as _;
use changeover::system::SystemClock;
use futures_util::future::join_all;
use hyper::Method;
use hyper::header::RETRY_AFTER;
use serde_json::json;
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::watch;

use super::{Served, get};
use crate::support::{Http, event, signed};

const API_KEY: &str = "cho_test_key_of_a_flooding_backend_0003";

/// More than the server answers at once.
const FLOOD: usize = 400;

/// Somebody else holds the file's write lock: whatever is written waits.
async fn stall(data: &Path) -> SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(data.join("changeover.db"));
    let mut connection = options.connect().await.expect("a connection");
    let begin = sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await;
    begin.expect("the lock");
    connection
}

async fn creates_an_account(http: &Http, nth: usize) -> (u16, bool, serde_json::Value) {
    let (authorization, key) = (format!("Bearer {API_KEY}"), format!("account-{nth}"));
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    let body = json!({ "external_id": format!("acme-{nth}"), "email": "ana@example.com", "name": "Ana" });
    let answer = http
        .send(Method::POST, "/v1/accounts", &headers, body.to_string())
        .await;
    (
        answer.status,
        answer.headers.contains_key(RETRY_AFTER),
        answer.json(),
    )
}

async fn sends_a_webhook(http: &Http) -> (u16, bool) {
    let body = event("evt_flood", "cus_1", "sub_1").to_string();
    let signature = signed(&body, SystemClock.now());
    let headers = [("stripe-signature", signature.as_str())];
    let answer = http
        .send(Method::POST, "/webhooks/stripe/clint", &headers, body)
        .await;
    (answer.status, answer.headers.contains_key(RETRY_AFTER))
}

/// The number behind a measurement's name and labels; 0 where it was never measured.
fn measured(page: &str, name: &str) -> u64 {
    let line = page.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_flood_on_a_store_that_stands_still_is_refused_clearly_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let variables = [
        ("STRIPE_API_URL", "http://127.0.0.1:9"),
        ("STRIPE_SECRET_KEY_CLINT", "sk_test_x"),
        ("STRIPE_WEBHOOK_SECRET_CLINT", "whsec_test"),
        ("CHANGEOVER_API_KEY_CLINT", API_KEY),
        ("CHANGEOVER_METRICS_LISTEN", "127.0.0.1:0"),
    ];
    let served = Served::start_with(folder.path(), &variables, "/metrics");
    let http = Http::new(served.address("start here"));
    let lock = stall(folder.path()).await;

    let (tell, mut refusals) = watch::channel(0_usize);
    let flood = join_all((0..FLOOD).map(async |nth| {
        let answer = creates_an_account(&http, nth).await;
        if answer.0 == 503 {
            tell.send_modify(|count| *count += 1);
        }
        answer
    }));
    let meanwhile = async {
        let refused = refusals
            .wait_for(|count| *count >= FLOOD / 8)
            .await
            .map(|count| *count);
        refused.expect("the flood goes on");
        assert_eq!(get(&http, "/healthz").await.0, 200, "it lives, and says so");
        let webhook = sends_a_webhook(&http).await;
        lock.close().await.expect("the lock is given back");
        webhook
    };
    let (answers, webhook) = tokio::join!(flood, meanwhile);
    assert_eq!(webhook, (503, true), "what is not kept is not acknowledged");
    let (kept, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|(status, ..)| *status == 201);
    assert!(!kept.is_empty() && kept.len() + refused.len() == FLOOD);
    for (status, says_when, problem) in &refused {
        assert_eq!((*status, *says_when), (503, true), "{problem}");
    }

    // Everybody who asks again is answered, and who was acknowledged gets the same answer.
    for (nth, (status, _, body)) in answers.iter().enumerate() {
        let (again, _, same) = creates_an_account(&http, nth).await;
        assert_eq!(again, 201, "{same}");
        assert!(*status != 201 || *body == same, "{body} is not {same}");
    }
    assert_eq!(sends_a_webhook(&http).await.0, 200);
    assert_eq!(sends_a_webhook(&http).await.0, 200);

    let metrics = Http::new(served.address("metrics").trim_end_matches("/metrics").to_owned());
    let (status, page) = get(&metrics, "/metrics").await;
    assert_eq!(status, 200);
    for (name, at_least) in [
        ("changeover_http_shed_total", 1),
        ("changeover_problems_total{code=\"overloaded\"}", 1),
        ("changeover_webhooks_total{outcome=\"accepted\"}", 1),
        ("changeover_webhooks_total{outcome=\"duplicate\"}", 1),
        (
            "changeover_http_requests_total{method=\"POST\",route=\"/v1/accounts\",status=\"201\"}",
            400,
        ),
        (
            "changeover_http_request_duration_seconds_count{method=\"POST\",route=\"/v1/accounts\"}",
            400,
        ),
    ] {
        assert!(measured(&page, name) >= at_least, "{name} is not there:\n{page}");
    }
    assert!(page.contains("# HELP changeover_outbox_lag_seconds"), "{page}");
    for personal in ["ana@example.com", "acme-", "account-", "cus_1", "evt_flood"] {
        assert!(!page.contains(personal), "{personal} is on the page");
    }
    assert_eq!(get(&http, "/metrics").await.0, 404, "not beside the API");
    served.stop();
}

#[tokio::test]
async fn beside_the_sandbox_a_change_is_measured_where_everything_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(folder.path());
    let http = Http::new(served.address("start here"));
    super::begin_a_change(&http, folder.path()).await;
    // The worker asks the provider, and counts what is open, when it comes to it.
    let asked = "changeover_provider_requests_total{operation=\"GET /v1/";
    let open = "changeover_changes_open{stage=\"draft\"} 1";
    let told = async {
        loop {
            let (status, page) = get(&http, "/metrics").await;
            assert_eq!(status, 200);
            if page.contains(asked) && page.contains(open) {
                return page;
            }
        }
    };
    let told = tokio::time::timeout(std::time::Duration::from_mins(1), told).await;
    let page = told.expect("the page tells of it");
    for (name, count) in [
        ("changeover_decisions_total{event=\"opened\",stage=\"draft\"}", 1),
        ("changeover_changes_open{stage=\"draft\"}", 1),
        ("changeover_changes_open{stage=\"payment_confirm.charging\"}", 0),
    ] {
        assert!(page.contains(name), "{name} is not there:\n{page}");
        assert!(measured(&page, name) == count, "{name}:\n{page}");
    }
    served.stop();
}
