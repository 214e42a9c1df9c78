//! What was used: reports, books, credits and what was charged for, against each other and against the provider.

use std::collections::BTreeMap;

use changeover::domain::account::ContractId;
use changeover::domain::metering::{CreditKind, Measures, Pot, Quantity, Tally};
use changeover::ports::store::OverageStatus;
use serde_json::Value;

use crate::browser;
use crate::store::Tables;
use crate::world::{World, lock};

fn add(sum: &mut Quantity, more: Quantity) {
    *sum = sum.plus(more).unwrap_or(*sum);
}

/// U1: what was acknowledged is kept, and every total is what its reports add up to: nothing is lost, nothing counts twice.
pub(super) fn nothing_is_lost(world: &World, tables: &Tables) {
    let kept: BTreeMap<&str, Quantity> = tables
        .reports
        .values()
        .map(|row| (row.report.id.as_str(), row.report.quantity))
        .collect();
    for (id, quantity) in lock(&world.used).iter() {
        if kept.get(id.as_str()) != Some(quantity) {
            let what = format!("the report {id} of {quantity} was acknowledged and is not kept");
            world.watch.breaks_unless_lost(world, "U1", what);
        }
    }
    let mut reported: BTreeMap<(ContractId, Pot), Quantity> = BTreeMap::new();
    for row in tables.reports.values() {
        let meter = world.playbook.metering.meter(&row.report.meter).expect("a meter");
        if meter.measures == Measures::Level {
            continue;
        }
        // Of a meter that spends credits, their own history tells.
        if let pot @ Pot::Meter(_) = meter.pot() {
            add(
                reported.entry((row.contract, pot)).or_default(),
                row.report.quantity,
            );
        }
    }
    for (contract, lines) in tables.credit_lines.iter() {
        for line in lines.iter().filter(|line| line.kind == CreditKind::Spent) {
            let pot = Pot::Credits(line.credits.clone());
            add(reported.entry((*contract, pot)).or_default(), line.amount);
        }
    }
    let mut counted: BTreeMap<(ContractId, Pot), Quantity> = BTreeMap::new();
    for ((contract, pot, _), (tally, _)) in tables.tallies.iter() {
        if world.playbook.metering.measures(pot) == Measures::Level {
            is_as_last_reported(world, tables, *contract, tally);
        } else if !tally.used.is_zero() {
            add(counted.entry((*contract, pot.clone())).or_default(), tally.used);
        }
    }
    if reported != counted {
        let what = format!("reported {reported:?}, counted {counted:?}");
        world.witness.breaks("U1", what);
    }
}

/// A level is what the last report in its period says: of several at the same moment, any.
fn is_as_last_reported(world: &World, tables: &Tables, contract: ContractId, tally: &Tally) {
    let reports = tables.reports.values().filter(|row| {
        let meter = world.playbook.metering.meter(&row.report.meter).expect("a meter");
        let within = (tally.start..tally.end).contains(&row.report.at);
        row.contract == contract && meter.pot() == tally.pot && within
    });
    let reports: Vec<_> = reports.map(|row| &row.report).collect();
    let last = reports.iter().map(|report| report.at).max();
    let mut at_last = reports.iter().filter(|report| Some(report.at) == last);
    if last.is_some() && at_last.all(|report| report.quantity != tally.used) {
        let what = format!(
            "{contract} {:?}: {} is held, {reports:?} was reported",
            tally.pot, tally.used
        );
        world.witness.breaks("U1", what);
    }
}

/// U2: the history of credits sums up to the balance, and never below nothing.
pub(super) fn credits_add_up(world: &World, tables: &Tables) {
    for ((contract, pot, start), (tally, closed_at)) in tables.tallies.iter() {
        let Pot::Credits(credits) = pot else { continue };
        let empty = Vec::new();
        let lines = tables.credit_lines.get(contract).unwrap_or(&empty);
        let of = |kind| {
            let mut sum = Quantity::ZERO;
            let theirs = lines
                .iter()
                .filter(|line| line.credits == *credits && line.month == *start && line.kind == kind);
            theirs.for_each(|line| add(&mut sum, line.amount));
            sum
        };
        let (granted, spent, lapsed) = (
            of(CreditKind::Granted),
            of(CreditKind::Spent),
            of(CreditKind::Lapsed),
        );
        let left = if closed_at.is_some() {
            Quantity::ZERO
        } else {
            tally.left().unwrap_or_default()
        };
        if spent > granted || granted.less(spent).less(lapsed) != left {
            let what = format!(
                "{contract} {credits}: {granted} granted, {spent} spent, {lapsed} lapsed, {left} left"
            );
            world.witness.breaks("U2", what);
        }
    }
}

/// U3: what went beyond a limit stands once at the provider, with its amount; and nothing stands there that nobody owed.
pub(super) fn what_goes_beyond_is_charged_once(world: &World, tables: &Tables) {
    let mut found: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let page = browser::reads(world, &format!("/v1/invoiceitems?limit=100{after}"));
        let empty = Vec::new();
        let items = page["data"].as_array().unwrap_or(&empty);
        for item in items {
            if let Some(mark) = item["metadata"]["changeover_overage"].as_str() {
                let amount = item["amount"].as_i64().unwrap_or_default();
                found.entry(mark.to_owned()).or_default().push(amount);
            }
        }
        let last = items.last().and_then(|item| item["id"].as_str());
        match last {
            Some(last) if page["has_more"] == Value::Bool(true) => after = format!("&starting_after={last}"),
            _ => break,
        }
    }
    for row in tables.overages.values() {
        world.count(format!("overage: {:?}", row.status).to_lowercase());
        let charged = found.remove(&row.id.to_string()).unwrap_or_default();
        let right = match row.status {
            OverageStatus::Charged => charged == [row.overage.amount.amount],
            OverageStatus::Waived => charged.is_empty(),
            // Without a customer at the provider it waits for one.
            OverageStatus::Owed | OverageStatus::Intent | OverageStatus::Unknown => charged.len() <= 1,
        };
        if charged.len() > 1 {
            world
                .witness
                .breaks("U3", format!("{} is charged {charged:?}", row.id));
        } else if !right {
            let what = format!(
                "{} of {} is {:?} and charged {charged:?}",
                row.id, row.overage.amount, row.status
            );
            world.watch.breaks_unless_lost(world, "U3", what);
        }
    }
    for (mark, charged) in found {
        if charged.len() > 1 {
            world
                .witness
                .breaks("U3", format!("{mark} is charged {charged:?}"));
        }
        world.watch.breaks_unless_lost(
            world,
            "U3",
            format!("{charged:?} is charged for {mark}, and nobody owed it"),
        );
    }
}
