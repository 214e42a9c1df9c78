//! Orders about an account's cards, and the history of its wallet.

use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::SqliteConnection;

use super::cells::{Cells, count, id, ms};
use super::journal::PAGE_MAX;
use super::script::Script;
use super::writer::Outcome;
use super::{outbox, requests, rows};
use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;
use crate::ports::store::{CardOrderRecord, CardOrderRow, JournalEntry, PageAsk, StoreResult, Written};
use crate::store::failure::Undo;
use crate::store::history::Head;
use crate::store::queue::{CLAIM_MAX, lease_end};

const VERSION: &str = "SELECT version FROM card_order WHERE id = ?1";

const BUSY: &str =
    "SELECT 1 FROM card_order WHERE account = ?1 AND open = 1 AND alone = 1 AND id <> ?2 LIMIT 1";

const PUT: &str =
    "INSERT INTO card_order (id, seller, account, version, content, alone, open, next_try_at, at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
    ON CONFLICT (id) DO UPDATE SET version = ?4, content = ?5, open = ?7, next_try_at = ?8";

const LAST: &str = "SELECT seq, hash FROM card_journal WHERE account = ?1 ORDER BY seq DESC LIMIT 1";

const ADD: &str =
    "INSERT INTO card_journal (account, seq, at, content, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const CLAIMABLE: &str = "SELECT * FROM card_order WHERE next_try_at <= ?1 ORDER BY next_try_at, id LIMIT ?2";

const CLAIM: &str = "UPDATE card_order SET next_try_at = ?2, version = version + 1 WHERE id = ?1";

const NEXT: &str =
    "SELECT next_try_at FROM card_order WHERE next_try_at IS NOT NULL ORDER BY next_try_at LIMIT 1";

const OPEN: &str = "SELECT * FROM card_order WHERE account = ?1 AND open = 1 ORDER BY at, id LIMIT 200";

const WAKE: &str = "UPDATE card_order SET next_try_at = ?3 WHERE open = 1 AND alone = 0 AND next_try_at > ?3
    AND account IN (SELECT id FROM account WHERE seller = ?1 AND provider_customer = ?2)";

const PAGE: &str = "SELECT * FROM card_journal WHERE account = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";

/// Writes an order as it stands from now on, with its lines of history and what tells of it.
pub(super) async fn record(connection: &mut SqliteConnection, record: &CardOrderRecord) -> Outcome<Written> {
    requests::remember(&mut *connection, record.request.as_ref()).await?;
    let order = &record.order;
    let stored = sqlx::query(VERSION)
        .bind(id(order.id))
        .fetch_optional(&mut *connection)
        .await?;
    let stored = stored
        .map(|row| Cells::of("card_order", &row).number::<u64>("version"))
        .transpose()?;
    if stored.unwrap_or(0) != record.expected_version {
        return Err(Undo::Answer(Written::Stale));
    }
    if stored.is_none() && order.alone {
        let busy = sqlx::query(BUSY)
            .bind(id(order.account.0))
            .bind(id(order.id))
            .fetch_optional(&mut *connection)
            .await?;
        if busy.is_some() {
            return Err(Undo::Answer(Written::CustomerBusy));
        }
    }
    add(&mut *connection, order.account, &record.entries).await?;
    sqlx::query(PUT)
        .bind(id(order.id))
        .bind(order.seller.as_str())
        .bind(id(order.account.0))
        .bind(count(order.version, "card_order.version")?)
        .bind(order.content.as_slice())
        .bind(order.alone)
        .bind(order.open)
        .bind(order.next_try_at.map(ms))
        .bind(ms(order.at))
        .execute(&mut *connection)
        .await?;
    let mut script = Script::default();
    outbox::put(&mut script, &record.outbox)?;
    script.run(connection).await?;
    Ok(Written::Done)
}

/// Adds lines of history, the first of which must follow what is there; `Stale` where somebody was faster.
async fn add(
    connection: &mut SqliteConnection,
    account: AccountId,
    entries: &[JournalEntry],
) -> Result<(), Undo<Written>> {
    let Some(first) = entries.first() else {
        return Ok(());
    };
    let last = sqlx::query(LAST)
        .bind(id(account.0))
        .fetch_optional(&mut *connection)
        .await?;
    let mut head = match &last {
        None => Head::NONE,
        Some(row) => {
            let cells = Cells::of("card_journal", row);
            Head {
                seq: cells.number("seq")?,
                hash: cells.hash("hash")?,
            }
        }
    };
    if first.seq != head.seq + 1 {
        return Err(Undo::Answer(Written::Stale));
    }
    for entry in entries {
        head = head.then(entry, "card_journal")?;
        sqlx::query(ADD)
            .bind(id(account.0))
            .bind(count(entry.seq, "card_journal.seq")?)
            .bind(ms(entry.at))
            .bind(entry.content.as_slice())
            .bind(entry.previous.as_slice())
            .bind(entry.hash.as_slice())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Claims what is due, the oldest first: whoever held one before can no longer write it.
pub(super) async fn claim(
    connection: &mut SqliteConnection,
    now: Timestamp,
    lease: SignedDuration,
    limit: u32,
) -> Outcome<Vec<CardOrderRow>> {
    let due = sqlx::query(CLAIMABLE)
        .bind(ms(now))
        .bind(limit.min(CLAIM_MAX))
        .fetch_all(&mut *connection)
        .await?;
    let mut claimed = Vec::with_capacity(due.len());
    for row in &due {
        let mut order = rows::card_order(row)?;
        sqlx::query(CLAIM)
            .bind(id(order.id))
            .bind(lease_end(now, lease))
            .execute(&mut *connection)
            .await?;
        order.version += 1;
        claimed.push(order);
    }
    Ok(claimed)
}

/// When the next one is due.
pub(super) async fn next(connection: &mut SqliteConnection) -> StoreResult<Option<Timestamp>> {
    let row = sqlx::query(NEXT).fetch_optional(connection).await?;
    row.map(|row| Cells::of("card_order", &row).time("next_try_at"))
        .transpose()
}

/// The open ones of an account, oldest first.
pub(super) async fn open(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> StoreResult<Vec<CardOrderRow>> {
    let found = sqlx::query(OPEN)
        .bind(id(account.0))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::card_order).collect()
}

/// Something was heard of this customer's cards: whoever waits for one looks now.
pub(super) async fn wake(
    connection: &mut SqliteConnection,
    seller: &SellerId,
    customer: &str,
    now: Timestamp,
) -> Outcome<()> {
    sqlx::query(WAKE)
        .bind(seller.as_str())
        .bind(customer)
        .bind(ms(now))
        .execute(connection)
        .await?;
    Ok(())
}

/// A part of a wallet's history.
pub(super) async fn history(
    connection: &mut SqliteConnection,
    account: AccountId,
    page: PageAsk,
) -> StoreResult<Vec<JournalEntry>> {
    let found = sqlx::query(PAGE)
        .bind(id(account.0))
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(page.limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found
        .iter()
        .map(|row| rows::journal_entry("card_journal", row))
        .collect()
}
