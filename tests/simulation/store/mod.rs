//! The simulated store: the verbs of the port over a few maps, with the rules of the real ones.
//!
//! It knows the port and nothing of the simulation, so that the stories of `tests/store` can be told of it too. Tables are
//! shared maps that are copied when they are written: a transaction that is taken back, and a fail-over that loses the last
//! commits, cost nothing. Every rule can be switched off, one at a time: seeded bugs live here.

mod accounts;
mod cards;
mod carrier;
mod changes;
mod clients;
mod due;
mod effects;
mod erasing;
mod findings;
mod metering;
mod outside;
mod support;
mod tables;
mod verbs;

use changeover::ports::store::{Lease, StoreError, StoreResult, Subject};

pub use carrier::{Carrier, Connection, Verb};
pub use tables::{OutboxStatus, Tables};

/// What the store keeps to. A seeded bug takes one of them away.
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// A worker's decision needs the newest lease.
    pub fence: bool,
    /// An attempt at a call needs the newest lease.
    pub attempt_fence: bool,
    /// A decision is written only on the version that it was made on.
    pub compare_and_set: bool,
    /// One change is open per contract.
    pub one_open: bool,
    /// One call of a name is on its way per change, and one succeeds where that is so.
    pub one_effect: bool,
    /// One charge is on its way per provider customer.
    pub one_charge: bool,
    /// What must leave is written with the decision, or not at all.
    pub outbox_inside: bool,
    /// A wake-up during a lease is noted.
    pub wakes_kept: bool,
    /// A lease has an end.
    pub leases_end: bool,
    /// A client's request is kept with its answer.
    pub requests_kept: bool,
    /// An effect only moves forward.
    pub forward_only: bool,
    /// A webhook is kept and its subjects are woken together.
    pub inbox_whole: bool,
    /// A command takes the lease away.
    pub commands_interrupt: bool,
    /// A lease that is given back keeps the timer that comes with it.
    pub timers_kept: bool,
    /// What must leave counts as having left only once it has.
    pub outbox_waits: bool,
    /// An attempt is written before its request leaves.
    pub attempts_written: bool,
    /// A key is given up when the engine says.
    pub keys_end: bool,
    /// A contract that was switched is read with the subscription that it holds.
    pub contracts_fresh: bool,
    /// Late money is honoured by one successor.
    pub one_successor: bool,
    /// What a comparison has found is kept.
    pub findings_kept: bool,
    /// A contract is written only on the version that it was read at.
    pub contracts_follow: bool,
    /// What is observed of a contract is written only beside the change that it was looked at beside.
    pub observed_beside: bool,
    /// A book is written only on the version that it was read at.
    pub books_follow: bool,
    /// What a newer machine has written is not claimed.
    pub newer_left: bool,
}

impl Rules {
    /// Every rule: what a real store does.
    pub const ALL: Self = Self {
        fence: true,
        attempt_fence: true,
        compare_and_set: true,
        one_open: true,
        one_effect: true,
        one_charge: true,
        outbox_inside: true,
        wakes_kept: true,
        leases_end: true,
        requests_kept: true,
        forward_only: true,
        inbox_whole: true,
        commands_interrupt: true,
        timers_kept: true,
        outbox_waits: true,
        attempts_written: true,
        keys_end: true,
        contracts_fresh: true,
        one_successor: true,
        findings_kept: true,
        contracts_follow: true,
        observed_beside: true,
        books_follow: true,
        newer_left: true,
    };
}

/// A decision that was written, for whoever watches.
#[derive(Debug, Clone, Copy)]
pub struct Decided {
    /// What it was about.
    pub subject: Subject,
    /// The lease that it was made under; a command has none.
    pub fence: Option<Lease>,
    /// The epoch that the subject had before it.
    pub epoch_before: u64,
    /// The epoch that it has now.
    pub epoch_after: u64,
}

/// Why the writes of a verb are taken back.
pub(crate) enum Undo<T> {
    /// It has an answer, and the answer is that nothing is written.
    Answer(T),
    /// The store could not do its work.
    Failed(StoreError),
}

impl<T> From<StoreError> for Undo<T> {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// What a verb that writes comes to.
pub(crate) type Outcome<T> = Result<T, Undo<T>>;

/// A row that breaks a rule of its table.
pub(crate) fn damaged(cell: &str) -> StoreError {
    StoreError::Damaged(cell.to_owned())
}

/// Everything that is stored, and the rules by which it is written.
pub struct Memory {
    /// What is stored.
    pub tables: Tables,
    /// What is kept to.
    pub rules: Rules,
}

impl Memory {
    /// An empty store.
    pub fn new(rules: Rules) -> Self {
        Self {
            tables: Tables::default(),
            rules,
        }
    }

    /// Runs a verb: all of its writes stay, or none.
    pub(crate) fn transact<T>(
        &mut self,
        verb: impl FnOnce(&mut Tables, &Rules) -> Outcome<T>,
    ) -> StoreResult<T> {
        let before = self.tables.clone();
        let rules = self.rules;
        let done = verb(&mut self.tables, &rules);
        let undone = match done {
            Ok(answer) => return Ok(answer),
            Err(Undo::Answer(answer)) => Ok(answer),
            Err(Undo::Failed(error)) => Err(error),
        };
        let leaked = self.tables.outbox.clone();
        self.tables = before;
        if !rules.outbox_inside {
            self.tables.outbox = leaked;
        }
        undone
    }
}
