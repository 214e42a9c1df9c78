//! What is used: books, reports, credits and what goes beyond, each written on the book's version before.

use sqlx::PgPool;

use super::call::Answer;
use super::cells::{Cells, count, json, ms};
use super::contracts::check;
use super::parts::{Asking, answered, bind_outbox, bind_request, each, remembered, told, written};
use super::requests;
use crate::domain::account::{AccountId, ContractId};
use crate::domain::catalog::SellerId;
use crate::domain::metering::{Book, CreditLine, Tally};
use crate::ports::store::{
    BookRecord, ClientRequest, ClosedTally, OverageRow, PageAsk, PrerequisiteLine, ReportRow, StoreResult,
    Subject, Written,
};
use crate::store::history::PAGE_MAX;
use crate::store::metering_rows::{self as rows, kind_word, millionths, status_word};

/// The queue is locked first, as everywhere, then the book. Where there is no book yet, two who begin one meet at its key, and the
/// later one runs again.
const KEEP: &str = concat!(
    "WITH ",
    answered!(),
    ", queued AS MATERIALIZED (
        SELECT lease_epoch, lease_owner FROM due WHERE subject_kind = 'contract' AND subject = $16
        FOR NO KEY UPDATE
    ),
    kept AS MATERIALIZED (
        SELECT coalesce(max(books.version), 0) AS version FROM (
            SELECT usage_book.version FROM usage_book, (SELECT count(*) AS found FROM queued) AS locked
            WHERE usage_book.contract = $16 AND locked.found >= 0
            FOR NO KEY UPDATE OF usage_book
        ) AS books
    ),
    verdict AS MATERIALIZED (
        SELECT CASE
            WHEN kept.version <> $17 THEN 'stale'
            WHEN $18::bigint IS NOT NULL AND NOT EXISTS (
                SELECT FROM queued WHERE queued.lease_epoch = $18 AND queued.lease_owner IS NOT NULL
            ) THEN 'stale'
            WHEN EXISTS (SELECT FROM usage_report WHERE seller = ANY ($20::text[]) AND id = ANY ($21::text[])) THEN 'stale'
            WHEN $43::bytea IS NOT NULL AND $43 IS DISTINCT FROM (
                SELECT hash FROM contract_journal WHERE contract = $16 ORDER BY seq DESC LIMIT 1
            ) THEN 'stale'
            ELSE 'done'
        END AS word
        FROM kept
    ),
    moved AS (
        INSERT INTO usage_book (contract, version, lines)
        SELECT $16, $17::bigint + 1, $19::bigint FROM verdict WHERE verdict.word = 'done' AND $17 = 0
    ),
    moved_on AS (
        UPDATE usage_book SET version = $17 + 1, lines = $19 FROM verdict
        WHERE usage_book.contract = $16 AND verdict.word = 'done' AND $17 > 0
    ),
    reported AS (
        INSERT INTO usage_report (seller, id, contract, meter, variant, quantity, at, received_at)
        SELECT line.* FROM unnest($20::text[], $21::text[], $22::uuid[], $23::text[], $24::text[], $25::bigint[],
                $26::bigint[], $27::bigint[]) AS line, verdict
        WHERE verdict.word = 'done'
    ),
    tallied AS (
        INSERT INTO usage_tally (contract, pot, starts_at, ends_at, used, closed_at, content)
        SELECT $16, line.* FROM unnest($28::text[], $29::bigint[], $30::bigint[], $31::bigint[], $32::bigint[], $33::bytea[])
                AS line, verdict
        WHERE verdict.word = 'done'
        ON CONFLICT (contract, pot, starts_at) DO UPDATE SET
            ends_at = excluded.ends_at, used = excluded.used, closed_at = excluded.closed_at, content = excluded.content
    ),
    credited AS (
        INSERT INTO credit_line (contract, seq, credits, month, kind, amount, at, report)
        SELECT $16, line.* FROM unnest($34::bigint[], $35::text[], $36::bigint[], $37::text[], $38::bigint[], $39::bigint[],
                $40::text[]) AS line, verdict
        WHERE verdict.word = 'done'
    ),
    chronicled AS (
        INSERT INTO contract_journal (contract, seq, at, content, previous, hash)
        SELECT $16, line.* FROM unnest($41::bigint[], $42::bigint[], $44::bytea[], $45::bytea[], $46::bytea[]) AS line, verdict
        WHERE verdict.word = 'done'
    ),
    charged AS (
        INSERT INTO overage (id, contract, pot, starts_at, content, request, key, generation, status, attempts,
            prepared_at, next_try_at, outcome, last_error, invoice)
        SELECT line.id, $16, line.pot, line.starts_at, line.content, line.request, line.key, line.generation, line.status,
            line.attempts, line.prepared_at, line.next_try_at, line.outcome, line.last_error, line.invoice
        FROM unnest($47::uuid[], $48::text[], $49::bigint[], $50::bytea[], $51::bytea[], $52::text[], $53::bigint[],
                $54::text[], $55::bigint[], $56::bigint[], $57::bigint[], $58::text[], $59::text[], $61::text[])
                AS line (id, pot, starts_at, content, request, key, generation, status, attempts, prepared_at,
                    next_try_at, outcome, last_error, invoice), verdict
        WHERE verdict.word = 'done'
        ON CONFLICT (id) DO UPDATE SET
            request = excluded.request, key = excluded.key, generation = excluded.generation, status = excluded.status,
            attempts = excluded.attempts, prepared_at = excluded.prepared_at, next_try_at = excluded.next_try_at,
            outcome = excluded.outcome, last_error = excluded.last_error,
            invoice = excluded.invoice
    ),
    woken AS (
        UPDATE due
        SET wake_seq = due.wake_seq + 1, woken_at = LEAST(due.woken_at, $60::bigint),
            due_at = CASE WHEN due.lease_owner IS NULL THEN LEAST(due.due_at, $60) ELSE due.due_at END
        FROM verdict
        WHERE due.subject_kind = 'contract' AND due.subject = $16 AND verdict.word = 'done' AND $60 IS NOT NULL
    ),\n",
    remembered!(),
    ",\n",
    told!(),
    "SELECT verdict.word FROM verdict",
);

