use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::history::ActorView;
use super::{AccountView, MoneyView, Reader};
use crate::domain::account::{Client, ClientSettings, Limit, Payer, ServiceSetting};
use crate::domain::catalog::{ClientRules, LimitKind, MeterId, ServiceId};
use crate::domain::language::Texts;
use crate::domain::money::Money;
use crate::engine::{ClientEntry, ClientView};
use crate::ports::store::JournalEntry;

/// A client of an agency, with everything that is settled for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Client)]
pub struct ClientBody {
    /// Where its settings are read and saved.
    pub url: String,
    /// Rises with every change of what is settled; the `ETag` says the same.
    pub version: u64,
    /// The client's own account.
    pub account: AccountView,
    /// The agency's account.
    #[schema(format = Uuid)]
    pub agency: String,
    /// The form, as it was saved last: it is saved whole.
    pub settings: SettingsBody,
    /// Who is charged now. It follows `settings.payer` once the client has agreed, and what runs has ended.
    #[schema(example = "agency")]
    pub charged: &'static str,
    /// That the client has agreed to be charged itself, while it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentView>,
    /// What the licence costs the client, as the agency has entered it. A paying client is charged this; where the agency pays,
    /// it is for information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retail_price: Option<RetailView>,
    /// The change that what was just saved has opened, because it changes a recurring charge: its payer is quoted, and confirms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_change: Option<OpenedView>,
    /// Whether another payer was chosen, and has agreed, and takes over once what runs has ended: with the next contract.
    pub payer_waits: bool,
    /// The fields of the form, in the reader's language.
    pub form: FormView,
}

/// A change that a saved form has opened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenedChange)]
pub struct OpenedView {
    /// Its id.
    #[schema(format = Uuid)]
    pub id: String,
    /// Its name between people.
    #[schema(example = "CH-0F3K2-9XW7Q")]
    pub reference: String,
    /// Where to read it and go on with it.
    pub url: String,
}

/// A client in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientListed)]
pub struct ClientListed {
    /// Where its settings are read and saved.
    pub url: String,
    /// The client's own account.
    pub account: AccountView,
    /// Who is charged now.
    #[schema(example = "agency")]
    pub charged: &'static str,
    /// Whether the client's own people have access to client services.
    pub access: bool,
}

/// One line of a client's history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientEntry)]
pub struct ClientLine {
    /// Its number, which is the version that it led to.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What happened: `created`, `saved`, `payer_agreed`, `payer_withdrawn`, `payer_switched`.
    #[schema(example = "saved")]
    pub event: String,
    /// Who did it.
    pub actor: ActorView,
    /// The form from then on.
    pub settings: SettingsBody,
    /// Who is charged from then on.
    pub charged: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PayerConsent)]
