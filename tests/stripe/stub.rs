//! A provider that answers from a script, remembers what it was asked, and holds every request against the published
//! parameters. It understands nothing: what it would do with a request is another program's business.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use changeover::stripe::{StripeConfig, StripePayments};
use serde_json::Value;

use super::schema;

/// One request, as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `POST /v1/customers`, with its query.
    pub line: String,
    pub body: String,
    pub key: Option<String>,
    pub version: Option<String>,
    pub authorization: Option<String>,
    pub peer: SocketAddr,
}

/// One scripted answer.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

#[derive(Default)]
struct Book {
    script: VecDeque<(String, Reply)>,
    seen: Vec<Seen>,
    complaints: Vec<String>,
}

/// The running stub. Dropping it fails the test if a request was wrong or an answer was never asked for.
pub struct Stub {
    pub address: String,
    book: Arc<Mutex<Book>>,
    server: tokio::task::JoinHandle<()>,
}

impl Reply {
    pub fn ok(body: &Value) -> Self {
        Self::status(200, &body.to_string())
    }

    pub fn status(status: u16, body: &str) -> Self {
        let body = body.to_owned();
        let headers = vec![("request-id", "req_stub".to_owned())];
        Self {
            status,
            headers,
            body,
        }
    }

    pub fn error(status: u16, kind: &str, code: &str) -> Self {
        let body = serde_json::json!({"error": {"type": kind, "code": code, "message": "Said."}});
        Self::status(status, &body.to_string())
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl Stub {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let book = Arc::new(Mutex::new(Book::default()));
        let app = axum::Router::new().fallback(answer).with_state(Arc::clone(&book));
        let service = app.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move {
            axum::serve(listener, service).await.expect("served");
        });
        Self {
            address,
            book,
            server,
        }
    }

    /// The next answer to a request whose method and path begin like this.
    pub fn answers(&self, line: &str, reply: Reply) -> &Self {
        let mut book = self.book.lock().expect("unharmed");
        book.script.push_back((line.to_owned(), reply));
        self
    }

    pub fn payments(&self) -> StripePayments {
        StripePayments::new(&config(&self.address)).expect("a good configuration")
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.book.lock().expect("unharmed").seen.clone()
    }

    pub fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

/// A configuration with limits short enough for tests.
pub fn config(address: &str) -> StripeConfig {
    let mut config = StripeConfig::new(
        address.parse().expect("an address"),
        "sk_test_stub".to_owned().into(),
    );
    config.request_timeout = Duration::from_secs(10);
    config.answer_bytes_max = 256 * 1024;
    config
}

async fn answer(
    State(book): State<Arc<Mutex<Book>>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let line = format!("{method} {uri}");
    let body = String::from_utf8_lossy(&body).into_owned();
    let mut book = book.lock().expect("unharmed");
    for problem in schema::problems(method.as_str(), &uri.to_string(), &body) {
        book.complaints.push(format!("{line}: {problem}"));
    }
    let next = book
        .script
        .iter()
        .position(|(expected, _)| line.starts_with(expected.as_str()));
    let reply = next.and_then(|at| book.script.remove(at)).map(|(_, reply)| reply);
    let (key, version, authorization) = (
        text("idempotency-key"),
        text("stripe-version"),
        text("authorization"),
    );
    book.seen.push(Seen {
        line: line.clone(),
        body,
        key,
        version,
        authorization,
        peer,
    });
    let Some(reply) = reply else {
        book.complaints.push(format!("{line}: nothing is scripted"));
        return StatusCode::NOT_IMPLEMENTED.into_response();
    };
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(reply.body.into()).expect("a response")
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
        if std::thread::panicking() {
            return;
        }
        let book = self.book.lock().expect("unharmed");
        assert!(book.complaints.is_empty(), "{:#?}", book.complaints);
        assert!(book.script.is_empty(), "never asked for: {:#?}", book.script);
    }
}
