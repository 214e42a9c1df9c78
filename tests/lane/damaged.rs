//! The checks of the storm, tried on damage. After a small and quiet run everything is sound; then one thing is damaged by hand, in
//! a copy of the store, at the provider or in what was seen, and the check that is there for it must say which promise broke. A
//! harness that cannot fail proves nothing.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use changeover::app::{Database, FILE};
use changeover::mail::StoredMail;
use futures_util::FutureExt as _;
use hyper::Method;
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;

use super::backend::{Acknowledged, Backend};
use super::customers::{Customer, Manner, Story, Town, text};
use super::fleet::{Installation, Kind, Node, Sandbox};
use super::proving::{comes_to_rest, proves};
use crate::support::Http;

/// More than the quiet run needs.
const SOON: Duration = Duration::from_mins(1);

/// What is left of a small run, and what its people have seen.
struct Aftermath {
    sandbox: Sandbox,
    folder: TempDir,
    customers: Vec<Customer>,
    stories: Vec<Story>,
    acknowledged: Vec<Acknowledged>,
    mails: Vec<StoredMail>,
}

impl Aftermath {
    /// One customer pays, one gives up, and one looks at the quote and goes away. Then the node ends in good order.
    async fn of_a_small_run() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let sandbox = Sandbox::start("http://127.0.0.1:9").await;
        sandbox.is_furnished().await;
        let installation = Installation {
            provider: sandbox.provider.address(),
            database: None,
            rehearsal: Vec::new(),
        };
        let mut node = Node::new(Kind::Serve, &folder.path().join("0"), &installation);
        assert!(node.start().await, "the node did not start:\n{}", node.log());
        let town = Town {
            backend: Backend::of("a small run", &[node.address.clone()], 7),
            provider: sandbox.provider.clone(),
            open: Arc::new(AtomicBool::new(true)),
        };
        let (mut customers, mut stories) = (Vec::new(), Vec::new());
        for (number, manner) in [Manner::Pays, Manner::GivesUp, Manner::WalksAway]
            .into_iter()
            .enumerate()
        {
            let mut customer = town.newcomer(number).await;
            stories.push(town.changes(&mut customer, manner).await);
            customers.push(customer);
        }
        let books = Database::read(None, &folder.path().join("0").join(FILE)).await;
        let books = books.expect("a database");
        comes_to_rest(books.store().as_ref(), SOON).await;
        books.close().await;
        node.signal("TERM");
        assert!(node.ended().await.success(), "{}", node.log());
        Self {
            acknowledged: town.backend.seen().acknowledged,
            mails: node.mails(),
            sandbox,
            folder,
            customers,
            stories,
        }
    }

    /// A copy of the store in which this was done past the program.
    async fn copy(&self, damage: &str) -> PathBuf {
        let copy = self.folder.path().join("copy.db");
        std::fs::copy(self.folder.path().join("0").join(FILE), &copy).expect("copied");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&copy);
        let mut connection = options.connect().await.expect("a connection");
        let statements = sqlx::raw_sql(sqlx::AssertSqlSafe(damage.to_owned()));
        statements.execute(&mut connection).await.expect("written");
        connection.close().await.expect("closed");
        copy
    }

    /// What the proof of the storm says after this damage to the store; nothing where it finds nothing.
    async fn is_said_after(&self, damage: &str) -> String {
        let opened = Database::read(None, &self.copy(damage).await)
            .await
            .expect("a database");
        let store = opened.store();
        let proof = async {
            comes_to_rest(store.as_ref(), Duration::ZERO).await;
            self.proves(store.as_ref()).await;
        };
        let said = verdict(proof).await;
        opened.close().await;
        said
    }

    /// The same without waiting for rest: what is looked at once it seems to have come.
    async fn is_proven_after(&self, damage: &str) -> String {
        let opened = Database::read(None, &self.copy(damage).await)
            .await
            .expect("a database");
        let said = verdict(self.proves(opened.store().as_ref())).await;
        opened.close().await;
        said
    }

    async fn proves(&self, store: &dyn changeover::ports::store::Store) {
        let provider = &self.sandbox.provider;
        proves(store, provider, &self.mails, &self.acknowledged, &self.stories).await;
    }

    /// What the proof says of the store as it is.
    async fn is_said(&self) -> String {
        self.is_said_after("SELECT 1").await
    }

    /// Everything is as it was, and as it should be.
    async fn is_sound(&self) {
        assert_eq!(self.is_said().await, "", "nothing was damaged");
    }

    /// The receipt.
    fn receipt(&self) -> usize {
        let told = self
            .mails
            .iter()
            .position(|mail| mail.subject.contains("concluída"));
        told.unwrap_or_else(|| panic!("no receipt among {:?}", subjects(&self.mails)))
    }

    /// The subscription of the customer who paid.
    async fn subscription(&self) -> Value {
        let path = format!(
            "/v1/subscriptions?customer={}",
            self.customers[0].at_the_provider()
        );
        self.sandbox.provider.get(&path).await["data"][0].clone()
    }

    /// Somebody sets the devices of the customer who paid, in the dashboard.
    async fn edits(&self, devices: &str, proration: &str) {
        let held = self.subscription().await;
        let item = text(&held["items"]["data"][0]["id"]);
        let fields = [
            ("items[0][id]", item.as_str()),
            ("items[0][quantity]", devices),
            ("proration_behavior", proration),
        ];
        self.sandbox.provider.edits(&text(&held["id"]), &fields).await;
    }
}

