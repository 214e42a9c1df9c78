//! The payment provider, as the engine needs it.
//!
//! Calls that change something are made in two steps: `prepare` gives the exact request, which is stored with the intent;
//! `perform` sends exactly those bytes, as often as it takes, under one idempotency key. Everything else only reads.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::statements::InvoicePage;
use super::wallet::{CardCall, CardGiven, Wallet};
use crate::domain::account::{Account, BillingIdentity, ContractId};
use crate::domain::catalog::Catalog;
use crate::domain::change::{
    Call, CallAnswer, CallFailure, ChangeId, EffectId, FirstPeriod, OutsideCredit, PaymentFacts,
    PaymentMethod, QuotedTarget, SubscriptionFacts, TaxLine,
};
use crate::domain::language::Language;
use crate::domain::money::{Currency, Money};
use crate::domain::reconcile::{Collected, Holdings};

/// Who is asking: written into the metadata of what a call makes, so that it can be recognised later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// The change.
    pub change: ChangeId,
    /// The effect.
    pub effect: EffectId,
}

/// One request, exactly as it leaves: the same bytes at every attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// `POST` or `DELETE`.
    pub method: String,
    /// The path with its leading `/v1`.
    pub path: String,
    /// The form body. It can hold personal data: it is never logged, and it is kept in an erasable row.
    pub body: String,
    /// The API version under which it was made, and under which every attempt is sent.
    pub api_version: String,
}

/// What `prepare` may look at besides the call.
#[derive(Debug, Clone, Copy)]
pub struct Preparing<'a> {
    /// Who is asking.
    pub marks: &'a Marks,
    /// For whom.
    pub account: &'a Account,
    /// The billing data that the call names, for the calls that send it.
    pub identity: Option<&'a BillingIdentity>,
}

/// Why a call cannot be put into a request. A defect of ours, never of the customer's.
#[derive(Debug, thiserror::Error)]
#[error("the request for `{call}` cannot be made: {why}")]
pub struct PrepareError {
    /// The name of the call.
    pub call: &'static str,
    /// What is missing.
    pub why: String,
}

/// What an attempt came to when it did not bring an answer. This is the verdict: what the flow does with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It may or may not have happened: a time-out, a lost connection, a 5xx, an answer that cannot be read. The same key
    /// again, later.
    #[error("outcome unknown: {detail}")]
    Unknown {
        /// What was seen, without personal data.
        detail: String,
    },
    /// It did not happen, and may be tried again with the same key: a limit, a lock, the key in use, no connection at all.
    #[error("not done yet: {detail}")]
    Later {
        /// How long the provider asks to wait, when it says.
        after: Option<Duration>,
        /// What was seen, without personal data.
        detail: String,
    },
    /// It did not happen, and will not: the flow decides.
    #[error("not done: {0:?}")]
    Failed(CallFailure),
    /// This key has carried other bytes, or replays an error: the key can tell us nothing more. The provider must be read.
    #[error("the idempotency key is spent: {detail}")]
    KeySpent {
        /// What was seen, without personal data.
        detail: String,
    },
}

/// Why reading the provider did not bring an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Ask again later.
    #[error("the provider could not be read: {detail}")]
    Later {
        /// How long the provider asks to wait, when it says.
        after: Option<Duration>,
        /// What was seen, without personal data.
        detail: String,
    },
    /// There is no such thing.
    #[error("the provider does not know `{0}`")]
    NotFound(String),
    /// The provider refuses the question as such.
    #[error("the provider refuses: {code}: {message}")]
    Refused {
        /// Its code.
        code: String,
        /// Its sentence.
        message: String,
    },
}

/// A question for what a change would cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewAsk {
    /// The provider's customer; `None` for one that is not made yet.
    pub customer: Option<String>,
    /// The subscription that would change; `None` for a first one.
    pub subscription: Option<String>,
    /// What it would hold.
    pub targets: Vec<QuotedTarget>,
    /// In which currency.
    pub currency: Currency,
    /// From which instant it is prorated, for a change.
    pub prorated_at: Timestamp,
    /// Its stub, for a first one.
    pub first_period: Option<FirstPeriod>,
    /// What is credited of money that the subscription does not know of.
    pub credits: Vec<OutsideCredit>,
    /// Whether the provider reckons the taxes of a first one, once it knows the customer. A change of a subscription is taxed as that one
    /// is.
    pub automatic_tax: bool,
    /// Whether the taxes are left out that the provider would reckon, because it cannot tell where the customer is.
    pub untaxed: bool,
    /// The seller's own rates by which it is taxed, as the provider names them; `None` leaves a subscription those that it has.
    pub tax_rates: Option<Vec<String>>,
}

