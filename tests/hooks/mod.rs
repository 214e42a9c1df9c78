//! Outgoing events reach a receiver that checks them as the Standard Webhooks specification says.

mod documented;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use changeover::hooks::{HttpHooks, Target};
use changeover::ports::hooks::{HookFailure, Hooks as _, OutgoingEvent};
use changeover::ports::time::Clock as _;
use changeover::system::SystemClock;
use jiff::SignedDuration;
use secrecy::SecretString;
use standardwebhooks::Webhook;
use tokio::sync::mpsc;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A receiver that takes only what is signed with its secret, and answers `status` to that.
async fn receiver(status: StatusCode) -> (SocketAddr, mpsc::UnboundedReceiver<Bytes>) {
    let (seen, events) = mpsc::unbounded_channel();
    let take = move |headers: HeaderMap, body: Bytes| async move {
        let genuine = Webhook::new(SECRET).expect("a secret").verify(&body, &headers);
        if genuine.is_err() {
            return StatusCode::UNAUTHORIZED;
        }
        seen.send(body).expect("the test listens");
        status
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/events", post(take))).await });
    (address, events)
}

fn hooks(address: SocketAddr, secrets: &[&str]) -> HttpHooks {
    let target = Target {
        url: format!("http://{address}/events").parse().expect("an address"),
        secrets: secrets
            .iter()
            .map(|secret| SecretString::from((*secret).to_owned()))
            .collect(),
    };
    HttpHooks::new(BTreeMap::from([("clint".parse().expect("a seller"), target)])).expect("a good secret")
}

fn event(seller: &str) -> OutgoingEvent {
    OutgoingEvent {
        id: "evt_1".to_owned(),
        seller: seller.parse().expect("a seller"),
        topic: "change.activated".to_owned(),
        // An event that waited for its receiver for a day is signed anew.
        at: SystemClock.now() - SignedDuration::from_hours(24),
        sent_at: SystemClock.now(),
        body: br#"{"type":"change.activated"}"#.to_vec(),
    }
}

#[tokio::test]
async fn an_event_arrives_signed_and_byte_by_byte() {
    let (address, mut events) = receiver(StatusCode::NO_CONTENT).await;
    let hooks = hooks(address, &[SECRET]);
    let event = event("clint");
    assert!(hooks.wants(&event.seller));
    assert_eq!(hooks.deliver(&event).await, Ok(()));
    assert_eq!(events.recv().await.as_deref(), Some(&event.body[..]));
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_well_gets_it_again() {
    let (address, _events) = receiver(StatusCode::SERVICE_UNAVAILABLE).await;
    let failure = hooks(address, &[SECRET])
        .deliver(&event("clint"))
        .await
        .expect_err("not delivered");
    assert!(failure.to_string().contains("503"), "{failure}");
    let failure = hooks(address, &[OTHER])
        .deliver(&event("clint"))
        .await
        .expect_err("not believed");
    assert!(failure.to_string().contains("401"), "{failure}");
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign_and_a_receiver_may_know_either() {
    let (address, mut events) = receiver(StatusCode::OK).await;
    for secrets in [[OTHER, SECRET], [SECRET, OTHER]] {
        let delivered = hooks(address, &secrets).deliver(&event("clint")).await;
        assert_eq!(delivered, Ok(()));
        assert!(events.recv().await.is_some());
    }
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_sent_nothing_more() {
    let (address, mut events) = receiver(StatusCode::GONE).await;
    let hooks = hooks(address, &[SECRET]);
    let event = event("clint");
    assert_eq!(hooks.deliver(&event).await, Err(HookFailure::Gone));
    assert!(events.recv().await.is_some());
    assert!(!hooks.wants(&event.seller), "what follows waits in the feed");
}

#[tokio::test]
async fn a_receiver_that_has_too_much_to_do_says_for_how_long() {
    let busy = || async { (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "90")]) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/events", post(busy))).await });
    let delivered = hooks(address, &[SECRET]).deliver(&event("clint")).await;
    assert_eq!(delivered, Err(HookFailure::Busy(SignedDuration::from_secs(90))));
}

#[tokio::test]
async fn a_seller_without_an_address_wants_nothing_pushed() {
    let (address, mut events) = receiver(StatusCode::NO_CONTENT).await;
    let hooks = hooks(address, &[SECRET]);
    let event = event("zenvia");
    assert!(!hooks.wants(&event.seller));
    assert_eq!(hooks.deliver(&event).await, Ok(()));
    assert!(events.try_recv().is_err(), "nothing was sent");
}

#[test]
fn a_secret_that_is_none_is_refused_without_being_repeated() {
    for secrets in [
        vec!["whsec_not base64!"],
        vec!["whsec_dG9vIHNob3J0"],
        vec![SECRET, OTHER, SECRET],
        vec![],
    ] {
        let target = Target {
            url: "http://127.0.0.1:9/events".parse().expect("an address"),
            secrets: secrets
                .iter()
                .map(|secret| SecretString::from((*secret).to_owned()))
                .collect(),
        };
        let refused = HttpHooks::new(BTreeMap::from([("clint".parse().expect("a seller"), target)]));
        let told = refused.err().expect("a refusal").to_string();
        assert!(told.contains("clint"), "{told}");
        assert!(
            !secrets.iter().any(|secret| told.contains(&secret[6..])),
            "{told}"
        );
    }
}