fn subjects(mails: &[StoredMail]) -> Vec<&str> {
    mails.iter().map(|mail| mail.subject.as_str()).collect()
}

/// What a check says that fails; nothing where it does not.
async fn verdict(check: impl Future<Output = ()>) -> String {
    let Err(panicked) = AssertUnwindSafe(check).catch_unwind().await else {
        return String::new();
    };
    let said = match panicked.downcast::<String>() {
        Ok(said) => *said,
        Err(other) => (*other.downcast::<&str>().expect("a sentence")).to_owned(),
    };
    // What a comparison says begins with the two that differ.
    let said = said.trim_start_matches("assertion `left == right` failed: ");
    said.to_owned()
}

/// The check for this promise, and no other, has seen it.
#[track_caller]
fn names(said: &str, promise: &str, what: &str) {
    assert!(
        said.starts_with(promise),
        "{what}: expected {promise}, heard: `{said}`"
    );
}

/// The change of the customer who has gone away is where it was before its last line, as if whoever was at it had died, and the
/// queue has forgotten it.
const NEVER_GOES_ON: &str = "
    DROP TRIGGER journal_is_not_cut;
    CREATE TEMP TABLE last AS SELECT id, version - 1 AS seq FROM change WHERE stage_name = 'quote.ready';
    UPDATE change SET version = seq, journal_head = hash, stage_name = 'quote.pending',
        stage = CAST(json_extract(CAST(content AS TEXT), '$.stage') AS BLOB)
        FROM last JOIN journal USING (seq) WHERE change.id = last.id AND journal.change = last.id;
    DELETE FROM outbox WHERE entry_change IN (SELECT id FROM last) AND entry_seq > (SELECT seq FROM last);
    DELETE FROM journal WHERE change IN (SELECT id FROM last) AND seq > (SELECT seq FROM last);
    UPDATE due SET due_at = NULL WHERE subject IN (SELECT id FROM last)";

/// A change that waits for its customer is due then.
fn waits_until(due_at: &str) -> String {
    format!(
        "UPDATE due SET due_at = {due_at} WHERE subject IN (SELECT id FROM change WHERE stage_name = 'quote.ready')"
    )
}

