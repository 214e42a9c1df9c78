//! What customers choose: mostly what the seller's catalogue finds possible for what they hold, more oftener than less; and now
//! and then what no catalogue can find possible.

use std::collections::{BTreeMap, BTreeSet};

use changeover::domain::account::Contract;
use changeover::domain::catalog::{
    Catalog, Interval, Item, ItemId, Offer, OptionRule, Options, QuantityRule, Selection,
};
use changeover::domain::money::Currency;

use crate::chance::Chance;

/// How often somebody chooses anew before they take what they have, possible or not.
const TRIES: usize = 8;

/// What somebody wants, given what they hold.
pub fn drawn(catalog: &Catalog, held: Option<&Contract>, currency: Currency, mood: &mut Chance) -> Selection {
    let mut wanted = None;
    for _ in 0..TRIES {
        let mut draft = match held {
            Some(held) => Selection::of_contract(held),
            None => begun(catalog, currency, mood),
        };
        if held.is_some() {
            for _ in 0..=mood.below(0..2) {
                moves(catalog, &mut draft, mood);
            }
        }
        completes(catalog, &mut draft, mood);
        let meant = catalog.understood(&draft, held);
        let possible = catalog.resolve(&meant, held).is_ok();
        wanted = Some(draft);
        if possible {
            break;
        }
    }
    wanted.expect("a selection")
}

/// The same with something in it that cannot be had, whatever is held.
pub fn spoiled(catalog: &Catalog, mut wanted: Selection, mood: &mut Chance) -> Selection {
    let offers: Vec<&Offer> = offered(catalog, &wanted).collect();
    match mood.below(0..4) {
        0 => wanted.plan = "unheard-of".parse().expect("a plan"),
        1 => wanted.currency = "KWD".parse().expect("a currency"),
        2 if !offers.is_empty() => {
            let offer = *mood.one_of(&offers);
            let (item, most) = (offer.item.clone(), offer.quantities.max);
            wanted.quantities.insert(item, most + 1000);
        }
        _ => {
            wanted
                .quantities
                .insert("unheard-of".parse().expect("an item"), 1);
        }
    }
    wanted
}

fn offered<'c>(catalog: &'c Catalog, selection: &Selection) -> impl Iterator<Item = &'c Offer> {
    let plan = selection.plan.clone();
    catalog.offers.iter().filter(move |offer| offer.plan == plan)
}

/// What a new customer begins with.
fn begun(catalog: &Catalog, currency: Currency, mood: &mut Chance) -> Selection {
    let mut begun = Selection {
        plan: mood.one_of(&catalog.plans).id.clone(),
        quantities: BTreeMap::new(),
        options: Options::new(),
        currency,
        interval: Interval::MONTH,
    };
    // Most are charged monthly.
    if mood.permille(250) {
        turns(catalog, &mut begun, mood);
    }
    let offers: Vec<&Offer> = offered(catalog, &begun).collect();
    for offer in offers {
        if mood.permille(400) {
            let quantity = nearby(offer.quantities, 0, mood);
            begun.quantities.insert(offer.item.clone(), quantity);
        }
    }
    begun
}

/// One thing that somebody wants otherwise.
fn moves(catalog: &Catalog, wanted: &mut Selection, mood: &mut Chance) {
    let offers: Vec<&Offer> = offered(catalog, wanted).collect();
    match mood.below(0..10) {
        0 | 1 if catalog.plans.len() > 1 => {
            let plan = mood.one_of(&catalog.plans);
            // Some sellers call a plan by several names.
            let names: Vec<_> = plan.aliases.iter().chain([&plan.id]).collect();
            wanted.plan = (*mood.one_of(&names)).clone();
        }
        2 => turns(catalog, wanted, mood),
        3 => wanted.options.clear(),
        _ if offers.is_empty() => {}
        _ => {
            let offer = *mood.one_of(&offers);
            let quantity = nearby(offer.quantities, wanted.quantity(&offer.item), mood);
            wanted.quantities.insert(offer.item.clone(), quantity);
        }
    }
}

