//! Histories: of changes and of contracts. Each line must follow the one before it.

use sqlx::sqlite::SqliteConnection;

use super::cells::{Cells, count, id, ms};
use super::rows;
use super::script::Script;
use crate::domain::account::ContractId;
use crate::domain::change::ChangeId;
use crate::ports::store::{JournalEntry, PageAsk, StoreResult};

pub(super) use crate::store::history::{Head, PAGE_MAX};

/// Whose history it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum History {
    Change(ChangeId),
    Contract(ContractId),
}

impl History {
    fn table(self) -> &'static str {
        match self {
            Self::Change(_) => "journal",
            Self::Contract(_) => "contract_journal",
        }
    }

    fn owner(self) -> Vec<u8> {
        match self {
            Self::Change(change) => id(change.0),
            Self::Contract(contract) => id(contract.0),
        }
    }

    fn insert(self) -> &'static str {
        match self {
            Self::Change(_) => {
                "INSERT INTO journal (change, seq, at, content, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
            }
            Self::Contract(_) => {
                "INSERT INTO contract_journal (contract, seq, at, content, previous, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
            }
        }
    }

    fn page(self) -> &'static str {
        match self {
            Self::Change(_) => "SELECT * FROM journal WHERE change = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
            Self::Contract(_) => {
                "SELECT * FROM contract_journal WHERE contract = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
            }
        }
    }

    fn last(self) -> &'static str {
        match self {
            Self::Change(_) => "SELECT seq, hash FROM journal WHERE change = ?1 ORDER BY seq DESC LIMIT 1",
            Self::Contract(_) => {
                "SELECT seq, hash FROM contract_journal WHERE contract = ?1 ORDER BY seq DESC LIMIT 1"
            }
        }
    }
}

/// Where a history stands.
pub(super) async fn head(connection: &mut SqliteConnection, history: History) -> StoreResult<Head> {
    let row = sqlx::query(history.last())
        .bind(history.owner())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else {
        return Ok(Head::NONE);
    };
    let cells = Cells::of(history.table(), &row);
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
