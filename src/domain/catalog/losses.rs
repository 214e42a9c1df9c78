//! What somebody loses who wants less: item by item, with the limit that will hold.

use std::collections::BTreeSet;

use super::{Catalog, ItemId, LineKey, PlanId, Selection};
use crate::domain::account::Contract;

/// What falls away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Losses {
    /// The plan that is left and the one that follows, where it is another one; nothing follows the end of a contract.
    pub plan: Option<(PlanId, Option<PlanId>)>,
    /// Each item of which there will be less.
    pub items: Vec<ItemLoss>,
}

/// An item of which there will be less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemLoss {
    /// Which.
    pub item: ItemId,
    /// How many are bought now.
    pub held: u64,
    /// How many will be.
    pub wanted: u64,
    /// How many can be used now: what the plan includes, and what is bought.
    pub limit_now: u64,
    /// How many can be used then.
    pub limit_then: u64,
}

impl Losses {
    /// What is lost from this contract by wanting that; by wanting nothing, everything is.
    pub fn of(catalog: &Catalog, held: &Contract, wanted: Option<&Selection>) -> Self {
        let plan_then = wanted.map(|wanted| &wanted.plan);
        let included = |plan: Option<&PlanId>, item: &ItemId| {
            let offer = plan.and_then(|plan| catalog.offer(plan, item));
            offer.map_or(0, |offer| offer.included)
        };
        let bought_then = |item: &ItemId| {
            let quantities = wanted.map(|wanted| &wanted.quantities);
            quantities.and_then(|all| all.get(item)).copied().unwrap_or(0)
        };
        let held_items = held.lines.iter().filter_map(|line| line.key.item());
        let offered = catalog
            .offers
            .iter()
            .filter(|offer| offer.plan == held.plan)
            .map(|offer| &offer.item);
        let all: BTreeSet<&ItemId> = held_items.chain(offered).collect();
        let items = all.into_iter().map(|item| {
            let now = held.quantity(&LineKey::Item(item.clone()));
            let then = bought_then(item);
            ItemLoss {
                item: item.clone(),
                held: now,
                wanted: then,
                limit_now: now.saturating_add(included(Some(&held.plan), item)),
                limit_then: then.saturating_add(included(plan_then, item)),
            }
        });
        let plan = (plan_then != Some(&held.plan)).then(|| (held.plan.clone(), plan_then.cloned()));
        Self {
            plan,
            items: items.filter(|loss| loss.limit_then < loss.limit_now).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::samples::World;

    fn lost(losses: &Losses) -> Vec<(&str, u64, u64, u64, u64)> {
        let items = losses.items.iter();
        items
            .map(|loss| {
                (
                    loss.item.as_str(),
                    loss.held,
                    loss.wanted,
                    loss.limit_now,
                    loss.limit_then,
                )
            })
            .collect()
    }

    #[test]
    fn fewer_seats_another_plan_and_the_end_each_say_what_is_lost() {
        let world = World::subscribed();
        let (catalog, held) = (&world.playbook.catalog, &world.contract);
        let fewer = Losses::of(catalog, held, Some(&World::selection("basic", 1)));
        assert_eq!(fewer.plan, None);
        assert_eq!(lost(&fewer), [("seat", 2, 1, 3, 2)]);

        let free = World::selection("free", 0);
        let down = Losses::of(catalog, held, Some(&free));
        assert_eq!(down.plan, Some((held.plan.clone(), Some(free.plan))));
        assert_eq!(lost(&down), [("seat", 2, 0, 3, 0)]);

        let all = Losses::of(catalog, held, None);
        assert_eq!(all.plan, Some((held.plan.clone(), None)));
        assert_eq!(lost(&all), [("seat", 2, 0, 3, 0)]);

        let more = Losses::of(catalog, held, Some(&World::selection("pro", 5)));
        assert_eq!(lost(&more), []);
    }
}
