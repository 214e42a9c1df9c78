//! Webhooks, as they arrive: the signature over the raw bytes, and the envelope, which is all that is believed of them.
//!
//! The object inside is never parsed as what it says it is: it can be old, and of another API version. What an event is
//! about is read again through the API. Source of the signature's form: Stripe, "Resolve webhook signature verification
//! errors" and "Verify webhook signatures manually".

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

use crate::domain::catalog::SellerId;
use crate::ports::store::Inbound;

/// How far the signature's time may be from ours, before or after, in seconds.
pub const TOLERANCE_SECONDS: i64 = 300;
/// The largest payload that is looked at, in bytes. The provider's own are far smaller.
pub const PAYLOAD_BYTES_MAX: usize = 512 * 1024;
/// More signatures than a roll of secrets ever gives are not tried.
const SIGNATURES_MAX: usize = 8;
/// The longest id or type that is kept.
const TEXT_MAX: usize = 255;

/// The signing secrets of one endpoint: one, or two while it is being rolled.
#[derive(Clone)]
pub struct WebhookSecrets {
    secrets: Vec<SecretString>,
}

/// Why a webhook is not taken. None of them repeats what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// There is no `Stripe-Signature` header.
    #[error("the signature is missing")]
    Missing,
    /// The header does not have the form of a signature.
    #[error("the signature is malformed: {0}")]
    Malformed(&'static str),
    /// No signature in the header was made with one of our secrets over these bytes.
    #[error("the signature does not fit")]
    Forged,
    /// The signature is genuine and too old, or from the future: it may be a replay.
    #[error("the signature is {seconds} seconds away from the present")]
    Stale {
        /// How far it is away; negative for the future.
        seconds: i64,
    },
    /// The payload is larger than any event.
    #[error("the payload has {bytes} bytes; at most {PAYLOAD_BYTES_MAX} are taken")]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
    /// The bytes are genuine, but not an event.
    #[error("the payload is not an event: {0}")]
    NotAnEvent(&'static str),
}

/// What is known about an event without believing its object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The event's id.
    pub id: String,
    /// Its type, such as `invoice.paid`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened, in Unix seconds.
    pub created: Option<i64>,
    /// The API version that its object is written in.
    pub api_version: Option<String>,
    /// Whether it is about real money.
    pub livemode: Option<bool>,
    /// The connected account that it comes from, if any.
    pub account: Option<String>,
    /// The id of the object that it is about.
    pub object: Option<String>,
    /// The provider's customer that it is about, when the object names one.
    pub customer: Option<String>,
    /// The idempotency key of the request that caused it, if one did: ours are recognised by it.
    pub idempotency_key: Option<String>,
}

impl WebhookSecrets {
    /// The secrets, the current one first. At least one is needed: without any, every webhook is forged.
    pub fn new(secrets: Vec<SecretString>) -> Self {
        Self { secrets }
    }

    /// The envelope of a genuine and timely webhook. `payload` are the bytes exactly as they arrived.
    pub fn verify(
        &self,
        payload: &[u8],
        signature: Option<&str>,
        now: Timestamp,
    ) -> Result<Envelope, WebhookError> {
        if payload.len() > PAYLOAD_BYTES_MAX {
            let bytes = payload.len();
            return Err(WebhookError::TooLarge { bytes });
        }
        let header = Header::read(signature.ok_or(WebhookError::Missing)?)?;
        let genuine = self.secrets.iter().any(|secret| {
            header
                .signatures
                .iter()
                .any(|one| header.fits(secret, payload, one))
        });
        if !genuine {
            return Err(WebhookError::Forged);
        }
        let seconds = now.as_second().saturating_sub(header.at);
        if !(-TOLERANCE_SECONDS..=TOLERANCE_SECONDS).contains(&seconds) {
            return Err(WebhookError::Stale { seconds });
        }
        Envelope::read(payload)
    }
}

struct Header<'a> {
    written: &'a str,
    at: i64,
    signatures: Vec<[u8; 32]>,
}

impl<'a> Header<'a> {
    fn read(header: &'a str) -> Result<Self, WebhookError> {
        let (mut written, mut signatures) = (None, Vec::new());
        for part in header.split(',') {
            match part.trim().split_once('=') {
                Some(("t", at)) if written.is_none() => written = Some(at),
                Some(("t", _)) => return Err(WebhookError::Malformed("it has two times")),
                // One that cannot be read cannot fit; another one beside it still can.
                Some(("v1", hex)) if signatures.len() < SIGNATURES_MAX => {
                    let mut bytes = [0; 32];
                    if hex::decode_to_slice(hex, &mut bytes).is_ok() {
                        signatures.push(bytes);
                    }
                }
                // Older schemes are there for tests only; newer ones are not known here.
                Some(_) => {}
                None => return Err(WebhookError::Malformed("a part has no value")),
            }
        }
        let written = written.ok_or(WebhookError::Malformed("it has no time"))?;
        let at = written
            .parse()
            .map_err(|_| WebhookError::Malformed("its time is not a number"))?;
        if signatures.is_empty() {
            return Err(WebhookError::Malformed("it has no signature of scheme v1"));
        }
        Ok(Self {
            written,
            at,
            signatures,
        })
    }

    /// Compares in constant time.
    fn fits(&self, secret: &SecretString, payload: &[u8], signature: &[u8; 32]) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
            return false;
        };
        mac.update(self.written.as_bytes());
        mac.update(b".");
        mac.update(payload);
        mac.verify_slice(signature).is_ok()
    }
}

impl Envelope {
    fn read(payload: &[u8]) -> Result<Self, WebhookError> {
        let event: Value =
            serde_json::from_slice(payload).map_err(|_| WebhookError::NotAnEvent("it is not JSON"))?;
        let id = text(&event["id"]).ok_or(WebhookError::NotAnEvent("it has no id"))?;
        let kind = text(&event["type"]).ok_or(WebhookError::NotAnEvent("it has no type"))?;
        let object = &event["data"]["object"];
        let object_id = text(&object["id"]);
        let customer = if object["object"] == "customer" {
            object_id.clone()
        } else {
            text(&object["customer"])
        };
        Ok(Self {
            id,
            kind,
            created: event["created"].as_i64(),
            api_version: text(&event["api_version"]),
            livemode: event["livemode"].as_bool(),
            account: text(&event["account"]),
            object: object_id,
            customer,
            idempotency_key: text(&event["request"]["idempotency_key"]),
        })
    }

    /// The form in which the store keeps it: no object, no personal data.
    pub fn into_inbound(self, seller: SellerId, received_at: Timestamp) -> Inbound {
        // A struct of texts and numbers always serialises.
        let envelope = serde_json::to_vec(&self).unwrap_or_default();
        Inbound {
            seller,
            event_id: self.id,
            event_type: self.kind,
            customer: self.customer,
            object: self.object,
            received_at,
            envelope,
        }
    }
}

/// A text of a length that ids and types have.
fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (!text.is_empty() && text.len() <= TEXT_MAX).then(|| text.to_owned())
}

/// Shows how many there are.
impl fmt::Debug for WebhookSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookSecrets({})", self.secrets.len())
    }
}
