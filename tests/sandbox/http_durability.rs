//! What was answered survives; a file that is not ours is left alone.

use std::{fs, path::Path};

use changeover::sandbox::{Data, Options, Sandbox, SandboxError};
use hyper::Method;
use serde_json::json;

use super::http_house::{House, NOON, Receiver, options};

const ENDPOINTS: &str = "/v1/webhook_endpoints";
const FORM: &str = "url=http://localhost:1/a&enabled_events[]=*";

fn file(folder: &tempfile::TempDir) -> Data {
    Data::File(folder.path().join("sandbox.db"))
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::at(file(&folder)).await;
    let first = house
        .ask(Method::POST, ENDPOINTS)
        .key("k")
        .form(FORM)
        .send()
        .await;
    house.advance(3_600).await;
    house.kill().await;

    let house = House::at(file(&folder)).await;
    let again = house
        .ask(Method::POST, ENDPOINTS)
        .key("k")
        .form(FORM)
        .send()
        .await;
    assert_eq!(
        (again.id(), again.header("idempotent-replayed")),
        (first.id(), Some("true"))
    );
    assert_eq!(
        house.get(ENDPOINTS).await.json["data"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(
        house.get("/_sandbox/clock").await.json["now"],
        NOON + 3_600,
        "the clock does not go back"
    );
    let second = house.ask(Method::POST, ENDPOINTS).form(FORM).send().await;
    assert_ne!(second.id(), first.id());
    assert_ne!(
        second.header("request-id"),
        first.header("request-id"),
        "no request id comes twice"
    );
    house.stop().await;
}

#[tokio::test]
async fn an_effect_whose_answer_was_lost_in_a_kill_is_found_by_its_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::at(file(&folder)).await;
    house.fault(ENDPOINTS, "hang_after").await;
    let hanging = tokio::spawn(house.ask(Method::POST, ENDPOINTS).key("k").form(FORM).try_send());
    while house.get(ENDPOINTS).await.json["data"]
        .as_array()
        .is_none_or(Vec::is_empty)
    {
        tokio::task::yield_now().await;
    }
    house.kill().await;
    hanging.await.expect("no panic").expect_err("the answer was lost");

    let house = House::at(file(&folder)).await;
    let again = house
        .ask(Method::POST, ENDPOINTS)
        .key("k")
        .form(FORM)
        .send()
        .await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(house.get(ENDPOINTS).await.json["data"][0]["id"], again.id());
    house.stop().await;
}

#[tokio::test]
async fn a_webhook_that_was_not_delivered_is_delivered_after_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut receiver = Receiver::answering([500]).await;
    let house = House::at(file(&folder)).await;
    let form = format!("url={}&enabled_events[]=customer.created", receiver.url);
    house.post(ENDPOINTS, &form).await.id();
    house.post("/v1/customers", "name=Ana").await.id();
    let first = receiver.next().await;
    house.kill().await;

    let house = House::at(file(&folder)).await;
    house.advance(60).await;
    let second = receiver.next().await;
    assert_eq!(second.event["id"], first.event["id"]);
    house.stop().await;
}

#[tokio::test]
async fn two_sandboxes_never_share_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (options, _) = options(file(&folder));
    let first = Sandbox::open(&options).await.expect("it is free");
    let second = Sandbox::open(&options).await;
    assert!(
        matches!(second, Err(SandboxError::InUse { .. })),
        "{:?}",
        second.err()
    );
    first.close().await;
    Sandbox::open(&options)
        .await
        .expect("it is free again")
        .close()
        .await;
}

#[tokio::test]
async fn a_foreign_file_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("letter.txt");
    fs::write(&path, "Dear Ana, this is no database.").expect("written");
    assert!(matches!(open(&path).await, SandboxError::Foreign { .. }));
    assert_eq!(
        fs::read_to_string(&path).expect("still there"),
        "Dear Ana, this is no database."
    );

    let path = folder.path().join("other.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut other = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url)
        .await
        .expect("a database");
    sqlx::query("CREATE TABLE guests (name TEXT)")
        .execute(&mut other)
        .await
        .expect("a table");
    sqlx::Connection::close(other).await.expect("closed");
    let before = fs::read(&path).expect("bytes");
    let refusal = open(&path).await;
    assert!(matches!(refusal, SandboxError::Foreign { .. }), "{refusal:?}");
    assert_eq!(fs::read(&path).expect("bytes"), before);
}

#[tokio::test]
async fn a_file_that_lost_its_end_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sandbox.db");
    let (options, _) = options(Data::File(path.clone()));
    Sandbox::open(&options).await.expect("made").close().await;
    let whole = fs::read(&path).expect("bytes");
    fs::write(&path, &whole[..whole.len() - 2_000]).expect("cut");
    let refusal = open(&path).await;
    assert!(matches!(refusal, SandboxError::Damaged { .. }), "{refusal:?}");
}

#[tokio::test]
async fn a_sandbox_that_cannot_write_answers_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::at(file(&folder)).await;
    let url = format!("sqlite://{}", folder.path().join("sandbox.db").display());
    let mut saboteur = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url)
        .await
        .expect("a connection");
    let full = "CREATE TRIGGER full BEFORE INSERT ON kept BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    sqlx::query(full).execute(&mut saboteur).await.expect("a trigger");
    let refused = house
        .ask(Method::POST, ENDPOINTS)
        .key("k")
        .form(FORM)
        .send()
        .await;
    assert_eq!(refused.error(), (500, "api_error", None, None));
    let ended = house.ended().await;
    assert!(matches!(ended, Err(SandboxError::Broken)), "{ended:?}");
}

#[tokio::test]
async fn the_first_seed_is_the_one_that_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut ids = Vec::new();
    for (data, seed) in [(file(&folder), 1), (Data::Memory, 1), (Data::Memory, 2)] {
        let (options, time) = options(data);
        let house = House::with(Options { seed, ..options }, time).await;
        ids.push(house.post(ENDPOINTS, FORM).await.id().to_owned());
        house.stop().await;
    }
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[1], ids[2]);
}

#[tokio::test]
async fn the_clock_moves_forward_only() {
    let house = House::new().await;
    for wrong in [
        json!({ "advance_seconds": -1 }),
        json!({ "to": NOON - 1 }),
        json!({ "to": i64::MAX }),
        json!({ "back": 1 }),
    ] {
        assert_eq!(
            house.switch("/_sandbox/clock", wrong.clone()).await.error().0,
            400,
            "{wrong}"
        );
    }
    house.time.fetch_add(100, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(
        house.get("/_sandbox/clock").await.json["now"],
        NOON + 100,
        "it follows real time"
    );
    house.switch("/_sandbox/clock", json!({ "frozen": true })).await;
    house.time.fetch_add(100, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(
        house.get("/_sandbox/clock").await.json["now"],
        NOON + 100,
        "it stands still"
    );
    house.advance(50).await;
    assert_eq!(house.get("/_sandbox/clock").await.json["now"], NOON + 150);
    house.switch("/_sandbox/clock", json!({ "frozen": false })).await;
    house.time.fetch_sub(1_000, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(
        house.get("/_sandbox/clock").await.json["now"],
        NOON + 150,
        "it does not follow a clock that goes back"
    );
    house.stop().await;
}

async fn open(path: &Path) -> SandboxError {
    let (options, _) = options(Data::File(path.to_owned()));
    match Sandbox::open(&options).await {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(refusal) => refusal,
    }
}
