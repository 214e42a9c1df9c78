//! The store's rules about changes, leases and wake-ups once more, in a few maps: what random histories are compared with.

use std::collections::{BTreeMap, BTreeSet};

use changeover::domain::account::ContractId;
use changeover::domain::change::ChangeId;
use changeover::ports::store::{ChangeRow, Lease, Record, Subject, Written};
use jiff::Timestamp;

use super::people::A_MINUTE;

/// What the queue knows of one subject.
#[derive(Debug, Clone, Default)]
struct Due {
    at: Option<Timestamp>,
    epoch: u64,
    leased: bool,
    wake_seq: u64,
    /// The first wake-up that no claim has answered.
    woken: Option<Timestamp>,
}

impl Due {
    fn wake(&mut self, now: Timestamp) {
        self.wake_seq += 1;
        self.woken = earlier(self.woken, Some(now));
        if !self.leased {
            self.at = earlier(self.at, Some(now));
        }
    }

    fn put(&mut self, at: Option<Timestamp>) {
        self.leased = false;
        self.at = earlier(at, self.woken);
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    due: BTreeMap<Subject, Due>,
    pub(crate) changes: BTreeMap<ChangeId, ChangeRow>,
    contracts: BTreeMap<ContractId, String>,
    events: BTreeSet<String>,
}

impl Model {
    pub(crate) fn conclude(&mut self, contract: ContractId, customer: &str) {
        self.contracts.insert(contract, customer.to_owned());
        self.due.insert(Subject::Contract(contract), Due::default());
    }

    pub(crate) fn open_on(&self, contract: ContractId) -> Option<&ChangeRow> {
        self.changes
            .values()
            .find(|change| change.contract == contract && change.open)
    }

    fn holds(&self, lease: Lease) -> bool {
        self.due
            .get(&lease.subject)
            .is_some_and(|due| due.leased && due.epoch == lease.epoch)
    }

    pub(crate) fn record(&mut self, record: &Record) -> Written {
        let change = &record.change;
        let subject = Subject::Change(change.id);
        let fenced = record
            .fence
            .is_none_or(|fence| fence.subject == subject && self.holds(fence));
        let version = self.changes.get(&change.id).map_or(0, |stored| stored.version);
        if !fenced || version != record.expected_version {
            return Written::Stale;
        }
        if let (0, Some(other)) = (version, self.open_on(change.contract)) {
            return Written::Blocked(other.id);
        }
        self.changes.insert(change.id, change.clone());
        if let Some(due) = self.due.get_mut(&subject)
            && record.fence.is_none()
        {
            due.epoch += 1;
            if due.leased {
                due.wake(change.updated_at);
            }
        }
        self.due.entry(subject).or_default().put(record.due_at);
        if let Some(at) = record.contract_look {
            self.due
                .entry(Subject::Contract(change.contract))
                .or_default()
                .wake(at);
        }
        Written::Done
    }

    fn claimable(&self) -> Vec<(Timestamp, Subject)> {
        let mut due: Vec<_> = self
            .due
            .iter()
            .filter_map(|(subject, due)| Some((due.at?, *subject)))
            .collect();
        due.sort_by_key(|(at, subject)| match subject {
            Subject::Change(change) => (*at, change.0),
            Subject::Contract(contract) => (*at, contract.0),
        });
        due
    }

    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.claimable().first().map(|(at, _)| *at)
    }

    pub(crate) fn claim(&mut self, now: Timestamp, limit: usize) -> Vec<Lease> {
        let mut claimed = self.claimable();
        claimed.retain(|(at, _)| *at <= now);
        claimed.truncate(limit);
        let mut leases = Vec::new();
        for (_, subject) in claimed {
            let due = self.due.entry(subject).or_default();
            due.at = Some(now + A_MINUTE);
            due.epoch += 1;
            // What a dead worker held may have been claimed because of a wake-up.
            let held = std::mem::replace(&mut due.leased, true);
            let woken = due.woken.take().is_some() || held;
            leases.push(Lease {
                subject,
                epoch: due.epoch,
                wake_seq: due.wake_seq,
                woken,
            });
        }
        leases
    }

    pub(crate) fn release(&mut self, lease: Lease, due_at: Option<Timestamp>, asked_at: Option<Timestamp>) {
        if !self.holds(lease) {
            return;
        }
        self.due.entry(lease.subject).or_default().put(due_at);
        if let (Subject::Change(id), Some(_)) = (lease.subject, asked_at)
            && let Some(change) = self.changes.get_mut(&id)
        {
            change.asked += 1;
            change.last_asked = asked_at;
        }
    }

    pub(crate) fn accept(&mut self, event: &str, customer: &str, now: Timestamp) -> bool {
        if !self.events.insert(event.to_owned()) {
            return false;
        }
        let theirs = |contract: &ContractId| self.contracts.get(contract).is_some_and(|of| of == customer);
        for (subject, due) in &mut self.due {
            let concerned = match subject {
                Subject::Contract(contract) => theirs(contract),
                Subject::Change(id) => self
                    .changes
                    .get(id)
                    .is_some_and(|change| change.open && theirs(&change.contract)),
            };
            if concerned {
                due.wake(now);
            }
        }
        true
    }
}
