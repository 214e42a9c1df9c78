use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::Account;

/// A seller's customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountView {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Where to read it.
    url: String,
    /// The seller's own id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    /// Where its mails go.
    email: String,
    /// The company's or person's name.
    name: String,
    /// The language of its texts and mails.
    #[schema(example = "pt-BR")]
    language: &'static str,
    /// When the seller created it: its day of the month anchors the billing of some sellers.
    created_at: Timestamp,
    /// The customer at the payment provider, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_customer: Option<String>,
}

impl AccountView {
    /// The account, with the seller's own id of it.
    pub fn of(account: &Account, external_id: Option<&str>) -> Self {
        Self {
            id: account.id.to_string(),
            url: format!("/v1/accounts/{}", account.id),
            external_id: external_id.map(str::to_owned),
            email: account.email.clone(),
            name: account.name.clone(),
            language: account.language.tag(),
            created_at: account.created_at,
            provider_customer: account.provider_customer.clone(),
        }
    }
}
