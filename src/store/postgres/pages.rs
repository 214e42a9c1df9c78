//! Sessions of the hosted pages, and secrets of our own.

use sqlx::PgPool;
use uuid::Uuid;

use super::call::Answer;
use super::cells::{Cells, ms};
use crate::ports::store::PageSessionRow;
use crate::store::rows;

/// Some that have ended go at the same time, a few more than come, so that they never gather.
const KEEP: &str = "WITH ended AS (
        DELETE FROM page_session WHERE id IN (
            SELECT id FROM page_session WHERE expires_at < $6::bigint AND id <> $1::uuid
            ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED)
    )
    INSERT INTO page_session (id, seller, account, content, expires_at, created_at)
    VALUES ($1::uuid, $2, $3, $4, $5, $6::bigint)
    ON CONFLICT (id) DO UPDATE SET content = EXCLUDED.content, expires_at = EXCLUDED.expires_at";

const FIND: &str = "SELECT * FROM page_session WHERE id = $1";

const PROPOSE: &str = "INSERT INTO own_secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";

const SECRET: &str = "SELECT value FROM own_secret WHERE name = $1";

/// Keeps a session.
pub(super) async fn keep(pool: &PgPool, session: &PageSessionRow) -> Answer<()> {
    sqlx::query(KEEP)
        .bind(session.id)
        .bind(session.seller.as_str())
        .bind(session.account.0)
        .bind(session.content.as_slice())
        .bind(ms(session.expires_at))
        .bind(ms(session.created_at))
        .execute(pool)
        .await?;
    Ok(())
}

/// Reads a session.
pub(super) async fn find(pool: &PgPool, session: &Uuid) -> Answer<Option<PageSessionRow>> {
    let row = sqlx::query(FIND).bind(*session).fetch_optional(pool).await?;
    Ok(row.as_ref().map(rows::page_session).transpose()?)
}

/// The secret of this name. Two statements, so that the second sees what somebody faster has written.
pub(super) async fn secret(pool: &PgPool, (name, proposed): &(&'static str, [u8; 32])) -> Answer<[u8; 32]> {
    sqlx::query(PROPOSE)
        .bind(*name)
        .bind(proposed.as_slice())
        .execute(pool)
        .await?;
    let row = sqlx::query(SECRET).bind(*name).fetch_one(pool).await?;
    Ok(Cells::of("own_secret", &row).hash("value")?)
}
