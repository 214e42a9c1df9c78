//! The world inside the sandbox: customers, cards, prices, subscriptions, invoices, money and events, and the passing of
//! time over them.
//!
//! Deterministic: the same calls at the same instants with the same seed give the same answers, byte for byte. Time is
//! handed in; nothing is random; nothing waits. It knows decoded parameters and rendered JSON, and must never know HTTP,
//! a database, or any other room of this package: that the provider reckons on its own is what makes a comparison with
//! our own reckoning worth anything.
//!
//! Where to look: `operations` names every operation and who does it; `subscriptions::reckon` makes the lines of every
//! invoice, previewed or real; `paying` is the only place where a card is charged; `time` is everything that happens by
//! itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::balance::Movement;
use self::charges::{Charge, Refund};
use self::customers::Customer;
use self::events::Event;
use self::ids::Ids;
use self::invoices::{Invoice, InvoiceItem, InvoicePayment};
use self::params::Params;
use self::payment_intents::PaymentIntent;
use self::payment_methods::PaymentMethod;
use self::prices::Price;
use self::products::Product;
use self::schedules::Schedule;
use self::setup_intents::SetupIntent;
use self::shelf::{AnyShelf, Shelf};
use self::subscriptions::Subscription;
use self::tax_ids::TaxId;
use self::tax_rates::TaxRate;
use super::error::ApiError;

mod balance;
mod calendar;
mod cards;
mod charges;
mod currencies;
mod customers;
mod events;
mod expand;
mod ids;
mod intents;
mod invoices;
mod ledger;
mod operations;
mod params;
mod paying;
mod payment_intents;
mod payment_methods;
mod prices;
mod products;
mod rounding;
mod schedules;
mod setup_intents;
mod shelf;
mod shown;
mod subscriptions;
mod tax_ids;
mod tax_rates;
mod taxes;
mod time;
mod vouchers;

pub use self::vouchers::BankSays;

/// The API version whose shapes this world speaks.
pub const API_VERSION: &str = "2026-09-30.endive";

/// The test cards: number, the name that stands for it in requests, and what it does.
pub fn test_cards() -> impl Iterator<Item = (&'static str, String, String)> {
    cards::listed()
}

/// One object as it lies in the durable file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is, such as `customer`.
    pub kind: String,
    /// Its identifier, unique within the kind.
    pub id: String,
    /// Its content; `None` when it was deleted.
    pub body: Option<Vec<u8>>,
}

/// Why a durable file cannot become a world.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The file holds a kind that this program does not know: it is foreign, or from a newer program.
    #[error("unknown kind of record '{0}'")]
    UnknownKind(String),
    /// A record cannot be read.
    #[error("the {kind} '{id}' cannot be read: {source}")]
    Unreadable {
        /// The record's kind.
        kind: String,
        /// The record's identifier.
        id: String,
        /// What is wrong with its content.
        source: serde_json::Error,
    },
    /// There are records, but not the one that says which world they belong to.
    #[error("the record of the world itself is missing")]
    NoWorld,
}

/// One API operation, decoded and typed.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The published `operationId`, such as `PostSubscriptionsSubscriptionExposedId`.
    pub operation: &'a str,
    /// The variables of the path, such as `subscription_exposed_id`.
    pub path: &'a BTreeMap<String, String>,
    /// The parameters, already of the published types, `expand` included.
    pub params: &'a Map<String, Value>,
    /// Now, in unix seconds.
    pub now: i64,
    /// The `Request-Id` of this call; events name it.
    pub request_id: &'a str,
    /// The idempotency key, if one came along; events name it.
    pub idempotency_key: Option<&'a str>,
}

/// What becomes of a subscription when the last attempt to collect a renewal has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterDunning {
    /// It is cancelled.
    Canceled,
    /// It stays, unpaid.
    Unpaid,
}

/// What the world remembers besides its objects.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Memory {
    ids: Ids,
    after_dunning: AfterDunning,
}

const WORLD: &str = "world";

/// Everything that exists in one sandbox.
pub struct World {
    memory: Memory,
    memory_dirty: bool,
    base_url: String,
    /// Unix seconds of the running work; never goes back.
    now: i64,
    /// Whether an error of the running operation leaves its traces (a declined payment).
    keeps_traces: bool,
    /// The request whose events are being made: its id and its idempotency key.
    request: Option<(String, Option<String>)>,
    /// Events not yet handed out.
    outbox: Vec<String>,
    customers: Shelf<Customer>,
    tax_ids: Shelf<TaxId>,
    movements: Shelf<Movement>,
    payment_methods: Shelf<PaymentMethod>,
    setup_intents: Shelf<SetupIntent>,
    payment_intents: Shelf<PaymentIntent>,
    charges: Shelf<Charge>,
    refunds: Shelf<Refund>,
    products: Shelf<Product>,
    prices: Shelf<Price>,
    tax_rates: Shelf<TaxRate>,
    subscriptions: Shelf<Subscription>,
    schedules: Shelf<Schedule>,
    invoices: Shelf<Invoice>,
    invoice_items: Shelf<InvoiceItem>,
    invoice_payments: Shelf<InvoicePayment>,
    events: Shelf<Event>,
}

