//! The bench as a program: a few changes, where only their correctness counts. Its figures say nothing in a debug build.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support;

const PROGRAM: &str = env!("CARGO_BIN_EXE_changeover");

/// Runs it, and gives its figures. It fails by itself when a change does not end active or is not charged exactly once.
fn measured(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(PROGRAM)
        .args(["bench", "--rounds", "1", "--json", "--folder"])
        .arg(folder.path())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let left = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 0, "everything is removed again");
    serde_json::from_slice(&output.stdout).expect("figures")
}

fn all_were_made(figures: &Value, database: &str) {
    let line = &figures["lines"][0];
    assert_eq!(line["database"], database);
    assert_eq!((&line["in_flight"], &line["changes"]), (&2.into(), &4.into()));
    for figure in [
        "changes_per_second",
        "floor_per_second",
        "provider_requests",
        "bytes",
    ] {
        assert!(line[figure].as_u64() > Some(0), "{figure}: {line}");
    }
    assert!(line["change_us"]["p50"].as_u64() <= line["change_us"]["p99"].as_u64());
}

#[test]
fn a_small_run_on_sqlite_ends_with_every_change_active_and_charged_once() {
    let figures = measured(&["--changes", "4", "--in-flight", "2", "--database", "sqlite"]);
    all_were_made(&figures, "sqlite");
}

#[test]
fn a_small_run_on_postgresql_does_the_same() {
    let server = support::postgres::server_address();
    let arguments = ["--changes", "4", "--in-flight", "2", "--database", "postgres"];
    let figures = measured(&[&arguments[..], &["--postgres", &server]].concat());
    all_were_made(&figures, "postgres");
}

#[test]
fn nothing_to_measure_is_told() {
    let refused = Command::new(PROGRAM)
        .args(["bench", "--in-flight", "0", "--database", "sqlite"])
        .output()
        .expect("the program runs");
    assert!(!refused.status.success());
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.contains("at least one change must be in flight"), "{told}");
}
