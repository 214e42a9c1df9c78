//! Changes: the wide row, and everything that a decision about one looks at.

use sqlx::sqlite::SqliteConnection;

use super::cells::{Cells, count, id, ms};
use super::effects::{self, Which};
use super::journal::{Head, PAGE_MAX};
use super::writer::Step;
use super::{accounts, contracts, due, rows};
use crate::domain::account::ContractId;
use crate::domain::change::ChangeId;
use crate::ports::store::{ChangeRow, PageAsk, Situation, StoreError, StoreResult, Written};
use crate::store::failure::Undo;

const FIND: &str = "SELECT * FROM change WHERE id = ?1";

const HEAD: &str = "SELECT version, journal_head FROM change WHERE id = ?1";

const OPEN_ON: &str = "SELECT id FROM change WHERE contract = ?1 AND open = 1 LIMIT 1";

const OF_CONTRACT: &str = "SELECT * FROM change WHERE contract = ?1
    ORDER BY created_at DESC, id DESC LIMIT ?3 OFFSET ?2";

const IDS: &str = "SELECT id FROM change WHERE id > ?1 ORDER BY id LIMIT ?2";

const OPEN: &str = "INSERT INTO change (id, reference, seller, account, contract, workflow, version, stage, stage_name,
        machine_version, open, entered_at, asked, last_asked, reminded, return_url, created_at, updated_at, journal_head,
        cancel_url, succeeds, concern_at, invoice)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)";

const SUCCESSOR: &str = "SELECT id FROM change WHERE succeeds = ?1";

/// What a change was opened with stays: its names, whose it is, and the workflow that it runs on.
const MOVE: &str =
    "UPDATE change SET version = ?2, stage = ?3, stage_name = ?4, machine_version = ?5, open = ?6,
        entered_at = ?7, asked = ?8, last_asked = ?9, reminded = ?10, return_url = ?11, updated_at = ?12,
        journal_head = ?13, concern_at = ?14, invoice = ?15
    WHERE id = ?1";

/// Where the stored change stands: its version and the head of its history.
pub(super) async fn head(connection: &mut SqliteConnection, change: ChangeId) -> StoreResult<Option<Head>> {
    let row = sqlx::query(HEAD)
        .bind(id(change.0))
        .fetch_optional(connection)
        .await?;
    row.map(|row| {
        let cells = Cells::of("change", &row);
        Ok(Head {
            seq: cells.number("version")?,
            hash: cells.hash("journal_head")?,
        })
    })
    .transpose()
}

/// Writes a new change; `Blocked` when another one is open on its contract.
pub(super) async fn open(connection: &mut SqliteConnection, change: &ChangeRow) -> Step {
    if let Some(other) = open_on(&mut *connection, change.contract).await? {
        return Err(Undo::Answer(Written::Blocked(other)));
    }
    if let Some(over) = change.succeeds
        && successor(&mut *connection, over).await?.is_some()
    {
        return Err(Undo::Answer(Written::Stale));
    }
    sqlx::query(OPEN)
        .bind(id(change.id.0))
        .bind(change.reference.0.as_str())
        .bind(change.seller.as_str())
        .bind(id(change.account.0))
        .bind(id(change.contract.0))
        .bind(change.workflow.0.as_str())
        .bind(count(change.version, "change.version")?)
        .bind(change.stage.as_slice())
        .bind(change.stage_name.as_str())
        .bind(change.machine_version)
        .bind(change.open)
        .bind(ms(change.entered_at))
        .bind(change.asked)
        .bind(change.last_asked.map(ms))
        .bind(change.reminded)
        .bind(change.return_url.as_deref())
        .bind(ms(change.created_at))
        .bind(ms(change.updated_at))
        .bind(change.journal_head.as_slice())
        .bind(change.cancel_url.as_deref())
        .bind(change.succeeds.map(|succeeded| id(succeeded.0)))
        .bind(change.concern_at.map(ms))
        .bind(change.invoice.as_deref())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes where a change has moved to. Whoever calls it has compared the version in the same transaction.
pub(super) async fn advance(connection: &mut SqliteConnection, change: &ChangeRow) -> StoreResult<()> {
    sqlx::query(MOVE)
        .bind(id(change.id.0))
        .bind(count(change.version, "change.version")?)
        .bind(change.stage.as_slice())
        .bind(change.stage_name.as_str())
        .bind(change.machine_version)
        .bind(change.open)
        .bind(ms(change.entered_at))
        .bind(change.asked)
        .bind(change.last_asked.map(ms))
        .bind(change.reminded)
        .bind(change.return_url.as_deref())
        .bind(ms(change.updated_at))
        .bind(change.journal_head.as_slice())
        .bind(change.concern_at.map(ms))
        .bind(change.invoice.as_deref())
        .execute(connection)
        .await?;
    Ok(())
}

/// A change together with all that a decision about it looks at.
pub(super) async fn situation(
    connection: &mut SqliteConnection,
    change: ChangeId,
) -> StoreResult<Option<Situation>> {
    let row = sqlx::query(FIND)
        .bind(id(change.0))
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let change = rows::change(&row)?;
    let missing = |cell: &str| StoreError::Damaged(cell.to_owned());
    let (account, _) = accounts::read(&mut *connection, change.account)
        .await?
        .ok_or_else(|| missing("change.account"))?;
    let contract = contracts::read(&mut *connection, change.contract)
        .await?
        .ok_or_else(|| missing("change.contract"))?;
    Ok(Some(Situation {
        billing: accounts::billing(&mut *connection, change.account).await?,
        effects: effects::read(&mut *connection, change.id, Which::Pending).await?,
        work: due::work(connection, change.id).await?,
        change,
        account,
        contract,
    }))
}

/// The change that is open on a contract.
pub(super) async fn open_on(
    connection: &mut SqliteConnection,
    contract: ContractId,
) -> StoreResult<Option<ChangeId>> {
    let row = sqlx::query(OPEN_ON)
        .bind(id(contract.0))
        .fetch_optional(connection)
        .await?;
    row.map(|row| Cells::of("change", &row).id("id").map(ChangeId))
        .transpose()
}

/// The change that honours the late money of this one.
pub(super) async fn successor(
    connection: &mut SqliteConnection,
    change: ChangeId,
) -> StoreResult<Option<ChangeId>> {
    let row = sqlx::query(SUCCESSOR)
        .bind(id(change.0))
        .fetch_optional(connection)
        .await?;
    row.map(|row| Cells::of("change", &row).id("id").map(ChangeId))
        .transpose()
}

/// The changes of a contract, the newest first; positions count from the newest.
pub(super) async fn of_contract(
    connection: &mut SqliteConnection,
    contract: ContractId,
    page: PageAsk,
) -> StoreResult<Vec<ChangeRow>> {
    let found = sqlx::query(OF_CONTRACT)
        .bind(id(contract.0))
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(page.limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::change).collect()
}

/// All changes in the order of their ids.
pub(super) async fn ids(
    connection: &mut SqliteConnection,
    after: Option<ChangeId>,
    limit: u32,
) -> StoreResult<Vec<ChangeId>> {
    let found = sqlx::query(IDS)
        .bind(after.map_or(Vec::new(), |change| id(change.0)))
        .bind(limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found
        .iter()
        .map(|row| Cells::of("change", row).id("id").map(ChangeId))
        .collect()
}
