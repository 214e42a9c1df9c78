//! What is proven once a world has come to rest: from the rows, from the provider's own ledger and from the mailbox.

mod telling;

use std::collections::{BTreeMap, BTreeSet};

use changeover::domain::account::{Contract, ContractStatus, LinePlace};
use changeover::domain::change::{CallName, Event, Quote, Stage, read_stage};
use changeover::engine::{HistoryEntry, verify_chain};
use changeover::ports::store::{ChangeRow, EffectRow, EffectStatus};
use serde_json::Value;

use crate::browser;
use crate::store::Tables;
use crate::world::{World, lock};

/// One change with everything that was written about it.
struct Story {
    row: ChangeRow,
    stage: Stage,
    history: Vec<HistoryEntry>,
    effects: Vec<EffectRow>,
}

/// Proves what can only be proven at rest.
pub fn prove(world: &World) {
    let tables = lock(&world.memory).tables.clone();
    let ledger = browser::reads(world, "/_sandbox/ledger");
    let empty = Vec::new();
    let ledger = ledger["entries"].as_array().unwrap_or(&empty);
    let stories: Vec<Story> = tables.changes.values().map(|row| story(&tables, row)).collect();
    for story in &stories {
        came_to_an_end(world, story);
        is_chained(world, &tables, story);
        is_paid_as_agreed(world, story, ledger);
        counts_up(world, story, ledger);
        tries_again_only_after_proof(world, story);
        quotes_add_up(world, story);
        ends_once(world, story);
    }
    every_charge_has_its_receipt(world, &stories, ledger);
    succeeded_is_there(world, &stories, ledger);
    for contract in tables.contracts.values() {
        if tables.open_on(contract.id).is_none() {
            holds(world, contract);
        }
        nobody_edited(world, &tables, contract);
    }
    telling::everything_told_leaves_once(world, &tables, &stories);
    telling::every_mail_arrived(world, &tables);
    world.watch.everything_is_kept(world);
}

fn story(tables: &Tables, row: &ChangeRow) -> Story {
    let lines = tables.journal.get(&row.id).cloned().unwrap_or_default();
    let said = lines.iter().map(|line| serde_json::from_slice(&line.content));
    Story {
        stage: read_stage(&row.stage).expect("a stage"),
        history: said.map(|said| said.expect("a line")).collect(),
        effects: tables.effects_of(row.id, |_| true),
        row: row.clone(),
    }
}

/// Promise 4: when the faults stop, every flow ends, or it is visibly stuck.
fn came_to_an_end(world: &World, story: &Story) {
    let row = &story.row;
    if !row.open {
        return;
    }
    let effects = story.effects.iter();
    let owed: Vec<String> = effects
        .filter(|effect| {
            matches!(effect.status, EffectStatus::Intent | EffectStatus::Unknown) || !effect.consumed
        })
        .map(|effect| format!("{} {:?} {:?}", effect.name, effect.status, effect.last_error))
        .collect();
    let undecidable = |error: &String| error.contains("undecidable");
    if owed.iter().any(undecidable) {
        world.count("stuck: undecidable");
        return;
    }
    let what = format!(
        "{} is still in {} since {}: {owed:?}",
        row.id, row.stage_name, row.entered_at
    );
    world.witness.breaks("P4", what);
}

/// I10, once more from the first line to the last.
fn is_chained(world: &World, tables: &Tables, story: &Story) {
    let lines = tables.journal.get(&story.row.id).cloned().unwrap_or_default();
    match verify_chain(lines.iter().map(AsRef::as_ref)) {
        Ok(head) if head == story.row.journal_head => {}
        Ok(_) => world.witness.breaks(
            "I10",
            format!("{} does not end in its journal's head", story.row.id),
        ),
        Err(broken) => world.witness.breaks("I10", format!("{}: {broken}", story.row.id)),
    }
}

