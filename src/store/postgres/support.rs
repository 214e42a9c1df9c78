//! What support looks for, and all that is kept about one change.

use jiff::Timestamp;
use sqlx::postgres::Postgres;
use sqlx::{PgPool, QueryBuilder};
use uuid::Uuid;

use super::call::Answer;
use super::cells::ms;
use super::{changes, effects};
use crate::domain::change::{ChangeId, machine_version};
use crate::ports::store::{ChangeRow, Concern, Dossier, InboundLine, Name, Search, Situation, StoreResult};
use crate::store::history::PAGE_MAX;
use crate::store::naming::by_word;
use crate::store::rows;

const DEPARTURES: &str = "SELECT * FROM outbox WHERE entry_change = $1 ORDER BY position LIMIT $2";

/// The newest ones, oldest first.
const INBOUND: &str = "SELECT * FROM (
        SELECT event_id, event_type, object, received_at FROM inbox
        WHERE seller = $1 AND customer = $2 AND received_at >= $3
        ORDER BY received_at DESC, event_id DESC LIMIT $4) AS newest
    ORDER BY received_at, event_id";

/// Changes for support, in the order of their making. Each condition has an index of its own.
pub(super) async fn find(pool: &PgPool, search: &Search) -> Answer<Vec<ChangeRow>> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT * FROM change WHERE id > ");
    query.push_bind(search.after.map_or(Uuid::nil(), |change| change.0));
    if let Some(seller) = &search.seller {
        query.push(" AND seller = ").push_bind(seller.as_str().to_owned());
    }
    if let Some(stage) = &search.stage {
        query.push(" AND (stage_name = ").push_bind(stage.clone());
        query
            .push(" OR starts_with(stage_name, ")
            .push_bind(format!("{stage}."))
            .push("))");
    }
    if let Some(since) = search.unmoved_since {
        query.push(" AND updated_at <= ").push_bind(ms(since));
    }
    match &search.finding {
        Some(Name::Id(wanted)) => by_id(&mut query, *wanted),
        Some(Name::Word(word)) => by_word(&mut query, word),
        None => {}
    }
    if let Some(concern) = search.concern {
        of_concern(&mut query, concern, search.or_waiting);
    }
    query
        .push(" ORDER BY id LIMIT ")
        .push_bind(i64::from(search.limit.min(PAGE_MAX)));
    let found = query.build().fetch_all(pool).await?;
    let changes = found.iter().map(rows::change);
    Ok(changes.collect::<StoreResult<Vec<_>>>()?)
}

/// A union instead of alternatives, so that each part has its index.
fn by_id(query: &mut QueryBuilder<Postgres>, wanted: Uuid) {
    for part in [
        " AND id IN (SELECT id FROM change WHERE id = ",
        " UNION SELECT id FROM change WHERE account = ",
        " UNION SELECT id FROM change WHERE contract = ",
        " UNION SELECT change FROM effect WHERE id = ",
    ] {
        query.push(part).push_bind(wanted);
    }
    query.push(")");
}

/// What the index says, word for word: else it would not be used.
const WAITING: &str =
    " UNION SELECT id FROM change WHERE stage_name IN ('downgrade_ticket.held', 'downgrade_ticket.open')";

fn of_concern(query: &mut QueryBuilder<Postgres>, concern: Concern, or_waiting: bool) {
    let overdue = concern.now.checked_sub(concern.overdue).unwrap_or(Timestamp::MIN);
    query
        .push(" AND id IN (SELECT id FROM change WHERE concern_at <= ")
        .push_bind(ms(concern.now));
    query.push(" UNION SELECT change FROM effect WHERE NOT consumed");
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
    query.push_bind(i64::from(machine_version()));
    if or_waiting {
        query.push(WAITING);
    }
    query.push(")");
}

/// All that is kept about a change, but for its history. Of several moments: what is decided on it is decided on the situation,
/// which is of one.
pub(super) async fn dossier(pool: &PgPool, change: &ChangeId) -> Answer<Option<Dossier>> {
    let Some(situation) = changes::situation(pool, change).await? else {
        return Ok(None);
    };
    let departures = sqlx::query(DEPARTURES)
        .bind(change.0)
        .bind(i64::from(PAGE_MAX))
        .fetch_all(pool)
        .await?;
    Ok(Some(Dossier {
        effects: effects::read(pool, change).await?,
        departures: departures
            .iter()
            .map(rows::departure)
            .collect::<StoreResult<_>>()?,
        inbound: inbound(pool, &situation).await?,
        situation,
    }))
}

async fn inbound(pool: &PgPool, situation: &Situation) -> Answer<Vec<InboundLine>> {
    let Some(customer) = &situation.account.provider_customer else {
        return Ok(Vec::new());
    };
    let found = sqlx::query(INBOUND)
        .bind(situation.change.seller.as_str())
        .bind(customer.as_str())
        .bind(ms(situation.change.created_at))
        .bind(i64::from(PAGE_MAX))
        .fetch_all(pool)
        .await?;
    let lines = found.iter().map(rows::inbound_line);
    Ok(lines.collect::<StoreResult<Vec<_>>>()?)
}
