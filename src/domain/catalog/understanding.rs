//! What a selection means: other names of a plan, and what the seller's rules drop when its customer moves to another plan.

use std::collections::BTreeSet;

use super::{Catalog, ItemId, OnAnotherPlan, PlanId, Selection};
use crate::domain::account::Contract;

impl Catalog {
    /// The selection as it is carried out: the plan by its own id, without what ends with the held plan, and without choices
    /// that belong to nothing in it.
    pub fn understood(&self, selection: &Selection, held: Option<&Contract>) -> Selection {
        let mut meant = selection.clone();
        if let Some(plan) = self.plan_called(&selection.plan) {
            meant.plan = plan.id.clone();
        }
        if let Some(held) = held {
            for item in self.dropped(held, &meant.plan) {
                // Who asks for more than is held means to buy it: that is answered, not dropped.
                if meant.quantity(&item) <= held.bought(&item) {
                    meant.quantities.remove(&item);
                }
            }
        }
        let Selection {
            quantities, options, ..
        } = &mut meant;
        options.retain(|item, chosen| {
            let unknown = self.item(item).is_none();
            let wanted = quantities.get(item).is_some_and(|quantity| *quantity > 0);
            !chosen.is_empty() && (wanted || unknown)
        });
        meant
    }

    /// What the rules drop when this contract moves to this plan: items that the seller lets end where the new plan does not
    /// offer them, and what is on top of nothing but those. Nothing where the plan stays.
    pub fn dropped(&self, held: &Contract, plan: &PlanId) -> BTreeSet<ItemId> {
        let mut dropped = BTreeSet::new();
        if held.plan == *plan || self.plan(plan).is_none() {
            return dropped;
        }
        let is_held = |item: &ItemId| held.bought(item) > 0;
        for item in self.items.iter().filter(|item| is_held(&item.id)) {
            let ends = item.on_another_plan == OnAnotherPlan::DropIfNotOffered;
            if ends && self.offer(plan, &item.id).is_none() {
                dropped.insert(item.id.clone());
            }
        }
        loop {
            let without = |item: &ItemId| dropped.contains(item) || !is_held(item);
            let stranded = self.items.iter().find(|item| {
                let on_top = item
                    .needs
                    .as_ref()
                    .filter(|needs| needs.items.iter().any(|need| dropped.contains(need)));
                is_held(&item.id)
                    && !dropped.contains(&item.id)
                    && on_top.is_some_and(|needs| needs.items.iter().all(without))
            });
            let Some(item) = stranded.map(|item| item.id.clone()) else {
                return dropped;
            };
            dropped.insert(item);
        }
    }
}
