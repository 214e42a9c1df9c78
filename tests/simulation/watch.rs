//! What is checked while a run goes on: after every commit, at every request that leaves or arrives, at every answer that a
//! client or the provider is given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, OnceLock};

use bytes::Bytes;
use changeover::domain::change::chart::{Outcome, transitions};
use changeover::domain::change::{ChangeId, MACHINE_VERSION, read_stage};
use changeover::engine::{ClientKey, HistoryEntry};
use changeover::ports::payments::Prepared;
use changeover::ports::store::{ChangeRow, EffectRow, EffectStatus, Inbound, Subject};
use hyper::Response;
use jiff::{SignedDuration, Timestamp};

use crate::client::Told;
use crate::store::{Decided, Memory, Tables};
use crate::wire::Sent;
use crate::world::{World, lock};

/// Twenty hours: older keys are not sent.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(20);
/// A lease, as the engine takes it.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// Watches a run.
#[derive(Debug, Default)]
pub struct Watch {
    seen: Mutex<Seen>,
}

/// What was seen under one idempotency key.
#[derive(Debug, Clone)]
struct Used {
    method: String,
    path: String,
    version: String,
    body: Bytes,
    first: Timestamp,
    executed: u64,
}

#[derive(Debug, Default)]
struct Seen {
    keys: BTreeMap<String, Used>,
    changes: BTreeMap<ChangeId, (u64, Option<String>)>,
    epochs: BTreeMap<Subject, u64>,
    answers: BTreeMap<String, ([u8; 32], Vec<u8>)>,
    told: Vec<Told>,
    webhooks: BTreeMap<String, u64>,
    node_died: bool,
    lost: bool,
}

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

/// Calls that moved a call of ours to the provider: card setups cost nothing, and the catalogue is an operator's matter.
pub fn ours(sent: &Sent) -> Option<&str> {
    let key = sent.header("idempotency-key")?;
    let effect = key.starts_with("changeover-") && !key.contains("-card-") && !key.contains("catalog");
    effect.then_some(key)
}

