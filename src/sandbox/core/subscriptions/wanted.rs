//! What a request wants the items of a subscription to be.

use super::Item;
use crate::sandbox::core::World;
use crate::sandbox::core::calendar::Interval;
use crate::sandbox::core::params::{Metadata, Params, apply_metadata};
use crate::sandbox::core::prices::Price;
use crate::sandbox::error::ApiError;

/// Stripe's limit.
const ITEMS_MAX: usize = 20;

/// One item, before and after.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// `None` for a new item.
    pub(super) before: Option<Item>,
    /// `None` for one that goes.
    pub(super) after: Option<After>,
}

#[derive(Debug, Clone)]
pub(super) struct After {
    pub(super) price: Price,
    pub(super) quantity: u64,
    pub(super) metadata: Metadata,
}

impl Step {
    /// Whether price or quantity differ, which is what prorates.
    pub(super) fn changes(&self) -> bool {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                before.price != after.price.id || before.quantity != after.quantity
            }
            _ => true,
        }
    }
}

/// What the items parameter may say about one item.
const ITEM_FIELDS: [&str; 5] = ["id", "price", "quantity", "deleted", "metadata"];

/// The terms that all items of a subscription share.
pub(super) struct Shared<'a> {
    /// `None` when the first price decides.
    pub(super) currency: Option<&'a str>,
    /// Whether intervals may be mixed.
    pub(super) flexible: bool,
}

/// The steps from the items that are there to those that the request wants.
pub(super) fn read_steps(
    world: &World,
    items: &[Item],
    params: &Params<'_>,
    shared: &Shared<'_>,
) -> Result<Vec<Step>, ApiError> {
    let mut steps = Vec::new();
    for item in items {
        let after = After {
            price: world.prices.have(&item.price)?.clone(),
            quantity: item.quantity,
            metadata: item.metadata.clone(),
        };
        steps.push(Step {
            before: Some(item.clone()),
            after: Some(after),
        });
    }
    for wanted in params.children("items")? {
        wanted.only(&ITEM_FIELDS)?;
        match wanted.text("id")? {
            Some(id) => change(world, &mut steps, id, &wanted)?,
            None => steps.push(add(world, &wanted)?),
        }
    }
    check(&steps, params, shared)?;
    Ok(steps)
}

fn change(world: &World, steps: &mut [Step], id: &str, wanted: &Params<'_>) -> Result<(), ApiError> {
    let here = |step: &&mut Step| step.before.as_ref().is_some_and(|item| item.id == id);
    let step = steps
        .iter_mut()
        .find(here)
        .ok_or_else(|| ApiError::missing("subscription_item", id, &wanted.name("id")))?;
    if wanted.flag("deleted")? == Some(true) {
        step.after = None;
        return Ok(());
    }
    if let Some(after) = &mut step.after {
        if wanted.has("price") {
            after.price = read_price(world, wanted)?;
        }
        after.quantity = wanted.count("quantity")?.unwrap_or(after.quantity);
        if let Some(changes) = wanted.metadata_changes()? {
            apply_metadata(&mut after.metadata, &changes);
        }
    }
    Ok(())
}

fn add(world: &World, wanted: &Params<'_>) -> Result<Step, ApiError> {
    if wanted.has("deleted") {
        return Err(wanted.missing("id"));
    }
    let after = After {
        price: read_price(world, wanted)?,
        quantity: wanted.count("quantity")?.unwrap_or(1),
        metadata: wanted.metadata()?,
    };
    Ok(Step {
        before: None,
        after: Some(after),
    })
}

fn read_price(world: &World, wanted: &Params<'_>) -> Result<Price, ApiError> {
    let id = wanted.needed_text("price")?;
    let price = world.prices.find(id, &wanted.name("price"))?;
    if !price.is_active() {
        return Err(wanted.refuse(
            "price",
            "The price specified is inactive. This field only accepts active prices.",
        ));
    }
    if price.interval.is_none() {
        return Err(wanted.refuse(
            "price",
            "The price specified is set to `type=one_time` but this field only accepts \
                 prices with `type=recurring`.",
        ));
    }
    Ok(price.clone())
}

fn check(steps: &[Step], params: &Params<'_>, shared: &Shared<'_>) -> Result<(), ApiError> {
    let kept: Vec<&After> = steps.iter().filter_map(|step| step.after.as_ref()).collect();
    let Some(first) = kept.first() else {
        return Err(params.refuse("items", "A subscription must have at least one active price."));
    };
    if kept.len() > ITEMS_MAX {
        return Err(params.refuse("items", format!("A subscription has at most {ITEMS_MAX} items.")));
    }
    let currency = shared.currency.unwrap_or(&first.price.currency);
    for (place, after) in kept.iter().enumerate() {
        if after.price.currency != currency {
            let message = format!(
                "The price specified only supports `{}`. This doesn't match the expected currency: `{currency}`.",
                after.price.currency
            );
            return Err(params.refuse("items", message));
        }
        if kept
            .iter()
            .take(place)
            .any(|other| other.price.id == after.price.id)
        {
            let message = format!(
                "Cannot add multiple subscription items with the same price: {}",
                after.price.id
            );
            return Err(params.refuse("items", message));
        }
        if !shared.flexible && after.price.interval != first.price.interval {
            return Err(params.refuse(
                "items",
                "Currently, all prices of a subscription in classic billing mode must \
                 have the same `interval` and `interval_count`.",
            ));
        }
    }
    Ok(())
}

/// The interval of a recurring price.
pub(super) fn interval_of(price: &Price) -> Result<Interval, ApiError> {
    price
        .interval
        .ok_or_else(|| ApiError::internal(format!("the price '{}' is not recurring", price.id)))
}
