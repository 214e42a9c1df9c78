//! Working orders off: one call or one look at a time, each kept before the next. What is not known stays owed, under the same key.

use jiff::SignedDuration;

use super::order::{CardEvent, CardOrder, CardWish};
use crate::domain::account::{Notice, NoticeFact};
use crate::domain::change::{Actor, PaymentMethod};
use crate::engine::letters::Telling;
use crate::engine::pace::{BATCH, later};
use crate::engine::{CrashPoint, Engine, EngineError};
use crate::ports::payments::{CallError, Payments, ReadError};
use crate::ports::store::{CardOrderRecord, CardOrderRow, OutboxRow, Written};
use crate::ports::wallet::{CardCall, CardGiven};

/// The waits between attempts at a call, in seconds.
const RETRY_LADDER: [i64; 6] = [1, 5, 30, 300, 1800, 3600];

/// The waits between looks at a card that is being given, in seconds.
const LOOK_LADDER: [i64; 6] = [5, 15, 60, 300, 900, 3600];

/// How long a card may take to be given.
const GIVEN_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// What a step came to.
enum Step {
    /// Over: this is what happened.
    Over(CardEvent, Option<PaymentMethod>),
    /// More is to do at once.
    On(Option<CardEvent>),
    /// Again later.
    Later(SignedDuration),
}

impl Engine {
    /// Claims what is due in wallets, and does one thing for each order. Gives how many there were.
    pub(in crate::engine) async fn work_on_cards(&self) -> Result<usize, EngineError> {
        let claimed = self
            .store()
            .claim_card_orders(self.now(), self.lease, BATCH)
            .await?;
        let count = claimed.len();
        for row in claimed {
            match self.work_on_card(row).await {
                Ok(()) => {}
                Err(crash @ EngineError::Crashed(_)) => return Err(crash),
                // It is due again when its lease ends.
                Err(problem) => tracing::error!(%problem, "an order about a card could not be worked off"),
            }
        }
        Ok(count)
    }

    async fn work_on_card(&self, row: CardOrderRow) -> Result<(), EngineError> {
        self.reach(CrashPoint::Claimed)?;
        let mut order = CardOrder::read(&row)?;
        let payments = self.sellers().get(&row.seller)?.payments.clone();
        let step = match order.calls.iter().position(|call| !call.done) {
            Some(next) => self.call(payments.as_ref(), &mut order, next).await?,
            None => match order.wish.clone() {
                CardWish::Keep { setup } if !order.nameless => {
                    self.look(payments.as_ref(), &row, &mut order, &setup).await?
                }
                _ => Step::Over(ended(&order), None),
            },
        };
        self.keep_step(row, order, step).await
    }

    /// Makes the call that is next.
    async fn call(
        &self,
        payments: &dyn Payments,
        order: &mut CardOrder,
        next: usize,
    ) -> Result<Step, EngineError> {
        let now = self.now();
        let owed = &order.calls[next];
        if now >= owed.key_deadline {
            return self.read_instead(payments, order, next).await;
        }
        let answer = payments.perform_card_call(&owed.request, &owed.key).await;
        self.reach(CrashPoint::CallAnswered)?;
        match answer {
            Ok(()) => Ok(done(order, next)),
            Err(CallError::KeySpent { .. }) => self.read_instead(payments, order, next).await,
            Err(CallError::Failed(failure)) => {
                order.last_error = Some(failure.code().to_owned());
                Ok(Step::Over(CardEvent::OrderFailed, None))
            }
            Err(CallError::Unknown { detail }) => Ok(again(order, detail, None)),
            Err(CallError::Later { after, detail }) => {
                let asked = after.and_then(|wait| SignedDuration::try_from(wait).ok());
                Ok(again(order, detail, asked))
            }
        }
    }

    /// The key can tell nothing more: the provider says whether it is as it was wished.
    async fn read_instead(
        &self,
        payments: &dyn Payments,
        order: &mut CardOrder,
        next: usize,
    ) -> Result<Step, EngineError> {
        let holds = match &order.calls[next].call {
            CardCall::SetDefault { customer, card } => payments
                .wallet(customer)
                .await
                .map(|wallet| wallet.default.as_ref() == Some(card)),
            CardCall::SetOfSubscription { subscription, card } => payments
                .subscription(subscription)
                .await
                .map(|facts| facts.default_method.as_ref() == Some(card)),
            // One that is forgotten cannot be used again, whoever had it forgotten.
            CardCall::Detach { .. } => Ok(true),
        };
        Ok(match holds {
            Ok(true) => done(order, next),
            Ok(false) => {
                order.last_error = Some("it has not happened within the key's life".to_owned());
                Step::Over(CardEvent::OrderFailed, None)
            }
            Err(problem) => again(order, problem.to_string(), None),
        })
    }

