//! Outgoing events to the seller's systems: signed by the Standard Webhooks specification, over a pooled connection.
//!
//! Knows its port only. Never logs a body: events can carry billing data.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use standardwebhooks::Webhook;

use crate::domain::catalog::SellerId;
use crate::ports::hooks::{HookFailure, Hooks, OutgoingEvent};

/// How long a receiver may take to answer. Source: Standard Webhooks, "Timeouts", which names 15 to 30 seconds.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The most of an answer that is read before the connection is given back.
const ANSWER_MAX: usize = 64 * 1024;

/// The longest wait that a receiver may ask for.
const WAIT_MAX_SECONDS: i64 = 86_400;

/// Where a seller's events go.
#[derive(Debug, Clone)]
pub struct Target {
    /// The receiver.
    pub url: Uri,
    /// What signs the events, each `whsec_` and base64: two while one is being replaced. Both sign every event, so that the
    /// receiver may know either.
    pub secrets: Vec<SecretString>,
}

/// Sends events to the sellers that want them pushed.
pub struct HttpHooks {
    targets: BTreeMap<SellerId, Receiver>,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

struct Receiver {
    url: Uri,
    signers: Vec<Webhook>,
    /// Set once it has answered 410.
    gone: AtomicBool,
}

/// A signing secret that is not one.
#[derive(Debug, thiserror::Error)]
#[error("the events secret of `{0}` must be one or two of `whsec_` followed by base64 of 24 to 64 bytes")]
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
            let signers = target.secrets.iter().map(signer).collect::<Option<Vec<_>>>();
            let signers = signers.filter(|signers| (1..=2).contains(&signers.len()));
            let receiver = Receiver {
                url: target.url,
                signers: signers.ok_or_else(|| BadSecret(seller.clone()))?,
                gone: AtomicBool::new(false),
            };
            Ok((seller, receiver))
        });
        Ok(Self {
            targets: targets.collect::<Result<_, _>>()?,
            client: Client::builder(TokioExecutor::new()).build(https),
        })
    }

    fn request(receiver: &Receiver, event: &OutgoingEvent) -> Result<Request<Full<Bytes>>, HookFailure> {
        let seconds = event.sent_at.as_second();
        let signed = |signer: &Webhook| signer.sign(&event.id, seconds, &event.body);
        let signatures = receiver.signers.iter().map(signed).collect::<Result<Vec<_>, _>>();
        let signatures = signatures.map_err(|_| failed("the event could not be signed"))?;
        Request::post(&receiver.url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("Changeover/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", &event.id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signatures.join(" "))
            .body(Full::new(Bytes::from(event.body.clone())))
            .map_err(|_| failed("the event does not fit into a request"))
    }
}

/// Source: Standard Webhooks, "Signature scheme": secrets have 24 to 64 bytes.
fn signer(secret: &SecretString) -> Option<Webhook> {
    let encoded = secret.expose_secret().strip_prefix("whsec_")?;
    let key = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    (24..=64)
        .contains(&key.len())
        .then(|| Webhook::from_bytes(key).ok())?
}

fn failed(told: &str) -> HookFailure {
    HookFailure::Failed(told.to_owned())
}

/// For how long a receiver that has too much to do asks to be left alone, in seconds and no longer than a day.
fn asks_to_wait(response: &Response<Incoming>) -> Option<SignedDuration> {
    let throttles = matches!(
        response.status(),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    );
    let named = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let seconds: i64 = named.parse().ok()?;
    (throttles && seconds > 0).then(|| SignedDuration::from_secs(seconds.min(WAIT_MAX_SECONDS)))
}

impl Hooks for HttpHooks {
    fn wants(&self, seller: &SellerId) -> bool {
        let receiver = self.targets.get(seller);
        receiver.is_some_and(|receiver| !receiver.gone.load(Ordering::Relaxed))
    }

    fn deliver<'a>(&'a self, event: &'a OutgoingEvent) -> BoxFuture<'a, Result<(), HookFailure>> {
        Box::pin(async move {
            let Some(receiver) = self.targets.get(&event.seller) else {
                return Ok(());
            };
            let sending = async {
                let response = self
                    .client
                    .request(Self::request(receiver, event)?)
                    .await
                    .map_err(|_| failed("the receiver could not be reached"))?;
                let status = response.status();
                let wait = asks_to_wait(&response);
                // Read to the end, so that the connection can be used again; what it says does not matter.
                let _ = Limited::new(response.into_body(), ANSWER_MAX).collect().await;
                match (status, wait) {
                    _ if status.is_success() => Ok(()),
                    (StatusCode::GONE, _) => Err(HookFailure::Gone),
                    (_, Some(wait)) => Err(HookFailure::Busy(wait)),
                    _ => Err(failed(&format!("the receiver answered {status}"))),
                }
            };
            let sent = tokio::time::timeout(TIMEOUT, sending)
                .await
                .unwrap_or_else(|_| Err(failed("the receiver did not answer in time")));
            if sent == Err(HookFailure::Gone) {
                receiver.gone.store(true, Ordering::Relaxed);
                tracing::error!(seller = %event.seller, "the receiver of events is gone (410): they wait in the feed until the next start");
            }
            sent
        })
    }
}
