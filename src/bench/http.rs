//! The bench's own HTTP client: kept connections, and nothing that a request does not need.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// Speaks to one server. Clones share their connections.
#[derive(Clone)]
pub(super) struct Http {
    pool: Client<HttpConnector, Full<Bytes>>,
    base: String,
}

impl Http {
    pub(super) fn new(base: impl Into<String>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            pool: Client::builder(TokioExecutor::new()).build(connector),
            base: base.into(),
        }
    }

    /// The body of an answer; an answer that is not a success is an error that shows it.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> anyhow::Result<Bytes> {
        let mut request = Request::builder()
            .method(method.clone())
            .uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into()))?;
        let lost = || format!("{method} {path}");
        let response = self.pool.request(request).await.with_context(lost)?;
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .with_context(lost)?
            .to_bytes();
        if !status.is_success() {
            let said: String = String::from_utf8_lossy(&body).chars().take(600).collect();
            bail!("{method} {path}: {status}: {said}");
        }
        Ok(body)
    }
}
