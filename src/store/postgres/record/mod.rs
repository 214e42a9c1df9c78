//! The one write in which stage, history, effects, outbox, account, contract and next wake-up change together: one statement,
//! one way to the server and back, for one decision or for many that have nothing to do with each other.
//!
//! `decisions.sql` looks at everything the decisions rest on, comes to one verdict on each, and writes all of it or nothing. Two
//! decisions about one change meet at its row in the queue. A decision that is alone in its statement waits there, then sees what
//! the other has written. A statement with many waits for nobody, so that a row that somebody holds holds up nothing else; what
//! it cannot write at once is left to a statement of its own, which has the last word.

mod columns;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

use self::columns::ask;
use super::call::Answer;
use super::cells::Cells;
use super::gather::Kind;
use super::parts::{answered_by_place, told, written};
use super::{clients, notes, requests};
use crate::ports::store::{ClientRecord, Record, Subject, TicketNote, Written};

pub(super) use self::columns::befores;

const RECORD: &str = concat!(
    "WITH ",
    include_str!("decisions.sql"),
    ",\n",
    told!(
        ", $16::bigint[], $100::boolean[]",
        ", nth, leaves",
        "fact.leaves",
        "done",
        "fact.nth = ANY (done.nths)"
    ),
    "SELECT verdict.nth, verdict.word, verdict.blocking, answered.fingerprint, answered.status, answered.body
    FROM verdict LEFT JOIN answered ON answered.nth = verdict.nth",
);

/// Waits for whoever holds a row.
static ALONE: LazyLock<String> = LazyLock::new(|| RECORD.replace("{locked}", "FOR NO KEY UPDATE"));

/// Passes over what somebody holds.
static TOGETHER: LazyLock<String> =
    LazyLock::new(|| RECORD.replace("{locked}", "FOR NO KEY UPDATE SKIP LOCKED"));

const SUCCEEDED: &str = "SELECT 1 FROM change WHERE succeeds = $1";

const SUCCEEDS: &str = "UPDATE change SET succeeds = $2 WHERE id = $1";

/// Decisions, alone and together.
pub(super) const DECISIONS: Kind<Record, Written> = Kind {
    alone: |pool, asked| Box::pin(record(pool, asked)),
    together: |pool, asked| Box::pin(together(pool, asked)),
    at_odds,
};

/// Writes a decision.
async fn record(pool: &PgPool, record: &Record) -> Answer<Written> {
    let written = match (&record.predecessor, &record.client, &record.note) {
        (None, None, None) => put(pool, record).await?,
        (None, None, Some(note)) => with_note(pool, record, note).await?,
        (Some(predecessor), ..) => succeed(pool, predecessor, record).await?,
        (None, Some(client), _) => after_a_form(pool, client, record).await?,
    };
    requests::or_answered(pool, record.request.as_ref(), written).await
}

/// Writes those of many decisions that can be written at once, and tells for each whether it was. The others need a statement of
/// their own. They must not be [`at_odds`].
async fn together(pool: &PgPool, records: &[Record]) -> Answer<Vec<Option<Written>>> {
    let told = ask(&TOGETHER, records, false)?.fetch_all(pool).await?;
    answered_by_place(records.len(), &told, |row| {
        let done = Cells::of("verdict", row).text("word")? == "done";
        Ok(done.then_some(Written::Done))
    })
}

/// Whether a decision cannot be in one statement with these others: where two are about one account, each would be decided as if
/// the other were not there. One that belongs to another one has a transaction of its own.
fn at_odds(others: &[Record], record: &Record) -> bool {
    let about = |record: &Record| {
        let contract = record.contract.as_ref().map(|contract| contract.id.0);
        let change = &record.change;
        [change.id.0, change.account.0, change.contract.0]
            .into_iter()
            .chain(contract)
            .collect::<BTreeSet<Uuid>>()
    };
    record.predecessor.is_some()
        || record.client.is_some()
        || record.note.is_some()
        || has_a_foreign_lease(record)
        || others
            .iter()
            .any(|other| !about(other).is_disjoint(&about(record)))
}

/// A lease of something else allows nothing.
fn has_a_foreign_lease(record: &Record) -> bool {
    let own = Subject::Change(record.change.id);
    record.fence.is_some_and(|fence| fence.subject != own)
}

/// The opening of a successor, after the note on what it succeeds: two statements in one transaction, both or neither. It is
/// rare, and neither of them tells anything.
async fn succeed(pool: &PgPool, predecessor: &Record, record: &Record) -> Answer<Written> {
    let mut both = pool.begin().await?;
    for one in [predecessor, record] {
        let written = put(&mut *both, one).await?;
        if written != Written::Done {
            both.rollback().await?;
            return Ok(written);
        }
    }
    if let Some(over) = record.change.succeeds {
        let known = sqlx::query(SUCCEEDED)
            .bind(over.0)
            .fetch_optional(&mut *both)
            .await?;
        if known.is_some() {
            both.rollback().await?;
            return Ok(Written::Stale);
        }
        sqlx::query(SUCCEEDS)
            .bind(record.change.id.0)
            .bind(over.0)
            .execute(&mut *both)
            .await?;
    }
    both.commit().await?;
    Ok(Written::Done)
}

/// The opening of a change, after the form of a client that asks for it: in one transaction, both or neither. It is rare.
async fn after_a_form(pool: &PgPool, client: &ClientRecord, record: &Record) -> Answer<Written> {
    let mut both = pool.begin().await?;
    let mut written = clients::put(&mut *both, client).await?;
    if written == Written::Done {
        written = put(&mut *both, record).await?;
    }
    if written == Written::Done {
        both.commit().await?;
    } else {
        both.rollback().await?;
    }
    Ok(written)
}

/// A decision with words in a row of their own, which are rare: two statements in one transaction, both or neither.
async fn with_note(pool: &PgPool, record: &Record, note: &TicketNote) -> Answer<Written> {
    let mut both = pool.begin().await?;
    let written = put(&mut *both, record).await?;
    if written == Written::Done {
        notes::keep(&mut *both, note).await?;
        both.commit().await?;
    } else {
        both.rollback().await?;
    }
    Ok(written)
}

async fn put(database: impl PgExecutor<'_>, record: &Record) -> Answer<Written> {
    if has_a_foreign_lease(record) {
        return Ok(Written::Stale);
    }
    let told = ask(&ALONE, std::slice::from_ref(record), true)?
        .fetch_one(database)
        .await?;
    written(&told, record.request.as_ref())
}
