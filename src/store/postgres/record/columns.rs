//! The parameters of `decisions.sql`: columns of decisions, and columns of their parts with the decision's place.

use uuid::Uuid;

use super::super::call::Answer;
use super::super::cells::{count, json, ms};
use super::super::parts::{Asking, bind_outbox, each};
use crate::domain::change::AccountFact;
use crate::ports::store::{EffectRow, EffectUpdate, Record, StoreError, StoreResult};
use crate::store::history::Head;
use crate::store::outcomes::{STATUSES, may_follow};
use crate::store::rows;

/// The statement with all its parameters. `waits` says whether it does.
pub(super) fn ask<'q>(statement: &'static str, records: &'q [Record], waits: bool) -> Answer<Asking<'q>> {
    let asking = bind_requests(sqlx::query(statement), records);
    let told = parts(records, |record| &record.outbox);
    let asking = bind_outbox(asking, told.iter().map(|(_, _, row)| *row))?.bind(places(&told));
    let asking = bind_changes(asking, records)?;
    let asking = bind_account_facts(asking, records);
    let asking = bind_contracts(asking, records)?;
    let asking = bind_identities(asking, records)?;
    let asking = bind_settled(asking, &parts(records, |record| &record.settled));
    let asking = bind_effects(asking, &parts(records, |record| &record.effects));
    let asking = bind_history(asking, records)?;
    let taken_up = parts(records, |record| &record.taken_up);
    Ok(asking
        .bind(places(&taken_up))
        .bind(column(&taken_up, |(_, _, id)| **id))
        .bind(waits)
        .bind(each(records, |record| {
            i64::try_from(record.settled.len()).unwrap_or(i64::MAX)
        }))
        .bind(column(&told, |(_, _, row)| row.leaves))
        .bind(each(records, |record| record.held_until.map(ms)))
        .bind(each(records, |record| record.change.payment_intent.as_deref())))
}

/// A part of a decision, with the decision's place from 1.
type Part<'q, T> = (i64, &'q Record, &'q T);

/// The parts of one kind of all decisions.
fn parts<'q, T>(records: &'q [Record], of: impl Fn(&'q Record) -> &'q Vec<T>) -> Vec<Part<'q, T>> {
    let numbered = (1..).zip(records);
    numbered
        .flat_map(|(nth, record)| of(record).iter().map(move |part| (nth, record, part)))
        .collect()
}

