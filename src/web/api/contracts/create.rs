use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::account::{AccountId, Contract};
use crate::domain::catalog::{Interval, Options, PlanId, Selection};
use crate::engine::{AdoptContract, CreateContract};
use crate::web::WebState;
use crate::web::api::document::{CommandHeaders, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::{ContractBody, Reader, SelectionView};
use crate::web::ask::Command;
use crate::web::problem::Problem;

/// A new contract: either what is held already and paid in another way, or a subscription to adopt as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContract {
    /// Whose it is.
    account: Uuid,
    /// What is held, all of it paid in another way.
    #[serde(default)]
    #[schema(value_type = Option<SelectionView>)]
    held: Option<Selection>,
    /// A subscription at the provider.
    #[serde(default)]
    adopt: Option<Adoption>,
    /// The person who is financially responsible.
    #[serde(default)]
    responsible: Option<String>,
}

/// A subscription that exists at the provider.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Adoption {
    /// The provider's id of it.
    #[schema(example = "sub_1MowQVLkdIwHu7ixeRlqHVzs")]
    subscription: String,
    /// The plan, where the subscription does not carry it because it is paid in another way.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "growth")]
    plan: Option<PlanId>,
    /// The interval in which that plan is paid; a month where it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "year")]
    plan_interval: Option<Interval>,
    /// What is chosen with the items that it carries, such as the channels of a package.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, Vec<String>>, required = false)]
    options: Options,
}

/// Create a contract, or adopt a subscription
#[utoipa::path(
    post,
    path = "/v1/contracts",
    tag = "contracts",
    params(CommandHeaders),
    request_body = NewContract,
    responses((status = 201, description = "The contract.", body = ContractBody), CommandProblems)
)]
pub async fn create_contract(State(state): State<WebState>, command: Command<NewContract>) -> Answer {
    let asked = command.asked_by_the_seller()?;
    let new = command.body;
    let account = AccountId(new.account);
    let language = state.engine.account_of(account, &asked.seller).await?.language;
    let playbook = state.playbook(&asked.seller)?;
    let present = |contract: &Contract| {
        let reader = Reader::new(&playbook, Some(language));
        show::keep(StatusCode::CREATED, &ContractBody::of(reader, contract, None))
    };
    let responsible = new.responsible;
    let reply = match (new.held, new.adopt) {
        (Some(held), None) => {
            let wish = CreateContract {
                account,
                held,
                responsible,
            };
            state.engine.create_contract(&wish, &asked, &present).await?
        }
        (None, Some(adoption)) => {
            let wish = AdoptContract {
                account,
                subscription: adoption.subscription,
                plan: adoption.plan,
                plan_interval: adoption.plan_interval,
                options: adoption.options,
                responsible,
            };
            let adopted = state.engine.adopt_contract(&wish, &asked, &present).await;
            adopted.map_err(|error| Problem::from(error).within("/adopt"))?
        }
        _ => return Err(Problem::field("", "one_of", "Send either `held` or `adopt`.")),
    };
    Ok(show::reply(reply))
}
