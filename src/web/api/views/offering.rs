//! What belongs together and what is granted, as it is shown: for the pages on which customers choose and compare.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Reader;
use crate::domain::account::Contract;
use crate::domain::catalog::{
    Catalog, Family, Feature, FeatureValue, Group, Item, ItemId, LineKey, NextStep, Offer, PlanId,
    Prerequisite, RateTable, Service,
};
use crate::domain::change::Deal;
use crate::text;

/// A product that plans belong to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Family)]
pub(super) struct FamilyView {
    /// Its id.
    #[schema(example = "bundle")]
    id: String,
    /// Its name.
    name: String,
    /// The products in it, where it is a bundle.
    contains: Vec<String>,
}

/// Items of which so many must be in every selection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub(super) struct GroupView {
    /// Its id.
    #[schema(example = "channel-package")]
    id: String,
    /// Its name.
    name: String,
    /// How many are needed.
    min: u64,
    /// How many are possible.
    max: u64,
    /// The items that can be chosen from.
    items: Vec<String>,
}

/// Something that plans and packages are compared by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Feature)]
pub(super) struct FeatureView {
    /// Its id.
    #[schema(example = "licences")]
    id: String,
    /// Its name.
    name: String,
    /// A sentence that explains it; may be empty.
    help: String,
}

