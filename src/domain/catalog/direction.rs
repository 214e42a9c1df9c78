//! Which way a change goes is the seller's policy, not a comparison of prices: a table whose first matching rule decides.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Catalog, Interval, LineKey, Place, PlanId, TargetLine};
use crate::domain::account::{Contract, HeldLine};
use crate::domain::language::Texts;

/// What happens with a change of a certain kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It is quoted and takes effect as soon as the money rule is met.
    Immediate,
    /// It is confirmed now and takes effect at the next renewal.
    AtPeriodEnd,
    /// It becomes a ticket that the seller's support answers.
    Ticket,
    /// The seller does not offer it here; the sentences say where the customer can turn to.
    Refused(Texts),
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectionRule {
    /// All of these must hold. None at all matches every change.
    pub when: Vec<Condition>,
    /// What then happens.
    pub then: Direction,
}

/// Something that can be said about a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Another plan than the held one.
    PlanChanges,
    /// The held plan stays.
    PlanStays,
    /// A plan further down in the seller's order of plans.
    PlanHigher,
    /// A plan further up in the seller's order of plans.
    PlanLower,
    /// Some line is charged in another interval than before.
    IntervalChanges,
    /// Some item's quantity rises, from none too.
    AnyQuantityHigher,
    /// Some item's quantity falls, to none too.
    AnyQuantityLower,
    /// Some item was not held before.
    ItemAdded,
    /// Some item is given up altogether.
    ItemRemoved,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PlanChanges => "plan_changes",
            Self::PlanStays => "plan_stays",
            Self::PlanHigher => "plan_higher",
            Self::PlanLower => "plan_lower",
            Self::IntervalChanges => "interval_changes",
            Self::AnyQuantityHigher => "any_quantity_higher",
            Self::AnyQuantityLower => "any_quantity_lower",
            Self::ItemAdded => "item_added",
            Self::ItemRemoved => "item_removed",
        })
    }
}

/// How one line moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineMove {
    /// How many are held now.
    pub from: u64,
    /// How many will be held.
    pub to: u64,
}

/// What a change changes: nothing, or something that the table has an answer for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differences {
    /// What can be said about it.
    pub holds: Vec<Condition>,
    /// The lines whose quantity moves: "now 5, will be 8".
    pub moves: BTreeMap<LineKey, LineMove>,
    /// Whether the target is exactly what is held.
    pub nothing: bool,
}

/// The seller's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectionTable {
    /// The first that matches decides.
    pub rules: Vec<DirectionRule>,
}

impl Differences {
    /// Compares what is held with the target. Without a contract everything is new.
    pub fn between(catalog: &Catalog, held: Option<&Contract>, plan: &PlanId, target: &[TargetLine]) -> Self {
        let held = held.filter(|held| !held.is_proposed());
        let held_lines = held.map_or(&[][..], |contract| &contract.lines[..]);
        let mut moves = moves(held_lines, target);
        let items = || {
            moves
                .iter()
                .filter(|(key, _)| key.item().is_some())
                .map(|(_, moved)| *moved)
        };
        let interval_changes = held_lines.iter().any(|line| {
            let other = target.iter().find(|other| other.key == line.key);
            other.is_some_and(|other| other.price.interval != line.price.interval)
        });
        let item_moves = [
            (Condition::IntervalChanges, interval_changes),
            (
                Condition::AnyQuantityHigher,
                items().any(|moved| moved.to > moved.from),
            ),
            (
                Condition::AnyQuantityLower,
                items().any(|moved| moved.to < moved.from),
            ),
            (
                Condition::ItemAdded,
                items().any(|moved| moved.from == 0 && moved.to > 0),
            ),
            (
                Condition::ItemRemoved,
                items().any(|moved| moved.from > 0 && moved.to == 0),
            ),
        ];
        let of_plan = held.map_or_else(Vec::new, |contract| {
            plan_conditions(catalog, &contract.plan, plan)
        });
        let nothing_of_plan = of_plan == [Condition::PlanStays];
        let of_items = item_moves
            .into_iter()
            .filter_map(|(condition, holds)| holds.then_some(condition));
        let holds = of_plan.into_iter().chain(of_items).collect();
        moves.retain(|_, moved| moved.from != moved.to);
        // The same at another price is not nothing.
        let repriced = held_lines.iter().any(|line| {
            let other = target.iter().find(|other| other.key == line.key);
            other.is_some_and(|other| other.quantity == line.quantity && other.price_ref != line.price_ref)
        });
        let nothing = nothing_of_plan && !interval_changes && moves.is_empty() && !repriced;
        Self {
            holds,
            moves,
            nothing,
        }
    }
}

/// What can be said about going from one plan to another.
fn plan_conditions(catalog: &Catalog, from: &PlanId, to: &PlanId) -> Vec<Condition> {
    if from == to {
        return vec![Condition::PlanStays];
    }
    let mut holds = vec![Condition::PlanChanges];
    if let (Some(before), Some(after)) = (catalog.rank(from), catalog.rank(to)) {
        holds.push(if before < after {
            Condition::PlanHigher
        } else {
            Condition::PlanLower
        });
    }
    holds
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

impl DirectionTable {
    /// The answer of the first rule that matches; nothing when the change changes nothing or no rule speaks of it.
    pub fn decide(&self, differences: &Differences) -> Option<&Direction> {
        if differences.nothing {
            return None;
        }
        self.first(&differences.holds)
    }

    /// What the table says about choosing this plan at this interval, with everything else as it is; nothing for the plan that
    /// is held, and where none is held yet.
    ///
    /// A page that lists the plans asks this of each. It also answers for a plan that was bought in another way, whose lines
    /// cannot be resolved here: the seller's own words come before that obstacle.
    pub fn of_plan(
        &self,
        catalog: &Catalog,
        held: &Contract,
        plan: &PlanId,
        interval: Interval,
    ) -> Option<&Direction> {
        if held.is_proposed() {
            return None;
        }
        let mut holds = plan_conditions(catalog, &held.plan, plan);
        let outside = held
            .line(&LineKey::Plan)
            .filter(|line| line.place.place() == Place::Outside);
        if outside.is_some_and(|line| line.price.interval != interval) {
            holds.push(Condition::IntervalChanges);
        }
        if holds == [Condition::PlanStays] {
            None
        } else {
            self.first(&holds)
        }
    }

    fn first(&self, holds: &[Condition]) -> Option<&Direction> {
        let matches = |rule: &&DirectionRule| rule.when.iter().all(|condition| holds.contains(condition));
        self.rules.iter().find(matches).map(|rule| &rule.then)
    }
}
