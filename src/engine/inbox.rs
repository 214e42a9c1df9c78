//! What the provider sends: kept, and taken as a reason to look. Nothing is believed because a webhook said it.

use super::{CrashPoint, Engine, EngineError};
use crate::ports::store::Inbound;

impl Engine {
    /// Keeps a verified envelope and wakes what it is about. `false` when it was kept before. Only after this may the sender
    /// be told that it arrived.
    pub async fn accept_inbound(&self, inbound: Inbound) -> Result<bool, EngineError> {
        self.reach(CrashPoint::WebhookVerified)?;
        // A card that is being given is looked for anyway; this is faster.
        let kind = inbound.event_type.as_str();
        if kind.starts_with("setup_intent.") || kind.starts_with("payment_method.") {
            let (seller, customer) = (&inbound.seller, inbound.customer.as_deref());
            if let Some(customer) = customer {
                self.store()
                    .wake_card_orders(seller, customer, self.now())
                    .await?;
            }
        }
        let news = self.store().accept_inbound(inbound).await?;
        self.reach(CrashPoint::WebhookKept)?;
        if news {
            self.parts.bell.ring();
        }
        Ok(news)
    }
}
