//! The one write in which stage, history, effects, outbox, account, contract and next wake-up change together: one statement,
//! one way to the server and back.
//!
//! `record.sql` looks at everything the decision rests on, comes to one verdict, and writes all or nothing. Two decisions about
//! one change meet at its row in the queue: the second waits there, then sees what the first has written.

use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

use super::call::Answer;
use super::cells::{count, json, ms};
use super::parts::{Asking, answered, bind_outbox, bind_request, each, remembered, told, written};
use super::requests;
use crate::domain::change::AccountFact;
use crate::ports::store::{EffectRow, EffectUpdate, Record, StoreError, StoreResult, Subject, Written};
use crate::store::history::Head;
use crate::store::outcomes::{STATUSES, may_follow};
use crate::store::rows;

const RECORD: &str = concat!(
    "WITH ",
    answered!(),
    ",\n",
    include_str!("record.sql"),
    ",\n",
    remembered!(),
    ",\n",
    told!(),
    "SELECT verdict.word, (SELECT blocking.id FROM blocking) AS blocking, answered.fingerprint, answered.status, answered.body
    FROM verdict LEFT JOIN answered ON TRUE",
);

const SUCCEEDED: &str = "SELECT 1 FROM change WHERE succeeds = $1";

const SUCCEEDS: &str = "UPDATE change SET succeeds = $2 WHERE id = $1";

/// Writes a decision.
pub(super) async fn record(pool: &PgPool, record: &Record) -> Answer<Written> {
    let written = match &record.predecessor {
        None => put(pool, record).await?,
        Some(predecessor) => succeed(pool, predecessor, record).await?,
    };
    requests::or_answered(pool, record.request.as_ref(), written).await
}

/// The opening of a successor, after the note on what it succeeds: two statements in one transaction, both or neither. It is
/// rare, and neither of them tells anything.
async fn succeed(pool: &PgPool, predecessor: &Record, record: &Record) -> Answer<Written> {
    let mut both = pool.begin().await?;
    for one in [predecessor, record] {
        let written = put(&mut *both, one).await?;
        if written != Written::Done {
            both.rollback().await?;
            return Ok(written);
        }
    }
    if let Some(over) = record.change.succeeds {
        let known = sqlx::query(SUCCEEDED)
            .bind(over.0)
            .fetch_optional(&mut *both)
            .await?;
        if known.is_some() {
            both.rollback().await?;
            return Ok(Written::Stale);
        }
        sqlx::query(SUCCEEDS)
            .bind(record.change.id.0)
            .bind(over.0)
            .execute(&mut *both)
            .await?;
    }
    both.commit().await?;
    Ok(Written::Done)
}

async fn put(database: impl PgExecutor<'_>, record: &Record) -> Answer<Written> {
    if record
        .fence
        .is_some_and(|fence| fence.subject != Subject::Change(record.change.id))
    {
        return Ok(Written::Stale);
    }
    let asking = bind_request(sqlx::query(RECORD), record.request.as_ref());
    let asking = bind_outbox(asking, &record.outbox)?;
    let asking = bind_change(asking, record)?;
    let asking = bind_settled(asking, &record.settled);
    let asking = bind_effects(asking, &record.effects);
    let asking = bind_account(asking, record)?;
    let asking = bind_contract(asking, record)?;
    let row = bind_history(asking, record)?
        .bind(damage(record))
        .bind(record.change.concern_at.map(ms))
        .bind(record.change.invoice.as_deref())
        .bind(each(&record.settled, |update| update.undecidable_since.map(ms)))
        .bind(record.taken_up.as_slice())
        .bind(record.contract_look.map(ms))
        .fetch_one(database)
        .await?;
    written(&row, record.request.as_ref())
}

/// The cell that this record would damage, as far as it can be told without the database: its lines must follow one another
/// up to the new head, and everything in it must be about its change. $86, because an outdated record is first of all outdated;
/// $87 to $90 are what support needs: see the second migration; $91 is when the contract is looked at.
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

/// $16 to $39.
fn bind_change<'q>(asking: Asking<'q>, record: &'q Record) -> StoreResult<Asking<'q>> {
    let change = &record.change;
    let fence = record.fence.map(|fence| count(fence.epoch, "due.lease_epoch"));
    Ok(asking
        .bind(change.id.0)
        .bind(change.reference.0.as_str())
        .bind(change.seller.as_str())
        .bind(change.account.0)
        .bind(change.contract.0)
        .bind(change.workflow.0.as_str())
        .bind(count(change.version, "change.version")?)
        .bind(change.stage.as_slice())
        .bind(change.stage_name.as_str())
        .bind(i64::from(change.machine_version))
        .bind(change.open)
        .bind(ms(change.entered_at))
        .bind(i64::from(change.asked))
        .bind(change.last_asked.map(ms))
        .bind(i64::from(change.reminded))
        .bind(change.return_url.as_deref())
        .bind(change.cancel_url.as_deref())
        .bind(ms(change.created_at))
        .bind(ms(change.updated_at))
        .bind(change.journal_head.as_slice())
        .bind(count(record.expected_version, "change.version")?)
        .bind(previous(record).to_vec())
        .bind(fence.transpose()?)
        .bind(record.due_at.map(ms)))
}

