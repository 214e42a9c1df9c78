//! The chart as a picture in Mermaid's language.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{EDGES, Party, StageName, parts, party_word};

type Labels = BTreeMap<Party, BTreeSet<&'static str>>;

/// The machine as a Mermaid state diagram: the eight stages with their parts. Parallel edges are one; an edge that all parts
/// of a stage have in common is drawn once, from the stage itself; arrows of one kind from many stages are a note where they
/// end; edges that end where they began are left out.
pub fn mermaid() -> String {
    let parts = parts();
    let mut edges = EDGES.clone();
    edges.retain(|(from, to), _| from != to);
    let shared = lift(&parts, &mut edges);
    edges.extend(shared);
    let notes = note_common(&parts, &mut edges);
    let mut text = String::from(HEAD);
    for (name, parts) in &parts {
        draw_stage(&mut text, *name, parts);
    }
    text.push_str("    [*] --> draft\n");
    for ((from, to), labels) in &edges {
        let _ = writeln!(text, "    {} --> {} : {}", id(from), id(to), label(labels));
    }
    for name in [StageName::Active, StageName::Cancelled, StageName::Expired] {
        let _ = writeln!(text, "    {name} --> [*]");
    }
    for (name, lines) in notes {
        let _ = writeln!(
            text,
            "    note right of {name}\n        {}\n    end note",
            lines.join("\n        ")
        );
    }
    text
}

const HEAD: &str = "%% Asked of the machine itself; do not edit. `changeover workflows diagram` prints it, a test compares it.
%% An edge names who acts, then the events: `customer`, `support`, `provider` (facts read from it), `timer`.
stateDiagram-v2
    direction LR
";

fn draw_stage(text: &mut String, name: StageName, parts: &[String]) {
    let title = name.as_str().replace('_', " ");
    if let [only] = parts
        && only == name.as_str()
    {
        let _ = writeln!(text, "    state \"{title}\" as {}", id(only));
        return;
    }
    let _ = writeln!(text, "    state \"{title}\" as {name} {{");
    for part in parts {
        let title = part.rsplit('.').next().unwrap_or(part).replace('_', " ");
        let _ = writeln!(text, "        state \"{title}\" as {}", id(part));
    }
    text.push_str("    }\n");
}

/// Takes out what all parts of a stage have in common: the same events of the same party to the same place outside.
fn lift(
    stages: &[(StageName, Vec<String>)],
    edges: &mut BTreeMap<(String, String), Labels>,
) -> BTreeMap<(String, String), Labels> {
    let mut shared: BTreeMap<(String, String), Labels> = BTreeMap::new();
    for (name, parts) in stages.iter().filter(|(_, parts)| parts.len() > 1) {
        let targets: BTreeSet<String> = edges.keys().map(|(_, to)| to.clone()).collect();
        for to in targets.iter().filter(|to| !parts.contains(to)) {
            let of = |part: &String| {
                edges
                    .get(&(part.clone(), to.clone()))
                    .cloned()
                    .unwrap_or_default()
            };
            let all: Vec<Labels> = parts.iter().map(of).collect();
            let common = in_common(&all);
            if common.is_empty() {
                continue;
            }
            for part in parts {
                if let Some(labels) = edges.get_mut(&(part.clone(), to.clone())) {
                    take_away(labels, &common);
                }
            }
            shared.insert((name.as_str().to_owned(), to.clone()), common);
        }
    }
    edges.retain(|_, labels| !labels.is_empty());
    shared
}

/// Three arrows of one kind into the same stage say less than one note: takes them out and names where they come from.
fn note_common(
    stages: &[(StageName, Vec<String>)],
    edges: &mut BTreeMap<(String, String), Labels>,
) -> Vec<(StageName, Vec<String>)> {
    let mut notes = Vec::new();
    // The ways to success are what the picture is for: they stay.
    let ends = stages
        .iter()
        .filter(|(name, parts)| parts.len() == 1 && *name != StageName::Active);
    for (name, _) in ends {
        let mut kinds: BTreeMap<(&str, Vec<Party>), Vec<String>> = BTreeMap::new();
        for ((from, _), labels) in edges.iter().filter(|((_, to), _)| to == name.as_str()) {
            let events: BTreeSet<&str> = labels.values().flatten().copied().collect();
            for event in events {
                let bring = labels.iter().filter(|(_, events)| events.contains(event));
                let parties = bring.map(|(party, _)| *party).collect();
                kinds.entry((event, parties)).or_default().push(from.clone());
            }
        }
        let mut lines = Vec::new();
        for ((event, parties), sources) in kinds.into_iter().filter(|(_, sources)| sources.len() > 2) {
            let gone: Labels = parties
                .iter()
                .map(|party| (*party, BTreeSet::from([event])))
                .collect();
            for from in &sources {
                if let Some(labels) = edges.get_mut(&(from.clone(), name.as_str().to_owned())) {
                    take_away(labels, &gone);
                }
            }
            lines.push(format!(
                "{}, from {}",
                label(&gone),
                sources.join(", ").replace('_', " ")
            ));
        }
        if !lines.is_empty() {
            notes.push((*name, lines));
        }
    }
    edges.retain(|_, labels| !labels.is_empty());
    notes
}

fn in_common(all: &[Labels]) -> Labels {
    let mut common = all.first().cloned().unwrap_or_default();
    for (party, events) in &mut common {
        events.retain(|event| {
            all.iter()
                .all(|labels| labels.get(party).is_some_and(|has| has.contains(event)))
        });
    }
    common.retain(|_, events| !events.is_empty());
    common
}

fn take_away(labels: &mut Labels, common: &Labels) {
    for (party, events) in labels.iter_mut() {
        if let Some(gone) = common.get(party) {
            events.retain(|event| !gone.contains(event));
        }
    }
    labels.retain(|_, events| !events.is_empty());
}

/// `customer, support - cancel / timer - time_up`. Parties that bring the same events are named together.
fn label(labels: &Labels) -> String {
    let mut by_events: Vec<(&BTreeSet<&str>, Vec<&str>)> = Vec::new();
    for (party, events) in labels {
        match by_events.iter_mut().find(|(known, _)| *known == events) {
            Some((_, parties)) => parties.push(party_word(*party)),
            None => by_events.push((events, vec![party_word(*party)])),
        }
    }
    let words = by_events.iter().map(|(events, parties)| {
        let events: Vec<&str> = events.iter().copied().collect();
        format!("{} - {}", parties.join(", "), events.join(", "))
    });
    words.collect::<Vec<_>>().join(" / ")
}

/// Mermaid's ids have no dots.
fn id(full_name: &str) -> String {
    full_name.replace('.', "__")
}
