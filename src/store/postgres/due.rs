//! The queue of what is due: claims, leases and wake-ups.
//!
//! A lease is a `due_at` in the future under a new epoch, so that a dead worker's subject simply becomes due. `woken_at` keeps a
//! wake-up that nobody has claimed yet: whatever is written meanwhile, the subject stays due because of it.
//!
//! A subject's row here is what everybody who writes about it locks first; rows of changes before rows of contracts.

use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use uuid::Uuid;

use super::call::Answer;
use super::cells::{Cells, count, ms};
use crate::domain::account::ContractId;
use crate::domain::change::stuck::Failure;
use crate::domain::change::{ChangeId, machine_version};
use crate::ports::store::{Lease, StoreResult, Subject};
use crate::store::queue::{CLAIM_MAX, lease_end};

/// Without changes of a newer machine. What a dead worker has held counts as woken: it may have been claimed because of a wake-up,
/// which died with the claim. What another node is claiming at this moment is passed over.
const CLAIM: &str = "WITH claimable AS MATERIALIZED (
        SELECT subject_kind, subject, due_at, (woken_at IS NOT NULL OR lease_owner IS NOT NULL)::int::bigint AS woken
        FROM due
        WHERE due_at <= $1 AND machine_version <= $2
        ORDER BY due_at, subject LIMIT $3
        FOR NO KEY UPDATE SKIP LOCKED
    ),
    claimed AS (
        UPDATE due
        SET due_at = $4, lease_until = $4, lease_owner = $5, lease_epoch = due.lease_epoch + 1, attempts = due.attempts + 1,
            woken_at = NULL
        FROM claimable
        WHERE due.subject_kind = claimable.subject_kind AND due.subject = claimable.subject
        RETURNING due.subject_kind, due.subject, due.lease_epoch, due.wake_seq, claimable.woken, claimable.due_at AS was_due_at
    )
    SELECT * FROM claimed ORDER BY was_due_at, subject";

const NEXT: &str = "SELECT due_at FROM due
    WHERE due_at IS NOT NULL AND machine_version <= $1 ORDER BY due_at LIMIT 1";

const RELEASE: &str = "WITH released AS (
        UPDATE due
        SET due_at = LEAST($4::bigint, woken_at), lease_owner = NULL, lease_until = NULL, attempts = 0,
            failures = 0, failing_since = NULL, failure_kind = NULL, failure_detail = NULL
        WHERE subject_kind = $1 AND subject = $2 AND lease_epoch = $3 AND lease_owner IS NOT NULL
        RETURNING subject
    )
    UPDATE change SET asked = change.asked + 1, last_asked = $5
    FROM released
    WHERE $1 = 'change' AND change.id = released.subject AND $5::bigint IS NOT NULL";

const GIVE_BACK: &str = "WITH held AS MATERIALIZED (
        SELECT subject_kind, subject FROM due WHERE lease_owner = $1
        ORDER BY subject_kind, subject FOR NO KEY UPDATE
    )
    UPDATE due
    SET due_at = $2, woken_at = LEAST(due.woken_at, $2), lease_epoch = due.lease_epoch + 1, lease_owner = NULL,
        lease_until = NULL, attempts = 0
    FROM held
    WHERE due.subject_kind = held.subject_kind AND due.subject = held.subject AND due.lease_owner = $1";

/// As a release, but the failure is counted.
const PARK: &str = "WITH parked AS (
        UPDATE due
        SET due_at = LEAST($4::bigint, woken_at), lease_owner = NULL, lease_until = NULL, attempts = 0,
            failures = failures + 1, failing_since = coalesce(failing_since, $6), failure_kind = $7, failure_detail = $8
        WHERE subject_kind = $1 AND subject = $2 AND lease_epoch = $3 AND lease_owner IS NOT NULL
        RETURNING subject
    )
    UPDATE change SET asked = change.asked + 1, last_asked = $5
    FROM parked
    WHERE $1 = 'change' AND change.id = parked.subject AND $5::bigint IS NOT NULL";