pub struct ConsentView {
    /// The version of the terms that it agreed to.
    pub terms_version: String,
    /// When.
    pub at: Timestamp,
    /// Who, as an id of the seller's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// A retail price, as its reader is told of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetailPrice)]
pub struct RetailView {
    /// The price.
    pub price: MoneyView,
    /// Whether it is charged; otherwise it is for information.
    pub charged: bool,
}

/// The form as it is sent and answered: every field of the workflow file, none left out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClientSettings)]
pub struct SettingsBody {
    /// Who is to pay: `agency`, or `client`, which takes effect once the client has agreed.
    #[schema(value_type = String, example = "agency")]
    pub payer: Payer,
    /// Whether the client's own people have access to client services at all.
    pub access: bool,
    /// Whether the seller's support answers the client's people directly.
    pub direct_support: bool,
    /// Each service of the file: who manages it, `agency` or `client`, and whether the client has it.
    #[schema(value_type = Object, example = json!({ "sales-optimiser": { "managed_by": "agency", "enabled": true } }))]
    pub services: BTreeMap<ServiceId, ServiceSetting>,
    /// Each allowance of the file.
    #[schema(value_type = Object, example = json!({ "email-syncs": 5 }))]
    pub allowances: BTreeMap<MeterId, u64>,
    /// Each monthly limit of the file, as a count, as money, or null where nothing limits it.
    #[schema(value_type = Object, example = json!({ "email-tests": { "count": 100 }, "stock-pictures": null }))]
    pub limits: BTreeMap<MeterId, Option<Limit>>,
    /// What the licence costs the client; null for the seller's own price.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(value_type = Object, example = json!({ "amount": 39900, "currency": "BRL" }))]
    pub retail_price: Option<Money>,
}

/// The fields of the form.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientForm)]
pub struct FormView {
    /// Whether the agency enters a retail price.
    pub retail_price: bool,
    /// Whether direct support is switched per client.
    pub direct_support: bool,
    /// The services that are switched.
    pub services: Vec<ServiceField>,
    /// The allowances that are entered.
    pub allowances: Vec<AllowanceField>,
    /// The monthly limits that are entered.
    pub limits: Vec<LimitField>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceField {
    /// Its key in the form.
    #[schema(example = "sales-optimiser")]
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The items that are charged for it.
    pub items: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AllowanceField {
    /// Its key in the form.
    #[schema(example = "email-syncs")]
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The most that can be entered.
    pub max: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LimitField {
    /// Its key in the form.
    #[schema(example = "email-tests")]
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// In which forms it can be declared: `count`, `money`.
    pub declared_as: Vec<&'static str>,
    /// The most that can be entered as a count.
    pub max: u64,
}

impl SettingsBody {
    /// The form, as it is shown.
    pub fn of(settings: &ClientSettings) -> Self {
        let settings = settings.clone();
        Self {
            payer: settings.payer,
            access: settings.access,
            direct_support: settings.direct_support,
            services: settings.services,
            allowances: settings.allowances,
            limits: settings.limits,
            retail_price: settings.retail_price,
        }
    }

    /// The form, as it is checked and kept.
    pub fn settings(self) -> ClientSettings {
        ClientSettings {
            payer: self.payer,
            access: self.access,
            direct_support: self.direct_support,
            services: self.services,
            allowances: self.allowances,
            limits: self.limits,
            retail_price: self.retail_price,
        }
    }
}

impl ClientBody {
    /// The client, with the fields of the form.
    pub fn of(reader: Reader<'_>, view: &ClientView) -> Self {
        let client = &view.client;
        Self {
            url: url_of(client),
            version: client.version,
            account: AccountView::of(&view.account, view.external_id.as_deref()),
            agency: client.agency.to_string(),
            settings: SettingsBody::of(&client.settings),
            charged: word(client.charged),
            consent: client.consent.as_ref().map(|consent| ConsentView {
                terms_version: consent.terms_version.clone(),
                at: consent.at,
                by: consent.by.clone(),
            }),
            retail_price: client.settings.retail_price.map(|price| RetailView {
                price: reader.money(price),
                charged: client.charged == Payer::Client,
            }),
            opened_change: view.opened.map(|id| OpenedView {
                id: id.to_string(),
                reference: id.reference().0,
                url: format!("/v1/changes/{id}"),
            }),
            payer_waits: client.charged != client.wanted_payer(),
            form: FormView::of(reader, reader.playbook.policy.clients.as_ref()),
        }
    }
}

impl ClientListed {
    /// The client, in short.
    pub fn of(view: &ClientView) -> Self {
        Self {
            url: url_of(&view.client),
            account: AccountView::of(&view.account, view.external_id.as_deref()),
            charged: word(view.client.charged),
            access: view.client.settings.access,
        }
    }
}

impl ClientLine {
    /// The line.
    pub fn of(entry: &JournalEntry, said: ClientEntry) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at,
            event: said.event,
            actor: ActorView::of(said.actor),
            settings: SettingsBody::of(&said.client.settings),
            charged: word(said.client.charged),
        }
    }
}

impl FormView {
    fn of(reader: Reader<'_>, rules: Option<&ClientRules>) -> Self {
        let said = |texts: &Texts| reader.said(texts);
        let services = rules.into_iter().flat_map(|rules| &rules.services);
        let allowances = rules.into_iter().flat_map(|rules| &rules.allowances);
        let limits = rules.into_iter().flat_map(|rules| &rules.limits);
        Self {
            retail_price: rules.is_some_and(|rules| rules.retail),
            direct_support: rules.is_some_and(|rules| rules.direct_support),
            services: services
                .map(|rule| ServiceField {
                    id: rule.id.to_string(),
                    name: said(&rule.name),
                    items: rule.items.iter().map(ToString::to_string).collect(),
                })
                .collect(),
            allowances: allowances
                .map(|rule| AllowanceField {
                    id: rule.id.to_string(),
                    name: said(&rule.name),
                    max: rule.max,
                })
                .collect(),
            limits: limits
                .map(|rule| LimitField {
                    id: rule.id.to_string(),
                    name: said(&rule.name),
                    declared_as: rule.kinds.iter().map(|kind| kind_word(*kind)).collect(),
                    max: rule.max,
                })
                .collect(),
        }
    }
}

fn url_of(client: &Client) -> String {
    format!("/v1/accounts/{}/client-settings", client.account)
}

fn word(payer: Payer) -> &'static str {
    match payer {
        Payer::Agency => "agency",
        Payer::Client => "client",
    }
}

fn kind_word(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::Count => "count",
        LimitKind::Money => "money",
    }
}
