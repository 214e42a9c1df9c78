//! What is proven once a world has come to rest: from the rows, from the provider's own ledger and from the mailbox.

mod clients;
mod money;
mod standing;
mod telling;
mod using;
mod wishing;

use std::collections::BTreeMap;

use changeover::domain::account::{Contract, ContractStatus, LinePlace};
use changeover::domain::change::{CallFailure, CallName, Event, Quote, Stage, read_stage};
use changeover::engine::{HistoryEntry, verify_chain};
use changeover::ports::store::{ChangeRow, EffectRow, EffectStatus};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::browser;
use crate::inquest::Shown;
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
pub fn prove(world: &World, shown: &Shown) {
    let tables = lock(&world.memory).tables.clone();
    let ledger = browser::reads(world, "/_sandbox/ledger");
    let empty = Vec::new();
    let ledger = ledger["entries"].as_array().unwrap_or(&empty);
    let stories: Vec<Story> = tables.changes.values().map(|row| story(&tables, row)).collect();
    for story in &stories {
        for entry in story.history.iter().filter(|entry| is_rare(&entry.event)) {
            world.count(format!("journal: {}", entry.event.name()));
        }
        standing::ends_or_is_seen(world, story, shown);
        standing::support_says_why(world, story);
        is_chained(world, &tables, story);
        money::is_paid_as_agreed(world, story, ledger);
        tries_again_only_after_proof(world, story);
        quotes_add_up(world, story);
        ends_once(world, story);
        is_never_read_by_older(world, story);
        money::absent_is_absent(world, story, ledger);
        wishing::nobody_pays_without_a_yes(world, story);
        wishing::promises_are_kept(world, story);
    }
    wishing::the_impossible_changes_nothing(world, &stories);
    wishing::the_last_word_is_held(world, &tables, &stories);
    money::every_charge_has_its_receipt(world, &tables, &stories, ledger);
    money::succeeded_is_there(world, &stories, ledger);
    standing::both_sides_fit(world, &tables, shown);
    for contract in tables.contracts.values() {
        if tables.open_on(contract.id).is_none() {
            holds(world, contract);
        }
        nobody_edited(world, &tables, contract);
    }
    telling::everything_told_leaves_once(world, &tables, &stories);
    telling::every_mail_arrived(world, &tables);
    using::nothing_is_lost(world, &tables);
    using::credits_add_up(world, &tables);
    using::what_goes_beyond_is_charged_once(world, &tables);
    clients::settings_and_contracts_agree(world, &tables);
    clients::the_payer_is_charged_for_use(world, &tables);
    world.watch.everything_is_kept(world);
}

/// What few runs come to: whoever reads the figures sees that it is met.
fn is_rare(event: &Event) -> bool {
    matches!(
        event,
        Event::Adopt { .. }
            | Event::Succeeds { .. }
            | Event::CleanUp { .. }
            | Event::Hurry
            | Event::Resume
            | Event::Refresh
            | Event::Note
            | Event::FileTicket { .. }
            | Event::TicketBrought { .. }
            | Event::VerifyTicket { .. }
            | Event::AnswerTicket { .. }
            | Event::Comment { .. }
            | Event::Planned { .. }
            | Event::StandingSeen { .. }
            | Event::Failed {
                failure: CallFailure::NeverHappened { .. },
                ..
            }
    )
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

/// I8: a second try under a new key exists only where the first is known not to have lasted.
fn tries_again_only_after_proof(world: &World, story: &Story) {
    let mut last: BTreeMap<CallName, &EffectRow> = BTreeMap::new();
    for effect in &story.effects {
        if let Some(earlier) = last.insert(effect.name, effect) {
            let lasts = matches!(
                effect.name,
                CallName::UpdateSubscription
                    | CallName::CreateSubscription
                    | CallName::LowerSubscription
                    | CallName::SwitchSubscription
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
        let carried = quote.carried.map_or(0, |carried| carried.amount);
        if total - quote.balance_used.amount - carried != quote.due_today.amount {
            world.witness.breaks(
                "I26",
                format!("{} is due {} of {total}", quote.id, quote.due_today),
            );
        }
        // What is promised for the period's end costs nothing before.
        if rises(quote) && quote.lines.is_empty() && quote.effective_at.is_none() {
            world
                .witness
                .breaks("I15", format!("{} offers more for nothing", quote.id));
        }
    }
}

fn rises(quote: &Quote) -> bool {
    quote.holdings.iter().any(|moved| moved.after > moved.before) && !quote.targets.is_empty()
}

/// I17: after the end only calls that were on their way, money that goes back, and what support leaves or hurries.
fn ends_once(world: &World, story: &Story) {
    let (mut over, mut aside) = (false, false);
    for entry in &story.history {
        let stage = serde_json::to_vec(&entry.stage)
            .ok()
            .and_then(|stored| read_stage(&stored).ok());
        let terminal = stage.as_ref().is_some_and(Stage::is_terminal);
        aside = stage.is_some_and(|stage| stage.is_set_aside());
        if over {
            let allowed = matches!(
                entry.event,
                Event::Done { .. }
                    | Event::Failed { .. }
                    | Event::Retry
                    | Event::SucceededBy { .. }
                    | Event::CleanUp { .. }
                    | Event::Hurry
                    | Event::Resume
                    | Event::Note
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
    if (over || aside) == story.row.open {
        world.witness.breaks(
            "I17",
            format!("{} is open: {}, over: {over}", story.row.id, story.row.open),
        );
    }
}

fn version_of(stage: &RawValue) -> Option<u64> {
    let stage: Value = serde_json::from_str(stage.get()).ok()?;
    stage["v"].as_u64()
}

/// F20: once a newer version has written a change, no older one does.
fn is_never_read_by_older(world: &World, story: &Story) {
    let versions = story.history.iter().map(|entry| version_of(&entry.stage));
    if !versions.is_sorted() {
        let what = format!("an older version has written {}", story.row.id);
        world.witness.breaks("F20", what);
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
