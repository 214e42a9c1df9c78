//! The queue of what is due: claims, leases and wake-ups.
//!
//! A lease is a `due_at` in the future under a new epoch, so that a dead worker's subject simply becomes due. `woken_at` keeps a
//! wake-up that nobody has claimed yet: whatever is written meanwhile, the subject stays due because of it.

use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::SqliteConnection;

use super::cells::{Cells, count, id, ms};
use super::joint::{Answers, Joint, Touch};
use super::script::Script;
use super::writer::Outcome;
use crate::domain::account::ContractId;
use crate::domain::change::stuck::Failure;
use crate::domain::change::{ChangeId, machine_version};
use crate::ports::store::{Lease, StoreResult, Subject, Written};
use crate::store::failure::Undo;
use crate::store::queue::{CLAIM_MAX, lease_end};

/// Without changes of a newer machine. What a dead worker has held counts as woken: it may have been claimed because of a wake-up,
/// which died with the claim.
const CLAIMABLE: &str =
    "SELECT subject_kind, subject, lease_epoch, wake_seq, (woken_at IS NOT NULL OR lease_owner IS NOT NULL) AS woken
    FROM due
    WHERE due_at <= ?1 AND machine_version <= ?2
    ORDER BY due_at, subject LIMIT ?3";

const NEXT: &str = "SELECT due_at FROM due
    WHERE due_at IS NOT NULL AND machine_version <= ?1 ORDER BY due_at LIMIT 1";

const CLAIM: &str =
    "UPDATE due SET due_at = ?3, lease_until = ?3, lease_owner = ?4, lease_epoch = lease_epoch + 1,
        attempts = attempts + 1, woken_at = NULL
    WHERE subject_kind = ?1 AND subject = ?2";

pub(super) const HOLDS: &str = "SELECT column1 AS place FROM (VALUES ?places) CROSS JOIN due
    ON subject_kind = column2 AND subject = column3 AND lease_epoch = column4 AND lease_owner IS NOT NULL";

/// Under a lease only the wake-up itself is noted; whoever gives the lease back finds it.
pub(super) const WAKE: &str = "UPDATE due SET wake_seq = wake_seq + 1,
        woken_at = min(coalesce(woken_at, column3), column3),
        due_at = CASE WHEN lease_owner IS NULL THEN min(coalesce(due_at, column3), column3) ELSE due_at END
    FROM (VALUES ?rows) WHERE subject_kind = column1 AND subject = column2";

pub(super) const PUT: &str =
    "INSERT INTO due (subject_kind, subject, due_at, machine_version, lease_epoch, attempts, wake_seq)
    SELECT column1, column2, column3, column4, 0, 0, 0 FROM (VALUES ?rows) WHERE column1 IS NOT NULL
    ON CONFLICT (subject_kind, subject) DO UPDATE SET
        due_at = min(coalesce(excluded.due_at, woken_at), coalesce(woken_at, excluded.due_at)),
        machine_version = excluded.machine_version,
        lease_owner = NULL, lease_until = NULL, attempts = 0,
        failures = 0, failing_since = NULL, failure_kind = NULL, failure_detail = NULL";

/// A worker goes on under its lease: what has woken its subject meanwhile waits until it gives that back.
pub(super) const HOLD: &str = "UPDATE due SET
        due_at = column4, lease_until = column4, machine_version = column5, attempts = 0,
        failures = 0, failing_since = NULL, failure_kind = NULL, failure_detail = NULL
    FROM (VALUES ?rows)
    WHERE subject_kind = column1 AND subject = column2 AND lease_epoch = column3 AND lease_owner IS NOT NULL";

pub(super) const INTERRUPT: &str = "UPDATE due SET lease_epoch = lease_epoch + 1,
        wake_seq = wake_seq + (lease_owner IS NOT NULL),
        woken_at = CASE WHEN lease_owner IS NULL THEN woken_at ELSE min(coalesce(woken_at, column3), column3) END
    FROM (VALUES ?rows) WHERE subject_kind = column1 AND subject = column2";

