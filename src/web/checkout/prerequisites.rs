//! What must be met outside of this program before something can be used: who buys it is asked whether it applies to them.

use crate::domain::account::{PrerequisiteSaid, PrerequisiteStanding};
use crate::domain::catalog::PrerequisiteId;
use crate::engine::{Asked, EngineError};
use crate::ports::store::ClientAnswer;
use crate::web::WebState;
use crate::web::page::{OwnForm, Trouble, Visitor};

/// What the fields that ask for it begin with; the id follows.
const FIELD: &str = "pre.";

/// What an account has said so far.
#[derive(Debug, Default)]
pub(super) struct Said(Vec<(PrerequisiteId, PrerequisiteStanding)>);

impl Said {
    /// Reads it.
    pub(super) async fn read(state: &WebState, visitor: &Visitor) -> Result<Self, EngineError> {
        Ok(Self(state.engine.prerequisites(&visitor.account).await?))
    }

    /// Whether this was the answer.
    pub(super) fn is(&self, prerequisite: &str, answer: PrerequisiteSaid) -> bool {
        let own = self.0.iter().find(|(id, _)| id.as_str() == prerequisite);
        own.is_some_and(|(_, standing)| answered(*standing) == Some(answer))
    }
}

/// Yes or no, as far as it was answered.
fn answered(standing: PrerequisiteStanding) -> Option<PrerequisiteSaid> {
    match standing {
        PrerequisiteStanding::NotSaid => None,
        PrerequisiteStanding::DoesNotApply => Some(PrerequisiteSaid::DoesNotApply),
        PrerequisiteStanding::Open { .. } | PrerequisiteStanding::Met { .. } => {
            Some(PrerequisiteSaid::Applies)
        }
    }
}

/// Keeps the answers of a form that are not known yet. No answer says nothing.
pub(super) async fn keep(state: &WebState, own: &OwnForm) -> Result<(), Trouble> {
    let visitor = &own.visitor;
    let said = Said::read(state, visitor)
        .await
        .map_err(|problem| visitor.trouble(problem))?;
    for (id, _) in &said.0 {
        let answer = match own.form.get(&format!("{FIELD}{id}")) {
            Some("applies") => PrerequisiteSaid::Applies,
            Some("does_not_apply") => PrerequisiteSaid::DoesNotApply,
            _ => continue,
        };
        if said.is(id.as_str(), answer) {
            continue;
        }
        let asked = Asked {
            key: None,
            expected_version: None,
            ..own.asked()
        };
        let nothing = |_: &PrerequisiteStanding| {
            Ok(ClientAnswer {
                status: 204,
                body: Vec::new(),
            })
        };
        let kept = state
            .engine
            .say_prerequisite(visitor.account.id, id, answer, &asked, &nothing)
            .await;
        kept.map_err(|problem| visitor.trouble(problem))?;
    }
    Ok(())
}
