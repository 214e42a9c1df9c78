//! What was wished for: what cannot be had changes nothing, nothing is charged that nobody said yes to, and what became active is
//! what the provider holds, also what support applied and what the provider carried out when a period ended.

use std::collections::BTreeMap;

use changeover::domain::account::{Contract, ContractId, ContractStatus};
use changeover::domain::change::{Event, Quote, Stage};
use jiff::SignedDuration;
use serde_json::Value;

use super::Story;
use crate::browser;
use crate::store::Tables;
use crate::world::{World, lock};

/// How long after its day a promise may still stand: contracts are swept daily.
const CARRIED_OUT_WITHIN: SignedDuration = SignedDuration::from_hours(50);

/// S1: no history knows of a selection that cannot be had.
pub(super) fn the_impossible_changes_nothing(world: &World, stories: &[Story]) {
    let spoiled = lock(&world.spoiled);
    for story in stories {
        for entry in &story.history {
            let (Event::Opened { selection: wanted }
            | Event::Select { selection: wanted }
            | Event::TicketBrought {
                selection: wanted, ..
            }) = &entry.event
            else {
                continue;
            };
            if spoiled.contains(wanted) {
                let what = format!("{} took up what cannot be had: {wanted:?}", story.row.id);
                world.witness.breaks("S1", what);
            }
        }
    }
}

/// P2: money is moved only after somebody has said yes to an amount, by this change or by the one that it succeeds.
pub(super) fn nobody_pays_without_a_yes(world: &World, story: &Story) {
    let agreed = story.history.iter().any(|entry| {
        matches!(
            entry.event,
            Event::Confirm { .. } | Event::Adopt { .. } | Event::Succeeds { .. }
        )
    });
    let charged = story.effects.iter().find(|effect| effect.charging.is_some());
    if let Some(effect) = charged.filter(|_| !agreed) {
        let what = format!("{} charges for {}, and nobody said yes", effect.key, story.row.id);
        world.witness.breaks("P2", what);
    }
}

/// P4: a promise whose day has come is carried out, or support sees what is in the way.
pub(super) fn promises_are_kept(world: &World, story: &Story) {
    let Stage::TicketScheduled {
        at, problem: None, ..
    } = &story.stage
    else {
        return;
    };
    if world.now().duration_since(*at) > CARRIED_OUT_WITHIN {
        let what = format!("{} was promised for {at}, and still is", story.row.id);
        world.witness.breaks("P4", what);
    }
}

/// I13: of what became active last on each contract, the provider holds just that.
pub(super) fn the_last_word_is_held(world: &World, tables: &Tables, stories: &[Story]) {
    // Somebody may have moved the quantities past Changeover, or the last word is lost.
    if world.counted(&["edit", "failover"]) > 0 {
        return;
    }
    let mut last: BTreeMap<ContractId, (&Story, &Quote)> = BTreeMap::new();
    for story in stories {
        let Stage::Active { deal, receipt } = &story.stage else {
            continue;
        };
        let known = last.get(&story.row.contract).map(|(other, _)| &other.stage);
        let newer = |known: &Stage| match known {
            Stage::Active { receipt: other, .. } => other.at < receipt.at,
            _ => true,
        };
        if known.is_none_or(newer) {
            last.insert(story.row.contract, (story, &deal.quote));
        }
    }
    for (contract, (story, quote)) in last {
        let Some(contract) = tables.contracts.get(&contract) else {
            continue;
        };
        // While another change is on its way, the provider may hold what that one has asked for.
        if tables.open_on(contract.id).is_none() {
            is_held(world, contract, story, quote);
        }
    }
}

fn is_held(world: &World, contract: &Contract, story: &Story, quote: &Quote) {
    let ends = story
        .history
        .iter()
        .any(|entry| matches!(&entry.event, Event::TicketBrought { ask, .. } if ask.ends));
    if ends && contract.status == ContractStatus::Active && contract.subscription.is_some() {
        let what = format!("{} has ended {}, which is in force", story.row.id, contract.id);
        world.witness.breaks("I13", what);
        return;
    }
    let Some(subscription) = contract
        .subscription
        .as_ref()
        .filter(|_| contract.status == ContractStatus::Active)
    else {
        return;
    };
    let read = browser::reads(world, &format!("/v1/subscriptions/{subscription}"));
    let empty = Vec::new();
    let items = read["items"]["data"].as_array().unwrap_or(&empty);
    let many = |price: &str| {
        let own = items.iter().filter(|item| item["price"]["id"] == price);
        own.filter_map(|item| item["quantity"].as_u64()).sum::<u64>()
    };
    for target in &quote.targets {
        let held = many(&target.price);
        if held != target.quantity {
            let what = format!(
                "{} agreed on {} of {}, and {subscription} holds {held}: {}",
                story.row.id,
                target.quantity,
                target.lookup_key,
                Value::from(items.clone())
            );
            world.witness.breaks("I13", what);
        }
    }
}
