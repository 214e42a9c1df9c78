//! How much is answered at once. What finds no place is refused at the door, before anything of it is read: an answer in a
//! millisecond is worth more to everybody than one that nobody waits for any more.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::{EdgeCode, Problem};
use crate::measures::{self, Stopwatch};

/// Requests that are answered at once. Fewer than writes may wait for the store, so that there is always room for what workers
/// write.
const ANSWERING_MAX: usize = 256;

/// Of those, requests that wait for a change to move.
const WAITING_MAX: usize = 128;

/// What is asked of a server that has too much to do: always answered.
const ALWAYS: [&str; 2] = ["/healthz", "/readyz"];

/// The places of one server. Cheap to clone; clones share them.
#[derive(Debug, Clone)]
pub struct Places {
    answering: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    answering_max: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self::of(ANSWERING_MAX, WAITING_MAX)
    }
}

impl Places {
    /// So many to be answered, and so many of them to wait meanwhile.
    pub fn of(answering: usize, waiting: usize) -> Self {
        Self {
            answering: Arc::new(Semaphore::new(answering)),
            waiting: Arc::new(Semaphore::new(waiting)),
            answering_max: answering,
        }
    }

    /// A place to wait for something; nothing where too many wait already.
    pub fn to_wait(&self) -> Option<OwnedSemaphorePermit> {
        self.waiting.clone().try_acquire_owned().ok()
    }
}

/// Answers, or refuses at once where too much is being answered already.
pub async fn shed(State(places): State<Places>, request: Request, next: Next) -> Response {
    if ALWAYS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let Ok(place) = places.answering.try_acquire() else {
        measures::shed();
        return Problem::plain(EdgeCode::Overloaded).into_response();
    };
    measures::in_flight(places.answering_max - places.answering.available_permits());
    let response = next.run(request).await;
    drop(place);
    measures::in_flight(places.answering_max - places.answering.available_permits());
    response
}

/// Measures an answer, by the pattern of its route.
pub async fn measured(request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    let method = word(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    measures::answered(method, route, response.status().as_u16(), &watch);
    response
}

/// A method as a label: clients can invent methods, and each would be a new series.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::{StatusCode, header};
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tokio::sync::Notify;
    use tower::ServiceExt as _;

    use super::*;

    fn ask(path: &str) -> Request {
        Request::builder()
            .uri(path)
            .body(Body::empty())
            .expect("a request")
    }

    #[tokio::test]
    async fn what_finds_no_place_is_refused_at_once_and_the_server_still_says_that_it_lives() {
        let (began, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (begins, goes) = (began.clone(), go.clone());
        let slow = move || {
            let (begins, goes) = (begins.clone(), goes.clone());
            async move {
                begins.notify_one();
                goes.notified().await;
                "done"
            }
        };
        let routes = Router::new()
            .route("/slow", get(slow))
            .route("/healthz", get(|| async { "alive" }))
            .layer(from_fn_with_state(Places::of(1, 0), shed));
        let first = tokio::spawn(routes.clone().oneshot(ask("/slow")));
        began.notified().await;
        let second = routes.clone().oneshot(ask("/slow")).await.expect("an answer");
        assert_eq!(second.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(second.headers().contains_key(header::RETRY_AFTER));
        let alive = routes.clone().oneshot(ask("/healthz")).await.expect("an answer");
        assert_eq!(alive.status(), StatusCode::OK);
        go.notify_one();
        let first = first.await.expect("no panic").expect("an answer");
        assert_eq!(first.status(), StatusCode::OK);
        go.notify_one();
        let third = routes.oneshot(ask("/slow")).await.expect("an answer");
        assert_eq!(third.status(), StatusCode::OK, "its place is free again");
    }

    #[test]
    fn who_finds_no_place_to_wait_is_told_so() {
        let places = Places::of(8, 1);
        let first = places.to_wait();
        assert!(first.is_some() && places.to_wait().is_none());
        drop(first);
        assert!(places.to_wait().is_some());
    }
}
