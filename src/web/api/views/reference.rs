use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Reader;
use crate::domain::catalog::Selection;

/// What a customer wants to hold afterwards: the whole target, not a difference.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Selection)]
pub struct SelectionView {
    /// The plan's id.
    #[schema(example = "growth")]
    pub plan: String,
    /// How many of each item are bought on top of what the plan includes. An item that is not named is not wanted.
    #[schema(required = false)]
    pub quantities: BTreeMap<String, u64>,
    /// What is chosen with an item, such as the channels of a package.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    pub options: BTreeMap<String, Vec<String>>,
    /// The currency of all prices.
    #[schema(example = "BRL")]
    pub currency: String,
    /// The plan's interval: `month`, `year` or a number of them, such as `3 months`.
    #[schema(example = "month")]
    pub interval: String,
}

/// How a customer reaches the seller's people.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Support)]
pub struct SupportView {
    /// A mail address.
    pub email: String,
    /// A page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What the customer agrees to with the last button.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Terms)]
pub struct TermsView {
    /// Which text. The confirmation names it.
    #[schema(example = "2026-01")]
    pub version: String,
    /// Where it can be read.
    pub url: String,
    /// How what is charged again and again is stopped, in the seller's words.
    pub how_to_stop: String,
}

impl SelectionView {
    pub(super) fn of(selection: &Selection) -> Self {
        let quantities = &selection.quantities;
        Self {
            plan: selection.plan.to_string(),
            quantities: quantities
                .iter()
                .map(|(item, quantity)| (item.to_string(), *quantity))
                .collect(),
            options: selection
                .options
                .iter()
                .map(|(item, chosen)| (item.to_string(), chosen.iter().map(ToString::to_string).collect()))
                .collect(),
            currency: selection.currency.to_string(),
            interval: selection.interval.to_string(),
        }
    }
}

impl SupportView {
    /// The seller's contact.
    pub fn of(reader: Reader<'_>) -> Self {
        let support = reader.playbook.seller.support.clone();
        Self {
            email: support.email,
            url: support.url,
        }
    }
}

impl TermsView {
    pub(super) fn of(reader: Reader<'_>) -> Self {
        let terms = reader.playbook.policy.terms.clone();
        Self {
            version: terms.version,
            url: terms.url,
            how_to_stop: reader.said(&terms.how_to_stop),
        }
    }
}
