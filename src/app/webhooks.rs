//! Stripe's webhooks as the edge wants them checked.

use axum::http::HeaderMap;
use jiff::Timestamp;

use crate::domain::catalog::SellerId;
use crate::ports::store::Inbound;
use crate::stripe::webhook::{WebhookError, WebhookSecrets};
use crate::web::{VerifyWebhook, WebhookRefusal};

/// The webhooks of one seller's Stripe account.
pub(super) struct StripeWebhooks {
    pub(super) seller: SellerId,
    pub(super) secrets: WebhookSecrets,
}

impl VerifyWebhook for StripeWebhooks {
    fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<Inbound, WebhookRefusal> {
        let signature = headers
            .get("stripe-signature")
            .and_then(|value| value.to_str().ok());
        match self.secrets.verify(body, signature, now) {
            Ok(envelope) => Ok(envelope.into_inbound(self.seller.clone(), now)),
            Err(WebhookError::Stale { .. }) => Err(WebhookRefusal::Stale),
            Err(WebhookError::NotAnEvent(_) | WebhookError::TooLarge { .. }) => {
                Err(WebhookRefusal::Malformed)
            }
            Err(_) => Err(WebhookRefusal::Forged),
        }
    }
}
