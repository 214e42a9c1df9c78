//! `changeover changes resume | retry | refresh | cancel | note`

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Order;
use crate::cli::server::Server;
use crate::cli::terminal::print;
use crate::cli::words::{entries, text};

/// Says what would be done; does it with `--yes`, on exactly the version that was shown.
pub(super) async fn act(server: &Server, action: &str, order: &Order, json: bool) -> anyhow::Result<()> {
    let shown = server.show(&order.change).await?;
    let support = json!({ "id": order.support, "reason": order.reason });
    let plan = server.act(&shown, action, &support, true).await?;
    if !json {
        print(&plan_told(&shown, action, &plan));
    }
    if !order.yes {
        if json {
            print(&format!("{plan:#}\n"));
        } else if order.dry_run {
            print("\nA dry run: nothing was done.\n");
        } else {
            print("\nNothing was done. Run it again with --yes to do it.\n");
        }
        return Ok(());
    }
    let done = server.act(&shown, action, &support, false).await?;
    if json {
        print(&format!("{done:#}\n"));
    } else {
        print(&format!(
            "\nDone: {} is in {} (version {}).\n",
            text(&done, "reference"),
            text(&done, "stage"),
            done["version"]
        ));
    }
    Ok(())
}

fn plan_told(shown: &Value, action: &str, plan: &Value) -> String {
    let mut out = format!(
        "`{action}` on {}, in {} (version {}):\n\n",
        text(shown, "reference"),
        text(shown, "stage"),
        shown["version"]
    );
    for step in entries(plan, "steps") {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  - {}", step.as_str().unwrap_or_default());
    }
    out
}
