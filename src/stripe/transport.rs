//! What is sent to Stripe and what comes back: headers, key and version of every request, and an answer that keeps what a
//! verdict needs.
//!
//! Knows HTTP and nothing of what requests mean. Its errors and debug prints hold no keys, no bodies, no addresses of
//! people. It never tries again: whether that is safe is not its business.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request};
use secrecy::ExposeSecret as _;
use stripe_client_core::{
    CustomizedStripeRequest, RequestBuilder, StripeClient, StripeClientErr, StripeMethod,
};

use super::config::{ConfigError, StripeConfig};
use super::wire::{Connections, Wire};
use crate::ports::payments::Prepared;

/// A wait longer than this is not taken from the provider's word.
const RETRY_AFTER_SECONDS_MAX: u64 = 3600;

/// The way to one provider under one key.
pub struct Transport {
    wire: Arc<dyn Wire>,
    base: String,
    authorization: HeaderValue,
}

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
}

/// Why nothing, or nothing whole, came back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection was made: the request has not left.
    #[error("no connection: {0}")]
    NotConnected(String),
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

struct Outgoing<'a> {
    method: Method,
    path: &'a str,
    body: Option<String>,
    key: Option<&'a str>,
    version: &'a str,
}

impl Transport {
    /// Checks key and address; makes no connection yet.
    pub fn new(config: &StripeConfig) -> Result<Self, ConfigError> {
        config.check()?;
        Self::over(config, Arc::new(Connections::new(config)?))
    }

    /// The same over a wire of the caller's choice, which keeps the limits of time and size itself.
    pub fn over(config: &StripeConfig, wire: Arc<dyn Wire>) -> Result<Self, ConfigError> {
        config.check()?;
        let bearer = format!("Bearer {}", config.secret_key.expose_secret());
        let mut authorization = HeaderValue::from_str(&bearer).map_err(|_| ConfigError::KeyForm)?;
        authorization.set_sensitive(true);
        Ok(Self {
            wire,
            base: config.address.as_str().trim_end_matches('/').to_owned(),
            authorization,
        })
    }

    /// Sends a stored request: exactly its bytes, under this key and the API version that it was made for.
    pub async fn send(&self, prepared: &Prepared, key: &str) -> Result<Answer, TransportError> {
        let method = match prepared.method.as_str() {
            "DELETE" => Method::DELETE,
            _ => Method::POST,
        };
        self.exchange(Outgoing {
            method,
            path: &prepared.path,
            body: Some(prepared.body.clone()),
            key: Some(key),
            version: &prepared.api_version,
        })
        .await
    }

    async fn exchange(&self, outgoing: Outgoing<'_>) -> Result<Answer, TransportError> {
        let request = self.request(outgoing)?;
        let (head, body) = self.wire.carry(request).await?.into_parts();
        let wait = text(&head.headers, RETRY_AFTER.as_str())
            .and_then(|seconds| seconds.parse::<u64>().ok())
            .map(|seconds| Duration::from_secs(seconds.min(RETRY_AFTER_SECONDS_MAX)));
        Ok(Answer {
            status: head.status.as_u16(),
            body,
            request_id: text(&head.headers, "request-id").map(|id| id.chars().take(100).collect()),
            replayed: text(&head.headers, "idempotent-replayed") == Some("true"),
            should_retry: text(&head.headers, "stripe-should-retry").and_then(|said| said.parse().ok()),
            retry_after: wait,
        })
    }

    fn request(&self, outgoing: Outgoing<'_>) -> Result<Request<Full<Bytes>>, TransportError> {
        let mut builder = Request::builder()
            .method(outgoing.method)
            .uri(format!("{}{}", self.base, outgoing.path))
            .header(AUTHORIZATION, self.authorization.clone())
            .header(USER_AGENT, concat!("changeover/", env!("CARGO_PKG_VERSION")))
            .header("stripe-version", outgoing.version);
        if let Some(key) = outgoing.key {
            builder = builder.header("idempotency-key", key);
        }
        if outgoing.body.is_some() {
            builder = builder.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = outgoing.body.map(Bytes::from).unwrap_or_default();
        builder
            .body(Full::new(body))
            .map_err(|_| TransportError::NotConnected("the request cannot be written".to_owned()))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The way by which async-stripe's own requests are sent: all reads, and the questions that are asked by POST.
impl StripeClient for Transport {
    type Err = Unread;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, Unread> {
        let (request, custom) = request.into_pieces();
        let key = custom.request_strategy.and_then(|strategy| strategy.get_key());
        let path = full_path(&request);
        let version = stripe_shared::version::VERSION.to_string();
        let outgoing = Outgoing {
            method: method(request.method),
            path: &path,
            body: request.body,
            key: key.as_ref().map(stripe_client_core::IdempotencyKey::as_str),
            version: &version,
        };
        let answer = self.exchange(outgoing).await.map_err(Unread::Transport)?;
        if answer.is_success() {
            Ok(answer.body)
        } else {
            Err(Unread::Refused(answer))
        }
    }
}

impl StripeClientErr for Unread {
    fn deserialize_err(msg: impl fmt::Display) -> Self {
        Self::Unreadable(msg.to_string())
    }
}

/// The path of a generated request as it goes over the wire.
pub(super) fn full_path(request: &RequestBuilder) -> String {
    match &request.query {
        Some(query) if !query.is_empty() => format!("/v1{}?{query}", request.path),
        _ => format!("/v1{}", request.path),
    }
}

fn method(method: StripeMethod) -> Method {
    match method {
        StripeMethod::Get => Method::GET,
        StripeMethod::Post => Method::POST,
        StripeMethod::Delete => Method::DELETE,
    }
}

impl Answer {
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
}

/// Shows no body.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.label(), self.body.len())
    }
}

/// Shows no key.
impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
