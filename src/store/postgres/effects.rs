//! Effects: calls that are owed exactly once. Their status only moves forward.

use jiff::Timestamp;
use sqlx::{PgPool, Row as _};

use super::call::{Answer, Fault};
use super::cells::{Cells, count, ms};
use super::gather::Kind;
use super::parts::{answered_by_place, each};
use super::record::befores;
use crate::domain::account::ContractId;
use crate::domain::change::{ChangeId, EffectId};
use crate::ports::store::{EffectRow, EffectUpdate, Lease, StoreError, StoreResult, Subject};
use crate::store::rows;

const ALL: &str = "SELECT effect.*, effect_request.request FROM effect
    LEFT JOIN effect_request ON effect_request.effect = effect.id
    WHERE effect.change = $1 ORDER BY effect.position";

/// A change whose calls have come to an end since has moved since; while one is under way, its change cannot ask for another.
const INVOICES: &str = "SELECT effect.first_sent_at FROM change JOIN effect ON effect.change = change.id
    WHERE change.contract = $1 AND change.updated_at >= $2 AND effect.first_sent_at >= $2
        AND effect.name IN ('update_subscription', 'create_subscription')
    ORDER BY effect.first_sent_at DESC LIMIT 200";

/// The row in the queue is locked first, as everybody does; then the lease cannot be lost before the attempt is written.
const BEGIN: &str = "WITH held AS MATERIALIZED (
        SELECT FROM due
        WHERE subject_kind = 'change' AND subject = $2 AND lease_epoch = $3 AND lease_owner IS NOT NULL
        FOR NO KEY UPDATE
    )
    UPDATE effect
    SET attempts = attempts + 1, first_sent_at = coalesce(first_sent_at, $4), key_deadline = coalesce(key_deadline, $5)
    WHERE id = $1 AND change = $2 AND status IN ('intent', 'unknown') AND EXISTS (SELECT FROM held)";

/// As [`BEGIN`], for many: what somebody holds is passed over.
const BEGIN_TOGETHER: &str = "WITH asked AS MATERIALIZED (
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[])
            WITH ORDINALITY AS asked (effect, change, epoch, at, key_deadline, nth)
    ),
    held AS MATERIALIZED (
        SELECT asked.* FROM asked CROSS JOIN LATERAL (
            SELECT FROM due
            WHERE subject_kind = 'change' AND subject = asked.change AND lease_epoch = asked.epoch AND lease_owner IS NOT NULL
            FOR NO KEY UPDATE SKIP LOCKED
        ) AS found
    )
    UPDATE effect
    SET attempts = attempts + 1, first_sent_at = coalesce(first_sent_at, held.at),
        key_deadline = coalesce(effect.key_deadline, held.key_deadline)
    FROM held
    WHERE effect.id = held.effect AND effect.change = held.change AND status IN ('intent', 'unknown')
    RETURNING held.nth";

/// The row in the queue first here too. The first outcome stays: it is what the provider said.
const SETTLE: &str = "WITH asked AS MATERIALIZED (SELECT effect.change FROM effect WHERE effect.id = $1),
    held AS MATERIALIZED (
        SELECT count(*) >= 0 AS locked FROM (
            SELECT FROM due WHERE subject_kind = 'change' AND subject = (SELECT asked.change FROM asked) FOR NO KEY UPDATE
        ) AS queued
    ),
    settled AS (
        UPDATE effect
        SET status = $2, outcome = coalesce(effect.outcome, $4), last_error = $5, next_try_at = $6,
            consumed = effect.consumed OR $7, undecidable_since = $9
        WHERE effect.id = $1 AND effect.status = ANY (string_to_array($3, ',')) AND (SELECT held.locked FROM held)
        RETURNING effect.change
    ),
    woken AS (
        UPDATE due
        SET wake_seq = due.wake_seq + 1, woken_at = LEAST(due.woken_at, $8),
            due_at = CASE WHEN due.lease_owner IS NULL THEN LEAST(due.due_at, $8) ELSE due.due_at END
        FROM settled
        WHERE due.subject_kind = 'change' AND due.subject = settled.change
    )
    SELECT count(*) AS known FROM asked";

