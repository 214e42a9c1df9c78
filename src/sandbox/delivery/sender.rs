//! Carries one parcel to its receiver, and says what the receiver answered.

use std::time::Duration;

use axum::http::{Method, Request, header};
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use super::{Parcel, endpoint, signature};

/// How long a receiver may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Sends parcels over HTTP, each on its own connection.
#[derive(Debug)]
pub(in crate::sandbox) struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Sender {
    /// A sender without connections.
    pub(in crate::sandbox) fn new() -> Sender {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Sender {
            client: Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(0)
                .build(connector),
        }
    }

    /// Sends one parcel, signed at `at` (unix seconds), and returns the status of the answer.
    ///
    /// # Errors
    /// A few words when there was no answer.
    pub(in crate::sandbox) async fn send(&self, parcel: &Parcel, at: i64) -> Result<u16, String> {
        let uri = endpoint::target(&parcel.url)?;
        let signature = signature::header(&parcel.payload, at, parcel.secrets.iter().map(String::as_str));
        let request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(
                header::USER_AGENT,
                "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            )
            .header("stripe-signature", signature)
            .body(Full::new(Bytes::from(parcel.payload.clone())))
            .map_err(|_| "the request cannot be written".to_owned())?;
        match tokio::time::timeout(ANSWER_WITHIN, self.client.request(request)).await {
            Ok(Ok(answer)) => Ok(answer.status().as_u16()),
            Ok(Err(error)) if error.is_connect() => Err("no connection".to_owned()),
            Ok(Err(_)) => Err("the connection broke".to_owned()),
            Err(_) => Err(format!("no answer within {} s", ANSWER_WITHIN.as_secs())),
        }
    }
}
