//! What support looks for, and all that is kept about one change.

use jiff::Timestamp;
use sqlx::QueryBuilder;
use sqlx::sqlite::{Sqlite, SqliteConnection};

use super::cells::{id, ms};
use super::{changes, effects, rows};
use crate::domain::change::{ChangeId, machine_version};
use crate::ports::store::{ChangeRow, Concern, Dossier, InboundLine, Name, Search, Situation, StoreResult};
use crate::store::history::PAGE_MAX;
use crate::store::naming::by_word;

const DEPARTURES: &str = "SELECT * FROM outbox WHERE entry_change = ?1 ORDER BY position LIMIT ?2";

/// The newest ones, oldest first.
const INBOUND: &str = "SELECT * FROM (
        SELECT event_id, event_type, object, received_at FROM inbox
        WHERE seller = ?1 AND customer = ?2 AND received_at >= ?3
        ORDER BY received_at DESC, event_id DESC LIMIT ?4)
    ORDER BY received_at, event_id";

/// Changes for support, in the order of their making. Each condition has an index of its own.
pub(super) async fn find(connection: &mut SqliteConnection, search: Search) -> StoreResult<Vec<ChangeRow>> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT * FROM change WHERE id > ");
    query.push_bind(search.after.map_or(Vec::new(), |change| id(change.0)));
    if let Some(seller) = &search.seller {
        query.push(" AND seller = ").push_bind(seller.as_str().to_owned());
    }
    if let Some(stage) = &search.stage {
        query.push(" AND (stage_name = ").push_bind(stage.clone());
        query.push(" OR substr(stage_name, 1, ");
        query.push_bind(i64::try_from(stage.len() + 1).unwrap_or(i64::MAX));
        query.push(") = ").push_bind(format!("{stage}.")).push(")");
    }
    if let Some(since) = search.unmoved_since {
        query.push(" AND updated_at <= ").push_bind(ms(since));
    }
    match &search.finding {
        Some(Name::Id(wanted)) => by_id(&mut query, &id(*wanted)),
        Some(Name::Word(word)) => by_word(&mut query, word),
        None => {}
    }
    if let Some(concern) = search.concern {
        of_concern(&mut query, concern, search.or_waiting);
    }
    query
        .push(" ORDER BY id LIMIT ")
        .push_bind(search.limit.min(PAGE_MAX));
    let found = query.build().fetch_all(connection).await?;
    found.iter().map(rows::change).collect()
}

/// A union instead of alternatives, so that each part has its index.
fn by_id(query: &mut QueryBuilder<Sqlite>, wanted: &[u8]) {
    for part in [
        " AND id IN (SELECT id FROM change WHERE id = ",
        " UNION SELECT id FROM change WHERE account = ",
        " UNION SELECT id FROM change WHERE contract = ",
        " UNION SELECT change FROM effect WHERE id = ",
    ] {
        query.push(part).push_bind(wanted.to_vec());
    }
    query.push(")");
}

/// What the index says, word for word: else it would not be used.
const WAITING: &str =
    " UNION SELECT id FROM change WHERE stage_name IN ('downgrade_ticket.held', 'downgrade_ticket.open')";

fn of_concern(query: &mut QueryBuilder<Sqlite>, concern: Concern, or_waiting: bool) {
    let overdue = concern.now.checked_sub(concern.overdue).unwrap_or(Timestamp::MIN);
    query
        .push(" AND id IN (SELECT id FROM change WHERE concern_at <= ")
        .push_bind(ms(concern.now));
    query.push(" UNION SELECT change FROM effect WHERE consumed = 0");
    query.push(
        " UNION SELECT entry_change FROM outbox WHERE status = 'given_up' AND entry_change IS NOT NULL",
    );
    query.push(" UNION SELECT subject FROM due WHERE failures > 0 AND subject_kind = 'change'");
    // There are few, and they are gone with what they are about.
    query.push(" UNION SELECT change FROM finding WHERE change IS NOT NULL");
    query
        .push(" UNION SELECT subject FROM due WHERE due_at <= ")
        .push_bind(ms(overdue));
    query.push(" AND subject_kind = 'change' UNION SELECT id FROM change WHERE machine_version > ");
    query.push_bind(machine_version());
    if or_waiting {
        query.push(WAITING);
    }
    query.push(")");
}

/// All that is kept about a change, but for its history.
pub(super) async fn dossier(
    connection: &mut SqliteConnection,
    change: ChangeId,
) -> StoreResult<Option<Dossier>> {
    let Some(situation) =
        changes::read_situation(&changes::ask_situation(change).ask(&mut *connection).await?)?
    else {
        return Ok(None);
    };
    let departures = sqlx::query(DEPARTURES)
        .bind(id(change.0))
        .bind(PAGE_MAX)
        .fetch_all(&mut *connection)
        .await?;
    Ok(Some(Dossier {
        effects: effects::read(&effects::ask_all(change).ask(&mut *connection).await?)?,
        departures: departures
            .iter()
            .map(rows::departure)
            .collect::<StoreResult<_>>()?,
        inbound: inbound(connection, &situation).await?,
        situation,
    }))
}

async fn inbound(connection: &mut SqliteConnection, situation: &Situation) -> StoreResult<Vec<InboundLine>> {
    let Some(customer) = &situation.account.provider_customer else {
        return Ok(Vec::new());
    };
    let found = sqlx::query(INBOUND)
        .bind(situation.change.seller.as_str())
        .bind(customer.as_str())
        .bind(ms(situation.change.created_at))
        .bind(PAGE_MAX)
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::inbound_line).collect()
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, Row as _};

    use super::super::{audit, file};
    use super::*;

    /// Whole tables that a query would go through.
    async fn scans(connection: &mut SqliteConnection, mut query: QueryBuilder<Sqlite>) -> Vec<String> {
        let plan = query.build().fetch_all(connection).await.expect("a plan");
        let steps = plan.iter().map(|step| step.get::<String, _>("detail"));
        steps.filter(|step| step.starts_with("SCAN ")).collect()
    }

    #[tokio::test]
    async fn whatever_is_searched_for_has_an_index() {
        let mut connection = SqliteConnection::connect("sqlite::memory:")
            .await
            .expect("opened");
        file::MIGRATIONS.run(&mut connection).await.expect("brought up");
        let mut query = QueryBuilder::new("EXPLAIN QUERY PLAN SELECT * FROM change WHERE id > x''");
        by_word(&mut query, "evt_1");
        assert_eq!(scans(&mut connection, query).await, Vec::<String>::new());
        let query = QueryBuilder::new(format!("EXPLAIN QUERY PLAN {}", audit::BY_WORD));
        assert_eq!(scans(&mut connection, query).await, Vec::<String>::new());
        let query = QueryBuilder::new(format!("EXPLAIN QUERY PLAN {}", audit::MAILS));
        assert_eq!(scans(&mut connection, query).await, Vec::<String>::new());
        // It would be seen.
        let query = QueryBuilder::new("EXPLAIN QUERY PLAN SELECT 1 FROM inbox WHERE envelope = x''");
        assert_eq!(scans(&mut connection, query).await.len(), 1);
    }
}
