//! Contracts: what accounts hold, each written only on the version before it.

use sqlx::PgPool;

use super::call::Answer;
use super::cells::{Cells, count, json, ms};
use super::due::names;
use super::parts::{answered, bind_outbox, bind_request, each, remembered, told, written};
use super::requests;
use crate::domain::account::{AccountId, Contract, ContractId};
use crate::domain::catalog::SellerId;
use crate::ports::store::{ContractRecord, JournalEntry, NewContract, StoreResult, Subject, Written};
use crate::store::history::{Head, PAGE_MAX};
use crate::store::queue::NO_MACHINE;
use crate::store::rows;

/// The account is locked: another contract of it may be adopted under another customer at the same time.
const CREATE: &str = concat!(
    "WITH ",
    answered!(),
    ", holder AS MATERIALIZED (
        SELECT provider_customer FROM account WHERE id = $8 AND $13::text IS NOT NULL FOR NO KEY UPDATE
    ),
    taken AS MATERIALIZED (
        SELECT FROM contract WHERE id = $6 OR (seller = $7 AND subscription = $10) LIMIT 1
    ),
    verdict AS MATERIALIZED (
        SELECT CASE
            WHEN EXISTS (SELECT FROM answered) THEN 'answered'
            WHEN EXISTS (SELECT FROM holder WHERE holder.provider_customer <> $13) THEN 'stale'
            WHEN EXISTS (SELECT FROM account WHERE seller = $7 AND provider_customer = $13 AND id <> $8) THEN 'stale'
            WHEN EXISTS (SELECT FROM taken) THEN 'stale'
            ELSE 'done'
        END AS word
    ),
    adopted AS (
        UPDATE account SET provider_customer = $13 FROM verdict
        WHERE account.id = $8 AND $13::text IS NOT NULL AND verdict.word = 'done'
    ),
    created AS (
        INSERT INTO contract (id, seller, account, version, subscription, created_at, content)
        SELECT $6::uuid, $7::text, $8::uuid, $9::bigint, $10::text, $11::bigint, $12::bytea FROM verdict
        WHERE verdict.word = 'done'
    ),
    chronicled AS (
        INSERT INTO contract_journal (contract, seq, at, content, previous, hash)
        SELECT $6, $14::bigint, $15::bigint, $16::bytea, $17::bytea, $18::bytea FROM verdict WHERE verdict.word = 'done'
    ),
    scheduled AS (
        INSERT INTO due (subject_kind, subject, due_at, machine_version, lease_epoch, attempts, wake_seq)
        SELECT 'contract', $6, $19::bigint, $20::bigint, 0, 0, 0 FROM verdict WHERE verdict.word = 'done'
    ),\n",
    remembered!(),
    "SELECT verdict.word, answered.* FROM verdict LEFT JOIN answered ON TRUE",
);

const FIND: &str = "SELECT * FROM contract WHERE id = $1";

const OF_ACCOUNT: &str = "SELECT * FROM contract WHERE account = $1 AND version > 0 ORDER BY created_at, id";

const AFTER: &str = "SELECT id FROM contract WHERE seller = $1
        AND id > coalesce($2, uuid '00000000-0000-0000-0000-000000000000') ORDER BY id LIMIT $3";

const IDS: &str = "SELECT id FROM contract WHERE id > coalesce($1, uuid '00000000-0000-0000-0000-000000000000') ORDER BY id LIMIT $2";

