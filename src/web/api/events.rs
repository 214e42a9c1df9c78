use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::document::ReadProblems;
use super::show::{self, Answer, Page};
use crate::engine::EventBody;
use crate::web::WebState;
use crate::web::ask::{Asking, Caller, PageQuery};

/// One event of the feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedEntry {
    /// Its position in the feed.
    position: u64,
    /// The event, as it is pushed to sellers that have it pushed.
    #[schema(value_type = EventShape)]
    event: EventBody,
}

/// Something that has happened.
#[derive(ToSchema)]
#[schema(as = Event)]
#[expect(dead_code, reason = "only describes the engine's own form of an event")]
struct EventShape {
    /// Its id: the same at every delivery.
    #[schema(example = "evt_019aa8c1b2f07c0f9d6d3c5a4b1e2f30")]
    id: String,
    /// What it says, such as `change.activated`.
    #[schema(rename = "type", example = "change.activated")]
    kind: String,
    /// When it was journalled.
    timestamp: Timestamp,
    /// The same.
    created_at: Timestamp,
    /// What it is about: `change`, `reference`, `account`, `contract`, `stage`, `facts`, and in `change.billing_data` the
    /// billing data, for the seller's tax-invoice system.
    data: serde_json::Map<String, serde_json::Value>,
}

/// Read the feed of events
///
/// Oldest first. A seller that has no events pushed reads them here, and keeps `next` (or the last `position`) between reads.
#[utoipa::path(
    get,
    path = "/v1/events",
    tag = "events",
    params(PageQuery),
    responses((status = 200, description = "A page of it.", body = Page<FeedEntry>), ReadProblems)
)]
pub async fn list_events(
    State(state): State<WebState>,
    caller: Caller,
    Asking(asked): Asking<PageQuery>,
) -> Answer {
    let rows = state.engine.store().events(&caller.seller, asked.page()?).await?;
    let next = asked.next(rows.len(), rows.last().map(|(position, _)| *position));
    let mut entries = Vec::with_capacity(rows.len());
    for (position, row) in &rows {
        entries.push(FeedEntry {
            position: *position,
            event: state.engine.event_body(row).await?,
        });
    }
    Ok(show::page(entries, next))
}
