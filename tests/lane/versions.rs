//! A deployment that rolls forward and back while changes are on their way, with two versions of the machine side by side.

use changeover::domain::change::MACHINE_VERSION;
use hyper::Method;
use serde_json::json;
use sqlx::Row as _;

use super::customers::Manner;
use super::draining::Hamlet;
use super::fleet::{API_KEY, Kind};
use crate::support::Http;

const VERSION: &str = "CHANGEOVER_TEST_MACHINE_VERSION";

#[tokio::test]
async fn f20_a_deployment_rolls_forward_and_back_and_nothing_is_doubled_or_lost() {
    let mut hamlet = Hamlet::found(&[("CHANGEOVER_TEST_LEASE_SECONDS", "5")]).await;
    let old = hamlet.another(Kind::Serve);
    let old = hamlet.gets(old).await;
    let before = hamlet.town("before", old);
    let (mut first, mut second) = (before.newcomer(0).await, before.newcomer(1).await);
    let by_the_old = before.opens(&first).await;
    before.asks_for_a_quote(&by_the_old).await;
    assert_eq!(before.comes_to(&by_the_old).await, "quote.ready");

    // Forward: the newer node reads what the older wrote, and goes on with it.
    let newer = (MACHINE_VERSION + 1).to_string();
    let new = hamlet.another(Kind::Serve).rehearsing(VERSION, &newer);
    let new = hamlet.gets(new).await;
    let after = hamlet.town("after", new);
    let by_the_new = after.opens(&second).await;
    assert_eq!(after.comes_to(&by_the_old).await, "quote.ready");

    // The older one says that it cannot tell, and changes nothing.
    let http = Http::new(hamlet.nodes[old].address.clone());
    let key = format!("Bearer {API_KEY}");
    let body = json!({ "actor": { "role": "owner", "id": "user-1" } }).to_string();
    let headers = [
        ("authorization", key.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "asked-of-the-old-one"),
    ];
    let (read, command) = (
        format!("/v1/changes/{by_the_new}"),
        format!("/v1/changes/{by_the_new}/quote"),
    );
    for (method, path) in [(Method::GET, read), (Method::POST, command)] {
        let refused = http.send(method, &path, &headers, body.clone()).await;
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (503, &json!("newer_version")),
            "{path}"
        );
        assert!(refused.headers.contains_key("retry-after"));
    }
    assert_eq!(hamlet.entries(&by_the_new).await, 1);

    // Back: the newer one is taken away in the middle. What it wrote waits, untouched; the rest goes on.
    after.asks_for_a_quote(&by_the_new).await;
    hamlet.nodes[new].kill().await;
    let written = hamlet.entries(&by_the_new).await;
    let story = before
        .goes_on(&by_the_old, first.at_the_provider(), Manner::Pays)
        .await;
    assert_eq!(story, "active");
    assert_eq!(hamlet.entries(&by_the_new).await, written);

    // And forward again: everything comes to its end.
    assert!(hamlet.nodes[new].start().await);
    let story = after
        .goes_on(&by_the_new, second.at_the_provider(), Manner::Pays)
        .await;
    assert_eq!(story, "active");
    assert_eq!(hamlet.sandbox.provider.charges_for_changes().await.len(), 2);
    for customer in [&mut first, &mut second] {
        customer.has(4, 7);
        assert_eq!(after.changes(customer, Manner::Pays).await.stage, "active");
    }
    assert_eq!(hamlet.sandbox.provider.charges_for_changes().await.len(), 4);
    hamlet.ends().await;
}

impl Hamlet {
    /// How much has happened to a change.
    async fn entries(&self, change: &str) -> i64 {
        let count = format!("SELECT count(*) AS entries FROM journal WHERE change = '{change}'");
        self.database
            .look(&count)
            .await
            .first()
            .expect("a row")
            .get("entries")
    }
}
