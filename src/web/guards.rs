//! What stands around every handler: ids, traces, limits in time, headers, and an answer even to a panic.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::{DefaultOnFailure, DefaultOnRequest, DefaultOnResponse, TraceLayer};
use tracing::{Level, Span};
use uuid::Uuid;

use super::ask;
use super::problem::{EdgeCode, Problem};
use crate::domain::language::Language;
use crate::measures;

/// How long any answer may take: the longest wait that a client can ask for, and some more.
const TIME_MAX: Duration = Duration::from_secs(45);

/// The header in which a request's id comes and goes.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers hold no page, so that a browser that shows one as a page lets it do nothing.
const NOTHING_AT_ALL: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The API reference brings scripts and styles of its own; they load nothing from elsewhere.
const OWN_SCRIPTS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                           font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Our pages: nothing but our own style sheet and icon.
const OWN_STYLES: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
                          form-action 'none'";

/// The id under which a request is found again in the log.
#[derive(Clone)]
struct RequestId(HeaderValue);

impl RequestId {
    fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// Puts all of it around these routes; the last layer is the outermost.
/// `new_id` makes the id of a request that has none.
pub fn around<F>(routes: Router, new_id: F) -> Router
where
    F: Fn() -> Uuid + Clone + Send + Sync + 'static,
{
    let trace = TraceLayer::new_for_http()
        .make_span_with(span)
        .on_request(DefaultOnRequest::new().level(Level::DEBUG))
        .on_response(DefaultOnResponse::new().level(Level::INFO))
        .on_failure(DefaultOnFailure::new().level(Level::WARN));
    routes
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(from_fn(|request, next| in_time(TIME_MAX, request, next)))
        .layer(from_fn(with_headers))
        .layer(trace)
        .layer(from_fn(move |request, next| {
            with_id(new_id.clone(), request, next)
        }))
}

/// Names the route, never the address: that holds ids and parameters.
fn span(request: &Request) -> Span {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str);
    let id = request
        .extensions()
        .get::<RequestId>()
        .map_or("", RequestId::as_str);
    tracing::info_span!("request", method = %request.method(), route, id)
}

/// Gives every request an id, or keeps the one that a proxy gave it, and writes it into the answer and its problem.
async fn with_id(new_id: impl Fn() -> Uuid, mut request: Request, next: Next) -> Response {
    let id = given_id(request.headers()).or_else(|| HeaderValue::try_from(new_id().to_string()).ok());
    let Some(id) = id.map(RequestId) else {
        return next.run(request).await;
    };
    request.extensions_mut().insert(id.clone());
    let language = ask::language(request.headers()).unwrap_or(Language::En);
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        measures::problem(problem.code());
        response = problem
            .told_in(language)
            .in_request(id.as_str())
            .instead_of(response);
    }
    response.headers_mut().insert(REQUEST_ID, id.0);
    response
}

/// An id that another server gave, when it can be one: it ends up in logs.
fn given_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let given = headers.get(REQUEST_ID)?;
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let plain = (1..=64).contains(&given.len()) && given.as_bytes().iter().all(fits);
    plain.then(|| given.clone())
}

async fn in_time(time_max: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(time_max, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::plain(EdgeCode::TimedOut).into_response(),
    }
}

/// The panic itself is on the standard error stream; its text may hold anything, so that it is not repeated here.
fn after_panic(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Problem::plain(EdgeCode::Internal).into_response()
}

async fn with_headers(request: Request, next: Next) -> Response {
    let docs = request.uri().path().starts_with("/docs");
    let mut response = next.run(request).await;
    let html = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let policy = match (docs, html) {
        (true, _) => OWN_SCRIPTS,
        (false, true) => OWN_STYLES,
        (false, false) => NOTHING_AT_ALL,
    };
    let guards = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in guards {
        // What a handler has said itself stays.
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::{Method, StatusCode};
    use axum::routing::get;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;
    use crate::web::{not_so, nowhere};

    fn routes() -> Router {
        let routes = Router::new()
            .route("/fine", get(|| async { "fine" }))
            .route("/page", get(|| async { axum::response::Html("<p>page</p>") }))
            .route("/broken", get(broken))
            .fallback(nowhere)
            .method_not_allowed_fallback(not_so);
        around(routes, || Uuid::from_u128(7))
    }

    #[expect(clippy::panic, reason = "what is tested")]
    async fn broken() -> &'static str {
        panic!("a text with a secret in it")
    }

    async fn ask(method: Method, path: &str) -> (StatusCode, HeaderMap, String) {
        answered(routes(), method, path).await
    }

    async fn answered(routes: Router, method: Method, path: &str) -> (StatusCode, HeaderMap, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(axum::body::Body::empty());
        let answer = routes
            .oneshot(request.expect("a request"))
            .await
            .expect("an answer");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20)
            .await
            .expect("a body");
        (status, headers, String::from_utf8(body.to_vec()).expect("text"))
    }

    fn json(body: &str) -> Value {
        serde_json::from_str(body).expect("JSON")
    }

    #[tokio::test]
    async fn what_is_nowhere_is_told_with_the_request_it_was_asked_in() {
        let (status, headers, body) = ask(Method::GET, "/v1/nowhere?key=cho_secret").await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
        let problem = json(&body);
        assert_eq!(problem["code"], "not_found");
        assert_eq!(problem["type"], "/problems/not_found");
        let id = headers[REQUEST_ID].to_str().expect("an id");
        assert_eq!(problem["instance"], format!("urn:changeover:request:{id}"));
        assert_eq!(problem["message"]["language"], "en");
        assert!(!body.contains("secret"), "{body}");
    }

    #[tokio::test]
    async fn a_wrong_method_is_told_with_those_that_are_right() {
        let (status, headers, body) = ask(Method::DELETE, "/fine").await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(headers[header::ALLOW], "GET,HEAD");
        assert_eq!(json(&body)["code"], "method_not_allowed");
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_its_text_stays_inside() {
        let (status, headers, body) = ask(Method::GET, "/broken").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(json(&body)["code"], "internal");
        assert!(headers.contains_key(header::RETRY_AFTER));
        assert!(!body.contains("secret"), "{body}");
    }

    #[tokio::test]
    async fn what_takes_too_long_is_answered() {
        let never = Router::new().route("/slow", get(std::future::pending::<()>));
        let limited = from_fn(|request, next| in_time(Duration::from_millis(1), request, next));
        let (status, headers, body) = answered(never.layer(limited), Method::GET, "/slow").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(json(&body)["code"], "timed_out");
        assert_eq!(headers[header::RETRY_AFTER], "2");
    }

    #[tokio::test]
    async fn every_answer_is_guarded_by_its_headers() {
        for (path, policy) in [
            ("/fine", NOTHING_AT_ALL),
            ("/page", OWN_STYLES),
            ("/none", NOTHING_AT_ALL),
        ] {
            let (_, headers, _) = ask(Method::GET, path).await;
            assert_eq!(headers[header::CONTENT_SECURITY_POLICY], policy, "{path}");
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
            assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{path}");
            assert!(headers.contains_key(REQUEST_ID), "{path}");
        }
    }

    fn given(value: &[u8]) -> Option<HeaderValue> {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_bytes(value).expect("a header"));
        given_id(&headers)
    }

    #[test]
    fn an_id_from_outside_is_kept_only_when_it_can_do_no_harm() {
        assert!(given(b"0191-abc_D.1").is_some());
        for bad in [&b""[..], b"a b", b"a\"b", b"\xff", &[b'a'; 65]] {
            assert_eq!(given(bad), None, "{bad:?}");
        }
    }
}
