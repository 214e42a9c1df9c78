//! What a change changes, in the words that a seller's table of directions can speak of.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Catalog, Condition, Differences, FamilyId, Interval, Item, ItemId, LineKey, LineMove, Options, PlanId,
    Selection, TargetLine,
};
use crate::domain::account::{Contract, HeldLine};

impl Differences {
    /// Compares what is held with the target of a selection. Without a contract everything is new.
    pub fn between(
        catalog: &Catalog,
        held: Option<&Contract>,
        selection: &Selection,
        target: &[TargetLine],
    ) -> Self {
        let plan = &selection.plan;
        let held = held.filter(|held| !held.is_proposed());
        let held_lines = held.map_or(&[][..], |contract| &contract.lines[..]);
        let mut moves = moves(held_lines, target);
        let dropped = held.map_or_else(BTreeSet::new, |held| {
            let ends = |item: &ItemId| {
                moves
                    .get(&LineKey::Item(item.clone()))
                    .is_some_and(|moved| moved.to == 0)
            };
            catalog.dropped(held, plan).into_iter().filter(ends).collect()
        });
        let rechosen = held.map_or_else(BTreeSet::new, |held| rechosen(held, selection, &moves));
        let of_items = of_items(catalog, &moves, &dropped, &rechosen);
        let mut holds = held.map_or_else(
            || vec![Condition::FirstContract],
            |contract| plan_conditions(catalog, &contract.plan, plan),
        );
        let nothing_of_plan = holds == [Condition::PlanStays];
        let intervals = interval_conditions(held_lines, target);
        let nothing_of_intervals = intervals.is_empty();
        holds.extend(intervals);
        let all: BTreeSet<Condition> = of_items.values().flatten().copied().collect();
        holds.extend(all);
        moves.retain(|_, moved| moved.from != moved.to);
        // The same at another price is not nothing.
        let repriced = held_lines.iter().any(|line| {
            let other = target.iter().find(|other| other.key == line.key);
            other.is_some_and(|other| other.quantity == line.quantity && other.price_ref != line.price_ref)
        });
        let nothing = nothing_of_plan && nothing_of_intervals && moves.is_empty();
        Self {
            nothing: nothing && rechosen.is_empty() && !repriced,
            holds,
            of_items,
            from: held.map(|held| held.plan.clone()),
            to: Some(plan.clone()),
            moves,
            dropped,
            rechosen,
        }
    }
}

/// What can be said about going from one plan to another.
pub(super) fn plan_conditions(catalog: &Catalog, from: &PlanId, to: &PlanId) -> Vec<Condition> {
    if from == to {
        return vec![Condition::PlanStays];
    }
    let mut holds = vec![Condition::PlanChanges];
    let (Some(before), Some(after)) = (catalog.plan(from), catalog.plan(to)) else {
        return holds;
    };
    match before.level.cmp(&after.level) {
        std::cmp::Ordering::Less => holds.push(Condition::PlanHigher),
        std::cmp::Ordering::Greater => holds.push(Condition::PlanLower),
        std::cmp::Ordering::Equal => {}
    }
    if let (Some(before), Some(after)) = (&before.family, &after.family)
        && before != after
    {
        holds.push(Condition::FamilyChanges);
        let contains = |bundle: &FamilyId, part: &FamilyId| {
            let bundle = catalog.families.iter().find(|family| family.id == *bundle);
            bundle.is_some_and(|bundle| bundle.contains.contains(part))
        };
        if contains(after, before) {
            holds.push(Condition::Bundled);
        }
        if contains(before, after) {
            holds.push(Condition::Unbundled);
        }
    }
    holds
}

fn interval_conditions(held: &[HeldLine], target: &[TargetLine]) -> Vec<Condition> {
    let changed = |held: &HeldLine| -> Option<(Interval, Interval)> {
        let other = target.iter().find(|other| other.key == held.key)?;
        (other.price.interval != held.price.interval).then_some((held.price.interval, other.price.interval))
    };
    let mut holds = BTreeSet::new();
    for (before, after) in held.iter().filter_map(changed) {
        holds.insert(Condition::IntervalChanges);
        match before.months().cmp(&after.months()) {
            std::cmp::Ordering::Less => holds.insert(Condition::IntervalLonger),
            std::cmp::Ordering::Greater => holds.insert(Condition::IntervalShorter),
            // Twelve months and a year last as long.
            std::cmp::Ordering::Equal => false,
        };
    }
    holds.into_iter().collect()
}

