//! Orders about an account's cards, and the history of its wallet.

use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;

use super::call::Answer;
use super::cells::{Cells, count, ms};
use super::parts::{answered, bind_outbox, bind_request, each, remembered, told, written};
use super::requests;
use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;
use crate::ports::store::{CardOrderRecord, CardOrderRow, JournalEntry, PageAsk, StoreResult, Written};
use crate::store::history::PAGE_MAX;
use crate::store::queue::{CLAIM_MAX, lease_end};
use crate::store::rows;

/// Two that write the same line of history, or begin at the same time, are told apart by the tables' own keys: the slower one runs
/// again, and sees who was faster.
const RECORD: &str = concat!(
    "WITH ",
    answered!(),
    ", stored AS MATERIALIZED (SELECT version FROM card_order WHERE id = $16::uuid FOR NO KEY UPDATE),
    head AS MATERIALIZED (SELECT coalesce(max(seq), 0) AS seq FROM card_journal WHERE account = $18::uuid),
    occupied AS MATERIALIZED (
        SELECT FROM card_order WHERE account = $18::uuid AND open AND alone AND id <> $16::uuid LIMIT 1
    ),
    verdict AS MATERIALIZED (
        SELECT CASE
            WHEN EXISTS (SELECT FROM answered) THEN 'answered'
            WHEN coalesce((SELECT version FROM stored), 0) <> $20::bigint THEN 'stale'
            WHEN $20::bigint = 0 AND $22::boolean AND EXISTS (SELECT FROM occupied) THEN 'busy'
            WHEN cardinality($26::bigint[]) > 0 AND ($26::bigint[])[1] <> (SELECT seq + 1 FROM head) THEN 'stale'
            ELSE 'done'
        END AS word
    ),
    begun AS (
        INSERT INTO card_order (id, seller, account, version, content, alone, open, next_try_at, at)
        SELECT $16::uuid, $17::text, $18::uuid, $19::bigint, $21::bytea, $22::boolean, $23::boolean, $24::bigint,
            $25::bigint
        FROM verdict WHERE verdict.word = 'done' AND $20::bigint = 0
    ),
    moved AS (
        UPDATE card_order SET version = $19::bigint, content = $21::bytea, open = $23::boolean, next_try_at = $24::bigint
        FROM verdict WHERE card_order.id = $16::uuid AND verdict.word = 'done' AND $20::bigint > 0
    ),
    journalled AS (
        INSERT INTO card_journal (account, seq, at, content, previous, hash)
        SELECT $18::uuid, line.seq, line.at, line.content, line.previous, line.hash
        FROM unnest($26::bigint[], $27::bigint[], $28::bytea[], $29::bytea[], $30::bytea[])
            AS line (seq, at, content, previous, hash), verdict
        WHERE verdict.word = 'done'
    ),\n",
    remembered!(),
    ",\n",
    told!(),
    "SELECT verdict.word, answered.* FROM verdict LEFT JOIN answered ON TRUE",
);

const CLAIM: &str = "WITH claimable AS MATERIALIZED (
        SELECT id, next_try_at FROM card_order WHERE next_try_at <= $1 ORDER BY next_try_at, id LIMIT $2
        FOR NO KEY UPDATE SKIP LOCKED
    ),
    claimed AS (
        UPDATE card_order SET next_try_at = $3, version = card_order.version + 1
        FROM claimable WHERE card_order.id = claimable.id
        RETURNING card_order.*, claimable.next_try_at AS was_due_at
    )
    SELECT * FROM claimed ORDER BY was_due_at, id";

const NEXT: &str =
    "SELECT next_try_at FROM card_order WHERE next_try_at IS NOT NULL ORDER BY next_try_at LIMIT 1";

const OPEN: &str = "SELECT * FROM card_order WHERE account = $1 AND open ORDER BY at, id LIMIT 200";

