use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Interval, ItemId, LineKey, PlanId, Price, PriceRef};
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
    /// The currency of all prices.
    pub currency: Currency,
    /// The plan's interval; items may be charged in one of their own.
    pub interval: Interval,
}

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

impl SelectionProblem {
    /// The part of the selection that is wrong, as a JSON pointer into it; empty where it is the whole.
    pub fn pointer(&self) -> String {
        match self {
            Self::UnknownPlan { .. } => "/plan".to_owned(),
            Self::UnknownItem { item } | Self::Ineligible { item, .. } | Self::OutOfBounds { item, .. } => {
                format!("/quantities/{item}")
            }
            Self::NoPrice { .. } | Self::OtherCurrency { .. } => "/currency".to_owned(),
            Self::BoughtOutside { .. } | Self::AmountTooLarge { .. } => String::new(),
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
        }
    }
}
