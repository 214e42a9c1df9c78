//! Beginning repairs: each is an event through the one door, written on the very version that was compared.

use std::collections::BTreeSet;

use super::Repaired;
use super::gathering::Gathered;
use crate::domain::change::{
    Actor, ChangeId, Event, OpenInvoice, Payment, Stage, machine_version, write_stage,
};
use crate::domain::reconcile::{Finding, Repair};
use crate::engine::drafting::{Draft, Drafted};
use crate::engine::{Engine, EngineError};
use crate::ports::store::{ChangeRow, Situation, Written};

impl Engine {
    /// Begins what is safe. A change takes one repair at a time: the next comparison sees to the rest.
    pub(super) async fn repair(
        &self,
        gathered: &Gathered,
        planned: Vec<Finding>,
        actor: &Actor,
    ) -> Result<Vec<(Finding, Repaired)>, EngineError> {
        let mut touched: BTreeSet<ChangeId> = BTreeSet::new();
        let mut done = Vec::new();
        for finding in planned {
            let situation = finding.change.and_then(|change| gathered.situations.get(&change));
            let repaired = match (&finding.repair, situation) {
                (Repair::Human, _) | (_, None) => Repaired::Human,
                (_, Some(situation)) if !touched.insert(situation.change.id) => Repaired::Moved,
                (repair, Some(situation)) => self.begin(repair, situation.clone(), actor).await?,
            };
            done.push((finding, repaired));
        }
        Ok(done)
    }

    async fn begin(
        &self,
        repair: &Repair,
        situation: Situation,
        actor: &Actor,
    ) -> Result<Repaired, EngineError> {
        let drafted = match repair {
            Repair::CleanUp(call) => {
                let event = Event::CleanUp { call: call.clone() };
                self.decided(situation, &event, actor).await
            }
            Repair::Adopt(payment, invoice) => {
                let event = adopting(payment, invoice);
                self.decided(situation, &event, actor).await
            }
            Repair::Honour(payment, invoice) => self.honoured(situation, payment, invoice, actor).await,
            Repair::Human => return Ok(Repaired::Human),
        };
        let drafted = match drafted {
            Ok(drafted) => drafted,
            Err(EngineError::Refused(refusal)) => {
                tracing::info!(
                    code = refusal.code.as_str(),
                    "a repair is not possible where the change stands"
                );
                return Ok(Repaired::Moved);
            }
            Err(other) => return Err(other),
        };
        match self.record(drafted).await?.0 {
            Written::Done => Ok(Repaired::Begun),
            _ => Ok(Repaired::Moved),
        }
    }

    async fn drafted(&self, situation: Situation) -> Result<Box<Draft<'_>>, EngineError> {
        Ok(Draft::new(self, *self.standing_on(situation).await?))
    }

    async fn decided(
        &self,
        situation: Situation,
        event: &Event,
        actor: &Actor,
    ) -> Result<Drafted, EngineError> {
        let mut draft = self.drafted(situation).await?;
        draft.decide(event, actor)?;
        Ok(draft.finish(None, Vec::new(), None))
    }

    /// The change that is over says who honours its money, and its successor begins with it: both or neither.
    async fn honoured(
        &self,
        situation: Situation,
        payment: &Payment,
        invoice: &OpenInvoice,
        actor: &Actor,
    ) -> Result<Drafted, EngineError> {
        let over = situation.change.id;
        let successor = self.successor_of(&situation, payment)?;
        let said = Event::SucceededBy {
            change: successor.id,
            invoice: invoice.id.clone(),
        };
        let begins = Situation {
            change: successor,
            effects: Vec::new(),
            ..situation.clone()
        };
        let ended = self.decided(situation, &said, actor).await?;
        let mut draft = self.drafted(begins).await?;
        let opened = Event::Succeeds {
            change: over,
            invoice: invoice.id.clone(),
        };
        draft.succeed(&opened, actor)?;
        draft.decide(&adopting(payment, invoice), actor)?;
        let mut drafted = draft.finish(None, Vec::new(), None);
        drafted.record.predecessor = Some(ended.record);
        Ok(drafted)
    }

    fn successor_of(&self, over: &Situation, payment: &Payment) -> Result<ChangeRow, EngineError> {
        let now = self.now();
        let stage = Stage::Draft {
            selection: payment.deal.selection.clone(),
            problem: None,
        };
        let id = ChangeId(self.parts.ids.new_id(now));
        Ok(ChangeRow {
            id,
            reference: id.reference(),
            version: 0,
            stage: write_stage(&stage)?,
            stage_name: stage.full_name(),
            machine_version: machine_version(),
            open: true,
            entered_at: now,
            asked: 0,
            last_asked: None,
            reminded: 0,
            succeeds: Some(over.change.id),
            created_at: now,
            updated_at: now,
            journal_head: [0; 32],
            ..over.change.clone()
        })
    }
}

fn adopting(payment: &Payment, invoice: &OpenInvoice) -> Event {
    Event::Adopt {
        payment: Box::new(payment.clone()),
        invoice: invoice.clone(),
    }
}
