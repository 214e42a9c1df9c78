//! What is used: books, reports, credits and what goes beyond, each written on the book's version before.

use sqlx::sqlite::SqliteConnection;

use super::cells::{Cells, count, id, json, ms};
use super::journal::{self, History, PAGE_MAX};
use super::script::Script;
use super::writer::Outcome;
use super::{due, outbox, requests};
use crate::domain::account::{AccountId, ContractId};
use crate::domain::catalog::SellerId;
use crate::domain::metering::{Book, CreditLine, Tally};
use crate::ports::store::{
    BookRecord, ClientRequest, ClosedTally, OverageRow, PageAsk, PrerequisiteLine, ReportRow, StoreResult,
    Subject, Written,
};
use crate::store::failure::Undo;
use crate::store::metering_rows::{self as rows, kind_word, millionths, status_word};

const BOOK: &str = "SELECT version, lines FROM usage_book WHERE contract = ?1";

const OPEN: &str =
    "SELECT * FROM usage_tally WHERE contract = ?1 AND closed_at IS NULL ORDER BY starts_at, pot";

const CLOSED: &str = "SELECT * FROM usage_tally WHERE contract = ?1 AND closed_at IS NOT NULL
    ORDER BY starts_at DESC, pot LIMIT ?3 OFFSET ?2";

const BEGIN: &str = "INSERT INTO usage_book (contract, version, lines) VALUES (?1, ?2, ?3)
    ON CONFLICT (contract) DO NOTHING";

const MOVE_ON: &str =
    "UPDATE usage_book SET version = ?2, lines = ?3 WHERE contract = ?1 AND version = ?2 - 1";

const TALLY: &str =
    "INSERT INTO usage_tally (contract, pot, starts_at, ends_at, used, closed_at, content)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (contract, pot, starts_at) DO UPDATE SET
        ends_at = excluded.ends_at, used = excluded.used, closed_at = excluded.closed_at, content = excluded.content";

const REPORT: &str =
    "INSERT INTO usage_report (seller, id, contract, meter, variant, quantity, at, received_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (seller, id) DO NOTHING";

const REPORTED: &str = "SELECT * FROM usage_report WHERE seller = ?1 AND id = ?2";

const CREDIT: &str = "INSERT INTO credit_line (contract, seq, credits, month, kind, amount, at, report)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const CREDITS: &str = "SELECT * FROM credit_line WHERE contract = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";

const OVERAGE: &str =
    "INSERT INTO overage (id, contract, pot, starts_at, content, request, key, generation, status, attempts,
        prepared_at, next_try_at, outcome, last_error, invoice)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
    ON CONFLICT (id) DO UPDATE SET
        request = excluded.request, key = excluded.key, generation = excluded.generation, status = excluded.status,
        attempts = excluded.attempts, prepared_at = excluded.prepared_at, next_try_at = excluded.next_try_at,
        outcome = excluded.outcome, last_error = excluded.last_error, invoice = excluded.invoice";

const OVERAGES: &str =
    "SELECT * FROM overage WHERE contract = ?1 AND (?2 = 0 OR status IN ('owed', 'intent', 'unknown'))
    ORDER BY starts_at DESC, pot LIMIT 200";

const ADD_PREREQUISITE: &str =
    "INSERT INTO prerequisite_line (account, prerequisite, seq, content, at) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (account, prerequisite, seq) DO NOTHING";

const PREREQUISITES: &str =
    "SELECT * FROM prerequisite_line WHERE account = ?1 ORDER BY prerequisite, seq LIMIT 1000";

/// Writes what is new about the use of a contract; `Stale` when its book has moved, the lease is lost, or a report was counted
/// before.
pub(super) async fn keep(connection: &mut SqliteConnection, record: BookRecord) -> Outcome<Written> {
    let contract = record.contract;
    if let Some(lease) = record.fence {
        let mut look = Script::default();
        due::ask_whether_held(&mut look, lease)?;
        let held = look.ask(&mut *connection).await?;
        if lease.subject != Subject::Contract(contract) || held.first().is_none_or(Vec::is_empty) {
            return Err(Undo::Answer(Written::Stale));
        }
    }
    let stale = || Undo::Answer(Written::Stale);
    let mut script = Script::default();
    script
        .say(if record.expected_version == 0 {
            BEGIN
        } else {
            MOVE_ON
        })
        .otherwise(stale())
        .bind(id(contract.0))
        .bind(count(record.expected_version + 1, "usage_book.version")?)
        .bind(count(record.lines, "usage_book.lines")?);
    for row in &record.reports {
        script
            .say(REPORT)
            .otherwise(stale())
            .bind(row.seller.as_str())
            .bind(row.report.id.as_str())
            .bind(id(row.contract.0))
            .bind(row.report.meter.as_str())
            .bind(row.report.variant.as_deref())
            .bind(millionths(row.report.quantity, "usage_report.quantity")?)
            .bind(ms(row.report.at))
            .bind(ms(row.received_at));
    }
    for tally in &record.tallies {
        put_tally(&mut script, contract, tally, None)?;
    }
    for ClosedTally { tally, closed_at } in &record.closed {
        put_tally(&mut script, contract, tally, Some(ms(*closed_at)))?;
    }
    for line in &record.credits {
        script
            .say(CREDIT)
            .bind(id(contract.0))
            .bind(count(line.seq, "credit_line.seq")?)
            .bind(line.credits.as_str())
            .bind(ms(line.month))
            .bind(kind_word(line.kind))
            .bind(millionths(line.amount, "credit_line.amount")?)
            .bind(ms(line.at))
            .bind(line.report.as_deref());
    }
    for row in &record.overages {
        put_overage(&mut script, row)?;
    }
    if !record.entries.is_empty() {
        let mut look = Script::default();
        journal::ask_last(&mut look, contract);
        let last = look.ask(&mut *connection).await?;
        let before = journal::read_last(last.first().and_then(|rows| rows.first()))?;
        journal::append(&mut script, History::Contract(contract), before, &record.entries)?;
    }
    outbox::put(&mut script, &record.outbox)?;
    if let Some(at) = record.wake {
        due::wake(&mut script, Subject::Contract(contract), at);
    }
    script.run(connection).await?;
    Ok(Written::Done)
}

