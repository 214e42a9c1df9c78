//! Workflow files: parsed, validated, and versioned by the hash of their content.
//!
//! A workflow file is one seller's products, rules and texts in TOML, written by a product manager. This room knows the
//! file's form and the domain that it becomes; it must never know how changes are run, stored, shown or charged.

mod build;
mod check;
mod problem;
mod raw;
mod read;
mod report;

use sha2::{Digest, Sha256};

use crate::domain::catalog::{Playbook, WorkflowVersion};

pub use check::{StageEdge, check, check_stages};
pub use problem::Problem;
pub use report::{Finding, Report, Severity};

/// The most that one charge can carry, in minor units. Source: Stripe API reference, `PaymentIntent.amount`: up to eight digits.
const CHARGE_MAX: i64 = 99_999_999;

/// The longest text that is read: some hundred times a real file.
const TEXT_MAX_BYTES: usize = 1 << 20;

/// One workflow file, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    /// The file's name, for messages.
    pub name: String,
    /// What it says.
    pub playbook: Playbook,
    /// What in it is invented for demonstration, such as `plan start` or `offer device on growth`, in the file's order.
    pub samples: Vec<String>,
}

impl Workflow {
    /// Understands the text of a workflow file, or says everything that is wrong with it, in the order of its lines.
    ///
    /// Problems come in two rounds: first the form of every section (misspelt keys, wrong types), then, once every section
    /// can be read, what the sections say about each other.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let mut problems = problem::Problems::new(name, text);
        if text.len() > TEXT_MAX_BYTES {
            problems.push(
                &(0..0),
                format!("the file is longer than {TEXT_MAX_BYTES} bytes"),
                None,
            );
            return Err(problems.finish());
        }
        let raw = read::read(text, &mut problems);
        let built = raw.map(|raw| build::build(raw, version(text), &mut problems));
        match (built, problems.finish()) {
            (Some((playbook, samples)), none) if none.is_empty() => Ok(Self {
                name: name.to_owned(),
                playbook,
                samples,
            }),
            (_, problems) => Err(problems),
        }
    }

    /// Which text it was read from.
    pub fn version(&self) -> &WorkflowVersion {
        &self.playbook.version
    }
}

/// The version that a text has: equal bytes, equal version.
pub fn version(text: &str) -> WorkflowVersion {
    WorkflowVersion(hex::encode(Sha256::digest(text.as_bytes())))
}