/// Locks in the order of `decisions.sql`: queue, open change, contract. A change that is being opened meanwhile comes after this.
const OBSERVE: &str = concat!(
    "WITH ",
    answered!(),
    ", held AS MATERIALIZED (
        SELECT count(*) AS found FROM (
            SELECT FROM due
            WHERE subject_kind = 'contract' AND subject = $16 AND lease_epoch = $17 AND lease_owner IS NOT NULL
            FOR NO KEY UPDATE
        ) AS queued
    ),
    beside AS MATERIALIZED (
        SELECT count(*) AS found, coalesce(bool_and(open.id = $18 AND open.version = $19), FALSE) AS known
        FROM (
            SELECT change.id, change.version FROM held CROSS JOIN change
            WHERE change.contract = $16 AND change.open AND held.found >= 0
            FOR NO KEY UPDATE OF change
        ) AS open
    ),
    stored AS MATERIALIZED (
        SELECT count(*) AS found FROM (
            SELECT FROM beside CROSS JOIN contract
            WHERE contract.id = $16 AND contract.seller = $20 AND contract.account = $21 AND contract.version = $22
            FOR NO KEY UPDATE OF contract
        ) AS contracts
    ),
    head AS MATERIALIZED (
        SELECT hash FROM contract_journal WHERE contract = $16 ORDER BY seq DESC LIMIT 1
    ),
    verdict AS MATERIALIZED (
        SELECT CASE
            WHEN held.found = 0 THEN 'stale'
            WHEN $18::uuid IS NULL AND beside.found > 0 THEN 'stale'
            WHEN $18::uuid IS NOT NULL AND NOT beside.known THEN 'stale'
            WHEN stored.found = 0 THEN 'stale'
            WHEN $26::bytea IS NOT NULL AND $26 IS DISTINCT FROM (SELECT head.hash FROM head)
                THEN 'contract_journal.previous'
            ELSE 'done'
        END AS word
        FROM held, beside, stored
    ),
    replaced AS (
        UPDATE contract SET version = $23, subscription = $24, content = $25 FROM verdict
        WHERE contract.id = $16 AND verdict.word = 'done'
    ),
    chronicled AS (
        INSERT INTO contract_journal (contract, seq, at, content, previous, hash)
        SELECT $16, line.*
        FROM unnest($27::bigint[], $28::bigint[], $29::bytea[], $30::bytea[], $31::bytea[])
                AS line (seq, at, content, previous, hash), verdict
        WHERE verdict.word = 'done'
    ),
    scheduled AS (
        UPDATE due
        SET due_at = LEAST($32::bigint, due.woken_at), lease_owner = NULL, lease_until = NULL, attempts = 0,
            failures = 0, failing_since = NULL, failure_kind = NULL, failure_detail = NULL
        FROM verdict
        WHERE due.subject_kind = 'contract' AND due.subject = $16 AND verdict.word = 'done'
    ),\n",
    remembered!(),
    ",\n",
    told!(),
    "SELECT verdict.word FROM verdict",
);

/// Writes a new or adopted contract; `Stale` when its id or its subscription is another contract's, or its provider customer
/// another account's.
pub(super) async fn create(pool: &PgPool, new: &NewContract) -> Answer<Written> {
    let contract = &new.contract;
    Head::NONE.then(&new.entry, "contract_journal")?;
    let row = bind_request(sqlx::query(CREATE), new.request.as_ref())
        .bind(contract.id.0)
        .bind(contract.seller.as_str())
        .bind(contract.account.0)
        .bind(count(contract.version, "contract.version")?)
        .bind(contract.subscription.as_deref())
        .bind(ms(contract.created_at))
        .bind(json(contract, "contract.content")?)
        .bind(new.provider_customer.as_deref())
        .bind(count(new.entry.seq, "contract_journal.seq")?)
        .bind(ms(new.entry.at))
        .bind(new.entry.content.as_slice())
        .bind(new.entry.previous.as_slice())
        .bind(new.entry.hash.as_slice())
        .bind(new.due_at.map(ms))
        .bind(i64::from(NO_MACHINE))
        .fetch_one(pool)
        .await?;
    let written = written(&row, new.request.as_ref())?;
    requests::or_answered(pool, new.request.as_ref(), written).await
}

/// Reads a contract.
pub(super) async fn read(pool: &PgPool, contract: &ContractId) -> Answer<Option<Contract>> {
    let row = sqlx::query(FIND).bind(contract.0).fetch_optional(pool).await?;
    Ok(row.as_ref().map(rows::contract).transpose()?)
}