/// Its version and its open periods, of one moment.
const BOOK: &str = "SELECT usage_book.version, usage_book.lines, usage_tally.* FROM usage_book
    LEFT JOIN usage_tally ON usage_tally.contract = usage_book.contract AND usage_tally.closed_at IS NULL
    WHERE usage_book.contract = $1 ORDER BY usage_tally.starts_at, usage_tally.pot";

const CLOSED: &str = "SELECT * FROM usage_tally WHERE contract = $1 AND closed_at IS NOT NULL
    ORDER BY starts_at DESC, pot LIMIT $3 OFFSET $2";

const REPORTED: &str = "SELECT usage_report.* FROM unnest($2::text[]) WITH ORDINALITY AS asked (id, place)
    JOIN usage_report ON usage_report.seller = $1 AND usage_report.id = asked.id ORDER BY asked.place";

const CREDITS: &str = "SELECT * FROM credit_line WHERE contract = $1 AND seq > $2 ORDER BY seq LIMIT $3";

const OVERAGES: &str = "SELECT * FROM overage
    WHERE contract = $1 AND (NOT $2 OR status IN ('owed', 'intent', 'unknown'))
    ORDER BY starts_at DESC, pot LIMIT 200";

const ADD_PREREQUISITE: &str = concat!(
    "WITH ",
    answered!(),
    ", verdict AS MATERIALIZED (
        SELECT CASE
            WHEN EXISTS (SELECT FROM answered) THEN 'answered'
            WHEN EXISTS (SELECT FROM prerequisite_line WHERE account = $6 AND prerequisite = $7 AND seq = $8) THEN 'stale'
            ELSE 'done'
        END AS word
    ),
    added AS (
        INSERT INTO prerequisite_line (account, prerequisite, seq, content, at)
        SELECT $6::uuid, $7::text, $8::bigint, $9::bytea, $10::bigint FROM verdict WHERE verdict.word = 'done'
    ),\n",
    remembered!(),
    "SELECT verdict.word, answered.* FROM verdict LEFT JOIN answered ON TRUE",
);

const PREREQUISITES: &str =
    "SELECT * FROM prerequisite_line WHERE account = $1 ORDER BY prerequisite, seq LIMIT 1000";