    /// Looks whether a card that is being given is there.
    async fn look(
        &self,
        payments: &dyn Payments,
        row: &CardOrderRow,
        order: &mut CardOrder,
        setup: &str,
    ) -> Result<Step, EngineError> {
        let Some((account, _)) = self.store().account(row.account).await? else {
            return Ok(Step::Over(CardEvent::OrderFailed, None));
        };
        let customer = account.provider_customer.unwrap_or_default();
        let given = match payments.card_given(&customer, setup).await {
            Ok(given) => given,
            Err(problem @ (ReadError::Later { .. } | ReadError::NotFound(_) | ReadError::Refused { .. })) => {
                return Ok(again(order, problem.to_string(), None));
            }
        };
        Ok(match given {
            CardGiven::Kept(kept) if kept.holder.is_some() => {
                Step::Over(CardEvent::CardAdded, Some(kept.card))
            }
            CardGiven::Kept(kept) => {
                // Whose card it is must be on it. It is of no use to anybody, and taken away.
                let call = CardCall::Detach { card: kept.card.id };
                let request = payments.prepare_card_call(&call)?;
                order.nameless = true;
                order.owes(call, request, self.now());
                Step::On(Some(CardEvent::CardNameless))
            }
            CardGiven::Over | CardGiven::Foreign => Step::Over(CardEvent::AddGivenUp, None),
            CardGiven::Unfinished(refused) => {
                order.refused = refused;
                if self.now() >= later(order.since, GIVEN_WITHIN) {
                    return Ok(Step::Over(CardEvent::AddGivenUp, None));
                }
                let step = rung(order.attempts, LOOK_LADDER.len());
                order.attempts += 1;
                Step::Later(SignedDuration::from_secs(LOOK_LADDER[step]))
            }
        })
    }

    /// Writes what a step came to. Where somebody was faster, what they wrote counts.
    async fn keep_step(&self, row: CardOrderRow, order: CardOrder, step: Step) -> Result<(), EngineError> {
        let now = self.now();
        let (open, next_try_at, event, card) = match step {
            Step::Over(event, card) => (false, None, Some(event), card),
            Step::On(event) => (true, Some(now), event, None),
            Step::Later(wait) => (true, Some(later(now, wait)), None, None),
        };
        let card = card.or_else(|| order.face.clone());
        let line = event.map(|event| {
            let mut line = order.line(event, Actor::provider(), card.as_ref());
            if event == CardEvent::CardNameless {
                line.keys = order.calls.iter().map(|call| call.key.clone()).collect();
            }
            line
        });
        for _ in 0..super::TRIES_MAX {
            let mut entries = Vec::new();
            let mut outbox = Vec::new();
            if let Some(line) = &line {
                let entry = self.card_entry(row.account, line).await?;
                outbox = self.card_news(&row, line.event, card.as_ref(), entry.seq).await?;
                entries.push(entry);
            }
            let record = CardOrderRecord {
                order: CardOrderRow {
                    version: row.version + 1,
                    content: serde_json::to_vec(&order)?,
                    open,
                    next_try_at,
                    ..row.clone()
                },
                expected_version: row.version,
                entries,
                outbox,
                request: None,
            };
            self.reach(CrashPoint::WorkDecided)?;
            let written = self.store().record_card_order(record).await?;
            self.reach(CrashPoint::WorkWritten)?;
            let taken = self.is_taken(&row).await?;
            if written == Written::Done || taken {
                self.parts.bell.ring();
                return Ok(());
            }
        }
        Err(EngineError::Contended)
    }

    /// Whether the order has moved under this worker's feet.
    async fn is_taken(&self, row: &CardOrderRow) -> Result<bool, EngineError> {
        let open = self.store().card_orders(row.account).await?;
        Ok(open
            .iter()
            .all(|one| one.id != row.id || one.version != row.version))
    }

    /// What tells of it: an event for the seller, and a mail to the customer.
    async fn card_news(
        &self,
        row: &CardOrderRow,
        event: CardEvent,
        card: Option<&PaymentMethod>,
        seq: u64,
    ) -> Result<Vec<OutboxRow>, EngineError> {
        let (Some(what), Some(card)) = (event.told_as(), card) else {
            return Ok(Vec::new());
        };
        let Some((account, _)) = self.store().account(row.account).await? else {
            return Ok(Vec::new());
        };
        let telling = Telling {
            account: &account,
            fact: format!("{}.cards.{seq}", row.account),
            at: self.now(),
        };
        let fact = NoticeFact::Card {
            what,
            brand: card.brand.clone(),
            last4: card.last4.clone(),
            exp_month: card.exp_month,
            exp_year: card.exp_year,
        };
        self.notice_rows(&telling, &Notice { contract: None, fact })
    }
}

fn ended(order: &CardOrder) -> CardEvent {
    match order.wish {
        CardWish::Keep { .. } => CardEvent::AddGivenUp,
        CardWish::MakeDefault { .. } => CardEvent::DefaultChanged,
        CardWish::Remove { .. } => CardEvent::CardRemoved,
    }
}

fn done(order: &mut CardOrder, next: usize) -> Step {
    order.calls[next].done = true;
    order.attempts = 0;
    order.last_error = None;
    if order.calls.iter().all(|call| call.done) {
        Step::Over(ended(order), None)
    } else {
        Step::On(None)
    }
}

fn again(order: &mut CardOrder, error: String, asked: Option<SignedDuration>) -> Step {
    tracing::warn!(order = %order.id, attempt = order.attempts + 1, error, "an order about a card has no outcome yet");
    let wait = SignedDuration::from_secs(RETRY_LADDER[rung(order.attempts, RETRY_LADDER.len())]);
    order.attempts += 1;
    order.last_error = Some(error);
    Step::Later(wait.max(asked.unwrap_or_default()))
}

fn rung(attempts: u32, rungs: usize) -> usize {
    usize::try_from(attempts).unwrap_or(usize::MAX).min(rungs - 1)
}