impl Watch {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }

    /// A node died: what was on its way may come twice.
    pub fn node_died(&self) {
        self.seen().node_died = true;
    }

    /// Whether a node has died.
    pub fn has_node_died(&self) -> bool {
        self.seen().node_died
    }

    /// The database has lost commits: what was acknowledged may be gone, and counts begin anew.
    pub fn lost(&self, world: &World) {
        let memory = lock(&world.memory);
        let mut seen = self.seen();
        seen.lost = true;
        seen.epochs.clear();
        seen.answers.clear();
        seen.told.clear();
        seen.changes = memory
            .tables
            .changes
            .values()
            .map(|row| (row.id, (row.version, Some(row.stage_name.clone()))))
            .collect();
    }

    /// Whether the database has lost commits.
    pub fn has_lost(&self) -> bool {
        self.seen().lost
    }

    /// A promise broke that need not hold once commits were lost.
    pub fn breaks_unless_lost(&self, world: &World, promise: &'static str, what: String) {
        if !self.has_lost() {
            world.witness.breaks(promise, what);
        }
    }

    /// Something was written.
    pub fn commit(&self, world: &World, memory: &mut Memory, verb: &'static str) {
        let facts = std::mem::take(&mut memory.tables.decided);
        let tables = &memory.tables;
        let mut seen = self.seen();
        for decided in facts {
            fenced(world, decided);
        }
        for (subject, due) in tables.due.iter() {
            let before = seen.epochs.insert(*subject, due.epoch).unwrap_or(0);
            if due.epoch < before {
                world.witness.breaks("I12", format!("the epoch of {subject:?} fell from {before} to {}", due.epoch));
            }
        }
        for row in tables.changes.values() {
            let known = seen.changes.get(&row.id).cloned();
            let (version, stage) = known.unwrap_or((0, None));
            if row.version == version {
                continue;
            }
            world.tells(|| format!("{verb}: {} is at {} {}", row.id, row.version, row.stage_name));
            moved(world, tables, row, version, stage);
            seen.changes.insert(row.id, (row.version, Some(row.stage_name.clone())));
        }
        one_open(world, tables);
        wakes(world, tables);
    }

    /// A request leaves a node.
    pub fn leaves(&self, world: &World, node: usize, sent: &Sent) {
        let Some(key) = ours(sent) else { return };
        let effect = {
            let memory = lock(&world.memory);
            let mut effects = memory.tables.effects.iter();
            effects.find(|effect| effect.row.key == key).map(|effect| effect.row.clone())
        };
        match effect {
            None => self.breaks_unless_lost(world, "I5", format!("{key} left node {node} without an intent")),
            Some(effect) => self.was_intended(world, &effect, sent),
        }
        let now = world.now();
        let mut seen = self.seen();
        let version = sent.header("stripe-version").unwrap_or_default().to_owned();
        let used = seen.keys.entry(key.to_owned()).or_insert_with(|| Used {
            method: sent.method.to_string(),
            path: sent.path.clone(),
            version: version.clone(),
            body: sent.body.clone(),
            first: now,
            executed: 0,
        });
        let same = used.method == sent.method.as_str() && used.path == sent.path && used.version == version;
        let age = now.duration_since(used.first);
        let lost = seen_lost(&used.body, &sent.body, same);
        if let Some(what) = lost {
            world.witness.breaks("I6", format!("{key} carried two requests: {what}"));
        }
        if age > KEY_LIFE {
            world.witness.breaks("I7", format!("{key} was sent {age:#} after its first use"));
        }
    }

    fn was_intended(&self, world: &World, effect: &EffectRow, sent: &Sent) {
        let key = &effect.key;
        if effect.attempts == 0 || effect.first_sent_at.is_none() {
            self.breaks_unless_lost(world, "I5", format!("{key} left without an attempt"));
        }
        let Ok(prepared) = serde_json::from_slice::<Prepared>(&effect.request) else { return };
        let body = String::from_utf8_lossy(&sent.body);
        // A refund's request is completed with the payment that it gives back.
        let same = body.starts_with(&prepared.body) && sent.path == prepared.path;
        if !same && !self.has_lost() {
            world.witness.breaks("I6", format!("{key} carried other bytes than its intent"));
        }
    }

    /// A request has been worked off by the provider.
    pub fn arrived(&self, world: &World, sent: &Sent, answer: &Response<Bytes>) {
        let Some(key) = ours(sent) else { return };
        let replayed = answer.headers().get("idempotent-replayed").is_some();
        if replayed || !answer.status().is_success() {
            return;
        }
        let mut seen = self.seen();
        let Some(used) = seen.keys.get_mut(key) else { return };
        used.executed += 1;
        if used.executed > 1 {
            world.witness.breaks("I7", format!("{key} was worked off twice by the provider"));
        }
    }

    /// A client was told something.
    pub fn acknowledged(&self, world: &World, key: &ClientKey, body: &[u8]) {
        let mut seen = self.seen();
        match seen.answers.get(&key.key) {
            Some((_, before)) if before != body => {
                let said = String::from_utf8_lossy(body).into_owned();
                let first = String::from_utf8_lossy(before).into_owned();
                if !seen.lost {
                    world.witness.breaks("I23", format!("one key, two answers: {first} and {said}"));
                }
            }
            Some(_) => {}
            None => {
                seen.answers.insert(key.key.clone(), (key.fingerprint, body.to_vec()));
            }
        }
        let Ok(told) = serde_json::from_slice::<Told>(body) else { return };
        drop(seen);
        self.is_kept(world, &told);
        self.seen().told.push(told);
    }

    /// What was acknowledged is in the journal.
    fn is_kept(&self, world: &World, told: &Told) {
        let memory = lock(&world.memory);
        let lines = memory.tables.journal.get(&told.change);
        let nth = usize::try_from(told.version).unwrap_or(0).wrapping_sub(1);
        let kept = lines.and_then(|lines| lines.get(nth)).map(|line| hex::encode(line.hash));
        if kept.as_deref() != Some(told.head.as_str()) && !self.has_lost() {
            world.witness.breaks("I22", format!("acknowledged and not kept: {told:?}"));
        }
    }

    /// Everything that was ever acknowledged is still there.
    pub fn everything_is_kept(&self, world: &World) {
        let told = self.seen().told.clone();
        for told in told {
            self.is_kept(world, &told);
        }
    }

    /// How often those were woken that a webhook is about.
    pub fn before_webhook(&self, world: &World, inbound: &Inbound) -> BTreeMap<Subject, u64> {
        let memory = lock(&world.memory);
        if memory.tables.inbox.contains_key(&(inbound.seller.clone(), inbound.event_id.clone())) {
            return BTreeMap::new();
        }
        let concerned = memory.tables.concerned(inbound).into_iter();
        concerned.filter_map(|subject| Some((subject, memory.tables.due.get(&subject)?.wake_seq))).collect()
    }

    /// The provider was told that a webhook has arrived: it is kept, and those whom it is about were woken.
    pub fn webhook_acknowledged(&self, world: &World, event: &str, news: bool, before: &BTreeMap<Subject, u64>) {
        let memory = lock(&world.memory);
        let kept = memory.tables.inbox.contains_key(&(world.seller.clone(), event.to_owned()));
        let over = |subject: &Subject| match subject {
            Subject::Change(change) => !memory.tables.changes.get(change).is_some_and(|row| row.open),
            Subject::Contract(_) => false,
        };
        let asleep = before.iter().find(|(subject, wakes)| {
            !over(subject) && memory.tables.due.get(subject).is_none_or(|due| due.wake_seq <= **wakes)
        });
        drop(memory);
        if !kept {
            self.breaks_unless_lost(world, "I22", format!("{event} was acknowledged and is not kept"));
        }
        if let Some((subject, _)) = asleep {
            self.breaks_unless_lost(world, "I22", format!("{event} was acknowledged, and {subject:?} was not woken"));
        }
        let mut seen = self.seen();
        let times = seen.webhooks.entry(event.to_owned()).or_default();
        *times += u64::from(news);
        if *times > 1 && !seen.lost {
            world.witness.breaks("I20", format!("{event} was news twice"));
        }
    }
}

