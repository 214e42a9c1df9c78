//! What must leave, and the feed of a seller's events.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row as _};
use uuid::Uuid;

use super::call::Answer;
use super::cells::{Cells, ms};
use super::gather::Kind;
use super::parts::each;
use crate::domain::catalog::SellerId;
use crate::ports::store::{OutboxRow, OutboxUpdate, PageAsk, StoreResult};
use crate::store::history::PAGE_MAX;
use crate::store::queue::{CLAIM_MAX, lease_end};
use crate::store::rows;

/// The attempt that a row is claimed for counts already, so that one that kills the process counts too. What another node is
/// claiming at this moment is passed over.
const CLAIM: &str = "WITH claimable AS MATERIALIZED (
        SELECT position, next_try_at FROM outbox WHERE next_try_at <= $1
        ORDER BY next_try_at, position LIMIT $2
        FOR NO KEY UPDATE SKIP LOCKED
    ),
    claimed AS (
        UPDATE outbox SET next_try_at = $3, attempts = outbox.attempts + 1
        FROM claimable
        WHERE outbox.position = claimable.position
        RETURNING outbox.*, claimable.next_try_at AS was_due_at
    )
    SELECT * FROM claimed ORDER BY was_due_at, position";

const NEXT: &str =
    "SELECT next_try_at FROM outbox WHERE next_try_at IS NOT NULL ORDER BY next_try_at LIMIT 1";

/// What has left stays so, whatever a slower attempt says afterwards.
const SETTLE: &str = "UPDATE outbox
    SET status = settled.status, next_try_at = settled.next_try_at, last_error = settled.last_error
    FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[]) AS settled (id, status, next_try_at, last_error)
    WHERE outbox.id = settled.id AND (settled.status = 'sent' OR outbox.status = 'waiting')";

/// `final` tells whether no transaction is under way any more that could still add a row before this one: none whose number is
/// lower. Transactions are numbered over all databases of a server.
const FEED: &str = "SELECT outbox.*,
        outbox.position < (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - feed.first_transaction) * 1024 AS final
    FROM outbox, feed WHERE outbox.channel = 'event' AND outbox.seller = $1 AND outbox.position > $2
    ORDER BY outbox.position LIMIT $3";

/// How often a reader of the feed looks whether the transactions before its page are over.
const FEED_LOOK: Duration = Duration::from_millis(10);

/// What to claim.
pub(super) struct Claim {
    pub(super) now: Timestamp,
    pub(super) lease: SignedDuration,
    pub(super) limit: u32,
}

/// A page of a seller's feed.
pub(super) struct Feed {
    pub(super) seller: SellerId,
    pub(super) page: PageAsk,
    /// How long a reader waits for transactions that began before a row's own. They usually end within milliseconds; it does
    /// not wait for somebody's long one, but gets the page up to there, and the rest with the next.
    pub(super) patience: Duration,
}

/// Claims what is due, the oldest first.
pub(super) async fn claim(pool: &PgPool, ask: &Claim) -> Answer<Vec<OutboxRow>> {
    let claimed = sqlx::query(CLAIM)
        .bind(ms(ask.now))
        .bind(i64::from(ask.limit.min(CLAIM_MAX)))
        .bind(lease_end(ask.now, ask.lease))
        .fetch_all(pool)
        .await?;
    let rows = claimed.iter().map(rows::outbox);
    Ok(rows.collect::<StoreResult<Vec<_>>>()?)
}

/// How an attempt came out.
pub(super) type Settled = (Uuid, OutboxUpdate);

/// How attempts came out, alone and together.
pub(super) const DEPARTURES: Kind<Settled, ()> = Kind {
    alone: |pool, asked| Box::pin(settle(pool, asked)),
    together: |pool, asked| Box::pin(settle_together(pool, asked)),
    at_odds,
};

/// Writes how an attempt came out.
async fn settle(pool: &PgPool, settled: &Settled) -> Answer<()> {
    settle_all(pool, std::slice::from_ref(settled)).await
}

/// Writes how many attempts came out.
async fn settle_together(pool: &PgPool, settled: &[Settled]) -> Answer<Vec<Option<()>>> {
    settle_all(pool, settled).await?;
    Ok(vec![Some(()); settled.len()])
}

/// Whether two are about one row: the first must be written before the second.
fn at_odds(others: &[Settled], (row, _): &Settled) -> bool {
    others.iter().any(|(other, _)| other == row)
}

async fn settle_all(pool: &PgPool, settled: &[Settled]) -> Answer<()> {
    let said = |(_, update): &Settled| match update {
        OutboxUpdate::Sent => ("sent", None, None),
        OutboxUpdate::Again { at, error } => ("waiting", Some(ms(*at)), Some(error.clone())),
        OutboxUpdate::GivenUp { error } => ("given_up", None, Some(error.clone())),
    };
    sqlx::query(SETTLE)
        .bind(each(settled, |(row, _)| *row))
        .bind(each(settled, |settled| said(settled).0))
        .bind(each(settled, |settled| said(settled).1))
        .bind(each(settled, |settled| said(settled).2))
        .execute(pool)
        .await?;
    Ok(())
}

/// When something must leave next.
pub(super) async fn next(pool: &PgPool) -> Answer<Option<Timestamp>> {
    let row = sqlx::query(NEXT).fetch_optional(pool).await?;
    Ok(row
        .map(|row| Cells::of("outbox", &row).time("next_try_at"))
        .transpose()?)
}

/// A seller's events with their positions, oldest first: those before which nothing can appear any more.
pub(super) async fn feed(pool: &PgPool, ask: &Feed) -> Answer<Vec<(u64, OutboxRow)>> {
    let mut waited = Duration::ZERO;
    loop {
        let found = sqlx::query(FEED)
            .bind(ask.seller.as_str())
            .bind(i64::try_from(ask.page.after).unwrap_or(i64::MAX))
            .bind(i64::from(ask.page.limit.min(PAGE_MAX)))
            .fetch_all(pool)
            .await?;
        let is_final = |row: &&PgRow| row.try_get("final").unwrap_or(false);
        let done = found.iter().take_while(is_final).count();
        if done < found.len() && waited < ask.patience {
            tokio::time::sleep(FEED_LOOK).await;
            waited += FEED_LOOK;
            continue;
        }
        let rows = found.iter().take(done);
        let events = rows.map(|row| Ok((rows::position("outbox", row)?, rows::outbox(row)?)));
        return Ok(events.collect::<StoreResult<Vec<_>>>()?);
    }
}
