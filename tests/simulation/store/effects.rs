//! Effects: owed once, charged one at a time, and never taken back once they are known.

use std::sync::Arc;

use changeover::domain::account::ContractId;
use changeover::domain::catalog::SellerId;
use changeover::domain::change::{CallName, ChangeId, EffectId};
use changeover::ports::store::{EffectRow, EffectStatus, EffectUpdate, Lease, StoreError, Subject, Written};
use jiff::{SignedDuration, Timestamp};

use super::tables::Tables;
use super::{Decided, Rules, Undo, damaged};

/// Calls of which a change holds one success at most.
const ONCE: [CallName; 4] = [
    CallName::UpdateSubscription,
    CallName::CreateSubscription,
    CallName::LowerSubscription,
    CallName::SwitchSubscription,
];

/// An effect, and whose provider it goes to.
#[derive(Debug, Clone)]
pub struct Effect {
    /// Whose provider.
    pub seller: SellerId,
    /// The row.
    pub row: EffectRow,
}

fn live(status: EffectStatus) -> bool {
    matches!(status, EffectStatus::Intent | EffectStatus::Unknown)
}

/// Which statuses may follow which. Only what was done can be undone.
fn may_follow(before: EffectStatus, after: EffectStatus) -> bool {
    use EffectStatus::{Abandoned, Declined, Intent, Succeeded, Unknown};
    match before {
        Intent => true,
        Unknown => after != Intent,
        Succeeded => matches!(after, Succeeded | Abandoned),
        Declined => after == Declined,
        Abandoned => after == Abandoned,
    }
}

impl Tables {
    /// The effects of a change that pass, oldest first.
    pub fn effects_of(&self, change: ChangeId, wanted: impl Fn(&EffectRow) -> bool) -> Vec<EffectRow> {
        let all = self.effects.iter().map(|effect| &effect.row);
        all.filter(|row| row.change == change && wanted(row))
            .cloned()
            .collect()
    }

    pub(super) fn pending_effects(&self, change: ChangeId) -> Vec<EffectRow> {
        self.effects_of(change, |row| live(row.status) || !row.consumed)
    }

    /// When calls that make invoices were first sent.
    pub(super) fn invoices_asked(&self, contract: ContractId, since: Timestamp) -> Vec<Timestamp> {
        let makes = |row: &EffectRow| {
            matches!(
                row.name,
                CallName::UpdateSubscription | CallName::CreateSubscription
            ) && self
                .changes
                .get(&row.change)
                .is_some_and(|change| change.contract == contract)
        };
        let rows = self.effects.iter().map(|effect| &effect.row);
        let mut asked: Vec<Timestamp> = rows
            .filter(|row| makes(row))
            .filter_map(|row| row.first_sent_at.filter(|at| *at >= since))
            .collect();
        asked.sort_by_key(|at| std::cmp::Reverse(*at));
        asked.truncate(200);
        asked
    }

    pub(super) fn insert_effect(
        &mut self,
        seller: &SellerId,
        row: &EffectRow,
        rules: &Rules,
    ) -> Result<(), Undo<Written>> {
        let busy = |other: &Effect| {
            other.seller == *seller && other.row.charging == row.charging && live(other.row.status)
        };
        if rules.one_charge && row.charging.is_some() && self.effects.iter().any(busy) {
            return Err(Undo::Answer(Written::CustomerBusy));
        }
        let same = |other: &Effect| {
            let (old, new) = (&other.row, row);
            old.id == new.id
                || (old.change, old.name, old.generation) == (new.change, new.name, new.generation)
                || (other.seller == *seller && old.key == new.key)
        };
        if self.effects.iter().any(same) {
            return Err(damaged("effect.key").into());
        }
        let mut row = row.clone();
        if !rules.keys_end {
            let later = |at: Timestamp| at.checked_add(SignedDuration::from_hours(80)).ok();
            row.key_deadline = row.key_deadline.and_then(later);
        }
        let change = row.change;
        Arc::make_mut(&mut self.effects).push(Effect {
            seller: seller.clone(),
            row,
        });
        Ok(self.check_unique(change, rules)?)
    }

    fn check_unique(&self, change: ChangeId, rules: &Rules) -> Result<(), StoreError> {
        if !rules.one_effect {
            return Ok(());
        }
        for name in CallName::ALL {
            let of_name = || {
                let rows = self.effects.iter().map(|effect| &effect.row);
                rows.filter(move |row| row.change == change && row.name == name)
            };
            if of_name().filter(|row| live(row.status)).count() > 1 {
                return Err(damaged("effect_one_live"));
            }
            let succeeded = of_name().filter(|row| row.status == EffectStatus::Succeeded);
            if ONCE.contains(&name) && succeeded.count() > 1 {
                return Err(damaged("effect_one_success"));
            }
        }
        Ok(())
    }

    /// Writes how an effect came out; `None` when that would be a step backward, and nothing was written.
    pub(super) fn advance_effect(
        &mut self,
        update: &EffectUpdate,
        rules: &Rules,
    ) -> Result<Option<ChangeId>, StoreError> {
        let place = self.effects.iter().position(|effect| effect.row.id == update.id);
        let place = place.ok_or_else(|| damaged("effect.id"))?;
        if rules.forward_only && !may_follow(self.effects[place].row.status, update.status) {
            return Ok(None);
        }
        let row = &mut Arc::make_mut(&mut self.effects)[place].row;
        row.status = update.status;
        if row.outcome.is_none() || !rules.forward_only {
            row.outcome.clone_from(&update.outcome);
        }
        row.last_error.clone_from(&update.last_error);
        row.next_try_at = update.next_try_at;
        row.consumed |= update.consumed;
        row.undecidable_since = update.undecidable_since;
        let change = row.change;
        self.check_unique(change, rules)?;
        Ok(Some(change))
    }

    pub(super) fn begin_attempt(
        &mut self,
        lease: Lease,
        effect: EffectId,
        now: Timestamp,
        key_deadline: Timestamp,
        rules: &Rules,
    ) -> bool {
        let Subject::Change(change) = lease.subject else {
            return false;
        };
        if rules.attempt_fence && !self.holds(lease) {
            return false;
        }
        let begins = |found: &&mut Effect| {
            found.row.id == effect && found.row.change == change && live(found.row.status)
        };
        let Some(found) = Arc::make_mut(&mut self.effects).iter_mut().find(begins) else {
            return false;
        };
        if !rules.attempts_written {
            return true;
        }
        found.row.attempts += 1;
        let epoch = self.due.get(&lease.subject).map_or(0, |due| due.epoch);
        self.decided.push(Decided {
            subject: lease.subject,
            fence: Some(lease),
            epoch_before: epoch,
            epoch_after: epoch,
        });
        found.row.first_sent_at = found.row.first_sent_at.or(Some(now));
        found.row.key_deadline = found.row.key_deadline.or(Some(key_deadline));
        true
    }
}
