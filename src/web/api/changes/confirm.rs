use axum::extract::State;
use serde::Deserialize;
use serde::de::IgnoredAny;
use utoipa::ToSchema;

use super::chosen_card::{Chosen, SentByCustomer};
use crate::domain::change::{ChangeId, Click, Consent, QuoteId};
use crate::domain::money::{Currency, Money};
use crate::engine::Wish;
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{ActorBody, Command, Named};

/// The customer's last button.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationBody {
    /// The quote that the customer saw.
    #[schema(value_type = String, example = "q_9f2c51d07ab3e84d")]
    quote: QuoteId,
    /// The amount that the customer saw: the quote's `due_today`, as it stood on the screen.
    seen: Seen,
    /// The version of the terms that the customer agreed to.
    #[schema(example = "2026-01")]
    terms_version: String,
    /// A card that the provider keeps, where it was chosen on the same screen.
    #[serde(default)]
    card: Option<String>,
    /// A card setup that the customer has finished, where it was given on the same screen.
    #[serde(default)]
    setup: Option<String>,
    /// A way by which the customer sends the money, where it was chosen on the same screen.
    #[serde(default)]
    method: Option<SentByCustomer>,
    /// Who acts.
    actor: ActorBody,
}

/// An amount that stood on a screen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// In minor units.
    #[schema(example = 4217)]
    amount: i64,
    /// The currency.
    #[schema(value_type = String, example = "BRL")]
    currency: Currency,
    /// May be sent along, so that `due_today` can be sent back as it came; it decides nothing.
    #[serde(default, rename = "text")]
    #[schema(value_type = Option<String>)]
    _text: IgnoredAny,
}

/// Confirm
///
/// The customer agrees to exactly this amount, and it is charged. Another amount than the one that is due is refused with
/// nothing charged. The click passes through every stage that needs no more input: accepting, keeping the billing data on file
/// and choosing the card need no requests of their own.
#[utoipa::path(
    post,
    path = "/v1/changes/{id}/confirm",
    tag = "changes",
    params(ChangePath, ChangeHeaders),
    request_body = ConfirmationBody,
    responses((status = 200, description = "The change.", body = ChangeBody), CommandProblems)
)]
pub async fn confirm(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<ConfirmationBody>,
) -> Answer {
    let asked = command.asked(command.body.actor.actor());
    let said = command.body;
    let (card, setup, method) = (said.card, said.setup, said.method);
    let method = match (Chosen { card, setup, method })
        .find(&state, change, &asked)
        .await
    {
        Ok(method) => method,
        Err(problem) => return show::or_replayed(&state, &asked, problem).await,
    };
    let click = Click {
        quote: said.quote,
        seen: Money::new(said.seen.amount, said.seen.currency),
        consent: Consent {
            terms_version: said.terms_version,
            at: state.engine.now(),
        },
        method,
    };
    show::submitted(&state, change, Wish::Confirm(click), &asked).await
}
