//! Accounts, and their billing data in erasable rows. What becomes known about an account is written by the decision that learns
//! it.

use sqlx::PgPool;
use uuid::Uuid;

use super::call::Answer;
use super::cells::{Cells, ms};
use super::parts::{answered, bind_request, remembered, written};
use super::requests;
use crate::domain::account::{AccountId, BillingIdentity};
use crate::domain::change::BillingOnFile;
use crate::ports::store::{NamedAccount, NewAccount, Written};
use crate::store::rows;

const CREATE: &str = concat!(
    "WITH ",
    answered!(),
    ", taken AS MATERIALIZED (
        SELECT FROM account
        WHERE id = $6 OR (seller = $7 AND external_id = $8) OR (seller = $7 AND provider_customer = $13) LIMIT 1
    ),
    verdict AS MATERIALIZED (
        SELECT CASE
            WHEN EXISTS (SELECT FROM answered) THEN 'answered'
            WHEN EXISTS (SELECT FROM taken) THEN 'stale'
            ELSE 'done'
        END AS word
    ),
    created AS (
        INSERT INTO account (id, seller, external_id, email, name, language, created_at, provider_customer)
        SELECT $6::uuid, $7::text, $8::text, $9::text, $10::text, $11::text, $12::bigint, $13::text FROM verdict
        WHERE verdict.word = 'done'
    ),\n",
    remembered!(),
    "SELECT verdict.word, answered.* FROM verdict LEFT JOIN answered ON TRUE",
);

const FIND: &str = "SELECT * FROM account WHERE id = $1";

const BILLING: &str =
    "SELECT identity.*, account.saved_identity_hash, account.saved_tax_id, account.saved_tax_id_hash
    FROM account JOIN identity ON identity.id = account.identity WHERE account.id = $1";

const IDENTITY: &str = "SELECT data FROM identity WHERE id = $1 AND data IS NOT NULL";

/// Writes a new account; `Stale` when its id, the seller's own id or the provider customer is another account's.
pub(super) async fn create(pool: &PgPool, new: &NewAccount) -> Answer<Written> {
    let account = &new.account;
    let row = bind_request(sqlx::query(CREATE), new.request.as_ref())
        .bind(account.id.0)
        .bind(account.seller.as_str())
        .bind(new.external_id.as_deref())
        .bind(account.email.as_str())
        .bind(account.name.as_str())
        .bind(account.language.tag())
        .bind(ms(account.created_at))
        .bind(account.provider_customer.as_deref())
        .fetch_one(pool)
        .await?;
    let written = written(&row, new.request.as_ref())?;
    requests::or_answered(pool, new.request.as_ref(), written).await
}

/// Reads an account and the seller's own id of it.
pub(super) async fn read(pool: &PgPool, account: &AccountId) -> Answer<Option<NamedAccount>> {
    let row = sqlx::query(FIND).bind(account.0).fetch_optional(pool).await?;
    Ok(row.as_ref().map(rows::account).transpose()?)
}

/// The account's newest billing data, by reference, and what of it the provider has.
pub(super) async fn billing(pool: &PgPool, account: &AccountId) -> Answer<Option<BillingOnFile>> {
    let row = sqlx::query(BILLING).bind(account.0).fetch_optional(pool).await?;
    Ok(row.as_ref().map(rows::billing_on_file).transpose()?)
}

/// Reads billing data that is not erased.
pub(super) async fn identity(pool: &PgPool, row: &Uuid) -> Answer<Option<BillingIdentity>> {
    let row = sqlx::query(IDENTITY).bind(row).fetch_optional(pool).await?;
    Ok(row
        .map(|row| Cells::of("identity", &row).json("data"))
        .transpose()?)
}