/// I13, I15: done means paid, and paid means exactly the confirmed amount; what was more is on its way back.
fn is_paid_as_agreed(world: &World, story: &Story, ledger: &[Value]) {
    let Stage::Active { deal, receipt } = &story.stage else {
        return;
    };
    let id = story.row.id;
    let confirmed = story
        .history
        .iter()
        .any(|entry| matches!(entry.event, Event::Confirm { .. }));
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
    let Some(read) = ledger.iter().find(|entry| entry["id"] == invoice.as_str()) else {
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

fn change_mark(invoice: &Value) -> Option<&str> {
    invoice
        .pointer("/parent/subscription_details/metadata/changeover_change")?
        .as_str()
}

fn effect_mark(invoice: &Value) -> Option<&str> {
    invoice
        .pointer("/parent/subscription_details/metadata/changeover_effect")?
        .as_str()
}

/// The paid invoices that changes made, not the renewals that inherited their marks.
fn paid_for_changes(ledger: &[Value]) -> impl Iterator<Item = &Value> {
    let invoices = ledger
        .iter()
        .filter(|entry| entry["object"] == "invoice" && entry["status"] == "paid");
    let reasons = ["subscription_update", "subscription_create"];
    invoices.filter(move |invoice| reasons.contains(&invoice["billing_reason"].as_str().unwrap_or_default()))
}

fn given_back(ledger: &[Value], invoice: &Value) -> i64 {
    let refunds = ledger.iter().filter(|entry| {
        entry["object"] == "refund"
            && entry["sandbox_invoice"] == invoice["id"]
            && entry["status"] != "failed"
    });
    refunds.filter_map(|refund| refund["amount"].as_i64()).sum()
}

/// I16: what the provider has taken for a change, less what it has given back, is what the change says.
fn counts_up(world: &World, story: &Story, ledger: &[Value]) {
    let id = story.row.id.to_string();
    let theirs = paid_for_changes(ledger).filter(|invoice| change_mark(invoice) == Some(id.as_str()));
    let taken: i64 = theirs
        .map(|invoice| invoice["amount_paid"].as_i64().unwrap_or(0) - given_back(ledger, invoice))
        .sum();
    let said = match &story.stage {
        Stage::Active { receipt, .. } => {
            receipt.charged.amount - receipt.excess.map_or(0, |excess| excess.amount)
        }
        _ => 0,
    };
    if taken != said {
        world.witness.breaks(
            "I16",
            format!(
                "{id} in {} says {said}, the provider has {taken}",
                story.row.stage_name
            ),
        );
    }
}

/// I2, I15: money that a change of ours moved is on exactly one receipt, or went back.
fn every_charge_has_its_receipt(world: &World, stories: &[Story], ledger: &[Value]) {
    let receipts: Vec<&str> = stories
        .iter()
        .filter_map(|story| match &story.stage {
            Stage::Active { receipt, .. } => receipt.invoice.as_deref(),
            _ => None,
        })
        .collect();
    let distinct: BTreeSet<&str> = receipts.iter().copied().collect();
    if distinct.len() != receipts.len() {
        world
            .witness
            .breaks("I2", format!("one invoice on two receipts: {receipts:?}"));
    }
    let mut paid: BTreeMap<(String, String), Vec<&Value>> = BTreeMap::new();
    let names: BTreeMap<String, CallName> = stories
        .iter()
        .flat_map(|story| &story.effects)
        .map(|effect| (effect.id.to_string(), effect.name))
        .collect();
    for invoice in paid_for_changes(ledger).filter(|invoice| invoice["amount_paid"] != 0) {
        let Some(effect) = effect_mark(invoice) else {
            if invoice["billing_reason"] == "subscription_update" {
                world
                    .witness
                    .breaks("I4", format!("{} of an update carries no mark", invoice["id"]));
            }
            continue;
        };
        let name = names
            .get(effect)
            .map_or_else(|| "nobody's".to_owned(), ToString::to_string);
        if name == "nobody's" && !world.watch.has_lost() {
            world.witness.breaks(
                "I4",
                format!("{} was made by an effect that is not kept", invoice["id"]),
            );
        }
        let change = change_mark(invoice).unwrap_or_default().to_owned();
        paid.entry((change, name)).or_default().push(invoice);
    }
    for ((change, name), invoices) in paid {
        if invoices.len() > 1 {
            world.witness.breaks(
                "I2",
                format!("{name} of {change} was paid {} times", invoices.len()),
            );
        }
        for invoice in invoices {
            let known = invoice["id"].as_str().is_some_and(|id| distinct.contains(id));
            if !known && given_back(ledger, invoice) == 0 {
                world.witness.breaks(
                    "I15",
                    format!("{} was charged, and no change knows of it", invoice["id"]),
                );
            }
        }
    }
}

/// I3: what succeeded is there, with our marks and our instant.
fn succeeded_is_there(world: &World, stories: &[Story], ledger: &[Value]) {
    for story in stories {
        let Stage::Active { deal, receipt } = &story.stage else {
            continue;
        };
        let Some(invoice) = &receipt.invoice else { continue };
        let Some(read) = ledger.iter().find(|entry| entry["id"] == invoice.as_str()) else {
            continue;
        };
        let ours = story
            .effects
            .iter()
            .any(|effect| effect_mark(read) == Some(effect.id.to_string().as_str()));
        let instant = read.pointer("/parent/subscription_details/metadata/changeover_prorated_at");
        let wanted = deal.quote.prorated_at.as_second().to_string();
        let pinned = instant.and_then(Value::as_str) == Some(wanted.as_str());
        let first = read["billing_reason"] == "subscription_create";
        if !ours || !(pinned || first) {
            world
                .witness
                .breaks("I3", format!("{invoice} lacks the marks of {}", story.row.id));
        }
    }
}

/// I8: a second try under a new key exists only where the first is known not to have lasted.
fn tries_again_only_after_proof(world: &World, story: &Story) {
    let mut last: BTreeMap<CallName, &EffectRow> = BTreeMap::new();
    for effect in &story.effects {
        if let Some(earlier) = last.insert(effect.name, effect) {
            let lasts = matches!(
                effect.name,
                CallName::UpdateSubscription | CallName::CreateSubscription | CallName::LowerSubscription
            );
            let over = match earlier.status {
                EffectStatus::Declined | EffectStatus::Abandoned => true,
                EffectStatus::Succeeded => !lasts,
                EffectStatus::Intent | EffectStatus::Unknown => false,
            };
            if !over {
                let what = format!(
                    "{} of {} was tried again while {:?}",
                    effect.name, story.row.id, earlier.status
                );
                world.witness.breaks("I8", what);
            }
        }
    }
}

/// I26: the lines of every quote sum up, and a quote for more is never for nothing.
fn quotes_add_up(world: &World, story: &Story) {
    for entry in &story.history {
        let Event::Quoted { quote } = &entry.event else {
            continue;
        };
        let lines: i64 = quote.lines.iter().map(|line| line.amount.amount).sum();
        let total = quote.subtotal.amount + quote.tax.amount;
        if lines != quote.subtotal.amount {
            world.witness.breaks(
                "I26",
                format!(
                    "the lines of {} sum up to {lines}, not {}",
                    quote.id, quote.subtotal
                ),
            );
        }
        if total - quote.balance_used.amount != quote.due_today.amount {
            world.witness.breaks(
                "I26",
                format!("{} is due {} of {total}", quote.id, quote.due_today),
            );
        }
        if rises(quote) && quote.lines.is_empty() {
            world
                .witness
                .breaks("I15", format!("{} offers more for nothing", quote.id));
        }
    }
}

fn rises(quote: &Quote) -> bool {
    quote.holdings.iter().any(|moved| moved.after > moved.before) && !quote.targets.is_empty()
}

/// I17: after the end only calls that were on their way, and money that goes back.
fn ends_once(world: &World, story: &Story) {
    let mut over = false;
    for entry in &story.history {
        let stage = serde_json::to_vec(&entry.stage)
            .ok()
            .and_then(|stored| read_stage(&stored).ok());
        let terminal = stage.is_some_and(|stage| stage.is_terminal());
        if over {
            let allowed = matches!(
                entry.event,
                Event::Done { .. } | Event::Failed { .. } | Event::Retry
            );
            if !allowed || !terminal {
                world.witness.breaks(
                    "I17",
                    format!("`{}` after the end of {}", entry.event.name(), story.row.id),
                );
            }
        }
        over |= terminal;
    }
    if over == story.row.open {
        world.witness.breaks(
            "I17",
            format!("{} is open: {}, over: {over}", story.row.id, story.row.open),
        );
    }
}

/// I13, I14: where no change is on its way, the provider holds what the contract says.
fn holds(world: &World, contract: &Contract) {
    let Some(subscription) = &contract.subscription else {
        return;
    };
    let read = browser::reads(world, &format!("/v1/subscriptions/{subscription}"));
    let ended = ["canceled", "incomplete_expired"].contains(&read["status"].as_str().unwrap_or_default());
    if ended || contract.status != ContractStatus::Active {
        if ended != (contract.status == ContractStatus::Cancelled) {
            world.witness.breaks(
                "I14",
                format!(
                    "{subscription} is {}, its contract {:?}",
                    read["status"], contract.status
                ),
            );
        }
        return;
    }
    let empty = Vec::new();
    let items = read["items"]["data"].as_array().unwrap_or(&empty).iter();
    let held: BTreeMap<&str, u64> = items
        .filter_map(|item| Some((item["id"].as_str()?, item["quantity"].as_u64()?)))
        .collect();
    let agreed: BTreeMap<&str, u64> = contract
        .lines
        .iter()
        .filter_map(|line| match &line.place {
            LinePlace::Provider { item } => Some((item.as_str(), line.quantity)),
            LinePlace::Outside => None,
        })
        .collect();
    if held != agreed {
        world.witness.breaks(
            "I14",
            format!("{subscription} holds {held:?}, its contract {agreed:?}"),
        );
    }
}

/// I14: what a contract holds is only ever changed by a change, unless somebody edits it at the provider.
fn nobody_edited(world: &World, tables: &Tables, contract: &Contract) {
    if world.counted(&["edit", "failover"]) > 0 {
        return;
    }
    let lines = tables
        .contract_journal
        .get(&contract.id)
        .cloned()
        .unwrap_or_default();
    for line in lines.iter() {
        let said: Value = serde_json::from_slice(&line.content).unwrap_or_default();
        let event = said["event"].to_string();
        if event.contains("edited") {
            world
                .witness
                .breaks("I14", format!("{} was edited by nobody: {event}", contract.id));
        }
    }
}