/// Another rhythm, where the plan has one.
fn turns(catalog: &Catalog, wanted: &mut Selection, mood: &mut Chance) {
    let Some(plan) = catalog.plan(&wanted.plan) else {
        return;
    };
    let prices = plan.prices.iter();
    let rhythms: Vec<Interval> = prices
        .filter(|price| price.currency == wanted.currency)
        .map(|price| price.interval)
        .collect();
    if !rhythms.is_empty() {
        wanted.interval = *mood.one_of(&rhythms);
    }
}

/// A quantity not far from this one: mostly more, sometimes less, sometimes none.
fn nearby(rule: QuantityRule, now: u64, mood: &mut Chance) -> u64 {
    let by = rule.step * *mood.one_of(&[1, 1, 1, 2, 3, 4, 12]);
    let up = mood.permille(650) || now <= rule.min;
    let none = mood.permille(150) && rule.may_be_absent();
    if none && now > 0 {
        return 0;
    }
    let wanted = match up {
        true if now < rule.min => rule.min,
        true => now + by,
        false => now.saturating_sub(by),
    };
    let wanted = wanted.clamp(rule.min, rule.max) - rule.min;
    rule.min + wanted - wanted % rule.step
}

/// What belongs to it: no item that the plan does not offer, each quantity within its bounds, one of each group, and options.
fn completes(catalog: &Catalog, wanted: &mut Selection, mood: &mut Chance) {
    let plan = catalog.plan_called(&wanted.plan).map(|plan| plan.id.clone());
    let Some(plan) = plan else { return };
    wanted
        .quantities
        .retain(|item, quantity| *quantity == 0 || catalog.offer(&plan, item).is_some());
    for offer in catalog.offers_on(&plan) {
        let quantity = wanted.quantity(&offer.item);
        if !offer.quantities.allows(quantity) {
            wanted.quantities.insert(offer.item.clone(), offer.quantities.min);
        }
    }
    for group in &catalog.groups {
        let members: Vec<&Item> = catalog
            .members(&group.id)
            .filter(|item| catalog.offer(&plan, &item.id).is_some())
            .collect();
        fits(&members, (group.min, group.max), wanted, mood);
    }
    for item in &catalog.items {
        if let Some(rule) = &item.options {
            chooses(catalog, &item.id, rule, wanted, mood);
        }
    }
}

/// As many of a group as belong to a selection. Who has one already often takes another one instead.
fn fits(members: &[&Item], (min, max): (u64, u64), wanted: &mut Selection, mood: &mut Chance) {
    let count = |wanted: &Selection| {
        let chosen = members.iter().filter(|item| wanted.quantity(&item.id) > 0);
        chosen.count() as u64
    };
    if count(wanted) >= min && mood.permille(250) {
        for item in members {
            wanted.quantities.remove(&item.id);
        }
    }
    while count(wanted) > max {
        let item = mood.one_of(members);
        wanted.quantities.remove(&item.id);
    }
    while count(wanted) < min.min(members.len() as u64) {
        let item = mood.one_of(members);
        wanted.quantities.insert(item.id.clone(), 1);
    }
}

/// What is chosen with an item, where it is wanted.
fn chooses(catalog: &Catalog, item: &ItemId, rule: &OptionRule, wanted: &mut Selection, mood: &mut Chance) {
    let Some(table) = catalog.rate_table(&rule.of) else {
        return;
    };
    let chosen = wanted.options.get(item).map_or(0, BTreeSet::len) as u64;
    if wanted.quantity(item) == 0 {
        wanted.options.remove(item);
    } else if !(rule.min..=rule.max).contains(&chosen) {
        let many = rule.min + mood.below(0..rule.max - rule.min + 1);
        let mut options = BTreeSet::new();
        while (options.len() as u64) < many.min(table.rows.len() as u64) {
            options.insert(mood.one_of(&table.rows).id.clone());
        }
        wanted.options.insert(item.clone(), options);
    }
}
