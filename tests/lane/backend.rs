//! The seller's backend as it has to be where nodes come and go: every command carries a key and is sent, to whichever node,
//! until it has an answer. What was acknowledged is remembered, to be held against what is left in the end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::fleet::API_KEY;
use crate::support::{Http, Problem, read};

/// A node that says nothing for so long is frozen, or its line is cut: the next one is asked.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(150);
/// Requests at once: more than the nodes answer side by side, fewer than they would refuse.
const AT_ONCE: usize = 32;
/// Looks that wait for a change to move, besides.
const LOOKS_AT_ONCE: usize = 64;

/// An answer that a client has seen.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    pub key: String,
    pub status: u16,
    pub body: Bytes,
}

#[derive(Clone)]
pub struct Backend {
    nodes: Arc<Vec<Http>>,
    name: &'static str,
    chance: Arc<Mutex<ChaCha8Rng>>,
    places: Arc<Semaphore>,
    looks: Arc<Semaphore>,
    seen: Arc<Mutex<Seen>>,
}

/// What it went through.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub acknowledged: Vec<Acknowledged>,
    /// Commands that were sent more than once.
    pub repeated: u64,
    /// Tries that brought no answer, or none that says anything.
    pub unanswered: u64,
    keys: u64,
}

impl Backend {
    pub fn of(name: &'static str, nodes: &[String], seed: u64) -> Self {
        Self {
            nodes: Arc::new(nodes.iter().map(Http::new).collect()),
            name,
            chance: Arc::new(Mutex::new(ChaCha8Rng::seed_from_u64(seed))),
            places: Arc::new(Semaphore::new(AT_ONCE)),
            looks: Arc::new(Semaphore::new(LOOKS_AT_ONCE)),
            seen: Arc::default(),
        }
    }

    pub fn seen(&self) -> Seen {
        self.seen.lock().expect("no test has panicked here").clone()
    }

    fn note(&self, what: impl FnOnce(&mut Seen)) {
        what(&mut self.seen.lock().expect("no test has panicked here"));
    }

    fn next_key(&self) -> String {
        let mut seen = self.seen.lock().expect("no test has panicked here");
        seen.keys += 1;
        format!("{}-{}", self.name.replace(' ', "-"), seen.keys)
    }

    /// Sends a command until it is answered: done, or refused for a reason that lies in the command.
    pub async fn command(&self, method: Method, path: &str, body: &Value) -> Result<Value, Problem> {
        let key = self.next_key();
        let mut first = true;
        loop {
            if let Some(answer) = self.attempt(&method, path, Some(&key), body.to_string()).await {
                if let (Ok(_), false) = (&answer.1, path.ends_with("/card-setup")) {
                    let body = answer.0;
                    self.note(|seen| {
                        seen.acknowledged.push(Acknowledged {
                            key: key.clone(),
                            status: answer.2,
                            body,
                        });
                    });
                }
                return answer.1;
            }
            if first {
                self.note(|seen| seen.repeated += 1);
                first = false;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Reads until there is an answer.
    pub async fn get(&self, path: &str) -> Value {
        let read = self.try_get(path).await;
        read.unwrap_or_else(|problem| panic!("GET {path}: {problem:?}"))
    }

    /// The same, where it may be refused.
    pub async fn try_get(&self, path: &str) -> Result<Value, Problem> {
        loop {
            if let Some((_, read, _)) = self.attempt(&Method::GET, path, None, String::new()).await {
                return read;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Asks one node once.
    async fn attempt(
        &self,
        method: &Method,
        path: &str,
        key: Option<&str>,
        body: String,
    ) -> Option<(Bytes, Result<Value, Problem>, u16)> {
        let authorization = format!("Bearer {API_KEY}");
        let mut headers = vec![("authorization", authorization.as_str())];
        if let Some(key) = key {
            headers.extend([("content-type", "application/json"), ("idempotency-key", key)]);
        }
        let places = if path.contains("?wait=") {
            &self.looks
        } else {
            &self.places
        };
        let _place = places.acquire().await.expect("never closed");
        let nth = {
            let mut chance = self.chance.lock().expect("no test has panicked here");
            chance.random_range(0..self.nodes.len())
        };
        let asked = self.nodes[nth].try_send(method.clone(), path, &headers, body);
        let answer = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(answer)) if answer.status < 500 => answer,
            _ => {
                self.note(|seen| seen.unanswered += 1);
                return None;
            }
        };
        let said = read(&answer);
        // It is worth another try as it is: somebody else was at the change in that moment.
        let busy = ["change_busy", "body_timed_out"];
        if said
            .as_ref()
            .is_err_and(|problem| busy.contains(&problem.code.as_str()))
        {
            return None;
        }
        Some((answer.body, said, answer.status))
    }
}
