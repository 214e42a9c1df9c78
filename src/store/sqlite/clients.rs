//! Clients of agencies: each version written only on the one before it, with its line of history.

use sqlx::sqlite::SqliteConnection;

use super::cells::{Cells, count, id, json};
use super::journal::{self, Head, History, PAGE_MAX};
use super::script::Script;
use super::writer::Outcome;
use super::{accounts, contracts, outbox, requests, rows};
use crate::domain::account::{AccountId, Client};
use crate::ports::store::{ClientRecord, StoreError, StoreResult, Written};
use crate::store::failure::Undo;

const FIND: &str = "SELECT * FROM client WHERE account = ?1";

const CREATE: &str =
    "INSERT INTO client (account, agency, seller, version, content) VALUES (?1, ?2, ?3, ?4, ?5)";

const REPLACE: &str =
    "UPDATE client SET version = ?4, content = ?5 WHERE account = ?1 AND agency = ?2 AND seller = ?3";

const OF_AGENCY: &str = "SELECT * FROM client WHERE agency = ?1 AND account > ?2 ORDER BY account LIMIT ?3";

const IDS: &str = "SELECT account FROM client WHERE account > ?1 ORDER BY account LIMIT ?2";

const LAST: &str = "SELECT seq, hash FROM client_journal WHERE client = ?1 ORDER BY seq DESC LIMIT 1";

/// Writes the next version of a client.
pub(super) async fn write(connection: &mut SqliteConnection, record: ClientRecord) -> Outcome<Written> {
    requests::remember(&mut *connection, record.request.as_ref()).await?;
    if let Some(account) = record.account {
        let made = accounts::create(&mut *connection, account).await?;
        if made != Written::Done {
            return Err(Undo::Answer(made));
        }
    }
    let client = &record.client;
    let known = find(&mut *connection, client.account).await?;
    let before = known.as_ref().map_or(0, |known| known.version);
    if before + 1 != client.version {
        return Err(Undo::Answer(Written::Stale));
    }
    let head = head(&mut *connection, client.account).await?;
    if record.entry.seq != client.version {
        return Err(StoreError::Damaged("client_journal.seq".to_owned()).into());
    }
    let statement = if known.is_some() { REPLACE } else { CREATE };
    let written = sqlx::query(statement)
        .bind(id(client.account.0))
        .bind(id(client.agency.0))
        .bind(client.seller.as_str())
        .bind(count(client.version, "client.version")?)
        .bind(json(client, "client.content")?)
        .execute(&mut *connection)
        .await?;
    if written.rows_affected() != 1 {
        return Err(StoreError::Damaged("client.agency".to_owned()).into());
    }
    let mut script = Script::default();
    journal::append(
        &mut script,
        History::Client(client.account),
        head,
        &[record.entry],
    )?;
    for contract in &record.contracts {
        contracts::replace(&mut script, contract)?;
    }
    outbox::put(&mut script, &record.outbox)?;
    script.run(connection).await?;
    Ok(Written::Done)
}

async fn head(connection: &mut SqliteConnection, client: AccountId) -> StoreResult<Head> {
    let last = sqlx::query(LAST)
        .bind(id(client.0))
        .fetch_optional(connection)
        .await?;
    match last {
        None => Ok(Head::NONE),
        Some(last) => {
            let cells = Cells::of("client_journal", &last);
            Ok(Head {
                seq: cells.number("seq")?,
                hash: cells.hash("hash")?,
            })
        }
    }
}

/// Reads a client.
pub(super) async fn find(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> StoreResult<Option<Client>> {
    let found = sqlx::query(FIND)
        .bind(id(account.0))
        .fetch_optional(connection)
        .await?;
    found.as_ref().map(rows::client).transpose()
}

/// The clients of an agency, in the order of their ids.
pub(super) async fn of_agency(
    connection: &mut SqliteConnection,
    agency: AccountId,
    after: Option<AccountId>,
    limit: u32,
) -> StoreResult<Vec<Client>> {
    let found = sqlx::query(OF_AGENCY)
        .bind(id(agency.0))
        .bind(after.map_or(Vec::new(), |account| id(account.0)))
        .bind(limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::client).collect()
}

/// All clients in the order of their ids.
pub(super) async fn ids(
    connection: &mut SqliteConnection,
    after: Option<AccountId>,
    limit: u32,
) -> StoreResult<Vec<AccountId>> {
    let found = sqlx::query(IDS)
        .bind(after.map_or(Vec::new(), |account| id(account.0)))
        .bind(limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found
        .iter()
        .map(|row| Cells::of("client", row).id("account").map(AccountId))
        .collect()
}