/// The contracts of an account, oldest first.
pub(super) async fn of_account(pool: &PgPool, account: &AccountId) -> Answer<Vec<Contract>> {
    let found = sqlx::query(OF_ACCOUNT).bind(account.0).fetch_all(pool).await?;
    let contracts = found.iter().map(rows::contract);
    Ok(contracts.collect::<StoreResult<Vec<_>>>()?)
}

/// The contracts of a seller after this one, in the order of their ids.
pub(super) async fn after(
    pool: &PgPool,
    (seller, after, limit): &(SellerId, Option<ContractId>, u32),
) -> Answer<Vec<ContractId>> {
    let found = sqlx::query(AFTER)
        .bind(seller.as_str())
        .bind(after.map(|contract| contract.0))
        .bind(i64::from(*limit.min(&PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    let ids = found
        .iter()
        .map(|row| Cells::of("contract", row).id("id").map(ContractId));
    Ok(ids.collect::<StoreResult<Vec<_>>>()?)
}

/// All contracts in the order of their ids.
pub(super) async fn ids(
    pool: &PgPool,
    (after, limit): &(Option<ContractId>, u32),
) -> Answer<Vec<ContractId>> {
    let found = sqlx::query(IDS)
        .bind(after.map(|contract| contract.0))
        .bind(i64::from(*limit.min(&PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    let ids = found
        .iter()
        .map(|row| Cells::of("contract", row).id("id").map(ContractId));
    Ok(ids.collect::<StoreResult<Vec<_>>>()?)
}

/// Writes what was observed about a contract; `Stale` when the lease is lost, or another change is open on it, or at another
/// version, than the observer knew.
pub(super) async fn record(pool: &PgPool, record: &ContractRecord) -> Answer<Written> {
    let contract = &record.contract;
    if record.fence.subject != Subject::Contract(contract.id) {
        return Ok(Written::Stale);
    }
    // An observation that changed nothing brings the contract as it is stored: then it is written over itself.
    if contract.version != record.seen_at && contract.version != record.seen_at + 1 {
        return Ok(Written::Stale);
    }
    let version = count(contract.version, "contract.version")?;
    let version_before = count(record.seen_at, "contract.version")?;
    let (_, subject) = names(record.fence.subject);
    let (seqs, previous) = check(&record.entries)?;
    let asking = bind_outbox(bind_request(sqlx::query(OBSERVE), None), &record.outbox)?
        .bind(subject)
        .bind(count(record.fence.epoch, "due.lease_epoch")?)
        .bind(record.beside.map(|(change, _)| change.0))
        .bind(match record.beside {
            Some((_, version)) => Some(count(version, "change.version")?),
            None => None,
        })
        .bind(contract.seller.as_str())
        .bind(contract.account.0)
        .bind(version_before)
        .bind(version)
        .bind(contract.subscription.as_deref())
        .bind(json(contract, "contract.content")?)
        .bind(previous);
    let entries = &record.entries;
    let row = asking
        .bind(seqs)
        .bind(each(entries, |entry| ms(entry.at)))
        .bind(each(entries, |entry| entry.content.as_slice()))
        .bind(each(entries, |entry| entry.previous.to_vec()))
        .bind(each(entries, |entry| entry.hash.to_vec()))
        .bind(record.due_at.map(ms))
        .fetch_one(pool)
        .await?;
    written(&row, None)
}

/// The numbers of lines that follow one another, and the hash that the first of them follows.
pub(super) fn check(entries: &[JournalEntry]) -> StoreResult<(Vec<i64>, Option<Vec<u8>>)> {
    let Some(first) = entries.first() else {
        return Ok((Vec::new(), None));
    };
    let mut head = Head {
        seq: first.seq.saturating_sub(1),
        hash: first.previous,
    };
    for entry in entries {
        head = head.then(entry, "contract_journal")?;
    }
    let seqs = entries
        .iter()
        .map(|entry| count(entry.seq, "contract_journal.seq"));
    Ok((seqs.collect::<StoreResult<_>>()?, Some(first.previous.to_vec())))
}
