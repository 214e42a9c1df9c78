//! Money: what the provider has taken and given back, against what changes say.

use std::collections::{BTreeMap, BTreeSet};

use changeover::domain::change::{CallName, ChangeId, Event, Receipt, RefundStep, Stage};
use serde_json::Value;

use super::{Story, standing};
use crate::store::Tables;
use crate::world::World;

/// I13, I15: done means paid, and paid means exactly the confirmed amount; what was more is on its way back.
pub(super) fn is_paid_as_agreed(world: &World, story: &Story, ledger: &[Value]) {
    let Stage::Active { deal, receipt } = &story.stage else {
        return;
    };
    let id = story.row.id;
    // What is adopted was confirmed before it left: by the change that is over, or in the life that was lost.
    let confirmed = story
        .history
        .iter()
        .any(|entry| matches!(entry.event, Event::Confirm { .. } | Event::Adopt { .. }));
    if !confirmed {
        // A request to go down that support has applied: what its quote says was never offered.
        if receipt.charged.amount != 0 || receipt.invoice.is_some() {
            world.witness.breaks(
                "I15",
                format!("{id} cost {}, and nobody said yes", receipt.charged),
            );
        }
        return;
    }
    let (agreed, charged) = (deal.quote.due_today, receipt.charged);
    let kept = charged.amount - receipt.excess.map_or(0, |excess| excess.amount);
    if kept > agreed.amount || charged.currency != agreed.currency {
        world
            .witness
            .breaks("I15", format!("{id} cost {charged}, agreed was {agreed}"));
    }
    if kept < agreed.amount && !may_cost_less(world) {
        world
            .witness
            .breaks("I15", format!("{id} cost {charged} only, agreed was {agreed}"));
    }
    if receipt.excess.is_some() && receipt.refund.is_none() {
        world.witness.breaks("I15", format!("{id} keeps its excess"));
    }
    let Some(invoice) = &receipt.invoice else {
        if charged.amount != 0 {
            world
                .witness
                .breaks("I13", format!("{id} has no invoice and cost {charged}"));
        }
        return;
    };
    let Some(read) = entry(ledger, invoice) else {
        world
            .witness
            .breaks("I3", format!("the provider lacks {invoice}"));
        return;
    };
    if read["status"] != "paid" || read["amount_paid"] != charged.amount {
        let what = format!(
            "{id}: {invoice} is {} with {}, not {charged}",
            read["status"], read["amount_paid"]
        );
        world.witness.breaks("I13", what);
    }
}

/// Somebody has moved money or quantities past Changeover.
fn may_cost_less(world: &World) -> bool {
    world.counted(&["edit", "failover", "renewed"]) > 0
}

fn entry<'l>(ledger: &'l [Value], id: &str) -> Option<&'l Value> {
    ledger.iter().find(|entry| entry["id"] == id)
}

fn mark<'i>(invoice: &'i Value, name: &str) -> Option<&'i str> {
    // A one-off invoice carries its marks itself.
    let place = if invoice["billing_reason"] == "manual" {
        format!("/metadata/changeover_{name}")
    } else {
        format!("/parent/subscription_details/metadata/changeover_{name}")
    };
    invoice.pointer(&place)?.as_str()
}

/// The paid invoices that changes made, not the renewals that inherited their marks.
fn paid_for_changes(ledger: &[Value]) -> impl Iterator<Item = &Value> {
    let invoices = ledger.iter().filter(|entry| {
        entry["object"] == "invoice" && entry["status"] == "paid" && entry["amount_paid"] != 0
    });
    let reasons = ["subscription_update", "subscription_create", "manual"];
    invoices.filter(move |invoice| reasons.contains(&invoice["billing_reason"].as_str().unwrap_or_default()))
}

fn given_back(ledger: &[Value], invoice: &Value) -> i64 {
    let refunds = ledger.iter().filter(|entry| {
        entry["object"] == "refund"
            && entry["sandbox_invoice"] == invoice["id"]
            && entry["status"] != "failed"
    });
    let refunded: i64 = refunds.filter_map(|refund| refund["amount"].as_i64()).sum();
    // What cannot go back becomes a credit of the customer.
    let words = format!("Paid too late: {}", invoice["id"].as_str().unwrap_or_default());
    let credits = ledger.iter().filter(|entry| {
        entry["object"] == "customer_balance_transaction" && entry["description"] == words.as_str()
    });
    refunded
        - credits
            .filter_map(|credit| credit["amount"].as_i64())
            .sum::<i64>()
}

