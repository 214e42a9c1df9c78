//! Faults on demand, seen from the client that they strike.

use hyper::Method;
use serde_json::json;

use super::http_house::{Ask, House};

const ENDPOINTS: &str = "/v1/webhook_endpoints";

fn create(house: &House, key: &str) -> Ask {
    house
        .ask(Method::POST, ENDPOINTS)
        .key(key)
        .form("url=http://localhost:1/a&enabled_events[]=*")
}

async fn count(house: &House) -> usize {
    house.get(ENDPOINTS).await.json["data"]
        .as_array()
        .expect("a list")
        .len()
}

#[tokio::test]
async fn a_limit_a_lock_and_a_key_in_use_leave_no_trace() {
    let house = House::new().await;
    let cases = [
        (
            "http_429",
            (429, "invalid_request_error", Some("rate_limit"), None),
        ),
        (
            "lock_timeout",
            (429, "invalid_request_error", Some("lock_timeout"), None),
        ),
        (
            "key_in_use",
            (409, "idempotency_error", Some("idempotency_key_in_use"), None),
        ),
    ];
    for (number, (action, error)) in cases.into_iter().enumerate() {
        house.fault(ENDPOINTS, action).await;
        assert_eq!(create(&house, action).send().await.error(), error);
        let again = create(&house, action).send().await;
        assert_eq!(
            (again.status, again.header("idempotent-replayed")),
            (200, None),
            "{action}"
        );
        assert_eq!(count(&house).await, number + 1);
    }
    house.stop().await;
}

#[tokio::test]
async fn a_stored_500_is_replayed_whether_the_effect_happened_or_not() {
    let house = House::new().await;
    for (action, effects) in [("error_500_before", 0), ("error_500_after", 1)] {
        house.fault(ENDPOINTS, action).await;
        assert_eq!(
            create(&house, action).send().await.error(),
            (500, "api_error", None, None)
        );
        let again = create(&house, action).send().await;
        assert_eq!(
            (again.status, again.header("idempotent-replayed")),
            (500, Some("true"))
        );
        assert_eq!(count(&house).await, effects, "{action}");
    }
    house.stop().await;
}

#[tokio::test]
async fn an_answer_that_was_lost_can_be_asked_for_again() {
    let house = House::new().await;
    house.fault(ENDPOINTS, "reset_before").await;
    create(&house, "before").try_send().await.expect_err("no answer");
    assert_eq!(count(&house).await, 0);

    house.fault(ENDPOINTS, "reset_after").await;
    create(&house, "after").try_send().await.expect_err("no answer");
    assert_eq!(count(&house).await, 1);
    let again = create(&house, "after").send().await;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (200, Some("true"))
    );
    assert_eq!(count(&house).await, 1);

    let unanswered = &house.get("/_sandbox/requests?key=after").await.json["data"][0];
    assert!(unanswered["status"].is_null());
    assert_eq!(unanswered["fault"], "reset_after");
    house.stop().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_is_replaced_on_the_way_can_be_asked_for_again() {
    let house = House::new().await;
    house.fault(ENDPOINTS, "cut_after").await;
    create(&house, "cut")
        .try_send()
        .await
        .expect_err("half an answer");
    house.fault(ENDPOINTS, "garbled_after").await;
    let garbled = create(&house, "garbled").send().await;
    assert_eq!((garbled.status, garbled.json), (200, serde_json::Value::Null));
    assert_eq!(count(&house).await, 2);
    for key in ["cut", "garbled"] {
        let again = create(&house, key).send().await;
        assert_eq!(
            (again.status, again.header("idempotent-replayed")),
            (200, Some("true"))
        );
    }
    assert_eq!(count(&house).await, 2);
    house.stop().await;
}

#[tokio::test]
async fn a_request_that_hangs_after_its_effect_does_not_keep_its_key() {
    let house = House::new().await;
    house.fault(ENDPOINTS, "hang_after").await;
    let hanging = tokio::spawn(create(&house, "k").try_send());
    while count(&house).await == 0 {
        tokio::task::yield_now().await;
    }
    let again = create(&house, "k").send().await;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (200, Some("true"))
    );
    // The end of the sandbox is the end of its patience.
    house.stop().await;
    hanging
        .await
        .expect("no panic")
        .expect_err("it was never answered");
}

#[tokio::test]
async fn a_proxy_answers_html_and_a_newer_server_a_field_more() {
    let house = House::new().await;
    house.fault(ENDPOINTS, "html_502").await;
    let proxy = create(&house, "k").send().await;
    assert_eq!(
        (proxy.status, proxy.header("content-type")),
        (502, Some("text/html"))
    );
    assert_eq!(count(&house).await, 0);

    house.fault(ENDPOINTS, "extra_field").await;
    let newer = create(&house, "k").send().await;
    assert!(newer.json.get("sandbox_extra_field").is_some() && newer.json.get("id").is_some());
    assert!(
        create(&house, "k")
            .send()
            .await
            .json
            .get("sandbox_extra_field")
            .is_none(),
        "the kept answer is the true one"
    );
    house.stop().await;
}

#[tokio::test]
async fn rules_are_counted_listed_and_cleared() {
    let house = House::new().await;
    let rule =
        json!({ "method": "POST", "path": "/v1/*", "nth": 2, "times": 0, "action": "error_500_before" });
    house.switch("/_sandbox/faults", rule).await;
    let statuses = [
        create(&house, "1").send().await.status,
        create(&house, "2").send().await.status,
    ];
    assert_eq!(statuses, [200, 500]);
    let rules = house.get("/_sandbox/faults").await.json;
    assert_eq!(
        (
            rules["data"][0]["seen"].as_u64(),
            rules["data"][0]["hits"].as_u64()
        ),
        (Some(2), Some(1))
    );

    let wrong = [
        json!({ "path": "/v1/*", "action": "explode" }),
        json!({ "path": "/_sandbox/*", "action": "http_429" }),
    ];
    for rule in wrong {
        assert_eq!(house.switch("/_sandbox/faults", rule).await.error().0, 400);
    }
    let unasked = house
        .ask(Method::POST, "/_sandbox/faults")
        .form("path=/v1/*&action=http_429")
        .send()
        .await;
    assert_eq!(unasked.error().0, 415, "a form of another page is not obeyed");

    house.ask(Method::DELETE, "/_sandbox/faults").send().await;
    assert_eq!(create(&house, "3").send().await.status, 200);
    house.stop().await;
}
