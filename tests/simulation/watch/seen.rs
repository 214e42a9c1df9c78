//! What was seen of the tables, and what of it may follow what.

use std::collections::BTreeMap;

use bytes::Bytes;
use changeover::domain::account::{Contract, ContractId};
use changeover::domain::change::{ChangeId, EffectId};
use changeover::ports::store::{EffectRow, EffectStatus, Subject};
use jiff::Timestamp;

use super::commits;
use crate::client::Told;
use crate::store::Tables;
use crate::world::World;

/// What was seen under one idempotency key.
#[derive(Debug, Clone)]
pub(super) struct Used {
    pub(super) method: String,
    pub(super) path: String,
    /// The effect whose request it was, while its row is kept.
    pub(super) effect: Option<EffectId>,
    pub(super) version: String,
    pub(super) body: Bytes,
    pub(super) first: Timestamp,
    pub(super) executed: u64,
}

/// What was seen so far, to hold against it what is there now.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) keys: BTreeMap<String, Used>,
    pub(super) changes: BTreeMap<ChangeId, (u64, String)>,
    pub(super) epochs: BTreeMap<Subject, u64>,
    pub(super) contracts: BTreeMap<ContractId, Contract>,
    pub(super) statuses: BTreeMap<EffectId, EffectStatus>,
    pub(super) answers: BTreeMap<String, ([u8; 32], Vec<u8>)>,
    pub(super) told: Vec<Told>,
    pub(super) webhooks: BTreeMap<String, u64>,
    pub(super) versions: BTreeMap<String, u32>,
    pub(super) node_died: bool,
    pub(super) lost: bool,
}

pub(super) fn rows(tables: &Tables) -> impl Iterator<Item = &EffectRow> {
    tables.effects.iter().map(|effect| &effect.row)
}

impl Seen {
    /// Counts go on from these tables, whatever was there before.
    pub(super) fn goes_on_from(&mut self, tables: &Tables) {
        let due = tables.due.iter();
        self.epochs = due.map(|(subject, due)| (*subject, due.epoch)).collect();
        self.statuses = rows(tables).map(|effect| (effect.id, effect.status)).collect();
        self.contracts = BTreeMap::clone(&tables.contracts);
        let changes = tables.changes.values();
        self.changes = changes
            .map(|row| (row.id, (row.version, row.stage_name.clone())))
            .collect();
    }

    /// I12, F20: epochs never fall, and nobody claims what they cannot read.
    pub(super) fn queue(&mut self, world: &World, tables: &Tables) {
        for (subject, due) in tables.due.iter() {
            let before = self.epochs.insert(*subject, due.epoch).unwrap_or(0);
            if due.epoch < before {
                world.witness.breaks(
                    "I12",
                    format!("the epoch of {subject:?} fell from {before} to {}", due.epoch),
                );
            }
            let owner = due.owner.as_deref().filter(|_| due.epoch != before);
            let version = owner.and_then(|owner| self.versions.get(owner));
            if version.is_some_and(|version| *version < due.machine_version) {
                let what = format!("{owner:?} has claimed {subject:?} of a newer version");
                world.witness.breaks("F20", what);
            }
        }
    }

    /// I9, I10, I11, I17: what is new in the histories of changes.
    pub(super) fn changes(&mut self, world: &World, tables: &Tables, verb: &'static str) {
        for row in tables.changes.values() {
            let known = self.changes.get(&row.id);
            let version = known.map_or(0, |(version, _)| *version);
            if row.version == version {
                continue;
            }
            world.tells(|| format!("{verb}: {} is at {} {}", row.id, row.version, row.stage_name));
            commits::moved(world, tables, row, version, known.map(|(_, stage)| stage.clone()));
            self.changes.insert(row.id, (row.version, row.stage_name.clone()));
        }
    }

    /// I14: no contract is written over what came in between.
    pub(super) fn contracts(&mut self, world: &World, tables: &Tables, verb: &'static str) {
        for contract in tables.contracts.values() {
            let known = self.contracts.get(&contract.id);
            if known == Some(contract) {
                continue;
            }
            // A proposal binds nobody: it is written anew for whoever chooses otherwise.
            let agreed = known.filter(|known| !(known.is_proposed() && contract.is_proposed()));
            if agreed.is_some_and(|known| known.version + 1 != contract.version) {
                let what = format!("{verb} writes {} over what came in between", contract.id);
                world.witness.breaks("I14", what);
            }
            self.contracts.insert(contract.id, contract.clone());
        }
    }

    /// I3: what is known of a call is never forgotten.
    pub(super) fn effects(&mut self, world: &World, tables: &Tables) {
        for effect in rows(tables) {
            let before = self.statuses.insert(effect.id, effect.status);
            if before.is_some_and(|before| commits::goes_back(before, effect.status)) {
                let what = format!("{} went from {before:?} to {:?}", effect.key, effect.status);
                world.witness.breaks("I3", what);
            }
        }
    }
}
