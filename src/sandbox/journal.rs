//! The last requests, for people and for proofs: what came in, and what was answered.
//!
//! In memory only. Card numbers, security codes and client secrets never get in here.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::{Map, Value};

/// Requests remembered.
const REMEMBERED_MAX: usize = 2_000;
/// Names whose values are never written down.
const HIDDEN: [&str; 4] = ["number", "cvc", "client_secret", "secret"];

/// One request.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Entry {
    /// Its `Request-Id`.
    pub(super) id: String,
    /// When it came in, in sandbox time (unix seconds).
    pub(super) at: i64,
    pub(super) method: String,
    pub(super) path: String,
    /// The published operation, once it is known.
    pub(super) operation: Option<String>,
    /// The status of the answer; absent while there is none, or if it never left.
    pub(super) status: Option<u16>,
    pub(super) idempotency_key: Option<String>,
    /// Whether the answer was a kept one.
    pub(super) replayed: bool,
    /// The fault that struck.
    pub(super) fault: Option<super::faults::Action>,
    /// `Stripe-Version` as it was sent.
    pub(super) version: Option<String>,
    /// A hash of the raw query and body: equal for requests that are equal byte for byte.
    pub(super) body_sha256: String,
    /// The typed parameters, once they are known.
    pub(super) params: Value,
}

/// Remembers requests.
#[derive(Debug, Default)]
pub(super) struct Journal {
    entries: VecDeque<(u64, Entry)>,
    made: u64,
}

impl Journal {
    /// Remembers a request that has just come in, and returns its number.
    pub(super) fn begin(&mut self, entry: Entry) -> u64 {
        self.made = self.made.saturating_add(1);
        self.entries.push_back((self.made, entry));
        if self.entries.len() > REMEMBERED_MAX {
            self.entries.pop_front();
        }
        self.made
    }

    /// Adds to what is known of a request, if it is still remembered.
    pub(super) fn amend(&mut self, number: u64, change: impl FnOnce(&mut Entry)) {
        if let Ok(place) = self.entries.binary_search_by_key(&number, |(made, _)| *made)
            && let Some((_, entry)) = self.entries.get_mut(place)
        {
            change(entry);
        }
    }

    /// The newest `limit` requests that `wanted` lets through, oldest first.
    pub(super) fn newest(&self, limit: usize, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let mut entries: Vec<_> = self
            .entries
            .iter()
            .rev()
            .map(|(_, entry)| entry)
            .filter(|entry| wanted(entry))
            .take(limit)
            .cloned()
            .collect();
        entries.reverse();
        entries
    }
}

/// Parameters without what must not be written down.
pub(super) fn presentable(params: &Map<String, Value>) -> Value {
    let entries = params.iter().map(|(name, value)| {
        let value = match value {
            _ if HIDDEN.contains(&name.as_str()) => Value::from("[hidden]"),
            Value::Object(inner) => presentable(inner),
            Value::Array(list) => Value::Array(list.iter().map(in_list).collect()),
            other => other.clone(),
        };
        (name.clone(), value)
    });
    Value::Object(entries.collect())
}

fn in_list(value: &Value) -> Value {
    match value {
        Value::Object(inner) => presentable(inner),
        other => other.clone(),
    }
}
