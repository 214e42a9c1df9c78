//! From stored rows to what a diagnosis looks at.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::catalog::Playbook;
use crate::domain::change::stuck::{
    Action, Difference, Owed, OwedState, Standing, Stuck, Unsent, Work, diagnose, possible,
};
use crate::domain::change::{Actor, ChangeId, Stage, Turn, machine_version, read_stage};
use crate::domain::reconcile::Repair;
use crate::engine::{Engine, EngineError, SellersError};
use crate::ports::store::{
    ChangeRow, Channel, Departed, Departure, Dossier, EffectRow, EffectStatus, FindingRow,
};

/// A change that was read, with everything that a diagnosis needs, where it can be had.
pub(super) struct Holdings {
    pub(super) dossier: Dossier,
    pub(super) stage: Option<Stage>,
    pub(super) playbook: Option<Arc<Playbook>>,
    pub(super) owed: Vec<Owed>,
    pub(super) unsent: Vec<Unsent>,
    differences: Vec<Difference>,
    actor: Actor,
    now: Timestamp,
}

impl Engine {
    /// Reads what a diagnosis needs. A stage or rules that cannot be had are a finding, not a failure.
    pub(super) async fn holdings(&self, dossier: Dossier) -> Result<Holdings, EngineError> {
        let row = &dossier.situation.change;
        let playbook = self
            .sellers()
            .playbook(self.store(), &row.seller, &row.workflow)
            .await;
        let playbook = match playbook {
            Ok(playbook) => self.sellers().get(&row.seller).is_ok().then_some(playbook),
            Err(SellersError::Store(problem)) => return Err(problem.into()),
            Err(_) => None,
        };
        let found = self.store().findings_of(row.contract).await?;
        let now = self.now();
        Ok(Holdings {
            // What a newer program has written is never guessed at, also where it looks familiar.
            stage: read_stage(&row.stage)
                .ok()
                .filter(|_| row.machine_version <= machine_version()),
            playbook,
            owed: owed(&dossier.situation.effects, now),
            unsent: unsent(&dossier.departures),
            differences: differences(row.id, found),
            dossier,
            actor: Actor::system(),
            now,
        })
    }
}

impl Holdings {
    pub(super) fn standing(&self) -> Standing<'_> {
        let situation = &self.dossier.situation;
        let row = &situation.change;
        let turn = self.playbook.as_deref().map(|playbook| Turn {
            now: self.now,
            actor: &self.actor,
            playbook,
            account: &situation.account,
            billing: situation.billing.as_ref(),
            contract: &situation.contract,
        });
        Standing {
            stage: self.stage.as_ref(),
            machine_version: row.machine_version,
            entered_at: row.entered_at,
            concern_at: row.concern_at,
            turn,
            now: self.now,
            owed: &self.owed,
            unsent: &self.unsent,
            differences: &self.differences,
            work: &situation.work,
        }
    }

    pub(super) fn stuck(&self) -> Vec<Stuck> {
        diagnose(&self.standing())
    }

    pub(super) fn actions(&self) -> Vec<Action> {
        possible(&self.standing())
    }
}

/// What is stuck as the outside of a change sees it: by its stage, its calls and its work alone.
pub(in crate::engine) fn stuck_outside(
    row: &ChangeRow,
    stage: &Stage,
    effects: &[EffectRow],
    work: &Work,
    now: Timestamp,
) -> Vec<Stuck> {
    diagnose(&Standing {
        stage: Some(stage),
        machine_version: row.machine_version,
        entered_at: row.entered_at,
        concern_at: row.concern_at,
        turn: None,
        now,
        owed: &owed(effects, now),
        unsent: &[],
        differences: &[],
        work,
    })
}

/// The calls that are not over, or whose outcome was refused. One that only waits to be taken in is not among them.
fn owed(effects: &[EffectRow], now: Timestamp) -> Vec<Owed> {
    let each = effects.iter().filter_map(|effect| {
        let state = match (effect.status, effect.undecidable_since, &effect.outcome) {
            (_, _, Some(_)) if !effect.consumed && effect.last_error.is_some() => OwedState::NotTakenIn,
            (EffectStatus::Unknown | EffectStatus::Intent, Some(since), None) => {
                OwedState::Undecidable { since }
            }
            (EffectStatus::Unknown, None, None) => OwedState::Unknown,
            (EffectStatus::Intent, None, None) => OwedState::Waiting,
            _ => return None,
        };
        Some(Owed {
            effect: effect.id,
            call: effect.name,
            first_sent_at: effect.first_sent_at,
            attempts: effect.attempts,
            next_try_at: effect.next_try_at,
            state,
            spent: effect.key_deadline.is_some_and(|deadline| now >= deadline),
            charges: effect.charging.is_some(),
            last_error: effect.last_error.clone(),
        })
    });
    each.collect()
}

/// What was found of this change, where no repair is safe without a person. The rest is repaired by itself.
fn differences(change: ChangeId, found: Vec<FindingRow>) -> Vec<Difference> {
    let left = found
        .into_iter()
        .filter(|row| row.change == Some(change) && row.repair == Repair::Human.as_str());
    left.map(|row| Difference {
        finding: row.code.as_str(),
        object: row.evidence.object,
        amount: row.evidence.amount,
        seen: row.evidence.seen,
        since: row.first_seen_at,
    })
    .collect()
}

fn unsent(departures: &[Departure]) -> Vec<Unsent> {
    let given_up = departures
        .iter()
        .filter(|departure| departure.departed == Departed::GivenUp);
    given_up
        .map(|departure| Unsent {
            mail: departure.row.channel == Channel::Mail,
            topic: departure.row.topic.clone(),
            at: departure.row.at,
            attempts: departure.row.attempts,
            last_error: departure.last_error.clone(),
        })
        .collect()
}
