//! What the provider sends: kept once, and whatever it may be about is woken.

use sqlx::{PgPool, Row as _};

use super::call::Answer;
use super::cells::ms;
use crate::ports::store::Inbound;

/// Contracts are the customer's own, and the one that carries the subscription which is spoken of: another account's, where this one
/// pays for it.
///
/// Two webhooks of one customer wake the same rows: they lock them in the same order. A change that is opened, or a contract
/// that is concluded, while the webhook arrives is due anyway.
const ACCEPT: &str = "WITH kept AS (
        INSERT INTO inbox (seller, event_id, event_type, customer, object, received_at, envelope)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (seller, event_id) DO NOTHING
        RETURNING seller
    ),
    concerned AS MATERIALIZED (
        SELECT 'change' AS subject_kind, change.id AS subject FROM kept
        JOIN account ON account.seller = $1 AND account.provider_customer = $4
        JOIN change ON change.account = account.id AND change.open
        UNION ALL
        SELECT 'contract', contract.id FROM kept
        JOIN account ON account.seller = $1 AND account.provider_customer = $4
        JOIN contract ON contract.account = account.id
        UNION
        SELECT 'contract', contract.id FROM kept
        JOIN account ON account.seller = $1 AND account.provider_customer = $4
        JOIN contract ON contract.seller = $1 AND contract.subscription = $5
    ),
    held AS MATERIALIZED (
        SELECT due.subject_kind, due.subject FROM concerned
        JOIN due ON due.subject_kind = concerned.subject_kind AND due.subject = concerned.subject
        ORDER BY due.subject_kind, due.subject
        FOR NO KEY UPDATE OF due
    ),
    woken AS (
        UPDATE due
        SET wake_seq = due.wake_seq + 1, woken_at = LEAST(due.woken_at, $6),
            due_at = CASE WHEN due.lease_owner IS NULL THEN LEAST(due.due_at, $6) ELSE due.due_at END
        FROM held
        WHERE due.subject_kind = held.subject_kind AND due.subject = held.subject
    )
    SELECT count(*) AS kept FROM kept";

/// Keeps an envelope and wakes; `false`, and nobody is woken, when it was kept before.
pub(super) async fn accept(pool: &PgPool, inbound: &Inbound) -> Answer<bool> {
    let row = sqlx::query(ACCEPT)
        .bind(inbound.seller.as_str())
        .bind(inbound.event_id.as_str())
        .bind(inbound.event_type.as_str())
        .bind(inbound.customer.as_deref())
        .bind(inbound.object.as_deref())
        .bind(ms(inbound.received_at))
        .bind(inbound.envelope.as_slice())
        .fetch_one(pool)
        .await?;
    Ok(row.try_get::<i64, _>("kept")? == 1)
}
