//! Asking the provider what a stage wants to know, and deciding on the answer.

use jiff::SignedDuration;

use super::error::failure_of;
use super::footing::{Footing, Onward};
use super::pace::later;
use super::quoting::{Effect, Quoted};
use super::worker::next_moment;
use super::{CrashPoint, Engine, EngineError};
use crate::domain::change::{DriftCause, Event, PaymentFacts, Question, Refusal, RefusalCode, Stage};
use crate::ports::payments::ReadError;
use crate::ports::store::{Lease, Situation, Subject, Written};

/// How long to wait after a question that could not be asked, when the provider does not say.
const WAIT_AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(5);

impl Engine {
    /// Asks, and decides. Where nothing is new, the lease is given back until the next look.
    pub(super) async fn ask(
        &self,
        lease: Lease,
        footing: Box<Footing>,
        question: Question,
    ) -> Result<Option<Onward>, EngineError> {
        let asked = match question {
            Question::Quote | Question::QuoteAgain => self.ask_quote(&footing).await,
            Question::Payment => self.ask_payment(lease, &footing).await,
            Question::Plan => self.plan_promise(&footing).await,
            Question::Standing => self.look_at_promise(&footing).await,
        };
        let event = match asked {
            Ok(event) => event,
            // The same question would bring the same answer: the flow decides, and nothing waits in silence.
            Err(EngineError::Provider(ReadError::Refused { code, message }))
                if !matches!(question, Question::Payment | Question::Standing) =>
            {
                let detail = format!("The provider refuses to price this selection: {code}: {message}");
                let refusal = Refusal::new(RefusalCode::ProviderRefused, detail);
                Some(Event::QuoteRefused { refusal })
            }
            Err(EngineError::Provider(problem)) => {
                self.ask_later(lease, &footing.situation, &problem).await?;
                return Ok(None);
            }
            Err(other) => return Err(other),
        };
        self.reach(CrashPoint::QuestionAnswered)?;
        let (written, onward) = match event {
            Some(event) => {
                let undone = self.undone_by(footing.situation.change.id, &event).await?;
                self.decide_for(lease, footing, &event, undone).await?
            }
            None => (Written::Stale, None),
        };
        match written {
            Written::Done => {}
            Written::CustomerBusy => self.wait_for_the_customer(lease).await?,
            // Nothing new, or the change has moved: it is due again by its own ladder.
            _ => self.release_until_next(lease).await?,
        }
        Ok(onward)
    }

    async fn ask_quote(&self, footing: &Footing) -> Result<Option<Event>, EngineError> {
        let Footing {
            situation,
            stage,
            playbook,
        } = footing;
        let Some(selection) = stage.selection() else {
            return Ok(None);
        };
        let pinned = match stage {
            Stage::Charging { payment, .. } => Some(&payment.deal.quote),
            // Other billing data may bring other taxes; that time has passed meanwhile is no reason to ask for another amount.
            Stage::QuotePending {
                drift: Some(drift), ..
            } if drift.why == DriftCause::BillingDataChanged && self.now() < drift.replaced.expires_at => {
                Some(&drift.replaced)
            }
            _ => None,
        };
        Ok(Some(
            match self
                .quote(situation, playbook, selection, pinned, Effect::ByTheRules)
                .await?
            {
                Quoted::Quote(quote) => Event::Quoted { quote: *quote },
                Quoted::Refused(refusal) => Event::QuoteRefused { refusal },
            },
        ))
    }

    async fn ask_payment(&self, lease: Lease, footing: &Footing) -> Result<Option<Event>, EngineError> {
        let stage = &footing.stage;
        let Some(subscription) = stage
            .payment()
            .and_then(|payment| payment.subscription.as_deref())
        else {
            return Ok(None);
        };
        let seller = self.sellers().get(&footing.situation.change.seller)?;
        // Where something was heard, a customer has just acted; the ladder's own looks can wait.
        let payments = if lease.woken {
            seller.payments.as_ref()
        } else {
            seller.unhurried()
        };
        let facts: PaymentFacts = payments.payment(subscription, stage.invoice()).await?;
        Ok(Some(Event::PaymentSeen { facts }))
    }

    async fn ask_later(
        &self,
        lease: Lease,
        situation: &Situation,
        problem: &ReadError,
    ) -> Result<(), EngineError> {
        let now = self.now();
        tracing::warn!(change = %situation.change.id, stage = situation.change.stage_name, %problem, "the provider could not be asked");
        let said = match problem {
            ReadError::Later { after, .. } => after.and_then(|wait| SignedDuration::try_from(wait).ok()),
            ReadError::NotFound(_) | ReadError::Refused { .. } => Some(SignedDuration::from_mins(5)),
        };
        let again = later(now, said.unwrap_or(WAIT_AFTER_FAILURE));
        let failure = failure_of(problem);
        Ok(self.store().park(lease, again, Some(now), failure, now).await?)
    }

    /// Gives the lease back until the stage's own next moment.
    async fn release_until_next(&self, lease: Lease) -> Result<(), EngineError> {
        let now = self.now();
        let next = match lease.subject {
            Subject::Change(id) => match self.footing(id).await? {
                Some(mut footing) => {
                    footing.situation.change.asked += 1;
                    footing.situation.change.last_asked = Some(now);
                    let waking = next_moment(&footing).map(|(at, _)| at);
                    let effects = footing.situation.effects.iter();
                    let owed = effects.map(|effect| effect.next_try_at);
                    waking.into_iter().chain(owed).min()
                }
                None => None,
            },
            Subject::Contract(_) => None,
        };
        Ok(self.store().release(lease, next, Some(now)).await?)
    }
}
