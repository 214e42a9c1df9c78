//! What support has done, and whose account something is.

use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteConnection};

use super::cells::{id, ms};
use super::rows;
use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;
use crate::ports::store::{ActRow, ActsAsk, Departure, ErasedRow, Name, NamedAccount, StoreResult};
use crate::store::history::{ACCOUNTS_MAX, PAGE_MAX, brought_by};

/// What the index says, word for word: else it would not be used.
const ACTS: &str =
    "SELECT journal.change, journal.seq, journal.at, journal.content, change.reference, change.seller
    FROM journal JOIN change ON change.id = journal.change
    WHERE instr(journal.content, x'227061727479223A22737570706F727422') > 0";

const ERASED: &str = "SELECT erasure.account, erasure.at, erasure.by, erasure.why, account.seller
    FROM erasure JOIN account ON account.id = erasure.account
    WHERE ?1 IS NULL OR account.seller = ?1 ORDER BY erasure.at DESC, erasure.account LIMIT ?2";

/// `?1` is the id, `?2` the seller.
const BY_ID: &str = "SELECT * FROM account
    WHERE id IN (SELECT ?1 UNION SELECT account FROM contract WHERE id = ?1) AND (?2 IS NULL OR seller = ?2)
    ORDER BY id LIMIT ?3";

/// `?1` is the word, `?2` the seller.
pub(super) const BY_WORD: &str = "SELECT * FROM account WHERE id IN (
        SELECT id FROM account WHERE lower(email) = lower(?1)
        UNION SELECT id FROM account WHERE external_id = ?1
        UNION SELECT id FROM account WHERE provider_customer = ?1
        UNION SELECT account FROM contract WHERE subscription = ?1
        UNION SELECT account.id FROM inbox JOIN account
            ON account.provider_customer = inbox.customer AND account.seller = inbox.seller WHERE inbox.event_id = ?1
        UNION SELECT account.id FROM inbox JOIN account
            ON account.provider_customer = inbox.customer AND account.seller = inbox.seller WHERE inbox.object = ?1
    ) AND (?2 IS NULL OR seller = ?2) ORDER BY id LIMIT ?3";

/// What the index says, word for word: else it would not be used.
pub(super) const MAILS: &str =
    "SELECT * FROM outbox WHERE account = ?1 AND channel = 'mail' AND entry_change IS NULL
    ORDER BY position DESC LIMIT ?2";

/// What support has done, the newest first.
pub(super) async fn acts(connection: &mut SqliteConnection, ask: ActsAsk) -> StoreResult<Vec<ActRow>> {
    let mut query = QueryBuilder::<Sqlite>::new(ACTS);
    if let Some(seller) = &ask.seller {
        query
            .push(" AND change.seller = ")
            .push_bind(seller.as_str().to_owned());
    }
    if let Some(by) = &ask.by {
        query.push(" AND instr(journal.content, ");
        query.push_bind(brought_by(by)).push(") > 0");
    }
    if let Some((at, change, seq)) = ask.before {
        query
            .push(" AND (journal.at, journal.change, journal.seq) < (")
            .push_bind(ms(at));
        query.push(", ").push_bind(id(change.0)).push(", ");
        query.push_bind(i64::try_from(seq).unwrap_or(i64::MAX)).push(")");
    }
    query
        .push(" ORDER BY journal.at DESC, journal.change DESC, journal.seq DESC LIMIT ")
        .push_bind(ask.limit.min(PAGE_MAX));
    let found = query.build().fetch_all(connection).await?;
    found.iter().map(rows::act).collect()
}

/// The newest orders to erase somebody's data.
pub(super) async fn erased(
    connection: &mut SqliteConnection,
    seller: Option<SellerId>,
    limit: u32,
) -> StoreResult<Vec<ErasedRow>> {
    let found = sqlx::query(ERASED)
        .bind(seller.map(|seller| seller.as_str().to_owned()))
        .bind(limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::erased).collect()
}

/// Accounts by what names them.
pub(super) async fn accounts(
    connection: &mut SqliteConnection,
    name: Name,
    seller: Option<SellerId>,
) -> StoreResult<Vec<NamedAccount>> {
    let query = match name {
        Name::Id(wanted) => sqlx::query(BY_ID).bind(id(wanted)),
        Name::Word(word) => sqlx::query(BY_WORD).bind(word),
    };
    let found = query
        .bind(seller.map(|seller| seller.as_str().to_owned()))
        .bind(ACCOUNTS_MAX)
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::account).collect()
}

/// Mails to an account about nothing that a change has done, the newest first.
pub(super) async fn mails(
    connection: &mut SqliteConnection,
    account: AccountId,
    limit: u32,
) -> StoreResult<Vec<Departure>> {
    let found = sqlx::query(MAILS)
        .bind(id(account.0))
        .bind(limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::departure).collect()
}
