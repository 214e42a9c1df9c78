//! The queue of what is due: claims, leases and wake-ups.
//!
//! A lease is a `due_at` in the future under a new epoch, so that a dead worker's subject simply becomes due. `woken_at` keeps a
//! wake-up that nobody has claimed yet: whatever is written meanwhile, the subject stays due because of it.

use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::SqliteConnection;

use super::cells::{Cells, count, id, ms};
use super::script::Script;
use super::writer::Outcome;
use crate::domain::account::ContractId;
use crate::domain::change::stuck::Failure;
use crate::domain::change::{ChangeId, machine_version};
use crate::ports::store::{Lease, StoreResult, Subject};
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

const HOLDS: &str = "SELECT 1 FROM due
    WHERE subject_kind = ?1 AND subject = ?2 AND lease_epoch = ?3 AND lease_owner IS NOT NULL";

/// Under a lease only the wake-up itself is noted; whoever gives the lease back finds it.
const WAKE: &str = "UPDATE due SET wake_seq = wake_seq + 1,
        woken_at = min(coalesce(woken_at, ?3), ?3),
        due_at = CASE WHEN lease_owner IS NULL THEN min(coalesce(due_at, ?3), ?3) ELSE due_at END
    WHERE subject_kind = ?1 AND subject = ?2";

const PUT: &str =
    "INSERT INTO due (subject_kind, subject, due_at, machine_version, lease_epoch, attempts, wake_seq)
    VALUES (?1, ?2, ?3, ?4, 0, 0, 0)
    ON CONFLICT (subject_kind, subject) DO UPDATE SET
        due_at = min(coalesce(excluded.due_at, woken_at), coalesce(woken_at, excluded.due_at)),
        machine_version = excluded.machine_version,
        lease_owner = NULL, lease_until = NULL, attempts = 0,
        failures = 0, failing_since = NULL, failure_kind = NULL, failure_detail = NULL";

const INTERRUPT: &str = "UPDATE due SET lease_epoch = lease_epoch + 1,
        wake_seq = wake_seq + (lease_owner IS NOT NULL),
        woken_at = CASE WHEN lease_owner IS NULL THEN woken_at ELSE min(coalesce(woken_at, ?3), ?3) END
    WHERE subject_kind = ?1 AND subject = ?2";

const RELEASE: &str = "UPDATE due SET
        due_at = min(coalesce(?4, woken_at), coalesce(woken_at, ?4)),
        lease_owner = NULL, lease_until = NULL, attempts = 0,
        failures = 0, failing_since = NULL, failure_kind = NULL, failure_detail = NULL
    WHERE subject_kind = ?1 AND subject = ?2 AND lease_epoch = ?3 AND lease_owner IS NOT NULL";

const PARK: &str = "UPDATE due SET
        due_at = min(coalesce(?4, woken_at), coalesce(woken_at, ?4)),
        lease_owner = NULL, lease_until = NULL, attempts = 0,
        failures = failures + 1, failing_since = coalesce(failing_since, ?5), failure_kind = ?6, failure_detail = ?7
    WHERE subject_kind = ?1 AND subject = ?2 AND lease_epoch = ?3 AND lease_owner IS NOT NULL";

/// How the work on a change goes.
pub(super) const WORK: &str = "SELECT due_at, failures, failing_since, failure_kind, failure_detail FROM due
    WHERE subject_kind = 'change' AND subject = ?1";

/// Epoch zero is before every present. As above, what was held counts as woken.
const TAKE_BACK: &str =
    "UPDATE due SET due_at = 0, woken_at = 0, lease_epoch = lease_epoch + 1, lease_owner = NULL, lease_until = NULL
    WHERE lease_owner IS NOT NULL";

const GIVE_BACK: &str =
    "UPDATE due SET due_at = ?2, woken_at = min(coalesce(woken_at, ?2), ?2), lease_epoch = lease_epoch + 1,
        lease_owner = NULL, lease_until = NULL, attempts = 0
    WHERE lease_owner = ?1";

const ASKED: &str = "UPDATE change SET asked = asked + 1, last_asked = ?2 WHERE id = ?1";

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

/// Whether a lease is still the newest of its subject, and not given back.
pub(super) async fn holds(connection: &mut SqliteConnection, lease: Lease) -> StoreResult<bool> {
    let mut script = Script::default();
    ask_whether_held(&mut script, lease)?;
    let answers = script.ask(connection).await?;
    Ok(answers.first().is_some_and(|rows| !rows.is_empty()))
}

/// Asks the same: a row says yes.
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

/// Invalidates every lease that was given out on a subject. A worker that loses one may have claimed it because of a wake-up
/// that it cannot answer any more: so the subject counts as woken again.
pub(super) fn interrupt(script: &mut Script, subject: Subject, at: Timestamp) {
    let (kind, key) = names(subject);
    script.say(INTERRUPT).bind(kind).bind(key).bind(ms(at));
}

/// Gives a lease back. One that is lost already is nobody's to give.
pub(super) async fn release(
    connection: &mut SqliteConnection,
    lease: Lease,
    due_at: Option<Timestamp>,
    asked_at: Option<Timestamp>,
) -> Outcome<()> {
    let (kind, key) = names(lease.subject);
    let released = sqlx::query(RELEASE)
        .bind(kind)
        .bind(key)
        .bind(count(lease.epoch, "due.lease_epoch")?)
        .bind(due_at.map(ms))
        .execute(&mut *connection)
        .await?;
    if released.rows_affected() == 1 {
        note_question(connection, lease.subject, asked_at).await?;
    }
    Ok(())
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
    let (kind, key) = names(lease.subject);
    let parked = sqlx::query(PARK)
        .bind(kind)
        .bind(key)
        .bind(count(lease.epoch, "due.lease_epoch")?)
        .bind(ms(due_at))
        .bind(ms(now))
        .bind(failure.kind.as_str())
        .bind(failure.detail.as_str())
        .execute(&mut *connection)
        .await?;
    if parked.rows_affected() == 1 {
        note_question(connection, lease.subject, asked_at).await?;
    }
    Ok(())
}

/// A change's question was asked once more, without a new answer.
async fn note_question(
    connection: &mut SqliteConnection,
    subject: Subject,
    asked_at: Option<Timestamp>,
) -> StoreResult<()> {
    if let (Subject::Change(change), Some(asked_at)) = (subject, asked_at) {
        sqlx::query(ASKED)
            .bind(id(change.0))
            .bind(ms(asked_at))
            .execute(connection)
            .await?;
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
