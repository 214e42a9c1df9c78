//! The chart: what is printed is what `decide` says, and the whole of it hangs together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use changeover::domain::change::chart::{self, Outcome, Transition};
use changeover::domain::change::{NextAction, Party, RefusalCode, samples};

/// Set to write the generated files anew instead of comparing them.
pub(super) const BLESS: &str = "CHANGEOVER_BLESS";

#[track_caller]
pub(super) fn compare(path: &Path, generated: &str) {
    if std::env::var_os(BLESS).is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        std::fs::write(path, generated).expect("the file can be written");
        return;
    }
    let printed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        printed == generated,
        "{} is not what the machine does; look at the difference after `{BLESS}=1 cargo test machine::`",
        path.display()
    );
}

#[test]
fn the_printed_diagram_is_the_machine() {
    compare(Path::new("workflows/machine.mmd"), &chart::mermaid());
}

#[test]
fn the_printed_table_is_the_machine() {
    compare(Path::new("workflows/transitions.md"), &chart::table());
}

fn named(word: &str, detail: &str) -> String {
    match detail {
        "" => word.to_owned(),
        detail => format!("{word} ({detail})"),
    }
}

fn said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Leads { to, asks, switches } => {
            let switched = if *switches { " + contract" } else { "" };
            format!("{to} {asks:?}{switched}")
        }
        Outcome::Refused(code) => format!("no: {code}"),
    }
}

fn by_a_stranger(transition: &Transition) -> bool {
    transition.outcomes == BTreeSet::from([Outcome::Refused(RefusalCode::RoleNotAllowed)])
}

#[test]
fn the_whole_matrix_refusals_too() {
    let mut text = String::new();
    let mut refusals: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut stage = String::new();
    let close = |text: &mut String, refusals: &mut BTreeMap<String, Vec<String>>| {
        for (code, events) in std::mem::take(refusals) {
            let _ = writeln!(text, "  {code}: {}", events.join(", "));
        }
    };
    for transition in chart::transitions().iter().filter(|one| !by_a_stranger(one)) {
        let here = named(&transition.from, transition.from_detail);
        if here != stage {
            close(&mut text, &mut refusals);
            let _ = writeln!(text, "\n{here}");
            stage = here;
        }
        let event = format!(
            "{:?} {}",
            transition.party,
            named(transition.event, transition.event_detail)
        );
        let outcomes: Vec<String> = transition.outcomes.iter().map(said).collect();
        if transition.targets().next().is_none() {
            refusals.entry(outcomes.join(" | ")).or_default().push(event);
        } else {
            let _ = writeln!(text, "  {event} -> {}", outcomes.join(" | "));
        }
    }
    close(&mut text, &mut refusals);
    insta::assert_snapshot!("matrix", text);
}

#[test]
fn each_event_is_brought_by_the_parties_that_may() {
    let mut may: BTreeMap<&str, BTreeSet<Party>> = BTreeMap::new();
    let mut events = BTreeSet::new();
    for transition in chart::transitions() {
        events.insert(transition.event);
        if !by_a_stranger(&transition) {
            may.entry(transition.event).or_default().insert(transition.party);
        }
    }
    for event in events {
        let expected = match event {
            "cancel" => vec![Party::Customer, Party::Support, Party::System],
            "comment" => vec![Party::Customer, Party::Support],
            "answer_ticket" | "verify_ticket" | "retry" | "hurry" | "resume" | "refresh" | "note" => {
                vec![Party::Support]
            }
            "quoted" | "quote_refused" | "planned" | "standing_seen" | "done" | "failed" | "payment_seen" => {
                vec![Party::Provider]
            }
            "remind" | "time_up" => vec![Party::System],
            "adopt" | "succeeded_by" | "clean_up" => vec![Party::Support, Party::System],
            _ => vec![Party::Customer],
        };
        assert_eq!(may[event], BTreeSet::from_iter(expected), "{event}");
    }
}

fn reached_from(starts: &[&str], all: &[Transition]) -> BTreeSet<String> {
    let mut reached: BTreeSet<String> = starts.iter().map(|start| (*start).to_owned()).collect();
    loop {
        let next: BTreeSet<String> = all
            .iter()
            .filter(|one| reached.contains(&one.from))
            .flat_map(Transition::targets)
            .map(str::to_owned)
            .collect();
        let before = reached.len();
        reached.extend(next);
        if reached.len() == before {
            return reached;
        }
    }
}

#[test]
fn every_stage_can_be_reached_and_every_open_one_left() {
    let all = chart::transitions();
    let names: BTreeSet<String> = samples::stages()
        .iter()
        .map(|sample| sample.stage.full_name())
        .collect();
    assert_eq!(
        reached_from(&["draft", "downgrade_ticket.held"], &all),
        names,
        "from the beginnings everything can be reached, and nothing else"
    );
    for sample in samples::stages() {
        let (here, over) = (sample.stage.full_name(), sample.stage.is_terminal());
        let reached = reached_from(&[&here], &all);
        if over {
            assert_eq!(reached, BTreeSet::from([here]), "what is over stays over");
        } else {
            for end in ["active", "cancelled", "expired"] {
                assert!(reached.contains(end), "from {here} to {end}");
            }
        }
    }
}

#[test]
fn every_sample_of_an_open_stage_has_a_way_on_by_itself_or_says_who_must_act() {
    let all = chart::transitions();
    for sample in samples::stages()
        .iter()
        .filter(|sample| !sample.stage.is_terminal())
    {
        let here = sample.stage.full_name();
        let without_people = all.iter().any(|one| {
            one.from == here
                && one.from_detail == sample.detail
                && matches!(one.party, Party::Provider | Party::System)
                && one.targets().next().is_some()
        });
        assert!(without_people, "{here} ({}) hangs on people alone", sample.detail);
        assert_ne!(NextAction::of(&sample.stage), NextAction::None, "{here}");
    }
}
