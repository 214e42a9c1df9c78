use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::change::stuck::Plan;
use crate::engine::{Act, ChangeView};
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ActedView;
use crate::web::ask::{ActionOn, StaffCommand, SupportBody};

/// Support's order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Who orders it, and why.
    support: SupportBody,
    /// Only say what would be done, read, charged and given back: nothing is written, and the key is not used up.
    #[serde(default)]
    #[schema(default = false)]
    dry_run: bool,
}

/// The change and the action in the address.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described here; the handler reads them")]
pub struct ActionPath {
    /// The change's id.
    id: Uuid,
    /// What is to be done: `resume`, `retry`, `refresh`, `cancel` or `note`.
    action: String,
}

/// Act on a change
///
/// `resume` takes up again what was given up or rests after failures. `retry` orders another attempt of what halted or is owed,
/// now. `refresh` reads the provider now. `cancel` gives the change up, safely. `note` leaves a word in the history; its words
/// are the reason. Each is written into the history with who acted and why. With `If-Match`, the slower of two people is told who
/// was faster, and nothing is done twice.
#[utoipa::path(
    post,
    path = "/v1/support/changes/{id}/actions/{action}",
    tag = "support",
    params(ActionPath, ChangeHeaders),
    request_body = Order,
    responses((status = 200, description = "What was done, or would be.", body = ActedView), CommandProblems)
)]
pub async fn act_on_change(
    State(state): State<WebState>,
    ActionOn { change, action }: ActionOn,
    command: StaffCommand<Order>,
) -> Answer {
    let case = state.engine.case(change, command.staff.seller()).await?;
    let asked = command.asked(case.change.seller, command.body.support.actor());
    let act = Act {
        action,
        dry_run: command.body.dry_run,
    };
    let present =
        |view: &ChangeView, plan: &Plan| show::keep(StatusCode::OK, &ActedView::of(act, view, plan));
    Ok(show::reply(
        state.engine.act(change, act, &asked, &present).await?,
    ))
}
