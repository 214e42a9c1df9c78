//! Whether what has to be there together can be: on every plan, and in every order of buying.

use std::collections::BTreeSet;

use crate::domain::catalog::{Catalog, ItemId, PlanId};
use crate::workflow::report::Report;

/// Groups that a plan cannot fill, items that need what cannot be had, and what no catalogue entry is about.
pub(super) fn check(catalog: &Catalog, report: &mut Report) {
    for plan in &catalog.plans {
        groups(catalog, &plan.id, report);
        needs(catalog, &plan.id, report);
    }
    for item in &catalog.items {
        if needs_itself(catalog, &item.id) {
            report.error(format!(
                "item `{}` needs itself in the end: it could never be bought",
                item.id
            ));
        }
    }
    for group in &catalog.groups {
        if catalog
            .items
            .iter()
            .all(|item| item.group.as_ref() != Some(&group.id))
        {
            report.warning(format!("no item belongs to group `{}`", group.id));
        }
    }
    for feature in &catalog.features {
        let plans = catalog.plans.iter().map(|plan| &plan.features);
        let items = catalog.items.iter().map(|item| &item.features);
        if plans
            .chain(items)
            .all(|features| !features.contains_key(&feature.id))
        {
            report.warning(format!("nothing has the feature `{}`", feature.id));
        }
    }
}

fn groups(catalog: &Catalog, plan: &PlanId, report: &mut Report) {
    for group in &catalog.groups {
        let members = catalog.members(&group.id);
        let offers: Vec<_> = members.filter_map(|item| catalog.offer(plan, &item.id)).collect();
        let (offered, id) = (offers.len() as u64, &group.id);
        if offered < group.min {
            report.error(format!(
                "plan `{plan}` offers {offered} of group `{id}`, and {} are needed",
                group.min
            ));
        }
        let always = offers
            .iter()
            .filter(|offer| !offer.quantities.may_be_absent())
            .count() as u64;
        if always > group.max {
            report.error(format!(
                "plan `{plan}` cannot be had without {always} of group `{id}`, and {} are possible",
                group.max
            ));
        }
    }
}

fn needs(catalog: &Catalog, plan: &PlanId, report: &mut Report) {
    for offer in catalog.offers_on(plan) {
        let needs = catalog.item(&offer.item).and_then(|item| item.needs.as_ref());
        let missing =
            needs.filter(|needs| needs.items.iter().all(|need| catalog.offer(plan, need).is_none()));
        if missing.is_some() {
            let item = &offer.item;
            report.error(format!(
                "`{item}` on `{plan}` needs what that plan does not offer"
            ));
        }
    }
}

/// Whether every way to what an item needs leads back to it.
fn needs_itself(catalog: &Catalog, item: &ItemId) -> bool {
    let mut buyable: BTreeSet<&ItemId> = BTreeSet::new();
    loop {
        let next = catalog.items.iter().find(|other| {
            let free = other
                .needs
                .as_ref()
                .is_none_or(|needs| needs.items.iter().any(|need| buyable.contains(need)));
            free && !buyable.contains(&other.id)
        });
        match next {
            Some(next) => buyable.insert(&next.id),
            None => return !buyable.contains(item),
        };
    }
}
