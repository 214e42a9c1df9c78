use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::change::{Actor, ChangeId, Event, TicketDecision};
use crate::engine::Wish;
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{Command, Named, SupportBody};
use crate::web::problem::Problem;

/// Support's answer to a request to go down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketAnswer {
    /// What is decided.
    decision: TicketWord,
    /// For when, with `schedule`.
    #[serde(default)]
    at: Option<Timestamp>,
    /// Who decides, and why. With `decline`, the customer is told.
    support: SupportBody,
    /// Only say what would be done: nothing is written, and the key is not used up. For support's own address alone.
    #[serde(default)]
    #[schema(default = false)]
    dry_run: bool,
}

/// What support decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TicketWord {
    /// Apply it now, without a charge.
    ApplyNow,
    /// Apply it at `at`.
    Schedule,
    /// Let the provider itself apply it when the period ends.
    AtPeriodEnd,
    /// Something is due: it goes through a quote that the customer confirms.
    AskMoney,
    /// No, for `support.reason`.
    Decline,
}

impl TicketAnswer {
    /// Who decides.
    pub fn actor(&self) -> Actor {
        self.support.actor()
    }

    /// Whether it is only to be said what would be done.
    pub fn dry_run(&self) -> bool {
        self.dry_run
    }

    /// What is decided, with exactly what it needs.
    pub fn decision(&self, now: Timestamp) -> Result<TicketDecision, Problem> {
        match (self.decision, self.at, self.support.reason()) {
            (TicketWord::Schedule, Some(at), _) if at > now => Ok(TicketDecision::Schedule { at }),
            (TicketWord::Schedule, Some(_), _) => Err(Problem::field("/at", "past", "`at` is over already.")),
            (TicketWord::Schedule, None, _) => Err(Problem::field(
                "/at",
                "missing_field",
                "`schedule` needs `at`, the day to apply it.",
            )),
            (_, Some(_), _) => Err(Problem::field(
                "/at",
                "unknown_field",
                "Only `schedule` takes `at`.",
            )),
            (TicketWord::Decline, None, Some(why)) => Ok(TicketDecision::Decline { why: why.to_owned() }),
            // Without its reason the machine refuses it.
            (TicketWord::Decline, None, None) => Ok(TicketDecision::Decline { why: String::new() }),
            (TicketWord::ApplyNow, None, _) => Ok(TicketDecision::ApplyNow),
            (TicketWord::AtPeriodEnd, None, _) => Ok(TicketDecision::AtPeriodEnd),
            (TicketWord::AskMoney, None, _) => Ok(TicketDecision::AskMoney),
        }
    }
}

/// Answer a request to go down
#[utoipa::path(
    post,
    path = "/v1/changes/{id}/ticket/answer",
    tag = "support",
    params(ChangePath, ChangeHeaders),
    request_body = TicketAnswer,
    responses((status = 200, description = "The change.", body = ChangeBody), CommandProblems)
)]
pub async fn answer_ticket(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<TicketAnswer>,
) -> Answer {
    let asked = command.asked(command.body.support.actor());
    if let Some(answer) = show::replayed(&state, &asked).await? {
        return Ok(answer);
    }
    if command.body.dry_run {
        let detail = "A dry run is asked of `/v1/support/tickets/{id}/answer`.";
        return Err(Problem::field("/dry_run", "unknown_field", detail));
    }
    let decision = command.body.decision(state.engine.now())?;
    show::submitted(
        &state,
        change,
        Wish::Event(Event::AnswerTicket { decision }),
        &asked,
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(rest: &str) -> Result<TicketDecision, &'static str> {
        let body = format!("{{{rest}}}");
        let answer: TicketAnswer = serde_json::from_str(&body).expect("an answer");
        let now = "2026-03-01T00:00:00Z".parse().expect("a time");
        answer.decision(now).map_err(|problem| problem.code())
    }

    #[test]
    fn a_decision_needs_exactly_what_it_says() {
        let support = r#""support":{"id":"agent_7"}"#;
        assert_eq!(
            decided(&format!(r#""decision":"apply_now",{support}"#)),
            Ok(TicketDecision::ApplyNow)
        );
        assert_eq!(
            decided(&format!(r#""decision":"ask_money",{support}"#)),
            Ok(TicketDecision::AskMoney)
        );
        let later = r#""at":"2026-03-14T03:00:00Z""#;
        assert!(matches!(
            decided(&format!(r#""decision":"schedule",{later},{support}"#)),
            Ok(TicketDecision::Schedule { .. })
        ));
        let why = r#""support":{"id":"agent_7","reason":"Minimum term"}"#;
        assert_eq!(
            decided(&format!(r#""decision":"decline",{why}"#)),
            Ok(TicketDecision::Decline {
                why: "Minimum term".to_owned()
            })
        );
        for wrong in [
            format!(r#""decision":"schedule",{support}"#),
            format!(r#""decision":"schedule","at":"2026-02-01T00:00:00Z",{support}"#),
            format!(r#""decision":"apply_now",{later},{support}"#),
        ] {
            assert_eq!(decided(&wrong), Err("request_invalid"), "{wrong}");
        }
    }
}