impl World {
    /// An empty world. The seed decides what its identifiers look like.
    pub fn new(seed: u64) -> World {
        World {
            memory: Memory {
                ids: Ids::new(seed),
                after_dunning: AfterDunning::Canceled,
            },
            memory_dirty: true,
            base_url: "http://127.0.0.1".to_owned(),
            now: i64::MIN,
            keeps_traces: false,
            request: None,
            outbox: Vec::new(),
            customers: Shelf::default(),
            tax_ids: Shelf::default(),
            movements: Shelf::default(),
            payment_methods: Shelf::default(),
            setup_intents: Shelf::default(),
            payment_intents: Shelf::default(),
            charges: Shelf::default(),
            refunds: Shelf::default(),
            products: Shelf::default(),
            prices: Shelf::default(),
            tax_rates: Shelf::default(),
            subscriptions: Shelf::default(),
            schedules: Shelf::default(),
            invoices: Shelf::default(),
            invoice_items: Shelf::default(),
            invoice_payments: Shelf::default(),
            events: Shelf::default(),
        }
    }

    /// The world that a durable file holds: all of its records, in any order.
    pub fn restore(records: impl IntoIterator<Item = Record>) -> Result<World, RestoreError> {
        let mut world = World::new(0);
        let mut found = false;
        for record in records {
            if record.kind == WORLD {
                let body = record.body.as_deref().unwrap_or_default();
                let unreadable = |source| RestoreError::Unreadable {
                    kind: record.kind,
                    id: record.id,
                    source,
                };
                world.memory = serde_json::from_slice(body).map_err(unreadable)?;
                world.memory_dirty = false;
                found = true;
                continue;
            }
            let mut shelves = world.shelves().into_iter();
            match shelves.find(|shelf| shelf.kind() == record.kind) {
                Some(shelf) => shelf.load(&record)?,
                None => return Err(RestoreError::UnknownKind(record.kind)),
            }
        }
        if found {
            Ok(world)
        } else {
            Err(RestoreError::NoWorld)
        }
    }

    /// Where the pages of this sandbox are reached (`http://127.0.0.1:4242`), for the links in answers. Not stored.
    pub fn set_base_url(&mut self, base_url: &str) {
        base_url.trim_end_matches('/').clone_into(&mut self.base_url);
    }

    /// What becomes of subscriptions whose renewal could not be collected. Stored.
    pub fn set_after_dunning(&mut self, after: AfterDunning) {
        self.memory.after_dunning = after;
        self.memory_dirty = true;
    }

    /// Everything that changed since the last call. It must be durable before an answer leaves.
    pub fn take_changes(&mut self) -> Vec<Record> {
        let mut records = Vec::new();
        if std::mem::take(&mut self.memory_dirty) {
            // A counter and two names: nothing in it can fail to serialise.
            let body = serde_json::to_vec(&self.memory).unwrap_or_default();
            records.push(Record {
                kind: WORLD.to_owned(),
                id: WORLD.to_owned(),
                body: Some(body),
            });
        }
        for shelf in self.shelves() {
            shelf.drain(&mut records);
        }
        records
    }

    /// Does one API operation, after all time-driven work that is due by then. An error leaves everything as it was,
    /// except for what Stripe keeps too: the traces of a payment that was declined.
    pub fn perform(&mut self, call: &Call<'_>) -> Result<Value, ApiError> {
        self.advance_to(call.now);
        self.request = Some((
            call.request_id.to_owned(),
            call.idempotency_key.map(str::to_owned),
        ));
        let done = self.transaction(|world| {
            let mut answer = operations::perform(world, call)?;
            expand::expand(world, &mut answer, &Params::new(call.params))?;
            Ok(answer)
        });
        self.request = None;
        done
    }

    /// The buttons of the 3-D Secure page, for a payment intent or a setup intent that waits for its customer.
    pub fn complete_authentication(
        &mut self,
        intent: &str,
        approved: bool,
        now: i64,
    ) -> Result<(), ApiError> {
        self.advance_to(now);
        self.transaction(|world| {
            if world.setup_intents.get(intent).is_some() {
                world.authenticate_set_up(intent, approved)
            } else {
                world.authenticate_payment(intent, approved)
            }
        })
    }

    /// The events that were made since the last call, rendered, oldest first.
    pub fn take_events(&mut self) -> Vec<Value> {
        let made = std::mem::take(&mut self.outbox);
        made.iter()
            .filter_map(|id| self.events.get(id))
            .map(Event::rendered)
            .collect()
    }

    /// Runs one piece of work: everything it changed stays, or nothing does.
    fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut World) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        self.keeps_traces = false;
        let events_before = self.outbox.len();
        let ids_before = self.memory.ids.made();
        let done = work(self);
        let stays = done.is_ok() || self.keeps_traces;
        if !stays {
            self.outbox.truncate(events_before);
        }
        for shelf in self.shelves() {
            if stays {
                shelf.commit();
            } else {
                shelf.roll_back();
            }
        }
        // Identifiers are never used twice, not even those that left in an error's text.
        self.memory_dirty |= self.memory.ids.made() != ids_before;
        done
    }

    fn shelves(&mut self) -> [&mut dyn AnyShelf; 17] {
        [
            &mut self.customers,
            &mut self.tax_ids,
            &mut self.movements,
            &mut self.payment_methods,
            &mut self.setup_intents,
            &mut self.payment_intents,
            &mut self.charges,
            &mut self.refunds,
            &mut self.products,
            &mut self.prices,
            &mut self.tax_rates,
            &mut self.subscriptions,
            &mut self.schedules,
            &mut self.invoices,
            &mut self.invoice_items,
            &mut self.invoice_payments,
            &mut self.events,
        ]
    }
}
