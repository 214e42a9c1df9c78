//! Client requests under an `Idempotency-Key`, and the answers that their repetitions get.

use sqlx::sqlite::SqliteConnection;

use super::rows;
use super::writer::Step;
use crate::domain::catalog::SellerId;
use crate::ports::store::{ClientAnswer, ClientRequest, StoreResult, Written};
use crate::store::failure::Undo;

const FIND: &str = "SELECT fingerprint, status, body FROM client_request WHERE seller = ?1 AND key = ?2";

const KEEP: &str =
    "INSERT INTO client_request (seller, key, fingerprint, status, body) VALUES (?1, ?2, ?3, ?4, ?5)";

/// Keeps a request with its answer, or finds that its key was used before.
pub(super) async fn remember(connection: &mut SqliteConnection, request: Option<&ClientRequest>) -> Step {
    let Some(request) = request else {
        return Ok(());
    };
    if let Some((fingerprint, answer)) = find(&mut *connection, &request.seller, &request.key).await? {
        return Err(Undo::Answer(if fingerprint == request.fingerprint {
            Written::Replayed(answer)
        } else {
            Written::KeyReused
        }));
    }
    sqlx::query(KEEP)
        .bind(request.seller.as_str())
        .bind(request.key.as_str())
        .bind(request.fingerprint.as_slice())
        .bind(request.answer.status)
        .bind(request.answer.body.as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

/// The fingerprint and answer of an earlier request.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    seller: &SellerId,
    key: &str,
) -> StoreResult<Option<([u8; 32], ClientAnswer)>> {
    let row = sqlx::query(FIND)
        .bind(seller.as_str())
        .bind(key)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(rows::answer).transpose()
}