const WAKE: &str = "UPDATE card_order SET next_try_at = $3 WHERE open AND NOT alone AND next_try_at > $3
    AND account IN (SELECT id FROM account WHERE seller = $1 AND provider_customer = $2)";

const PAGE: &str = "SELECT * FROM card_journal WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3";

/// Writes an order as it stands from now on, with its lines of history and what tells of it.
pub(super) async fn record(pool: &PgPool, record: &CardOrderRecord) -> Answer<Written> {
    let order = &record.order;
    let entries = &record.entries;
    let version = count(order.version, "card_order.version")?;
    let expected = count(record.expected_version, "card_order.version")?;
    let seqs: StoreResult<Vec<i64>> = entries
        .iter()
        .map(|entry| count(entry.seq, "card_journal.seq"))
        .collect();
    let asking = bind_request(sqlx::query(RECORD), record.request.as_ref());
    let row = bind_outbox(asking, &record.outbox)?
        .bind(order.id)
        .bind(order.seller.as_str())
        .bind(order.account.0)
        .bind(version)
        .bind(expected)
        .bind(order.content.as_slice())
        .bind(order.alone)
        .bind(order.open)
        .bind(order.next_try_at.map(ms))
        .bind(ms(order.at))
        .bind(seqs?)
        .bind(each(entries, |entry| ms(entry.at)))
        .bind(each(entries, |entry| entry.content.as_slice()))
        .bind(each(entries, |entry| entry.previous.as_slice()))
        .bind(each(entries, |entry| entry.hash.as_slice()))
        .fetch_one(pool)
        .await?;
    let written = written(&row, record.request.as_ref())?;
    requests::or_answered(pool, record.request.as_ref(), written).await
}

/// What to claim.
pub(super) struct Claim {
    pub(super) now: Timestamp,
    pub(super) lease: SignedDuration,
    pub(super) limit: u32,
}

/// Claims what is due, the oldest first: whoever held one before can no longer write it.
pub(super) async fn claim(pool: &PgPool, ask: &Claim) -> Answer<Vec<CardOrderRow>> {
    let claimed = sqlx::query(CLAIM)
        .bind(ms(ask.now))
        .bind(i64::from(ask.limit.min(CLAIM_MAX)))
        .bind(lease_end(ask.now, ask.lease))
        .fetch_all(pool)
        .await?;
    let rows = claimed.iter().map(rows::card_order);
    Ok(rows.collect::<StoreResult<Vec<_>>>()?)
}

/// When the next one is due.
pub(super) async fn next(pool: &PgPool) -> Answer<Option<Timestamp>> {
    let row = sqlx::query(NEXT).fetch_optional(pool).await?;
    Ok(row
        .map(|row| Cells::of("card_order", &row).time("next_try_at"))
        .transpose()?)
}

/// The open ones of an account, oldest first.
pub(super) async fn open(pool: &PgPool, account: &AccountId) -> Answer<Vec<CardOrderRow>> {
    let found = sqlx::query(OPEN).bind(account.0).fetch_all(pool).await?;
    let rows = found.iter().map(rows::card_order);
    Ok(rows.collect::<StoreResult<Vec<_>>>()?)
}

/// Something was heard of this customer's cards: whoever waits for one looks now.
pub(super) async fn wake(
    pool: &PgPool,
    (seller, customer, now): &(SellerId, String, Timestamp),
) -> Answer<()> {
    sqlx::query(WAKE)
        .bind(seller.as_str())
        .bind(customer.as_str())
        .bind(ms(*now))
        .execute(pool)
        .await?;
    Ok(())
}

/// A part of a wallet's history.
pub(super) async fn history(
    pool: &PgPool,
    (account, page): &(AccountId, PageAsk),
) -> Answer<Vec<JournalEntry>> {
    let found = sqlx::query(PAGE)
        .bind(account.0)
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(i64::from(page.limit.min(PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    let lines = found.iter().map(|row| rows::journal_entry("card_journal", row));
    Ok(lines.collect::<StoreResult<Vec<_>>>()?)
}
