//! `changeover changes show`

use std::fmt::Write as _;

use serde_json::Value;

use crate::cli::server::Server;
use crate::cli::terminal::print;
use crate::cli::words::{ago, clock, entries, joined, table, text};

/// Prints everything about one change.
pub(super) async fn show(server: &Server, named: &str, json: bool) -> anyhow::Result<()> {
    let case = server.show(named).await?;
    if json {
        print(&format!("{case:#}\n"));
        return Ok(());
    }
    print(&told(&case));
    Ok(())
}

fn told(case: &Value) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "{} of {}, in {} (version {})\n\n",
        text(case, "reference"),
        text(case, "seller"),
        text(case, "stage"),
        case["version"]
    );
    for (label, name) in [
        ("id", "id"),
        ("account", "account"),
        ("contract", "contract"),
        ("customer", "customer"),
        ("subscription", "subscription"),
        ("invoice", "invoice"),
    ] {
        if !text(case, name).is_empty() {
            let _ = writeln!(out, "  {label:<14} {}", text(case, name));
        }
    }
    let next = text(case, "next_look_at");
    if !next.is_empty() {
        let _ = writeln!(out, "  {:<14} {}", "looked at", clock(next));
    }
    let _ = writeln!(out, "  {:<14} {}", "can be done", joined(case, "actions"));
    for stuck in entries(case, "stuck") {
        out.push_str(&stuck_told(stuck));
    }
    let _ = writeln!(out, "\n{}", timeline(case));
    out
}

fn stuck_told(stuck: &Value) -> String {
    let mut out = format!(
        "\nStuck: {}, since {} ({} ago)\n  {}\n  {}\n",
        text(stuck, "code"),
        clock(text(stuck, "since")),
        ago(text(stuck, "since")),
        text(stuck, "meaning"),
        text(stuck, "advice"),
    );
    for fact in entries(stuck, "evidence") {
        let _ = writeln!(out, "    {:<14} {}", text(fact, "name"), text(fact, "value"));
    }
    let _ = writeln!(out, "  helps: {}", joined(stuck, "actions"));
    out
}

fn timeline(case: &Value) -> comfy_table::Table {
    let mut table = table(&["when", "", "what", "who", "then"]);
    for line in entries(case, "timeline") {
        table.add_row(vec![
            clock(text(line, "at")),
            text(line, "kind").to_owned(),
            text(line, "what").to_owned(),
            who(&line["actor"]),
            text(line, "how").to_owned(),
        ]);
    }
    table
}

fn who(actor: &Value) -> String {
    let mut who = text(actor, "party").to_owned();
    for (name, before) in [("id", " "), ("reason", ": ")] {
        if !text(actor, name).is_empty() {
            who.push_str(before);
            who.push_str(text(actor, name));
        }
    }
    who
}
