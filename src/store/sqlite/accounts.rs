//! Accounts, and their billing data in erasable rows.

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use uuid::Uuid;

use super::cells::{Cells, id, json, ms};
use super::script::{Script, first};
use super::writer::{Outcome, Step};
use super::{requests, rows};
use crate::domain::account::{Account, AccountId, BillingIdentity};
use crate::domain::catalog::SellerId;
use crate::domain::change::{AccountFact, BillingOnFile};
use crate::ports::store::{NewAccount, NewIdentity, StoreError, StoreResult, Written};
use crate::store::failure::Undo;

const TAKEN: &str = "SELECT 1 FROM account
    WHERE id = ?1 OR (seller = ?2 AND (external_id = ?3 OR provider_customer = ?4)) LIMIT 1";

const CREATE: &str =
    "INSERT INTO account (id, seller, external_id, email, name, language, created_at, provider_customer)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

pub(super) const FIND: &str = "SELECT column1 AS place, account.*
    FROM (VALUES ?places) CROSS JOIN account ON account.id = column2";

pub(super) const BILLING: &str =
    "SELECT column1 AS place, identity.*, account.saved_identity_hash, account.saved_tax_id, account.saved_tax_id_hash
    FROM (VALUES ?places) CROSS JOIN account ON account.id = column2
        CROSS JOIN identity ON identity.id = account.identity";

pub(super) const IDENTITY: &str = "SELECT column1 AS place, data
    FROM (VALUES ?places) CROSS JOIN identity ON identity.id = column2 AND data IS NOT NULL";

pub(super) const GIVE_IDENTITY: &str =
    "INSERT INTO identity (id, account, data, hash, tax_hash, tax_id_hash, given_at)
    SELECT * FROM (VALUES ?rows) WHERE column1 IS NOT NULL";

pub(super) const USE_IDENTITY: &str = "UPDATE account SET identity = column2 FROM (VALUES ?rows)
    WHERE id = column1 AND EXISTS (SELECT 1 FROM identity WHERE identity.id = column2 AND identity.account = column1)";

pub(super) const SAVED_CUSTOMER: &str =
    "UPDATE account SET provider_customer = column2, saved_identity_hash = column3
    FROM (VALUES ?rows) WHERE id = column1";

pub(super) const SAVED_TAX_ID: &str = "UPDATE account SET saved_tax_id = column2, saved_tax_id_hash = column3
    FROM (VALUES ?rows) WHERE id = column1";

const CUSTOMER_OF_ANOTHER: &str =
    "SELECT 1 FROM account WHERE seller = ?1 AND provider_customer = ?2 AND id <> ?3";

const ADOPT_CUSTOMER: &str = "UPDATE account SET provider_customer = ?2 WHERE id = ?1";

/// Writes a new account; `Stale` when its id, the seller's own id or the provider customer is another account's.
pub(super) async fn create(connection: &mut SqliteConnection, new: NewAccount) -> Outcome<Written> {
    requests::remember(&mut *connection, new.request.as_ref()).await?;
    let account = &new.account;
    let taken = sqlx::query(TAKEN)
        .bind(id(account.id.0))
        .bind(account.seller.as_str())
        .bind(new.external_id.as_deref())
        .bind(account.provider_customer.as_deref())
        .fetch_optional(&mut *connection)
        .await?;
    if taken.is_some() {
        return Err(Undo::Answer(Written::Stale));
    }
    sqlx::query(CREATE)
        .bind(id(account.id.0))
        .bind(account.seller.as_str())
        .bind(new.external_id.as_deref())
        .bind(account.email.as_str())
        .bind(account.name.as_str())
        .bind(account.language.tag())
        .bind(ms(account.created_at))
        .bind(account.provider_customer.as_deref())
        .execute(connection)
        .await?;
    Ok(Written::Done)
}

/// Asks for an account and the seller's own id of it.
pub(super) fn ask(account: AccountId) -> Script {
    let mut script = Script::default();
    script.say(FIND).bind(id(account.0));
    script
}

/// The account, as it was answered.
pub(super) fn read(answers: &[Vec<SqliteRow>]) -> StoreResult<Option<(Account, Option<String>)>> {
    first(answers).map(rows::account).transpose()
}

/// Asks for the account's newest billing data, by reference, and what of it the provider has.
pub(super) fn ask_billing(account: AccountId) -> Script {
    let mut script = Script::default();
    script.say(BILLING).bind(id(account.0));
    script
}

/// What is on file, as it was answered.
pub(super) fn read_billing(answers: &[Vec<SqliteRow>]) -> StoreResult<Option<BillingOnFile>> {
    first(answers).map(rows::billing_on_file).transpose()
}

/// Asks for billing data that is not erased.
pub(super) fn ask_identity(row: Uuid) -> Script {
    let mut script = Script::default();
    script.say(IDENTITY).bind(id(row));
    script
}

/// The billing data, as it was answered.
pub(super) fn read_identity(answers: &[Vec<SqliteRow>]) -> StoreResult<Option<BillingIdentity>> {
    first(answers)
        .map(|row| Cells::of("identity", row).json("data"))
        .transpose()
}

/// Writes billing data into its erasable row and makes it the account's newest.
pub(super) fn give_identity(script: &mut Script, new: &NewIdentity) -> StoreResult<()> {
    script
        .say(GIVE_IDENTITY)
        .bind(id(new.reference.row))
        .bind(id(new.account.0))
        .bind(json(&new.identity, "identity.data")?)
        .bind(new.reference.hash.as_str())
        .bind(new.reference.tax_hash.as_str())
        .bind(new.reference.tax_id_hash.as_str())
        .bind(ms(new.at));
    use_identity(script, new.account, new.reference.row);
    Ok(())
}

fn use_identity(script: &mut Script, account: AccountId, row: Uuid) {
    script
        .say(USE_IDENTITY)
        .otherwise(StoreError::Damaged("account.identity".to_owned()))
        .bind(id(account.0))
        .bind(id(row));
}

/// Writes what became known about an account.
pub(super) fn learn(script: &mut Script, account: AccountId, facts: &[AccountFact]) {
    for fact in facts {
        let (statement, [what, hash]) = match fact {
            AccountFact::Identity(reference) => {
                use_identity(script, account, reference.row);
                continue;
            }
            AccountFact::Customer {
                customer,
                identity_hash,
            } => (SAVED_CUSTOMER, [customer, identity_hash]),
            AccountFact::TaxId { tax_id, hash } => (SAVED_TAX_ID, [tax_id, hash]),
        };
        script
            .say(statement)
            .otherwise(StoreError::Damaged("account.id".to_owned()))
            .bind(id(account.0))
            .bind(what.as_str())
            .bind(hash.as_str());
    }
}

/// Takes over the provider customer that an adopted subscription belongs to; `Stale` when it cannot be this account's.
pub(super) async fn adopt_customer(
    connection: &mut SqliteConnection,
    seller: &SellerId,
    account: AccountId,
    customer: &str,
) -> Step {
    let known =
        read(&ask(account).ask(&mut *connection).await?)?.and_then(|(account, _)| account.provider_customer);
    let of_another = sqlx::query(CUSTOMER_OF_ANOTHER)
        .bind(seller.as_str())
        .bind(customer)
        .bind(id(account.0))
        .fetch_optional(&mut *connection)
        .await?;
    if of_another.is_some() || known.is_some_and(|known| known != customer) {
        return Err(Undo::Answer(Written::Stale));
    }
    sqlx::query(ADOPT_CUSTOMER)
        .bind(id(account.0))
        .bind(customer)
        .execute(connection)
        .await?;
    Ok(())
}