/// What to claim.
pub(super) struct Claim {
    pub(super) now: Timestamp,
    pub(super) lease: SignedDuration,
    pub(super) owner: String,
    pub(super) limit: u32,
}

/// A lease that is given back.
pub(super) struct Release {
    pub(super) lease: Lease,
    pub(super) due_at: Option<Timestamp>,
    pub(super) asked_at: Option<Timestamp>,
}

/// A lease that is given back after a failure.
pub(super) struct Park {
    pub(super) lease: Lease,
    pub(super) due_at: Timestamp,
    pub(super) asked_at: Option<Timestamp>,
    pub(super) failure: Failure,
    pub(super) now: Timestamp,
}

/// A subject as it is stored.
pub(super) fn names(subject: Subject) -> (&'static str, Uuid) {
    match subject {
        Subject::Change(change) => ("change", change.0),
        Subject::Contract(contract) => ("contract", contract.0),
    }
}

/// Claims what is due, the oldest first.
pub(super) async fn claim(pool: &PgPool, ask: &Claim) -> Answer<Vec<Lease>> {
    let claimed = sqlx::query(CLAIM)
        .bind(ms(ask.now))
        .bind(i64::from(machine_version()))
        .bind(i64::from(ask.limit.min(CLAIM_MAX)))
        .bind(lease_end(ask.now, ask.lease))
        .bind(ask.owner.as_str())
        .fetch_all(pool)
        .await?;
    let leases = claimed.iter().map(|row| {
        let cells = Cells::of("due", row);
        let subject = match cells.text("subject_kind")?.as_str() {
            "change" => Subject::Change(ChangeId(cells.id("subject")?)),
            "contract" => Subject::Contract(ContractId(cells.id("subject")?)),
            _ => return Err(cells.damaged("subject_kind")),
        };
        Ok(Lease {
            subject,
            epoch: cells.number("lease_epoch")?,
            wake_seq: cells.number("wake_seq")?,
            woken: cells.number::<u8>("woken")? == 1,
        })
    });
    Ok(leases.collect::<StoreResult<Vec<_>>>()?)
}

/// Gives a lease back. One that is lost already is nobody's to give.
pub(super) async fn release(pool: &PgPool, ask: &Release) -> Answer<()> {
    let (kind, subject) = names(ask.lease.subject);
    sqlx::query(RELEASE)
        .bind(kind)
        .bind(subject)
        .bind(count(ask.lease.epoch, "due.lease_epoch")?)
        .bind(ask.due_at.map(ms))
        .bind(ask.asked_at.map(ms))
        .execute(pool)
        .await?;
    Ok(())
}

/// Gives back everything that one process holds.
pub(super) async fn give_back(pool: &PgPool, (owner, now): &(String, Timestamp)) -> Answer<u64> {
    let given = sqlx::query(GIVE_BACK)
        .bind(owner.as_str())
        .bind(ms(*now))
        .execute(pool)
        .await?;
    Ok(given.rows_affected())
}

/// Gives a lease back after a failure. One that is lost already is nobody's to give.
pub(super) async fn park(pool: &PgPool, ask: &Park) -> Answer<()> {
    let (kind, subject) = names(ask.lease.subject);
    sqlx::query(PARK)
        .bind(kind)
        .bind(subject)
        .bind(count(ask.lease.epoch, "due.lease_epoch")?)
        .bind(ms(ask.due_at))
        .bind(ask.asked_at.map(ms))
        .bind(ms(ask.now))
        .bind(ask.failure.kind.as_str())
        .bind(ask.failure.detail.as_str())
        .execute(pool)
        .await?;
    Ok(())
}

/// When something that may be claimed is due next.
pub(super) async fn next(pool: &PgPool) -> Answer<Option<Timestamp>> {
    let row = sqlx::query(NEXT)
        .bind(i64::from(machine_version()))
        .fetch_optional(pool)
        .await?;
    Ok(row.map(|row| Cells::of("due", &row).time("due_at")).transpose()?)
}
