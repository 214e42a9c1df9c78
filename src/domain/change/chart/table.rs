//! The chart as Markdown: an overview, then every way out of every stage.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Outcome, Transition, parts, party_word, transitions};
use crate::domain::change::StageName;

/// The machine as Markdown.
pub fn table() -> String {
    let all = transitions();
    let mut text = String::from(HEAD);
    overview(&mut text, &all);
    for (name, parts) in parts() {
        let _ = write!(text, "\n## {name}\n");
        for part in parts {
            section(&mut text, name, &part, &all);
        }
    }
    text
}

const HEAD: &str = "# The transitions

Asked of the machine itself; do not edit: a test compares it.
Whatever is not here is refused, and a refusal changes nothing.

## At a glance

`→` leads on, `=` is taken in without leaving the stage. An event can do both, by what it says.

";

fn overview(text: &mut String, all: &[Transition]) {
    let mut events: Vec<&str> = Vec::new();
    for transition in all {
        if !events.contains(&transition.event) {
            events.push(transition.event);
        }
    }
    let _ = writeln!(text, "| stage | {} |", events.join(" | "));
    let _ = writeln!(text, "| --- |{}", " :-: |".repeat(events.len()));
    for part in parts().into_iter().flat_map(|(_, parts)| parts) {
        let cells: Vec<String> = events.iter().map(|event| cell(all, &part, event)).collect();
        let _ = writeln!(text, "| `{part}` | {} |", cells.join(" | "));
    }
}

fn cell(all: &[Transition], part: &str, event: &str) -> String {
    let here = all.iter().filter(|one| one.from == part && one.event == event);
    let targets: BTreeSet<&str> = here.flat_map(Transition::targets).collect();
    let on = targets.iter().any(|to| *to != part);
    let mut cell = String::new();
    cell.push_str(if on { "→" } else { "" });
    cell.push_str(if targets.contains(part) { "=" } else { "" });
    cell
}

/// One row of a stage's table: in which samples of it, brought by whom, and what follows.
struct Met<'a> {
    details: Vec<&'a str>,
    parties: Vec<&'a str>,
    row: String,
}

fn section(text: &mut String, name: StageName, part: &str, all: &[Transition]) {
    if part != name.as_str() {
        let _ = write!(text, "\n### {part}\n");
    }
    let mut met: Vec<Met<'_>> = Vec::new();
    for transition in all.iter().filter(|one| one.from == part) {
        for row in transition
            .outcomes
            .iter()
            .filter_map(|outcome| row(transition, outcome))
        {
            let (detail, who) = (transition.from_detail, party_word(transition.party));
            match met
                .iter_mut()
                .find(|met| met.row == row && met.details == [detail])
            {
                Some(known) => known.parties.push(who),
                None => met.push(Met {
                    details: vec![detail],
                    parties: vec![who],
                    row,
                }),
            }
        }
    }
    let rows = merged(met);
    if rows.is_empty() {
        text.push_str("\nNothing leads out of here.\n");
        return;
    }
    text.push_str("\n| in | who | event | leads to | asks for |\n| --- | --- | --- | --- | --- |\n");
    let here = all.iter().filter(|one| one.from == part);
    let everywhere: BTreeSet<&str> = here.map(|one| one.from_detail).collect();
    for Met {
        details,
        parties,
        row,
    } in rows
    {
        let all_of_them = details.len() == everywhere.len();
        let shown = if all_of_them {
            String::new()
        } else {
            details.join("; ")
        };
        let _ = writeln!(text, "| {shown} | {} | {row} |", parties.join(", "));
    }
}

/// Rows of several details that say the same become one.
fn merged(met: Vec<Met<'_>>) -> Vec<Met<'_>> {
    let mut rows: Vec<Met<'_>> = Vec::new();
    for one in met {
        match rows
            .iter_mut()
            .find(|row| row.row == one.row && row.parties == one.parties)
        {
            Some(known) => known.details.extend(one.details),
            None => rows.push(one),
        }
    }
    rows
}

fn row(transition: &Transition, outcome: &Outcome) -> Option<String> {
    let Outcome::Leads { to, asks, switches } = outcome else {
        return None;
    };
    let event = match transition.event_detail {
        "" => transition.event.to_owned(),
        detail => format!("{} ({detail})", transition.event),
    };
    let target = if *to == transition.from {
        "stays".to_owned()
    } else {
        format!("`{to}`")
    };
    let switched = switches.then_some("**the contract switches**");
    let asks: Vec<&str> = asks.iter().copied().chain(switched).collect();
    Some(format!("{event} | {target} | {}", asks.join(", ")))
}