/// Writes what is new about the use of a contract; `Stale` when its book has moved, the lease is lost, or a report was counted
/// before.
pub(super) async fn keep(pool: &PgPool, record: &BookRecord) -> Answer<Written> {
    if record
        .fence
        .is_some_and(|lease| lease.subject != Subject::Contract(record.contract))
    {
        return Ok(Written::Stale);
    }
    let epoch = record
        .fence
        .map(|lease| count(lease.epoch, "due.lease_epoch"))
        .transpose()?;
    let asking = bind_outbox(bind_request(sqlx::query(KEEP), None), &record.outbox)?
        .bind(record.contract.0)
        .bind(count(record.expected_version, "usage_book.version")?)
        .bind(epoch)
        .bind(count(record.lines, "usage_book.lines")?);
    let asking = bind_reports(asking, &record.reports)?;
    let asking = bind_tallies(asking, record)?;
    let asking = bind_credits(asking, &record.credits)?;
    let (entry_seqs, previous) = check(&record.entries)?;
    let entries = &record.entries;
    let asking = asking
        .bind(entry_seqs)
        .bind(each(entries, |entry| ms(entry.at)))
        .bind(previous)
        .bind(each(entries, |entry| entry.content.as_slice()))
        .bind(each(entries, |entry| entry.previous.to_vec()))
        .bind(each(entries, |entry| entry.hash.to_vec()));
    let row = bind_overages(asking, &record.overages)?
        .bind(record.wake.map(ms))
        .bind(each(&record.overages, |row| row.invoice.as_deref()))
        .fetch_one(pool)
        .await?;
    written(&row, None)
}

/// The parameters $20 to $27.
fn bind_reports<'q>(asking: Asking<'q>, reports: &'q [ReportRow]) -> StoreResult<Asking<'q>> {
    let quantities: StoreResult<Vec<i64>> = reports
        .iter()
        .map(|row| millionths(row.report.quantity, "usage_report.quantity"))
        .collect();
    Ok(asking
        .bind(each(reports, |row| row.seller.as_str()))
        .bind(each(reports, |row| row.report.id.as_str()))
        .bind(each(reports, |row| row.contract.0))
        .bind(each(reports, |row| row.report.meter.as_str()))
        .bind(each(reports, |row| row.report.variant.as_deref()))
        .bind(quantities?)
        .bind(each(reports, |row| ms(row.report.at)))
        .bind(each(reports, |row| ms(row.received_at))))
}

/// The parameters $28 to $33.
fn bind_tallies<'q>(asking: Asking<'q>, record: &'q BookRecord) -> StoreResult<Asking<'q>> {
    let open = record.tallies.iter().map(|tally| (tally, None));
    let closed = record.closed.iter();
    let closed = closed.map(|closed| (&closed.tally, Some(ms(closed.closed_at))));
    let tallies: Vec<(&Tally, Option<i64>)> = open.chain(closed).collect();
    let used: StoreResult<Vec<i64>> = tallies
        .iter()
        .map(|(tally, _)| millionths(tally.used, "usage_tally.used"))
        .collect();
    let contents: StoreResult<Vec<Vec<u8>>> = tallies
        .iter()
        .map(|(tally, _)| json(tally, "usage_tally.content"))
        .collect();
    Ok(asking
        .bind(each(&tallies, |(tally, _)| tally.pot.to_string()))
        .bind(each(&tallies, |(tally, _)| ms(tally.start)))
        .bind(each(&tallies, |(tally, _)| ms(tally.end)))
        .bind(used?)
        .bind(each(&tallies, |(_, closed_at)| *closed_at))
        .bind(contents?))
}

/// The parameters $34 to $40.
fn bind_credits<'q>(asking: Asking<'q>, credits: &'q [CreditLine]) -> StoreResult<Asking<'q>> {
    let seqs: StoreResult<Vec<i64>> = credits
        .iter()
        .map(|line| count(line.seq, "credit_line.seq"))
        .collect();
    let amounts: StoreResult<Vec<i64>> = credits
        .iter()
        .map(|line| millionths(line.amount, "credit_line.amount"))
        .collect();
    Ok(asking
        .bind(seqs?)
        .bind(each(credits, |line| line.credits.as_str()))
        .bind(each(credits, |line| ms(line.month)))
        .bind(each(credits, |line| kind_word(line.kind)))
        .bind(amounts?)
        .bind(each(credits, |line| ms(line.at)))
        .bind(each(credits, |line| line.report.as_deref())))
}