/// What the provider says it would cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Line by line.
    pub lines: Vec<PreviewLine>,
    /// The lines, before tax.
    pub subtotal: Money,
    /// Taxes on top.
    pub tax: Money,
    /// The same, tax by tax. Taxes of nothing are left out, unless the customer should read why.
    pub taxes: Vec<TaxLine>,
    /// Lines and taxes.
    pub total: Money,
    /// What is to be paid, after balance. Never below zero.
    pub amount_due: Money,
    /// What is too little to be charged and is carried over to the next invoice instead.
    pub carried: Option<Money>,
}

/// One line of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewLine {
    /// The provider's id of the price.
    pub price: Option<String>,
    /// How many.
    pub quantity: u64,
    /// The amount; credits are negative.
    pub amount: Money,
    /// Whether it is for a part of a period.
    pub proration: bool,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// What reading the provider says about a call whose key can tell nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It has happened: this is what it brought.
    Happened(CallAnswer),
    /// It has provably not happened.
    Absent,
    /// It cannot be told. A person must look; nothing is guessed.
    Undecidable {
        /// What was seen.
        evidence: String,
    },
}

/// A beginning of keeping a card, for the provider's browser library.
#[derive(Clone, PartialEq, Eq)]
pub struct CardSetup {
    /// The provider's id.
    pub id: String,
    /// The secret that lets the customer's browser, and only it, give the card to the provider. Never logged, never stored.
    pub client_secret: String,
}

/// How a card setup ended, or has not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardSetupOutcome {
    /// The card is kept with the customer.
    Kept(PaymentMethod),
    /// The customer has not finished.
    Unfinished,
    /// It belongs to another customer.
    Foreign,
}

/// An amount that is put on an invoice of its own line: what was used beyond a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceItemAsk {
    /// What it is marked with, so that it can be recognised.
    pub mark: Uuid,
    /// The contract whose use it is.
    pub contract: ContractId,
    /// The provider's customer who pays.
    pub customer: String,
    /// The subscription whose next invoice takes it up.
    pub subscription: Option<String>,
    /// The draft that takes it up at once.
    pub invoice: Option<String>,
    /// How much.
    pub amount: Money,
    /// What stands on the invoice.
    pub description: String,
    /// From when it was used,
    pub from: Timestamp,
    /// and until when.
    pub until: Timestamp,
}

/// An invoice that is made for what was used beyond a limit, where no renewal is near. The provider finalises and collects it by
/// itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceAsk {
    /// What it is marked with, so that it can be recognised.
    pub mark: Uuid,
    /// The contract whose use it is.
    pub contract: ContractId,
    /// The provider's customer who pays.
    pub customer: String,
    /// In which currency.
    pub currency: Currency,
    /// The card that it is charged to; the customer's own default where none is named.
    pub method: Option<String>,
    /// How it is taxed.
    pub taxes: InvoiceTaxes,
}

/// How an invoice is taxed that is made for a subscription and stands beside it: as the subscription's own are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum InvoiceTaxes {
    /// Not at all.
    #[default]
    Nothing,
    /// The provider reckons them.
    ByProvider,
    /// By the seller's own rates, as the provider names them.
    ByRates(Vec<String>),
}

/// The payment provider of one seller.
pub trait Payments: Send + Sync {
    /// The same provider for questions whose answer nobody waits for, such as sweeps and polls: they leave room for what
    /// customers wait for. `None` where there is no difference.
    fn unhurried(&self) -> Option<&dyn Payments> {
        None
    }

    /// The exact request of a call.
    fn prepare(&self, call: &Call, preparing: Preparing<'_>) -> Result<Prepared, PrepareError>;

    /// Sends a prepared request, and reads what is needed to say how it came out.
    fn perform<'a>(
        &'a self,
        call: &'a Call,
        marks: &'a Marks,
        prepared: &'a Prepared,
        key: &'a str,
    ) -> BoxFuture<'a, Result<CallAnswer, CallError>>;

