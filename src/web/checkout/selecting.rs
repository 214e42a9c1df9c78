//! What is chosen on a page, from the fields of its form.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::account::Contract;
use crate::domain::catalog::{Interval, Item, ItemId, OptionId, Options, PlanId, Playbook, Selection};
use crate::domain::money::Currency;
use crate::web::page::Form;
use crate::web::problem::{EdgeCode, Problem};

/// What to begin choosing from: what is held, or the seller's first plan.
pub(super) fn starting_point(playbook: &Playbook, contract: Option<&Contract>) -> Option<Selection> {
    if let Some(contract) = contract {
        return Some(Selection::of_contract(contract));
    }
    let plan = playbook.catalog.plans.first()?;
    let price = plan.prices.first()?;
    Some(Selection {
        plan: plan.id.clone(),
        quantities: BTreeMap::new(),
        options: Options::new(),
        currency: price.currency,
        interval: price.interval,
    })
}

/// What the form says, upon what was there before it. Fields that it lacks stay as they were, but for those of a plan that is no
/// longer chosen.
pub(super) fn chosen(playbook: &Playbook, before: &Selection, form: &Form) -> Result<Selection, Problem> {
    let mut selection = before.clone();
    if let Some(plan) = form.get("plan") {
        selection.plan = read::<PlanId>("plan", plan)?;
    }
    if let Some(currency) = form.get("currency") {
        selection.currency = read::<Currency>("currency", currency)?;
    }
    if let Some(interval) = form.get("interval") {
        selection.interval = read::<Interval>("interval", interval)?;
    }
    for (group, item) in form.beginning("g.") {
        let members = playbook.catalog.items.iter();
        for member in members.filter(|member| member.group.as_ref().is_some_and(|own| own.as_str() == group))
        {
            selection.quantities.remove(&member.id);
        }
        if !item.is_empty() {
            selection.quantities.insert(read::<ItemId>("item", item)?, 1);
        }
    }
    for (item, quantity) in form.beginning("q.") {
        let item = read::<ItemId>("item", item)?;
        // The grouping signs that people type are no part of a number.
        let digits: String = quantity
            .chars()
            .filter(|sign| !matches!(sign, ' ' | '.' | ',' | '\u{a0}' | '\u{202f}' | '\''))
            .collect();
        let quantity = if digits.is_empty() {
            0
        } else {
            read::<u64>("quantity", &digits)?
        };
        selection.quantities.insert(item, quantity);
    }
    options(&mut selection, form)?;
    carry_over(playbook, &mut selection, form);
    let offered = |item: &ItemId| playbook.catalog.offer(&selection.plan, item).is_some();
    selection
        .quantities
        .retain(|item, quantity| *quantity > 0 && (offered(item) || before.plan == selection.plan));
    let kept: BTreeSet<ItemId> = selection.quantities.keys().cloned().collect();
    selection.options.retain(|item, _| kept.contains(item));
    Ok(selection)
}

/// What is chosen with an item: the form names each item that can be chosen with, so that none chosen is known from none asked.
fn options(selection: &mut Selection, form: &Form) -> Result<(), Problem> {
    let asked: Vec<ItemId> = form
        .beginning("with.")
        .map(|(item, _)| read::<ItemId>("item", item))
        .collect::<Result<_, _>>()?;
    for item in asked {
        let prefix = format!("o.{item}.");
        let chosen: BTreeSet<OptionId> = form
            .beginning(&prefix)
            .map(|(option, _)| read::<OptionId>("option", option))
            .collect::<Result<_, _>>()?;
        selection.options.insert(item, chosen);
    }
    selection.options.retain(|_, chosen| !chosen.is_empty());
    Ok(())
}

/// What was chosen with one of a group goes over to another of the group that is chosen instead, as far as the same can be had with it.
fn carry_over(playbook: &Playbook, selection: &mut Selection, form: &Form) {
    let items = &playbook.catalog.items;
    let grouped = items.iter().filter(|item| item.group.is_some());
    for item in grouped.filter(|item| selection.quantities.contains_key(&item.id)) {
        // Where nothing of its own was chosen on purpose, that counts.
        let own = form.get(&format!("with.{}", item.id)).is_some();
        let Some(rule) = item.options.as_ref().filter(|_| !own) else {
            continue;
        };
        let like = |other: &&Item| {
            let of = other.options.as_ref().map(|rule| &rule.of);
            other.id != item.id && other.group == item.group && of == Some(&rule.of)
        };
        let mut others = items.iter().filter(like);
        let before = others.find_map(|other| selection.options.get(&other.id));
        if let Some(before) = before.filter(|_| !selection.options.contains_key(&item.id)) {
            selection.options.insert(item.id.clone(), before.clone());
        }
    }
}

fn read<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, Problem> {
    let shown: String = text.chars().take(40).collect();
    text.parse()
        .map_err(|_| Problem::edge(EdgeCode::ParameterInvalid, format!("`{shown}` is no {what}.")))
}
