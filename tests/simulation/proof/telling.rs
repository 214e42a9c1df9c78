//! What was told: mails and events, against the journals and the mailbox.

use std::collections::BTreeMap;

use changeover::ports::store::Channel;

use super::Story;
use crate::store::{OutboxStatus, Tables};
use crate::world::{World, lock};

/// Faults after which something may be handed over twice.
const HANDS_OVER_TWICE: [&str; 10] = [
    "crash",
    "kill",
    "freeze",
    "night",
    "jump",
    "commit_reply_lost",
    "store_refuses",
    "outage",
    "failover",
    "mail_answer_lost",
];

/// I18: every fact that is to be told has its one row, and no row is without its fact.
pub(super) fn everything_told_leaves_once(world: &World, tables: &Tables, stories: &[Story]) {
    let mut expected: BTreeMap<String, usize> = BTreeMap::new();
    for story in stories {
        for (seq, entry) in (1..).zip(&story.history) {
            for topic in entry
                .effects
                .iter()
                .filter_map(|effect| effect.strip_prefix("tell:"))
            {
                *expected
                    .entry(format!("{}.{seq}.{topic}.event", story.row.id))
                    .or_default() += 1;
            }
        }
    }
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    // What is used is held against the histories of contracts (`using`).
    let of_use = |topic: &str| {
        ["usage.", "credits."]
            .iter()
            .any(|about| topic.starts_with(about))
    };
    for kept in tables
        .outbox
        .values()
        .filter(|kept| kept.row.entry.is_none() && !of_use(&kept.row.topic))
    {
        // What is about a contract or an account: each mail has its event, under one name of the fact.
        let key = &kept.row.dedupe_key;
        let twin = key.strip_suffix("mail").map(|fact| format!("{fact}event"));
        let is_told = |twin: &String| tables.outbox.values().any(|other| other.row.dedupe_key == *twin);
        if twin.is_some_and(|twin| !is_told(&twin)) {
            world
                .witness
                .breaks("I18", format!("the mail {key} tells of nothing"));
        }
    }
    for kept in tables.outbox.values().filter(|kept| kept.row.entry.is_some()) {
        let key = kept.row.dedupe_key.clone();
        match kept.row.channel {
            Channel::Event => *found.entry(key).or_default() += 1,
            Channel::Mail => {
                let twin = key.strip_suffix("mail").map(|fact| format!("{fact}event"));
                if twin.is_none_or(|twin| !expected.contains_key(&twin)) {
                    world
                        .witness
                        .breaks("I18", format!("the mail {key} tells of nothing"));
                }
            }
        }
    }
    if found != expected {
        let odd: Vec<&String> = found
            .keys()
            .chain(expected.keys())
            .filter(|key| found.get(*key) != expected.get(*key))
            .collect();
        world
            .witness
            .breaks("I18", format!("told and journalled differ: {odd:?}"));
    }
}

/// I19: every mail that is owed has arrived, once; a second copy only where a handing-over was disturbed, under the same id.
pub(super) fn every_mail_arrived(world: &World, tables: &Tables) {
    let mails = lock(&world.mailbox.mails).clone();
    let mut copies: BTreeMap<&str, usize> = BTreeMap::new();
    for mail in &mails {
        *copies.entry(mail).or_default() += 1;
    }
    let disturbed = world.watch.has_node_died() || world.counted(&HANDS_OVER_TWICE) > 0;
    for (mail, copies) in &copies {
        if *copies > 1 && !disturbed {
            world
                .witness
                .breaks("I19", format!("{mail} arrived {copies} times"));
        }
        let owed = tables.outbox.values().any(|kept| kept.row.dedupe_key == *mail);
        if !owed && !world.watch.has_lost() {
            world
                .witness
                .breaks("I19", format!("{mail} arrived, and nobody owed it"));
        }
    }
    for kept in tables
        .outbox
        .values()
        .filter(|kept| kept.row.channel == Channel::Mail)
    {
        let key = kept.row.dedupe_key.as_str();
        match kept.status {
            OutboxStatus::Sent if !copies.contains_key(key) => {
                world
                    .witness
                    .breaks("I19", format!("{key} counts as sent and has not arrived"));
            }
            OutboxStatus::Waiting => world.witness.breaks("I19", format!("{key} still waits")),
            OutboxStatus::Sent | OutboxStatus::GivenUp => {}
        }
    }
}