    /// Looks for what a call made, by our marks and by listing, when its key can tell nothing more.
    fn find<'a>(&'a self, call: &'a Call, marks: &'a Marks) -> BoxFuture<'a, Result<Found, ReadError>>;

    /// Reads a subscription.
    fn subscription<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<SubscriptionFacts, ReadError>>;

    /// Asks what a change would cost. Changes nothing and makes no invoice.
    fn preview<'a>(&'a self, ask: &'a PreviewAsk) -> BoxFuture<'a, Result<Preview, ReadError>>;

    /// What the next renewal of a subscription would be; nothing where none is to come.
    fn upcoming<'a>(
        &'a self,
        subscription: &'a str,
        currency: Currency,
    ) -> BoxFuture<'a, Result<Option<Preview>, ReadError>>;

    /// Reads where a payment stands: the subscription, and this invoice of it.
    fn payment<'a>(
        &'a self,
        subscription: &'a str,
        invoice: Option<&'a str>,
    ) -> BoxFuture<'a, Result<PaymentFacts, ReadError>>;

    /// The provider's ids of prices by our content-named keys; a price that it does not have is left out.
    fn prices<'a>(
        &'a self,
        lookup_keys: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, String>, ReadError>>;

    /// The provider's ids of tax rates by our content-made names; one that it does not have is left out.
    fn tax_rates<'a>(
        &'a self,
        names: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, String>, ReadError>>;

    /// Brings these prices to the provider, where it lacks them. What is there stays as it is, and the same again makes nothing.
    fn offer<'a>(&'a self, catalog: &'a Catalog, language: Language) -> BoxFuture<'a, Result<(), ReadError>>;

    /// Begins to keep a card of this customer. Makes nothing that costs; a lost answer leaves an unused setup behind.
    fn begin_card_setup<'a>(
        &'a self,
        customer: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<CardSetup, ReadError>>;

    /// Reads how a card setup ended.
    fn card_setup<'a>(
        &'a self,
        customer: &'a str,
        id: &'a str,
    ) -> BoxFuture<'a, Result<CardSetupOutcome, ReadError>>;

    /// The cards that the provider keeps for this customer, the newest first, at most 100.
    fn cards<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Vec<PaymentMethod>, ReadError>>;

    /// The customer's cards, and the default one.
    fn wallet<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Wallet, ReadError>>;

    /// How giving a card went, by the setup that it was begun with.
    fn card_given<'a>(
        &'a self,
        customer: &'a str,
        setup: &'a str,
    ) -> BoxFuture<'a, Result<CardGiven, ReadError>>;

    /// The exact request of a call about a card.
    fn prepare_card_call(&self, call: &CardCall) -> Result<Prepared, PrepareError>;

    /// Sends a prepared request about a card.
    fn perform_card_call<'a>(
        &'a self,
        prepared: &'a Prepared,
        key: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>>;

    /// One page of the customer's invoices, the newest first: those after this one, at most so many.
    fn invoices<'a>(
        &'a self,
        customer: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> BoxFuture<'a, Result<InvoicePage, ReadError>>;

    /// Everything of this customer that a comparison looks at: all subscriptions, and the invoices since then.
    fn holdings<'a>(
        &'a self,
        customer: &'a str,
        since: Timestamp,
    ) -> BoxFuture<'a, Result<Holdings, ReadError>>;

    /// How an invoice was collected, and what of it has gone back.
    fn collected<'a>(&'a self, invoice: &'a str) -> BoxFuture<'a, Result<Collected, ReadError>>;

    /// The exact request that puts an amount on an invoice.
    fn prepare_item(&self, ask: &InvoiceItemAsk) -> Result<Prepared, PrepareError>;

    /// The exact request that makes an invoice for such amounts.
    fn prepare_invoice(&self, ask: &InvoiceAsk) -> Result<Prepared, PrepareError>;

    /// Whether such a request makes an invoice; else it makes an item.
    fn makes_invoice(&self, prepared: &Prepared) -> bool;

    /// Looks for the invoice of this mark, as [`Payments::find_item`].
    fn find_invoice<'a>(
        &'a self,
        customer: &'a str,
        mark: Uuid,
    ) -> BoxFuture<'a, Result<Option<String>, ReadError>>;

    /// Sends one of the two: the provider's id of what it made.
    fn add_item<'a>(
        &'a self,
        prepared: &'a Prepared,
        key: &'a str,
    ) -> BoxFuture<'a, Result<String, CallError>>;

    /// Looks for the item of this mark, when its key can tell nothing more. Absent is only said of a list that was read whole.
    fn find_item<'a>(
        &'a self,
        customer: &'a str,
        mark: Uuid,
    ) -> BoxFuture<'a, Result<Option<String>, ReadError>>;

    /// The renewal's invoice of a subscription, while it can still be added to.
    fn renewal_draft<'a>(&'a self, subscription: &'a str)
    -> BoxFuture<'a, Result<Option<String>, ReadError>>;

    /// The secret with which the customer's browser can authenticate the payment of this invoice. Never logged or stored.
    fn client_secret<'a>(&'a self, invoice: &'a str) -> BoxFuture<'a, Result<Option<String>, ReadError>>;
}
