//! Outgoing events to the seller's systems: signed by the Standard Webhooks specification, over a pooled connection.
//!
//! Knows its port only. Never logs a body: events can carry billing data.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use hyper::{Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use secrecy::{ExposeSecret as _, SecretString};
use standardwebhooks::Webhook;

use crate::domain::catalog::SellerId;
use crate::ports::hooks::{HookFailure, Hooks, OutgoingEvent};

/// How long a receiver may take to answer. Source: Standard Webhooks, "Timeouts", which names 15 to 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The most of an answer that is read before the connection is given back.
const ANSWER_MAX: usize = 64 * 1024;

/// Where a seller's events go.
#[derive(Debug, Clone)]
pub struct Target {
    /// The receiver.
    pub url: Uri,
    /// What signs the events: `whsec_` and base64.
    pub secret: SecretString,
}

/// Sends events to the sellers that want them pushed.
pub struct HttpHooks {
    targets: BTreeMap<SellerId, (Uri, Webhook)>,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// A signing secret that is not one.
#[derive(Debug, thiserror::Error)]
#[error("the events secret of `{0}` must be `whsec_` followed by base64")]
pub struct BadSecret(pub SellerId);

impl HttpHooks {
    /// Sends to these targets.
    pub fn new(targets: BTreeMap<SellerId, Target>) -> Result<Self, BadSecret> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(TIMEOUT));
        let https = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let targets = targets.into_iter().map(|(seller, target)| {
            let signer =
                Webhook::new(target.secret.expose_secret()).map_err(|_| BadSecret(seller.clone()))?;
            Ok((seller, (target.url, signer)))
        });
        Ok(Self {
            targets: targets.collect::<Result<_, _>>()?,
            client: Client::builder(TokioExecutor::new()).build(https),
        })
    }

    fn request(
        url: &Uri,
        signer: &Webhook,
        event: &OutgoingEvent,
    ) -> Result<Request<Full<Bytes>>, HookFailure> {
        let seconds = event.sent_at.as_second();
        let failed = |_| HookFailure("the event could not be signed".to_owned());
        let signature = signer.sign(&event.id, seconds, &event.body).map_err(failed)?;
        Request::post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("Changeover/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", &event.id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature)
            .body(Full::new(Bytes::from(event.body.clone())))
            .map_err(|_| HookFailure("the event does not fit into a request".to_owned()))
    }
}

impl Hooks for HttpHooks {
    fn wants(&self, seller: &SellerId) -> bool {
        self.targets.contains_key(seller)
    }

    fn deliver<'a>(&'a self, event: &'a OutgoingEvent) -> BoxFuture<'a, Result<(), HookFailure>> {
        Box::pin(async move {
            let Some((url, signer)) = self.targets.get(&event.seller) else {
                return Ok(());
            };
            let sending = async {
                let response = self
                    .client
                    .request(Self::request(url, signer, event)?)
                    .await
                    .map_err(|_| HookFailure("the receiver could not be reached".to_owned()))?;
                let status = response.status();
                // Read to the end, so that the connection can be used again; what it says does not matter.
                let _ = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
                if status.is_success() {
                    Ok(())
                } else {
                    Err(HookFailure(format!("the receiver answered {status}")))
                }
            };
            tokio::time::timeout(TIMEOUT, sending)
                .await
                .unwrap_or_else(|_| Err(HookFailure("the receiver did not answer in time".to_owned())))
        })
    }
}
