//! What must leave, and the feed of a seller's events.

use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use super::cells::{Cells, count, id, ms};
use super::joint::{Answers, Joint, Touch};
use super::journal::PAGE_MAX;
use super::rows;
use super::script::Script;
use super::writer::Outcome;
use crate::domain::catalog::SellerId;
use crate::domain::change::ChangeId;
use crate::ports::store::{OutboxRow, OutboxUpdate, PageAsk, StoreResult, Written};
use crate::store::failure::Undo;
use crate::store::queue::{CLAIM_MAX, lease_end};

pub(super) const PUT: &str =
    "INSERT INTO outbox (id, dedupe_key, channel, seller, account, topic, entry_change, entry_seq, facts, at,
        attempts, status, next_try_at)
    SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, 0,
        iif(column11, 'waiting', 'sent'), iif(column11, column10, NULL)
    FROM (VALUES ?rows) WHERE column1 IS NOT NULL
    ON CONFLICT (dedupe_key) DO NOTHING";

const CLAIMABLE: &str =
    "SELECT * FROM outbox WHERE next_try_at <= ?1 ORDER BY next_try_at, position LIMIT ?2";

const CLAIM: &str = "UPDATE outbox SET next_try_at = ?2, attempts = attempts + 1 WHERE id = ?1";

const NEXT: &str =
    "SELECT next_try_at FROM outbox WHERE next_try_at IS NOT NULL ORDER BY next_try_at LIMIT 1";

const FEED: &str = "SELECT * FROM outbox WHERE channel = 'event' AND seller = ?1 AND position > ?2
    ORDER BY position LIMIT ?3";

/// What has left stays so, whatever a slower attempt says afterwards.
pub(super) const SENT: &str = "UPDATE outbox SET status = 'sent', next_try_at = NULL, last_error = NULL
    FROM (VALUES ?rows) WHERE id = column1";
const AGAIN: &str =
    "UPDATE outbox SET next_try_at = ?2, last_error = ?3 WHERE id = ?1 AND status = 'waiting'";
const GIVEN_UP: &str = "UPDATE outbox SET status = 'given_up', next_try_at = NULL, last_error = ?2
    WHERE id = ?1 AND status = 'waiting'";

/// Its attempts are counted anew, so that it is tried as often as the first time.
const TAKE_UP: &str = "UPDATE outbox SET status = 'waiting', next_try_at = ?3, attempts = 0
    WHERE id = ?1 AND entry_change = ?2 AND status = 'given_up'";

/// Adds rows; one whose key is known is skipped. What leaves is due from the moment of its fact.
pub(super) fn put(script: &mut Script, rows: &[OutboxRow]) -> StoreResult<()> {
    for row in rows {
        let entry_seq = row.entry.map(|(_, seq)| count(seq, "outbox.entry_seq"));
        script
            .say(PUT)
            .bind(id(row.id))
            .bind(row.dedupe_key.as_str())
            .bind(rows::channel_word(row.channel))
            .bind(row.seller.as_str())
            .bind(id(row.account.0))
            .bind(row.topic.as_str())
            .bind(row.entry.map(|(change, _)| id(change.0)))
            .bind(entry_seq.transpose()?)
            .bind(row.facts.as_slice())
            .bind(ms(row.at))
            .bind(row.leaves);
    }
    Ok(())
}

/// Claims what is due, the oldest first. The attempt that it is claimed for counts already, so that one that kills the
/// process counts too.
pub(super) async fn claim(
    connection: &mut SqliteConnection,
    now: Timestamp,
    lease: SignedDuration,
    limit: u32,
) -> Outcome<Vec<OutboxRow>> {
    let due = sqlx::query(CLAIMABLE)
        .bind(ms(now))
        .bind(limit.min(CLAIM_MAX))
        .fetch_all(&mut *connection)
        .await?;
    let mut claimed = Vec::with_capacity(due.len());
    let mut script = Script::default();
    for row in &due {
        let mut row = rows::outbox(row)?;
        row.attempts = row.attempts.saturating_add(1);
        script.say(CLAIM).bind(id(row.id)).bind(lease_end(now, lease));
        claimed.push(row);
    }
    script.carry_out(connection).await?;
    Ok(claimed)
}

/// Makes rows of a change that were given up due again.
pub(super) fn take_up(script: &mut Script, change: ChangeId, rows: &[Uuid], at: Timestamp) {
    for row in rows {
        script.say(TAKE_UP).bind(id(*row)).bind(id(change.0)).bind(ms(at));
    }
}

/// How an attempt came out.
pub(super) struct Settled {
    pub(super) row: Uuid,
    pub(super) update: OutboxUpdate,
}

impl Joint for Settled {
    fn touches(&self) -> Vec<Touch> {
        vec![Touch::Row(self.row)]
    }

    fn say(&self, _: Answers) -> Result<Script, Undo<Written>> {
        let mut script = Script::default();
        let row = id(self.row);
        match &self.update {
            OutboxUpdate::Sent => script.say(SENT).bind(row),
            OutboxUpdate::Again { at, error } => {
                script.say(AGAIN).bind(row).bind(ms(*at)).bind(error.as_str())
            }
            OutboxUpdate::GivenUp { error } => script.say(GIVEN_UP).bind(row).bind(error.as_str()),
        };
        Ok(script)
    }
}

/// When something must leave next.
pub(super) async fn next(connection: &mut SqliteConnection) -> StoreResult<Option<Timestamp>> {
    let row = sqlx::query(NEXT).fetch_optional(connection).await?;
    row.map(|row| Cells::of("outbox", &row).time("next_try_at"))
        .transpose()
}

/// A seller's events with their positions, oldest first.
pub(super) async fn feed(
    connection: &mut SqliteConnection,
    seller: &SellerId,
    page: PageAsk,
) -> StoreResult<Vec<(u64, OutboxRow)>> {
    let found = sqlx::query(FEED)
        .bind(seller.as_str())
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(page.limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found
        .iter()
        .map(|row| Ok((rows::position("outbox", row)?, rows::outbox(row)?)))
        .collect()
}
