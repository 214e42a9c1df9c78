//! Webhooks, as a receiver sees them.

use axum::{body::Body, http::Request};
use changeover::sandbox::{BrokenOff, Data, Options, Sandbox, Webhook};
use hyper::Method;
use serde_json::json;
use tower::ServiceExt as _;

use super::http_house::{Arrived, House, NOON, Receiver, options};

/// The header as Stripe's own client library makes it, up to what we do not send (`v0`).
fn signed(arrived: &Arrived, secret: &str) -> String {
    let header = stripe_webhook::Webhook::generate_test_header(&arrived.body, secret, Some(NOON));
    let v1 = header
        .split(',')
        .find(|part| part.starts_with("v1="))
        .expect("a signature");
    v1.to_owned()
}

async fn endpoint(house: &House, url: &str, events: &str) -> (String, String) {
    let answer = house
        .post(
            "/v1/webhook_endpoints",
            &format!("url={url}&enabled_events[]={events}"),
        )
        .await;
    (
        answer.id().to_owned(),
        answer.json["secret"].as_str().expect("shown once").to_owned(),
    )
}

#[tokio::test]
async fn an_event_is_signed_and_sent_to_those_who_want_it() {
    let house = House::new().await;
    let (mut wanting, mut indifferent) = (Receiver::answering([]).await, Receiver::answering([]).await);
    let (_, secret) = endpoint(&house, &wanting.url, "customer.created").await;
    endpoint(&house, &indifferent.url, "invoice.paid").await;
    let customer = house.post("/v1/customers", "name=Ana").await;

    let arrived = wanting.next().await;
    assert_eq!(
        arrived.signature,
        format!("t={NOON},{}", signed(&arrived, &secret))
    );
    assert_eq!(arrived.event["type"], "customer.created");
    assert_eq!(arrived.event["data"]["object"]["id"], customer.id());
    assert_eq!(arrived.event["pending_webhooks"], 1);
    assert_eq!(
        arrived.event["request"]["id"].as_str(),
        customer.header("request-id")
    );
    assert!(indifferent.waiting().is_empty());
    house.stop().await;
}

#[tokio::test]
async fn the_receiver_named_at_the_start_gets_everything() {
    let mut receiver = Receiver::answering([]).await;
    let (options, time) = options(Data::Memory);
    let webhooks = vec![Webhook {
        url: receiver.url.clone(),
        secret: "whsec_start".to_owned(),
    }];
    let house = House::with(Options { webhooks, ..options }, time).await;
    house.post("/v1/customers", "name=Ana").await;
    let arrived = receiver.next().await;
    assert_eq!(
        arrived.signature,
        format!("t={NOON},{}", signed(&arrived, "whsec_start"))
    );
    assert!(!house.get("/_sandbox/webhooks").await.text.contains("whsec_"));
    house.stop().await;
}

#[tokio::test]
async fn a_failed_delivery_is_tried_again_ever_later_for_three_days() {
    let mut receiver = Receiver::answering(std::iter::repeat_n(500, 100)).await;
    let house = House::new().await;
    endpoint(&house, &receiver.url, "*").await;
    house.post("/v1/customers", "name=Ana").await;
    let first = receiver.next().await;
    let mut attempts = 1;
    loop {
        let webhooks = settled(&house, attempts).await;
        let Some(due) = webhooks["queue"][0]["due"].as_i64() else {
            break;
        };
        house.switch("/_sandbox/clock", json!({ "to": due })).await;
        let again = receiver.next().await;
        assert_eq!(again.body, first.body);
        attempts += 1;
    }
    assert!((10..=20).contains(&attempts), "{attempts} attempts");
    let now = house.get("/_sandbox/clock").await.json["now"]
        .as_i64()
        .expect("a time");
    let day = 24 * 60 * 60;
    assert!(
        (2 * day..=3 * day).contains(&(now - NOON)),
        "given up after {} s",
        now - NOON
    );
    house.stop().await;
}

