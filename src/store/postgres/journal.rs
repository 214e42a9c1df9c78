//! Histories, read in parts. They are written by the statements that move what they tell of.

use sqlx::PgPool;
use uuid::Uuid;

use super::call::Answer;
use crate::domain::account::{AccountId, ContractId};
use crate::domain::change::ChangeId;
use crate::ports::store::{JournalEntry, PageAsk, StoreResult};
use crate::store::history::PAGE_MAX;
use crate::store::rows;

const OF_CHANGE: &str = "SELECT * FROM journal WHERE change = $1 AND seq > $2 ORDER BY seq LIMIT $3";

const OF_CONTRACT: &str =
    "SELECT * FROM contract_journal WHERE contract = $1 AND seq > $2 ORDER BY seq LIMIT $3";

const OF_CLIENT: &str = "SELECT * FROM client_journal WHERE client = $1 AND seq > $2 ORDER BY seq LIMIT $3";

/// A part of a change's history.
pub(super) async fn of_change(
    pool: &PgPool,
    (change, page): &(ChangeId, PageAsk),
) -> Answer<Vec<JournalEntry>> {
    read(pool, OF_CHANGE, "journal", change.0, *page).await
}

/// A part of a contract's history.
pub(super) async fn of_contract(
    pool: &PgPool,
    (contract, page): &(ContractId, PageAsk),
) -> Answer<Vec<JournalEntry>> {
    read(pool, OF_CONTRACT, "contract_journal", contract.0, *page).await
}

/// A part of a client's history.
pub(super) async fn of_client(
    pool: &PgPool,
    (client, page): &(AccountId, PageAsk),
) -> Answer<Vec<JournalEntry>> {
    read(pool, OF_CLIENT, "client_journal", client.0, *page).await
}

async fn read(
    pool: &PgPool,
    statement: &'static str,
    table: &'static str,
    owner: Uuid,
    page: PageAsk,
) -> Answer<Vec<JournalEntry>> {
    let found = sqlx::query(statement)
        .bind(owner)
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(i64::from(page.limit.min(PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    let entries = found.iter().map(|row| rows::journal_entry(table, row));
    Ok(entries.collect::<StoreResult<Vec<_>>>()?)
}
