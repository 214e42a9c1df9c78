//! Ana changes her plan: one change, told as a story. The world around her keeps what decisions make known.

use changeover::domain::catalog::Selection;
use changeover::domain::change::samples::{NOW, World};
use changeover::domain::change::{
    AccountFact, Actor, BillingOnFile, Call, CallAnswer, CallFailure, CallName, Consent, Deal, Decision,
    Decline, Effect, Event, IntentStatus, InvoiceFacts, InvoiceStatus, PaymentFacts, Refusal, Stage, Tell,
    TicketDecision, decide, open,
};
use changeover::domain::money::Money;
use jiff::{SignedDuration, Timestamp};

pub(super) struct Ana {
    pub(super) world: World,
    pub(super) stage: Stage,
    pub(super) now: Timestamp,
    /// What the last decision asked for.
    pub(super) asked: Vec<Effect>,
    /// Everything that was ever told.
    pub(super) told: Vec<Tell>,
    /// The calls that are asked for and not answered yet.
    pub(super) live: Vec<Call>,
    /// What happened, as the journal keeps it.
    pub(super) journal: Vec<(Event, Actor, Timestamp)>,
}

pub(super) fn owner() -> Actor {
    Actor::customer("owner", None)
}

pub(super) fn support() -> Actor {
    Actor::support("agent-7", Some("asked by phone".to_owned()))
}

/// The provider refuses a request as such.
pub(super) fn refused() -> CallFailure {
    CallFailure::Refused {
        code: "permission_denied".to_owned(),
        message: "The key may not do this.".to_owned(),
    }
}

impl Ana {
    /// Opens a change of this world's contract.
    pub(super) fn opens(world: World, selection: &Selection) -> Self {
        let actor = owner();
        let decision = open(selection, world.turn(&actor, NOW)).expect("it can be opened");
        let opened = Event::Opened {
            selection: selection.clone(),
        };
        Self {
            world,
            stage: decision.stage,
            now: NOW,
            asked: Vec::new(),
            told: Vec::new(),
            live: Vec::new(),
            journal: vec![(opened, actor, NOW)],
        }
    }

    /// A change that stands in this stage.
    pub(super) fn stands_in(world: World, stage: Stage) -> Self {
        let selection = World::selection("pro", 5);
        Self {
            stage,
            ..Self::opens(world, &selection)
        }
    }

    /// Ana with an existing subscription, at the button that charges `due()`.
    pub(super) fn ready_to_pay(card: &str) -> Self {
        let mut ana = Self::opens(World::subscribed(), &World::selection("pro", 5));
        ana.asks_for_a_quote();
        ana.is_quoted();
        ana.accepts();
        ana.chooses(card);
        ana
    }

    pub(super) fn at(&self) -> String {
        self.stage.full_name()
    }

    pub(super) fn deal(&self) -> Deal {
        self.stage.deal().expect("there is a deal").clone()
    }

    pub(super) fn due(&self) -> Money {
        self.deal().quote.due_today
    }

    pub(super) fn waits(&mut self, hours: i64) {
        self.now += SignedDuration::from_hours(hours);
    }

    pub(super) fn tries(&mut self, event: Event, actor: Actor) -> Result<(), Refusal> {
        let decision = decide(&self.stage, &event, self.world.turn(&actor, self.now))?;
        if let Event::Done { call, .. } | Event::Failed { call, .. } = &event {
            self.live.retain(|live| live.name() != *call);
        }
        self.journal.push((event, actor, self.now));
        self.follows(decision);
        Ok(())
    }

    fn follows(&mut self, decision: Decision) {
        for effect in &decision.effects {
            match effect {
                Effect::Call(call) => self.live.push(call.clone()),
                Effect::Tell(tell) => self.told.push(*tell),
            }
        }
        for fact in decision.account {
            self.world_learns(fact);
        }
        if let Some(contract) = decision.contract {
            self.world.contract = contract;
        }
        self.asked = decision.effects;
        self.stage = decision.stage;
    }

    fn world_learns(&mut self, fact: AccountFact) {
        let account = &mut self.world.account;
        match (fact, &mut self.world.billing) {
            (AccountFact::Identity(identity), Some(on_file)) => on_file.identity = identity,
            (AccountFact::Identity(identity), billing @ None) => {
                *billing = Some(BillingOnFile {
                    identity,
                    saved_hash: None,
                    saved_tax_id: None,
                    tax_id_kind: None,
                });
            }
            (
                AccountFact::Customer {
                    customer,
                    identity_hash,
                },
                billing,
            ) => {
                account.provider_customer = Some(customer);
                if let Some(on_file) = billing {
                    on_file.saved_hash = Some(identity_hash);
                }
            }
            (AccountFact::TaxId { tax_id, hash }, Some(on_file)) => {
                on_file.saved_tax_id = Some((tax_id, hash));
            }
            (AccountFact::TaxId { .. }, None) => {}
        }
    }

    #[track_caller]
    fn must(&mut self, event: Event, actor: Actor) {
        let (from, name) = (self.at(), event.name());
        if let Err(refusal) = self.tries(event, actor) {
            panic!("`{name}` in `{from}` is refused: {refusal}");
        }
    }

    /// The calls that the last decision asked for.
    pub(super) fn calls(&self) -> Vec<CallName> {
        let calls = self.asked.iter().filter_map(|effect| match effect {
            Effect::Call(call) => Some(call.name()),
            Effect::Tell(_) => None,
        });
        calls.collect()
    }

    // Ana

    #[track_caller]
    pub(super) fn does(&mut self, event: Event) {
        self.must(event, owner());
    }

