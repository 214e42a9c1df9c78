//! The address of the installation: it stays the same while the application behind it crashes and comes back.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;

#[derive(Clone)]
pub struct Gateway {
    pub address: SocketAddr,
    behind: Arc<Mutex<Option<Router>>>,
}

impl Gateway {
    pub async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let gateway = Self {
            address,
            behind: Arc::default(),
        };
        let router = Router::new().fallback(forward).with_state(gateway.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        gateway
    }

    pub fn put(&self, router: Option<Router>) {
        *self.behind.lock().expect("no test has panicked here") = router;
    }
}

async fn forward(State(gateway): State<Gateway>, request: Request<Body>) -> Response {
    let router = gateway.behind.lock().expect("no test has panicked here").clone();
    match router {
        Some(router) => router.oneshot(request).await.into_response(),
        None => (StatusCode::BAD_GATEWAY, "the application is down").into_response(),
    }
}
