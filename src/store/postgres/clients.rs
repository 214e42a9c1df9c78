//! Clients of agencies: each version written only on the one before it, with its line of history.

use sqlx::{PgExecutor, PgPool};

use super::call::Answer;
use super::cells::{Cells, count, json, ms};
use super::parts::{answered, bind_outbox, bind_request, each, remembered, told, written};
use super::requests;
use crate::domain::account::{AccountId, Client};
use crate::ports::store::{ClientRecord, StoreError, StoreResult, Written};
use crate::store::history::{Head, PAGE_MAX};
use crate::store::rows;

/// The client's row is locked before its contracts', and nobody who holds a contract waits for it.
const WRITE: &str = concat!(
    "WITH ",
    answered!(),
    ", taken AS MATERIALIZED (
        SELECT FROM account
        WHERE id = $16::uuid OR (seller = $17::text AND external_id = $18::text)
            OR (seller = $17 AND provider_customer = $23::text) LIMIT 1
    ),
    known AS MATERIALIZED (
        SELECT client.version FROM client WHERE account = $24::uuid AND agency = $25::uuid AND seller = $26::text
        FOR NO KEY UPDATE
    ),
    head AS MATERIALIZED (
        SELECT seq, hash FROM client_journal WHERE client = $24 ORDER BY seq DESC LIMIT 1
    ),
    held AS MATERIALIZED (
        SELECT count(*) AS found FROM (
            SELECT FROM contract JOIN unnest($33::uuid[], $34::bigint[]) AS given (id, version)
                ON contract.id = given.id AND contract.version = given.version - 1
            WHERE contract.account = $24 AND contract.seller = $26 AND (SELECT count(*) FROM known) >= 0
            ORDER BY contract.id
            FOR NO KEY UPDATE OF contract
        ) AS contracts
    ),
    verdict AS MATERIALIZED (
        SELECT CASE
            WHEN EXISTS (SELECT FROM answered) THEN 'answered'
            WHEN EXISTS (SELECT FROM taken) THEN 'stale'
            WHEN coalesce((SELECT known.version FROM known), 0) <> $27::bigint - 1 THEN 'stale'
            WHEN (SELECT held.found FROM held) <> cardinality($33) THEN 'stale'
            WHEN coalesce((SELECT head.seq FROM head), 0) <> $27 - 1 THEN 'client_journal.seq'
            WHEN (SELECT head.hash FROM head) IS DISTINCT FROM $31::bytea AND $27 > 1 THEN 'client_journal.previous'
            ELSE 'done'
        END AS word
    ),
    made AS (
        INSERT INTO account (id, seller, external_id, email, name, language, created_at, provider_customer)
        SELECT $16, $17, $18, $19::text, $20::text, $21::text, $22::bigint, $23 FROM verdict
        WHERE verdict.word = 'done' AND $16 IS NOT NULL
    ),
    created AS (
        INSERT INTO client (account, agency, seller, version, content)
        SELECT $24, $25, $26, $27, $28::bytea FROM verdict WHERE verdict.word = 'done' AND $27 = 1
    ),
    replaced AS (
        UPDATE client SET version = $27, content = $28 FROM verdict
        WHERE client.account = $24 AND verdict.word = 'done' AND $27 > 1
    ),
    chronicled AS (
        INSERT INTO client_journal (client, seq, at, content, previous, hash)
        SELECT $24, $27, $29::bigint, $30::bytea, $31, $32::bytea FROM verdict WHERE verdict.word = 'done'
    ),
    switched AS (
        UPDATE contract SET version = given.version, subscription = given.subscription, content = given.content
        FROM unnest($33, $34, $35::text[], $36::bytea[]) AS given (id, version, subscription, content), verdict
        WHERE contract.id = given.id AND verdict.word = 'done'
    ),\n",
    remembered!(),
    ",\n",
    told!(),
    "SELECT verdict.word, answered.* FROM verdict LEFT JOIN answered ON TRUE",
);

const FIND: &str = "SELECT * FROM client WHERE account = $1";

