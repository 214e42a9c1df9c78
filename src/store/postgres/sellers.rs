//! What a seller brings along: workflow files, API keys, and the tax documents that its systems issue.

use jiff::Timestamp;
use sqlx::PgPool;

use super::call::Answer;
use super::cells::{Cells, ms};
use super::parts::{answered, bind_outbox, bind_request, remembered, told, written};
use super::requests;
use crate::domain::catalog::{SellerId, WorkflowVersion};
use crate::domain::change::ChangeId;
use crate::ports::store::{ApiKey, FiscalDocument, NewFiscalDocument, StoreResult, Written};
use crate::store::rows;

const KEEP_WORKFLOW: &str =
    "INSERT INTO workflow_version (hash, seller, text, kept_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (hash) DO NOTHING";

const WORKFLOW: &str = "SELECT text FROM workflow_version WHERE hash = $1";

const KEEP_KEY: &str = "INSERT INTO api_key (hash, seller, label, created_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (hash) DO NOTHING";

const KEY: &str = "SELECT * FROM api_key WHERE hash = $1";

/// Keeping the same document again keeps the request, and tells nobody: what was told then has the same keys.
const ADD_DOCUMENT: &str = concat!(
    "WITH ",
    answered!(),
    ", found AS MATERIALIZED (SELECT id FROM fiscal_document WHERE change = $17 AND number = $18),
    verdict AS MATERIALIZED (
        SELECT CASE
            WHEN EXISTS (SELECT FROM answered) THEN 'answered'
            WHEN EXISTS (SELECT FROM found WHERE found.id <> $16) THEN 'stale'
            ELSE 'done'
        END AS word
    ),
    added AS (
        INSERT INTO fiscal_document (id, change, number, url, at)
        SELECT $16::uuid, $17::uuid, $18::text, $19::text, $20::bigint FROM verdict
        WHERE verdict.word = 'done' AND NOT EXISTS (SELECT FROM found)
    ),\n",
    remembered!(),
    ",\n",
    told!(),
    "SELECT verdict.word, answered.* FROM verdict LEFT JOIN answered ON TRUE",
);

const DOCUMENTS: &str = "SELECT * FROM fiscal_document WHERE change = $1 ORDER BY at, id";

/// The text of a workflow file.
pub(super) struct Workflow {
    pub(super) seller: SellerId,
    pub(super) version: WorkflowVersion,
    pub(super) text: String,
    pub(super) now: Timestamp,
}

/// Keeps the text of a workflow file under its hash.
pub(super) async fn keep_workflow(pool: &PgPool, workflow: &Workflow) -> Answer<()> {
    sqlx::query(KEEP_WORKFLOW)
        .bind(workflow.version.0.as_str())
        .bind(workflow.seller.as_str())
        .bind(workflow.text.as_str())
        .bind(ms(workflow.now))
        .execute(pool)
        .await?;
    Ok(())
}

/// Reads a kept workflow file.
pub(super) async fn workflow(pool: &PgPool, version: &WorkflowVersion) -> Answer<Option<String>> {
    let row = sqlx::query(WORKFLOW)
        .bind(version.0.as_str())
        .fetch_optional(pool)
        .await?;
    Ok(row
        .map(|row| Cells::of("workflow_version", &row).text("text"))
        .transpose()?)
}

/// Keeps an API key.
pub(super) async fn keep_api_key(pool: &PgPool, key: &ApiKey) -> Answer<()> {
    sqlx::query(KEEP_KEY)
        .bind(key.hash.as_slice())
        .bind(key.seller.as_str())
        .bind(key.label.as_str())
        .bind(ms(key.created_at))
        .execute(pool)
        .await?;
    Ok(())
}

/// Finds an API key by the hash of its secret.
pub(super) async fn api_key(pool: &PgPool, hash: &[u8; 32]) -> Answer<Option<ApiKey>> {
    let row = sqlx::query(KEY)
        .bind(hash.as_slice())
        .fetch_optional(pool)
        .await?;
    Ok(row.as_ref().map(rows::api_key).transpose()?)
}

/// Keeps a tax document and tells of it; `Stale` when another document of the change has its number.
pub(super) async fn add_fiscal_document(pool: &PgPool, new: &NewFiscalDocument) -> Answer<Written> {
    let document = &new.document;
    let asking = bind_request(sqlx::query(ADD_DOCUMENT), new.request.as_ref());
    let row = bind_outbox(asking, &new.outbox)?
        .bind(document.id)
        .bind(document.change.0)
        .bind(document.number.as_str())
        .bind(document.url.as_deref())
        .bind(ms(document.at))
        .fetch_one(pool)
        .await?;
    let written = written(&row, new.request.as_ref())?;
    requests::or_answered(pool, new.request.as_ref(), written).await
}

/// The tax documents of a change, oldest first.
pub(super) async fn fiscal_documents(pool: &PgPool, change: &ChangeId) -> Answer<Vec<FiscalDocument>> {
    let found = sqlx::query(DOCUMENTS).bind(change.0).fetch_all(pool).await?;
    let documents = found.iter().map(rows::fiscal_document);
    Ok(documents.collect::<StoreResult<Vec<_>>>()?)
}
