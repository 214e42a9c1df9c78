//! What belongs together and what is granted, as it is shown: for the pages on which customers choose and compare.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Reader;
use crate::domain::catalog::{
    Family, Feature, FeatureId, FeatureValue, Group, ItemId, NextStep, PlanId, Prerequisite, RateTable,
};
use crate::domain::change::Deal;

/// A product that plans belong to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Family)]
pub struct FamilyView {
    /// Its id.
    #[schema(example = "bundle")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// The products in it, where it is a bundle.
    pub contains: Vec<String>,
}

/// Items of which so many must be in every selection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub struct GroupView {
    /// Its id.
    #[schema(example = "channel-package")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many are needed.
    pub min: u64,
    /// How many are possible.
    pub max: u64,
    /// The items that can be chosen from.
    pub items: Vec<String>,
}

/// Something that plans and packages are compared by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Feature)]
pub struct FeatureView {
    /// Its id.
    #[schema(example = "licences")]
    pub id: String,
    /// Its name.
    pub name: String,
    /// A sentence that explains it; may be empty.
    pub help: String,
}

/// What something has of a feature: whether it has it, how many, or in words.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = FeatureValue)]
pub enum FeatureValueView {
    /// It has it, or not.
    Included(bool),
    /// So many.
    Number(u64),
    /// In words.
    Said(String),
}

/// Credits that are granted again and again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grant)]
pub struct GrantView {
    /// Which credits.
    #[schema(example = "sms")]
    pub credit: String,
    /// What they are called beside a number.
    pub name: String,
    /// How many every month, for each unit, whatever the interval of the charge. What is left lapses.
    pub monthly: u64,
}

/// What each use costs in credits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RateTable)]
pub struct RateTableView {
    /// Its id.
    #[schema(example = "sms-countries")]
    pub id: String,
    /// What the list is called.
    pub name: String,
    /// Which credits a use costs.
    pub credit: String,
    /// What those are called beside a number.
    pub credit_name: String,
    /// What is used, such as a message.
    pub per: String,
    /// In the seller's order.
    pub rows: Vec<RateView>,
}

/// What one kind of use costs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rate)]
pub struct RateView {
    /// Its id.
    #[schema(example = "br")]
    pub id: String,
    /// What it is called.
    pub name: String,
    /// How many credits each use costs.
    pub credits: u64,
    /// Whether it is invented for demonstration.
    pub sample: bool,
}

/// Something that has to be met outside of this program before items can be used, by those to whom it applies.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Prerequisite)]
pub struct PrerequisiteView {
    /// Its id.
    #[schema(example = "a2p-10dlc")]
    pub id: String,
    /// The items that it is about.
    pub items: Vec<String>,
    /// What it is called.
    pub name: String,
    /// Whether it applies: to be answered with yes or no.
    pub question: String,
    /// What it is about.
    pub text: String,
    /// What those do to whom it applies.
    pub next_step: NextStepView,
}

/// What a customer does next.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NextStep)]
pub struct NextStepView {
    /// In the seller's words.
    pub text: String,
    /// A page that leads on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl FamilyView {
    /// All that the seller has, in its order.
    pub(super) fn all(reader: Reader<'_>) -> Vec<Self> {
        let all = reader.playbook.catalog.families.iter();
        all.map(|one| Self::of(reader, one)).collect()
    }

    fn of(reader: Reader<'_>, family: &Family) -> Self {
        Self {
            id: family.id.to_string(),
            name: reader.said(&family.name),
            contains: family.contains.iter().map(ToString::to_string).collect(),
        }
    }
}

impl GroupView {
    /// All that the seller has, in its order.
    pub(super) fn all(reader: Reader<'_>) -> Vec<Self> {
        let all = reader.playbook.catalog.groups.iter();
        all.map(|one| Self::of(reader, one)).collect()
    }