pub(super) const RELEASE: &str = "UPDATE due SET
        due_at = min(coalesce(column4, woken_at), coalesce(woken_at, column4)),
        lease_owner = NULL, lease_until = NULL, attempts = 0,
        failures = 0, failing_since = NULL, failure_kind = NULL, failure_detail = NULL
    FROM (VALUES ?rows)
    WHERE subject_kind = column1 AND subject = column2 AND lease_epoch = column3 AND lease_owner IS NOT NULL";

const PARK: &str = "UPDATE due SET
        due_at = min(coalesce(?4, woken_at), coalesce(woken_at, ?4)),
        lease_owner = NULL, lease_until = NULL, attempts = 0,
        failures = failures + 1, failing_since = coalesce(failing_since, ?5), failure_kind = ?6, failure_detail = ?7
    WHERE subject_kind = ?1 AND subject = ?2 AND lease_epoch = ?3 AND lease_owner IS NOT NULL";

/// How the work on a change goes.
pub(super) const WORK: &str =
    "SELECT column1 AS place, due_at, failures, failing_since, failure_kind, failure_detail
    FROM (VALUES ?places) CROSS JOIN due ON subject_kind = 'change' AND subject = column2";

/// Epoch zero is before every present. As above, what was held counts as woken.
const TAKE_BACK: &str =
    "UPDATE due SET due_at = 0, woken_at = 0, lease_epoch = lease_epoch + 1, lease_owner = NULL, lease_until = NULL
    WHERE lease_owner IS NOT NULL";

const GIVE_BACK: &str =
    "UPDATE due SET due_at = ?2, woken_at = min(coalesce(woken_at, ?2), ?2), lease_epoch = lease_epoch + 1,
        lease_owner = NULL, lease_until = NULL, attempts = 0
    WHERE lease_owner = ?1";

/// Said before the lease is given back: one that is lost already is nobody's to ask under.
pub(super) const ASKED: &str = "UPDATE change SET asked = asked + 1, last_asked = column3 FROM (VALUES ?rows)
    WHERE id = column1 AND EXISTS (SELECT 1 FROM due WHERE subject_kind = 'change' AND subject = column1
        AND lease_epoch = column2 AND lease_owner IS NOT NULL)";

fn names(subject: Subject) -> (&'static str, Vec<u8>) {
    match subject {
        Subject::Change(change) => ("change", id(change.0)),
        Subject::Contract(contract) => ("contract", id(contract.0)),
    }
}

/// Claims what is due, the oldest first.
pub(super) async fn claim(
    connection: &mut SqliteConnection,
    now: Timestamp,
    lease: SignedDuration,
    owner: &str,
    limit: u32,
) -> Outcome<Vec<Lease>> {
    let until = lease_end(now, lease);
    let rows = sqlx::query(CLAIMABLE)
        .bind(ms(now))
        .bind(machine_version())
        .bind(limit.min(CLAIM_MAX))
        .fetch_all(&mut *connection)
        .await?;
    let mut leases = Vec::with_capacity(rows.len());
    let mut script = Script::default();
    for row in rows {
        let cells = Cells::of("due", &row);
        let subject = match cells.text("subject_kind")?.as_str() {
            "change" => Subject::Change(ChangeId(cells.id("subject")?)),
            "contract" => Subject::Contract(ContractId(cells.id("subject")?)),
            _ => return Err(cells.damaged("subject_kind").into()),
        };
        let (kind, key) = names(subject);
        script.say(CLAIM).bind(kind).bind(key).bind(until).bind(owner);
        leases.push(Lease {
            subject,
            epoch: cells.number::<u64>("lease_epoch")? + 1,
            wake_seq: cells.number("wake_seq")?,
            woken: cells.number::<u8>("woken")? == 1,
        });
    }
    script.carry_out(connection).await?;
    Ok(leases)
}

/// Asks whether a lease is still the newest of its subject, and not given back: a row says yes.
pub(super) fn ask_whether_held(script: &mut Script, lease: Lease) -> StoreResult<()> {
    let (kind, key) = names(lease.subject);
    script
        .say(HOLDS)
        .bind(kind)
        .bind(key)
        .bind(count(lease.epoch, "due.lease_epoch")?);
    Ok(())
}

/// Makes a subject due at once, now or as soon as its lease is given back.
pub(super) fn wake(script: &mut Script, subject: Subject, at: Timestamp) {
    let (kind, key) = names(subject);
    script.say(WAKE).bind(kind).bind(key).bind(ms(at));
}