const OF_AGENCY: &str = "SELECT * FROM client WHERE agency = $1
    AND account > coalesce($2, uuid '00000000-0000-0000-0000-000000000000') ORDER BY account LIMIT $3";

const IDS: &str = "SELECT account FROM client
    WHERE account > coalesce($1, uuid '00000000-0000-0000-0000-000000000000') ORDER BY account LIMIT $2";

/// Writes the next version of a client.
pub(super) async fn write(pool: &PgPool, record: &ClientRecord) -> Answer<Written> {
    let written = put(pool, record).await?;
    requests::or_answered(pool, record.request.as_ref(), written).await
}

/// The same, where it may be a part of something.
pub(super) async fn put(database: impl PgExecutor<'_>, record: &ClientRecord) -> Answer<Written> {
    let (client, entry) = (&record.client, &record.entry);
    let before = Head {
        seq: client.version.saturating_sub(1),
        hash: entry.previous,
    };
    before.then(entry, "client_journal")?;
    if client.version == 1 && entry.previous != Head::NONE.hash {
        return Err(StoreError::Damaged("client_journal.previous".to_owned()).into());
    }
    let made = record.account.as_ref();
    let contracts = &record.contracts;
    let versions = contracts.iter().map(|one| count(one.version, "contract.version"));
    let contents = contracts.iter().map(|one| json(one, "contract.content"));
    let asking = bind_request(sqlx::query(WRITE), record.request.as_ref());
    let row = bind_outbox(asking, &record.outbox)?
        .bind(made.map(|made| made.account.id.0))
        .bind(made.map(|made| made.account.seller.as_str()))
        .bind(made.and_then(|made| made.external_id.as_deref()))
        .bind(made.map(|made| made.account.email.as_str()))
        .bind(made.map(|made| made.account.name.as_str()))
        .bind(made.map(|made| made.account.language.tag()))
        .bind(made.map(|made| ms(made.account.created_at)))
        .bind(made.and_then(|made| made.account.provider_customer.as_deref()))
        .bind(client.account.0)
        .bind(client.agency.0)
        .bind(client.seller.as_str())
        .bind(count(client.version, "client.version")?)
        .bind(json(client, "client.content")?)
        .bind(ms(entry.at))
        .bind(entry.content.as_slice())
        .bind(entry.previous.as_slice())
        .bind(entry.hash.as_slice())
        .bind(each(contracts, |one| one.id.0))
        .bind(versions.collect::<StoreResult<Vec<_>>>()?)
        .bind(each(contracts, |one| one.subscription.as_deref()))
        .bind(contents.collect::<StoreResult<Vec<_>>>()?)
        .fetch_one(database)
        .await?;
    written(&row, record.request.as_ref())
}

/// Reads a client.
pub(super) async fn find(pool: &PgPool, account: &AccountId) -> Answer<Option<Client>> {
    let row = sqlx::query(FIND).bind(account.0).fetch_optional(pool).await?;
    Ok(row.as_ref().map(rows::client).transpose()?)
}

/// The clients of an agency, in the order of their ids.
pub(super) async fn of_agency(
    pool: &PgPool,
    (agency, after, limit): &(AccountId, Option<AccountId>, u32),
) -> Answer<Vec<Client>> {
    let found = sqlx::query(OF_AGENCY)
        .bind(agency.0)
        .bind(after.map(|account| account.0))
        .bind(i64::from(*limit.min(&PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    let clients = found.iter().map(rows::client);
    Ok(clients.collect::<StoreResult<Vec<_>>>()?)
}

/// All clients in the order of their ids.
pub(super) async fn ids(pool: &PgPool, (after, limit): &(Option<AccountId>, u32)) -> Answer<Vec<AccountId>> {
    let found = sqlx::query(IDS)
        .bind(after.map(|account| account.0))
        .bind(i64::from(*limit.min(&PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    let ids = found
        .iter()
        .map(|row| Cells::of("client", row).id("account").map(AccountId));
    Ok(ids.collect::<StoreResult<Vec<_>>>()?)
}
