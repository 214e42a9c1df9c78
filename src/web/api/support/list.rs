use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::catalog::SellerId;
use crate::domain::change::{ChangeId, StageName};
use crate::engine::CaseSearch;
use crate::ports::store::Name;
use crate::web::WebState;
use crate::web::api::document::ReadProblems;
use crate::web::api::show::Answer;
use crate::web::api::views::CaseListed;
use crate::web::ask::{Asking, Staff};
use crate::web::problem::{EdgeCode, Problem};

/// The longest word that is looked for.
const FIND_MAX: usize = 200;

/// Which changes to list. Every condition that is given must hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CaseQuery {
    /// Only those about which something is stuck.
    #[serde(default)]
    #[param(default = false)]
    stuck: bool,
    /// Of this seller.
    #[serde(default)]
    #[param(example = "clint")]
    seller: Option<String>,
    /// In this stage, or part of a stage.
    #[serde(default)]
    #[param(example = "payment_confirm.charging")]
    stage: Option<String>,
    /// By what names it: its reference or id, the id of its account, contract or one of its calls, the provider's id of its
    /// customer, subscription or invoice, or a call's idempotency key.
    #[serde(default)]
    #[param(max_length = 200, example = "in_1TDnZ2")]
    find: Option<String>,
    /// Not moved for so many seconds.
    #[serde(default)]
    #[param(minimum = 0)]
    unmoved_for: Option<u32>,
    /// The `next` of the page before; left out for the first page.
    #[serde(default)]
    after: Option<Uuid>,
    /// At most how many.
    #[serde(default = "fifty")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: u32,
}

pub const fn fifty() -> u32 {
    50
}

/// A page of changes for support.
#[derive(Debug, Serialize, ToSchema)]
pub struct CasePage {
    /// Them, oldest first. A page of stuck ones may hold fewer than `limit` and still not be the last.
    data: Vec<CaseListed>,
    /// The `after` of the next page; nothing on the last.
    next: Option<String>,
}

impl CaseQuery {
    fn search(self, staff: &Staff, now: Timestamp) -> Result<CaseSearch, Problem> {
        if !(1..=200).contains(&self.limit) {
            return Err(wrong(format!("`limit` is {}; it can be 1 to 200.", self.limit)));
        }
        Ok(CaseSearch {
            seller: seller_of(self.seller.as_deref(), staff)?,
            stuck: self.stuck,
            stage: self.stage.map(stage).transpose()?,
            finding: self.find.map(finding).transpose()?,
            unmoved_since: self
                .unmoved_for
                .map(|seconds| now - SignedDuration::from_secs(i64::from(seconds))),
            after: self.after.map(ChangeId),
            limit: self.limit,
        })
    }
}

fn wrong(detail: String) -> Problem {
    Problem::edge(EdgeCode::ParameterInvalid, detail)
}

/// Under a seller's key there is no other seller to be seen.
pub fn seller_of(named: Option<&str>, staff: &Staff) -> Result<Option<SellerId>, Problem> {
    let named = named.map(str::parse::<SellerId>).transpose();
    let named = named.map_err(|_| wrong("`seller` is not the id of a seller.".to_owned()))?;
    match (staff, named) {
        (Staff::Operator, named) => Ok(named),
        (Staff::OfSeller(own), Some(named)) if named != *own => {
            Err(wrong("`seller` is not the seller of this key.".to_owned()))
        }
        (Staff::OfSeller(own), _) => Ok(Some(own.clone())),
    }
}

fn stage(named: String) -> Result<String, Problem> {
    let first = named.split('.').next().unwrap_or_default();
    if StageName::ALL.iter().any(|stage| stage.as_str() == first) {
        Ok(named)
    } else {
        let all: Vec<&str> = StageName::ALL.iter().map(|stage| stage.as_str()).collect();
        Err(wrong(format!("`stage` begins with one of: {}.", all.join(", "))))
    }
}

fn finding(word: String) -> Result<Name, Problem> {
    if word.is_empty() || word.len() > FIND_MAX {
        return Err(wrong(format!("`find` has 1 to {FIND_MAX} characters.")));
    }
    Ok(match Uuid::try_parse(&word) {
        Ok(id) => Name::Id(id),
        Err(_) => Name::Word(word),
    })
}

/// List changes for support
///
/// Oldest first. With `stuck=true`, those about which something is stuck, each with its code, since when, the evidence and what
/// can safely be done.
#[utoipa::path(
    get,
    path = "/v1/support/changes",
    tag = "support",
    params(CaseQuery),
    responses((status = 200, description = "A page of them.", body = CasePage), ReadProblems)
)]
pub async fn list_cases(
    State(state): State<WebState>,
    staff: Staff,
    Asking(asked): Asking<CaseQuery>,
) -> Answer {
    let search = asked.search(&staff, state.engine.now())?;
    let page = state.engine.cases(&search).await?;
    let page = CasePage {
        data: page.lines.iter().map(CaseListed::of).collect(),
        next: page.next.map(|next| next.to_string()),
    };
    Ok(Json(page).into_response())
}
