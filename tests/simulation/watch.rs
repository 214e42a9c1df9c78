//! What is checked while a run goes on: after every commit, at every request that leaves or arrives, at every answer that a
//! client or the provider is given.

mod commits;
mod held;
mod seen;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use changeover::engine::ClientKey;
use changeover::ports::payments::Prepared;
use changeover::ports::store::{EffectRow, Inbound, Subject};
use hyper::Response;
use jiff::SignedDuration;
use seen::{Seen, Used};
use serde_json::Value;

use crate::browser;
use crate::client::Told;
use crate::store::{Memory, Tables};
use crate::wire::Sent;
use crate::world::{World, lock};

/// Twenty hours: older keys are not sent.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(20);
/// Watches a run.
#[derive(Debug, Default)]
pub struct Watch {
    seen: Mutex<Seen>,
}

/// Calls that moved a call of ours to the provider: card setups cost nothing, a wallet is of an account and not of a change, and
/// the catalogue is an operator's matter.
pub fn ours(sent: &Sent) -> Option<&str> {
    let key = sent.header("idempotency-key")?;
    let apart = ["-card-", "-wallet-", "catalog"]
        .iter()
        .any(|word| key.contains(word));
    (key.starts_with("changeover-") && !apart).then_some(key)
}

impl Watch {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }

    /// A node of this version of the machine started, and claims under this name.
    pub fn node_started(&self, owner: &str, version: u32) {
        self.seen().versions.insert(owner.to_owned(), version);
    }

    /// A node died: what was on its way may come twice.
    pub fn node_died(&self) {
        self.seen().node_died = true;
    }

    /// Whether a node has died.
    pub fn has_node_died(&self) -> bool {
        self.seen().node_died
    }

    /// The database has lost commits: what was acknowledged may be gone, and counts go on from what is left.
    pub fn lost(&self, world: &World) {
        let memory = lock(&world.memory);
        let mut seen = self.seen();
        seen.lost = true;
        seen.answers.clear();
        seen.told.clear();
        seen.goes_on_from(&memory.tables);
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

    /// Something was written. A table that was not written is the very same as before, and needs no second look.
    pub fn commit(&self, world: &World, before: &Tables, memory: &mut Memory, verb: &'static str) {
        let facts = std::mem::take(&mut memory.tables.decided);
        let tables = &memory.tables;
        let mut seen = self.seen();
        for decided in facts {
            commits::fenced(world, decided);
        }
        let due_moved = !Arc::ptr_eq(&before.due, &tables.due);
        let changes_moved = !Arc::ptr_eq(&before.changes, &tables.changes);
        let effects_moved = !Arc::ptr_eq(&before.effects, &tables.effects);
        if due_moved {
            seen.queue(world, tables);
        }
        if changes_moved {
            seen.changes(world, tables, verb);
        }
        if !Arc::ptr_eq(&before.contracts, &tables.contracts) {
            seen.contracts(world, tables, verb);
        }
        if effects_moved {
            seen.effects(world, tables);
        }
        if changes_moved || effects_moved {
            commits::one_open(world, tables);
        }
        if changes_moved || due_moved {
            commits::wakes(world, tables);
        }
    }

    /// A request leaves a node.
    pub fn leaves(&self, world: &World, node: usize, sent: &Sent) {
        let Some(key) = ours(sent) else { return };
        held::stays_held(world, sent, key);
        let effect = {
            let memory = lock(&world.memory);
            let mut effects = memory.tables.effects.iter();
            effects
                .find(|effect| effect.row.key == key)
                .map(|effect| effect.row.clone())
        };
        match &effect {
            None if key.contains("-overage-") => self.was_intended_for_use(world, key, sent),
            None => self.breaks_unless_lost(world, "I5", format!("{key} left node {node} without an intent")),
            Some(effect) => self.was_intended(world, effect, sent),
        }
        let now = world.now();
        let mut seen = self.seen();
        let effect = effect.map(|effect| effect.id);
        // What was lost is decided anew, and its key made again; the provider knows the first one's bytes, and refuses these.
        if seen.lost && seen.keys.get(key).is_some_and(|used| used.effect != effect) {
            world.count("key made again after a failover");
            seen.keys.remove(key);
        }
        let version = sent.header("stripe-version").unwrap_or_default().to_owned();
        let used = seen.keys.entry(key.to_owned()).or_insert_with(|| Used {
            method: sent.method.to_string(),
            path: sent.path.clone(),
            effect,
            version: version.clone(),
            body: sent.body.clone(),
            first: now,
            executed: 0,
        });
        let same = used.method == sent.method.as_str() && used.path == sent.path && used.version == version;
        let age = now.duration_since(used.first);
        let lost = seen_lost(&used.body, &sent.body, same);
        if let Some(what) = lost {
            world
                .witness
                .breaks("I6", format!("{key} carried two requests: {what}"));
        }
        if age > KEY_LIFE {
            world
                .witness
                .breaks("I7", format!("{key} was sent {age:#} after its first use"));
        }
    }

    /// What is charged for use is promised in a row of its own.
    fn was_intended_for_use(&self, world: &World, key: &str, sent: &Sent) {
        let request = {
            let memory = lock(&world.memory);
            let mut rows = memory.tables.overages.values().filter(|row| row.attempts > 0);
            rows.find_map(|row| row.request.clone().filter(|(_, own)| own == key))
        };
        let Some((request, _)) = request else {
            return self.breaks_unless_lost(world, "I5", format!("{key} left without an attempt"));
        };
        let Ok(prepared) = serde_json::from_slice::<Prepared>(&request) else {
            return;
        };
        let same = String::from_utf8_lossy(&sent.body) == prepared.body && sent.path == prepared.path;
        if !same {
            self.breaks_unless_lost(world, "I6", format!("{key} carried other bytes than its intent"));
        }
    }

    fn was_intended(&self, world: &World, effect: &EffectRow, sent: &Sent) {
        let key = &effect.key;
        if effect.attempts == 0 || effect.first_sent_at.is_none() {
            self.breaks_unless_lost(world, "I5", format!("{key} left without an attempt"));
        }
        let Ok(prepared) = serde_json::from_slice::<Prepared>(&effect.request) else {
            return;
        };
        let body = String::from_utf8_lossy(&sent.body);
        // A refund's request is completed with the payment that it gives back.
        let same = body.starts_with(&prepared.body) && sent.path == prepared.path;
        if !same && !self.has_lost() {
            world
                .witness
                .breaks("I6", format!("{key} carried other bytes than its intent"));
        }
    }

    /// A request has been worked off by the provider.
    pub fn arrived(&self, world: &World, sent: &Sent, answer: &Response<Bytes>) {
        let Some(key) = ours(sent) else { return };
        let replayed = answer.headers().get("idempotent-replayed").is_some();
        if replayed || !answer.status().is_success() {
            return;
        }
        held::stays_held(world, sent, key);
        if key.contains("-update_subscription-") {
            switched_unpaid(world, key, answer.body());
        }
        if key.contains("-switch_subscription-") {
            switched_before_the_money(world, key, answer.body());
        }
        let mut seen = self.seen();
        let Some(used) = seen.keys.get_mut(key) else {
            return;
        };
        used.executed += 1;
        if used.executed > 1 {
            world
                .witness
                .breaks("I7", format!("{key} was worked off twice by the provider"));
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
                    world
                        .witness
                        .breaks("I23", format!("one key, two answers: {first} and {said}"));
                }
            }
            Some(_) => {}
            None => {
                seen.answers
                    .insert(key.key.clone(), (key.fingerprint, body.to_vec()));
            }
        }
        let Ok(told) = serde_json::from_slice::<Told>(body) else {
            return;
        };
        drop(seen);
        self.is_kept(world, &told);
        self.seen().told.push(told);
    }

    /// What was acknowledged is in the journal.
    fn is_kept(&self, world: &World, told: &Told) {
        let memory = lock(&world.memory);
        let lines = memory.tables.journal.get(&told.change);
        let nth = usize::try_from(told.version).unwrap_or(0).wrapping_sub(1);
        let kept = lines
            .and_then(|lines| lines.get(nth))
            .map(|line| hex::encode(line.hash));
        if kept.as_deref() != Some(told.head.as_str()) && !self.has_lost() {
            world
                .witness
                .breaks("I22", format!("acknowledged and not kept: {told:?}"));
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
    pub fn before_webhook(world: &World, inbound: &Inbound) -> BTreeMap<Subject, u64> {
        let memory = lock(&world.memory);
        if memory
            .tables
            .inbox
            .contains_key(&(inbound.seller.clone(), inbound.event_id.clone()))
        {
            return BTreeMap::new();
        }
        let concerned = memory.tables.concerned(inbound).into_iter();
        concerned
            .filter_map(|subject| Some((subject, memory.tables.due.get(&subject)?.wake_seq)))
            .collect()
    }

    /// The provider was told that a webhook has arrived: it is kept, and those whom it is about were woken.
    pub fn webhook_acknowledged(
        &self,
        world: &World,
        event: &str,
        news: bool,
        before: &BTreeMap<Subject, u64>,
    ) {
        let memory = lock(&world.memory);
        let kept = memory
            .tables
            .inbox
            .contains_key(&(world.seller.clone(), event.to_owned()));
        let over = |subject: &Subject| match subject {
            Subject::Change(change) => !memory.tables.changes.get(change).is_some_and(|row| row.open),
            Subject::Contract(_) => false,
        };
        let asleep = before.iter().find(|(subject, wakes)| {
            !over(subject)
                && memory
                    .tables
                    .due
                    .get(subject)
                    .is_none_or(|due| due.wake_seq <= **wakes)
        });
        drop(memory);
        if !kept {
            self.breaks_unless_lost(world, "I22", format!("{event} was acknowledged and is not kept"));
        }
        if let Some((subject, _)) = asleep {
            self.breaks_unless_lost(
                world,
                "I22",
                format!("{event} was acknowledged, and {subject:?} was not woken"),
            );
        }
        let mut seen = self.seen();
        let times = seen.webhooks.entry(event.to_owned()).or_default();
        *times += u64::from(news);
        if *times > 1 && !seen.lost {
            world.witness.breaks("I20", format!("{event} was news twice"));
        }
    }
}

/// Promise 3: the provider holds the new items only once the invoice for them is paid.
fn switched_unpaid(world: &World, key: &str, body: &[u8]) {
    let read: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(invoice) = read["latest_invoice"].as_str() else {
        return;
    };
    if read["pending_update"].is_null() {
        let invoice = browser::reads(world, &format!("/v1/invoices/{invoice}"));
        if invoice["status"] == "open" && invoice["billing_reason"] == "subscription_update" {
            world.witness.breaks(
                "P3",
                format!("{key} switched the plan, and {} is open", invoice["id"]),
            );
        }
    }
}

/// Promise 3, for money that the customer sends: the items are switched only once a one-off invoice of that change is paid.
fn switched_before_the_money(world: &World, key: &str, body: &[u8]) {
    let read: Value = serde_json::from_slice(body).unwrap_or_default();
    let change = &read["metadata"]["changeover_change"];
    let ledger = browser::reads(world, "/_sandbox/ledger");
    let mut entries = ledger["entries"].as_array().into_iter().flatten();
    let is_paid = entries.any(|entry| {
        entry["object"] == "invoice"
            && entry["billing_reason"] == "manual"
            && entry["status"] == "paid"
            && entry["metadata"]["changeover_change"] == *change
    });
    if !is_paid {
        let what = format!("{key} switched the plan of {change}, and nothing is paid");
        world.witness.breaks("P3", what);
    }
}

fn seen_lost(first: &Bytes, now: &Bytes, same: bool) -> Option<&'static str> {
    match (same, first == now) {
        (true, true) => None,
        (false, _) => Some("another method, path or version"),
        (true, false) => Some("other bytes"),
    }
}