/// The parameters $47 to $59.
fn bind_overages<'q>(asking: Asking<'q>, overages: &'q [OverageRow]) -> StoreResult<Asking<'q>> {
    let contents: StoreResult<Vec<Vec<u8>>> = overages
        .iter()
        .map(|row| json(&row.overage, "overage.content"))
        .collect();
    let request = |row: &'q OverageRow| row.request.as_ref().map(|(request, _)| request.as_slice());
    let key = |row: &'q OverageRow| row.request.as_ref().map(|(_, key)| key.as_str());
    Ok(asking
        .bind(each(overages, |row| row.id))
        .bind(each(overages, |row| row.overage.pot.to_string()))
        .bind(each(overages, |row| ms(row.overage.start)))
        .bind(contents?)
        .bind(each(overages, request))
        .bind(each(overages, key))
        .bind(each(overages, |row| i64::from(row.generation)))
        .bind(each(overages, |row| status_word(row.status)))
        .bind(each(overages, |row| i64::from(row.attempts)))
        .bind(each(overages, |row| row.prepared_at.map(ms)))
        .bind(each(overages, |row| ms(row.next_try_at)))
        .bind(each(overages, |row| row.outcome.as_deref()))
        .bind(each(overages, |row| row.last_error.as_deref())))
}

/// The book of a contract: its open periods.
pub(super) async fn book(pool: &PgPool, contract: &ContractId) -> Answer<Book> {
    let found = sqlx::query(BOOK).bind(contract.0).fetch_all(pool).await?;
    let Some(first) = found.first() else {
        return Ok(Book::default());
    };
    let cells = Cells::of("usage_book", first);
    let (version, lines) = (cells.number("version")?, cells.number("lines")?);
    let mut tallies = Vec::new();
    for row in &found {
        // A book without an open period has one row, with nothing beside it.
        if Cells::of("usage_tally", row).text_if_any("pot")?.is_some() {
            tallies.push(rows::tally(row)?);
        }
    }
    Ok(Book {
        version,
        lines,
        tallies,
    })
}

/// The reports of these names.
pub(super) async fn reports(
    pool: &PgPool,
    (seller, ids): &(SellerId, Vec<String>),
) -> Answer<Vec<ReportRow>> {
    let asked: Vec<&str> = ids.iter().take(PAGE_MAX as usize).map(String::as_str).collect();
    let found = sqlx::query(REPORTED)
        .bind(seller.as_str())
        .bind(asked)
        .fetch_all(pool)
        .await?;
    let reports = found.iter().map(rows::report);
    Ok(reports.collect::<StoreResult<Vec<_>>>()?)
}

/// The periods that are closed, the newest first.
pub(super) async fn closed(
    pool: &PgPool,
    (contract, page): &(ContractId, PageAsk),
) -> Answer<Vec<ClosedTally>> {
    let found = sqlx::query(CLOSED)
        .bind(contract.0)
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(i64::from(page.limit.min(PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    let closed = found.iter().map(rows::closed_tally);
    Ok(closed.collect::<StoreResult<Vec<_>>>()?)
}

/// The history of a contract's credits.
pub(super) async fn credits(
    pool: &PgPool,
    (contract, page): &(ContractId, PageAsk),
) -> Answer<Vec<CreditLine>> {
    let found = sqlx::query(CREDITS)
        .bind(contract.0)
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(i64::from(page.limit.min(PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    let lines = found.iter().map(rows::credit_line);
    Ok(lines.collect::<StoreResult<Vec<_>>>()?)
}

/// What went beyond limits of a contract.
pub(super) async fn overages(
    pool: &PgPool,
    (contract, open): &(ContractId, bool),
) -> Answer<Vec<OverageRow>> {
    let found = sqlx::query(OVERAGES)
        .bind(contract.0)
        .bind(*open)
        .fetch_all(pool)
        .await?;
    let overages = found.iter().map(rows::overage);
    Ok(overages.collect::<StoreResult<Vec<_>>>()?)
}

/// Adds a line about a prerequisite; `Stale` when another one has its number.
pub(super) async fn add_prerequisite(
    pool: &PgPool,
    (line, request): &(PrerequisiteLine, Option<ClientRequest>),
) -> Answer<Written> {
    let row = bind_request(sqlx::query(ADD_PREREQUISITE), request.as_ref())
        .bind(line.account.0)
        .bind(line.prerequisite.as_str())
        .bind(count(line.seq, "prerequisite_line.seq")?)
        .bind(line.content.as_slice())
        .bind(ms(line.at))
        .fetch_one(pool)
        .await?;
    let written = written(&row, request.as_ref())?;
    requests::or_answered(pool, request.as_ref(), written).await
}

/// Everything that was said about prerequisites of an account.
pub(super) async fn prerequisites(pool: &PgPool, account: &AccountId) -> Answer<Vec<PrerequisiteLine>> {
    let found = sqlx::query(PREREQUISITES).bind(account.0).fetch_all(pool).await?;
    let lines = found.iter().map(rows::prerequisite_line);
    Ok(lines.collect::<StoreResult<Vec<_>>>()?)
}
