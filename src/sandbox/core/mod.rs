//! The world inside the sandbox: customers, cards, prices, subscriptions, invoices, money and events, and the passing of
//! time over them.
//!
//! Deterministic: the same calls at the same instants with the same seed give the same answers, byte for byte. Time is
//! handed in; nothing is random; nothing waits. It knows decoded parameters and rendered JSON, and must never know HTTP,
//! a database, or any other room of this package: that the provider reckons on its own is what makes a comparison with
//! our own reckoning worth anything.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::ApiError;

mod ids;
mod shelf;

/// One object as it lies in the durable file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is, such as `customer`.
    pub kind: String,
    /// Its identifier, unique within the kind.
    pub id: String,
    /// Its content; `None` when it was deleted.
    pub body: Option<Vec<u8>>,
}

/// Why a durable file cannot become a world.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The file holds a kind that this program does not know: it is foreign, or from a newer program.
    #[error("unknown kind of record '{0}'")]
    UnknownKind(String),
    /// A record cannot be read.
    #[error("the {kind} '{id}' cannot be read: {source}")]
    Unreadable {
        /// The record's kind.
        kind: String,
        /// The record's identifier.
        id: String,
        /// What is wrong with its content.
        source: serde_json::Error,
    },
    /// There are records, but not the one that says which world they belong to.
    #[error("the record of the world itself is missing")]
    NoWorld,
}

/// One API operation, decoded and typed.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The published `operationId`, such as `PostSubscriptionsSubscriptionExposedId`.
    pub operation: &'a str,
    /// The variables of the path, such as `subscription_exposed_id`.
    pub path: &'a BTreeMap<String, String>,
    /// The parameters, already of the published types, `expand` included.
    pub params: &'a Map<String, Value>,
    /// Now, in unix seconds.
    pub now: i64,
    /// The `Request-Id` of this call; events name it.
    pub request_id: &'a str,
    /// The idempotency key, if one came along; events name it.
    pub idempotency_key: Option<&'a str>,
}

/// Everything that exists in one sandbox.
pub struct World {
    ids: ids::Ids,
    base_url: String,
}

impl World {
    /// An empty world. The seed decides what its identifiers look like.
    pub fn new(seed: u64) -> World {
        World {
            ids: ids::Ids::new(seed),
            base_url: String::new(),
        }
    }

    /// The world that a durable file holds.
    pub fn restore(records: impl IntoIterator<Item = Record>) -> Result<World, RestoreError> {
        match records.into_iter().next() {
            Some(record) => Err(RestoreError::UnknownKind(record.kind)),
            None => Err(RestoreError::NoWorld),
        }
    }

    /// Where the pages of this sandbox are reached (`http://127.0.0.1:4242`), for the links in answers. Not stored.
    pub fn set_base_url(&mut self, base_url: &str) {
        base_url.trim_end_matches('/').clone_into(&mut self.base_url);
    }

    /// Everything that changed since the last call. It must be durable before an answer leaves.
    pub fn take_changes(&mut self) -> Vec<Record> {
        Vec::new()
    }

    /// Does one API operation, after all time-driven work that is due by then. An error leaves everything as it was,
    /// except for what Stripe keeps too: the traces of a payment that was declined.
    pub fn perform(&mut self, call: &Call<'_>) -> Result<Value, ApiError> {
        self.advance_to(call.now);
        Err(ApiError::new(
            501,
            super::error::ErrorKind::InvalidRequest,
            format!("{} is not built yet ({})", call.operation, self.ids.made()),
        ))
    }

    /// Does all time-driven work that is due by `now` (unix seconds). Going back in time does nothing.
    pub fn advance_to(&mut self, now: i64) {
        let _ = now;
    }

    /// When the next time-driven work is due, in unix seconds.
    pub fn next_due(&self) -> Option<i64> {
        None
    }

    /// The events that were made since the last call, rendered, oldest first.
    pub fn take_events(&mut self) -> Vec<Value> {
        Vec::new()
    }

    /// The buttons of the 3-D Secure page, for a payment intent or a setup intent.
    pub fn complete_authentication(
        &mut self,
        intent: &str,
        approved: bool,
        now: i64,
    ) -> Result<(), ApiError> {
        let _ = (approved, now);
        Err(ApiError::missing("payment_intent", intent, "intent"))
    }

    /// Everything that moved money, in the order of making.
    pub fn ledger(&self) -> Value {
        Value::Array(Vec::new())
    }
}
