use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::ContractId;
use crate::domain::change::SubscriptionStatus;
use crate::web::WebState;
use crate::web::api::accounts::invoices::InvoiceView;
use crate::web::api::document::{ContractPath, PaymentProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::Reader;
use crate::web::ask::{Asking, Caller, Named, ReaderQuery};
use crate::web::problem::{Problem, ProblemBody};

/// How a contract stands at the provider just now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContractStanding)]
pub struct StandingBody {
    /// `active`, `past_due`, `unpaid`, `trialing`, `paused`, `incomplete` or `ended`; `outside` where nothing of it is charged here.
    #[schema(example = "past_due")]
    pub status: &'static str,
    /// Why no change can begin just now, where none can.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ProblemBody>)]
    pub problem: Option<Problem>,
    /// What waits to be paid, the newest first, each with the page where it can be paid.
    pub open_invoices: Vec<InvoiceView>,
}

fn word(status: Option<SubscriptionStatus>) -> &'static str {
    match status {
        None => "outside",
        Some(SubscriptionStatus::Active) => "active",
        Some(SubscriptionStatus::Trialing) => "trialing",
        Some(SubscriptionStatus::Incomplete) => "incomplete",
        Some(SubscriptionStatus::PastDue) => "past_due",
        Some(SubscriptionStatus::Unpaid) => "unpaid",
        Some(SubscriptionStatus::Paused) => "paused",
        Some(SubscriptionStatus::IncompleteExpired | SubscriptionStatus::Canceled) => "ended",
    }
}

/// Read how a contract stands
///
/// Whether it is paid up, what is open and where that can be paid; asked from the provider now. Where a role is given, only those are answered
/// who may see it.
#[utoipa::path(
    get,
    path = "/v1/contracts/{id}/standing",
    tag = "contracts",
    params(ContractPath, ReaderQuery),
    responses((status = 200, description = "How it stands.", body = StandingBody), PaymentProblems)
)]
pub async fn read_standing(
    State(state): State<WebState>,
    caller: Caller,
    Named(contract): Named<ContractId>,
    Asking(reader): Asking<ReaderQuery>,
) -> Answer {
    reader.viewer(&*state.playbook(&caller.seller)?)?;
    let standing = state.engine.standing(contract, &caller.asked()).await?;
    let reader = Reader::new(&standing.playbook, Some(standing.account.language));
    let now = state.engine.now();
    let problem = standing
        .refusal
        .map(|refusal| Problem::from(refusal).told_in(reader.language));
    let open = standing.open.iter();
    show::now(&StandingBody {
        status: word(standing.status),
        problem,
        open_invoices: open
            .map(|invoice| InvoiceView::of(reader, invoice, Vec::new(), now))
            .collect(),
    })
}
