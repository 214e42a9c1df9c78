//! Words about requests to go down.

use sqlx::sqlite::SqliteConnection;

use super::cells::{id, ms};
use super::journal::PAGE_MAX;
use super::rows;
use super::script::Script;
use crate::domain::change::ChangeId;
use crate::ports::store::{StoreResult, TicketNote};

pub(super) const KEEP: &str = "INSERT INTO ticket_note (id, change, kind, author, data, hash, at)
    SELECT * FROM (VALUES ?rows) WHERE column1 IS NOT NULL";

const OF_CHANGE: &str = "SELECT * FROM ticket_note WHERE change = ?1 ORDER BY at, id LIMIT ?2";

/// Keeps what was written; its change must be written before.
pub(super) fn keep(script: &mut Script, note: &TicketNote) {
    script
        .say(KEEP)
        .bind(id(note.id))
        .bind(id(note.change.0))
        .bind(note.kind.as_str())
        .bind(note.author.as_str())
        .bind(note.data.as_deref())
        .bind(note.hash.as_str())
        .bind(ms(note.at));
}

/// What was written about a request, oldest first.
pub(super) async fn of_change(
    connection: &mut SqliteConnection,
    change: ChangeId,
) -> StoreResult<Vec<TicketNote>> {
    let found = sqlx::query(OF_CHANGE)
        .bind(id(change.0))
        .bind(PAGE_MAX)
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::ticket_note).collect()
}
