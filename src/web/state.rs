//! What the edge stands on: the engine, and the few things that only the edge needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::HeaderMap;
use jiff::Timestamp;

use super::ask::KnownKeys;
use super::console::Watched;
use super::limits::Places;
use super::sample::Samples;
use crate::domain::catalog::{Playbook, SellerId};
use crate::engine::{Engine, EngineError};
use crate::mail::Mailbox;
use crate::ports::store::Inbound;
use crate::ports::time::Ids;

/// What the handlers share, as each of them and of what stands around them is handed it.
pub type WebState = Arc<WebParts>;

/// What the edge is put together from.
pub struct WebParts {
    /// Everything that is asked is asked of it.
    pub engine: Engine,
    /// Makes the ids under which requests are found again in the log.
    pub ids: Arc<dyn Ids>,
    /// Who checks the provider's webhooks, per seller. A seller that is not here has none.
    pub webhooks: Arc<BTreeMap<SellerId, Arc<dyn VerifyWebhook>>>,
    /// The hash of the operator's key, which opens support's part of the API for all sellers. Nobody has it when there is none.
    pub operator: Option<[u8; 32]>,
    /// The mailbox to show, where mails land in one. It shows every mail to everybody who can reach this server.
    pub mailbox: Option<Mailbox>,
    /// With which of the provider's keys browsers give it cards, per seller.
    pub publishable_keys: BTreeMap<SellerId, String>,
    /// The address of the sandbox, where one stands in for the provider: shown on the start page.
    pub sandbox: Option<String>,
    /// The customers of the sample products, where the sandbox stands in for the provider.
    pub samples: Option<Arc<Samples>>,
    /// How many requests are answered at once.
    pub places: Places,
    /// Keys that were looked up a moment ago.
    pub known_keys: KnownKeys,
    /// What waits for support, as it was seen a moment ago.
    pub watched: Watched,
}

impl WebParts {
    /// The rules that a seller's new changes start with.
    pub fn playbook(&self, seller: &SellerId) -> Result<Arc<Playbook>, EngineError> {
        Ok(self.engine.sellers().get(seller)?.playbook.clone())
    }
}

/// Checks that a webhook really comes from the provider, and reads its envelope. It decides on the raw bytes and the headers
/// alone, and must neither store nor log them.
pub trait VerifyWebhook: Send + Sync {
    /// The envelope, or why it is not believed.
    fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<Inbound, WebhookRefusal>;
}

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// The signature is missing, or was not made with the seller's secret.
    #[error("the signature does not fit")]
    Forged,
    /// The signature was made too long ago: it may be a repetition by a third party.
    #[error("the signature is too old")]
    Stale,
    /// It is signed, but not an event that can be read.
    #[error("the event cannot be read")]
    Malformed,
}
