//! From the engine's errors to problems: what the client may know of each.

use super::{EdgeCode, FieldError, Problem};
use crate::domain::change::{Refusal, RefusalCode, StoredStageError};
use crate::domain::language::Language;
use crate::engine::{EngineError, SellersError};
use crate::ports::payments::ReadError;
use crate::ports::store::StoreError;
use crate::web::api::views::MoneyView;

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Refused(refusal) => refusal.into(),
            EngineError::NotFound { what, id } => Self::edge(
                EdgeCode::NotFound,
                format!("There is no {what} `{id}` of this seller."),
            ),
            EngineError::Blocked(change) => {
                let reference = change.reference();
                let detail = format!("The change {reference} is open on this contract.");
                Self::refusal(RefusalCode::ChangeInProgress, detail).blocked_by(change)
            }
            EngineError::Taken { what } => {
                Self::edge(EdgeCode::AlreadyExists, format!("This {what} exists already."))
            }
            EngineError::KeyReused => Self::plain(EdgeCode::IdempotencyKeyReused),
            EngineError::VersionMoved { now, by } => {
                let by = by.map(|last| format!(" Since then, {last}.")).unwrap_or_default();
                let detail = format!("It is at version {now} now.{by} Nothing was changed.");
                let mut problem = Self::edge(EdgeCode::VersionMoved, detail);
                problem.0.version = Some(now);
                problem
            }
            EngineError::Contended => Self::plain(EdgeCode::ChangeBusy),
            EngineError::Store(error) | EngineError::Sellers(SellersError::Store(error)) => error.into(),
            EngineError::Provider(error) => error.into(),
            EngineError::Sellers(SellersError::Unknown(_)) => Self::plain(EdgeCode::Forbidden),
            // During a deployment, or on the way back from one: some other node can.
            EngineError::StoredStage(StoredStageError::Newer(_)) => Self::plain(EdgeCode::NewerVersion),
            EngineError::Sellers(_)
            | EngineError::StoredStage(_)
            | EngineError::Prepare(_)
            | EngineError::Json(_)
            | EngineError::Crashed(_) => internal(&error),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let Refusal {
            code,
            detail,
            said,
            pointer,
            expected,
            problems,
            again,
        } = refusal;
        let mut problem = Self::refusal(code, detail);
        problem.0.said = said.map(Into::into);
        if let Some(again) = again {
            problem.0.again_at = Some(again.at);
            problem.0.retry_after = Some(again.after_seconds);
        }
        problem.0.expected = expected.map(|money| MoneyView::of(Language::En, money));
        problem.0.errors = problems
            .into_iter()
            .map(|one| FieldError {
                pointer: one.pointer,
                code: one.code,
                detail: one.detail,
                instead: one.instead,
            })
            .map(Into::into)
            .collect();
        if let Some(pointer) = pointer.filter(|_| problem.0.errors.is_empty()) {
            let detail = problem.0.detail.clone();
            let error = FieldError::new(in_the_body(pointer), code.as_str(), detail);
            problem.0.errors.push(error.into());
        }
        problem
    }
}

/// The machine points to its own events' fields; two of them have other names in the body of a command.
fn in_the_body(pointer: String) -> String {
    match pointer.as_str() {
        "/consent/terms_version" => "/terms_version".to_owned(),
        "/payment_method" => "/card".to_owned(),
        _ => pointer,
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) => {
                tracing::error!(%error, "a request could not be answered");
                Self::plain(EdgeCode::StoreUnavailable)
            }
            StoreError::Damaged(_) => internal(&error),
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        tracing::warn!(%error, "a request could not be answered");
        match error {
            ReadError::Later { after, .. } => {
                let mut problem = Self::plain(EdgeCode::ProviderUnavailable);
                // In whole seconds, never too few.
                let asked = after.and_then(|wait| u32::try_from(wait.as_millis().div_ceil(1000).max(1)).ok());
                problem.0.retry_after = asked.or(problem.0.retry_after);
                problem
            }
            ReadError::NotFound(_) => {
                let detail = "The payment provider no longer knows something that this request needs.";
                Self::refusal(RefusalCode::ProviderRefused, detail)
            }
            ReadError::Refused { code, .. } => {
                let detail = format!("The payment provider refuses this request (`{code}`).");
                Self::refusal(RefusalCode::ProviderRefused, detail)
            }
        }
    }
}

/// An answer that could not be written as JSON.
impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        internal(&error)
    }
}

/// A defect of ours, or damage: the log says what, the client only that.
fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "a request could not be answered");
    Problem::plain(EdgeCode::Internal)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::StatusCode;

    use super::*;
    use crate::domain::change::ChangeId;
    use crate::domain::money::Money;

    fn json(problem: &Problem) -> serde_json::Value {
        serde_json::to_value(problem).expect("a problem")
    }

    #[test]
    fn an_amount_that_differs_tells_the_right_one_and_points_to_the_wrong_one() {
        let due = Money::new(4217, "BRL".parse().expect("known"));
        let refusal = Refusal::new(RefusalCode::AmountDiffers, "The customer saw another amount.")
            .at("/seen")
            .expecting(due);
        let told = json(&EngineError::from(refusal).into());
        assert_eq!(told["status"], 409);
        assert_eq!(told["type"], "/problems/amount_differs");
        assert_eq!(told["expected"]["amount"], 4217);
        assert_eq!(told["expected"]["currency"], "BRL");
        assert_eq!(told["errors"][0]["pointer"], "/seen");
    }

    #[test]
    fn a_blocked_change_is_named_with_the_way_to_it() {
        let change = ChangeId(uuid::Uuid::from_u128(7));
        let told = json(&EngineError::Blocked(change).into());
        assert_eq!(told["code"], "change_in_progress");
        assert_eq!(told["blocking_change"]["url"], format!("/v1/changes/{change}"));
        assert_eq!(told["blocking_change"]["reference"], change.reference().0);
    }

    #[test]
    fn no_internal_text_gets_out() {
        let secret = "change.stage of row 17";
        let errors = [
            EngineError::Store(StoreError::Damaged(secret.to_owned())),
            EngineError::Store(StoreError::Unavailable(secret.to_owned())),
            EngineError::Provider(ReadError::NotFound(secret.to_owned())),
            EngineError::Provider(ReadError::Later {
                after: Some(Duration::from_secs(17)),
                detail: secret.to_owned(),
            }),
            EngineError::Provider(ReadError::Refused {
                code: "resource_missing".to_owned(),
                message: secret.to_owned(),
            }),
        ];
        for error in errors {
            let problem = Problem::from(error);
            assert!(problem.status().is_server_error());
            assert!(!json(&problem).to_string().contains("row 17"), "{problem:?}");
        }
    }

    #[test]
    fn what_waiting_can_mend_says_how_long() {
        let later = ReadError::Later {
            after: Some(Duration::from_secs(17)),
            detail: String::new(),
        };
        assert_eq!(Problem::from(later).0.retry_after, Some(17));
        let soon = ReadError::Later {
            after: Some(Duration::from_millis(1200)),
            detail: String::new(),
        };
        assert_eq!(Problem::from(soon).0.retry_after, Some(2));
        let down = Problem::from(StoreError::Unavailable(String::new()));
        assert_eq!(
            (down.status(), down.0.retry_after),
            (StatusCode::SERVICE_UNAVAILABLE, Some(2))
        );
    }
}
