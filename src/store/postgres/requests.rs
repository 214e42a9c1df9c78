//! Client requests under an `Idempotency-Key`, and the answers that their repetitions get.

use sqlx::PgPool;

use super::call::Answer;
use super::parts::{answered, answered_before, bind_request, remembered, written};
use crate::domain::catalog::SellerId;
use crate::ports::store::{ClientRequest, GivenAnswer, Written};
use crate::store::rows;

const FIND: &str = "SELECT fingerprint, status, body FROM client_request WHERE seller = $1 AND key = $2";

const KEEP: &str = concat!(
    "WITH ",
    answered!(),
    ", verdict AS MATERIALIZED (
        SELECT CASE WHEN EXISTS (SELECT FROM answered) THEN 'answered' ELSE 'done' END AS word
    ),\n",
    remembered!(),
    "SELECT verdict.word, answered.* FROM verdict LEFT JOIN answered ON TRUE",
);

/// Keeps a request with its answer, or finds that its key was used before.
pub(super) async fn keep(pool: &PgPool, request: &ClientRequest) -> Answer<Written> {
    let row = bind_request(sqlx::query(KEEP), Some(request))
        .fetch_one(pool)
        .await?;
    written(&row, Some(request))
}

/// The fingerprint and answer of an earlier request.
pub(super) async fn find(pool: &PgPool, (seller, key): &(SellerId, String)) -> Answer<Option<GivenAnswer>> {
    let row = sqlx::query(FIND)
        .bind(seller.as_str())
        .bind(key.as_str())
        .fetch_optional(pool)
        .await?;
    Ok(row.as_ref().map(rows::answer).transpose()?)
}

/// A refusal, unless the same request was answered while this one waited for a row: a statement looks for earlier answers when
/// it begins, and learns only later that somebody has moved the change.
pub(super) async fn or_answered(
    pool: &PgPool,
    request: Option<&ClientRequest>,
    written: Written,
) -> Answer<Written> {
    let (Some(request), Written::Stale | Written::Blocked(_) | Written::CustomerBusy) = (request, &written)
    else {
        return Ok(written);
    };
    let row = sqlx::query(FIND)
        .bind(request.seller.as_str())
        .bind(request.key.as_str())
        .fetch_optional(pool)
        .await?;
    Ok(match row {
        Some(row) => answered_before(&row, Some(request))?,
        None => written,
    })
}
