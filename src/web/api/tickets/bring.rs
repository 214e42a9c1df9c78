use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::account::ContractId;
use crate::domain::catalog::Selection;
use crate::engine::{BringTicket, ChangeView};
use crate::web::WebState;
use crate::web::api::document::{CommandHeaders, CommandProblems, ContractPath};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::{ChangeBody, SelectionView};
use crate::web::ask::{Command, Named, SupportBody};
use crate::web::problem::Problem;

/// A request to go down that support, or the help desk, brings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Brought {
    /// Who brings it, and why.
    support: SupportBody,
    /// What is to be held afterwards.
    #[serde(default)]
    #[schema(value_type = Option<SelectionView>)]
    selection: Option<Selection>,
    /// Instead of a selection: the whole contract is to end with its period.
    #[serde(default)]
    #[schema(default = false)]
    end_contract: bool,
    /// From which address it came, where it came by mail. From any but the primary admin's it is held until it is verified. Without
    /// it, support sets it by its own, and the customer cannot take it back.
    #[serde(default)]
    #[schema(max_length = 320, example = "ana@padaria-luz.example")]
    from: Option<String>,
    /// What was said, by the fields of the seller's form.
    #[serde(default)]
    fields: BTreeMap<String, String>,
    /// Only say what would be done: nothing is written, and the key is not used up.
    #[serde(default)]
    #[schema(default = false)]
    dry_run: bool,
}

impl Brought {
    fn wanted(&self) -> Result<Option<Selection>, Problem> {
        match (&self.selection, self.end_contract) {
            (Some(selection), false) => Ok(Some(selection.clone())),
            (None, true) => Ok(None),
            _ => Err(Problem::field(
                "/selection",
                "one_of",
                "Say what is asked for: either `selection` or `end_contract`.",
            )),
        }
    }
}

/// Bring a request to go down
///
/// For support and the help desk. With `from`, it came by mail: accepted from the primary admin's address, held from any other.
#[utoipa::path(
    post,
    path = "/v1/contracts/{id}/tickets",
    tag = "tickets",
    params(ContractPath, CommandHeaders),
    request_body = Brought,
    responses((status = 201, description = "The change, in `downgrade_ticket`.", body = ChangeBody), CommandProblems)
)]
pub async fn bring_ticket(
    State(state): State<WebState>,
    Named(contract): Named<ContractId>,
    command: Command<Brought>,
) -> Answer {
    let asked = command.asked_anew(command.body.support.actor())?;
    let selection = command.body.wanted()?;
    let Brought {
        from,
        fields,
        dry_run,
        ..
    } = command.body;
    let wish = BringTicket {
        contract,
        selection,
        from,
        fields,
        dry_run,
    };
    let present = |view: &ChangeView| show::keep(StatusCode::CREATED, &ChangeBody::of(view));
    Ok(show::reply(
        state.engine.bring_ticket(&wish, &asked, &present).await?,
    ))
}
