//! What is left when the storm is over, held against what was promised.

use std::collections::BTreeMap;
use std::time::Duration;

use changeover::app::load_workflows;
use changeover::domain::account::{ContractId, LinePlace};
use changeover::domain::catalog::{Playbook, SellerId};
use changeover::domain::change::{NextAction, Stage, deadline, read_stage};
use changeover::mail::StoredMail;
use changeover::ports::store::{EffectRow, EffectStatus, Situation, Store};
use jiff::SignedDuration;

use super::backend::Acknowledged;
use super::customers::Story;
use crate::support::{Provider, prove};

/// Between two looks at whether everything has come to rest.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The longest that a node holds a change before it must say that it still does.
const LEASE_MAX: SignedDuration = SignedDuration::from_mins(1);

/// What was proven, for the table at the end.
#[derive(Debug, Default)]
pub struct Proven {
    pub changes: usize,
    pub ended: BTreeMap<String, usize>,
    pub waiting: usize,
    pub entries: u64,
    pub acknowledged: usize,
    pub plans: usize,
    pub mails: usize,
    pub second_copies: usize,
}

/// A change as it is kept, with the stage that it is in.
pub struct Flow {
    situation: Situation,
    stage: Stage,
}

impl Flow {
    /// Whether it moves by itself, or a call is owed for it that is not known to be over.
    fn moves(&self) -> bool {
        let open = |effect: &EffectRow| matches!(effect.status, EffectStatus::Intent | EffectStatus::Unknown);
        NextAction::moves_by_itself(&self.stage) || self.situation.effects.iter().any(open)
    }
}

/// Every change in a store.
pub async fn flows(store: &dyn Store) -> Vec<Flow> {
    let mut all: Vec<Flow> = Vec::new();
    loop {
        let after = all.last().map(|flow| flow.situation.change.id);
        let page = store.change_ids(after, 200).await.expect("ids");
        if page.is_empty() {
            return all;
        }
        for id in page {
            let situation = store.situation(id).await.expect("read").expect("a change");
            all.push(Flow {
                stage: read_stage(&situation.change.stage).expect("a stage"),
                situation,
            });
        }
    }
}

/// Waits until no change moves by itself and nothing must leave, and gives the time that it took.
///
/// # Panics
/// When that does not happen within the bound: a flow that waits in silence is exactly what must never be.
pub async fn comes_to_rest(store: &dyn Store, bound: Duration) -> Duration {
    let began = tokio::time::Instant::now();
    loop {
        let mut moving = flows(store).await;
        moving.retain(Flow::moves);
        let leaving = store.next_outbox().await.expect("read");
        if moving.is_empty() && leaving.is_none() {
            return began.elapsed();
        }
        let named: Vec<String> = moving
            .iter()
            .take(5)
            .map(|flow| format!("{} in {}", flow.situation.change.id, flow.stage.full_name()))
            .collect();
        assert!(
            began.elapsed() < bound,
            "I24: {} changes still move after {bound:?}, and something {} leave: {named:?}",
            moving.len(),
            if leaving.is_some() {
                "must still"
            } else {
                "need not"
            },
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Proves everything, or fails with the name of the promise that broke.
pub async fn proves(
    store: &dyn Store,
    provider: &Provider,
    mails: &[StoredMail],
    acknowledged: &[Acknowledged],
    stories: &[Story],
) -> Proven {
    let flows = flows(store).await;
    let mut proven = Proven {
        changes: flows.len(),
        entries: changeover::cli::journal::verify(store, None)
            .await
            .expect("an intact journal"),
        ..Proven::default()
    };
    prove(store, provider, mails, true, false).await;
    let playbook = playbook();
    for flow in &flows {
        if flow.stage.is_terminal() {
            *proven.ended.entry(flow.stage.full_name()).or_default() += 1;
        } else {
            waits_openly(flow, &playbook);
            proven.waiting += 1;
        }
    }
    proven.acknowledged = nothing_acknowledged_is_lost(store, acknowledged).await;
    proven.plans = plans_are_right(store, &flows, stories).await;
    let distinct: std::collections::BTreeSet<&str> =
        mails.iter().map(|mail| mail.message_id.as_str()).collect();
    (proven.mails, proven.second_copies) = (distinct.len(), mails.len() - distinct.len());
    proven
}

/// The rules that every change of the storm began with, and stays on.
fn playbook() -> Playbook {
    let shipped = load_workflows(None).expect("workflow files that can be served");
    let clint = shipped
        .into_iter()
        .find(|workflow| workflow.playbook.seller.id.as_str() == "clint");
    clint.expect("its workflow file").playbook
}

/// I24: an open change waits for somebody, and is looked at again no later than its stage allows: it is given up if nobody comes.
fn waits_openly(flow: &Flow, playbook: &Playbook) {
    let (row, stage) = (&flow.situation.change, flow.stage.full_name());
    let id = row.id;
    assert!(!flow.moves(), "I24: {id} waits in silence in {stage}");
    let due = flow.situation.work.due_at;
    let due = due.unwrap_or_else(|| panic!("I24: {id} waits in {stage}, and nobody will ever look"));
    if let Some(latest) = deadline(&flow.stage, &playbook.policy, row.entered_at) {
        // Whoever looks at it just now holds it for as long as a lease.
        let latest = latest.checked_add(LEASE_MAX).expect("an instant");
        assert!(
            due <= latest,
            "I24: {id} waits in {stage} until {due}, not until {latest}"
        );
    }
}

/// I22: each answer that a client has seen is kept under its key, word for word.
async fn nothing_acknowledged_is_lost(store: &dyn Store, acknowledged: &[Acknowledged]) -> usize {
    let seller: SellerId = "clint".parse().expect("a seller");
    for seen in acknowledged {
        let kept = store.answered(&seller, &seen.key).await.expect("read");
        let (_, kept) = kept.unwrap_or_else(|| panic!("I22: the answer to {} is lost", seen.key));
        assert_eq!(kept.status, seen.status, "I22: {}", seen.key);
        assert_eq!(
            String::from_utf8_lossy(&kept.body),
            String::from_utf8_lossy(&seen.body),
            "I22: {}",
            seen.key
        );
    }
    acknowledged.len()
}

/// I13, I14: each contract holds what the last change that was done has brought it, and nothing of any other.
async fn plans_are_right(store: &dyn Store, flows: &[Flow], stories: &[Story]) -> usize {
    let stages: BTreeMap<String, &Stage> = flows
        .iter()
        .map(|flow| (flow.situation.change.id.to_string(), &flow.stage))
        .collect();
    let mut expected: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for story in stories {
        let stage = stages.get(&story.change);
        let stage = stage.unwrap_or_else(|| panic!("I22: the change {} is lost", story.change));
        let held = expected.entry(&story.contract).or_insert((3, 5));
        if matches!(stage, Stage::Active { .. }) {
            *held = story.wanted;
        }
    }
    for (contract, (devices, seats)) in &expected {
        let id = ContractId(contract.parse().expect("an id"));
        let contract = store.contract(id).await.expect("read").expect("a contract");
        let mut quantities: Vec<u64> = contract
            .lines
            .iter()
            .filter(|line| matches!(line.place, LinePlace::Provider { .. }))
            .map(|line| line.quantity)
            .collect();
        quantities.sort_unstable();
        assert_eq!(quantities, [*devices, *seats], "I13, I14: contract {id}");
    }
    expected.len()
}
