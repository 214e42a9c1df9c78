//! `changeover changes list`

use serde_json::Value;

use super::ListArguments;
use crate::cli::server::Server;
use crate::cli::terminal::print;
use crate::cli::words::{ago, entries, joined, table, text};

/// Prints a page of changes.
pub(super) async fn list(server: &Server, wanted: &ListArguments, json: bool) -> anyhow::Result<()> {
    let page = server.list(&query(wanted)).await?;
    if json {
        print(&format!("{page:#}\n"));
        return Ok(());
    }
    let lines = entries(&page, "data");
    if lines.is_empty() {
        print(if wanted.stuck {
            "Nothing is stuck.\n"
        } else {
            "There is no such change.\n"
        });
    } else {
        print(&format!("{}\n", rows(lines)));
    }
    if let Some(next) = page["next"].as_str() {
        print(&format!("There is more: add --after {next}\n"));
    }
    Ok(())
}

fn query(wanted: &ListArguments) -> Vec<(&'static str, String)> {
    let unmoved = wanted.older_than.map(|age| age.as_secs().to_string());
    let stuck = wanted.stuck.then(|| "true".to_owned());
    let all = [
        ("stuck", stuck),
        ("seller", wanted.seller.clone()),
        ("stage", wanted.stage.clone()),
        ("unmoved_for", unmoved),
        ("find", wanted.find.clone()),
        ("after", wanted.after.clone()),
        ("limit", Some(wanted.limit.to_string())),
    ];
    all.into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

fn rows(lines: &[Value]) -> comfy_table::Table {
    let mut table = table(&[
        "change",
        "seller",
        "stage",
        "moved",
        "stuck",
        "since",
        "can be done",
    ]);
    for line in lines {
        let stuck = entries(line, "stuck");
        let each = |part: fn(&Value) -> String| stuck.iter().map(part).collect::<Vec<_>>().join("\n");
        table.add_row(vec![
            text(line, "reference").to_owned(),
            text(line, "seller").to_owned(),
            text(line, "stage").to_owned(),
            format!("{} ago", ago(text(line, "updated_at"))),
            each(|stuck| text(stuck, "code").to_owned()),
            each(|stuck| format!("{} ago", ago(text(stuck, "since")))),
            each(|stuck| joined(stuck, "actions")),
        ]);
    }
    table
}
