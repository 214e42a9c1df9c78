//! Sessions of the hosted pages, and secrets of our own.

use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use super::cells::{Cells, id, ms};
use super::rows;
use super::writer::Outcome;
use crate::ports::store::{PageSessionRow, StoreResult};

const KEEP: &str = "INSERT INTO page_session (id, seller, account, content, expires_at, created_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET content = ?4, expires_at = ?5";

/// A few more than come, so that they never gather.
const LET_GO: &str = "DELETE FROM page_session WHERE id IN (
    SELECT id FROM page_session WHERE expires_at < ?1 ORDER BY expires_at LIMIT 20)";

const FIND: &str = "SELECT * FROM page_session WHERE id = ?1";

const PROPOSE: &str = "INSERT INTO own_secret (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

const SECRET: &str = "SELECT value FROM own_secret WHERE name = ?1";

/// Keeps a session.
pub(super) async fn keep(connection: &mut SqliteConnection, session: &PageSessionRow) -> Outcome<()> {
    sqlx::query(LET_GO)
        .bind(ms(session.created_at))
        .execute(&mut *connection)
        .await?;
    sqlx::query(KEEP)
        .bind(id(session.id))
        .bind(session.seller.as_str())
        .bind(id(session.account.0))
        .bind(session.content.as_slice())
        .bind(ms(session.expires_at))
        .bind(ms(session.created_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Reads a session.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    session: Uuid,
) -> StoreResult<Option<PageSessionRow>> {
    let row = sqlx::query(FIND)
        .bind(id(session))
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(rows::page_session).transpose()
}

/// The secret of this name.
pub(super) async fn secret(
    connection: &mut SqliteConnection,
    name: &'static str,
    proposed: [u8; 32],
) -> Outcome<[u8; 32]> {
    sqlx::query(PROPOSE)
        .bind(name)
        .bind(proposed.as_slice())
        .execute(&mut *connection)
        .await?;
    let row = sqlx::query(SECRET).bind(name).fetch_one(connection).await?;
    Ok(Cells::of("own_secret", &row).hash("value")?)
}
