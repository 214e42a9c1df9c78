//! `changeover doctor`: looks at a deployment and says in plain words what is right, what is not, and what to do about it.
//!
//! Only asks: nothing is written anywhere, no mail is sent, and nothing is made at the provider. Never prints a secret.

mod database;
mod mail;
mod pages;
mod postgres;
mod provider;
mod sqlite;
mod surroundings;
mod work;

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::terminal::print;
use crate::app::configure;

/// How it stands with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// As it should be.
    Ok,
    /// It works, but somebody should know.
    Warning,
    /// It does not work, or must not be used like this.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
struct Finding {
    area: &'static str,
    state: State,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What was found in one area, in the order of looking.
#[derive(Debug)]
struct Findings {
    area: &'static str,
    all: Vec<Finding>,
}

impl Findings {
    fn of(area: &'static str) -> Self {
        Self {
            area,
            all: Vec::new(),
        }
    }

    fn add(&mut self, state: State, says: impl Into<String>, next: Option<String>) {
        self.all.push(Finding {
            area: self.area,
            state,
            says: says.into(),
            next,
        });
    }

    fn ok(&mut self, says: impl Into<String>) {
        self.add(State::Ok, says, None);
    }

    fn warning(&mut self, says: impl Into<String>, next: impl Into<String>) {
        self.add(State::Warning, says, Some(next.into()));
    }

    fn wrong(&mut self, says: impl Into<String>, next: impl Into<String>) {
        self.add(State::Wrong, says, Some(next.into()));
    }
}

/// Looks at everything and tells; `false` when something is wrong.
pub(super) async fn examine(json: bool) -> anyhow::Result<bool> {
    let mut all = Vec::new();
    match configure() {
        Err(problem) => {
            let mut found = Findings::of("configuration");
            found.wrong(
                format!("{problem:#}"),
                "Correct it and look again: nothing else can be looked at before.",
            );
            all.extend(found.all);
        }
        Ok((config, workflows)) => {
            all.extend(surroundings::configuration(&config, &workflows).await.all);
            all.extend(database::examine(&config).await.all);
            for workflow in &workflows {
                all.extend(provider::examine(&config, &workflow.playbook).await.all);
            }
            all.extend(pages::examine(&config).all);
            all.extend(mail::examine(&config).await.all);
        }
    }
    let healthy = all.iter().all(|finding| finding.state != State::Wrong);
    if json {
        let told = serde_json::json!({ "ok": healthy, "findings": all });
        print(&format!("{}\n", serde_json::to_string_pretty(&told)?));
    } else {
        print(&told(&all));
    }
    Ok(healthy)
}

/// For people: area by area, a mark before each line and what to do below it.
fn told(all: &[Finding]) -> String {
    let mut text = String::new();
    let mut area = "";
    for finding in all {
        if finding.area != area {
            area = finding.area;
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\n{area}");
        }
        let (mark, color) = match finding.state {
            State::Ok => ("OK     ", AnsiColor::Green),
            State::Warning => ("warning", AnsiColor::Yellow),
            State::Wrong => ("WRONG  ", AnsiColor::Red),
        };
        let color = Style::new().fg_color(Some(color.into()));
        let says = finding.says.replace('\n', "\n           ");
        let _ = writeln!(text, "  {color}{mark}{color:#}  {says}");
        if let Some(next) = &finding.next {
            let _ = writeln!(text, "           → {next}");
        }
    }
    let count = |state| all.iter().filter(|finding| finding.state == state).count();
    let _ = match (count(State::Wrong), count(State::Warning)) {
        (0, 0) => writeln!(text, "\nEverything is as it should be."),
        (0, warnings) => writeln!(text, "\nNothing is wrong; warnings: {warnings}."),
        (wrong, warnings) => writeln!(text, "\nWrong: {wrong}; warnings: {warnings}."),
    };
    text
}
