//! Counting what is open, late or given up.

use jiff::Timestamp;
use sqlx::PgPool;

use super::call::Answer;
use super::cells::{Cells, ms};
use crate::domain::change::machine_version;
use crate::ports::store::Census;

const OPEN: &str =
    "SELECT stage_name, (machine_version > $1)::int::bigint AS newer, count(*) AS number FROM change
    WHERE open GROUP BY stage_name, newer";

const LATE: &str = "SELECT
    (SELECT count(*) FROM due WHERE due_at <= $1 AND machine_version <= $2) AS overdue,
    (SELECT count(*) FROM outbox WHERE next_try_at <= $1) AS outbox_late,
    (SELECT count(*) FROM outbox WHERE status = 'given_up') AS outbox_given_up";

/// Counts. What should have been done before `late` is late.
pub(super) async fn take(pool: &PgPool, late: &Timestamp) -> Answer<Census> {
    let mut census = Census::default();
    let machine = i64::from(machine_version());
    let open = sqlx::query(OPEN).bind(machine).fetch_all(pool).await?;
    for row in &open {
        let cells = Cells::of("change", row);
        let count: u64 = cells.number("number")?;
        if cells.number::<u8>("newer")? == 1 {
            census.of_a_newer_machine += count;
        }
        *census.open.entry(cells.text("stage_name")?).or_default() += count;
    }
    let row = sqlx::query(LATE)
        .bind(ms(*late))
        .bind(machine)
        .fetch_one(pool)
        .await?;
    let cells = Cells::of("outbox", &row);
    census.overdue = cells.number("overdue")?;
    census.outbox_late = cells.number("outbox_late")?;
    census.outbox_given_up = cells.number("outbox_given_up")?;
    Ok(census)
}
