use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::account::{Account, AccountId};
use crate::ports::store::Traces;
use crate::web::WebState;
use crate::web::api::document::{AccountPath, CommandHeaders, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::ask::{Named, StaffCommand, SupportBody};

/// The order to erase a person's data.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureOrder {
    /// Who orders it, and why. Both stay for good: no names, no mail addresses.
    support: SupportBody,
    /// Only say what would be erased: nothing is, and the key is not used up.
    #[serde(default)]
    #[schema(default = false)]
    dry_run: bool,
}

/// What was erased, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasedView {
    /// Whether it was; not in a dry run.
    erased: bool,
    /// Whether the account still had its name, its mail address or the seller's own id.
    named: bool,
    /// Rows of billing data.
    billing_data: u64,
    /// Exact bytes of requests to the provider.
    requests: u64,
    /// Answers that were kept for repeated requests; a repetition now gets 410 `erased`.
    answers: u64,
    /// Contracts that named the person who is responsible.
    responsible: u64,
    /// Links back into the product, and to tax documents.
    links: u64,
    /// When it was erased before, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_before_at: Option<Timestamp>,
    /// The provider's customer: what the provider keeps of it is erased there, by the seller.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_customer: Option<String>,
}

impl ErasedView {
    fn of(account: &Account, traces: &Traces, erased: bool) -> Self {
        Self {
            erased,
            named: traces.named,
            billing_data: traces.identities,
            requests: traces.requests,
            answers: traces.answers,
            responsible: traces.responsible,
            links: traces.links,
            erased_before_at: traces.erased_at,
            provider_customer: account.provider_customer.clone(),
        }
    }
}

/// Erase a person's data
///
/// Empties every row that holds personal data of an account: its name and mail address, billing data, the bytes of requests to the
/// provider, kept answers, the name of who is responsible, links. The history stays and can still be proven: it names data by id and
/// hash. Refused while a change of the account is under way. Erasing again finds what has come since.
#[utoipa::path(
    post,
    path = "/v1/support/accounts/{id}/erase",
    tag = "support",
    params(AccountPath, CommandHeaders),
    request_body = ErasureOrder,
    responses((status = 200, description = "What was erased, or would be.", body = ErasedView), CommandProblems)
)]
pub async fn erase_account(
    State(state): State<WebState>,
    Named(id): Named<AccountId>,
    command: StaffCommand<ErasureOrder>,
) -> Answer {
    let account = state.engine.account_for_staff(id, command.staff.seller()).await?;
    let asked = command.asked(account.seller, command.body.support.actor());
    let dry_run = command.body.dry_run;
    let present = |account: &Account, traces: &Traces| {
        show::keep(StatusCode::OK, &ErasedView::of(account, traces, !dry_run))
    };
    Ok(show::reply(
        state.engine.erase_account(id, dry_run, &asked, &present).await?,
    ))
}
