//! The queue: claims, leases and wake-ups, by the rules of the real stores.

use changeover::domain::account::ContractId;
use changeover::domain::change::stuck::{Failing, Failure, Work};
use changeover::domain::change::{ChangeId, machine_version};
use changeover::ports::store::{Lease, Subject};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::Rules;
use super::tables::{Tables, write};

/// What the queue knows of one subject.
#[derive(Debug, Clone, Default)]
pub struct Due {
    /// The timer; under a lease, its end. `None`: never.
    pub at: Option<Timestamp>,
    /// The machine version of the change; 0 for contracts.
    pub machine_version: u32,
    /// The fencing number.
    pub epoch: u64,
    /// Who holds it.
    pub owner: Option<String>,
    /// How often it was woken.
    pub wake_seq: u64,
    /// The first wake-up that nobody has claimed.
    pub woken_at: Option<Timestamp>,
    /// Its failures without a success between.
    pub failing: Option<Failing>,
}

impl Due {
    fn wake(&mut self, at: Timestamp, rules: &Rules) {
        if self.owner.is_some() && !rules.wakes_kept {
            return;
        }
        self.wake_seq += 1;
        self.woken_at = earlier(self.woken_at, Some(at));
        if self.owner.is_none() {
            self.at = earlier(self.at, Some(at));
        }
    }

    fn give_back(&mut self, at: Option<Timestamp>) {
        self.owner = None;
        self.at = earlier(at, self.woken_at);
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

fn key(subject: Subject) -> Uuid {
    match subject {
        Subject::Change(ChangeId(id)) | Subject::Contract(ContractId(id)) => id,
    }
}

fn claimable(due: &Due, newer_left: bool) -> Option<Timestamp> {
    due.at
        .filter(|_| !newer_left || due.machine_version <= machine_version())
}

impl Tables {
    pub(super) fn claim(
        &mut self,
        now: Timestamp,
        lease: SignedDuration,
        owner: &str,
        limit: u32,
        rules: &Rules,
    ) -> Vec<Lease> {
        let mut due: Vec<(Timestamp, Uuid, Subject)> = self
            .due
            .iter()
            .filter_map(|(subject, due)| Some((claimable(due, rules.newer_left)?, key(*subject), *subject)))
            .filter(|(at, ..)| *at <= now)
            .collect();
        if due.is_empty() {
            return Vec::new();
        }
        due.sort();
        due.truncate(limit.min(200) as usize);
        let table = write(&mut self.due);
        let mut leases = Vec::new();
        for (_, _, subject) in due {
            let Some(due) = table.get_mut(&subject) else {
                continue;
            };
            let woken = due.woken_at.is_some() || due.owner.is_some();
            due.at = now.checked_add(lease).ok().filter(|_| rules.leases_end);
            due.owner = Some(owner.to_owned());
            due.epoch += 1;
            due.woken_at = None;
            leases.push(Lease {
                subject,
                epoch: due.epoch,
                wake_seq: due.wake_seq,
                woken,
            });
        }
        leases
    }

    /// Whether a lease is still the newest of its subject, and not given back.
    pub fn holds(&self, lease: Lease) -> bool {
        self.due
            .get(&lease.subject)
            .is_some_and(|due| due.owner.is_some() && due.epoch == lease.epoch)
    }

    pub(super) fn wake(&mut self, subject: Subject, at: Timestamp, rules: &Rules) {
        if let Some(due) = write(&mut self.due).get_mut(&subject) {
            due.wake(at, rules);
        }
    }

    pub(super) fn put_due(&mut self, subject: Subject, machine_version: u32, at: Option<Timestamp>) {
        let due = write(&mut self.due).entry(subject).or_default();
        due.machine_version = machine_version;
        due.failing = None;
        due.give_back(at);
    }

    /// The worker that holds it goes on, under the same lease.
    pub(super) fn hold_on(
        &mut self,
        subject: Subject,
        machine_version: u32,
        until: Timestamp,
        rules: &Rules,
    ) {
        if let Some(due) = write(&mut self.due).get_mut(&subject) {
            due.machine_version = machine_version;
            due.failing = None;
            due.at = Some(until).filter(|_| rules.leases_end);
        }
    }

    /// Takes every lease away; whoever loses one may have claimed it because of a wake-up.
    pub(super) fn interrupt(&mut self, subject: Subject, at: Timestamp) {
        if let Some(due) = write(&mut self.due).get_mut(&subject) {
            due.epoch += 1;
            if due.owner.is_some() {
                due.wake_seq += 1;
                due.woken_at = earlier(due.woken_at, Some(at));
            }
        }
    }

    pub(super) fn release(
        &mut self,
        lease: Lease,
        at: Option<Timestamp>,
        asked_at: Option<Timestamp>,
        rules: &Rules,
    ) {
        if !self.holds(lease) {
            return;
        }
        if let Some(due) = write(&mut self.due).get_mut(&lease.subject) {
            due.failing = None;
            due.give_back(at.filter(|_| rules.timers_kept));
        }
        self.note_question(lease.subject, asked_at);
    }

    /// Gives a lease back after a failure, which is counted.
    pub(super) fn park(
        &mut self,
        lease: Lease,
        at: Timestamp,
        asked_at: Option<Timestamp>,
        failure: Failure,
        now: Timestamp,
    ) {
        if !self.holds(lease) {
            return;
        }
        if let Some(due) = write(&mut self.due).get_mut(&lease.subject) {
            let before = due.failing.take();
            due.failing = Some(Failing {
                times: before.as_ref().map_or(0, |failing| failing.times) + 1,
                since: before.map_or(now, |failing| failing.since),
                last: failure,
            });
            due.give_back(Some(at));
        }
        self.note_question(lease.subject, asked_at);
    }

    fn note_question(&mut self, subject: Subject, asked_at: Option<Timestamp>) {
        if let (Subject::Change(change), Some(_)) = (subject, asked_at)
            && let Some(row) = write(&mut self.changes).get_mut(&change)
        {
            row.asked += 1;
            row.last_asked = asked_at;
        }
    }

    /// Gives back everything that one process holds.
    pub(super) fn give_back(&mut self, owner: &str, now: Timestamp) -> u64 {
        let mut given = 0;
        for due in write(&mut self.due).values_mut() {
            if due.owner.as_deref() == Some(owner) {
                due.epoch += 1;
                due.woken_at = earlier(due.woken_at, Some(now));
                due.give_back(Some(now));
                due.at = Some(now);
                given += 1;
            }
        }
        given
    }

    /// How the work on a change goes.
    pub(super) fn work(&self, change: ChangeId) -> Work {
        let due = self.due.get(&Subject::Change(change));
        due.map_or_else(Work::default, |due| Work {
            due_at: due.at,
            failing: due.failing.clone(),
        })
    }

    /// When something that may be claimed is due next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.values().filter_map(|due| claimable(due, true)).min()
    }
}
