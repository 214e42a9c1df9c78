//! Contracts that nobody holds yet, and what is written about a contract past its changes.

use sqlx::PgPool;

use super::call::Answer;
use super::cells::{count, json, ms};
use super::parts::{answered, bind_request, remembered, written};
use super::{contracts, requests};
use crate::domain::account::{AccountId, Contract};
use crate::ports::store::{ContractAmendment, NewContract, StoreError, Written};
use crate::store::history::Head;
use crate::store::rows;

const OF_ACCOUNT: &str = "SELECT * FROM contract WHERE account = $1 AND version = 0";

/// A change that is being opened meanwhile meets the unique index of open changes, and this statement its contract's row.
const REWRITE: &str = concat!(
    "WITH ",
    answered!(),
    ", open AS MATERIALIZED (
        SELECT id FROM change WHERE seller = $7::text AND contract = $6::uuid AND change.open
    ),
    known AS MATERIALIZED (
        SELECT FROM contract
        WHERE id = $6 AND seller = $7 AND account = $8::uuid AND version = 0 AND (SELECT count(*) FROM open) >= 0
        FOR NO KEY UPDATE
    ),
    verdict AS MATERIALIZED (
        SELECT CASE
            WHEN EXISTS (SELECT FROM answered) THEN 'answered'
            WHEN EXISTS (SELECT FROM open) THEN 'blocked'
            WHEN NOT EXISTS (SELECT FROM known) THEN 'stale'
            ELSE 'done'
        END AS word, (SELECT id FROM open) AS blocking
    ),
    rewritten AS (
        UPDATE contract SET content = $9::bytea FROM verdict WHERE contract.id = $6 AND verdict.word = 'done'
    ),\n",
    remembered!(),
    "SELECT verdict.word, verdict.blocking, answered.* FROM verdict LEFT JOIN answered ON TRUE",
);

const AMEND: &str = concat!(
    "WITH ",
    answered!(),
    ", stored AS MATERIALIZED (
        SELECT FROM contract
        WHERE id = $6::uuid AND seller = $7::text AND account = $8::uuid AND version = $9::bigint - 1
        FOR NO KEY UPDATE
    ),
    head AS MATERIALIZED (
        SELECT seq, hash FROM contract_journal WHERE contract = $6 ORDER BY seq DESC LIMIT 1
    ),
    verdict AS MATERIALIZED (
        SELECT CASE
            WHEN EXISTS (SELECT FROM answered) THEN 'answered'
            WHEN NOT EXISTS (SELECT FROM stored) THEN 'stale'
            WHEN NOT EXISTS (SELECT FROM head WHERE head.seq = $12::bigint - 1 AND head.hash = $15::bytea) THEN 'stale'
            ELSE 'done'
        END AS word
    ),
    replaced AS (
        UPDATE contract SET version = $9, subscription = $10::text, content = $11::bytea FROM verdict
        WHERE contract.id = $6 AND verdict.word = 'done'
    ),
    chronicled AS (
        INSERT INTO contract_journal (contract, seq, at, content, previous, hash)
        SELECT $6, $12, $13::bigint, $14::bytea, $15, $16::bytea FROM verdict WHERE verdict.word = 'done'
    ),\n",
    remembered!(),
    "SELECT verdict.word, answered.* FROM verdict LEFT JOIN answered ON TRUE",
);

/// Writes a contract that nobody holds yet, new or in place of the account's last one.
pub(super) async fn propose(pool: &PgPool, new: &NewContract) -> Answer<Written> {
    let contract = &new.contract;
    if !contract.is_proposed() {
        return Err(StoreError::Damaged("contract.version".to_owned()).into());
    }
    match of_account(pool, &contract.account).await? {
        // Where somebody else proposes one at the same time, the unique index says so, and this runs again.
        None => return contracts::create(pool, new).await,
        Some(known) if known.id != contract.id => return Ok(Written::Stale),
        Some(_) => {}
    }
    let row = bind_request(sqlx::query(REWRITE), new.request.as_ref())
        .bind(contract.id.0)
        .bind(contract.seller.as_str())
        .bind(contract.account.0)
        .bind(json(contract, "contract.content")?)
        .fetch_one(pool)
        .await?;
    let written = written(&row, new.request.as_ref())?;
    requests::or_answered(pool, new.request.as_ref(), written).await
}

/// The contract of an account that nobody holds yet.
pub(super) async fn of_account(pool: &PgPool, account: &AccountId) -> Answer<Option<Contract>> {
    let row = sqlx::query(OF_ACCOUNT)
        .bind(account.0)
        .fetch_optional(pool)
        .await?;
    Ok(row.as_ref().map(rows::contract).transpose()?)
}

/// Writes something about a contract that no change is needed for.
pub(super) async fn amend(pool: &PgPool, amendment: &ContractAmendment) -> Answer<Written> {
    let (contract, entry) = (&amendment.contract, &amendment.entry);
    let before = Head {
        seq: entry.seq.saturating_sub(1),
        hash: entry.previous,
    };
    before.then(entry, "contract_journal")?;
    let row = bind_request(sqlx::query(AMEND), amendment.request.as_ref())
        .bind(contract.id.0)
        .bind(contract.seller.as_str())
        .bind(contract.account.0)
        .bind(count(contract.version, "contract.version")?)
        .bind(contract.subscription.as_deref())
        .bind(json(contract, "contract.content")?)
        .bind(count(entry.seq, "contract_journal.seq")?)
        .bind(ms(entry.at))
        .bind(entry.content.as_slice())
        .bind(entry.previous.as_slice())
        .bind(entry.hash.as_slice())
        .fetch_one(pool)
        .await?;
    let written = written(&row, amendment.request.as_ref())?;
    requests::or_answered(pool, amendment.request.as_ref(), written).await
}
