//! Findings: what the last comparison with the provider found at each contract.

use sqlx::PgPool;

use super::call::Answer;
use super::cells::{json, ms};
use super::parts::each;
use crate::domain::account::ContractId;
use crate::domain::catalog::SellerId;
use crate::ports::store::{FindingRow, PageAsk, StoreResult};
use crate::store::history::PAGE_MAX;
use crate::store::rows;

const OF_CONTRACT: &str = "SELECT * FROM finding WHERE contract = $1 ORDER BY code, object";

const OF_SELLER: &str = "SELECT * FROM finding WHERE seller = $1
    ORDER BY first_seen_at, contract, code, object LIMIT $3 OFFSET $2";

/// What is gone is forgotten; what was known keeps its first day.
const KEEP: &str = "WITH found AS (
        SELECT * FROM unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::bytea[], $7::text[], $8::bigint[])
            AS found (code, object, seller, change, evidence, repair, first_seen_at)
    ), forgotten AS (
        DELETE FROM finding WHERE contract = $1::uuid AND (code, object) NOT IN (SELECT code, object FROM found)
    )
    INSERT INTO finding (contract, code, object, seller, change, evidence, repair, first_seen_at)
    SELECT $1::uuid, code, object, seller, change, evidence, repair, first_seen_at FROM found
    ON CONFLICT (contract, code, object) DO UPDATE
        SET change = excluded.change, evidence = excluded.evidence, repair = excluded.repair";

/// Writes what was found in place of what was found before.
pub(super) async fn keep(pool: &PgPool, (contract, findings): &(ContractId, Vec<FindingRow>)) -> Answer<()> {
    let evidence: StoreResult<Vec<Vec<u8>>> = findings
        .iter()
        .map(|finding| json(&finding.evidence, "finding.evidence"))
        .collect();
    sqlx::query(KEEP)
        .bind(contract.0)
        .bind(each(findings, |finding| finding.code.as_str()))
        .bind(each(findings, |finding| finding.evidence.object.as_str()))
        .bind(each(findings, |finding| finding.seller.as_str()))
        .bind(each(findings, |finding| finding.change.map(|change| change.0)))
        .bind(evidence?)
        .bind(each(findings, |finding| finding.repair.as_str()))
        .bind(each(findings, |finding| ms(finding.first_seen_at)))
        .execute(pool)
        .await?;
    Ok(())
}

/// What was found at a contract.
pub(super) async fn of_contract(pool: &PgPool, contract: &ContractId) -> Answer<Vec<FindingRow>> {
    let found = sqlx::query(OF_CONTRACT).bind(contract.0).fetch_all(pool).await?;
    let findings = found.iter().map(rows::finding);
    Ok(findings.collect::<StoreResult<Vec<_>>>()?)
}

/// What was found at all contracts of a seller.
pub(super) async fn of_seller(
    pool: &PgPool,
    (seller, page): &(SellerId, PageAsk),
) -> Answer<Vec<FindingRow>> {
    let found = sqlx::query(OF_SELLER)
        .bind(seller.as_str())
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(i64::from(page.limit.min(PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    let findings = found.iter().map(rows::finding);
    Ok(findings.collect::<StoreResult<Vec<_>>>()?)
}
