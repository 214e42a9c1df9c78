//! Asking the provider what a stage wants to know, and deciding on the answer.

use jiff::SignedDuration;

use super::error::failure_of;
use super::pace::later;
use super::quoting::Quoted;
use super::{CrashPoint, Engine, EngineError};
use crate::domain::change::{Event, PaymentFacts, Question, Refusal, RefusalCode, Stage, read_stage};
use crate::ports::payments::ReadError;
use crate::ports::store::{Lease, Situation, Written};

/// How long to wait after a question that could not be asked, when the provider does not say.
const WAIT_AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(5);

impl Engine {
    /// Asks, and decides. Where nothing is new, the lease is given back until the next look.
    pub(super) async fn ask(
        &self,
        lease: Lease,
        situation: Situation,
        question: Question,
    ) -> Result<(), EngineError> {
        let asked = match question {
            Question::Quote | Question::QuoteAgain => self.ask_quote(&situation).await,
            Question::Payment => self.ask_payment(lease, &situation).await,
        };
        let event = match asked {
            Ok(event) => event,
            // The same question would bring the same answer: the flow decides, and nothing waits in silence.
            Err(EngineError::Provider(ReadError::Refused { code, message }))
                if question != Question::Payment =>
            {
                let detail = format!("The provider refuses to price this selection: {code}: {message}");
                let refusal = Refusal::new(RefusalCode::ProviderRefused, detail);
                Some(Event::QuoteRefused { refusal })
            }
            Err(EngineError::Provider(problem)) => return self.ask_later(lease, &situation, &problem).await,
            Err(other) => return Err(other),
        };
        self.reach(CrashPoint::QuestionAnswered)?;
        let written = match event {
            Some(event) => {
                let undone = self.undone_by(&situation, &event).await?;
                self.decide_for(lease, situation, &event, undone).await?
            }
            None => Written::Stale,
        };
        match written {
            Written::Done => Ok(()),
            Written::CustomerBusy => self.wait_for_the_customer(lease).await,
            // Nothing new, or the change has moved: it is due again by its own ladder.
            _ => self.release_until_next(lease).await,
        }
    }

    async fn ask_quote(&self, situation: &Situation) -> Result<Option<Event>, EngineError> {
        let row = &situation.change;
        let playbook = self
            .sellers()
            .playbook(self.store(), &row.seller, &row.workflow)
            .await?;
        let stage = read_stage(&row.stage)?;
        let Some(selection) = stage.selection().cloned() else {
            return Ok(None);
        };
        let pinned = match &stage {
            Stage::Charging { payment, .. } => Some(&payment.deal.quote),
            _ => None,
        };
        Ok(Some(
            match self.quote(situation, &playbook, &selection, pinned).await? {
                Quoted::Quote(quote) => Event::Quoted { quote: *quote },
                Quoted::Refused(refusal) => Event::QuoteRefused { refusal },
            },
        ))
    }

    async fn ask_payment(&self, lease: Lease, situation: &Situation) -> Result<Option<Event>, EngineError> {
        let stage = read_stage(&situation.change.stage)?;
        let Some(subscription) = stage
            .payment()
            .and_then(|payment| payment.subscription.as_deref())
        else {
            return Ok(None);
        };
        let seller = self.sellers().get(&situation.change.seller)?;
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
            crate::ports::store::Subject::Change(id) => match self.store().situation(id).await? {
                Some(mut situation) => {
                    situation.change.asked += 1;
                    situation.change.last_asked = Some(now);
                    let waking = self.next_moment(&situation).await?.map(|(at, _)| at);
                    let owed = situation.effects.iter().map(|effect| effect.next_try_at);
                    waking.into_iter().chain(owed).min()
                }
                None => None,
            },
            crate::ports::store::Subject::Contract(_) => None,
        };
        Ok(self.store().release(lease, next, Some(now)).await?)
    }
}