/// $40 to $46.
fn bind_settled<'q>(asking: Asking<'q>, settled: &'q [EffectUpdate]) -> Asking<'q> {
    asking
        .bind(each(settled, |update| update.id.0))
        .bind(each(settled, |update| rows::status_word(update.status)))
        .bind(each(settled, befores))
        .bind(each(settled, |update| update.outcome.as_deref()))
        .bind(each(settled, |update| update.last_error.as_deref()))
        .bind(each(settled, |update| ms(update.next_try_at)))
        .bind(each(settled, |update| update.consumed))
}

/// The statuses that an update may come after, with commas between them.
pub(super) fn befores(update: &EffectUpdate) -> String {
    let allowed = STATUSES
        .into_iter()
        .filter(|before| may_follow(*before, update.status));
    allowed.map(rows::status_word).collect::<Vec<_>>().join(",")
}

/// $47 to $62.
fn bind_effects<'q>(asking: Asking<'q>, effects: &'q [EffectRow]) -> Asking<'q> {
    asking
        .bind(each(effects, |effect| effect.id.0))
        .bind(each(effects, |effect| effect.name.as_str()))
        .bind(each(effects, |effect| i64::from(effect.generation)))
        .bind(each(effects, |effect| effect.call.as_slice()))
        .bind(each(effects, |effect| effect.request.as_slice()))
        .bind(each(effects, |effect| effect.request_hash.as_str()))
        .bind(each(effects, |effect| effect.key.as_str()))
        .bind(each(effects, |effect| effect.first_sent_at.map(ms)))
        .bind(each(effects, |effect| effect.key_deadline.map(ms)))
        .bind(each(effects, |effect| rows::status_word(effect.status)))
        .bind(each(effects, |effect| i64::from(effect.attempts)))
        .bind(each(effects, |effect| ms(effect.next_try_at)))
        .bind(each(effects, |effect| effect.outcome.as_deref()))
        .bind(each(effects, |effect| effect.last_error.as_deref()))
        .bind(each(effects, |effect| effect.charging.as_deref()))
        .bind(each(effects, |effect| effect.consumed))
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

/// $63 to $74: new billing data, what is learned, and whether there is anything of it.
fn bind_account<'q>(asking: Asking<'q>, record: &'q Record) -> StoreResult<Asking<'q>> {
    let new = record.identity.as_ref();
    let data = new.map(|new| json(&new.identity, "identity.data")).transpose()?;
    let learned = Learned::from(record);
    Ok(asking
        .bind(new.map(|new| new.reference.row))
        .bind(data)
        .bind(new.map(|new| new.reference.hash.as_str()))
        .bind(new.map(|new| new.reference.tax_hash.as_str()))
        .bind(new.map(|new| new.reference.tax_id_hash.as_str()))
        .bind(new.map(|new| ms(new.at)))
        .bind(learned.customer)
        .bind(learned.customer_hash)
        .bind(learned.tax_id)
        .bind(learned.tax_id_hash)
        .bind(learned.identity)
        .bind(new.is_some() || !record.account.is_empty()))
}

/// $75 to $80.
fn bind_contract<'q>(asking: Asking<'q>, record: &'q Record) -> StoreResult<Asking<'q>> {
    let contract = record.contract.as_ref();
    let version = contract.map(|contract| count(contract.version, "contract.version"));
    let content = contract.map(|contract| json(contract, "contract.content"));
    Ok(asking
        .bind(contract.map(|contract| contract.id.0))
        .bind(contract.map(|contract| contract.seller.as_str()))
        .bind(contract.map(|contract| contract.account.0))
        .bind(version.transpose()?)
        .bind(contract.and_then(|contract| contract.subscription.as_deref()))
        .bind(content.transpose()?))
}

/// $81 to $85.
fn bind_history<'q>(asking: Asking<'q>, record: &'q Record) -> StoreResult<Asking<'q>> {
    let entries = &record.entries;
    let seqs = entries.iter().map(|entry| count(entry.seq, "journal.seq"));
    Ok(asking
        .bind(seqs.collect::<StoreResult<Vec<i64>>>()?)
        .bind(each(entries, |entry| ms(entry.at)))
        .bind(each(entries, |entry| entry.content.as_slice()))
        .bind(each(entries, |entry| entry.previous.to_vec()))
        .bind(each(entries, |entry| entry.hash.to_vec())))
}
