//! What must hold after every commit.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use changeover::domain::change::chart::{Outcome, transitions};
use changeover::domain::change::{Stage, StoredStageError, read_stage};
use changeover::engine::HistoryEntry;
use changeover::ports::store::{ChangeRow, EffectRow, EffectStatus, JournalEntry, Subject};
use jiff::{SignedDuration, Timestamp};

use crate::store::{Decided, Tables};
use crate::world::World;

/// A lease, as the engine takes it.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// The published transition table: stage, event, stage.
fn edges() -> &'static BTreeSet<(String, &'static str, String)> {
    static EDGES: OnceLock<BTreeSet<(String, &'static str, String)>> = OnceLock::new();
    EDGES.get_or_init(|| {
        let mut edges = BTreeSet::new();
        for step in transitions() {
            for outcome in step.outcomes {
                if let Outcome::Leads { to, .. } = outcome {
                    edges.insert((step.from.clone(), step.event, to));
                }
            }
        }
        edges
    })
}

/// I9, I10, I11, I17: the new lines of a change's history.
pub(super) fn moved(
    world: &World,
    tables: &Tables,
    row: &ChangeRow,
    version: u64,
    mut stage: Option<String>,
) {
    let id = row.id;
    let Some(lines) = tables.journal.get(&id) else {
        world.witness.breaks("I10", format!("{id} has no history"));
        return;
    };
    if lines.len() as u64 != row.version || row.version < version {
        world.witness.breaks(
            "I10",
            format!(
                "{id} went from version {version} to {}, with {} lines",
                row.version,
                lines.len()
            ),
        );
        return;
    }
    let skipped = usize::try_from(version).unwrap_or(0);
    follow(world, row, lines, skipped);
    for line in lines.iter().skip(skipped) {
        let said: HistoryEntry = match serde_json::from_slice(&line.content) {
            Ok(said) => said,
            Err(error) => {
                world
                    .witness
                    .breaks("I10", format!("{id} line {}: {error}", line.seq));
                return;
            }
        };
        let newest = line.seq == row.version;
        // Where the row says the same, one of the two is read.
        let same = newest && said.stage.get().as_bytes() == row.stage;
        let after = if same {
            read_stage(&row.stage)
        } else {
            led_to(&said)
        };
        let Ok(after) = after else {
            world
                .witness
                .breaks("I11", format!("{id} line {} has no stage", line.seq));
            return;
        };
        let to = after.full_name();
        if let Some(from) = &stage {
            let edge = (from.clone(), said.event.name(), to.clone());
            if !edges().contains(&edge) {
                world.witness.breaks(
                    "I9",
                    format!("{id} line {}: {edge:?} is not in the table", line.seq),
                );
            }
        }
        stage = Some(to);
        if newest && !same && read_stage(&row.stage).ok().as_ref() != Some(&after) {
            world
                .witness
                .breaks("I11", format!("{id} is not where its history leads"));
        }
    }
}

/// I10: the lines after so many follow the ones before them, and the last one is the head.
fn follow(world: &World, row: &ChangeRow, lines: &[Arc<JournalEntry>], skipped: usize) {
    for (before, line) in lines
        .iter()
        .zip(lines.iter().skip(1))
        .skip(skipped.saturating_sub(1))
    {
        if line.previous != before.hash || line.seq != before.seq + 1 {
            world.witness.breaks(
                "I10",
                format!("{} line {} does not follow the one before it", row.id, line.seq),
            );
        }
    }
    if lines.last().map(|line| line.hash) != Some(row.journal_head) {
        world
            .witness
            .breaks("I10", format!("{} does not end in its journal's head", row.id));
    }
}

/// The stage that a line says it led to.
fn led_to(said: &HistoryEntry) -> Result<Stage, StoredStageError> {
    read_stage(&serde_json::to_vec(&said.stage)?)
}

/// I1: one change is open per contract, and one promised beside it; and one charge is on its way per customer.
pub(super) fn one_open(world: &World, tables: &Tables) {
    let mut open = BTreeSet::new();
    for change in tables.changes.values().filter(|change| change.open) {
        if !open.insert(change.contract) {
            world
                .witness
                .breaks("I1", format!("two changes are open on {}", change.contract));
        }
    }
    let mut promised = BTreeSet::new();
    for change in tables.changes.values().filter(|change| change.is_promised()) {
        if !promised.insert(change.contract) {
            let what = format!("two changes are promised on {}", change.contract);
            world.witness.breaks("I1", what);
        }
    }
    let live = |row: &EffectRow| matches!(row.status, EffectStatus::Intent | EffectStatus::Unknown);
    let mut charging = BTreeSet::new();
    let mut names = BTreeSet::new();
    for effect in tables.effects.iter().filter(|effect| live(&effect.row)) {
        if let Some(customer) = &effect.row.charging
            && !charging.insert((&effect.seller, customer))
        {
            world
                .witness
                .breaks("I2", format!("two charges of {customer} are on their way"));
        }
        if !names.insert((effect.row.change, effect.row.name)) {
            world.witness.breaks(
                "I8",
                format!(
                    "two {} of {} are on their way",
                    effect.row.name, effect.row.change
                ),
            );
        }
    }
}

/// What is known of a call is never forgotten; only what was done can be undone.
pub(super) fn goes_back(before: EffectStatus, now: EffectStatus) -> bool {
    use EffectStatus::{Abandoned, Declined, Intent, Succeeded, Unknown};
    match before {
        Intent => false,
        Unknown => now == Intent,
        Succeeded => !matches!(now, Succeeded | Abandoned),
        Declined => now != Declined,
        Abandoned => now != Abandoned,
    }
}

/// I24: every open change is due some time, and leases end.
pub(super) fn wakes(world: &World, tables: &Tables) {
    let far = world
        .now()
        .checked_add(SignedDuration::from_hours(24 * 4))
        .unwrap_or(Timestamp::MAX);
    let lease_end = world
        .now()
        .checked_add(LEASE + SignedDuration::from_secs(2))
        .unwrap_or(Timestamp::MAX);
    let waits = |change: &&ChangeRow| change.open || change.is_promised();
    for change in tables.changes.values().filter(waits) {
        let Some(due) = tables.due.get(&Subject::Change(change.id)) else {
            world
                .witness
                .breaks("I24", format!("{} is not in the queue", change.id));
            continue;
        };
        match due.at {
            None => world.witness.breaks(
                "I24",
                format!("{} in {} is never due", change.id, change.stage_name),
            ),
            Some(at) if due.owner.is_some() && at > lease_end => {
                world
                    .witness
                    .breaks("I24", format!("the lease of {} ends at {at}", change.id));
            }
            Some(at) if at > far && change.open => {
                world.witness.breaks(
                    "I24",
                    format!("{} in {} is due at {at} only", change.id, change.stage_name),
                );
            }
            Some(_) => {}
        }
    }
}

/// I12: a worker decides under the newest lease, and a command takes the lease away.
pub(super) fn fenced(world: &World, decided: Decided) {
    let Decided {
        subject,
        fence,
        epoch_before,
        epoch_after,
    } = decided;
    match fence {
        Some(fence) if fence.epoch != epoch_before => {
            let what = format!(
                "{subject:?} was decided under epoch {}, superseded by {epoch_before}",
                fence.epoch
            );
            world.witness.breaks("I12", what);
        }
        None if epoch_after <= epoch_before && epoch_before > 0 => {
            world.witness.breaks(
                "I12",
                format!("a command left the lease of {subject:?} at epoch {epoch_after}"),
            );
        }
        _ => {}
    }
}
