use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::change::ChangeId;
use crate::engine::Wish;
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{ActorBody, Command, Named, StaffCommand, SupportBody};

/// The customer's words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerComment {
    /// Who writes.
    actor: ActorBody,
    /// What.
    #[schema(max_length = 4000)]
    text: String,
}

/// Support's words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffComment {
    /// Who writes.
    support: SupportBody,
    /// What.
    #[schema(max_length = 4000)]
    text: String,
    /// Whether it is for support alone. Else the customer gets it by mail.
    #[serde(default)]
    #[schema(default = false)]
    internal: bool,
}

/// Write to a request, as the customer
#[utoipa::path(
    post,
    path = "/v1/changes/{id}/ticket/comments",
    tag = "tickets",
    params(ChangePath, ChangeHeaders),
    request_body = CustomerComment,
    responses((status = 200, description = "The change.", body = ChangeBody), CommandProblems)
)]
pub async fn comment(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<CustomerComment>,
) -> Answer {
    let asked = command.asked(command.body.actor.actor());
    let wish = Wish::Comment {
        text: command.body.text,
        internal: false,
    };
    show::submitted(&state, change, wish, &asked).await
}

/// Write to a request, as support
#[utoipa::path(
    post,
    path = "/v1/support/tickets/{id}/comments",
    tag = "tickets",
    params(ChangePath, ChangeHeaders),
    request_body = StaffComment,
    responses((status = 200, description = "The change.", body = ChangeBody), CommandProblems)
)]
pub async fn comment_as_support(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: StaffCommand<StaffComment>,
) -> Answer {
    let case = state.engine.case(change, command.staff.seller()).await?;
    let asked = command.asked(case.change.seller, command.body.support.actor());
    let wish = Wish::Comment {
        text: command.body.text,
        internal: command.body.internal,
    };
    show::submitted(&state, change, wish, &asked).await
}
