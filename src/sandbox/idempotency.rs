//! What was answered to a request that carried an idempotency key, so that the same request gets the same answer.
//!
//! Stripe's rules: an answer is kept once execution began, errors and 500s included; what was refused before (a wrong
//! parameter, a rate limit, a key in use) is not. A key lives for 24 hours of sandbox time.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    error::{ApiError, ErrorKind},
    file::{Drawer, Write},
};

/// How long an answer is replayed.
const KEPT_SECONDS: i64 = 24 * 60 * 60;
/// Answers kept at once; the oldest leave first.
const KEPT_MAX: usize = 100_000;
/// Bytes of a key.
pub(super) const KEY_BYTES_MAX: usize = 255;

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// A hash over method, path and parameters: the same key must mean the same request.
    pub(super) fingerprint: String,
    /// HTTP status.
    pub(super) status: u16,
    /// The body, byte for byte.
    pub(super) body: String,
    /// The request that was executed.
    pub(super) request_id: String,
    /// When, in unix seconds.
    pub(super) at: i64,
}

/// What a key means to a request that carries it.
#[derive(Debug)]
pub(super) enum Entry {
    /// It is new, and is now in flight until it is kept or released.
    Fresh,
    /// It was answered before.
    Replay(Kept),
}

/// The kept answers and the keys in flight.
#[derive(Debug, Default)]
pub(super) struct Answers {
    kept: BTreeMap<String, Kept>,
    by_age: BTreeSet<(i64, String)>,
    in_flight: BTreeSet<String>,
    writes: Vec<Write>,
}

impl Answers {
    /// Puts back an answer from the durable file.
    pub(super) fn restore(&mut self, key: String, body: &[u8]) -> Result<(), serde_json::Error> {
        let kept: Kept = serde_json::from_slice(body)?;
        self.by_age.insert((kept.at, key.clone()));
        self.kept.insert(key, kept);
        Ok(())
    }

    /// Asks what `key` means now.
    ///
    /// # Errors
    /// 400 `idempotency_error` when the key belongs to another request, 409 while its first request is being executed.
    pub(super) fn begin(&mut self, key: &str, fingerprint: &str, now: i64) -> Result<Entry, ApiError> {
        self.prune(now);
        if let Some(kept) = self.kept.get(key) {
            if kept.fingerprint == fingerprint {
                return Ok(Entry::Replay(kept.clone()));
            }
            let message = "Keys for idempotent requests can only be used with the same parameters they were first used with. \
                           Try using a key other than the one given if you meant to execute a different request.";
            return Err(ApiError::new(400, ErrorKind::Idempotency, message));
        }
        if self.in_flight.insert(key.to_owned()) {
            Ok(Entry::Fresh)
        } else {
            Err(in_use())
        }
    }

    /// Keeps the answer to the request that began with `key`.
    pub(super) fn keep(&mut self, key: &str, kept: Kept) {
        self.release(key);
        if let Ok(body) = serde_json::to_vec(&kept) {
            self.writes.push(Write::put(Drawer::Answers, key, body));
        }
        self.by_age.insert((kept.at, key.to_owned()));
        self.kept.insert(key.to_owned(), kept);
    }

    /// Lets go of a key in flight: its request was not executed.
    pub(super) fn release(&mut self, key: &str) {
        self.in_flight.remove(key);
    }

    /// What has to become durable since the last call.
    pub(super) fn take_writes(&mut self) -> Vec<Write> {
        std::mem::take(&mut self.writes)
    }

    fn prune(&mut self, now: i64) {
        while let Some((at, _)) = self.by_age.first() {
            if now.saturating_sub(*at) < KEPT_SECONDS && self.by_age.len() <= KEPT_MAX {
                break;
            }
            if let Some((_, key)) = self.by_age.pop_first() {
                self.kept.remove(&key);
                self.writes.push(Write::delete(Drawer::Answers, key));
            }
        }
    }
}

/// The 409 that Stripe gives while another request with the same key is being executed.
pub(super) fn in_use() -> ApiError {
    let message = "There is currently another in-progress request using this idempotency key (that probably means you \
                   submitted twice, and the other request is still going through).";
    ApiError::new(409, ErrorKind::Idempotency, message).with_code("idempotency_key_in_use")
}
