//! How a node ends when it is told to, and what a node is that only works.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use hyper::Method;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::backend::Backend;
use super::customers::{Customer, Town};
use super::fleet::{Installation, Kind, Node, Sandbox};
use crate::support::postgres::Fresh;
use crate::support::{Http, selecting};

/// A few nodes on one database, in peace.
pub struct Hamlet {
    pub database: Fresh,
    pub sandbox: Sandbox,
    pub nodes: Vec<Node>,
    folder: tempfile::TempDir,
    installation: Installation,
}

impl Hamlet {
    pub async fn found(rehearsal: &[(&'static str, &str)]) -> Self {
        let database = Fresh::migrated().await;
        // Nobody listens there: without webhooks everything must come about as well.
        let sandbox = Sandbox::start("http://127.0.0.1:9").await;
        sandbox.is_furnished().await;
        let installation = Installation {
            provider: sandbox.provider.address(),
            database: Some(database.address().expose_secret().to_owned()),
            rehearsal: rehearsal
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
        };
        Self {
            database,
            sandbox,
            nodes: Vec::new(),
            folder: tempfile::tempdir().expect("a folder"),
            installation,
        }
    }

    /// One more node, not started yet.
    pub fn another(&self, kind: Kind) -> Node {
        let folder = self.folder.path().join(self.nodes.len().to_string());
        Node::new(kind, &folder, &self.installation)
    }

    /// One more node, running.
    pub async fn gets(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        let node = self.nodes.last_mut().expect("it was just added");
        assert!(node.start().await, "a node did not start:\n{}", node.log());
        self.nodes.len() - 1
    }

    /// Its town, as one node shows it.
    pub fn town(&self, name: &'static str, nth: usize) -> Town {
        Town {
            backend: Backend::of(name, &[self.nodes[nth].address.clone()], 7),
            provider: self.sandbox.provider.clone(),
            open: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Ends everything in good order.
    pub async fn ends(mut self) {
        for node in self.nodes.iter_mut().filter(|node| node.is_running()) {
            node.signal("TERM");
            assert!(
                node.ended().await.success(),
                "it did not end in good order:\n{}",
                node.log()
            );
        }
        self.database.remove().await;
    }
}

impl Town {
    pub async fn newcomer(&self, number: usize) -> Customer {
        let prices = self.provider.get("/v1/prices?limit=100").await;
        self.moves_in(number, &prices).await
    }

    /// A change that has been opened and not asked anything of yet.
    pub async fn opens(&self, customer: &Customer) -> String {
        let selection = selecting("growth", "month", &[("device", 4), ("user-seat", 7)]);
        let body = json!({ "selection": selection, "actor": { "role": "owner", "id": "user-1" } });
        let path = format!("/v1/contracts/{}/changes", customer.contract);
        let opened = self
            .backend
            .command(Method::POST, &path, &body)
            .await
            .expect("a change");
        opened["id"].as_str().expect("an id").to_owned()
    }

    pub async fn asks_for_a_quote(&self, change: &str) {
        let path = format!("/v1/changes/{change}/quote");
        let body = json!({ "actor": { "role": "owner", "id": "user-1" } });
        self.backend
            .command(Method::POST, &path, &body)
            .await
            .expect("asked");
    }

    /// The stage as soon as the change no longer moves by itself.
    pub async fn comes_to(&self, change: &str) -> String {
        loop {
            let seen = self.backend.get(&format!("/v1/changes/{change}?wait=10")).await;
            if seen["next_action"]["type"] != "wait" {
                return crate::support::stage_of(&seen);
            }
        }
    }
}

#[tokio::test]
async fn a_node_that_only_works_tells_its_health_and_needs_a_database_that_can_be_shared() {
    let mut hamlet = Hamlet::found(&[]).await;
    let worker = hamlet.another(Kind::Work);
    let worker = hamlet.gets(worker).await;
    let http = Http::new(hamlet.nodes[worker].address.clone());
    for path in ["/healthz", "/readyz"] {
        assert_eq!(http.send(Method::GET, path, &[], "").await.status, 200, "{path}");
    }
    // It serves nothing else.
    assert_eq!(http.send(Method::GET, "/v1/catalog", &[], "").await.status, 404);

    let alone = Installation {
        database: None,
        ..hamlet.installation.clone()
    };
    let mut refused = Node::new(Kind::Work, &hamlet.folder.path().join("alone"), &alone);
    assert!(!refused.start().await);
    assert!(
        refused.log().contains("belongs to one process"),
        "{}",
        refused.log()
    );
    hamlet.ends().await;
}

#[tokio::test]
async fn a_node_that_ends_says_so_and_answers_what_was_asked_before() {
    let mut hamlet = Hamlet::found(&[("CHANGEOVER_DRAIN_NOTICE", "5")]).await;
    let node = hamlet.another(Kind::Serve);
    let node = hamlet.gets(node).await;
    let town = hamlet.town("draining", node);
    let customer = town.newcomer(0).await;
    let change = town.opens(&customer).await;
    // The provider has no quote to give.
    let down = json!({ "path": "/v1/invoices/create_preview", "times": 0, "action": "html_502" });
    hamlet.sandbox.provider.fails(&down).await;
    town.asks_for_a_quote(&change).await;
    let http = Http::new(hamlet.nodes[node].address.clone());
    let key = format!("Bearer {}", super::fleet::API_KEY);
    let path = format!("/v1/changes/{change}?wait=30");
    let headers = [("authorization", key.as_str())];
    let waiting = http.send(Method::GET, &path, &headers, "");
    hamlet.nodes[node].signal("TERM");
    let told = async {
        loop {
            let ready = http.send(Method::GET, "/readyz", &[], "").await;
            if ready.status != 200 {
                return (ready.status, ready.json()["code"].clone());
            }
        }
    };
    let (answer, told) = tokio::join!(waiting, told);
    assert_eq!(told, (503, json!("ending")));
    // Who waited is answered with what there is.
    assert_eq!(answer.status, 200);
    assert_eq!(crate::support::stage_of(&answer.json()), "quote.pending");
    let ended = hamlet.nodes[node].ended().await;
    assert!(ended.success(), "{}", hamlet.nodes[node].log());
    let held = hamlet
        .database
        .look("SELECT subject FROM due WHERE lease_owner IS NOT NULL")
        .await;
    assert!(held.is_empty(), "something was not given back");
    hamlet.ends().await;
}
