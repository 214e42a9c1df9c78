//! `changeover workflows`: proving files, and printing the machine.

use std::path::PathBuf;

use anyhow::Context as _;

use super::terminal::print;
use crate::app::{check_workflow, shipped_workflows};
use crate::workflow::Workflow;

/// Proves each file; `false` when one cannot be served.
pub(super) fn check(files: &[PathBuf]) -> anyhow::Result<bool> {
    let mut named: Vec<(String, String)> = Vec::new();
    for file in files {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        named.push((file.display().to_string(), text));
    }
    if named.is_empty() {
        named = shipped_workflows()
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
    }
    let mut all_hold = true;
    for (name, text) in named {
        all_hold &= check_one(&name, &text);
    }
    Ok(all_hold)
}

fn check_one(name: &str, text: &str) -> bool {
    let workflow = match Workflow::parse(name, text) {
        Ok(workflow) => workflow,
        Err(problems) => {
            for problem in problems {
                print(&format!("{problem}\n"));
            }
            return false;
        }
    };
    let report = check_workflow(&workflow);
    for finding in &report.findings {
        print(&format!("{name}: {finding}\n"));
    }
    if report.is_servable() {
        let book = &workflow.playbook;
        print(&format!(
            "{name}: ✔ {} plans, {} items, {} prices; version {}\n",
            book.catalog.plans.len(),
            book.catalog.items.len(),
            book.catalog.all_prices().len(),
            &book.version.0[..12],
        ));
    }
    report.is_servable()
}

/// Prints the machine.
pub(super) fn diagram() {
    print(&crate::domain::change::chart::mermaid());
}
