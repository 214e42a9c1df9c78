//! Which way a change goes is the seller's policy, not a comparison of prices: a table whose first matching rule decides.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::differences::plan_conditions;
use super::{Catalog, ItemId, LineKey, Place, PlanId, Selection};
use crate::domain::account::Contract;
use crate::domain::language::Texts;

/// What happens with a change of a certain kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It is quoted and takes effect as soon as the money rule is met.
    #[default]
    Immediate,
    /// It is confirmed now and takes effect at the next renewal.
    AtPeriodEnd,
    /// It becomes a ticket that the seller's support answers.
    Ticket,
    /// The seller does not offer it here; the sentences say where the customer can turn to.
    Refused(Texts),
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DirectionRule {
    /// All of these must hold. None at all matches every change.
    pub when: Vec<Condition>,
    /// For which changes this row is there at all.
    pub scope: Scope,
    /// What then happens.
    pub then: Direction,
}

/// For which changes a row is there. What is left empty limits nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Conditions that speak of items speak of these alone.
    pub items: Vec<ItemId>,
    /// Only from one of these plans,
    pub from: Vec<PlanId>,
    /// and only to one of these.
    pub to: Vec<PlanId>,
}

impl Scope {
    /// Whether a row of this scope is there for every change that one of the other scope is there for.
    pub fn covers(&self, other: &Self) -> bool {
        fn wider<T: PartialEq>(this: &[T], other: &[T]) -> bool {
            let within = !other.is_empty() && other.iter().all(|one| this.contains(one));
            this.is_empty() || within
        }
        wider(&self.items, &other.items) && wider(&self.from, &other.from) && wider(&self.to, &other.to)
    }

    /// Whether it limits nothing.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

macro_rules! conditions {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Something that can be said about a change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Condition {
            $($(#[$doc])* $name,)*
        }

        impl fmt::Display for Condition {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $word,)* })
            }
        }
    };
}

conditions! {
    /// Nothing is held yet.
    FirstContract = "first_contract",
    /// Another plan than the held one.
    PlanChanges = "plan_changes",
    /// The held plan stays.
    PlanStays = "plan_stays",
    /// A plan that is higher in the seller's order of plans.
    PlanHigher = "plan_higher",
    /// A plan that is lower in the seller's order of plans.
    PlanLower = "plan_lower",
    /// The other plan is one of another product.
    FamilyChanges = "family_changes",
    /// The other product is a bundle with the held one in it.
    Bundled = "bundled",
    /// The other product is one of those that are in the held bundle.
    Unbundled = "unbundled",
    /// The selection is in another currency than the contract.
    CurrencyChanges = "currency_changes",
    /// Some line is charged in another interval than before.
    IntervalChanges = "interval_changes",
    /// Some line is charged less often than before.
    IntervalLonger = "interval_longer",
    /// Some line is charged more often than before.
    IntervalShorter = "interval_shorter",
    /// Some item's quantity rises, from none too.
    AnyQuantityHigher = "any_quantity_higher",
    /// Some item's quantity falls, to none too.
    AnyQuantityLower = "any_quantity_lower",
    /// Some item was not held before.
    ItemAdded = "item_added",
    /// Some item is given up altogether.
    ItemRemoved = "item_removed",
    /// Some item ends because the seller lets it end on the other plan; it counts neither as removed nor as lower.
    ItemDropped = "item_dropped",
    /// In a group, another item is chosen than before; neither counts as added, removed, higher or lower.
    ChoiceChanges = "choice_changes",
    /// The other item of the group comes later in the seller's order of items.
    ChoiceHigher = "choice_higher",
    /// The other item of the group comes earlier in the seller's order of items.
    ChoiceLower = "choice_lower",
    /// Something else is chosen with an item that is held, such as other channels.
    OptionsChange = "options_change",
}

impl Condition {
    /// Whether it speaks of single items, so that a row can limit it to some of them.
    pub fn is_of_items(self) -> bool {
        matches!(
            self,
            Self::AnyQuantityHigher
                | Self::AnyQuantityLower
                | Self::ItemAdded
                | Self::ItemRemoved
                | Self::ItemDropped
                | Self::ChoiceChanges
                | Self::ChoiceHigher
                | Self::ChoiceLower
                | Self::OptionsChange
        )
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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Differences {
    /// What can be said about it.
    pub holds: Vec<Condition>,
    /// What can be said about each item of it.
    pub of_items: BTreeMap<ItemId, Vec<Condition>>,
    /// From which plan, where one is held,
    pub from: Option<PlanId>,
    /// and to which.
    pub to: Option<PlanId>,
    /// The lines whose quantity moves: "now 5, will be 8".
    pub moves: BTreeMap<LineKey, LineMove>,
    /// The items among them that end by the seller's rule, because the other plan does not offer them.
    pub dropped: BTreeSet<ItemId>,
    /// The items with which something else is chosen than before.
    pub rechosen: BTreeSet<ItemId>,
    /// Whether the target is exactly what is held.
    pub nothing: bool,
}

/// The seller's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectionTable {
    /// The first that matches decides.
    pub rules: Vec<DirectionRule>,
}

impl DirectionTable {
    /// The answer of the first rule that matches; nothing when the change changes nothing or no rule speaks of it.
    pub fn decide(&self, differences: &Differences) -> Option<&Direction> {
        if differences.nothing {
            return None;
        }
        self.first(differences)
    }

    /// What the table says about choosing this plan at this interval and in this currency, with everything else as it is;
    /// nothing where all three are held, and where no plan is held yet.
    ///
    /// A page that lists the plans asks this of each. It also answers for a plan that was bought in another way, whose lines
    /// cannot be resolved here: the seller's own words come before that obstacle.
    pub fn of_plan(&self, catalog: &Catalog, held: &Contract, selection: &Selection) -> Option<&Direction> {
        if held.is_proposed() {
            return None;
        }
        let plan = &selection.plan;
        let mut holds = plan_conditions(catalog, &held.plan, plan);
        let outside = held
            .line(&LineKey::Plan)
            .filter(|line| line.place.place() == Place::Outside);
        if outside.is_some_and(|line| line.price.interval != selection.interval) {
            holds.push(Condition::IntervalChanges);
        }
        if held.currency != selection.currency {
            holds.push(Condition::CurrencyChanges);
        }
        if holds == [Condition::PlanStays] {
            return None;
        }
        self.first(&Differences {
            holds,
            from: Some(held.plan.clone()),
            to: Some(plan.clone()),
            ..Differences::default()
        })
    }

    fn first(&self, differences: &Differences) -> Option<&Direction> {
        let found = self.rules.iter().find(|rule| rule.matches(differences));
        found.map(|rule| &rule.then)
    }
}

impl DirectionRule {
    fn matches(&self, change: &Differences) -> bool {
        fn among(limits: &[PlanId], plan: Option<&PlanId>) -> bool {
            limits.is_empty() || plan.is_some_and(|plan| limits.contains(plan))
        }
        let holds = |condition: &Condition| {
            if self.scope.items.is_empty() || !condition.is_of_items() {
                return change.holds.contains(condition);
            }
            let of_item = |item| change.of_items.get(item);
            let mut named = self.scope.items.iter().filter_map(of_item);
            named.any(|holds| holds.contains(condition))
        };
        among(&self.scope.from, change.from.as_ref())
            && among(&self.scope.to, change.to.as_ref())
            && self.when.iter().all(holds)
    }
}
