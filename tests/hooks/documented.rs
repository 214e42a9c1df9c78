//! `EVENTS.md` names every event that leaves, each with facts that are really its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use changeover::domain::account::Notice;
use changeover::domain::metering::Happening;
use serde_json::Value;

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    fs::read_to_string(path).expect("readable")
}

/// Type and example of the facts, row by row.
fn documented() -> BTreeMap<String, Value> {
    let rows = read("EVENTS.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let each = rows.iter().map(|row| {
        let (kind, rest) = row.split_once("` |").expect("a type");
        let (_, example) = rest.rsplit_once("| `").expect("an example");
        let example = example.trim_end_matches("` |");
        let example =
            serde_json::from_str(example).unwrap_or_else(|problem| panic!("{kind}: {problem}: {example}"));
        (kind.to_owned(), example)
    });
    each.collect()
}

#[test]
fn every_event_that_leaves_is_documented() {
    let documented = documented();
    assert!(documented.len() > 20, "{documented:?}");
    // What a decision tells, as the outbox names it.
    let code = read("src/domain/change/tell.rs");
    let (_, names) = code.split_once("impl Tell {").expect("what decisions tell");
    let mut found = 0;
    for name in names.split('"').skip(1).step_by(2) {
        assert!(
            documented.contains_key(&format!("change.{name}")),
            "`change.{name}` is missing in EVENTS.md"
        );
        found += 1;
    }
    assert!(found > 9, "only {found} were found");
}

#[test]
fn the_facts_of_use_are_what_the_program_writes() {
    let documented = documented();
    let of_use = documented
        .iter()
        .filter(|(kind, _)| kind.starts_with("usage.") || kind.starts_with("credits."));
    let mut found = 0;
    for (kind, example) in of_use {
        let said = &example["happening"];
        let happening: Happening =
            serde_json::from_value(said.clone()).unwrap_or_else(|problem| panic!("{kind}: {problem}"));
        assert_eq!(serde_json::to_value(&happening).expect("JSON"), *said, "{kind}");
        found += 1;
    }
    assert_eq!(found, 6, "every kind of happening has its row");
}

#[test]
fn the_facts_of_contracts_and_accounts_are_what_the_program_writes() {
    let documented = documented();
    let notices = documented
        .iter()
        .filter(|(kind, _)| kind.starts_with("contract.") || kind.starts_with("account."));
    for (kind, example) in notices {
        let notice: Notice =
            serde_json::from_value(example.clone()).unwrap_or_else(|problem| panic!("{kind}: {problem}"));
        assert_eq!(notice.fact.topic(), kind);
        assert_eq!(serde_json::to_value(&notice).expect("JSON"), *example, "{kind}");
    }
    let (_, envelope) = read("EVENTS.md")
        .split_once("```json\n")
        .map(|(before, rest)| (before.to_owned(), rest.to_owned()))
        .expect("an envelope");
    let envelope = envelope.split("```").next().expect("its end");
    let envelope: Value = serde_json::from_str(envelope).expect("JSON");
    for part in ["id", "type", "timestamp", "data"] {
        assert!(!envelope[part].is_null(), "{part}");
    }
}
