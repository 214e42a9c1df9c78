use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::{Account, Client};

/// A seller's customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountView {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Where to read it.
    pub url: String,
    /// The seller's own id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Where its mails go.
    pub email: String,
    /// The company's or person's name.
    pub name: String,
    /// The language of its texts and mails.
    #[schema(example = "pt-BR")]
    pub language: &'static str,
    /// When the seller created it: its day of the month anchors the billing of some sellers.
    pub created_at: Timestamp,
    /// The customer at the payment provider, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_customer: Option<String>,
    /// What an agency has for its clients; nothing before its first client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_services: Option<ClientServicesView>,
    /// Whose client the account is, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_of: Option<ClientOfView>,
}

/// What an agency has for its clients.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientServices)]
pub struct ClientServicesView {
    /// Where its clients are listed.
    pub clients_url: String,
}

/// Whose client an account is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientOf)]
pub struct ClientOfView {
    /// The agency's account.
    #[schema(format = Uuid)]
    pub agency: String,
    /// Whether its own people have access to client services at all.
    pub access: bool,
    /// Where what the agency has settled can be read.
    pub settings_url: String,
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
            client_services: None,
            client_of: None,
        }
    }

    /// The same of an account that has clients.
    #[must_use]
    pub fn with_clients(mut self) -> Self {
        self.client_services = Some(ClientServicesView {
            clients_url: format!("{}/clients", self.url),
        });
        self
    }

    /// The same of an account that is somebody's client.
    #[must_use]
    pub fn as_client(mut self, client: &Client) -> Self {
        self.client_of = Some(ClientOfView {
            agency: client.agency.to_string(),
            access: client.settings.access,
            settings_url: format!("{}/client-settings", self.url),
        });
        self
    }
}
