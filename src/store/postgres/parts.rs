//! What several statements share: a client's request and what must leave, with the places of their parameters. A statement that
//! uses these parts begins with the five parameters of [`bind_request`], then the ten of [`bind_outbox`], if it tells anything.
//!
//! A statement with these parts has a CTE `verdict` with one `word`; everything is written if it is `done`, and nothing else.

use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::Query;
use uuid::Uuid;

use super::call::{Answer, Fault};
use super::cells::{Cells, count, ms};
use crate::domain::change::ChangeId;
use crate::ports::store::{ClientRequest, OutboxRow, StoreError, StoreResult, Written};
use crate::store::rows;

/// A statement with the parameters that it has been given so far.
pub(super) type Asking<'q> = Query<'q, Postgres, PgArguments>;

/// The most rows that one statement puts into the outbox: their places in it are a part of their positions.
const OUTBOX_MAX: usize = 1023;

/// How the key was answered before, if it was.
macro_rules! answered {
    () => {
        "answered AS MATERIALIZED (
            SELECT fingerprint, status, body FROM client_request WHERE seller = $1::text AND key = $2::text
        )"
    };
}

/// Keeps the request with its answer.
macro_rules! remembered {
    () => {
        "remembered AS (
            INSERT INTO client_request (seller, key, fingerprint, status, body)
            SELECT $1::text, $2::text, $3::bytea, $4::bigint, $5::bytea FROM verdict
            WHERE verdict.word = 'done' AND $2::text IS NOT NULL
        )"
    };
}

/// Adds rows to the outbox; one whose key is known is skipped. What leaves is due from the moment of its fact. For their positions
/// see the migration that makes the table. A statement about many things says of each row what it belongs to and whether it
/// leaves, in more parameters and columns, and which of them are written.
macro_rules! told {
    () => {
        told!("", "", "TRUE", "verdict", "verdict.word = 'done'")
    };
    ($parameter:literal, $column:literal, $leaves:literal, $from:literal, $written:literal) => {
        concat!(
            "told AS (
            INSERT INTO outbox (position, id, dedupe_key, channel, seller, account, topic, entry_change, entry_seq, facts, at,
                attempts, status, next_try_at)
            SELECT (pg_current_xact_id()::text::bigint - feed.first_transaction) * 1024 + fact.place,
                fact.id, fact.dedupe_key, fact.channel, fact.seller, fact.account, fact.topic, fact.entry_change,
                fact.entry_seq, fact.facts, fact.at, 0, CASE WHEN ",
            $leaves,
            " THEN 'waiting' ELSE 'sent' END, CASE WHEN ",
            $leaves,
            " THEN fact.at END
            FROM unnest($6::uuid[], $7::text[], $8::text[], $9::text[], $10::uuid[], $11::text[], $12::uuid[],
                    $13::bigint[], $14::bytea[], $15::bigint[]",
            $parameter,
            ") WITH ORDINALITY AS fact (id, dedupe_key, channel, seller, account, topic, entry_change, entry_seq, facts, at",
            $column,
            ", place), feed, ",
            $from,
            " WHERE ",
            $written,
            "
            ON CONFLICT (dedupe_key) DO NOTHING
        )"
        )
    };
}

pub(super) use {answered, remembered, told};

/// The parameters $1 to $5.
pub(super) fn bind_request<'q>(asking: Asking<'q>, request: Option<&'q ClientRequest>) -> Asking<'q> {
    asking
        .bind(request.map(|request| request.seller.as_str()))
        .bind(request.map(|request| request.key.as_str()))
        .bind(request.map(|request| request.fingerprint.as_slice()))
        .bind(request.map(|request| i64::from(request.answer.status)))
        .bind(request.map(|request| request.answer.body.as_slice()))
}

/// The parameters $6 to $15.
pub(super) fn bind_outbox<'q>(
    asking: Asking<'q>,
    rows: impl IntoIterator<Item = &'q OutboxRow> + Clone,
) -> StoreResult<Asking<'q>> {
    if rows.clone().into_iter().count() > OUTBOX_MAX {
        return Err(StoreError::Damaged("outbox.position".to_owned()));
    }
    let entries = rows.clone().into_iter().map(|row| {
        let entry_seq = row.entry.map(|(_, seq)| count(seq, "outbox.entry_seq"));
        Ok((row.entry.map(|(change, _)| change.0), entry_seq.transpose()?))
    });
    let (entry_changes, entry_seqs): (Vec<Option<Uuid>>, Vec<Option<i64>>) =
        entries.collect::<StoreResult<Vec<_>>>()?.into_iter().unzip();
    Ok(asking
        .bind(each(rows.clone(), |row| row.id))
        .bind(each(rows.clone(), |row| row.dedupe_key.as_str()))
        .bind(each(rows.clone(), |row| rows::channel_word(row.channel)))
        .bind(each(rows.clone(), |row| row.seller.as_str()))
        .bind(each(rows.clone(), |row| row.account.0))
        .bind(each(rows.clone(), |row| row.topic.as_str()))
        .bind(entry_changes)
        .bind(entry_seqs)
        .bind(each(rows.clone(), |row| row.facts.as_slice()))
        .bind(each(rows, |row| ms(row.at))))
}

/// One column of many rows, as an array.
pub(super) fn each<'q, T, C>(rows: impl IntoIterator<Item = &'q T>, column: impl Fn(&'q T) -> C) -> Vec<C>
where
    T: ?Sized + 'q,
{
    rows.into_iter().map(column).collect()
}

/// The answers of a statement about many things, of which each row says by `nth` which one it is about. Those that no row is about
/// have none.
pub(super) fn answered_by_place<T>(
    many: usize,
    rows: &[PgRow],
    answer: impl Fn(&PgRow) -> StoreResult<Option<T>>,
) -> Answer<Vec<Option<T>>> {
    let mut answers: Vec<Option<T>> = std::iter::repeat_with(|| None).take(many).collect();
    for row in rows {
        let nth: usize = Cells::of("verdict", row).number("nth")?;
        if let Some(place) = nth.checked_sub(1).and_then(|place| answers.get_mut(place)) {
            *place = answer(row)?;
        }
    }
    Ok(answers)
}

/// What the verdict of a statement means. Beside `word` it gives `blocking`, and the earlier answer's columns.
pub(super) fn written(row: &PgRow, request: Option<&ClientRequest>) -> Answer<Written> {
    let cells = Cells::of("verdict", row);
    let word = cells.text("word")?;
    Ok(match word.as_str() {
        "done" => Written::Done,
        "stale" => Written::Stale,
        "busy" => Written::CustomerBusy,
        "blocked" => Written::Blocked(ChangeId(cells.id("blocking")?)),
        "answered" => answered_before(row, request)?,
        _ => return Err(Fault::Final(StoreError::Damaged(word))),
    })
}

/// What a client gets that has used its key before.
pub(super) fn answered_before(row: &PgRow, request: Option<&ClientRequest>) -> StoreResult<Written> {
    let (fingerprint, answer) = rows::answer(row)?;
    Ok(
        if request.is_some_and(|request| request.fingerprint == fingerprint) {
            Written::Replayed(answer)
        } else {
            Written::KeyReused
        },
    )
}
