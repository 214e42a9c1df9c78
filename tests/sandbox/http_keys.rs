//! Idempotency keys: one effect, one answer.

use hyper::Method;

use super::http_house::{Ask, House, soon};

const ENDPOINTS: &str = "/v1/webhook_endpoints";
const FORM: &str = "url=http://localhost:1/a&enabled_events[]=invoice.paid";

fn create(house: &House, key: &str) -> Ask {
    house.ask(Method::POST, ENDPOINTS).key(key).form(FORM)
}

async fn count(house: &House) -> usize {
    house.get(ENDPOINTS).await.json["data"]
        .as_array()
        .expect("a list")
        .len()
}

#[tokio::test]
async fn the_same_request_has_its_effect_once_and_gets_the_same_answer() {
    let house = House::new().await;
    let first = create(&house, "k1").send().await;
    let again = create(&house, "k1").send().await;
    assert_eq!((first.id(), &first.text), (again.id(), &again.text));
    assert_eq!(
        (
            first.header("idempotent-replayed"),
            again.header("idempotent-replayed")
        ),
        (None, Some("true"))
    );
    assert_eq!(again.header("original-request"), first.header("request-id"));
    assert_ne!(again.header("request-id"), first.header("request-id"));
    assert_eq!(count(&house).await, 1);

    let other = house
        .ask(Method::POST, ENDPOINTS)
        .key("k1")
        .form("url=http://localhost:1/b&enabled_events[]=*")
        .send()
        .await;
    assert_eq!(other.error(), (400, "idempotency_error", None, None));
    assert_eq!(count(&house).await, 1);

    let replayed = &house.get("/_sandbox/requests?key=k1").await.json["data"];
    assert_eq!(
        (
            replayed[0]["replayed"].as_bool(),
            replayed[1]["replayed"].as_bool()
        ),
        (Some(false), Some(true))
    );
    assert_eq!(replayed[0]["body_sha256"], replayed[1]["body_sha256"]);
    house.stop().await;
}

#[tokio::test]
async fn a_refusal_is_kept_once_execution_began_and_not_before() {
    let house = House::new().await;
    let outside = "url=http://example.com/&enabled_events[]=*";
    let executed = || house.ask(Method::POST, ENDPOINTS).key("executed").form(outside);
    assert_eq!(
        executed().send().await.error(),
        (400, "invalid_request_error", None, Some("url"))
    );
    assert_eq!(
        executed().send().await.header("idempotent-replayed"),
        Some("true")
    );

    let unread = house
        .ask(Method::POST, ENDPOINTS)
        .key("unread")
        .form("nonsense=1")
        .send()
        .await;
    assert_eq!(unread.status, 400);
    assert_eq!(
        create(&house, "unread").send().await.status,
        200,
        "the key is still free"
    );
    house.stop().await;
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let house = House::new().await;
    let first = create(&house, "k").send().await;
    house.advance(24 * 60 * 60 - 1).await;
    assert_eq!(create(&house, "k").send().await.id(), first.id());
    house.advance(1).await;
    let later = create(&house, "k").send().await;
    assert_ne!(later.id(), first.id());
    assert_eq!(later.header("idempotent-replayed"), None);
    house.stop().await;
}

#[tokio::test]
async fn a_key_is_in_use_until_its_client_gives_up() {
    let house = House::new().await;
    house.fault(ENDPOINTS, "hang_before").await;
    let hanging = tokio::spawn(create(&house, "k").try_send());
    soon("the first request", async {
        while house.get("/_sandbox/requests?key=k").await.json["data"][0]["operation"].is_null() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // The first request is being executed, or is about to be: then this one would be the one that hangs no more.
    let second = create(&house, "k").send().await;
    assert_eq!(
        second.error(),
        (409, "idempotency_error", Some("idempotency_key_in_use"), None)
    );

    hanging.abort();
    soon("the free key", async {
        while create(&house, "k").send().await.status == 409 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(count(&house).await, 1);
    house.stop().await;
}

#[tokio::test]
async fn reading_and_deleting_need_no_key() {
    let house = House::new().await;
    let endpoint = create(&house, "k").send().await;
    let path = format!("{ENDPOINTS}/{}", endpoint.id());
    for _ in 0..2 {
        let read = house.ask(Method::GET, &path).key("same").send().await;
        assert_eq!((read.status, read.header("idempotent-replayed")), (200, None));
    }
    assert!(
        house.get(&path).await.json.get("secret").is_none(),
        "the secret is shown once"
    );
    assert_eq!(
        house.ask(Method::DELETE, &path).key("same").send().await.json["deleted"],
        true
    );
    assert_eq!(
        house.ask(Method::DELETE, &path).key("same").send().await.status,
        404
    );
    house.stop().await;
}
