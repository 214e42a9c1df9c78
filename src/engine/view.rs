//! A change as the outside sees it.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::account::{Account, Contract};
use crate::domain::catalog::Playbook;
use crate::domain::change::stuck::Stuck;
use crate::domain::change::{Actor, ChangeId, Event, NextAction, Stage, deadline};
use crate::ports::store::ChangeRow;

/// A change with all that an answer about it needs, at one version.
#[derive(Debug, Clone)]
pub struct ChangeView {
    /// The row.
    pub change: ChangeRow,
    /// Its stage.
    pub stage: Stage,
    /// What a client does now.
    pub next_action: NextAction,
    /// What is stuck about it, the most serious first. What mails and events were given up is told to support alone.
    pub stuck: Vec<Stuck>,
    /// The rules that it runs by.
    pub playbook: Arc<Playbook>,
    /// Whose it is.
    pub account: Account,
    /// What the account holds.
    pub contract: Contract,
    /// The change that honours money which came after the end of this one.
    pub successor: Option<ChangeId>,
    /// When it was looked at.
    pub now: Timestamp,
}

impl ChangeView {
    /// When the stage is given up, if it can be.
    pub fn deadline(&self) -> Option<Timestamp> {
        deadline(&self.stage, &self.playbook.policy, self.change.entered_at)
    }
}

/// What a journal entry says: who did what, and where it led.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The form of this record.
    pub v: u32,
    /// What happened.
    pub event: Event,
    /// Who did it.
    pub actor: Actor,
    /// Where it led: the stored form of a stage.
    pub stage: Box<RawValue>,
    /// What it asked of the outside world, by name.
    pub effects: Vec<String>,
}
