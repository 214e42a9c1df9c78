use std::time::Duration;

use changeover::domain::change::Call;
use changeover::ports::payments::{CallError, Payments as _, ReadError};
use changeover::stripe::StripePayments;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::stub::{self, Reply, Stub};
use super::things::{marks, prepared};

fn set_method() -> Call {
    Call::SetDefaultMethod {
        subscription: "sub_1".to_owned(),
        method: None,
    }
}

async fn perform(payments: &StripePayments) -> Result<(), CallError> {
    let call = set_method();
    let prepared = prepared(payments, &call);
    payments
        .perform(&call, &marks(), &prepared, "key-1")
        .await
        .map(drop)
}

/// A server that reads one request and then does as it is told.
async fn rude(then: Rude) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = vec![0; 4096];
        let _ = stream.read(&mut request).await.expect("a request");
        match then {
            Rude::Hang => std::future::pending::<()>().await,
            Rude::Reset => drop(stream),
            Rude::BreakOff => {
                let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":";
                stream.write_all(half).await.expect("written");
            }
        }
    });
    address
}

#[derive(Clone, Copy)]
enum Rude {
    Hang,
    Reset,
    BreakOff,
}

#[tokio::test]
async fn whatever_breaks_after_the_request_has_left_is_unknown() {
    for then in [Rude::Hang, Rude::Reset, Rude::BreakOff] {
        let mut config = stub::config(&rude(then).await);
        config.request_timeout = Duration::from_millis(300);
        let payments = StripePayments::new(&config).expect("a good configuration");
        let outcome = perform(&payments).await;
        assert!(matches!(outcome, Err(CallError::Unknown { .. })), "{outcome:?}");
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_done() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let payments = StripePayments::new(&stub::config(&address)).expect("a good configuration");
    let outcome = perform(&payments).await;
    assert!(
        matches!(outcome, Err(CallError::Later { after: None, .. })),
        "{outcome:?}"
    );
    let read = payments.subscription("sub_1").await;
    assert!(matches!(read, Err(ReadError::Later { .. })), "{read:?}");
}

#[tokio::test]
async fn a_plain_http_answer_is_not_spoken_through_tls() {
    let stub = Stub::start().await;
    let address = stub.address.replace("http://", "https://");
    let payments = StripePayments::new(&stub::config(&address)).expect("a good configuration");
    let outcome = perform(&payments).await;
    assert!(matches!(outcome, Err(CallError::Later { .. })), "{outcome:?}");
    assert!(stub.seen().is_empty());
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let stub = Stub::start().await;
    let payments = stub.payments();
    for _ in 0..3 {
        stub.answers("POST /v1/subscriptions/sub_1", Reply::ok(&json!({"id": "sub_1"})));
        perform(&payments).await.expect("done");
    }
    let peers: Vec<_> = stub.seen().iter().map(|seen| seen.peer).collect();
    assert!(peers.iter().all(|peer| *peer == peers[0]), "{peers:?}");
}

#[tokio::test]
async fn statuses_and_headers_survive_bodies_that_are_not_json() {
    for (reply, expected) in [
        (
            Reply::status(502, "<html>Bad gateway</html>"),
            "outcome unknown: HTTP 502, request req_stub",
        ),
        (
            Reply::status(500, "<html>").with("idempotent-replayed", "true"),
            "the idempotency key is spent: HTTP 500, replayed, request req_stub",
        ),
    ] {
        let stub = Stub::start().await;
        stub.answers("POST", reply);
        let error = perform(&stub.payments()).await.expect_err("an error");
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_limit_says_how_long_to_wait_within_reason() {
    for (said, taken) in [("7", 7), ("99999999", 3600)] {
        let stub = Stub::start().await;
        let reply = Reply::error(429, "invalid_request_error", "rate_limit").with("retry-after", said);
        stub.answers("POST", reply);
        let outcome = perform(&stub.payments()).await;
        let Err(CallError::Later { after, .. }) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(after, Some(Duration::from_secs(taken)));
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let stub = Stub::start().await;
    stub.answers("POST", Reply::status(200, &"x".repeat(300 * 1024)));
    let outcome = perform(&stub.payments()).await;
    assert!(
        matches!(&outcome, Err(CallError::Unknown { detail }) if detail.contains("longer")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn errors_and_debug_prints_hold_no_keys_and_no_bodies() {
    let stub = Stub::start().await;
    stub.answers("POST", Reply::status(500, "secret-body"));
    let payments = stub.payments();
    let error = perform(&payments).await.expect_err("an error");
    let printed = format!("{payments:?} {error:?} {error}");
    for secret in ["sk_test", "Bearer", "secret-body", "key-1"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
