//! Seeded bugs: mistakes that somebody could make, each behind a switch that only this simulation has. A harness that cannot
//! fail proves nothing; so each of them must be caught.
//!
//! They live at the ports, so that the program itself stays as it is: rules that the store forgets, and a provider's adapter
//! that does the wrong thing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use changeover::domain::catalog::Catalog;
use changeover::domain::change::{
    Call, CallAnswer, CallFailure, CallName, Decline, InvoiceStatus, PaymentFacts, PaymentMethod,
    SubscriptionFacts,
};
use changeover::domain::language::Language;
use changeover::domain::money::{Currency, Money};
use changeover::domain::reconcile::{Collected, Holdings};
use changeover::ports::payments::{
    CallError, CardSetup, CardSetupOutcome, Found, InvoiceAsk, InvoiceItemAsk, Marks, Payments, PrepareError,
    Prepared, Preparing, Preview, PreviewAsk, ReadError,
};
use changeover::ports::statements::InvoicePage;
use changeover::ports::wallet::{CardCall, CardGiven, Wallet};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use crate::plan::Weather;
use crate::store::Rules;
use crate::world::{World, lock};

macro_rules! bugs {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A mistake that somebody could make.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Bug {
            $($(#[$doc])* $name,)*
        }

        impl Bug {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name, for the command line.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

bugs! {
    /// A worker decides although it has lost its lease.
    FenceDropped,
    /// A worker calls the provider although it has lost its lease.
    AttemptFenceDropped,
    /// A decision overwrites what came in between.
    CompareAndSetIgnored,
    /// Two changes can be open on one contract.
    TwoOpenChanges,
    /// Two charges of one provider customer can be on their way.
    ChargesNotSerialised,
    /// What must leave is written although the decision is not.
    OutboxOutside,
    /// A wake-up during a lease is forgotten.
    WakesLost,
    /// A lease has no end.
    LeasesNeverEnd,
    /// A client's request is not kept with its answer.
    RequestsForgotten,
    /// A known outcome can be taken back.
    EffectsGoBackward,
    /// A webhook is marked as known, and nobody is woken.
    WebhookMarkedOnly,
    /// Keys are used for days.
    KeysNeverEnd,
    /// A command leaves the lease with the worker.
    CommandsLeaveTheLease,
    /// A lease that is given back forgets its timer.
    TimersLost,
    /// What must leave counts as sent once it is claimed.
    SentOnceClaimed,
    /// A request leaves before its attempt is written.
    IntentAfterCall,
    /// A comparison does not hear of what a contract has just begun to hold.
    ContractsReadStale,
    /// Late money can be honoured twice.
    TwoSuccessors,
    /// What a comparison has found is forgotten.
    FindingsForgotten,
    /// What was seen of a contract is written over what came in between. Two rules forbid it, and each alone is enough: the
    /// contract's own version, and that of the change beside it.
    ObservationsOverwrite,
    /// What is counted is written over what was counted in between.
    UseOverwritten,
    /// A node takes on what a newer one has written.
    NewerClaimed,
    /// What is not found at once counts as never done.
    AbsentOnAGuess,
    /// Each attempt has a key of its own.
    KeyPerAttempt,
    /// A retry carries other bytes.
    BytesChange,
    /// A lost answer is taken for a refused card.
    TimeoutIsDecline,
    /// A preview that failed is shown as nothing due.
    PreviewErrorIsZero,
    /// An invoice that cannot be voided is taken for void.
    VoidBelieved,
    /// An open invoice is taken for paid.
    OpenIsPaid,
    /// The plan is switched before the money is there.
    PendingLeftOut,
    /// The charge is prorated from another instant than the quote.
    InstantDropped,
    /// The metadata by which our objects are recognised are left out.
    MarksLeftOut,
    /// A payment is looked at once, and never again.
    ReadsAreStale,
    /// What is given up takes another subscription of the customer with it.
    EndsAnother,
    /// A mail that is sent again has another Message-ID.
    FreshMessageIds,
}

impl Bug {
    /// What the store keeps to when this bug is seeded.
    pub fn rules(bug: Option<Self>) -> Rules {
        let mut rules = Rules::ALL;
        match bug {
            Some(Self::FenceDropped) => rules.fence = false,
            Some(Self::AttemptFenceDropped) => rules.attempt_fence = false,
            Some(Self::CompareAndSetIgnored) => rules.compare_and_set = false,
            Some(Self::TwoOpenChanges) => rules.one_open = false,
            Some(Self::ChargesNotSerialised) => rules.one_charge = false,
            Some(Self::OutboxOutside) => rules.outbox_inside = false,
            Some(Self::WakesLost) => rules.wakes_kept = false,
            Some(Self::LeasesNeverEnd) => rules.leases_end = false,
            Some(Self::RequestsForgotten) => rules.requests_kept = false,
            Some(Self::EffectsGoBackward) => rules.forward_only = false,
            Some(Self::WebhookMarkedOnly) => rules.inbox_whole = false,
            Some(Self::KeysNeverEnd) => rules.keys_end = false,
            Some(Self::CommandsLeaveTheLease) => rules.commands_interrupt = false,
            Some(Self::TimersLost) => rules.timers_kept = false,
            Some(Self::SentOnceClaimed) => rules.outbox_waits = false,
            Some(Self::IntentAfterCall) => rules.attempts_written = false,
            Some(Self::ContractsReadStale) => rules.contracts_fresh = false,
            Some(Self::TwoSuccessors) => rules.one_successor = false,
            Some(Self::FindingsForgotten) => rules.findings_kept = false,
            Some(Self::ObservationsOverwrite) => {
                rules.contracts_follow = false;
                rules.observed_beside = false;
            }
            Some(Self::UseOverwritten) => rules.books_follow = false,
            Some(Self::NewerClaimed) => rules.newer_left = false,
            _ => {}
        }
        rules
    }

    /// Brings the weather in which this bug shows: what seldom comes about would take thousands of seeds.
    pub fn seasons(self, weather: &mut Weather) {
        match self {
            Self::TwoSuccessors | Self::FindingsForgotten | Self::AbsentOnAGuess => {
                weather.lossy_charges = 700;
            }
            Self::VoidBelieved => {
                weather.cancels = 150;
                weather.bad_cards = 700;
                weather.error_before = 80;
            }
            Self::ChargesNotSerialised => weather.answer_lost = 200,
            Self::KeysNeverEnd => weather.long_nights = 1,
            Self::UseOverwritten => weather.store_slow = 200,
            Self::NewerClaimed => weather.deploys = 2,
            Self::ObservationsOverwrite => {
                weather.freezes = 60;
                weather.store_slow = 40;
            }
            _ => {}
        }
    }

    /// The key under which a letter is sent.
    pub fn on_a_letter(world: &World, key: &str) -> String {
        if world.has(Self::FreshMessageIds) {
            format!("{key}.{}", world.new_id(world.now()))
        } else {
            key.to_owned()
        }
    }
}

/// The provider's adapter, with the seeded bug in it if it is one of its.
pub fn in_payments(world: &Arc<World>, right: Arc<dyn Payments>) -> Arc<dyn Payments> {
    match world.bug {
        None => right,
        Some(bug) => Arc::new(Wrong {
            bug,
            right,
            world: world.clone(),
            looked: Mutex::default(),
        }),
    }
}

/// An adapter that does one thing wrong, also where nobody waits for the answer.
struct Wrong {
    bug: Bug,
    right: Arc<dyn Payments>,
    world: Arc<World>,
    looked: Mutex<BTreeMap<String, PaymentFacts>>,
}

impl Wrong {
    fn spoil(&self, mut prepared: Prepared, call: &Call) -> Prepared {
        if let (Bug::EndsAnother, Call::CancelSubscription { subscription }) = (self.bug, call) {
            let memory = lock(&self.world.memory);
            let held = memory.tables.contracts.values();
            let mut others = held.filter_map(|contract| contract.subscription.as_deref());
            if let Some(other) = others.find(|other| other != subscription) {
                prepared.path = prepared.path.replace(subscription.as_str(), other);
            }
            return prepared;
        }
        let left_out = match (self.bug, call.name()) {
            (Bug::PendingLeftOut, CallName::UpdateSubscription) => "payment_behavior",
            (Bug::InstantDropped, CallName::UpdateSubscription) => "proration_date",
            (Bug::MarksLeftOut, _) => "metadata",
            _ => return prepared,
        };
        let fields = prepared
            .body
            .split('&')
            .filter(|field| !field.starts_with(left_out));
        prepared.body = fields.collect::<Vec<_>>().join("&");
        prepared
    }

    /// What becomes of an answer.
    fn misread(&self, call: &Call, answer: Result<CallAnswer, CallError>) -> Result<CallAnswer, CallError> {
        match (self.bug, call, answer) {
            (Bug::TimeoutIsDecline, call, Err(CallError::Unknown { .. })) if call.charges().is_some() => {
                Err(CallError::Failed(CallFailure::Declined(Decline::Generic)))
            }
            (Bug::VoidBelieved, Call::VoidInvoice { .. }, Ok(CallAnswer::Payment(mut facts))) => {
                if let Some(invoice) = &mut facts.invoice {
                    invoice.status = InvoiceStatus::Void;
                }
                Ok(CallAnswer::Payment(facts))
            }
            (
                Bug::VoidBelieved,
                Call::VoidInvoice { .. },
                Err(CallError::Failed(_) | CallError::Unknown { .. }),
            ) => Ok(CallAnswer::SubscriptionCancelled),
            (Bug::OpenIsPaid, call, Ok(CallAnswer::Payment(mut facts))) if call.charges().is_some() => {
                if let Some(invoice) = &mut facts.invoice {
                    invoice.status = InvoiceStatus::Paid;
                    invoice.amount_paid = invoice.amount_due;
                }
                facts.pending_until = None;
                Ok(CallAnswer::Payment(facts))
            }
            (_, _, answer) => answer,
        }
    }
}

impl Payments for Wrong {
    fn prepare(&self, call: &Call, preparing: Preparing<'_>) -> Result<Prepared, PrepareError> {
        Ok(self.spoil(self.right.prepare(call, preparing)?, call))
    }

    fn perform<'a>(
        &'a self,
        call: &'a Call,
        marks: &'a Marks,
        prepared: &'a Prepared,
        key: &'a str,
    ) -> BoxFuture<'a, Result<CallAnswer, CallError>> {
        let mut prepared = prepared.clone();
        let mut key = key.to_owned();
        let attempt = self.world.new_id(self.world.now()).simple().to_string();
        match self.bug {
            Bug::KeyPerAttempt => key = format!("{key}-{}", &attempt[20..]),
            Bug::BytesChange => prepared.body += &["&metadata[attempt]=", &attempt].concat(),
            _ => {}
        }
        Box::pin(async move {
            let answer = self.right.perform(call, marks, &prepared, &key).await;
            self.misread(call, answer)
        })
    }

    fn find<'a>(&'a self, call: &'a Call, marks: &'a Marks) -> BoxFuture<'a, Result<Found, ReadError>> {
        if self.bug == Bug::AbsentOnAGuess {
            return Box::pin(async { Ok(Found::Absent) });
        }
        self.right.find(call, marks)
    }

    fn subscription<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<SubscriptionFacts, ReadError>> {
        self.right.subscription(id)
    }

    fn preview<'a>(&'a self, ask: &'a PreviewAsk) -> BoxFuture<'a, Result<Preview, ReadError>> {
        Box::pin(async move {
            let zero = Money::zero(ask.currency);
            match self.right.preview(ask).await {
                Err(_) if self.bug == Bug::PreviewErrorIsZero => Ok(Preview {
                    lines: Vec::new(),
                    subtotal: zero,
                    tax: zero,
                    taxes: Vec::new(),
                    total: zero,
                    amount_due: zero,
                    carried: None,
                }),
                other => other,
            }
        })
    }

    fn upcoming<'a>(
        &'a self,
        subscription: &'a str,
        currency: Currency,
    ) -> BoxFuture<'a, Result<Option<Preview>, ReadError>> {
        self.right.upcoming(subscription, currency)
    }

    fn payment<'a>(
        &'a self,
        subscription: &'a str,
        invoice: Option<&'a str>,
    ) -> BoxFuture<'a, Result<PaymentFacts, ReadError>> {
        if self.bug != Bug::ReadsAreStale {
            return self.right.payment(subscription, invoice);
        }
        Box::pin(async move {
            let name = format!("{subscription} {invoice:?}");
            if let Some(facts) = lock(&self.looked).get(&name) {
                return Ok(facts.clone());
            }
            let facts = self.right.payment(subscription, invoice).await?;
            lock(&self.looked).insert(name, facts.clone());
            Ok(facts)
        })
    }

    fn prices<'a>(
        &'a self,
        keys: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, String>, ReadError>> {
        self.right.prices(keys)
    }

    fn tax_rates<'a>(
        &'a self,
        names: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, String>, ReadError>> {
        self.right.tax_rates(names)
    }

    fn offer<'a>(&'a self, catalog: &'a Catalog, language: Language) -> BoxFuture<'a, Result<(), ReadError>> {
        self.right.offer(catalog, language)
    }

    fn begin_card_setup<'a>(
        &'a self,
        customer: &'a str,
        key: &'a str,
    ) -> BoxFuture<'a, Result<CardSetup, ReadError>> {
        self.right.begin_card_setup(customer, key)
    }

    fn card_setup<'a>(
        &'a self,
        customer: &'a str,
        id: &'a str,
    ) -> BoxFuture<'a, Result<CardSetupOutcome, ReadError>> {
        self.right.card_setup(customer, id)
    }

    fn prepare_item(&self, ask: &InvoiceItemAsk) -> Result<Prepared, PrepareError> {
        self.right.prepare_item(ask)
    }

    fn prepare_invoice(&self, ask: &InvoiceAsk) -> Result<Prepared, PrepareError> {
        self.right.prepare_invoice(ask)
    }

    fn makes_invoice(&self, prepared: &Prepared) -> bool {
        self.right.makes_invoice(prepared)
    }

    fn find_invoice<'a>(
        &'a self,
        customer: &'a str,
        mark: Uuid,
    ) -> BoxFuture<'a, Result<Option<String>, ReadError>> {
        self.right.find_invoice(customer, mark)
    }

    fn add_item<'a>(
        &'a self,
        prepared: &'a Prepared,
        key: &'a str,
    ) -> BoxFuture<'a, Result<String, CallError>> {
        self.right.add_item(prepared, key)
    }

    fn find_item<'a>(
        &'a self,
        customer: &'a str,
        mark: Uuid,
    ) -> BoxFuture<'a, Result<Option<String>, ReadError>> {
        self.right.find_item(customer, mark)
    }

    fn renewal_draft<'a>(
        &'a self,
        subscription: &'a str,
    ) -> BoxFuture<'a, Result<Option<String>, ReadError>> {
        self.right.renewal_draft(subscription)
    }

    fn cards<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Vec<PaymentMethod>, ReadError>> {
        self.right.cards(customer)
    }

    fn wallet<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Wallet, ReadError>> {
        self.right.wallet(customer)
    }

    fn card_given<'a>(
        &'a self,
        customer: &'a str,
        setup: &'a str,
    ) -> BoxFuture<'a, Result<CardGiven, ReadError>> {
        self.right.card_given(customer, setup)
    }

    fn prepare_card_call(&self, call: &CardCall) -> Result<Prepared, PrepareError> {
        self.right.prepare_card_call(call)
    }

    fn perform_card_call<'a>(
        &'a self,
        prepared: &'a Prepared,
        key: &'a str,
    ) -> BoxFuture<'a, Result<(), CallError>> {
        self.right.perform_card_call(prepared, key)
    }

    fn invoices<'a>(
        &'a self,
        customer: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> BoxFuture<'a, Result<InvoicePage, ReadError>> {
        self.right.invoices(customer, after, limit)
    }

    fn holdings<'a>(
        &'a self,
        customer: &'a str,
        since: Timestamp,
    ) -> BoxFuture<'a, Result<Holdings, ReadError>> {
        self.right.holdings(customer, since)
    }

    fn collected<'a>(&'a self, invoice: &'a str) -> BoxFuture<'a, Result<Collected, ReadError>> {
        self.right.collected(invoice)
    }

    fn client_secret<'a>(&'a self, invoice: &'a str) -> BoxFuture<'a, Result<Option<String>, ReadError>> {
        self.right.client_secret(invoice)
    }
}
