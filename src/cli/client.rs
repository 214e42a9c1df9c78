//! A small HTTP client: the demo speaks to Changeover and to the sandbox only as the outside does.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

const ANSWER_MAX: usize = 4 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(40);

/// Speaks to one server under one key.
#[derive(Clone)]
pub(in crate::cli) struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    base: String,
    key: String,
}

/// What went wrong on the way, or what the server refused.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum ClientError {
    /// No answer came.
    #[error("no answer from {0}")]
    NoAnswer(String),
    /// The server said no.
    #[error("{method} {path}: {status}: {said}")]
    Refused {
        /// The request.
        method: Method,
        /// Its path.
        path: String,
        /// The status.
        status: u16,
        /// What it said, as far as a line can hold it.
        said: String,
        /// The same as JSON, where it is.
        problem: Value,
    },
}

impl Client {
    pub(in crate::cli) fn new(base: impl Into<String>, key: impl Into<String>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let pool = Pool::builder(TokioExecutor::new()).build(connector);
        Self {
            pool,
            base: base.into(),
            key: key.into(),
        }
    }

    /// The same server under another key.
    pub(in crate::cli) fn with_key(&self, key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            ..self.clone()
        }
    }

    pub(in crate::cli) async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.send(Method::GET, path, &[], None).await
    }

    /// Sends JSON as a command, under an idempotency key that names it.
    pub(in crate::cli) async fn command(
        &self,
        method: Method,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<Value, ClientError> {
        let body = ("application/json", body.to_string());
        let key = [("idempotency-key", key.to_owned())];
        self.send(method, path, &key, Some(body)).await
    }

    /// Sends JSON as a command that relies on a version of what it is about.
    pub(in crate::cli) async fn command_on(
        &self,
        path: &str,
        key: &str,
        version: u64,
        body: &Value,
    ) -> Result<Value, ClientError> {
        let headers = [
            ("idempotency-key", key.to_owned()),
            ("if-match", format!("\"{version}\"")),
        ];
        let body = ("application/json", body.to_string());
        self.send(Method::POST, path, &headers, Some(body)).await
    }

    /// Sends JSON where no idempotency key is needed.
    pub(in crate::cli) async fn ask(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        self.send(
            Method::POST,
            path,
            &[],
            Some(("application/json", body.to_string())),
        )
        .await
    }

    /// Sends a form, as a browser or a Stripe library does.
    pub(in crate::cli) async fn form(
        &self,
        path: &str,
        fields: &[(&str, String)],
    ) -> Result<Value, ClientError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields.iter().map(|(name, value)| (*name, value.as_str())));
        let body = ("application/x-www-form-urlencoded", form.finish());
        self.send(Method::POST, path, &[], Some(body)).await
    }

    pub(in crate::cli) async fn delete(&self, path: &str) -> Result<Value, ClientError> {
        self.send(Method::DELETE, path, &[], None).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: Option<(&str, String)>,
    ) -> Result<Value, ClientError> {
        let no_answer = || ClientError::NoAnswer(self.base.clone());
        let mut request = Request::builder()
            .method(method.clone())
            .uri(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {}", self.key))
            .header("accept", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut bytes = Bytes::new();
        if let Some((kind, text)) = body {
            request = request.header("content-type", kind);
            bytes = Bytes::from(text);
        }
        let request = request.body(Full::new(bytes)).map_err(|_| no_answer())?;
        let sending = async {
            let response = self.pool.request(request).await.map_err(|_| no_answer())?;
            let status = response.status();
            let body = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
            Ok((status, body.map_err(|_| no_answer())?.to_bytes()))
        };
        let (status, body) = tokio::time::timeout(TIMEOUT, sending)
            .await
            .unwrap_or_else(|_| Err(no_answer()))?;
        if status.is_redirection() || (status.is_success() && body.is_empty()) {
            return Ok(Value::Null);
        }
        if !status.is_success() {
            let said = String::from_utf8_lossy(&body).chars().take(600).collect();
            return Err(ClientError::Refused {
                method,
                path: path.to_owned(),
                status: status.as_u16(),
                said,
                problem: serde_json::from_slice(&body).unwrap_or(Value::Null),
            });
        }
        // Pages are for people: whoever asked for one only wants to know that it was there.
        Ok(serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}
