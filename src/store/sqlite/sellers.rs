//! What a seller brings along: workflow files, API keys, and the tax documents that its systems issue.

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use super::cells::{Cells, id, ms};
use super::script::Script;
use super::writer::Outcome;
use super::{outbox, requests, rows};
use crate::domain::catalog::{SellerId, WorkflowVersion};
use crate::domain::change::ChangeId;
use crate::ports::store::{ApiKey, FiscalDocument, NewFiscalDocument, StoreResult, Written};
use crate::store::failure::Undo;

const KEEP_WORKFLOW: &str =
    "INSERT INTO workflow_version (hash, seller, text, kept_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (hash) DO NOTHING";

const WORKFLOW: &str = "SELECT text FROM workflow_version WHERE hash = ?1";

const KEEP_KEY: &str = "INSERT INTO api_key (hash, seller, label, created_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (hash) DO NOTHING";

const KEY: &str = "SELECT * FROM api_key WHERE hash = ?1";

const ADD_DOCUMENT: &str =
    "INSERT INTO fiscal_document (id, change, number, url, at) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (change, number) DO NOTHING";

const SAME_DOCUMENT: &str = "SELECT 1 FROM fiscal_document WHERE id = ?1 AND change = ?2 AND number = ?3";

const DOCUMENTS: &str = "SELECT * FROM fiscal_document WHERE change = ?1 ORDER BY at, id";

/// Keeps the text of a workflow file under its hash.
pub(super) async fn keep_workflow(
    connection: &mut SqliteConnection,
    seller: &SellerId,
    version: &WorkflowVersion,
    text: &str,
    now: Timestamp,
) -> Outcome<()> {
    sqlx::query(KEEP_WORKFLOW)
        .bind(version.0.as_str())
        .bind(seller.as_str())
        .bind(text)
        .bind(ms(now))
        .execute(connection)
        .await?;
    Ok(())
}

/// Reads a kept workflow file.
pub(super) async fn workflow(
    connection: &mut SqliteConnection,
    version: &WorkflowVersion,
) -> StoreResult<Option<String>> {
    let row = sqlx::query(WORKFLOW)
        .bind(version.0.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Cells::of("workflow_version", &row).text("text"))
        .transpose()
}

/// Keeps an API key.
pub(super) async fn keep_api_key(connection: &mut SqliteConnection, key: ApiKey) -> Outcome<()> {
    sqlx::query(KEEP_KEY)
        .bind(key.hash.as_slice())
        .bind(key.seller.as_str())
        .bind(key.label.as_str())
        .bind(ms(key.created_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Finds an API key by the hash of its secret.
pub(super) async fn api_key(
    connection: &mut SqliteConnection,
    hash: [u8; 32],
) -> StoreResult<Option<ApiKey>> {
    let row = sqlx::query(KEY)
        .bind(hash.as_slice())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(rows::api_key).transpose()
}

/// Keeps a tax document and tells of it; `Stale` when another document of the change has its number.
pub(super) async fn add_fiscal_document(
    connection: &mut SqliteConnection,
    new: NewFiscalDocument,
) -> Outcome<Written> {
    requests::remember(&mut *connection, new.request.as_ref()).await?;
    let document = &new.document;
    let added = sqlx::query(ADD_DOCUMENT)
        .bind(id(document.id))
        .bind(id(document.change.0))
        .bind(document.number.as_str())
        .bind(document.url.as_deref())
        .bind(ms(document.at))
        .execute(&mut *connection)
        .await?;
    if added.rows_affected() == 0 {
        let same = sqlx::query(SAME_DOCUMENT)
            .bind(id(document.id))
            .bind(id(document.change.0))
            .bind(document.number.as_str())
            .fetch_optional(&mut *connection)
            .await?;
        return match same {
            Some(_) => Ok(Written::Done),
            None => Err(Undo::Answer(Written::Stale)),
        };
    }
    let mut script = Script::default();
    outbox::put(&mut script, &new.outbox)?;
    script.carry_out(connection).await?;
    Ok(Written::Done)
}

/// The tax documents of a change, oldest first.
pub(super) async fn fiscal_documents(
    connection: &mut SqliteConnection,
    change: ChangeId,
) -> StoreResult<Vec<FiscalDocument>> {
    let found = sqlx::query(DOCUMENTS)
        .bind(id(change.0))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::fiscal_document).collect()
}
