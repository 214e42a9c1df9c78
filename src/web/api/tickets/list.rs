use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::change::ChangeId;
use crate::engine::CaseSearch;
use crate::web::WebState;
use crate::web::api::document::ReadProblems;
use crate::web::api::show::Answer;
use crate::web::api::support::list::{fifty, seller_of};
use crate::web::api::views::CaseListed;
use crate::web::ask::{Asking, Staff};
use crate::web::problem::{EdgeCode, Problem};

/// Which requests to list. Every condition that is given must hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TicketQuery {
    /// Of this seller.
    #[serde(default)]
    #[param(example = "clint")]
    seller: Option<String>,
    /// Where they stand; all that are not over, unless said.
    #[serde(default)]
    #[param(inline)]
    state: Option<TicketState>,
    /// The `next` of the page before; left out for the first page.
    #[serde(default)]
    after: Option<Uuid>,
    /// At most how many.
    #[serde(default = "fifty")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: u32,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TicketState {
    /// It waits until somebody has verified where it comes from.
    Held,
    /// It waits for an answer.
    Open,
    /// It has a day.
    Scheduled,
    /// It is being applied.
    Applying,
}

impl TicketState {
    fn stage(self) -> &'static str {
        match self {
            Self::Held => "downgrade_ticket.held",
            Self::Open => "downgrade_ticket.open",
            Self::Scheduled => "downgrade_ticket.scheduled",
            Self::Applying => "downgrade_ticket.applying",
        }
    }
}

/// A page of requests for support.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketPage {
    /// Them, oldest first.
    data: Vec<CaseListed>,
    /// The `after` of the next page; nothing on the last.
    next: Option<String>,
}

/// List requests to go down
///
/// Oldest first; those that are not over.
#[utoipa::path(
    get,
    path = "/v1/support/tickets",
    tag = "tickets",
    params(TicketQuery),
    responses((status = 200, description = "A page of them.", body = TicketPage), ReadProblems)
)]
pub async fn list_tickets(
    State(state): State<WebState>,
    staff: Staff,
    Asking(asked): Asking<TicketQuery>,
) -> Answer {
    if !(1..=200).contains(&asked.limit) {
        let detail = format!("`limit` is {}; it can be 1 to 200.", asked.limit);
        return Err(Problem::edge(EdgeCode::ParameterInvalid, detail));
    }
    let wanted = asked.state.map_or("downgrade_ticket", TicketState::stage);
    let search = CaseSearch {
        seller: seller_of(asked.seller.as_deref(), &staff)?,
        stage: Some(wanted.to_owned()),
        after: asked.after.map(ChangeId),
        limit: asked.limit,
        ..CaseSearch::default()
    };
    let page = state.engine.cases(&search).await?;
    let page = TicketPage {
        data: page.lines.iter().map(CaseListed::of).collect(),
        next: page.next.map(|next| next.to_string()),
    };
    Ok(Json(page).into_response())
}
