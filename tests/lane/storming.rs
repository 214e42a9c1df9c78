//! The storm: a thousand customers change their plans while everything around them dies, freezes, goes away and comes back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use changeover::app::{Database as Opened, FILE};
use futures_util::StreamExt as _;
use futures_util::stream;
use secrecy::SecretString;
use serde_json::json;

use super::backend::Backend;
use super::customers::{Customer, Story, Town};
use super::database::Database;
use super::fleet::{Installation, Kind, Node, Sandbox};
use super::proving::{Proven, comes_to_rest, proves};
use super::storm::Storm;
use super::wire::Wire;

/// How long a node holds what it claims, in seconds: short, so that what dead nodes held goes on within the storm.
const LEASE_SECONDS: u64 = 10;
/// How many customers move in side by side.
const MOVING_IN: usize = 16;
/// What an operator can set: how long the storm rages, how many customers there are, and the seed of all chance.
const SECONDS: &str = "CHANGEOVER_LANE_SECONDS";
const CUSTOMERS: &str = "CHANGEOVER_LANE_CHANGES";
const SEED: &str = "CHANGEOVER_LANE_SEED";

fn setting(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a number")),
        Err(_) => otherwise,
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes and the whole machine; run by tests/run"]
async fn three_nodes_on_postgresql_keep_every_promise() {
    let database = Database::start().await;
    let customers = setting(CUSTOMERS, 1_000);
    let kinds = [Kind::Serve, Kind::Serve, Kind::Work];
    weather("three nodes on PostgreSQL", &kinds, Some(database), customers).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes and the whole machine; run by tests/run"]
async fn one_node_on_sqlite_keeps_every_promise() {
    let customers = setting(CUSTOMERS, 1_000) / 5;
    weather("one node on SQLite", &[Kind::Serve], None, customers.max(1)).await;
}

async fn weather(name: &'static str, kinds: &[Kind], mut database: Option<Database>, customers: u64) {
    let (seconds, seed) = (setting(SECONDS, 30), setting(SEED, 1));
    let folder = tempfile::tempdir().expect("a folder");
    // Webhooks go to whichever node serves; what goes to the provider goes over a line that can break.
    let inbound = Wire::to(Vec::new(), seed).await;
    let sandbox = Sandbox::start(&inbound.address).await;
    sandbox.is_furnished().await;
    let outbound = Wire::to(vec![sandbox.provider.address()], seed + 1).await;
    let installation = Installation {
        provider: outbound.address.clone(),
        database: database.as_ref().map(|database| database.address.clone()),
        rehearsal: vec![("CHANGEOVER_TEST_LEASE_SECONDS", LEASE_SECONDS.to_string())],
    };
    let mut nodes: Vec<Node> = (0..)
        .zip(kinds)
        .map(|(nth, kind): (usize, _)| Node::new(*kind, &folder.path().join(nth.to_string()), &installation))
        .collect();
    for node in &mut nodes {
        assert!(node.start().await, "a node did not start:\n{}", node.log());
    }
    let serving: Vec<String> = nodes
        .iter()
        .filter(|node| node.kind == Kind::Serve)
        .map(|node| node.address.clone())
        .collect();
    inbound.leads_to(serving.clone());

    let town = Town {
        backend: Backend::of(name, &serving, seed + 2),
        provider: sandbox.provider.clone(),
        open: Arc::new(AtomicBool::new(true)),
    };
    let inhabitants = moves_in(&town, customers).await;
    sandbox
        .provider
        .treats_webhooks(&json!({ "drop_every": 5, "duplicates": 1, "reorder": true }))
        .await;
    outbound.is_broken(true);
    let lives = inhabitants.into_iter().map(|customer| {
        let town = town.clone();
        tokio::spawn(async move { town.lives(customer).await })
    });
    let lives: Vec<_> = lives.collect();
    let mut storm = Storm::of(seed + 3);
    storm
        .rages(Duration::from_secs(seconds), &mut nodes, database.as_mut())
        .await;
    town.open.store(false, Ordering::SeqCst);
    outbound.is_broken(false);
    sandbox.provider.treats_webhooks(&json!({})).await;

    // Each has as much time after the storm as it takes to come to its end in peace, and the waits that the storm has caused.
    let bound = Duration::from_secs(300 + customers / 2);
    let calm = tokio::time::Instant::now();
    let stories = tokio::time::timeout(bound, ended(lives))
        .await
        .expect("all stories end");
    let opened = open(database.as_ref(), folder.path()).await;
    let books = opened.store();
    comes_to_rest(books.as_ref(), bound).await;
    let rest = calm.elapsed();
    let mails: Vec<_> = nodes.iter().flat_map(Node::mails).collect();
    let answers = town.backend.seen();
    let proven = proves(
        books.as_ref(),
        &sandbox.provider,
        &mails,
        &answers.acknowledged,
        &stories,
    )
    .await;
    opened.close().await;
    storm
        .injected
        .insert("requests that never reached the provider", outbound.lost().0);
    storm
        .injected
        .insert("answers of the provider that were swallowed", outbound.lost().1);
    storm
        .injected
        .insert("tries of clients without an answer", answers.unanswered);
    storm
        .injected
        .insert("commands that were sent again", answers.repeated);
    tells(name, seconds, seed, rest, &storm, &proven);
    for node in &mut nodes {
        node.signal("TERM");
        assert!(
            node.ended().await.success(),
            "a node did not end in good order:\n{}",
            node.log()
        );
    }
}

async fn moves_in(town: &Town, customers: u64) -> Vec<Customer> {
    let prices = town.provider.get("/v1/prices?limit=100").await;
    let numbers = usize::try_from(customers).expect("a number");
    let moving = stream::iter(0..numbers).map(|number| town.moves_in(number, &prices));
    moving.buffer_unordered(MOVING_IN).collect().await
}

async fn ended(lives: Vec<tokio::task::JoinHandle<Vec<Story>>>) -> Vec<Story> {
    let mut stories = Vec::new();
    for life in lives {
        stories.extend(life.await.expect("no customer met something that must not be"));
    }
    stories
}

/// Opens the database for reading alone.
async fn open(database: Option<&Database>, folder: &Path) -> Opened {
    let address = database.map(|database| SecretString::from(database.address.clone()));
    let file = folder.join("0").join(FILE);
    Opened::read(address.as_ref(), &file).await.expect("a database")
}

#[expect(clippy::print_stdout, reason = "the table is what the operator runs this for")]
fn tells(name: &str, seconds: u64, seed: u64, rest: Duration, storm: &Storm, proven: &Proven) {
    println!(
        "\n{name}: {seconds} s of storm, seed {seed}; at rest {} s after it",
        rest.as_secs()
    );
    let rows = |title: &str, rows: Vec<(String, u64)>| {
        println!("  {title}");
        for (what, count) in rows {
            println!("    {count:>8}  {what}");
        }
    };
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let injected = storm.injected.iter();
    rows(
        "went wrong",
        injected
            .map(|(what, count)| ((*what).to_owned(), *count))
            .collect(),
    );
    let mut done = vec![("changes".to_owned(), count(proven.changes))];
    done.extend(
        proven
            .ended
            .iter()
            .map(|(stage, n)| (format!("of them {stage}"), count(*n))),
    );
    done.extend([
        ("of them waiting for a customer".to_owned(), count(proven.waiting)),
        ("journal entries, chains intact".to_owned(), proven.entries),
        (
            "acknowledged answers, all kept word for word".to_owned(),
            count(proven.acknowledged),
        ),
        (
            "contracts, each with its right plan here and at the provider".to_owned(),
            count(proven.plans),
        ),
        ("mails, one for each fact".to_owned(), count(proven.mails)),
        (
            "second copies, each under the same Message-ID".to_owned(),
            count(proven.second_copies),
        ),
        (
            "double charges, lost answers, wrong plans, silent flows".to_owned(),
            0,
        ),
    ]);
    rows("proven", done);
}
