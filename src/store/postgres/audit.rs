//! What support has done, and whose account something is.

use sqlx::postgres::Postgres;
use sqlx::{PgPool, QueryBuilder};

use super::call::Answer;
use super::cells::ms;
use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;
use crate::ports::store::{ActRow, ActsAsk, Departure, ErasedRow, Name, NamedAccount, StoreResult};
use crate::store::history::{ACCOUNTS_MAX, PAGE_MAX, brought_by};
use crate::store::rows;

/// What the index says, word for word: else it would not be used.
const ACTS: &str =
    "SELECT journal.change, journal.seq, journal.at, journal.content, change.reference, change.seller
    FROM journal JOIN change ON change.id = journal.change
    WHERE position('\"party\":\"support\"'::bytea IN journal.content) > 0";

const ERASED: &str = "SELECT erasure.account, erasure.at, erasure.by, erasure.why, account.seller
    FROM erasure JOIN account ON account.id = erasure.account
    WHERE $1::text IS NULL OR account.seller = $1 ORDER BY erasure.at DESC, erasure.account LIMIT $2";

const BY_ID: &str = "SELECT * FROM account
    WHERE id IN (SELECT $1::uuid UNION SELECT account FROM contract WHERE id = $1)
        AND ($2::text IS NULL OR seller = $2)
    ORDER BY id LIMIT $3";

const BY_WORD: &str = "SELECT * FROM account WHERE id IN (
        SELECT id FROM account WHERE lower(email) = lower($1::text)
        UNION SELECT id FROM account WHERE external_id = $1
        UNION SELECT id FROM account WHERE provider_customer = $1
        UNION SELECT account FROM contract WHERE subscription = $1
        UNION SELECT account.id FROM inbox JOIN account
            ON account.provider_customer = inbox.customer AND account.seller = inbox.seller WHERE inbox.event_id = $1
        UNION SELECT account.id FROM inbox JOIN account
            ON account.provider_customer = inbox.customer AND account.seller = inbox.seller WHERE inbox.object = $1
    ) AND ($2::text IS NULL OR seller = $2) ORDER BY id LIMIT $3";

/// What the index says, word for word: else it would not be used.
const MAILS: &str = "SELECT * FROM outbox WHERE account = $1 AND channel = 'mail' AND entry_change IS NULL
    ORDER BY position DESC LIMIT $2";

/// What support has done, the newest first.
pub(super) async fn acts(pool: &PgPool, ask: &ActsAsk) -> Answer<Vec<ActRow>> {
    let mut query = QueryBuilder::<Postgres>::new(ACTS);
    if let Some(seller) = &ask.seller {
        query
            .push(" AND change.seller = ")
            .push_bind(seller.as_str().to_owned());
    }
    if let Some(by) = &ask.by {
        query.push(" AND position(");
        query.push_bind(brought_by(by)).push(" IN journal.content) > 0");
    }
    if let Some((at, change, seq)) = ask.before {
        query
            .push(" AND (journal.at, journal.change, journal.seq) < (")
            .push_bind(ms(at));
        query.push(", ").push_bind(change.0).push(", ");
        query.push_bind(i64::try_from(seq).unwrap_or(i64::MAX)).push(")");
    }
    query
        .push(" ORDER BY journal.at DESC, journal.change DESC, journal.seq DESC LIMIT ")
        .push_bind(i64::from(ask.limit.min(PAGE_MAX)));
    let found = query.build().fetch_all(pool).await?;
    Ok(found.iter().map(rows::act).collect::<StoreResult<Vec<_>>>()?)
}

/// The newest orders to erase somebody's data.
pub(super) async fn erased(
    pool: &PgPool,
    (seller, limit): &(Option<SellerId>, u32),
) -> Answer<Vec<ErasedRow>> {
    let found = sqlx::query(ERASED)
        .bind(seller.as_ref().map(SellerId::as_str))
        .bind(i64::from(*limit.min(&PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    Ok(found.iter().map(rows::erased).collect::<StoreResult<Vec<_>>>()?)
}

/// Accounts by what names them.
pub(super) async fn accounts(
    pool: &PgPool,
    (name, seller): &(Name, Option<SellerId>),
) -> Answer<Vec<NamedAccount>> {
    let query = match name {
        Name::Id(wanted) => sqlx::query(BY_ID).bind(*wanted),
        Name::Word(word) => sqlx::query(BY_WORD).bind(word.as_str()),
    };
    let found = query
        .bind(seller.as_ref().map(SellerId::as_str))
        .bind(i64::from(ACCOUNTS_MAX))
        .fetch_all(pool)
        .await?;
    Ok(found.iter().map(rows::account).collect::<StoreResult<Vec<_>>>()?)
}

/// Mails to an account about nothing that a change has done, the newest first.
pub(super) async fn mails(pool: &PgPool, (account, limit): &(AccountId, u32)) -> Answer<Vec<Departure>> {
    let found = sqlx::query(MAILS)
        .bind(account.0)
        .bind(i64::from(*limit.min(&PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    Ok(found
        .iter()
        .map(rows::departure)
        .collect::<StoreResult<Vec<_>>>()?)
}