/// What `/_sandbox/webhooks` says once this many attempts are written down.
async fn settled(house: &House, attempts: usize) -> serde_json::Value {
    loop {
        let webhooks = house.get("/_sandbox/webhooks").await.json;
        let recent = webhooks["recent"].as_array().expect("a list");
        if recent
            .iter()
            .filter(|attempt| attempt["attempt"].is_number())
            .count()
            >= attempts
        {
            return webhooks;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn while_a_secret_is_rolled_both_secrets_sign() {
    let mut receiver = Receiver::answering([]).await;
    let house = House::new().await;
    let (id, old) = endpoint(&house, &receiver.url, "*").await;
    let rolled = house
        .switch(
            &format!("/_sandbox/webhooks/{id}/roll"),
            json!({ "both_seconds": 3_600 }),
        )
        .await;
    let new = rolled.json["secret"].as_str().expect("shown").to_owned();
    assert_ne!(new, old);
    house.post("/v1/customers", "name=Ana").await;
    let both = receiver.next().await;
    assert_eq!(
        both.signature,
        format!("t={NOON},{},{}", signed(&both, &new), signed(&both, &old))
    );
    house.advance(3_600).await;
    house.post("/v1/customers", "name=Bia").await;
    let one = receiver.next().await;
    assert_eq!(one.signature, format!("t={NOON},{}", signed(&one, &new)));
    house.stop().await;
}

#[tokio::test]
async fn chaos_loses_doubles_delays_and_reorders() {
    let mut receiver = Receiver::answering([]).await;
    let house = House::new().await;
    endpoint(&house, &receiver.url, "customer.created").await;
    let names = |arrived: &[Arrived]| -> Vec<String> {
        arrived
            .iter()
            .map(|one| {
                one.event["data"]["object"]["name"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    };

    house
        .switch(
            "/_sandbox/webhooks",
            json!({ "duplicates": 1, "reorder": true, "delay_seconds": 60 }),
        )
        .await;
    house.post("/v1/customers", "name=Ana").await;
    house.post("/v1/customers", "name=Bia").await;
    assert!(receiver.waiting().is_empty());
    house.advance(60).await;
    let mut arrived = Vec::new();
    for _ in 0..4 {
        arrived.push(receiver.next().await);
    }
    assert_eq!(names(&arrived), ["Bia", "Bia", "Ana", "Ana"]);
    assert_eq!(arrived[0].event["id"], arrived[1].event["id"]);

    house
        .switch("/_sandbox/webhooks", json!({ "drop_every": 1 }))
        .await;
    house.post("/v1/customers", "name=Lost").await;
    house.switch("/_sandbox/webhooks", json!({})).await;
    house.post("/v1/customers", "name=Cleo").await;
    assert_eq!(names(&[receiver.next().await]), ["Cleo"]);
    house.stop().await;
}

#[tokio::test]
async fn a_receiver_that_is_disabled_deleted_or_far_away_gets_nothing() {
    let (mut receiver, mut witness) = (Receiver::answering([]).await, Receiver::answering([]).await);
    let house = House::new().await;
    let (disabled, _) = endpoint(&house, &receiver.url, "*").await;
    let (deleted, _) = endpoint(&house, &receiver.url, "*").await;
    endpoint(&house, &witness.url, "*").await;
    let update = house
        .post(&format!("/v1/webhook_endpoints/{disabled}"), "disabled=true")
        .await;
    assert_eq!(update.json["status"], "disabled");
    house
        .ask(Method::DELETE, &format!("/v1/webhook_endpoints/{deleted}"))
        .send()
        .await;
    house.post("/v1/customers", "name=Ana").await;
    witness.next().await;
    assert!(receiver.waiting().is_empty());
    let far = house
        .post(
            "/v1/webhook_endpoints",
            "url=https://example.com/&enabled_events[]=*",
        )
        .await;
    assert_eq!(far.error(), (400, "invalid_request_error", None, Some("url")));
    house.stop().await;
}

#[tokio::test]
async fn without_a_port_the_test_itself_does_what_time_brings() {
    let mut receiver = Receiver::answering([]).await;
    let (options, _) = options(Data::Memory);
    let webhooks = vec![Webhook {
        url: receiver.url.clone(),
        secret: "whsec_start".to_owned(),
    }];
    let sandbox = Sandbox::open(&Options { webhooks, ..options })
        .await
        .expect("a sandbox");
    let post = |path: &str, kind: &str, body: &str| {
        let request = Request::post(path)
            .header("authorization", "Bearer sk_test_x")
            .header("content-type", kind);
        sandbox
            .router()
            .oneshot(request.body(Body::from(body.to_owned())).expect("a request"))
    };
    let form = "application/x-www-form-urlencoded";
    assert_eq!(
        post("/v1/customers", form, "name=Ana")
            .await
            .expect("an answer")
            .status(),
        200
    );
    assert!(receiver.waiting().is_empty(), "nothing is sent unasked");
    sandbox.tick().await.expect("a round");
    assert_eq!(receiver.waiting().len(), 1);

    let fault = r#"{"path":"/v1/customers","action":"reset_after"}"#;
    post("/_sandbox/faults", "application/json", fault)
        .await
        .expect("an answer");
    let broken = post("/v1/customers", form, "name=Bia").await.expect("an answer");
    assert!(broken.extensions().get::<BrokenOff>().is_some());
    sandbox.close().await;
}
