//! A provider that answers as ours cannot: it stands before the sandbox, and bends single answers.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::held::{Hold, Moment};
use super::house::House;
use super::http::Http;

/// More than any answer of the sandbox.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// What a request, told by its name, is answered with instead.
type Instead = dyn Fn(&str) -> Option<(u16, Value)> + Send + Sync;

/// What becomes of the answer to a request.
type Afterwards = dyn Fn(&str, &mut Value) + Send + Sync;

/// What happens to single requests, told by `GET /v1/invoices/in_1`.
#[derive(Clone)]
pub struct Bend {
    /// Answers instead of the provider, with a status.
    pub instead: Arc<Instead>,
    /// Changes what the provider has answered.
    pub afterwards: Arc<Afterwards>,
    /// Holds one of them up.
    pub hold: Hold,
}

impl Default for Bend {
    fn default() -> Self {
        Self {
            instead: Arc::new(|_| None),
            afterwards: Arc::new(|_, _| ()),
            hold: Hold::default(),
        }
    }
}

impl House {
    /// From now on the application's own requests to the provider go through this; nobody else's do.
    pub async fn meets_a_provider_that(&mut self, bend: Bend) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        self.config.stripe_url = Some(format!("http://{}", listener.local_addr().expect("an address")));
        let behind = Http::new(self.provider.address());
        let router = Router::new().fallback(forward).with_state((behind, bend));
        tokio::spawn(async move { axum::serve(listener, router).await });
        self.die().await;
        self.start().await;
    }
}

async fn forward(State((behind, bend)): State<(Http, Bend)>, request: Request<Body>) -> Response {
    let (asked, body) = request.into_parts();
    let path = asked.uri.path_and_query().expect("a path").as_str();
    let name = format!("{} {}", asked.method, asked.uri.path());
    if let Some((status, body)) = (bend.instead)(&name) {
        return answer(status, &HeaderMap::new(), body.to_string().into_bytes());
    }
    let held = bend.hold.meets(&name);
    if held == Some(Moment::Asked) {
        bend.hold.keeps().await;
    }
    let headers: Vec<(&str, &str)> = asked
        .headers
        .iter()
        .filter(|(name, _)| !["host", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.to_str().expect("a text")))
        .collect();
    let body = to_bytes(body, BYTES_MAX).await.expect("a body");
    let given = behind.send(asked.method.clone(), path, &headers, body).await;
    if held == Some(Moment::Answered) {
        bend.hold.keeps().await;
    }
    let mut said = given.json();
    (bend.afterwards)(&name, &mut said);
    answer(given.status, &given.headers, said.to_string().into_bytes())
}

fn answer(status: u16, headers: &HeaderMap, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    let mut response = (status, body).into_response();
    let kept = headers
        .iter()
        .filter(|(name, _)| !["content-length", "transfer-encoding"].contains(&name.as_str()));
    for (name, value) in kept {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    response
}
