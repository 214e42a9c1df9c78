//! Counting what is open, late or given up.

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;

use super::cells::{Cells, ms};
use crate::domain::change::machine_version;
use crate::ports::store::{Census, StoreResult};

const OPEN: &str = "SELECT stage_name, machine_version > ?1 AS newer, count(*) AS number FROM change
    WHERE open = 1 GROUP BY stage_name, newer";

const OVERDUE: &str = "SELECT count(*) AS number FROM due WHERE due_at <= ?1 AND machine_version <= ?2";

const GIVEN_UP: &str = "SELECT count(*) AS number FROM outbox WHERE status = 'given_up'";

const WAITING: &str = "SELECT count(*) AS number FROM outbox WHERE next_try_at <= ?1";

/// Counts. What should have been done before `late` is late.
pub(super) async fn take(connection: &mut SqliteConnection, late: Timestamp) -> StoreResult<Census> {
    let mut census = Census::default();
    let open = sqlx::query(OPEN)
        .bind(machine_version())
        .fetch_all(&mut *connection)
        .await?;
    for row in open {
        let cells = Cells::of("change", &row);
        let count: u64 = cells.number("number")?;
        if cells.number::<u8>("newer")? == 1 {
            census.of_a_newer_machine += count;
        }
        *census.open.entry(cells.text("stage_name")?).or_default() += count;
    }
    let number = async |connection: &mut SqliteConnection, statement: &'static str| {
        let row = sqlx::query(statement)
            .bind(ms(late))
            .bind(machine_version())
            .fetch_one(connection)
            .await?;
        Cells::of("count", &row).number("number")
    };
    census.overdue = number(&mut *connection, OVERDUE).await?;
    census.outbox_late = number(&mut *connection, WAITING).await?;
    let row = sqlx::query(GIVEN_UP).fetch_one(connection).await?;
    census.outbox_given_up = Cells::of("outbox", &row).number("number")?;
    Ok(census)
}
