use std::fmt;

use axum::extract::{Request, State};
use jiff::Timestamp;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::account::ContractId;
use crate::domain::metering::{MeterId, Quantity, Report};
use crate::engine::{ReportAnswer, UsageReport};
use crate::web::WebState;
use crate::web::api::document::QuestionProblems;
use crate::web::api::show::{self, Answer};
use crate::web::api::views::TallyView;
use crate::web::ask::{self, Caller};
use crate::web::problem::{EdgeCode, FieldError, Problem};

/// The most reports of one request.
const REPORTS_MAX: usize = 100;

/// The longest id of a report.
const ID_CHARACTERS_MAX: usize = 100;

/// The longest name of a variant.
const VARIANT_CHARACTERS_MAX: usize = 40;

/// Reports of use.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageReports {
    /// Each is counted for itself.
    #[schema(min_items = 1, max_items = 100)]
    reports: Vec<NewReport>,
}

/// One report of use.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReport {
    /// Names it, unique at the seller: the same use is never counted twice. Visible ASCII, never personal data.
    #[schema(min_length = 1, max_length = 100, example = "sync-2026-03-18-000123")]
    id: String,
    /// On which contract.
    contract: Uuid,
    /// What was used, in the words of the workflow file.
    #[schema(value_type = String, example = "email-sync")]
    meter: MeterId,
    /// Which of the meter's variants, where it has some.
    #[serde(default)]
    #[schema(example = "BR")]
    variant: Option<String>,
    /// How much: a whole number, or a decimal number in a text.
    #[schema(value_type = String, example = "12.5")]
    quantity: Amount,
    /// When it was used.
    at: Timestamp,
}

/// What became of the reports, in their order.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageAnswers {
    /// One per report.
    data: Vec<UsageAnswer>,
}

/// What became of one report.
#[derive(Debug, Serialize, ToSchema)]
struct UsageAnswer {
    /// The report's id.
    id: String,
    /// What became of it.
    status: UsageStatus,
    /// Whether this use may go on. `false` where it stops at the limit, or was refused.
    allowed: bool,
    /// What it was counted in, where that is still open.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<TallyView>,
    /// Why it was refused, where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<crate::web::problem::ProblemBody>)]
    problem: Option<Problem>,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum UsageStatus {
    /// It is counted.
    Counted,
    /// It had been counted before.
    Repeated,
    /// It would have gone beyond a limit at which use stops, and was not counted.
    Stopped,
    /// It cannot be counted; `problem` says why.
    Refused,
}

/// A quantity as a whole number, or as a text with decimals. A number with decimals is refused: it may not be exact.
#[derive(Debug, Clone, Copy)]
struct Amount(Quantity);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl Visitor<'_> for Reading {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or a decimal number in a text such as \"12.5\", never negative")
            }

            fn visit_u64<E: Error>(self, units: u64) -> Result<Amount, E> {
                Quantity::whole(units)
                    .map(Amount)
                    .ok_or_else(|| E::custom("the quantity is too large"))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Amount, E> {
                text.parse().map(Amount).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Reading)
    }
}

impl NewReport {
    fn checked(self, place: usize) -> Result<UsageReport, Problem> {
        let visible = |text: &str, longest: usize| {
            (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !visible(&self.id, ID_CHARACTERS_MAX) {
            let detail = format!("`id` is 1 to {ID_CHARACTERS_MAX} visible ASCII characters.");
            return Err(Problem::field(
                format!("/reports/{place}/id"),
                "invalid_value",
                detail,
            ));
        }
        let named = self.variant.as_deref();
        if named.is_some_and(|variant| !visible(variant, VARIANT_CHARACTERS_MAX)) {
            let detail = format!("`variant` is 1 to {VARIANT_CHARACTERS_MAX} visible ASCII characters.");
            return Err(Problem::field(
                format!("/reports/{place}/variant"),
                "invalid_value",
                detail,
            ));
        }
        Ok(UsageReport {
            contract: ContractId(self.contract),
            report: Report {
                id: self.id,
                meter: self.meter,
                variant: self.variant,
                quantity: self.quantity.0,
                at: self.at,
            },
        })
    }
}

/// Report use
///
/// Each report carries its own id, so that it is counted once however often it is sent, and no idempotency key is needed. Reports
/// are counted each for itself; where not one of them can be taken, the answer is a problem that points to all of them.
#[utoipa::path(
    post,
    path = "/v1/usage",
    tag = "usage",
    request_body = UsageReports,
    responses((status = 200, description = "What became of each.", body = UsageAnswers), QuestionProblems)
)]
pub async fn report_usage(State(state): State<WebState>, caller: Caller, request: Request) -> Answer {
    let UsageReports { reports } = ask::question(request).await?;
    if reports.is_empty() || reports.len() > REPORTS_MAX {
        let detail = format!("`reports` holds 1 to {REPORTS_MAX} reports.");
        return Err(Problem::field("/reports", "invalid_value", detail));
    }
    let checked = reports
        .into_iter()
        .enumerate()
        .map(|(place, report)| report.checked(place));
    let reports = checked.collect::<Result<Vec<UsageReport>, Problem>>()?;
    let answers = state.engine.report_usage(&caller.seller, &reports).await?;
    let mut data = Vec::with_capacity(answers.len());
    for (place, (report, answer)) in reports.iter().zip(answers).enumerate() {
        data.push(UsageAnswer::of(place, report, answer));
    }
    match all_refused(&mut data) {
        Some(problem) => Err(problem),
        None => show::now(&UsageAnswers { data }),
    }
}

impl UsageAnswer {
    fn of(place: usize, report: &UsageReport, answer: ReportAnswer) -> Self {
        let refused = |problem: Problem| Self {
            id: report.report.id.clone(),
            status: UsageStatus::Refused,
            allowed: false,
            usage: None,
            problem: Some(problem),
        };
        match answer {
            ReportAnswer::Taken(taken) => Self {
                id: report.report.id.clone(),
                status: match (taken.allowed, taken.repeated) {
                    (false, _) => UsageStatus::Stopped,
                    (true, true) => UsageStatus::Repeated,
                    (true, false) => UsageStatus::Counted,
                },
                allowed: taken.allowed,
                usage: taken.tally.map(|tally| TallyView::of(&taken.playbook, &tally)),
                problem: None,
            },
            ReportAnswer::Refused(refusal) => {
                refused(Problem::from(refusal).within(&format!("/reports/{place}")))
            }
            ReportAnswer::NoContract => {
                let detail = format!("There is no contract `{}` of this seller.", report.contract);
                refused(
                    Problem::edge(EdgeCode::NotFound, detail.clone()).pointing([FieldError::new(
                        format!("/reports/{place}/contract"),
                        "not_found",
                        detail,
                    )]),
                )
            }
        }
    }
}

/// The first problem, pointing to all of them, where not one report was taken.
fn all_refused(data: &mut [UsageAnswer]) -> Option<Problem> {
    if data.iter().any(|answer| answer.problem.is_none()) {
        return None;
    }
    let mut problems = data.iter_mut().filter_map(|answer| answer.problem.take());
    let first = problems.next()?;
    let others: Vec<FieldError> = problems.flat_map(|problem| problem.fields()).collect();
    Some(first.pointing(others))
}
