//! Words about requests to go down.

use sqlx::{PgExecutor, PgPool};

use super::call::Answer;
use super::cells::ms;
use crate::domain::change::ChangeId;
use crate::ports::store::{StoreResult, TicketNote};
use crate::store::history::PAGE_MAX;
use crate::store::rows;

const KEEP: &str = "INSERT INTO ticket_note (id, change, kind, author, data, hash, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

const OF_CHANGE: &str = "SELECT * FROM ticket_note WHERE change = $1 ORDER BY at, id LIMIT $2";

/// Keeps what was written; its change must be written before.
pub(super) async fn keep(database: impl PgExecutor<'_>, note: &TicketNote) -> Answer<()> {
    sqlx::query(KEEP)
        .bind(note.id)
        .bind(note.change.0)
        .bind(note.kind.as_str())
        .bind(note.author.as_str())
        .bind(note.data.as_deref())
        .bind(note.hash.as_str())
        .bind(ms(note.at))
        .execute(database)
        .await?;
    Ok(())
}

/// What was written about a request, oldest first.
pub(super) async fn of_change(pool: &PgPool, change: &ChangeId) -> Answer<Vec<TicketNote>> {
    let found = sqlx::query(OF_CHANGE)
        .bind(change.0)
        .bind(i64::from(PAGE_MAX))
        .fetch_all(pool)
        .await?;
    let notes = found.iter().map(rows::ticket_note);
    Ok(notes.collect::<StoreResult<Vec<_>>>()?)
}
