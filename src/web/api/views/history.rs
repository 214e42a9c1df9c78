use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::account::Permission;
use crate::domain::change::{Actor, Party, StoredStageError, read_stage};
use crate::engine::HistoryEntry;
use crate::ports::store::JournalEntry;
use crate::web::problem::Problem;

/// One line of a change's history. The history is a chain: each line's hash covers the line before it.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryLine {
    /// Its number, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What happened.
    #[schema(example = "confirm")]
    pub event: &'static str,
    /// Who did it.
    pub actor: ActorView,
    /// Where it led: stage and part in one word.
    #[schema(example = "payment_confirm.charging")]
    pub stage: String,
    /// What it asked of the outside world, by name.
    pub effects: Vec<String>,
    /// The SHA-256 of this line and the one before it, in hexadecimal.
    pub hash: String,
}

/// One line of a contract's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContractEntry {
    /// Its number, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What happened: a word, or an object with one member that is named by the word.
    #[schema(value_type = Value)]
    pub event: serde_json::Value,
    /// Who did it.
    pub actor: ActorView,
    /// The SHA-256 of this line and the one before it, in hexadecimal.
    pub hash: String,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryActor)]
pub struct ActorView {
    /// The side: `customer`, `support`, `provider` or `system`.
    #[schema(value_type = String, example = "customer")]
    pub party: Party,
    /// The role that was asserted, for a customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The single permissions that were asserted besides it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub permissions: Vec<Permission>,
    /// The account whose people they are, where that is another than the change's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub account: Option<String>,
    /// Who exactly, by the id that was handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why, where support acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Deserialize)]
pub struct ContractContent {
    pub event: serde_json::Value,
    pub actor: Actor,
}

impl HistoryLine {
    /// The line, as the journal has it.
    pub fn of(entry: &JournalEntry, said: HistoryEntry) -> Result<Self, Problem> {
        let stage = read_stage(said.stage.get().as_bytes())
            .map_err(|error: StoredStageError| Problem::from(crate::engine::EngineError::from(error)))?;
        Ok(Self {
            seq: entry.seq,
            at: entry.at,
            event: said.event.name(),
            actor: ActorView::of(said.actor),
            stage: stage.full_name(),
            effects: said.effects,
            hash: hex::encode(entry.hash),
        })
    }
}

impl ContractEntry {
    /// The line, as the journal has it.
    pub fn of(entry: &JournalEntry) -> Result<Self, Problem> {
        let ContractContent { event, actor } = serde_json::from_slice(&entry.content)?;
        Ok(Self {
            seq: entry.seq,
            at: entry.at,
            event,
            actor: ActorView::of(actor),
            hash: hex::encode(entry.hash),
        })
    }
}

impl ActorView {
    pub(super) fn of(actor: Actor) -> Self {
        Self {
            party: actor.party,
            role: actor.role,
            permissions: actor.permissions,
            account: actor.account.map(|account| account.to_string()),
            id: actor.subject,
            reason: actor.reason,
        }
    }
}