fn put_tally(
    script: &mut Script,
    contract: ContractId,
    tally: &Tally,
    closed_at: Option<i64>,
) -> StoreResult<()> {
    script
        .say(TALLY)
        .bind(id(contract.0))
        .bind(tally.pot.to_string().as_str())
        .bind(ms(tally.start))
        .bind(ms(tally.end))
        .bind(millionths(tally.used, "usage_tally.used")?)
        .bind(closed_at)
        .bind(json(tally, "usage_tally.content")?);
    Ok(())
}

fn put_overage(script: &mut Script, row: &OverageRow) -> StoreResult<()> {
    let (request, key) = row.request.as_ref().map_or((None, None), |(request, key)| {
        (Some(request.as_slice()), Some(key.as_str()))
    });
    script
        .say(OVERAGE)
        .bind(id(row.id))
        .bind(id(row.contract.0))
        .bind(row.overage.pot.to_string().as_str())
        .bind(ms(row.overage.start))
        .bind(json(&row.overage, "overage.content")?)
        .bind(request)
        .bind(key)
        .bind(row.generation)
        .bind(status_word(row.status))
        .bind(row.attempts)
        .bind(row.prepared_at.map(ms))
        .bind(ms(row.next_try_at))
        .bind(row.outcome.as_deref())
        .bind(row.last_error.as_deref())
        .bind(row.invoice.as_deref());
    Ok(())
}

/// The book of a contract: its open periods.
pub(super) async fn book(connection: &mut SqliteConnection, contract: ContractId) -> StoreResult<Book> {
    let found = sqlx::query(BOOK)
        .bind(id(contract.0))
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = found else {
        return Ok(Book::default());
    };
    let cells = Cells::of("usage_book", &row);
    let (version, lines) = (cells.number("version")?, cells.number("lines")?);
    let open = sqlx::query(OPEN)
        .bind(id(contract.0))
        .fetch_all(connection)
        .await?;
    Ok(Book {
        version,
        lines,
        tallies: open.iter().map(rows::tally).collect::<StoreResult<_>>()?,
    })
}

/// The reports of these names.
pub(super) async fn reports(
    connection: &mut SqliteConnection,
    seller: &SellerId,
    ids: &[String],
) -> StoreResult<Vec<ReportRow>> {
    let mut script = Script::default();
    for name in ids.iter().take(PAGE_MAX as usize) {
        script.say(REPORTED).bind(seller.as_str()).bind(name.as_str());
    }
    let answers = script.ask(connection).await?;
    answers.iter().flatten().map(rows::report).collect()
}

/// The periods that are closed, the newest first.
pub(super) async fn closed(
    connection: &mut SqliteConnection,
    contract: ContractId,
    page: PageAsk,
) -> StoreResult<Vec<ClosedTally>> {
    let found = sqlx::query(CLOSED)
        .bind(id(contract.0))
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(page.limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::closed_tally).collect()
}

/// The history of a contract's credits.
pub(super) async fn credits(
    connection: &mut SqliteConnection,
    contract: ContractId,
    page: PageAsk,
) -> StoreResult<Vec<CreditLine>> {
    let found = sqlx::query(CREDITS)
        .bind(id(contract.0))
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(page.limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::credit_line).collect()
}

/// What went beyond limits of a contract.
pub(super) async fn overages(
    connection: &mut SqliteConnection,
    contract: ContractId,
    open: bool,
) -> StoreResult<Vec<OverageRow>> {
    let found = sqlx::query(OVERAGES)
        .bind(id(contract.0))
        .bind(i64::from(open))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::overage).collect()
}

/// Adds a line about a prerequisite; `Stale` when another one has its number.
pub(super) async fn add_prerequisite(
    connection: &mut SqliteConnection,
    line: PrerequisiteLine,
    request: Option<ClientRequest>,
) -> Outcome<Written> {
    requests::remember(&mut *connection, request.as_ref()).await?;
    let seq = count(line.seq, "prerequisite_line.seq").map_err(Undo::<Written>::from)?;
    let added = sqlx::query(ADD_PREREQUISITE)
        .bind(id(line.account.0))
        .bind(line.prerequisite.as_str())
        .bind(seq)
        .bind(line.content.as_slice())
        .bind(ms(line.at))
        .execute(connection)
        .await?;
    match added.rows_affected() {
        0 => Err(Undo::Answer(Written::Stale)),
        _ => Ok(Written::Done),
    }
}

/// Everything that was said about prerequisites of an account.
pub(super) async fn prerequisites(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> StoreResult<Vec<PrerequisiteLine>> {
    let found = sqlx::query(PREREQUISITES)
        .bind(id(account.0))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::prerequisite_line).collect()
}
