//! What is left when the storm is over, held against what was promised.

use std::collections::BTreeMap;
use std::time::Duration;

use changeover::domain::account::{ContractId, LinePlace};
use changeover::domain::catalog::SellerId;
use changeover::domain::change::{ChangeId, NextAction, Stage, read_stage};
use changeover::mail::StoredMail;
use changeover::ports::store::Store;

use super::backend::Acknowledged;
use super::customers::Story;
use crate::support::{Provider, prove};

/// Between two looks at whether everything has come to rest.
const LOOK_EVERY: Duration = Duration::from_secs(2);

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

/// Every change in a store, with its stage.
pub async fn stages(store: &dyn Store) -> Vec<(ChangeId, Stage)> {
    let mut all: Vec<(ChangeId, Stage)> = Vec::new();
    loop {
        let after = all.last().map(|(id, _)| *id);
        let page = store.change_ids(after, 200).await.expect("ids");
        if page.is_empty() {
            return all;
        }
        for id in page {
            let situation = store.situation(id).await.expect("read").expect("a change");
            all.push((id, read_stage(&situation.change.stage).expect("a stage")));
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
        let moving: Vec<_> = stages(store)
            .await
            .into_iter()
            .filter(|(_, stage)| NextAction::moves_by_itself(stage))
            .collect();
        let leaving = store.next_outbox().await.expect("read");
        if moving.is_empty() && leaving.is_none() {
            return began.elapsed();
        }
        let named: Vec<String> = moving
            .iter()
            .take(5)
            .map(|(id, stage)| format!("{id} in {}", stage.full_name()))
            .collect();
        assert!(
            began.elapsed() < bound,
            "{} changes still move after {bound:?}, and something {} leave: {named:?}",
            moving.len(),
            if leaving.is_some() {
                "must still"
            } else {
                "does not"
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
    let stages = stages(store).await;
    let mut proven = Proven {
        changes: stages.len(),
        entries: changeover::cli::journal::verify(store, None)
            .await
            .expect("an intact journal"),
        ..Proven::default()
    };
    prove(store, provider, mails, true, false).await;
    for (id, stage) in &stages {
        if stage.is_terminal() {
            *proven.ended.entry(stage.full_name()).or_default() += 1;
        } else {
            waits_openly(*id, stage);
            proven.waiting += 1;
        }
    }
    proven.acknowledged = nothing_acknowledged_is_lost(store, acknowledged).await;
    proven.plans = plans_are_right(store, &stages, stories).await;
    let distinct: std::collections::BTreeSet<&str> =
        mails.iter().map(|mail| mail.message_id.as_str()).collect();
    (proven.mails, proven.second_copies) = (distinct.len(), mails.len() - distinct.len());
    proven
}

/// I24: an open change waits for somebody, and is given up if nobody comes; or it is held up with a reason that is shown.
fn waits_openly(id: ChangeId, stage: &Stage) {
    assert!(
        !NextAction::moves_by_itself(stage),
        "I24: {id} waits in silence in {}",
        stage.full_name()
    );
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
async fn plans_are_right(store: &dyn Store, stages: &[(ChangeId, Stage)], stories: &[Story]) -> usize {
    let stages: BTreeMap<String, &Stage> = stages.iter().map(|(id, stage)| (id.to_string(), stage)).collect();
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
