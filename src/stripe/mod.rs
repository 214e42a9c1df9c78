//! The only room that knows Stripe: calls, transport, webhook envelope, errors to verdicts.
//!
//! It knows ports and domain, and must never know the engine, the store or the sandbox. What leaves it are domain values;
//! no type of async-stripe is in its public signatures. Nothing here tries again: that is decided where it can be remembered.

mod answer;
mod cards;
pub mod catalog;
pub mod checkup;
mod config;
mod decline;
mod facts;
mod find;
mod holdings;
mod items;
mod limits;
mod marks;
mod paging;
mod perform;
mod prepare;
mod preview;
mod reads;
mod schedules;
mod statements;
mod tax_rates;
mod taxes;
mod transport;
mod verdict;
mod vouchers;
mod wallet;
pub mod webhook;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::catalog::Catalog;
use crate::domain::change::{Call, CallAnswer, PaymentFacts, PaymentMethod, SubscriptionFacts};
use crate::domain::language::Language;
use crate::domain::money::Currency;
use crate::domain::reconcile::{Collected, Holdings};
use crate::ports::payments::{
    CallError, CardSetup, CardSetupOutcome, Found, InvoiceAsk, InvoiceItemAsk, Marks, Payments, PrepareError,
    Prepared, Preparing, Preview, PreviewAsk, ReadError,
};

use crate::ports::statements::InvoicePage;
use crate::ports::wallet::{CardCall, CardGiven, Wallet};

pub use answer::{Answer, TransportError, Unread};
pub use config::{ConfigError, StripeConfig, is_live};
pub use limits::{Pace, Paces, Rates};
pub use transport::Transport;
pub use wire::Wire;

/// Stripe, or a server that speaks like it, as one seller's payment provider.
#[derive(Debug)]
pub struct StripePayments {
    transport: Transport,
    /// The same for questions whose answer nobody waits for.
    unhurried: Option<Box<Self>>,
}

impl StripePayments {
    /// Checks that key and address belong together; makes no connection yet. Its account is asked at its own pace.
    pub fn new(config: &StripeConfig) -> Result<Self, ConfigError> {
        Self::sharing(config, Arc::new(Pace::new(config.rates)))
    }

    /// The same, at a pace that it shares with others who use the account.
    pub fn sharing(config: &StripeConfig, pace: Arc<Pace>) -> Result<Self, ConfigError> {
        Ok(Self::with(Transport::new(config, pace)?))
    }

    /// The same over a wire of the caller's choice: for simulations.
    pub fn over(config: &StripeConfig, pace: Arc<Pace>, wire: Arc<dyn Wire>) -> Result<Self, ConfigError> {
        Ok(Self::with(Transport::over(config, pace, wire)?))
    }

    fn with(transport: Transport) -> Self {
        let unhurried = Self {
            transport: transport.unhurried(),
            unhurried: None,
        };
        Self {
            transport,
            unhurried: Some(Box::new(unhurried)),
        }
    }
}

impl Payments for StripePayments {
    fn unhurried(&self) -> Option<&dyn Payments> {
        self.unhurried.as_deref().map(|own| own as &dyn Payments)
    }

    fn prepare(&self, call: &Call, preparing: Preparing<'_>) -> Result<Prepared, PrepareError> {
        prepare::prepare(call, preparing)
    }

