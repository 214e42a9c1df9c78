//! The end of a draft: what is to be written, and what stands once it is.

use jiff::Timestamp;

use super::Draft;
use crate::domain::change::stuck::Work;
use crate::domain::change::{EffectId, NextAction, Stage, next_wake};
use crate::engine::footing::Footing;
use crate::engine::news::News;
use crate::engine::pace::{LOOK_AFTER_CHANGE, later};
use crate::engine::support::stuck_outside;
use crate::engine::view::ChangeView;
use crate::engine::worker::{Need, need};
use crate::ports::store::{ClientRequest, EffectRow, EffectStatus, EffectUpdate, Lease, Record, Situation};

/// A draft that is ready to be written, and what stands once it is.
pub(in crate::engine) struct Drafted {
    pub(in crate::engine) record: Box<Record>,
    pub(in crate::engine) news: News,
    pub(in crate::engine) footing: Box<Footing>,
    /// The call whose first attempt is noted with it.
    pub(in crate::engine) begun: Option<EffectId>,
}

impl Drafted {
    /// Where there is more to do at once, the worker goes on under its lease. The call that comes next counts as begun with this
    /// very decision, so that its attempt needs no write of its own.
    pub(in crate::engine) fn hold_until(&mut self, until: Timestamp, now: Timestamp) {
        let record = &mut self.record;
        if self.footing.stage.is_terminal() || record.due_at.is_none_or(|at| at > now) {
            return;
        }
        record.held_until = Some(until);
        let Need::Perform(next) = need(false, &self.footing, now) else {
            return;
        };
        let next = next.id;
        let promised = record.effects.iter_mut().filter(|effect| effect.id == next);
        let known = self.footing.situation.effects.iter_mut();
        for effect in promised {
            effect.attempts = 1;
            effect.first_sent_at = Some(now);
            self.begun = Some(next);
        }
        for effect in known.filter(|effect| self.begun == Some(effect.id)) {
            effect.attempts = 1;
            effect.first_sent_at = Some(now);
        }
    }
}

impl Draft<'_> {
    /// What the outside sees once the draft is written.
    pub(in crate::engine) fn view(&self) -> ChangeView {
        ChangeView {
            stuck: stuck_outside(&self.row, &self.stage, &self.live, &Work::default(), self.now),
            change: self.row.clone(),
            stage: self.stage.clone(),
            next_action: NextAction::of(&self.stage),
            playbook: self.playbook.clone(),
            account: self.account.clone(),
            contract: self.contract.clone(),
            successor: None,
            now: self.now,
        }
    }

    /// What is to be written. `settled` are the outcomes that the decisions took in.
    pub(in crate::engine) fn finish(
        mut self: Box<Self>,
        fence: Option<Lease>,
        settled: Vec<EffectUpdate>,
        request: Option<ClientRequest>,
    ) -> Drafted {
        let due_at_once = self.due_at_once.then_some(self.now);
        let hurried = std::mem::take(&mut self.hurried);
        let mut settled: Vec<EffectUpdate> = settled.into_iter().chain(hurried).collect();
        let untouched = |effect: &&EffectRow| settled.iter().all(|update| update.id != effect.id);
        let waiting: Vec<&EffectRow> = self.live.iter().filter(untouched).collect();
        let due_at = due_at_once.or_else(|| self.due_at(&waiting));
        let abandoned = self.abandoned(&waiting);
        settled.extend(abandoned);
        let given_back = self.had_released && !self.stage.moves_subscription();
        let contract_look =
            (self.stage.is_terminal() || given_back).then(|| later(self.now, LOOK_AFTER_CHANGE));
        let situation = Situation {
            effects: after(self.live, &settled, &self.effects),
            change: self.row.clone(),
            account: self.account,
            billing: self.billing,
            contract: self.contract.clone(),
            work: Work {
                due_at,
                failing: None,
            },
        };
        Drafted {
            record: Box::new(Record {
                change: self.row,
                expected_version: self.base_version,
                fence,
                entries: self.entries,
                settled,
                effects: self.effects,
                outbox: self.outbox,
                taken_up: self.taken_up,
                account: self.facts,
                identity: self.new_identity,
                note: self.note,
                contract: self.switched.then_some(self.contract),
                due_at,
                held_until: None,
                contract_look,
                request,
                predecessor: None,
                client: None,
            }),
            news: self.news,
            footing: Box::new(Footing {
                situation,
                stage: self.stage,
                playbook: self.playbook,
            }),
            begun: None,
        }
    }

    /// When the change must be looked at next: an outcome to take in, a call to try, a question, a reminder or the deadline.
    fn due_at(&self, waiting: &[&EffectRow]) -> Option<Timestamp> {
        let pending = waiting
            .iter()
            .copied()
            .chain(&self.effects)
            .map(|effect| effect.next_try_at);
        let policy = &self.playbook.policy;
        let reminded = usize::try_from(self.row.reminded).unwrap_or(usize::MAX);
        let waking = next_wake(
            &self.stage,
            policy,
            self.row.entered_at,
            self.row.asked,
            reminded,
            self.row.last_asked,
        );
        pending.chain(waking.map(|(at, _)| at)).min()
    }

    /// Calls that were promised before the change was given up, and never left: they must not leave any more.
    fn abandoned(&self, waiting: &[&EffectRow]) -> Vec<EffectUpdate> {
        if self.was_over || !self.stage.is_terminal() || matches!(self.stage, Stage::Active { .. }) {
            return Vec::new();
        }
        let unsent = waiting.iter().filter(|effect| {
            effect.status == EffectStatus::Intent && effect.attempts == 0 && effect.outcome.is_none()
        });
        unsent
            .map(|effect| EffectUpdate {
                id: effect.id,
                status: EffectStatus::Declined,
                outcome: None,
                last_error: Some("never sent: the change is over".to_owned()),
                next_try_at: self.now,
                consumed: true,
                undecidable_since: None,
            })
            .collect()
    }
}

/// The effects that are not over, or whose outcome no decision has taken in, once all of it is written.
fn after(mut live: Vec<EffectRow>, settled: &[EffectUpdate], promised: &[EffectRow]) -> Vec<EffectRow> {
    for effect in &mut live {
        if let Some(update) = settled.iter().find(|update| update.id == effect.id) {
            effect.status = update.status;
            // The first outcome stays.
            effect.outcome = effect.outcome.take().or_else(|| update.outcome.clone());
            effect.last_error.clone_from(&update.last_error);
            effect.next_try_at = update.next_try_at;
            effect.undecidable_since = update.undecidable_since;
            effect.consumed |= update.consumed;
        }
    }
    live.retain(|effect| {
        !effect.consumed || matches!(effect.status, EffectStatus::Intent | EffectStatus::Unknown)
    });
    live.extend_from_slice(promised);
    live
}