    fn of(reader: Reader<'_>, group: &Group) -> Self {
        let members = reader.playbook.catalog.members(&group.id);
        Self {
            id: group.id.to_string(),
            name: reader.said(&group.name),
            min: group.min,
            max: group.max,
            items: members.map(|item| item.id.to_string()).collect(),
        }
    }
}

impl FeatureView {
    /// All that the seller has, in its order.
    pub(super) fn all(reader: Reader<'_>) -> Vec<Self> {
        let all = reader.playbook.catalog.features.iter();
        all.map(|one| Self::of(reader, one)).collect()
    }

    fn of(reader: Reader<'_>, feature: &Feature) -> Self {
        Self {
            id: feature.id.to_string(),
            name: reader.said(&feature.name),
            help: reader.said(&feature.help),
        }
    }
}

/// What something has of each feature.
pub(super) fn values<'f>(
    reader: Reader<'_>,
    features: impl IntoIterator<Item = (&'f FeatureId, &'f FeatureValue)>,
) -> BTreeMap<String, FeatureValueView> {
    let shown = |value: &FeatureValue| match value {
        FeatureValue::Included(included) => FeatureValueView::Included(*included),
        FeatureValue::Number(number) => FeatureValueView::Number(*number),
        FeatureValue::Said(texts) => FeatureValueView::Said(reader.said(texts)),
    };
    let all = features.into_iter();
    all.map(|(id, value)| (id.to_string(), shown(value))).collect()
}

impl GrantView {
    /// What a plan, or each unit of an item on it, grants.
    pub(super) fn all(reader: Reader<'_>, plan: &PlanId, item: Option<&ItemId>) -> Vec<Self> {
        let granted = reader.playbook.catalog.granted(plan, item).into_iter();
        granted
            .map(|(credit, monthly)| Self {
                credit: credit.id.to_string(),
                name: reader.said(&credit.name),
                monthly,
            })
            .collect()
    }
}

impl RateTableView {
    /// All that the seller has, in its order.
    pub(super) fn all(reader: Reader<'_>) -> Vec<Self> {
        let all = reader.playbook.catalog.rates.iter();
        all.map(|one| Self::of(reader, one)).collect()
    }

    fn of(reader: Reader<'_>, table: &RateTable) -> Self {
        let credit = reader.playbook.catalog.credit(&table.credit);
        let rows = table.rows.iter().map(|row| RateView {
            id: row.id.to_string(),
            name: reader.said(&row.name),
            credits: row.credits,
            sample: row.sample,
        });
        Self {
            id: table.id.to_string(),
            name: reader.said(&table.name),
            credit: table.credit.to_string(),
            credit_name: credit.map(|credit| reader.said(&credit.name)).unwrap_or_default(),
            per: reader.said(&table.per),
            rows: rows.collect(),
        }
    }
}

impl PrerequisiteView {
    /// All that the seller has, in its order.
    pub(super) fn all(reader: Reader<'_>) -> Vec<Self> {
        let all = reader.playbook.catalog.prerequisites.iter();
        all.map(|one| Self::of(reader, one)).collect()
    }

    fn of(reader: Reader<'_>, prerequisite: &Prerequisite) -> Self {
        Self {
            id: prerequisite.id.to_string(),
            items: prerequisite.items.iter().map(ToString::to_string).collect(),
            name: reader.said(&prerequisite.name),
            question: reader.said(&prerequisite.question),
            text: reader.said(&prerequisite.text),
            next_step: NextStepView::of(reader, &prerequisite.next_step),
        }
    }
}

impl NextStepView {
    pub(super) fn of(reader: Reader<'_>, step: &NextStep) -> Self {
        Self {
            text: reader.said(&step.text),
            url: step.url.clone(),
        }
    }

    /// The next steps of whatever a change has brought.
    pub(super) fn of_deal(reader: Reader<'_>, deal: &Deal) -> Vec<Self> {
        let steps = deal.next_steps(&reader.playbook.catalog).into_iter();
        steps.map(|step| Self::of(reader, step)).collect()
    }
}
