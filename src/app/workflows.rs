//! The workflow files of an installation: found, proven, and read again for changes in flight.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::domain::catalog::Playbook;
use crate::domain::change::chart;
use crate::workflow::{Report, StageEdge, Workflow, check, check_stages};

/// The workflow files that come with the program.
const SHIPPED: &[(&str, &str)] = &[
    (
        "workflows/activecampaign.toml",
        include_str!("../../workflows/activecampaign.toml"),
    ),
    ("workflows/clint.toml", include_str!("../../workflows/clint.toml")),
    (
        "workflows/sharpspring.toml",
        include_str!("../../workflows/sharpspring.toml"),
    ),
    (
        "workflows/zenvia.toml",
        include_str!("../../workflows/zenvia.toml"),
    ),
];

/// A workflow file with its text.
pub struct LoadedWorkflow {
    /// What it says.
    pub playbook: Playbook,
    /// Its exact text.
    pub text: String,
}

/// The workflow files that come with the program: name and text.
pub fn shipped_workflows() -> impl Iterator<Item = (&'static str, &'static str)> {
    SHIPPED.iter().copied()
}

/// Everything that can be said about a workflow: of the file alone, and of the file with the machine that runs it.
pub fn check_workflow(workflow: &Workflow) -> Report {
    let steps = chart::steps().into_iter();
    let edges: Vec<StageEdge> = steps.map(|(from, to)| StageEdge { from, to }).collect();
    check(workflow).and(check_stages(&workflow.playbook, &edges))
}

/// Reads the workflow files of a folder, or those that come with the program. Every file must hold.
pub fn load_workflows(folder: Option<&Path>) -> anyhow::Result<Vec<LoadedWorkflow>> {
    let mut named: Vec<(String, String)> = Vec::new();
    match folder {
        None => named.extend(shipped_workflows().map(|(name, text)| (name.to_owned(), text.to_owned()))),
        Some(folder) => {
            let entries = std::fs::read_dir(folder)
                .with_context(|| format!("CHANGEOVER_WORKFLOWS: {} cannot be read", folder.display()))?;
            for entry in entries {
                let path = entry?.path();
                if path.extension().is_some_and(|end| end == "toml") {
                    let text = std::fs::read_to_string(&path)
                        .with_context(|| format!("{} cannot be read", path.display()))?;
                    named.push((path.display().to_string(), text));
                }
            }
        }
    }
    named.sort();
    if named.is_empty() {
        bail!("there is no workflow file: put one into the folder, or leave CHANGEOVER_WORKFLOWS unset");
    }
    let mut problems = Vec::new();
    let mut loaded = Vec::new();
    for (name, text) in named {
        let workflow = match Workflow::parse(&name, &text) {
            Ok(workflow) => workflow,
            Err(found) => {
                problems.extend(found.iter().map(ToString::to_string));
                continue;
            }
        };
        let report = check_workflow(&workflow);
        if report.is_servable() {
            let playbook = workflow.playbook;
            loaded.push(LoadedWorkflow { playbook, text });
        } else {
            problems.extend(report.findings.iter().map(|finding| format!("{name}: {finding}")));
        }
    }
    if problems.is_empty() {
        Ok(loaded)
    } else {
        bail!("workflow files:\n  {}", problems.join("\n  "))
    }
}

/// The rules of a text that was kept for changes in flight.
pub(super) fn read_playbook(text: &str) -> Result<Playbook, String> {
    let said = |problems: Vec<crate::workflow::Problem>| {
        problems
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("; ")
    };
    Workflow::parse("kept workflow file", text)
        .map(|workflow| workflow.playbook)
        .map_err(said)
}