/// I2, I4, I15, I16: money that a change of ours moved is on exactly one receipt, and nothing of it went back but what was too
/// much; or all of it went back; or a person was asked.
pub(super) fn every_charge_has_its_receipt(
    world: &World,
    tables: &Tables,
    stories: &[Story],
    ledger: &[Value],
) {
    let mut receipts: BTreeMap<&str, (ChangeId, &Receipt)> = BTreeMap::new();
    for story in stories {
        if let Stage::Active { receipt, .. } = &story.stage
            && let Some(invoice) = &receipt.invoice
            && let Some((other, _)) = receipts.insert(invoice, (story.row.id, receipt))
        {
            let what = format!("{invoice} is on the receipts of {other} and {}", story.row.id);
            world.witness.breaks("I2", what);
        }
    }
    let names: BTreeMap<String, CallName> = stories
        .iter()
        .flat_map(|story| &story.effects)
        .map(|effect| (effect.id.to_string(), effect.name))
        .collect();
    let mut paid: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for invoice in paid_for_changes(ledger) {
        let id = invoice["id"].as_str().unwrap_or_default();
        let Some(effect) = mark(invoice, "effect") else {
            if invoice["billing_reason"] == "subscription_update" {
                world
                    .witness
                    .breaks("I4", format!("{id} of an update carries no mark"));
            }
            continue;
        };
        let name = names
            .get(effect)
            .map_or_else(|| "nobody's".to_owned(), ToString::to_string);
        if name == "nobody's" && !world.watch.has_lost() {
            world
                .witness
                .breaks("I4", format!("{id} was made by an effect that is not kept"));
        }
        let kept = is_settled(world, tables, receipts.get(id).copied(), invoice, ledger);
        // What went back as a whole was nobody's in the end; but only lost commits are a reason for it.
        if kept || !world.watch.has_lost() {
            let change = mark(invoice, "change").unwrap_or_default().to_owned();
            paid.entry((change, name)).or_default().push(id.to_owned());
        }
    }
    for ((change, name), invoices) in paid {
        if invoices.len() > 1
            && !invoices
                .iter()
                .any(|id| standing::is_left_to_a_person(tables, id))
        {
            let what = format!("{name} of {change} was paid {} times", invoices.len());
            world.witness.breaks("I2", what);
        }
    }
}

fn is_of_an_open_change(tables: &Tables, invoice: &Value) -> bool {
    let mut open = tables.changes.values().filter(|row| row.open);
    open.any(|row| mark(invoice, "change") == Some(row.id.to_string().as_str()))
}

/// Whether something of what an invoice has brought is kept; it must be as a receipt says.
fn is_settled(
    world: &World,
    tables: &Tables,
    receipt: Option<(ChangeId, &Receipt)>,
    invoice: &Value,
    ledger: &[Value],
) -> bool {
    let id = invoice["id"].as_str().unwrap_or_default();
    let (paid, back) = (
        invoice["amount_paid"].as_i64().unwrap_or(0),
        given_back(ledger, invoice),
    );
    match receipt {
        Some((change, receipt)) => {
            let returned = match (&receipt.refund, receipt.excess) {
                (Some(RefundStep::Returned { .. }), Some(excess)) => excess.amount,
                _ => 0,
            };
            if back != returned {
                let what = format!("{back} of {id} went back, {change} says {returned}");
                world.witness.breaks("I16", what);
            }
            true
        }
        None if back == paid => {
            world.count("money went back");
            false
        }
        None if back == 0 && standing::is_left_to_a_person(tables, id) => {
            world.count("money left to a person");
            true
        }
        // An open change is at rest only where it is visibly stuck, which is proven of each.
        None if back == 0 && is_of_an_open_change(tables, invoice) => {
            world.count("money of a stuck change");
            true
        }
        None => {
            let what = format!("{id} took {paid}, {back} went back, and no change knows of it");
            world.witness.breaks("I15", what);
            true
        }
    }
}

/// I8: what was proven never to have happened is nowhere.
pub(super) fn absent_is_absent(world: &World, story: &Story, ledger: &[Value]) {
    for effect in &story.effects {
        let outcome = effect.outcome.as_deref().map(String::from_utf8_lossy);
        if !outcome.is_some_and(|outcome| outcome.contains("never_happened")) {
            continue;
        }
        let id = effect.id.to_string();
        let mut made =
            paid_for_changes(ledger).filter(|invoice| mark(invoice, "effect") == Some(id.as_str()));
        if let Some(invoice) = made.next() {
            let what = format!("{} counts as never done, and made {}", effect.key, invoice["id"]);
            world.witness.breaks("I8", what);
        }
    }
}

/// I3: what succeeded is there, with our marks and our instant.
pub(super) fn succeeded_is_there(world: &World, stories: &[Story], ledger: &[Value]) {
    for story in stories {
        let Stage::Active { deal, receipt } = &story.stage else {
            continue;
        };
        let Some(invoice) = &receipt.invoice else { continue };
        let Some(read) = entry(ledger, invoice) else {
            continue;
        };
        // A successor pays with the invoice of what it succeeds.
        let mut whose: BTreeSet<String> = BTreeSet::new();
        let mut next = Some(story);
        while let Some(story) = next.filter(|story| whose.insert(story.row.id.to_string())) {
            let over = story.row.succeeds;
            next = stories.iter().find(|other| Some(other.row.id) == over);
        }
        let of_change = mark(read, "change").is_some_and(|change| whose.contains(change));
        let of_effect = || {
            let theirs = stories
                .iter()
                .filter(|other| whose.contains(&other.row.id.to_string()));
            let mut effects = theirs.flat_map(|other| &other.effects);
            effects.any(|effect| mark(read, "effect") == Some(effect.id.to_string().as_str()))
        };
        let ours = of_change && (world.watch.has_lost() || of_effect());
        let wanted = deal.quote.prorated_at.as_second().to_string();
        let pinned = mark(read, "prorated_at") == Some(wanted.as_str());
        let first = read["billing_reason"] == "subscription_create";
        if !ours || !(pinned || first) {
            world
                .witness
                .breaks("I3", format!("{invoice} lacks the marks of {}", story.row.id));
        }
    }
}
