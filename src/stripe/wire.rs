//! The wire: bytes to the provider and back, with limits of time and size. A simulation has one of its own, without sockets.

use std::error::Error as _;
use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::answer::TransportError;
use super::config::{ConfigError, StripeConfig};

/// Idle connections are kept shorter than the provider's side keeps them, so that few requests meet a closed one.
const POOL_IDLE: Duration = Duration::from_secs(50);
/// At most so many idle connections are kept: as many as one worker has calls under way, so that none is closed only to be opened
/// again.
const POOL_SIZE: usize = 64;

/// Carries requests, each at most once.
pub trait Wire: Send + Sync {
    /// Carries one request, and brings its answer back whole, in limited time.
    fn carry(&self, request: Request<Full<Bytes>>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>>;
}

/// One pool of connections over HTTP.
pub(super) struct Connections {
    pool: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    request_timeout: Duration,
    answer_bytes_max: usize,
}

impl Connections {
    /// A pool without connections.
    pub(super) fn new(config: &StripeConfig) -> Result<Self, ConfigError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(POOL_IDLE));
        tcp.set_connect_timeout(Some(config.connect_timeout));
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|error| ConfigError::Tls(error.to_string()))?
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let pool = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE)
            .pool_max_idle_per_host(POOL_SIZE)
            .build(tls);
        Ok(Self {
            pool,
            request_timeout: config.request_timeout,
            answer_bytes_max: config.answer_bytes_max,
        })
    }

    async fn answer(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, TransportError> {
        let response = self.pool.request(request).await.map_err(|error| {
            let seen = chain(&error);
            if error.is_connect() {
                TransportError::NotConnected(seen)
            } else {
                TransportError::Lost(seen)
            }
        })?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, self.answer_bytes_max).collect().await;
        let body = body.map_err(|error| {
            let seen = match error.downcast_ref::<LengthLimitError>() {
                Some(_) => format!("the answer is longer than {} bytes", self.answer_bytes_max),
                None => format!("the answer broke off with status {}", head.status.as_u16()),
            };
            TransportError::Lost(seen)
        })?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}

impl Wire for Connections {
    fn carry(&self, request: Request<Full<Bytes>>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            match tokio::time::timeout(self.request_timeout, self.answer(request)).await {
                Ok(answer) => answer,
                Err(_) => Err(TransportError::Lost(format!(
                    "no end within {} ms",
                    self.request_timeout.as_millis()
                ))),
            }
        })
    }
}

/// The causes of a connection error, joined: they name system errors and hosts, never what was sent.
fn chain(error: &hyper_util::client::legacy::Error) -> String {
    let mut seen = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let _ = write!(seen, ": {deeper}");
        cause = deeper.source();
    }
    seen
}
