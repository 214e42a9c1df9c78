use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{GroupId, Interval, ItemId, LineKey, OptionId, PlanId, Price, PriceRef};
use crate::domain::money::{Currency, Money, MoneyError};

/// What a customer wants to hold afterwards: the whole target, not a difference. An item that is not named is not wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The plan.
    pub plan: PlanId,
    /// How many of each item are bought on top of what the plan includes.
    #[serde(default)]
    pub quantities: BTreeMap<ItemId, u64>,
    /// What is chosen with an item, such as the channels of a package.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: Options,
    /// The currency of all prices.
    pub currency: Currency,
    /// The plan's interval; items may be charged in one of their own.
    pub interval: Interval,
}

/// What is chosen with each item.
pub type Options = BTreeMap<ItemId, BTreeSet<OptionId>>;

/// Where a line is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// On the subscription at the payment provider.
    Provider,
    /// In another way, outside this program: it is shown, never charged and never changed here.
    Outside,
}

/// One line that a contract is to have after the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetLine {
    /// Which line.
    pub key: LineKey,
    /// The price's name at the provider.
    pub price_ref: PriceRef,
    /// The price itself.
    pub price: Price,
    /// How many units are charged.
    pub quantity: u64,
    /// Where they are charged.
    pub place: Place,
}

impl TargetLine {
    /// What the line costs for one whole interval.
    pub fn amount(&self) -> Result<Money, MoneyError> {
        self.price.amount(self.quantity)
    }
}

/// Why a selection cannot become a change. Several are collected, so that a customer sees all at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum SelectionProblem {
    /// The seller has no such plan.
    #[error("there is no plan `{plan}`")]
    UnknownPlan {
        /// What was asked for.
        plan: PlanId,
    },
    /// The seller has no such item.
    #[error("there is no item `{item}`")]
    UnknownItem {
        /// What was asked for.
        item: ItemId,
    },
    /// The item exists, but not on this plan.
    #[error("`{item}` cannot be had on the plan `{plan}`{}", elsewhere(.allowed_on))]
    Ineligible {
        /// What was asked for.
        item: ItemId,
        /// On which plan.
        plan: PlanId,
        /// The plans that allow it, in the catalogue's order.
        allowed_on: Vec<PlanId>,
    },
    /// The quantity is not one of those that can be bought.
    #[error("{quantity} of `{item}` is not possible: from {min} to {max} in steps of {step}")]
    OutOfBounds {
        /// Which item.
        item: ItemId,
        /// What was asked for.
        quantity: u64,
        /// The least.
        min: u64,
        /// The most.
        max: u64,
        /// The distance between two possible quantities, counted from the least.
        step: u64,
    },
    /// A line has no price in this currency and interval.
    #[error("`{key}` has no price in {currency} per {interval}")]
    NoPrice {
        /// Which line.
        key: LineKey,
        /// The currency asked for.
        currency: Currency,
        /// The interval that the line would have.
        interval: Interval,
    },
    /// The contract is in another currency, and a provider customer cannot mix them.
    #[error("the contract is in {held}, the selection in {asked}")]
    OtherCurrency {
        /// The contract's.
        held: Currency,
        /// The selection's.
        asked: Currency,
    },
    /// The line was bought outside this program and can only be changed there.
    #[error("`{key}` was bought in another way and cannot be changed here")]
    BoughtOutside {
        /// Which line.
        key: LineKey,
    },
    /// The amount of a line is beyond what can be charged at once.
    #[error("the amount of `{key}` is too large")]
    AmountTooLarge {
        /// Which line.
        key: LineKey,
    },
    /// Too few of a group's items are chosen: a plan without its package.
    #[error("{}", too_few(.group, *.min, .choices))]
    GroupIncomplete {
        /// Of which group.
        group: GroupId,
        /// How many are needed.
        min: u64,
        /// What can be chosen on this plan, in the catalogue's order.
        choices: Vec<ItemId>,
    },
    /// Too many of a group's items are chosen.
    #[error("only {max} of `{group}` can be chosen, not {} together", listed(.chosen, "and"))]
    GroupExceeded {
        /// Of which group.
        group: GroupId,
        /// How many can be.
        max: u64,
        /// What was chosen.
        chosen: Vec<ItemId>,
    },
    /// The item is bought on top of another one, which is not there.
    #[error("{}", on_top_of(.item, .needs, *.held_before))]
    NeedsItem {
        /// What was asked for.
        item: ItemId,
        /// One of these it needs.
        needs: Vec<ItemId>,
        /// Whether that must be held already.
        held_before: bool,
    },
    /// With this item nothing can be chosen.
    #[error("with `{item}` nothing can be chosen")]
    WithoutOptions {
        /// Which item.
        item: ItemId,
    },
    /// There is nothing of this name to choose with the item.
    #[error("`{option}` cannot be chosen with `{item}`; there is {}", listed(.known, "and"))]
    UnknownOption {
        /// With which item.
        item: ItemId,
        /// What was asked for.
        option: OptionId,
        /// What there is, in the catalogue's order.
        known: Vec<OptionId>,
    },
    /// Too little or too much is chosen with an item.
    #[error("with `{item}` from {min} to {max} of {} are chosen, not {chosen}", listed(.known, "and"))]
    OptionsOutOfBounds {
        /// With which item.
        item: ItemId,
        /// How many were chosen.
        chosen: u64,
        /// The least.
        min: u64,
        /// The most.
        max: u64,
        /// What there is, in the catalogue's order.
        known: Vec<OptionId>,
    },
    /// The account has not used the service for long enough.
    #[error("`{item}` can be had from {from} on, after {after} of using the service")]
    TooSoon {
        /// What was asked for.
        item: ItemId,
        /// How long that must be.
        after: Interval,
        /// When it will have been so long.
        from: Timestamp,
    },
}