    fn perform<'a>(
        &'a self,
        call: &'a Call,
        marks: &'a Marks,
        prepared: &'a Prepared,
        key: &'a str,
    ) -> BoxFuture<'a, Result<CallAnswer, CallError>> {
        Box::pin(perform::perform(&self.transport, call, marks, prepared, key))
    }

    fn find<'a>(&'a self, call: &'a Call, marks: &'a Marks) -> BoxFuture<'a, Result<Found, ReadError>> {
        Box::pin(find::find(&self.transport, call, marks))
    }

    fn subscription<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<SubscriptionFacts, ReadError>> {
        Box::pin(async move { facts::subscription(&reads::subscription(&self.transport, id).await?) })
    }

    fn preview<'a>(&'a self, ask: &'a PreviewAsk) -> BoxFuture<'a, Result<Preview, ReadError>> {
        Box::pin(preview::preview(&self.transport, ask))
    }

    fn upcoming<'a>(
        &'a self,
        subscription: &'a str,
        currency: Currency,
    ) -> BoxFuture<'a, Result<Option<Preview>, ReadError>> {
        Box::pin(preview::upcoming(&self.transport, subscription, currency))
    }

    fn payment<'a>(
        &'a self,
        subscription: &'a str,
        invoice: Option<&'a str>,
    ) -> BoxFuture<'a, Result<PaymentFacts, ReadError>> {
        Box::pin(reads::payment(&self.transport, subscription, invoice))
    }

    fn prices<'a>(
        &'a self,
        lookup_keys: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, String>, ReadError>> {
        Box::pin(reads::price_ids(&self.transport, lookup_keys))
    }

    fn tax_rates<'a>(
        &'a self,
        names: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, String>, ReadError>> {
        Box::pin(tax_rates::ids(&self.transport, names))
    }

    fn offer<'a>(&'a self, catalog: &'a Catalog, language: Language) -> BoxFuture<'a, Result<(), ReadError>> {
        Box::pin(async move {
            let plan = self.plan_push(catalog, &[], language).await?;
            self.push(&plan).await.map(drop)
        })
    }

    fn begin_card_setup<'a>(
        &'a self,
        customer: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<CardSetup, ReadError>> {
        Box::pin(cards::begin(&self.transport, customer, key))
    }

    fn card_setup<'a>(
        &'a self,
        customer: &'a str,
        id: &'a str,
    ) -> BoxFuture<'a, Result<CardSetupOutcome, ReadError>> {
        Box::pin(cards::outcome(&self.transport, customer, id))
    }

    fn cards<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Vec<PaymentMethod>, ReadError>> {
        Box::pin(cards::kept(&self.transport, customer))
    }

    fn wallet<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Wallet, ReadError>> {
        Box::pin(wallet::of(&self.transport, customer))
    }

    fn card_given<'a>(
        &'a self,
        customer: &'a str,
        setup: &'a str,
    ) -> BoxFuture<'a, Result<CardGiven, ReadError>> {
        Box::pin(wallet::given(&self.transport, customer, setup))
    }

    fn prepare_card_call(&self, call: &CardCall) -> Result<Prepared, PrepareError> {
        wallet::request(call)
    }

    fn perform_card_call<'a>(
        &'a self,
        prepared: &'a Prepared,
        key: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(wallet::send(&self.transport, prepared, key))
    }

    fn invoices<'a>(
        &'a self,
        customer: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> BoxFuture<'a, Result<InvoicePage, ReadError>> {
        Box::pin(statements::page(&self.transport, customer, after, limit))
    }

    fn holdings<'a>(
        &'a self,
        customer: &'a str,
        since: Timestamp,
    ) -> BoxFuture<'a, Result<Holdings, ReadError>> {
        Box::pin(holdings::of(&self.transport, customer, since))
    }

    fn collected<'a>(&'a self, invoice: &'a str) -> BoxFuture<'a, Result<Collected, ReadError>> {
        Box::pin(holdings::collected(&self.transport, invoice))
    }

    fn prepare_item(&self, ask: &InvoiceItemAsk) -> Result<Prepared, PrepareError> {
        items::prepare(ask)
    }

    fn prepare_invoice(&self, ask: &InvoiceAsk) -> Result<Prepared, PrepareError> {
        items::prepare_invoice(ask)
    }

    fn makes_invoice(&self, prepared: &Prepared) -> bool {
        prepared.path == items::INVOICES
    }

    fn find_invoice<'a>(
        &'a self,
        customer: &'a str,
        mark: Uuid,
    ) -> BoxFuture<'a, Result<Option<String>, ReadError>> {
        Box::pin(items::find_invoice(&self.transport, customer, mark))
    }

    fn add_item<'a>(
        &'a self,
        prepared: &'a Prepared,
        key: &'a str,
    ) -> BoxFuture<'a, Result<String, CallError>> {
        Box::pin(items::add(&self.transport, prepared, key))
    }

    fn find_item<'a>(
        &'a self,
        customer: &'a str,
        mark: Uuid,
    ) -> BoxFuture<'a, Result<Option<String>, ReadError>> {
        Box::pin(items::find(&self.transport, customer, mark))
    }

    fn renewal_draft<'a>(
        &'a self,
        subscription: &'a str,
    ) -> BoxFuture<'a, Result<Option<String>, ReadError>> {
        Box::pin(items::renewal_draft(&self.transport, subscription))
    }

    fn client_secret<'a>(&'a self, invoice: &'a str) -> BoxFuture<'a, Result<Option<String>, ReadError>> {
        Box::pin(reads::client_secret(&self.transport, invoice))
    }
}

/// Whether a text can stand as one segment of a path: ids come from clients too, and must not lead to another path.
fn is_id(text: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    !text.is_empty() && text.len() <= 255 && text.bytes().all(known) && !text.contains("..")
}

/// An id that can be asked for; what cannot be an id does not exist.
fn known(id: &str) -> Result<&str, ReadError> {
    if is_id(id) {
        Ok(id)
    } else {
        Err(ReadError::NotFound(id.chars().take(40).collect()))
    }
}
