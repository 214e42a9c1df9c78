//! What an operator wants to know of the provider before customers do: whether it answers, takes the key, and sends webhooks.

use jiff::Timestamp;
use serde::Deserialize;

use super::answer::Unread;
use super::{StripePayments, verdict};
use crate::ports::payments::ReadError;

/// The API version under which every request is sent.
pub const API_VERSION: &str = "2026-09-30.endive";

/// Whether the provider was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// It was not; why, without a key or an address.
    No(String),
    /// It was, and said no with this status.
    Refused(u16),
    /// It was, and took the key.
    Yes {
        /// Its present, when it says, to the second.
        date: Option<Timestamp>,
        /// The API version in which it answered, when it says.
        version: Option<String>,
    },
}

/// Where the provider sends webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Listed")]
pub struct Endpoint {
    /// The address.
    pub url: String,
    /// Whether it does now.
    pub enabled: bool,
    /// In which API version; the account's own where nothing is said.
    pub api_version: Option<String>,
}

/// An endpoint as Stripe lists it. Source: Stripe API reference, "The Webhook Endpoint object".
#[derive(Deserialize)]
struct Listed {
    url: String,
    status: String,
    api_version: Option<String>,
}

impl From<Listed> for Endpoint {
    fn from(listed: Listed) -> Self {
        Self {
            url: listed.url,
            enabled: listed.status == "enabled",
            api_version: listed.api_version,
        }
    }
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Endpoint>,
}

impl StripePayments {
    /// Asks for one price, which every key that can be used here may read.
    pub async fn reach(&self) -> Reached {
        match self.transport.look("/v1/prices?limit=1").await {
            Err(error) => Reached::No(error.to_string()),
            Ok(answer) if !answer.is_success() => Reached::Refused(answer.status),
            Ok(answer) => Reached::Yes {
                date: answer.date,
                version: answer.version,
            },
        }
    }

    /// The webhook endpoints of the account, at most 100.
    pub async fn endpoints(&self) -> Result<Vec<Endpoint>, ReadError> {
        let what = "webhook endpoints";
        let sent = self.transport.look("/v1/webhook_endpoints?limit=100").await;
        let answer = sent.map_err(|error| verdict::of_read(what, Unread::Transport(error)))?;
        if !answer.is_success() {
            return Err(verdict::of_read(what, Unread::Refused(answer)));
        }
        let page: Page = serde_json::from_slice(&answer.body)
            .map_err(|error| verdict::of_read(what, Unread::Unreadable(error.to_string())))?;
        Ok(page.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_that_requests_are_sent_under() {
        assert_eq!(API_VERSION, stripe_shared::version::VERSION.to_string());
    }
}