/// An attempt that is about to be made.
pub(super) struct Attempt {
    pub(super) lease: Lease,
    pub(super) effect: EffectId,
    pub(super) now: Timestamp,
    pub(super) key_deadline: Timestamp,
}

/// The effects of a change, oldest first.
pub(super) async fn read(pool: &PgPool, change: &ChangeId) -> Answer<Vec<EffectRow>> {
    let found = sqlx::query(ALL).bind(change.0).fetch_all(pool).await?;
    let effects = found.iter().map(rows::effect);
    Ok(effects.collect::<StoreResult<Vec<_>>>()?)
}

/// When calls that make invoices were first sent.
pub(super) async fn invoices_asked(
    pool: &PgPool,
    (contract, since): &(ContractId, Timestamp),
) -> Answer<Vec<Timestamp>> {
    let found = sqlx::query(INVOICES)
        .bind(contract.0)
        .bind(ms(*since))
        .fetch_all(pool)
        .await?;
    let instants = found
        .iter()
        .map(|row| Cells::of("effect", row).time("first_sent_at"));
    Ok(instants.collect::<StoreResult<Vec<_>>>()?)
}

/// Writes a fact about an effect, and wakes its change. One that would be a step backward is not written.
pub(super) async fn settle(pool: &PgPool, (update, now): &(EffectUpdate, Timestamp)) -> Answer<()> {
    let row = sqlx::query(SETTLE)
        .bind(update.id.0)
        .bind(rows::status_word(update.status))
        .bind(befores(update))
        .bind(update.outcome.as_deref())
        .bind(update.last_error.as_deref())
        .bind(ms(update.next_try_at))
        .bind(update.consumed)
        .bind(ms(*now))
        .bind(update.undecidable_since.map(ms))
        .fetch_one(pool)
        .await?;
    match row.try_get("known")? {
        1_i64 => Ok(()),
        _ => Err(Fault::Final(StoreError::Damaged("effect.id".to_owned()))),
    }
}

/// Attempts, alone and together.
pub(super) const ATTEMPTS: Kind<Attempt, bool> = Kind {
    alone: |pool, asked| Box::pin(begin_attempt(pool, asked)),
    together: |pool, asked| Box::pin(begin_together(pool, asked)),
    at_odds,
};

/// Notes those of many attempts that can be noted at once. The others must ask by themselves.
async fn begin_together(pool: &PgPool, attempts: &[Attempt]) -> Answer<Vec<Option<bool>>> {
    let epochs = attempts
        .iter()
        .map(|attempt| count(attempt.lease.epoch, "due.lease_epoch"));
    let change = |attempt: &Attempt| match attempt.lease.subject {
        Subject::Change(change) => Some(change.0),
        Subject::Contract(_) => None,
    };
    let begun = sqlx::query(BEGIN_TOGETHER)
        .bind(each(attempts, |attempt| attempt.effect.0))
        .bind(each(attempts, change))
        .bind(epochs.collect::<StoreResult<Vec<i64>>>()?)
        .bind(each(attempts, |attempt| ms(attempt.now)))
        .bind(each(attempts, |attempt| ms(attempt.key_deadline)))
        .fetch_all(pool)
        .await?;
    answered_by_place(attempts.len(), &begun, |_| Ok(Some(true)))
}

/// Whether two attempts are about one effect: each must be counted.
fn at_odds(others: &[Attempt], attempt: &Attempt) -> bool {
    others.iter().any(|other| other.effect == attempt.effect)
}

/// Notes an attempt before its request leaves. `false` when it must not leave: the lease is lost, or the effect is over.
async fn begin_attempt(pool: &PgPool, attempt: &Attempt) -> Answer<bool> {
    let Subject::Change(change) = attempt.lease.subject else {
        return Ok(false);
    };
    let begun = sqlx::query(BEGIN)
        .bind(attempt.effect.0)
        .bind(change.0)
        .bind(count(attempt.lease.epoch, "due.lease_epoch")?)
        .bind(ms(attempt.now))
        .bind(ms(attempt.key_deadline))
        .execute(pool)
        .await?;
    Ok(begun.rows_affected() == 1)
}
