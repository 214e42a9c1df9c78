//! What comes back from the provider, as far as a verdict needs it. Shows no body, no key and no address of people.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{DATE, HeaderMap, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::Deserialize;

/// A wait longer than this is not taken from the provider's word.
const RETRY_AFTER_SECONDS_MAX: u64 = 3600;

/// What came back: whatever the status says.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body as it came.
    pub body: Bytes,
    /// The provider's name for this request: what its support asks for.
    pub request_id: Option<String>,
    /// Whether this is the stored answer of an earlier request under the same key.
    pub replayed: bool,
    /// Whether the provider asks to try again, when it says.
    pub should_retry: Option<bool>,
    /// How long it asks to wait, when it says; at most an hour.
    pub retry_after: Option<Duration>,
    /// Which of its limits was met, in its own word, when it says.
    pub limited_reason: Option<String>,
    /// When it was written, by the provider's clock, to the second.
    pub date: Option<Timestamp>,
    /// The API version in which it is written, when it says.
    pub version: Option<String>,
}

/// What there was too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LimitedBy {
    /// Requests of the whole account.
    Account,
    /// Requests to one endpoint.
    Endpoint,
    /// Work on one object: somebody else holds its lock, or it was changed too often.
    Object,
}

/// Why nothing, or nothing whole, came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection was made: the request has not left.
    #[error("no connection: {0}")]
    NotConnected(String),
    /// Too much is being asked already: the request has not left.
    #[error("held back by our own limit for {} ms", after.as_millis())]
    HeldBack {
        /// How long its turn is away.
        after: Duration,
    },
    /// The request may have arrived: a time-out, a broken connection, an answer without an end.
    #[error("no whole answer: {0}")]
    Lost(String),
}

/// Why a read brought nothing that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// Nothing came back.
    Transport(TransportError),
    /// The provider answered with an error.
    Refused(Answer),
    /// The answer does not have the form that it should have.
    Unreadable(String),
}

impl Answer {
    /// From a response's head and its whole body.
    pub(super) fn read(status: u16, headers: &HeaderMap, body: Bytes) -> Self {
        let wait = text(headers, RETRY_AFTER.as_str())
            .and_then(|seconds| seconds.parse::<u64>().ok())
            .map(|seconds| Duration::from_secs(seconds.min(RETRY_AFTER_SECONDS_MAX)));
        let short = |name: &str| text(headers, name).map(|said| said.chars().take(100).collect());
        Self {
            status,
            body,
            request_id: short("request-id"),
            replayed: text(headers, "idempotent-replayed") == Some("true"),
            should_retry: text(headers, "stripe-should-retry").and_then(|said| said.parse().ok()),
            retry_after: wait,
            limited_reason: short("stripe-rate-limited-reason"),
            date: text(headers, DATE.as_str())
                .and_then(|date| rfc2822::parse(date).ok().map(|at| at.timestamp())),
            version: short("stripe-version"),
        }
    }

    /// Whether the request did what it was for.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The status and the provider's name for the request: what may stand in logs.
    pub fn label(&self) -> String {
        let replayed = if self.replayed { ", replayed" } else { "" };
        let request = self.request_id.as_deref().unwrap_or("unnamed");
        format!("HTTP {}{replayed}, request {request}", self.status)
    }

    /// What there was too much of, where the provider says that there was. Source: Stripe, "Rate limits".
    pub(super) fn limited_by(&self) -> Option<LimitedBy> {
        if self.status != 429 {
            return None;
        }
        Some(match self.limited_reason.as_deref() {
            Some("resource-specific") => LimitedBy::Object,
            Some("endpoint-rate" | "endpoint-concurrency") => LimitedBy::Endpoint,
            None if self.code().as_deref() == Some("lock_timeout") => LimitedBy::Object,
            Some(_) | None => LimitedBy::Account,
        })
    }

    fn code(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Envelope {
            error: Said,
        }
        #[derive(Deserialize)]
        struct Said {
            code: Option<String>,
        }
        serde_json::from_slice::<Envelope>(&self.body).ok()?.error.code
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Shows no body.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.label(), self.body.len())
    }
}