fn places<T>(parts: &[Part<'_, T>]) -> Vec<i64> {
    column(parts, |(nth, _, _)| *nth)
}

/// What a decision comes to, as far as that can be told without the database: its lines must follow one another up to the new
/// head, and everything in it must be about its change. The word is handed in, because an outdated decision is first of all
/// outdated.
fn damage(record: &Record) -> Option<String> {
    match check(record) {
        Err(StoreError::Damaged(cell)) => Some(cell),
        _ => None,
    }
}

fn check(record: &Record) -> StoreResult<()> {
    let mut head = Head {
        seq: record.expected_version,
        hash: previous(record),
    };
    for entry in &record.entries {
        head = head.then(entry, "journal")?;
    }
    let change = &record.change;
    let promised = Head {
        seq: change.version,
        hash: change.journal_head,
    };
    let all = [
        (head == promised, "change.journal_head"),
        (
            record.effects.iter().all(|effect| effect.change == change.id),
            "effect.change",
        ),
        (
            record
                .identity
                .as_ref()
                .is_none_or(|new| new.account == change.account),
            "identity.account",
        ),
    ];
    match all.into_iter().find(|(holds, _)| !holds) {
        Some((_, cell)) => Err(StoreError::Damaged(cell.to_owned())),
        None => Ok(()),
    }
}

/// The hash of the line before the first new one, as the record has it.
fn previous(record: &Record) -> [u8; 32] {
    let first = record.entries.first();
    first.map_or(record.change.journal_head, |entry| entry.previous)
}

/// $1 to $5.
fn bind_requests<'q>(asking: Asking<'q>, records: &'q [Record]) -> Asking<'q> {
    let requests = || records.iter().map(|record| record.request.as_ref());
    asking
        .bind(all(requests(), |request| request.seller.as_str()))
        .bind(all(requests(), |request| request.key.as_str()))
        .bind(all(requests(), |request| request.fingerprint.as_slice()))
        .bind(all(requests(), |request| i64::from(request.answer.status)))
        .bind(all(requests(), |request| request.answer.body.as_slice()))
}

/// One column of what a decision may have or not.
fn all<'q, T: 'q, C>(
    rows: impl Iterator<Item = Option<&'q T>>,
    column: impl Fn(&'q T) -> C,
) -> Vec<Option<C>> {
    rows.map(|row| row.map(&column)).collect()
}

/// $17 to $44.
fn bind_changes<'q>(asking: Asking<'q>, records: &'q [Record]) -> StoreResult<Asking<'q>> {
    let changes = || records.iter().map(|record| &record.change);
    let versions = changes().map(|change| count(change.version, "change.version"));
    let expected = records
        .iter()
        .map(|record| count(record.expected_version, "change.version"));
    let fences = records.iter().map(|record| {
        let epoch = record.fence.map(|fence| count(fence.epoch, "due.lease_epoch"));
        epoch.transpose()
    });
    Ok(asking
        .bind(each(changes(), |change| change.id.0))
        .bind(each(changes(), |change| change.reference.0.as_str()))
        .bind(each(changes(), |change| change.seller.as_str()))
        .bind(each(changes(), |change| change.account.0))
        .bind(each(changes(), |change| change.contract.0))
        .bind(each(changes(), |change| change.workflow.0.as_str()))
        .bind(versions.collect::<StoreResult<Vec<i64>>>()?)
        .bind(each(changes(), |change| change.stage.as_slice()))
        .bind(each(changes(), |change| change.stage_name.as_str()))
        .bind(each(changes(), |change| i64::from(change.machine_version)))
        .bind(each(changes(), |change| change.open))
        .bind(each(changes(), |change| ms(change.entered_at)))
        .bind(each(changes(), |change| i64::from(change.asked)))
        .bind(each(changes(), |change| change.last_asked.map(ms)))
        .bind(each(changes(), |change| i64::from(change.reminded)))
        .bind(each(changes(), |change| change.return_url.as_deref()))
        .bind(each(changes(), |change| change.cancel_url.as_deref()))
        .bind(each(changes(), |change| ms(change.created_at)))
        .bind(each(changes(), |change| ms(change.updated_at)))
        .bind(each(changes(), |change| change.journal_head.as_slice()))
        .bind(each(changes(), |change| change.concern_at.map(ms)))
        .bind(each(changes(), |change| change.invoice.as_deref()))
        .bind(expected.collect::<StoreResult<Vec<i64>>>()?)
        .bind(each(records, |record| previous(record).to_vec()))
        .bind(fences.collect::<StoreResult<Vec<Option<i64>>>>()?)
        .bind(each(records, |record| record.due_at.map(ms)))
        .bind(each(records, |record| record.contract_look.map(ms)))
        .bind(each(records, damage)))
}

/// What becomes known about an account, the last of each kind.
#[derive(Default)]
struct Learned<'q> {
    customer: Option<&'q str>,
    customer_hash: Option<&'q str>,
    tax_id: Option<&'q str>,
    tax_id_hash: Option<&'q str>,
    identity: Option<Uuid>,
}

impl<'q> Learned<'q> {
    fn from(record: &'q Record) -> Self {
        let mut learned = Self {
            identity: record.identity.as_ref().map(|new| new.reference.row),
            ..Self::default()
        };
        for fact in &record.account {
            match fact {
                AccountFact::Identity(reference) => learned.identity = Some(reference.row),
                AccountFact::Customer {
                    customer,
                    identity_hash,
                } => {
                    learned.customer = Some(customer);
                    learned.customer_hash = Some(identity_hash);
                }
                AccountFact::TaxId { tax_id, hash } => {
                    learned.tax_id = Some(tax_id);
                    learned.tax_id_hash = Some(hash);
                }
            }
        }
        learned
    }
}

/// $45 to $50: whether something is learned, and what.
fn bind_account_facts<'q>(asking: Asking<'q>, records: &'q [Record]) -> Asking<'q> {
    let learned: Vec<Learned<'q>> = each(records, Learned::from);
    asking
        .bind(each(records, |record| {
            record.identity.is_some() || !record.account.is_empty()
        }))
        .bind(column(&learned, |learned| learned.customer))
        .bind(column(&learned, |learned| learned.customer_hash))
        .bind(column(&learned, |learned| learned.tax_id))
        .bind(column(&learned, |learned| learned.tax_id_hash))
        .bind(column(&learned, |learned| learned.identity))
}

/// One column of rows that were made for the statement alone.
fn column<T, C>(rows: &[T], column: impl Fn(&T) -> C) -> Vec<C> {
    rows.iter().map(column).collect()
}

/// $51 to $56.
fn bind_contracts<'q>(asking: Asking<'q>, records: &'q [Record]) -> StoreResult<Asking<'q>> {
    let contracts = || records.iter().map(|record| record.contract.as_ref());
    let versions = contracts().map(|contract| {
        let version = contract.map(|contract| count(contract.version, "contract.version"));
        version.transpose()
    });
    let contents = contracts().map(|contract| {
        let content = contract.map(|contract| json(contract, "contract.content"));
        content.transpose()
    });
    Ok(asking
        .bind(all(contracts(), |contract| contract.id.0))
        .bind(all(contracts(), |contract| contract.seller.as_str()))
        .bind(all(contracts(), |contract| contract.account.0))
        .bind(versions.collect::<StoreResult<Vec<Option<i64>>>>()?)
        .bind(each(records, |record| {
            record
                .contract
                .as_ref()
                .and_then(|contract| contract.subscription.as_deref())
        }))
        .bind(contents.collect::<StoreResult<Vec<Option<Vec<u8>>>>>()?))
}

/// $57 to $62: new billing data.
fn bind_identities<'q>(asking: Asking<'q>, records: &'q [Record]) -> StoreResult<Asking<'q>> {
    let identities = || records.iter().map(|record| record.identity.as_ref());
    let data = identities().map(|new| {
        let data = new.map(|new| json(&new.identity, "identity.data"));
        data.transpose()
    });
    Ok(asking
        .bind(all(identities(), |new| new.reference.row))
        .bind(data.collect::<StoreResult<Vec<Option<Vec<u8>>>>>()?)
        .bind(all(identities(), |new| new.reference.hash.as_str()))
        .bind(all(identities(), |new| new.reference.tax_hash.as_str()))
        .bind(all(identities(), |new| new.reference.tax_id_hash.as_str()))
        .bind(all(identities(), |new| ms(new.at))))
}

/// $63 to $71.
fn bind_settled<'q>(asking: Asking<'q>, settled: &[Part<'q, EffectUpdate>]) -> Asking<'q> {
    let updates = || settled.iter().map(|(_, _, update)| *update);
    asking
        .bind(places(settled))
        .bind(each(updates(), |update| update.id.0))
        .bind(each(updates(), |update| rows::status_word(update.status)))
        .bind(each(updates(), befores))
        .bind(each(updates(), |update| update.outcome.as_deref()))
        .bind(each(updates(), |update| update.last_error.as_deref()))
        .bind(each(updates(), |update| ms(update.next_try_at)))
        .bind(each(updates(), |update| update.consumed))
        .bind(each(updates(), |update| update.undecidable_since.map(ms)))
}

/// The statuses that an update may come after, with commas between them.
pub(in super::super) fn befores(update: &EffectUpdate) -> String {
    let allowed = STATUSES
        .into_iter()
        .filter(|before| may_follow(*before, update.status));
    allowed.map(rows::status_word).collect::<Vec<_>>().join(",")
}

/// $72 to $88.
fn bind_effects<'q>(asking: Asking<'q>, promised: &[Part<'q, EffectRow>]) -> Asking<'q> {
    let effects = || promised.iter().map(|(_, _, effect)| *effect);
    asking
        .bind(places(promised))
        .bind(each(effects(), |effect| effect.id.0))
        .bind(each(effects(), |effect| effect.name.as_str()))
        .bind(each(effects(), |effect| i64::from(effect.generation)))
        .bind(each(effects(), |effect| effect.call.as_slice()))
        .bind(each(effects(), |effect| effect.request.as_slice()))
        .bind(each(effects(), |effect| effect.request_hash.as_str()))
        .bind(each(effects(), |effect| effect.key.as_str()))
        .bind(each(effects(), |effect| effect.first_sent_at.map(ms)))
        .bind(each(effects(), |effect| effect.key_deadline.map(ms)))
        .bind(each(effects(), |effect| rows::status_word(effect.status)))
        .bind(each(effects(), |effect| i64::from(effect.attempts)))
        .bind(each(effects(), |effect| ms(effect.next_try_at)))
        .bind(each(effects(), |effect| effect.outcome.as_deref()))
        .bind(each(effects(), |effect| effect.last_error.as_deref()))
        .bind(each(effects(), |effect| effect.charging.as_deref()))
        .bind(each(effects(), |effect| effect.consumed))
}

/// $89 to $95.
fn bind_history<'q>(asking: Asking<'q>, records: &'q [Record]) -> StoreResult<Asking<'q>> {
    let lines = parts(records, |record| &record.entries);
    let entries = || lines.iter().map(|(_, _, entry)| *entry);
    let seqs = entries().map(|entry| count(entry.seq, "journal.seq"));
    Ok(asking
        .bind(places(&lines))
        .bind(column(&lines, |(_, record, _)| record.change.id.0))
        .bind(seqs.collect::<StoreResult<Vec<i64>>>()?)
        .bind(each(entries(), |entry| ms(entry.at)))
        .bind(each(entries(), |entry| entry.content.as_slice()))
        .bind(each(entries(), |entry| entry.previous.as_slice()))
        .bind(each(entries(), |entry| entry.hash.as_slice())))
}