/// What can be said about each item that moves, or with which something else is chosen.
fn of_items(
    catalog: &Catalog,
    moves: &BTreeMap<LineKey, LineMove>,
    dropped: &BTreeSet<ItemId>,
    rechosen: &BTreeSet<ItemId>,
) -> BTreeMap<ItemId, Vec<Condition>> {
    let mut holds: BTreeMap<ItemId, Vec<Condition>> = BTreeMap::new();
    for (key, moved) in moves {
        let Some(item) = key.item() else { continue };
        let conditions = if dropped.contains(item) {
            vec![Condition::ItemDropped]
        } else {
            choice(catalog, item, moves).unwrap_or_else(|| quantity_conditions(*moved))
        };
        holds.entry(item.clone()).or_default().extend(conditions);
    }
    for item in rechosen {
        holds
            .entry(item.clone())
            .or_default()
            .push(Condition::OptionsChange);
    }
    holds.retain(|_, conditions| !conditions.is_empty());
    holds
}

fn quantity_conditions(moved: LineMove) -> Vec<Condition> {
    let all = [
        (Condition::AnyQuantityHigher, moved.to > moved.from),
        (Condition::AnyQuantityLower, moved.to < moved.from),
        (Condition::ItemAdded, moved.from == 0 && moved.to > 0),
        (Condition::ItemRemoved, moved.from > 0 && moved.to == 0),
    ];
    let hold = all.into_iter().filter(|(_, holds)| *holds);
    hold.map(|(condition, _)| condition).collect()
}

/// Whether the item is one side of an exchange within its group, and which way that goes.
fn choice(catalog: &Catalog, item: &ItemId, moves: &BTreeMap<LineKey, LineMove>) -> Option<Vec<Condition>> {
    let group = catalog.item(item)?.group.as_ref()?;
    let side = |wanted: fn(&LineMove) -> bool| {
        let goes_so = |item: &&Item| moves.get(&LineKey::Item(item.id.clone())).is_some_and(wanted);
        catalog.members(group).find(goes_so).map(|item| item.id.clone())
    };
    let given_up = side(|moved| moved.from > 0 && moved.to == 0)?;
    let taken = side(|moved| moved.from == 0 && moved.to > 0)?;
    let own = moves.get(&LineKey::Item(item.clone()))?;
    if (own.from == 0) == (own.to == 0) {
        return None;
    }
    let way = match catalog.place_of(&given_up).cmp(&catalog.place_of(&taken)) {
        std::cmp::Ordering::Less => Condition::ChoiceHigher,
        _ => Condition::ChoiceLower,
    };
    Some(vec![Condition::ChoiceChanges, way])
}

/// The items that stay, and with which something else is chosen than before.
fn rechosen(held: &Contract, selection: &Selection, moves: &BTreeMap<LineKey, LineMove>) -> BTreeSet<ItemId> {
    let of = |options: &Options, item: &ItemId| options.get(item).cloned().unwrap_or_default();
    let stay = moves.iter().filter(|(_, moved)| moved.from > 0 && moved.to > 0);
    stay.filter_map(|(key, _)| key.item())
        .filter(|item| of(&held.options, item) != of(&selection.options, item))
        .cloned()
        .collect()
}

fn moves(held: &[HeldLine], target: &[TargetLine]) -> BTreeMap<LineKey, LineMove> {
    let mut moves = BTreeMap::new();
    for line in held {
        moves.insert(
            line.key.clone(),
            LineMove {
                from: line.quantity,
                to: 0,
            },
        );
    }
    for line in target {
        moves
            .entry(line.key.clone())
            .or_insert(LineMove { from: 0, to: 0 })
            .to = line.quantity;
    }
    moves
}
