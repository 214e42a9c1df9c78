//! What has to be there together: one package beside a plan, packs on top of their add-on, channels with a package.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Catalog, Group, Item, ItemId, Plan, Selection, SelectionProblem};
use crate::domain::account::{Account, Contract};

/// How long somebody has been a customer: what some offers ask for.
#[derive(Debug, Clone)]
pub struct Service<'a> {
    /// Since when the account has used the service.
    pub since: Timestamp,
    /// The present.
    pub now: Timestamp,
    /// In which days and months are counted.
    pub time_zone: &'a TimeZone,
}

impl<'t> Service<'t> {
    /// Of this account, as it is now.
    pub fn of(account: &Account, now: Timestamp, time_zone: &'t TimeZone) -> Self {
        Self {
            since: account.created_at,
            now,
            time_zone,
        }
    }

    /// When the service will have been used for so long.
    pub fn after(&self, interval: super::Interval) -> Option<Timestamp> {
        let since = self.since.to_zoned(self.time_zone.clone());
        since.checked_add(interval.span()).ok().map(|at| at.timestamp())
    }
}

impl Catalog {
    /// What of a selection the account has not used the service long enough for. What it holds already, it can have.
    pub fn too_soon(
        &self,
        selection: &Selection,
        held: Option<&Contract>,
        service: &Service<'_>,
    ) -> Vec<SelectionProblem> {
        let Some(plan) = self.plan_called(&selection.plan) else {
            return Vec::new();
        };
        let offers = self.offers_on(&plan.id).filter(|offer| {
            let more = selection.quantity(&offer.item) > held.map_or(0, |held| held.bought(&offer.item));
            more && offer.after.is_some()
        });
        offers
            .filter_map(|offer| {
                let (item, after) = (offer.item.clone(), offer.after?);
                let from = service.after(after)?;
                (service.now < from).then_some(SelectionProblem::TooSoon { item, after, from })
            })
            .collect()
    }
}

/// Everything that is missing or too much beside what each line says of itself.
pub(super) fn problems(
    catalog: &Catalog,
    plan: &Plan,
    selection: &Selection,
    held: Option<&Contract>,
) -> Vec<SelectionProblem> {
    let asked = Asked {
        catalog,
        plan,
        selection,
        // Of what is only proposed nothing is held, and nothing is older than the rules.
        held: held.filter(|held| !held.is_proposed()),
    };
    let groups = catalog.groups.iter().filter_map(|group| asked.group(group));
    let items = catalog.items.iter().flat_map(|item| {
        let needs = asked.needs(item);
        needs.into_iter().chain(asked.options(item))
    });
    groups.chain(items).collect()
}

struct Asked<'a> {
    catalog: &'a Catalog,
    plan: &'a Plan,
    selection: &'a Selection,
    held: Option<&'a Contract>,
}

impl Asked<'_> {
    /// A combination that is held, on the plan that is held, may be older than the rule: it stays possible.
    fn group(&self, group: &Group) -> Option<SelectionProblem> {
        let members = || self.catalog.members(&group.id);
        let chosen: Vec<ItemId> = members()
            .filter(|item| self.selection.quantity(&item.id) > 0)
            .map(|item| item.id.clone())
            .collect();
        let count = chosen.len() as u64;
        if (group.min..=group.max).contains(&count) || self.holds_just(members().map(|item| &item.id)) {
            return None;
        }
        let group_id = group.id.clone();
        if count > group.max {
            return Some(SelectionProblem::GroupExceeded {
                group: group_id,
                max: group.max,
                chosen,
            });
        }
        let offered = |item: &&Item| self.catalog.offer(&self.plan.id, &item.id).is_some();
        Some(SelectionProblem::GroupIncomplete {
            group: group_id,
            min: group.min,
            choices: members().filter(offered).map(|item| item.id.clone()).collect(),
        })
    }

    /// Whether the held plan stays, and each of these items is chosen just where it is held.
    fn holds_just<'i>(&self, items: impl IntoIterator<Item = &'i ItemId>) -> bool {
        self.held.is_some_and(|held| {
            held.plan == self.plan.id
                && items
                    .into_iter()
                    .all(|item| (held.bought(item) > 0) == (self.selection.quantity(item) > 0))
        })
    }

    fn needs(&self, item: &Item) -> Option<SelectionProblem> {
        let needs = item.needs.as_ref()?;
        let wanted = self.selection.quantity(&item.id);
        let before = self.held_quantity(&item.id);
        if wanted == 0 {
            return None;
        }
        let selected = |need: &ItemId| self.selection.quantity(need) > 0;
        let held = |need: &ItemId| self.held_quantity(need) > 0;
        // Packs that are held stay possible; more of them need what they are on top of to be held already.
        let held_enough = !needs.held_before || wanted <= before || needs.items.iter().any(held);
        if needs.items.iter().any(selected) && held_enough {
            return None;
        }
        Some(SelectionProblem::NeedsItem {
            item: item.id.clone(),
            needs: needs.items.clone(),
            held_before: needs.held_before,
        })
    }

    fn options(&self, item: &Item) -> Vec<SelectionProblem> {
        let nothing = BTreeSet::new();
        let chosen = self.selection.options.get(&item.id).unwrap_or(&nothing);
        let wanted = self.selection.quantity(&item.id) > 0;
        let Some(rule) = item.options.as_ref().filter(|_| wanted) else {
            // What is chosen with an item that is not wanted is of no consequence.
            let of_nothing = wanted && !chosen.is_empty();
            let problem = || SelectionProblem::WithoutOptions {
                item: item.id.clone(),
            };
            return of_nothing.then(problem).into_iter().collect();
        };
        let unchanged = self.held.is_some_and(|held| {
            held.plan == self.plan.id
                && held.bought(&item.id) > 0
                && held.options.get(&item.id).unwrap_or(&nothing) == chosen
        });
        if unchanged {
            return Vec::new();
        }
        let table = self.catalog.rate_table(&rule.of);
        let known: Vec<_> = table
            .iter()
            .flat_map(|table| &table.rows)
            .map(|row| row.id.clone())
            .collect();
        let unknown = chosen.iter().filter(|option| !known.contains(option));
        let mut problems: Vec<_> = unknown
            .map(|option| SelectionProblem::UnknownOption {
                item: item.id.clone(),
                option: option.clone(),
                known: known.clone(),
            })
            .collect();
        let count = chosen.len() as u64;
        if problems.is_empty() && !(rule.min..=rule.max).contains(&count) {
            problems.push(SelectionProblem::OptionsOutOfBounds {
                item: item.id.clone(),
                chosen: count,
                min: rule.min,
                max: rule.max,
                known,
            });
        }
        problems
    }

    fn held_quantity(&self, item: &ItemId) -> u64 {
        self.held.map_or(0, |held| held.bought(item))
    }
}
