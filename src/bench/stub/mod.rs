//! A provider that answers at once: the few calls that an upgrade makes, with small objects that agree with each other.
//!
//! It checks nothing that the sandbox checks, and writes nothing down. What it does know is what it was asked to charge, so
//! that a run can be held against it.

mod answers;
mod ledger;
mod shapes;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::ensure;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use self::ledger::Ledger;
use super::Goods;
use super::server::Server;

pub(super) use self::ledger::HELD;

/// The id of the nth customer.
pub(super) fn customer(nth: u64) -> String {
    format!("cus_{nth}")
}

/// The id of the nth customer's subscription.
pub(super) fn subscription(nth: u64) -> String {
    format!("sub_{nth}")
}

/// The id of one of its two items.
pub(super) fn item(nth: u64, which: usize) -> String {
    format!("si_{nth}_{which}")
}

/// The id of the nth customer's card.
pub(super) fn card(nth: u64) -> String {
    format!("pm_{nth}")
}

/// A running stub.
pub(super) struct Stub {
    /// Its address, without a slash at its end.
    pub(super) address: String,
    ledger: Arc<Mutex<Ledger>>,
    server: Server,
}

impl Stub {
    /// Sells these goods to as many customers as anybody asks for.
    pub(super) fn start(goods: Goods) -> anyhow::Result<Self> {
        let ledger = Arc::new(Mutex::new(Ledger::new(goods)));
        let shared = Arc::clone(&ledger);
        let server = Server::start("bench-stub", move |stream| serve(stream, Arc::clone(&shared)))?;
        Ok(Self {
            address: format!("http://{}", server.address),
            ledger,
            server,
        })
    }

    /// How many charges were made, over all customers.
    pub(super) fn charges(&self) -> u64 {
        self.ledger().charges()
    }

    /// How many requests were answered.
    pub(super) fn requests(&self) -> u64 {
        self.ledger().requests
    }

    /// How many charges the nth customer has seen.
    pub(super) fn charges_of(&self, nth: u64) -> u64 {
        self.ledger().charges_of(nth)
    }

    pub(super) fn cpu(&self) -> Duration {
        self.server.cpu()
    }

    /// Ends it; an error when it was asked for something that it does not know.
    pub(super) fn stop(self) -> anyhow::Result<()> {
        let unknown = std::mem::take(&mut self.ledger().unknown);
        self.server.stop()?;
        ensure!(
            unknown.is_empty(),
            "the stub does not know: {}",
            unknown.join(", ")
        );
        Ok(())
    }

    fn ledger(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(stream: TcpStream, ledger: Arc<Mutex<Ledger>>) {
    let service = service_fn(|request| {
        let ledger = Arc::clone(&ledger);
        async move { answer(&ledger, request).await }
    });
    // A client that goes away ends the connection with an error; nobody is left to be told.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    ledger: &Mutex<Ledger>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes);
    let key = head
        .headers
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok());
    let (status, said) = {
        let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
        answers::answer(
            &mut ledger,
            &head.method,
            &head.uri,
            key,
            &body.unwrap_or_default(),
        )
    };
    let mut response = Response::new(Full::new(Bytes::from(said)));
    *response.status_mut() = status;
    Ok(response)
}
