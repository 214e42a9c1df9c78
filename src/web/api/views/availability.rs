//! Whether something can be had, with what, and where else: for the pages on which customers choose.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Reader;
use crate::domain::account::Contract;
use crate::domain::catalog::{Catalog, Item, ItemId, Offer, PlanId, RateTable, Service};
use crate::text;

/// What an item is bought on top of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Needs)]
pub struct NeedsView {
    /// One of these must be in the selection too.
    pub items: Vec<String>,
    /// Whether it must be held already.
    pub held_before: bool,
}

/// What is chosen with an item.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ItemOptions)]
pub struct OptionsView {
    /// The rate table whose rows can be chosen.
    #[schema(example = "channels")]
    pub of: String,
    /// How many must be.
    pub min: u64,
    /// How many may be.
    pub max: u64,
    /// How many uses of each the item's own grant is enough for, where only that one is used.
    pub enough_for: BTreeMap<String, u64>,
    /// What the contract has chosen.
    pub chosen: Vec<String>,
}

/// Whether something can be bought now, and what stands in the way.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Availability)]
pub struct AvailabilityView {
    /// Whether it can.
    pub now: bool,
    /// From when on, where time alone helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Why not, for the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
}

/// An item that a plan does not offer, and the plans that do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Elsewhere)]
pub struct ElsewhereView {
    /// The item's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The ids of the plans that offer it.
    pub plans: Vec<String>,
    /// Why not on this one, for the customer.
    pub why_not: String,
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
        let held = |id: &ItemId| contract.bought(id) > 0;
        if let Some(needs) = item.needs.as_ref().filter(|needs| needs.held_before)
            && !needs.items.iter().any(held)
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
            Some(from) if service.now < from && !held(&item.id) => Self {
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