/// Names the plans that allow what this one does not.
fn elsewhere(allowed_on: &[PlanId]) -> String {
    let named: Vec<String> = allowed_on.iter().map(|plan| format!("`{plan}`")).collect();
    match named.as_slice() {
        [] => String::new(),
        [only] => format!("; the plan {only} allows it"),
        many => format!("; the plans {} allow it", many.join(" and ")),
    }
}

fn listed<T: std::fmt::Display>(all: &[T], last: &str) -> String {
    let named: Vec<String> = all.iter().map(|one| format!("`{one}`")).collect();
    match named.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [before @ .., end] => format!("{} {last} {end}", before.join(", ")),
    }
}

fn too_few(group: &GroupId, min: u64, choices: &[ItemId]) -> String {
    let choices = listed(choices, "or");
    match min {
        1 => format!("one of `{group}` is needed beside the plan: {choices}"),
        _ => format!("{min} of `{group}` are needed beside the plan: {choices}"),
    }
}

fn on_top_of(item: &ItemId, needs: &[ItemId], held_before: bool) -> String {
    let needs = listed(needs, "or");
    if held_before {
        format!("`{item}` can be bought once {needs} is held; buy that first")
    } else {
        format!("`{item}` can only be had together with {needs}")
    }
}

impl SelectionProblem {
    /// The part of the selection that is wrong, as a JSON pointer into it; empty where it is the whole.
    pub fn pointer(&self) -> String {
        match self {
            Self::UnknownPlan { .. } => "/plan".to_owned(),
            Self::UnknownItem { item }
            | Self::Ineligible { item, .. }
            | Self::OutOfBounds { item, .. }
            | Self::NeedsItem { item, .. }
            | Self::TooSoon { item, .. } => format!("/quantities/{item}"),
            Self::GroupIncomplete { .. } | Self::GroupExceeded { .. } => "/quantities".to_owned(),
            Self::WithoutOptions { item }
            | Self::UnknownOption { item, .. }
            | Self::OptionsOutOfBounds { item, .. } => format!("/options/{item}"),
            Self::NoPrice { .. } | Self::OtherCurrency { .. } => "/currency".to_owned(),
            Self::BoughtOutside { .. } | Self::AmountTooLarge { .. } => String::new(),
        }
    }

    /// From when on it is possible, where time alone helps.
    pub fn possible_from(&self) -> Option<Timestamp> {
        match self {
            Self::TooSoon { from, .. } => Some(*from),
            _ => None,
        }
    }

    /// What could be had instead, or is missing: plans, items or options by their ids.
    pub fn instead(&self) -> Vec<String> {
        fn ids<T: ToString>(all: &[T]) -> Vec<String> {
            all.iter().map(ToString::to_string).collect()
        }
        match self {
            Self::Ineligible { allowed_on, .. } => ids(allowed_on),
            Self::GroupIncomplete { choices, .. } => ids(choices),
            Self::NeedsItem { needs, .. } => ids(needs),
            Self::UnknownOption { known, .. } | Self::OptionsOutOfBounds { known, .. } => ids(known),
            _ => Vec::new(),
        }
    }

    /// The stable code, as clients see it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownPlan { .. } => "unknown_plan",
            Self::UnknownItem { .. } => "unknown_item",
            Self::Ineligible { .. } => "ineligible",
            Self::OutOfBounds { .. } => "out_of_bounds",
            Self::NoPrice { .. } => "no_price",
            Self::OtherCurrency { .. } => "other_currency",
            Self::BoughtOutside { .. } => "bought_outside",
            Self::AmountTooLarge { .. } => "amount_too_large",
            Self::GroupIncomplete { .. } => "group_incomplete",
            Self::GroupExceeded { .. } => "group_exceeded",
            Self::NeedsItem { .. } => "needs_item",
            Self::WithoutOptions { .. } => "without_options",
            Self::UnknownOption { .. } => "unknown_option",
            Self::OptionsOutOfBounds { .. } => "options_out_of_bounds",
            Self::TooSoon { .. } => "too_soon",
        }
    }
}