#[tokio::test]
async fn what_is_wrong_with_the_store_is_seen_by_the_check_that_is_there_for_it() {
    let town = Aftermath::of_a_small_run().await;
    town.is_sound().await;

    let said = town.is_said_after(NEVER_GOES_ON).await;
    names(&said, "I24", "a change that moves by itself is never due again");
    let said = town.is_proven_after(NEVER_GOES_ON).await;
    names(&said, "I24", "the same, where nobody has waited for it to move");

    let said = town.is_said_after(&waits_until("NULL")).await;
    names(&said, "I24", "nobody will ever look at a change that waits");
    let said = town.is_said_after(&waits_until("due_at + 3650 * 86400000")).await;
    names(&said, "I24", "a change that waits is looked at in ten years");
    let cases = [
        (
            "I24",
            "a call is owed for what is over",
            "UPDATE effect SET status = 'unknown', outcome = NULL WHERE name = 'update_subscription'",
        ),
        (
            "I24",
            "a mail never leaves",
            "UPDATE outbox SET status = 'waiting', next_try_at = at WHERE channel = 'mail'",
        ),
        (
            "an intact journal",
            "a line of history says something else",
            "DROP TRIGGER journal_is_not_rewritten;
            UPDATE journal SET content = CAST(replace(CAST(content AS TEXT), 'user-1', 'user-2') AS BLOB)",
        ),
        (
            "I13, I14: sub_",
            "a contract holds what the provider does not",
            "UPDATE contract SET content = CAST(replace(CAST(content AS TEXT), '\"quantity\":7', '\"quantity\":8') AS BLOB)",
        ),
        (
            "I5",
            "a request was never promised",
            "DELETE FROM effect_request; DELETE FROM effect",
        ),
        (
            "I18",
            "a fact is not told",
            "DELETE FROM outbox WHERE topic = 'activated' AND channel = 'event'",
        ),
        (
            "I18",
            "a fact is not mailed",
            "DELETE FROM outbox WHERE topic = 'activated' AND channel = 'mail'",
        ),
        (
            "I22",
            "an acknowledged answer is gone",
            "DELETE FROM client_request",
        ),
        (
            "I22",
            "an acknowledged answer says something else",
            "UPDATE client_request SET body = CAST(body || ' ' AS BLOB)",
        ),
    ];
    for (promise, what, damage) in cases {
        names(&town.is_said_after(damage).await, promise, what);
    }
}

#[tokio::test]
async fn what_is_wrong_with_what_was_seen_is_seen_by_the_check_that_is_there_for_it() {
    let mut town = Aftermath::of_a_small_run().await;
    let receipt = town.receipt();

    let mail = town.mails.remove(receipt);
    names(
        &town.is_said().await,
        "I19",
        "a mail counts as sent and is missing",
    );
    town.mails.extend([mail.clone(), mail.clone()]);
    town.is_sound().await;
    if let Some(copy) = town.mails.last_mut() {
        copy.text.push('!');
    }
    names(&town.is_said().await, "I19", "two mails under one name");
    if let Some(copy) = town.mails.last_mut() {
        *copy = mail;
        copy.message_id = format!("<again-{}", copy.message_id.trim_start_matches('<'));
    }
    names(&town.is_said().await, "I19", "a fact is mailed twice");
    town.mails.pop();
    town.is_sound().await;

    let wanted = std::mem::replace(&mut town.stories[0].wanted, (9, 9));
    names(&town.is_said().await, "I13, I14: contract", "not what was bought");
    town.stories[0].wanted = wanted;
    let lost = std::mem::replace(&mut town.stories[0].change, "lost".to_owned());
    names(
        &town.is_said().await,
        "I22",
        "a change that was acknowledged is gone",
    );
    town.stories[0].change = lost;
    town.is_sound().await;
}

#[tokio::test]
async fn what_is_wrong_at_the_provider_is_seen_by_the_check_that_is_there_for_it() {
    let town = Aftermath::of_a_small_run().await;

    town.edits("9", "none").await;
    let said = town.is_said().await;
    names(
        &said,
        "I13, I14: sub_",
        "the provider holds another plan than the contract",
    );
    town.edits("4", "none").await;
    town.is_sound().await;

    // The same call of ours once more, under another key and for more: its mark is on both invoices.
    town.edits("5", "always_invoice").await;
    town.edits("4", "none").await;
    names(&town.is_said().await, "I15", "a charge that no change knows of");

    is_asked_for_something_else(&town).await;
    names(&town.is_said().await, "I6", "one key, two requests");
}

/// The key of our last charge carries another request.
async fn is_asked_for_something_else(town: &Aftermath) {
    let requests = town.sandbox.provider.requests().await;
    let mut ours = requests
        .iter()
        .filter_map(|request| request["idempotency_key"].as_str());
    let key = ours.rfind(|key| key.contains("update_subscription"));
    let key = key.expect("a key of ours").to_owned();
    let headers = [
        ("authorization", "Bearer sk_test_house"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("idempotency-key", key.as_str()),
    ];
    let path = format!("/v1/subscriptions/{}", text(&town.subscription().await["id"]));
    let http = Http::new(town.sandbox.provider.address());
    let again = http
        .send(Method::POST, &path, &headers, "description=again")
        .await;
    assert_eq!(again.json()["error"]["type"], json!("idempotency_error"));
}
