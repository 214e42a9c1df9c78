use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Reader;
use super::offering::NextStepView;
use crate::domain::account::PrerequisiteStanding;
use crate::domain::catalog::Prerequisite;

/// Where a prerequisite stands with an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccountPrerequisite)]
pub struct PrerequisiteView {
    /// Its id.
    #[schema(example = "a2p-10dlc")]
    pub prerequisite: String,
    /// What it is called.
    pub name: String,
    /// Whether it applies: a question that can be answered with yes or no.
    pub question: String,
    /// What it is about.
    pub text: String,
    /// The items that it is about.
    pub items: Vec<String>,
    /// `not_said`, `does_not_apply`, `open` or `met`.
    #[schema(example = "open")]
    pub standing: &'static str,
    /// Since when it is open, or when it was met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What the account does next, while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_step: Option<NextStepView>,
}

impl PrerequisiteView {
    /// The prerequisite, as it stands.
    pub fn of(reader: Reader<'_>, prerequisite: &Prerequisite, standing: PrerequisiteStanding) -> Self {
        let (word, at) = match standing {
            PrerequisiteStanding::NotSaid => ("not_said", None),
            PrerequisiteStanding::DoesNotApply => ("does_not_apply", None),
            PrerequisiteStanding::Open { since } => ("open", Some(since)),
            PrerequisiteStanding::Met { at } => ("met", Some(at)),
        };
        Self {
            prerequisite: prerequisite.id.to_string(),
            name: reader.said(&prerequisite.name),
            question: reader.said(&prerequisite.question),
            text: reader.said(&prerequisite.text),
            items: prerequisite.items.iter().map(ToString::to_string).collect(),
            standing: word,
            at,
            next_step: matches!(standing, PrerequisiteStanding::Open { .. })
                .then(|| NextStepView::of(reader, &prerequisite.next_step)),
        }
    }
}
