//! Taking a person's data out of what is kept.

use sqlx::PgPool;

use super::call::Answer;
use super::cells::{Cells, ms};
use crate::domain::account::AccountId;
use crate::domain::change::ChangeId;
use crate::ports::store::{ERASED_ANSWER, Erasure, Traces, Written};
use crate::store::rows;

/// `$1` is the account, `$2` its id as answers write it.
const TRACES: &str = "SELECT
    account.name <> '' OR account.email <> '' OR account.external_id IS NOT NULL AS named,
    (SELECT count(*) FROM identity WHERE account = $1 AND data IS NOT NULL) AS identities,
    (SELECT count(*) FROM change JOIN effect ON effect.change = change.id
        JOIN effect_request ON effect_request.effect = effect.id
        WHERE change.account = $1 AND effect_request.request IS NOT NULL) AS requests,
    (SELECT count(*) FROM client_request WHERE seller = account.seller AND status <> 410
        AND position(convert_to($2, 'UTF8') IN body) > 0) AS answers,
    (SELECT count(*) FROM contract WHERE account = $1
        AND convert_from(content, 'UTF8')::jsonb ->> 'responsible' IS NOT NULL) AS responsible,
    (SELECT count(*) FROM change WHERE account = $1 AND (return_url IS NOT NULL OR cancel_url IS NOT NULL))
        + (SELECT count(*) FROM fiscal_document JOIN change ON change.id = fiscal_document.change
            WHERE change.account = $1 AND fiscal_document.url IS NOT NULL) AS links,
    (SELECT id FROM change WHERE account = $1 AND (open
        OR stage_name IN ('downgrade_ticket.scheduling', 'downgrade_ticket.scheduled') OR EXISTS (
        SELECT FROM effect WHERE effect.change = change.id AND effect.status IN ('intent', 'unknown'))) LIMIT 1) AS under_way,
    (SELECT at FROM erasure WHERE account = $1) AS erased_at
    FROM account WHERE account.id = $1";

/// Each part empties one kind of row. A room that keeps more about people adds its own part.
const ERASE: &str = "WITH person AS MATERIALIZED (
        SELECT id, seller FROM account WHERE id = $1::uuid FOR UPDATE
    ), under_way AS MATERIALIZED (
        SELECT id FROM change WHERE account = $1 AND (open
        OR stage_name IN ('downgrade_ticket.scheduling', 'downgrade_ticket.scheduled') OR EXISTS (
            SELECT FROM effect WHERE effect.change = change.id AND effect.status IN ('intent', 'unknown'))) LIMIT 1
    ), erased AS MATERIALIZED (
        SELECT * FROM person WHERE NOT EXISTS (SELECT FROM under_way)
    ), identities AS (
        UPDATE identity SET data = NULL FROM erased WHERE identity.account = erased.id
    ), requests AS (
        UPDATE effect_request SET request = NULL FROM erased, change, effect
        WHERE change.account = erased.id AND effect.change = change.id AND effect_request.effect = effect.id
    ), links AS (
        UPDATE change SET return_url = NULL, cancel_url = NULL FROM erased WHERE change.account = erased.id
    ), documents AS (
        UPDATE fiscal_document SET url = NULL FROM erased, change
        WHERE change.account = erased.id AND fiscal_document.change = change.id
    ), notes AS (
        UPDATE ticket_note SET data = NULL FROM erased, change
        WHERE change.account = erased.id AND ticket_note.change = change.id
    ), sessions AS (
        DELETE FROM page_session USING erased WHERE page_session.account = erased.id
    ), responsible AS (
        UPDATE contract
        SET content = convert_to((convert_from(content, 'UTF8')::jsonb || '{\"responsible\": null}')::text, 'UTF8')
        FROM erased WHERE contract.account = erased.id
            AND convert_from(content, 'UTF8')::jsonb ->> 'responsible' IS NOT NULL
    ), answers AS (
        UPDATE client_request SET status = $3::bigint, body = $4::bytea FROM erased
        WHERE client_request.seller = erased.seller AND status <> 410 AND position(convert_to($2, 'UTF8') IN body) > 0
    ), forgotten AS (
        UPDATE account SET email = '', name = '', external_id = NULL, identity = NULL, saved_identity_hash = NULL,
            saved_tax_id = NULL, saved_tax_id_hash = NULL
        FROM erased WHERE account.id = erased.id
    ), ordered AS (
        INSERT INTO erasure (account, at, by, why) SELECT id, $5::bigint, $6::text, $7::text FROM erased
        ON CONFLICT DO NOTHING
    )
    SELECT EXISTS (SELECT FROM person) AS known, (SELECT id FROM under_way) AS under_way";

/// What is kept of the person behind an account.
pub(super) async fn traces(pool: &PgPool, account: &AccountId) -> Answer<Option<Traces>> {
    let row = sqlx::query(TRACES)
        .bind(account.0)
        .bind(account.to_string())
        .fetch_optional(pool)
        .await?;
    Ok(row.as_ref().map(rows::traces).transpose()?)
}

/// Empties the rows, unless a change is under way.
pub(super) async fn erase(pool: &PgPool, erasure: &Erasure) -> Answer<Written> {
    let (status, body) = ERASED_ANSWER;
    let row = sqlx::query(ERASE)
        .bind(erasure.account.0)
        .bind(erasure.account.to_string())
        .bind(i64::from(status))
        .bind(body)
        .bind(ms(erasure.at))
        .bind(erasure.by.as_str())
        .bind(erasure.why.as_str())
        .fetch_one(pool)
        .await?;
    let cells = Cells::of("erasure", &row);
    Ok(match (cells.flag("known")?, cells.id_if_any("under_way")?) {
        (false, _) => Written::Stale,
        (true, Some(change)) => Written::Blocked(ChangeId(change)),
        (true, None) => Written::Done,
    })
}
