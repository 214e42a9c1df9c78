//! Contracts that nobody holds yet, and what is written about a contract past its changes.

use sqlx::sqlite::SqliteConnection;

use super::cells::{id, json};
use super::journal::{self, Head, History};
use super::script::Script;
use super::writer::Outcome;
use super::{changes, contracts, requests, rows};
use crate::domain::account::{AccountId, Contract};
use crate::ports::store::{ContractAmendment, NewContract, StoreError, StoreResult, Written};
use crate::store::failure::Undo;

const OF_ACCOUNT: &str = "SELECT * FROM contract WHERE account = ?1 AND version = 0";

const REWRITE: &str = "UPDATE contract SET content = ?2 WHERE id = ?1 AND version = 0";

/// Writes a contract that nobody holds yet, new or in place of the account's last one.
pub(super) async fn propose(connection: &mut SqliteConnection, new: NewContract) -> Outcome<Written> {
    if !new.contract.is_proposed() {
        return Err(StoreError::Damaged("contract.version".to_owned()).into());
    }
    let Some(known) = of_account(&mut *connection, new.contract.account).await? else {
        return contracts::create(connection, new).await;
    };
    requests::remember(&mut *connection, new.request.as_ref()).await?;
    if known.id != new.contract.id || known.seller != new.contract.seller {
        return Err(Undo::Answer(Written::Stale));
    }
    let open = changes::ask_for_open(known.id).ask(&mut *connection).await?;
    if let Some(open) = changes::read_first(&open)? {
        return Err(Undo::Answer(Written::Blocked(open)));
    }
    sqlx::query(REWRITE)
        .bind(id(known.id.0))
        .bind(json(&new.contract, "contract.content")?)
        .execute(connection)
        .await?;
    Ok(Written::Done)
}

/// The contract of an account that nobody holds yet.
pub(super) async fn of_account(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> StoreResult<Option<Contract>> {
    let found = sqlx::query(OF_ACCOUNT)
        .bind(id(account.0))
        .fetch_optional(connection)
        .await?;
    found.as_ref().map(rows::contract).transpose()
}

/// Writes something about a contract that no change is needed for.
pub(super) async fn amend(
    connection: &mut SqliteConnection,
    amendment: ContractAmendment,
) -> Outcome<Written> {
    requests::remember(&mut *connection, amendment.request.as_ref()).await?;
    let (contract, entry) = (&amendment.contract, amendment.entry);
    let mut look = Script::default();
    journal::ask_last(&mut look, contract.id);
    let last = look.ask(&mut *connection).await?;
    let head = journal::read_last(last.first().and_then(|rows| rows.first()))?;
    let before = Head {
        seq: entry.seq.saturating_sub(1),
        hash: entry.previous,
    };
    if head != before {
        return Err(Undo::Answer(Written::Stale));
    }
    let mut script = Script::default();
    contracts::replace(&mut script, contract)?;
    journal::append(&mut script, History::Contract(contract.id), head, &[entry])?;
    script.run(connection).await?;
    Ok(Written::Done)
}
