//! Taking a person's data out of what is kept.

use sqlx::sqlite::SqliteConnection;

use super::cells::{id, ms};
use super::rows;
use super::writer::Outcome;
use crate::domain::account::AccountId;
use crate::ports::store::{ERASED_ANSWER, Erasure, StoreResult, Traces, Written};
use crate::store::failure::Undo;

/// `?1` is the account, `?2` its id as answers write it.
const TRACES: &str = "SELECT account.seller,
    account.name <> '' OR account.email <> '' OR account.external_id IS NOT NULL AS named,
    (SELECT count(*) FROM identity WHERE account = ?1 AND data IS NOT NULL) AS identities,
    (SELECT count(*) FROM change JOIN effect ON effect.change = change.id
        JOIN effect_request ON effect_request.effect = effect.id
        WHERE change.account = ?1 AND effect_request.request IS NOT NULL) AS requests,
    (SELECT count(*) FROM client_request WHERE seller = account.seller AND status <> 410
        AND instr(body, CAST(?2 AS BLOB)) > 0) AS answers,
    (SELECT count(*) FROM contract WHERE account = ?1
        AND json_extract(CAST(content AS TEXT), '$.responsible') IS NOT NULL) AS responsible,
    (SELECT count(*) FROM change WHERE account = ?1 AND (return_url IS NOT NULL OR cancel_url IS NOT NULL))
        + (SELECT count(*) FROM fiscal_document JOIN change ON change.id = fiscal_document.change
            WHERE change.account = ?1 AND fiscal_document.url IS NOT NULL) AS links,
    (SELECT id FROM change WHERE account = ?1 AND (open = 1
        OR stage_name IN ('downgrade_ticket.scheduling', 'downgrade_ticket.scheduled') OR EXISTS (
        SELECT 1 FROM effect WHERE effect.change = change.id AND effect.status IN ('intent', 'unknown'))) LIMIT 1) AS under_way,
    (SELECT at FROM erasure WHERE account = ?1) AS erased_at
    FROM account WHERE account.id = ?1";

/// Each empties one kind of row of the account `?1`. A room that keeps more about people adds its own line.
const EMPTIED: [&str; 8] = [
    "UPDATE identity SET data = NULL WHERE account = ?1",
    "UPDATE effect_request SET request = NULL WHERE effect IN (
        SELECT effect.id FROM change JOIN effect ON effect.change = change.id WHERE change.account = ?1)",
    "UPDATE change SET return_url = NULL, cancel_url = NULL WHERE account = ?1",
    "UPDATE fiscal_document SET url = NULL WHERE change IN (SELECT id FROM change WHERE account = ?1)",
    "UPDATE ticket_note SET data = NULL WHERE change IN (SELECT id FROM change WHERE account = ?1)",
    "UPDATE contract SET content = CAST(json_set(CAST(content AS TEXT), '$.responsible', NULL) AS BLOB)
        WHERE account = ?1 AND json_extract(CAST(content AS TEXT), '$.responsible') IS NOT NULL",
    "DELETE FROM page_session WHERE account = ?1",
    "UPDATE account SET email = '', name = '', external_id = NULL, identity = NULL, saved_identity_hash = NULL,
        saved_tax_id = NULL, saved_tax_id_hash = NULL WHERE id = ?1",
];

/// An answer that names the account is found by its id; nobody asks for that but the law, so it may take its time.
const ANSWERS: &str = "UPDATE client_request SET status = ?3, body = ?4
    WHERE seller = (SELECT seller FROM account WHERE id = ?1) AND status <> 410 AND instr(body, CAST(?2 AS BLOB)) > 0";

const ORDERED: &str =
    "INSERT INTO erasure (account, at, by, why) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";

/// What is kept of the person behind an account.
pub(super) async fn traces(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> StoreResult<Option<Traces>> {
    let row = sqlx::query(TRACES)
        .bind(id(account.0))
        .bind(account.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(rows::traces).transpose()
}

/// Empties the rows, unless a change is under way.
pub(super) async fn erase(connection: &mut SqliteConnection, erasure: &Erasure) -> Outcome<Written> {
    let account = erasure.account;
    match traces(&mut *connection, account).await? {
        None => return Err(Undo::Answer(Written::Stale)),
        Some(Traces {
            under_way: Some(change),
            ..
        }) => return Err(Undo::Answer(Written::Blocked(change))),
        Some(_) => {}
    }
    let (status, body) = ERASED_ANSWER;
    sqlx::query(ANSWERS)
        .bind(id(account.0))
        .bind(account.to_string())
        .bind(status)
        .bind(body)
        .execute(&mut *connection)
        .await?;
    for statement in EMPTIED {
        sqlx::query(statement)
            .bind(id(account.0))
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(ORDERED)
        .bind(id(account.0))
        .bind(ms(erasure.at))
        .bind(erasure.by.as_str())
        .bind(erasure.why.as_str())
        .execute(connection)
        .await?;
    Ok(Written::Done)
}
