use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::chosen_card::{Chosen, SentByCustomer, one_of};
use crate::domain::change::{ChangeId, Event};
use crate::engine::Wish;
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{ActorBody, Command, Named};

/// What to pay with: one of `card`, `setup` and `method`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentMethodChoice {
    /// A card that the provider keeps, from `cards`.
    #[serde(default)]
    #[schema(example = "pm_1Q0PsIJvEtkwdCNYMSaVuRz6")]
    card: Option<String>,
    /// A card setup that the customer has finished.
    #[serde(default)]
    setup: Option<String>,
    /// A way by which the customer sends the money, from `payment_methods` of the change.
    #[serde(default)]
    method: Option<SentByCustomer>,
    /// Who acts.
    actor: ActorBody,
}

/// Choose how to pay
///
/// A way to pay that is not available, or not yet, is refused with the reason.
///
/// After a refused card, the same invoice is paid with this one.
#[utoipa::path(
    put,
    path = "/v1/changes/{id}/payment-method",
    tag = "payment",
    params(ChangePath, ChangeHeaders),
    request_body = PaymentMethodChoice,
    responses((status = 200, description = "The change.", body = ChangeBody), CommandProblems)
)]
pub async fn choose_payment_method(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<PaymentMethodChoice>,
) -> Answer {
    let asked = command.asked(command.body.actor.actor());
    let PaymentMethodChoice {
        card, setup, method, ..
    } = command.body;
    let found = match (Chosen { card, setup, method })
        .find(&state, change, &asked)
        .await
    {
        Ok(found) => found,
        Err(problem) => return show::or_replayed(&state, &asked, problem).await,
    };
    let method = found.ok_or_else(|| one_of("Name a `card`, a `setup` or a `method`."))?;
    show::submitted(
        &state,
        change,
        Wish::Event(Event::ChooseMethod { method }),
        &asked,
    )
    .await
}