    #[track_caller]
    pub(super) fn cannot(&mut self, event: Event) -> Refusal {
        let (before, name) = (self.stage.clone(), event.name());
        let Err(refusal) = self.tries(event, owner()) else {
            panic!("`{name}` should be refused in `{}`", before.full_name());
        };
        assert_eq!(self.stage, before, "a refusal changes nothing");
        refusal
    }

    #[track_caller]
    pub(super) fn asks_for_a_quote(&mut self) {
        self.does(Event::AskQuote);
    }

    #[track_caller]
    pub(super) fn accepts(&mut self) {
        let quote = self.deal().quote.id;
        self.does(Event::Accept { quote });
    }

    #[track_caller]
    pub(super) fn gives_billing_data(&mut self, nth: u8) {
        let identity = World::identity(nth);
        self.does(Event::GiveBillingInfo { identity });
    }

    #[track_caller]
    pub(super) fn chooses(&mut self, card: &str) {
        let method = World::by_card(card);
        self.does(Event::ChooseMethod { method });
    }

    pub(super) fn yes_to(&self, seen: Money) -> Event {
        Event::Confirm {
            quote: self.deal().quote.id,
            seen,
            consent: Consent {
                at: self.now,
                ..World::consent()
            },
        }
    }

    #[track_caller]
    pub(super) fn confirms(&mut self) {
        let yes = self.yes_to(self.due());
        self.does(yes);
    }

    #[track_caller]
    pub(super) fn cancels(&mut self) {
        let why = "changed her mind".to_owned();
        self.does(Event::Cancel { why });
    }

    // Support and time

    #[track_caller]
    pub(super) fn support_answers(&mut self, decision: TicketDecision) {
        self.must(Event::AnswerTicket { decision }, support());
    }

    #[track_caller]
    pub(super) fn support_retries(&mut self) {
        self.must(Event::Retry, support());
    }

    #[track_caller]
    pub(super) fn time_is_up(&mut self) {
        self.must(Event::TimeUp, Actor::system());
    }

    // The provider

    #[track_caller]
    pub(super) fn provider_says(&mut self, event: Event) {
        self.must(event, Actor::provider());
    }

    /// The preview of what is selected, as of now.
    #[track_caller]
    pub(super) fn is_quoted(&mut self) {
        let selection = self.stage.selection().expect("something is selected").clone();
        let quote = self.world.quote(&selection, self.now);
        self.provider_says(Event::Quoted { quote });
    }

    /// The last look before the charge: the same amounts, now with the card that is set.
    #[track_caller]
    pub(super) fn is_verified(&mut self) {
        let mut quote = self.deal().quote;
        if let Some(method) = self
            .stage
            .payment()
            .and_then(|payment| payment.method_set.clone())
        {
            quote.held_method = Some(method);
        }
        self.provider_says(Event::Quoted { quote });
    }

    #[track_caller]
    pub(super) fn the_only_call(&self) -> CallName {
        let [call] = &self.live[..] else {
            panic!("one call should be live, not {:?}", self.live);
        };
        call.name()
    }

    /// The one live call does its work.
    #[track_caller]
    pub(super) fn it_answers(&mut self, answer: CallAnswer) {
        let call = self.the_only_call();
        self.provider_says(Event::Done { call, answer });
    }

    /// The one live call is over without having done its work.
    #[track_caller]
    pub(super) fn it_fails(&mut self, failure: CallFailure) {
        let call = self.the_only_call();
        self.provider_says(Event::Failed { call, failure });
    }

    #[track_caller]
    pub(super) fn it_pays(&mut self) {
        let facts = self.paid(self.due());
        self.it_answers(CallAnswer::Payment(facts));
    }

    #[track_caller]
    pub(super) fn looks_at_payment(&mut self, facts: PaymentFacts) {
        self.provider_says(Event::PaymentSeen { facts });
    }

    fn invoice(status: InvoiceStatus, amount: Money) -> InvoiceFacts {
        InvoiceFacts {
            id: "in_1".to_owned(),
            status,
            amount_due: amount,
            amount_paid: if status == InvoiceStatus::Paid {
                amount
            } else {
                Money::zero(amount.currency)
            },
            hosted_url: None,
        }
    }

    pub(super) fn paid(&self, amount: Money) -> PaymentFacts {
        PaymentFacts {
            invoice: Some(Self::invoice(InvoiceStatus::Paid, amount)),
            intent: Some(IntentStatus::Succeeded),
            ..self.world.facts_after(&self.deal())
        }
    }

    pub(super) fn open(&self, intent: IntentStatus, decline: Option<Decline>) -> PaymentFacts {
        PaymentFacts {
            invoice: Some(Self::invoice(InvoiceStatus::Open, self.due())),
            intent: Some(intent),
            decline,
            pending_until: Some(NOW + SignedDuration::from_hours(23)),
            ..self.world.facts_before()
        }
    }

    pub(super) fn wants_authentication(&self) -> PaymentFacts {
        self.open(IntentStatus::RequiresAction, None)
    }

    pub(super) fn declines(&self, decline: Decline) -> PaymentFacts {
        self.open(IntentStatus::RequiresPaymentMethod, Some(decline))
    }

    pub(super) fn void(&self) -> PaymentFacts {
        PaymentFacts {
            invoice: Some(Self::invoice(InvoiceStatus::Void, self.due())),
            ..self.world.facts_before()
        }
    }

    /// How often this was told.
    pub(super) fn heard(&self, tell: Tell) -> usize {
        self.told.iter().filter(|told| **told == tell).count()
    }
}
