//! Findings: what the last comparison with the provider found at each contract.

use sqlx::sqlite::SqliteConnection;

use super::cells::{id, json, ms};
use super::journal::PAGE_MAX;
use super::rows;
use super::writer::Outcome;
use crate::domain::account::ContractId;
use crate::domain::catalog::SellerId;
use crate::ports::store::{FindingRow, PageAsk, StoreResult};

const OF_CONTRACT: &str = "SELECT * FROM finding WHERE contract = ?1 ORDER BY code, object";

const OF_SELLER: &str = "SELECT * FROM finding WHERE seller = ?1
    ORDER BY first_seen_at, contract, code, object LIMIT ?3 OFFSET ?2";

const FORGET: &str = "DELETE FROM finding WHERE contract = ?1";

const KEEP: &str =
    "INSERT INTO finding (contract, code, object, seller, change, evidence, repair, first_seen_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/// Writes what was found in place of what was found before; what was known keeps its first day.
pub(super) async fn keep(
    connection: &mut SqliteConnection,
    contract: ContractId,
    findings: &[FindingRow],
) -> Outcome<()> {
    let known = of_contract(&mut *connection, contract).await?;
    sqlx::query(FORGET)
        .bind(id(contract.0))
        .execute(&mut *connection)
        .await?;
    for finding in findings {
        let same = |known: &&FindingRow| {
            known.code == finding.code && known.evidence.object == finding.evidence.object
        };
        let since = known
            .iter()
            .find(same)
            .map_or(finding.first_seen_at, |known| known.first_seen_at);
        sqlx::query(KEEP)
            .bind(id(contract.0))
            .bind(finding.code.as_str())
            .bind(finding.evidence.object.as_str())
            .bind(finding.seller.as_str())
            .bind(finding.change.map(|change| id(change.0)))
            .bind(json(&finding.evidence, "finding.evidence")?)
            .bind(finding.repair.as_str())
            .bind(ms(since))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// What was found at a contract.
pub(super) async fn of_contract(
    connection: &mut SqliteConnection,
    contract: ContractId,
) -> StoreResult<Vec<FindingRow>> {
    let found = sqlx::query(OF_CONTRACT)
        .bind(id(contract.0))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::finding).collect()
}

/// What was found at all contracts of a seller.
pub(super) async fn of_seller(
    connection: &mut SqliteConnection,
    seller: &SellerId,
    page: PageAsk,
) -> StoreResult<Vec<FindingRow>> {
    let found = sqlx::query(OF_SELLER)
        .bind(seller.as_str())
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(page.limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::finding).collect()
}
