//! What a node leaves behind that is gone: others go on with it when its leases end, by the database's time alone.

use std::time::Duration;

use sqlx::Row as _;

use super::draining::Hamlet;
use super::fleet::Kind;

/// How long the nodes of these stories hold what they claim.
const LEASE_SECONDS: i64 = 5;
const LEASE: (&str, &str) = ("CHANGEOVER_TEST_LEASE_SECONDS", "5");
/// How much later others go on at the latest, in milliseconds.
const LATER_MAX: i64 = 2_000;
/// Between two looks at the database.
const LOOK_EVERY: Duration = Duration::from_millis(100);

impl Hamlet {
    /// Who holds a change now, until when; waits until somebody does.
    async fn holder(&self, change: &str) -> (String, i64) {
        let held = format!(
            "SELECT lease_owner, lease_until FROM due WHERE subject = '{change}' AND lease_owner IS NOT NULL"
        );
        loop {
            if let Some(row) = self.database.look(&held).await.first() {
                return (row.get("lease_owner"), row.get("lease_until"));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// When the journal says that this entry was written, in epoch milliseconds of the database.
    async fn journalled(&self, change: &str, seq: i64) -> i64 {
        let line = format!("SELECT at FROM journal WHERE change = '{change}' AND seq = {seq}");
        self.database
            .look(&line)
            .await
            .first()
            .expect("an entry")
            .get("at")
    }
}

#[tokio::test]
async fn what_a_killed_node_held_goes_on_when_its_lease_ends() {
    let mut hamlet = Hamlet::found(&[LEASE]).await;
    for kind in [Kind::Serve, Kind::Work, Kind::Work] {
        let node = hamlet.another(kind);
        hamlet.gets(node).await;
    }
    let town = hamlet.town("killed", 0);
    let customer = town.newcomer(0).await;
    let change = town.opens(&customer).await;
    let quote = "/v1/invoices/create_preview";
    hamlet
        .sandbox
        .provider
        .fault("POST", quote, 1, "hang_before")
        .await;
    town.asks_for_a_quote(&change).await;
    // Only a node that is waiting for the provider's answer has anything to leave behind.
    while hamlet.sandbox.provider.get("/_sandbox/faults").await["data"][0]["hits"] != 1 {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let (owner, until) = hamlet.holder(&change).await;
    let mut died = None;
    for (nth, node) in hamlet.nodes.iter_mut().enumerate() {
        if node.owner == owner {
            node.kill().await;
            died = Some(nth);
        }
    }
    let died = died.expect("one of the nodes holds it");
    // Its clients go elsewhere.
    assert!(hamlet.nodes[died].start().await);
    assert_eq!(town.comes_to(&change).await, "quote.ready");
    let went_on = hamlet.journalled(&change, 3).await;
    assert!(
        (until..=until + LATER_MAX).contains(&went_on),
        "the lease ended at {until}, and the change went on {} ms later",
        went_on - until
    );
    hamlet.ends().await;
}

#[tokio::test]
async fn clocks_that_are_wrong_by_a_day_decide_nothing_and_are_told_of() {
    let mut hamlet = Hamlet::found(&[LEASE]).await;
    let ahead = "CHANGEOVER_TEST_CLOCK_AHEAD_SECONDS";
    for (kind, seconds) in [(Kind::Serve, "86400"), (Kind::Work, "-86400"), (Kind::Work, "0")] {
        let node = hamlet.another(kind).rehearsing(ahead, seconds);
        hamlet.gets(node).await;
    }
    let town = hamlet.town("clocks", 0);
    let mut customer = town.newcomer(0).await;
    let story = town.changes(&mut customer, super::customers::Manner::Pays).await;
    assert_eq!(story.stage, "active");
    let present = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now, min(at) AS first, max(at) AS last FROM journal";
    let row = hamlet.database.look(present).await.remove(0);
    let (now, first, last): (i64, i64, i64) = (row.get("now"), row.get("first"), row.get("last"));
    let an_hour = 3_600_000;
    assert!(
        now - an_hour < first && last <= now + LEASE_SECONDS * 1000,
        "{first} to {last} at {now}"
    );
    for (node, wrong) in hamlet.nodes.iter().zip([true, true, false]) {
        assert_eq!(
            node.log().contains("this node's clock is off"),
            wrong,
            "{}",
            node.log()
        );
    }
    hamlet.ends().await;
}