/// What something has of a feature: whether it has it, how many, or in words.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = FeatureValue)]
pub(super) enum FeatureValueView {
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
pub(super) struct GrantView {
    /// Which credits.
    #[schema(example = "sms")]
    credit: String,
    /// What they are called beside a number.
    name: String,
    /// How many every month, for each unit, whatever the interval of the charge. What is left lapses.
    monthly: u64,
}

/// What each use costs in credits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RateTable)]
pub(super) struct RateTableView {
    /// Its id.
    #[schema(example = "sms-countries")]
    id: String,
    /// What the list is called.
    name: String,
    /// Which credits a use costs.
    credit: String,
    /// What those are called beside a number.
    credit_name: String,
    /// What is used, such as a message.
    per: String,
    /// In the seller's order.
    rows: Vec<RateView>,
}

/// What one kind of use costs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rate)]
struct RateView {
    /// Its id.
    #[schema(example = "br")]
    id: String,
    /// What it is called.
    name: String,
    /// How many credits each use costs.
    credits: u64,
    /// Whether it is invented for demonstration.
    sample: bool,
}

/// Something that has to be met outside of this program before items can be used, by those to whom it applies.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Prerequisite)]
pub(super) struct PrerequisiteView {
    /// Its id.
    #[schema(example = "a2p-10dlc")]
    id: String,
    /// The items that it is about.
    items: Vec<String>,
    /// What it is called.
    name: String,
    /// Whether it applies: to be answered with yes or no.
    question: String,
    /// What it is about.
    text: String,
    /// What those do to whom it applies.
    next_step: NextStepView,
}

/// What a customer does next.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NextStep)]
pub(super) struct NextStepView {
    /// In the seller's words.
    text: String,
    /// A page that leads on.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// What an item is bought on top of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Needs)]
pub(super) struct NeedsView {
    /// One of these must be in the selection too.
    items: Vec<String>,
    /// Whether it must be held already.
    held_before: bool,
}

/// What is chosen with an item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemOptions)]
pub(super) struct OptionsView {
    /// The rate table whose rows can be chosen.
    #[schema(example = "channels")]
    of: String,
    /// How many must be.
    min: u64,
    /// How many may be.
    max: u64,
    /// How many uses of each the item's own grant is enough for, where only that one is used.
    enough_for: BTreeMap<String, u64>,
    /// What the contract has chosen.
    chosen: Vec<String>,
}

/// Whether something can be bought now, and what stands in the way.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Availability)]
pub(super) struct AvailabilityView {
    /// Whether it can.
    now: bool,
    /// From when on, where time alone helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
    /// Why not, for the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<String>,
}

/// An item that a plan does not offer, and the plans that do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Elsewhere)]
pub(super) struct ElsewhereView {
    /// The item's id.
    id: String,
    /// Its name.
    name: String,
    /// The ids of the plans that offer it.
    plans: Vec<String>,
    /// Why not on this one, for the customer.
    why_not: String,
}

impl FamilyView {
    pub(super) fn of(reader: Reader<'_>, family: &Family) -> Self {
        Self {
            id: family.id.to_string(),
            name: reader.said(&family.name),
            contains: family.contains.iter().map(ToString::to_string).collect(),
        }
    }
}

impl GroupView {
    pub(super) fn of(reader: Reader<'_>, group: &Group) -> Self {
        let items = reader.playbook.catalog.items.iter();
        let members = items.filter(|item| item.group.as_ref() == Some(&group.id));
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
    pub(super) fn of(reader: Reader<'_>, feature: &Feature) -> Self {
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
    features: impl IntoIterator<Item = (&'f crate::domain::catalog::FeatureId, &'f FeatureValue)>,
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
    pub(super) fn of(reader: Reader<'_>, table: &RateTable) -> Self {
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
    pub(super) fn of(reader: Reader<'_>, prerequisite: &Prerequisite) -> Self {
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
}

impl NextStepView {
    /// The next steps of whatever a change has brought.
    pub(super) fn of_deal(reader: Reader<'_>, deal: &Deal) -> Vec<Self> {
        let steps = deal.next_steps(&reader.playbook.catalog).into_iter();
        steps.map(|step| Self::of(reader, step)).collect()
    }
}

impl NeedsView {
    pub(super) fn of(item: &Item) -> Option<Self> {
        item.needs.as_ref().map(|needs| Self {
            items: needs.items.iter().map(ToString::to_string).collect(),
            held_before: needs.held_before,
        })
    }
}

impl OptionsView {
    pub(super) fn of(
        catalog: &Catalog,
        item: &Item,
        plan: &PlanId,
        contract: Option<&Contract>,
    ) -> Option<Self> {
        let rule = item.options.as_ref()?;
        let table = catalog.rate_table(&rule.of);
        let granted = |table: &RateTable| {
            let all = catalog.granted(plan, Some(&item.id)).into_iter();
            let own = all.filter(|(credit, _)| credit.id == table.credit);
            own.map(|(_, units)| units).sum::<u64>()
        };
        let chosen = contract.and_then(|contract| contract.options.get(&item.id));
        let enough_for = table.iter().flat_map(|table| {
            let volume = granted(table);
            let each = table.rows.iter();
            each.filter_map(move |row| Some((row.id.to_string(), volume.checked_div(row.credits)?)))
        });
        Some(Self {
            of: rule.of.to_string(),
            min: rule.min,
            max: rule.max,
            enough_for: enough_for.collect(),
            chosen: chosen.into_iter().flatten().map(ToString::to_string).collect(),
        })
    }
}

impl AvailabilityView {
    /// Whether a customer can buy some of this item on this plan now. Without a contract, everything that is offered can be.
    pub(super) fn of(
        reader: Reader<'_>,
        item: &Item,
        offer: &Offer,
        holder: Option<(&Contract, &Service<'_>)>,
    ) -> Self {
        let can = Self {
            now: true,
            ..Self::default()
        };
        let Some((contract, service)) = holder else {
            return can;
        };
        let held = |id| contract.quantity(&LineKey::Item(id)) > 0;
        if let Some(needs) = item.needs.as_ref().filter(|needs| needs.held_before)
            && !needs.items.iter().any(|need| held(need.clone()))
        {
            let names: Vec<String> = needs.items.iter().map(|need| item_name(reader, need)).collect();
            return Self {
                why_not: Some(text::catalog::once_held(
                    reader.language,
                    &reader.said(&item.name),
                    &names,
                )),
                ..Self::default()
            };
        }
        match offer.after.and_then(|after| service.after(after)) {
            Some(from) if service.now < from && !held(item.id.clone()) => Self {
                now: false,
                from: Some(from),
                why_not: Some(text::catalog::available_from(
                    reader.language,
                    &reader.said(&item.name),
                    &reader.day(from),
                )),
            },
            _ => can,
        }
    }
}

fn item_name(reader: Reader<'_>, id: &ItemId) -> String {
    let item = reader.playbook.catalog.item(id);
    item.map_or_else(|| id.to_string(), |item| reader.said(&item.name))
}

impl ElsewhereView {
    /// What this plan does not offer, and where it can be had.
    pub(super) fn all(reader: Reader<'_>, plan: &PlanId) -> Vec<Self> {
        let catalog = &reader.playbook.catalog;
        let missing = catalog
            .items
            .iter()
            .filter(|item| catalog.offer(plan, &item.id).is_none());
        missing
            .map(|item| {
                let plans = catalog.plans_allowing(&item.id);
                let known = plans.iter().filter_map(|plan| catalog.plan(plan));
                let names: Vec<String> = known.map(|plan| reader.said(&plan.name)).collect();
                Self {
                    id: item.id.to_string(),
                    name: reader.said(&item.name),
                    plans: plans.iter().map(ToString::to_string).collect(),
                    why_not: text::catalog::only_on(reader.language, &reader.said(&item.name), &names),
                }
            })
            .collect()
    }
}