fn seen_lost(first: &Bytes, now: &Bytes, same: bool) -> Option<&'static str> {
    match (same, first == now) {
        (true, true) => None,
        (false, _) => Some("another method, path or version"),
        (true, false) => Some("other bytes"),
    }
}

/// I9, I10, I11, I17: the new lines of a change's history.
fn moved(world: &World, tables: &Tables, row: &ChangeRow, version: u64, mut stage: Option<String>) {
    let id = row.id;
    let Some(lines) = tables.journal.get(&id) else {
        world.witness.breaks("I10", format!("{id} has no history"));
        return;
    };
    if lines.len() as u64 != row.version || row.version < version {
        world.witness.breaks("I10", format!("{id} went from version {version} to {}, with {} lines", row.version, lines.len()));
        return;
    }
    let skipped = usize::try_from(version).unwrap_or(0);
    for (before, line) in lines.iter().zip(lines.iter().skip(1)).skip(skipped.saturating_sub(1)) {
        if line.previous != before.hash || line.seq != before.seq + 1 {
            world.witness.breaks("I10", format!("{id} line {} does not follow the one before it", line.seq));
        }
    }
    if lines.last().map(|line| line.hash) != Some(row.journal_head) {
        world.witness.breaks("I10", format!("{id} does not end in its journal's head"));
    }
    for line in lines.iter().skip(skipped) {
        let said: HistoryEntry = match serde_json::from_slice(&line.content) {
            Ok(said) => said,
            Err(error) => {
                world.witness.breaks("I10", format!("{id} line {}: {error}", line.seq));
                return;
            }
        };
        let stored = serde_json::to_vec(&said.stage).unwrap_or_default();
        let Ok(after) = read_stage(&stored) else {
            world.witness.breaks("I11", format!("{id} line {} has no stage", line.seq));
            return;
        };
        let to = after.full_name();
        if let Some(from) = &stage {
            let edge = (from.clone(), said.event.name(), to.clone());
            if row.machine_version == MACHINE_VERSION && !edges().contains(&edge) {
                world.witness.breaks("I9", format!("{id} line {}: {edge:?} is not in the table", line.seq));
            }
        }
        stage = Some(to);
        if line.seq == row.version && read_stage(&row.stage).ok().as_ref() != Some(&after) {
            world.witness.breaks("I11", format!("{id} is not where its history leads"));
        }
    }
}

/// I1: one change is open per contract, and one charge is on its way per customer.
fn one_open(world: &World, tables: &Tables) {
    let mut open = BTreeSet::new();
    for change in tables.changes.values().filter(|change| change.open) {
        if !open.insert(change.contract) {
            world.witness.breaks("I1", format!("two changes are open on {}", change.contract));
        }
    }
    let live = |row: &EffectRow| matches!(row.status, EffectStatus::Intent | EffectStatus::Unknown);
    let mut charging = BTreeSet::new();
    let mut names = BTreeSet::new();
    for effect in tables.effects.iter().filter(|effect| live(&effect.row)) {
        if let Some(customer) = &effect.row.charging
            && !charging.insert((&effect.seller, customer))
        {
            world.witness.breaks("I2", format!("two charges of {customer} are on their way"));
        }
        if !names.insert((effect.row.change, effect.row.name)) {
            world.witness.breaks("I8", format!("two {} of {} are on their way", effect.row.name, effect.row.change));
        }
    }
}

/// I24: every open change is due some time, and leases end.
fn wakes(world: &World, tables: &Tables) {
    let far = world.now().checked_add(SignedDuration::from_hours(24 * 4)).unwrap_or(Timestamp::MAX);
    let lease_end = world.now().checked_add(LEASE + SignedDuration::from_secs(2)).unwrap_or(Timestamp::MAX);
    for change in tables.changes.values().filter(|change| change.open) {
        let Some(due) = tables.due.get(&Subject::Change(change.id)) else {
            world.witness.breaks("I24", format!("{} is not in the queue", change.id));
            continue;
        };
        match due.at {
            None => world.witness.breaks("I24", format!("{} in {} is never due", change.id, change.stage_name)),
            Some(at) if due.owner.is_some() && at > lease_end => {
                world.witness.breaks("I24", format!("the lease of {} ends at {at}", change.id));
            }
            Some(at) if at > far => {
                world.witness.breaks("I24", format!("{} in {} is due at {at} only", change.id, change.stage_name));
            }
            Some(_) => {}
        }
    }
}

/// I12: a worker decides under the newest lease, and a command takes the lease away.
fn fenced(world: &World, decided: Decided) {
    let Decided {
        subject,
        fence,
        epoch_before,
        epoch_after,
    } = decided;
    match fence {
        Some(fence) if fence.epoch != epoch_before => {
            let what = format!("{subject:?} was decided under epoch {}, superseded by {epoch_before}", fence.epoch);
            world.witness.breaks("I12", what);
        }
        None if epoch_after <= epoch_before && epoch_before > 0 => {
            world.witness.breaks("I12", format!("a command left the lease of {subject:?} at epoch {epoch_after}"));
        }
        _ => {}
    }
}
