//! Histories: of changes and of contracts. Each line must follow the one before it.

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::cells::{Cells, count, id, ms};
use super::rows;
use super::script::Script;
use crate::domain::account::{AccountId, ContractId};
use crate::domain::change::ChangeId;
use crate::ports::store::{JournalEntry, PageAsk, StoreResult};

pub(super) use crate::store::history::{Head, PAGE_MAX};

pub(super) const ADD: &str = "INSERT INTO journal (change, seq, at, content, previous, hash)
    SELECT * FROM (VALUES ?rows) WHERE column1 IS NOT NULL";

pub(super) const ADD_TO_CONTRACT: &str =
    "INSERT INTO contract_journal (contract, seq, at, content, previous, hash)
    SELECT * FROM (VALUES ?rows) WHERE column1 IS NOT NULL";

const ADD_TO_CLIENT: &str = "INSERT INTO client_journal (client, seq, at, content, previous, hash)
    SELECT * FROM (VALUES ?rows) WHERE column1 IS NOT NULL";

pub(super) const LAST_OF_CONTRACT: &str = "SELECT column1 AS place, seq, hash
    FROM (VALUES ?places) CROSS JOIN contract_journal ON contract = column2
        AND seq = (SELECT max(seq) FROM contract_journal WHERE contract = column2)";

/// Whose history it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum History {
    Change(ChangeId),
    Contract(ContractId),
    Client(AccountId),
}

impl History {
    fn table(self) -> &'static str {
        match self {
            Self::Change(_) => "journal",
            Self::Contract(_) => "contract_journal",
            Self::Client(_) => "client_journal",
        }
    }

    fn owner(self) -> Vec<u8> {
        match self {
            Self::Change(change) => id(change.0),
            Self::Contract(contract) => id(contract.0),
            Self::Client(client) => id(client.0),
        }
    }

    fn insert(self) -> &'static str {
        match self {
            Self::Change(_) => ADD,
            Self::Contract(_) => ADD_TO_CONTRACT,
            Self::Client(_) => ADD_TO_CLIENT,
        }
    }

    fn page(self) -> &'static str {
        match self {
            Self::Change(_) => "SELECT * FROM journal WHERE change = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
            Self::Contract(_) => {
                "SELECT * FROM contract_journal WHERE contract = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
            }
            Self::Client(_) => {
                "SELECT * FROM client_journal WHERE client = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
            }
        }
    }
}

/// Asks where the history of a contract stands.
pub(super) fn ask_last(script: &mut Script, contract: ContractId) {
    script.say(LAST_OF_CONTRACT).bind(id(contract.0));
}

/// Where it stands, as it was answered.
pub(super) fn read_last(row: Option<&SqliteRow>) -> StoreResult<Head> {
    let Some(row) = row else {
        return Ok(Head::NONE);
    };
    let cells = Cells::of("contract_journal", row);
    Ok(Head {
        seq: cells.number("seq")?,
        hash: cells.hash("hash")?,
    })
}

/// Adds lines, each of which must follow the one before; answers the new head.
pub(super) fn append(
    script: &mut Script,
    history: History,
    mut head: Head,
    entries: &[JournalEntry],
) -> StoreResult<Head> {
    for entry in entries {
        head = head.then(entry, history.table())?;
        script
            .say(history.insert())
            .bind(history.owner())
            .bind(count(entry.seq, "journal.seq")?)
            .bind(ms(entry.at))
            .bind(entry.content.as_slice())
            .bind(entry.previous.as_slice())
            .bind(entry.hash.as_slice());
    }
    Ok(head)
}

/// A part of a history.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    history: History,
    page: PageAsk,
) -> StoreResult<Vec<JournalEntry>> {
    let rows = sqlx::query(history.page())
        .bind(history.owner())
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(page.limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| rows::journal_entry(history.table(), row))
        .collect()
}
