//! What is sent to Stripe and what comes back: headers, key and version of every request, a turn that is waited for before
//! anything leaves, and an answer that keeps what a verdict needs.
//!
//! Knows HTTP and nothing of what requests mean. Its errors and debug prints hold no keys, no bodies, no addresses of
//! people. It never tries again: whether that is safe is not its business.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{Method, Request};
use secrecy::ExposeSecret as _;
use stripe_client_core::{
    CustomizedStripeRequest, RequestBuilder, StripeClient, StripeClientErr, StripeMethod,
};

use super::answer::{Answer, TransportError, Unread};
use super::config::{ConfigError, StripeConfig};
use super::limits::{self, Pace, Urgency};
use super::wire::{Connections, Wire};
use crate::measures::{self, Stopwatch};
use crate::ports::payments::Prepared;

/// The way to one provider under one key. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct Transport {
    pace: Arc<Pace>,
    urgency: Urgency,
    wire: Arc<dyn Wire>,
    base: String,
    authorization: HeaderValue,
}

struct Outgoing<'a> {
    method: Method,
    path: &'a str,
    body: Option<String>,
    key: Option<&'a str>,
    version: &'a str,
}

impl Transport {
    /// Checks key and address; makes no connection yet. Every request waits for its turn at this pace.
    pub fn new(config: &StripeConfig, pace: Arc<Pace>) -> Result<Self, ConfigError> {
        config.check()?;
        Self::over(config, pace, Arc::new(Connections::new(config)?))
    }

    /// The same over a wire of the caller's choice, which keeps the limits of time and size itself.
    pub fn over(config: &StripeConfig, pace: Arc<Pace>, wire: Arc<dyn Wire>) -> Result<Self, ConfigError> {
        config.check()?;
        let bearer = format!("Bearer {}", config.secret_key.expose_secret());
        let mut authorization = HeaderValue::from_str(&bearer).map_err(|_| ConfigError::KeyForm)?;
        authorization.set_sensitive(true);
        Ok(Self {
            pace,
            urgency: Urgency::Hurried,
            wire,
            base: config.address.as_str().trim_end_matches('/').to_owned(),
            authorization,
        })
    }

    /// The same connections, for questions whose answer nobody waits for.
    #[must_use]
    pub fn unhurried(&self) -> Self {
        Self {
            urgency: Urgency::Unhurried,
            ..self.clone()
        }
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

    /// Reads what is below this path, whatever the answer is.
    pub async fn look(&self, path: &str) -> Result<Answer, TransportError> {
        let version = stripe_shared::version::VERSION.to_string();
        self.exchange(Outgoing {
            method: Method::GET,
            path,
            body: None,
            key: None,
            version: &version,
        })
        .await
    }

    async fn exchange(&self, outgoing: Outgoing<'_>) -> Result<Answer, TransportError> {
        let operation = limits::operation(outgoing.method.as_str(), outgoing.path);
        let writes = outgoing.method != Method::GET;
        let request = self.request(outgoing)?;
        if let Err(after) = self.pace.turn(writes, &operation, self.urgency).await {
            measures::provider_held_back(self.urgency.as_str());
            return Err(TransportError::HeldBack { after });
        }
        let watch = Stopwatch::start();
        let answer = self.wire.carry(request).await.map(|response| {
            let (head, body) = response.into_parts();
            Answer::read(head.status.as_u16(), &head.headers, body)
        });
        measures::provider_answered(&operation, outcome(&answer), &watch);
        if let Ok(answer) = &answer {
            self.pace.learn(&operation, answer);
        }
        answer
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

/// How a request came out, in a word for measurements.
fn outcome(answer: &Result<Answer, TransportError>) -> &'static str {
    match answer {
        Ok(answer) if answer.is_success() => "ok",
        Ok(answer) if answer.status == 402 => "declined",
        Ok(answer) if answer.status == 429 => "too_many",
        Ok(answer) if answer.status < 500 => "refused",
        Ok(_) => "error",
        Err(TransportError::NotConnected(_) | TransportError::HeldBack { .. }) => "not_sent",
        Err(TransportError::Lost(_)) => "lost",
    }
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

/// Shows no key.
impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}
