//! Holds the table of faults by stage against the tests that are there: a test that is gone, or that does not name its fault,
//! is seen, and so is a pair that nobody tries.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::fault_table::Pair::{By, Later, Never};
use super::fault_table::{STAGES, TABLE};

/// The faults that the name of a test says: `f1_to_f5_and_f7_...`, `b03_f15_...`.
fn faults_named(test: &str) -> BTreeSet<u32> {
    let parts: Vec<&str> = test.split('_').collect();
    let fault = |part: &&str| {
        part.strip_prefix('f')
            .and_then(|number| number.parse::<u32>().ok())
    };
    let mut named: BTreeSet<u32> = parts.iter().filter_map(fault).collect();
    for range in parts.windows(3).filter(|range| range[1] == "to") {
        if let (Some(first), Some(last)) = (fault(&range[0]), fault(&range[2])) {
            named.extend(first..=last);
        }
    }
    named
}

/// The names of all test functions and stories.
fn tests_that_are_there() -> BTreeSet<String> {
    fn walk(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|own| own == "rs") {
                let text = fs::read_to_string(&path).expect("a readable file");
                let functions = text.lines().filter_map(|line| line.strip_prefix("async fn "));
                found.extend(functions.filter_map(|rest| Some(rest.split_once('(')?.0.to_owned())));
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(
        &PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests"),
        &mut found,
    );
    found
}

#[test]
fn every_pair_has_a_test_that_is_there_and_names_the_fault() {
    let there = tests_that_are_there();
    let mut wrong = Vec::new();
    for row in &TABLE {
        for (stage, pair) in STAGES.iter().zip(row.stages) {
            let By(tests) = pair else { continue };
            let place = format!("F{} {stage}", row.number);
            if tests.is_empty() {
                wrong.push(format!("{place}: no test"));
            }
            for test in tests {
                if !there.contains(*test) {
                    wrong.push(format!("{place}: `{test}` is not there"));
                } else if !faults_named(test).contains(&row.number) {
                    wrong.push(format!("{place}: `{test}` does not name the fault"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rows_are_in_order_and_the_names_are_understood() {
    let numbers: Vec<u32> = TABLE.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    let named = |test| faults_named(test).into_iter().collect::<Vec<_>>();
    assert_eq!(named("f1_to_f3_and_f7_of_five"), [1, 2, 3, 7]);
    assert_eq!(named("b03_f15_first_to_last"), [15]);
}

/// The table as a person reads it: what is not tried, and why not, is seen in its snapshot.
#[test]
fn the_table_of_faults_by_stage() {
    let mut table = format!(
        "| fault | {} |\n|---|{}\n",
        STAGES.join(" | "),
        "---|".repeat(STAGES.len())
    );
    let mut notes = BTreeSet::new();
    for row in &TABLE {
        write!(table, "| F{} {} |", row.number, row.fault).expect("a text");
        for pair in row.stages {
            let word = match pair {
                By(_) => "tested",
                Never(why) => {
                    notes.insert(format!("cannot be: {why}"));
                    "-"
                }
                Later(why) => {
                    notes.insert(format!("LATER (F{}): {why}", row.number));
                    "LATER"
                }
            };
            write!(table, " {word} |").expect("a text");
        }
        table.push('\n');
    }
    let notes: Vec<String> = notes.into_iter().collect();
    insta::assert_snapshot!(format!("{table}\n{}\n", notes.join("\n")));
}
