use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::account::{AccountId, ContractId};
use crate::domain::language::Language;
use crate::engine::SessionGrounds;
use crate::web::WebState;
use crate::web::api::document::QuestionProblems;
use crate::web::api::show::Answer;
use crate::web::ask::{self, ActorBody, Caller};

/// Somebody to send to the hosted pages.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPageSession {
    /// Whose account they are to see.
    account: Uuid,
    /// Which contract of it; an account without one begins by choosing a plan.
    #[serde(default)]
    contract: Option<Uuid>,
    /// Who they are: your backend vouches for it, and the pages let them do what the workflow file allows their role.
    actor: ActorBody,
    /// The language, where it is not the account's own: `en`, `pt-BR`, `es` or `fr`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "pt-BR")]
    language: Option<Language>,
    /// Where they go back to: an address that the workflow file allows.
    #[serde(default)]
    return_url: Option<String>,
    /// Where they go back to after giving up, where that is another place; allowed in the same way.
    #[serde(default)]
    cancel_url: Option<String>,
    /// On which page they begin: `billing`, `plans`, `choose`, `wallet`, `invoices`, `usage`, `history`, `contact` or `clients`.
    #[serde(default)]
    #[schema(example = "plans")]
    page: Option<StartPage>,
}

/// A page to begin on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartPage {
    /// What is held.
    Billing,
    /// The plans.
    Plans,
    /// Quantities and add-ons of the held plan.
    Choose,
    /// Cards.
    Wallet,
    /// Invoices.
    Invoices,
    /// Use, limits and credits.
    Usage,
    /// Past changes.
    History,
    /// The form for requests.
    Contact,
    /// An agency's clients.
    Clients,
}

impl StartPage {
    fn path(self) -> &'static str {
        match self {
            Self::Billing => "/billing",
            Self::Plans => "/plans",
            Self::Choose => "/choose",
            Self::Wallet => "/wallet",
            Self::Invoices => "/invoices",
            Self::Usage => "/usage",
            Self::History => "/history",
            Self::Contact => "/contact",
            Self::Clients => "/clients",
        }
    }
}

/// A session of the hosted pages.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageSessionBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Where the customer's browser begins it. It is a key: send the browser there, and keep or log it nowhere.
    url: String,
    /// Until when it can be begun.
    url_expires_at: Timestamp,
    /// When it ends.
    expires_at: Timestamp,
}

/// Open a session on the hosted pages
///
/// Send the customer's browser to the `url` of the answer within minutes. Each request opens another session, and nothing else follows
/// from it, so that no idempotency key is needed.
#[utoipa::path(
    post,
    path = "/v1/page-sessions",
    tag = "pages",
    request_body = NewPageSession,
    responses((status = 201, description = "The session.", body = PageSessionBody), QuestionProblems)
)]
pub async fn open_page_session(State(state): State<WebState>, caller: Caller, request: Request) -> Answer {
    let asked: NewPageSession = ask::question(request).await?;
    let about = SessionGrounds {
        contract: asked.contract.map(ContractId),
        change: None,
        actor: asked.actor.actor(),
        language: asked.language,
        return_url: asked.return_url,
        cancel_url: asked.cancel_url,
    };
    let engine = &state.engine;
    let session = engine
        .open_page_session(&caller.seller, AccountId(asked.account), about)
        .await?;
    let (url, url_expires_at) = engine.way_in(&session).await?;
    let start = asked
        .page
        .map(|page| format!("?page={}", page.path()))
        .unwrap_or_default();
    let body = PageSessionBody {
        id: session.id.to_string(),
        url: format!("{url}{start}"),
        url_expires_at,
        expires_at: session.expires_at,
    };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}