/// Sets when a subject is due next and gives its lease back, if there is one. An unclaimed wake-up counts more.
pub(super) fn put(script: &mut Script, subject: Subject, machine_version: u32, due_at: Option<Timestamp>) {
    let (kind, key) = names(subject);
    script
        .say(PUT)
        .bind(kind)
        .bind(key)
        .bind(due_at.map(ms))
        .bind(machine_version);
}

/// Lets a worker hold its subject for longer, under the lease that it has.
pub(super) fn hold(
    script: &mut Script,
    lease: Lease,
    machine_version: u32,
    until: Timestamp,
) -> StoreResult<()> {
    let (kind, key) = names(lease.subject);
    script
        .say(HOLD)
        .bind(kind)
        .bind(key)
        .bind(count(lease.epoch, "due.lease_epoch")?)
        .bind(ms(until))
        .bind(machine_version)
        .otherwise(Undo::Answer(Written::Stale));
    Ok(())
}

/// Invalidates every lease that was given out on a subject. A worker that loses one may have claimed it because of a wake-up
/// that it cannot answer any more: so the subject counts as woken again.
pub(super) fn interrupt(script: &mut Script, subject: Subject, at: Timestamp) {
    let (kind, key) = names(subject);
    script.say(INTERRUPT).bind(kind).bind(key).bind(ms(at));
}

/// A lease that is given back without a decision. One that is lost already is nobody's to give.
pub(super) struct Release {
    pub(super) lease: Lease,
    pub(super) due_at: Option<Timestamp>,
    pub(super) asked_at: Option<Timestamp>,
}

impl Joint for Release {
    fn touches(&self) -> Vec<Touch> {
        vec![Touch::subject(self.lease.subject)]
    }

    fn say(&self, _: Answers) -> Result<Script, Undo<Written>> {
        let mut script = Script::default();
        note_question(&mut script, self.lease, self.asked_at)?;
        let (kind, key) = names(self.lease.subject);
        script
            .say(RELEASE)
            .bind(kind)
            .bind(key)
            .bind(count(self.lease.epoch, "due.lease_epoch")?)
            .bind(self.due_at.map(ms));
        Ok(script)
    }
}

/// Gives a lease back after a failure, which is counted. One that is lost already is nobody's to give.
pub(super) async fn park(
    connection: &mut SqliteConnection,
    lease: Lease,
    due_at: Timestamp,
    asked_at: Option<Timestamp>,
    failure: &Failure,
    now: Timestamp,
) -> Outcome<()> {
    let mut script = Script::default();
    note_question(&mut script, lease, asked_at)?;
    let (kind, key) = names(lease.subject);
    script
        .say(PARK)
        .bind(kind)
        .bind(key)
        .bind(count(lease.epoch, "due.lease_epoch")?)
        .bind(ms(due_at))
        .bind(ms(now))
        .bind(failure.kind.as_str())
        .bind(failure.detail.as_str());
    Ok(script.carry_out(connection).await?)
}

/// A change's question was asked once more, without a new answer.
fn note_question(script: &mut Script, lease: Lease, asked_at: Option<Timestamp>) -> StoreResult<()> {
    if let (Subject::Change(change), Some(asked_at)) = (lease.subject, asked_at) {
        script
            .say(ASKED)
            .bind(id(change.0))
            .bind(count(lease.epoch, "due.lease_epoch")?)
            .bind(ms(asked_at));
    }
    Ok(())
}

/// Gives back everything that one process holds.
pub(super) async fn give_back(
    connection: &mut SqliteConnection,
    owner: &str,
    now: Timestamp,
) -> Outcome<u64> {
    let given = sqlx::query(GIVE_BACK)
        .bind(owner)
        .bind(ms(now))
        .execute(connection)
        .await?;
    Ok(given.rows_affected())
}

/// Takes every lease back: for a start under the lock, when no other process can hold one any more.
pub(super) async fn take_back(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query(TAKE_BACK).execute(connection).await?;
    Ok(())
}

/// When something that may be claimed is due next.
pub(super) async fn next(connection: &mut SqliteConnection) -> StoreResult<Option<Timestamp>> {
    let row = sqlx::query(NEXT)
        .bind(machine_version())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Cells::of("due", &row).time("due_at")).transpose()
}
