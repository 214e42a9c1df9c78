//! Many nodes on one database: whatever two of them do at the same time, it comes out as if one had done it after the other.

use std::collections::BTreeSet;

use changeover::domain::change::CallName;
use changeover::ports::store::{Channel, ContractRecord, EffectStatus, Record, Store, Subject, Written};
use changeover::store::postgres::{PostgresOptions, PostgresStore};
use futures_util::future::join_all;

use super::people::{A_MINUTE, FIRST_PAGE, Household, at, conclude, household, new_contract, seller};
use super::writings::{
    came_out, claim, claim_only, done, effect, ending, leaving, moving, opened, opening, request, webhook,
};
use crate::support::postgres::Fresh;

/// How often a race is run: each time somebody else may win it.
const ROUNDS: u32 = 12;

/// Two nodes of one database, each with connections of its own.
struct Nodes {
    database: Fresh,
    one: PostgresStore,
    other: PostgresStore,
}

impl Nodes {
    async fn open() -> Self {
        let database = Fresh::migrated().await;
        let node = async || PostgresStore::open(&database.address(), &PostgresOptions::default()).await;
        let (one, other) = (node().await.expect("opened"), node().await.expect("opened"));
        Self { database, one, other }
    }

    async fn home(&self, customer: &str) -> Household {
        household(&self.one, customer).await
    }

    /// Two decisions at the same time, one on each node.
    async fn race(&self, here: Record, there: Record) -> [Written; 2] {
        let (here, there) = tokio::join!(self.one.record(here), self.other.record(there));
        [here.expect("answered"), there.expect("answered")]
    }

    async fn close(self) {
        self.one.close().await;
        self.other.close().await;
        self.database.remove().await;
    }
}

fn one_is_done_and_the_other(written: &[Written; 2], lost: &Written) {
    let done = written.iter().filter(|one| **one == Written::Done).count();
    let others = written.iter().filter(|one| *one == lost).count();
    assert_eq!((done, others), (1, 1), "{written:?}");
}

#[tokio::test]
async fn what_is_due_is_claimed_by_one_node_alone() {
    let nodes = Nodes::open().await;
    let mut due = BTreeSet::new();
    for number in 0..30 {
        let home = nodes.home(&format!("cus_{number}")).await;
        due.insert(Subject::Change(opened(&nodes.one, &home, Some(at(1))).await.id));
    }
    let workers = [&nodes.one, &nodes.other, &nodes.one, &nodes.other];
    let claimed = join_all(workers.into_iter().enumerate().map(|(number, node)| async move {
        let owner = format!("worker {number}");
        let mut mine = Vec::new();
        loop {
            let leases = node.claim_due(at(1), A_MINUTE, &owner, 3).await.expect("claimed");
            if leases.is_empty() {
                return mine;
            }
            mine.extend(leases.into_iter().map(|lease| lease.subject));
        }
    }))
    .await
    .concat();
    assert_eq!(
        claimed.len(),
        due.len(),
        "something was claimed twice, or not at all"
    );
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>(), due);
    nodes.close().await;
}

#[tokio::test]
async fn what_must_leave_is_claimed_by_one_node_alone() {
    let nodes = Nodes::open().await;
    let home = nodes.home("cus_1").await;
    let change = opened(&nodes.one, &home, None).await;
    let mut record = moving(&change, at(1));
    let topics: Vec<String> = (0..40).map(|number| format!("fact {number}")).collect();
    record.outbox = topics
        .iter()
        .map(|topic| leaving(&record.change, Channel::Mail, topic))
        .collect();
    done(&nodes.one, record).await;
    let senders = [&nodes.one, &nodes.other, &nodes.one, &nodes.other];
    let claimed = join_all(senders.map(|node| async move {
        let mut mine = Vec::new();
        loop {
            let rows = node.claim_outbox(at(1), A_MINUTE, 3).await.expect("claimed");
            if rows.is_empty() {
                return mine;
            }
            mine.extend(rows.into_iter().map(|row| row.topic));
        }
    }))
    .await
    .concat();
    assert_eq!(
        claimed.len(),
        topics.len(),
        "something was claimed twice, or not at all"
    );
    assert_eq!(
        claimed.into_iter().collect::<BTreeSet<_>>(),
        topics.into_iter().collect()
    );
    nodes.close().await;
}

#[tokio::test]
async fn of_two_commands_on_two_nodes_one_counts() {
    let nodes = Nodes::open().await;
    let home = nodes.home("cus_1").await;
    let mut change = opened(&nodes.one, &home, None).await;
    for _ in 0..ROUNDS {
        let written = nodes.race(moving(&change, at(1)), moving(&change, at(2))).await;
        one_is_done_and_the_other(&written, &Written::Stale);
        let situation = nodes.other.situation(change.id).await.expect("read");
        change = situation.expect("there").change;
        let history = nodes.one.journal(change.id, FIRST_PAGE).await.expect("read");
        assert_eq!(
            (change.version, history.len() as u64),
            (change.version, change.version)
        );
    }
    assert_eq!(change.version, u64::from(ROUNDS) + 1);
    nodes.close().await;
}

#[tokio::test]
async fn a_request_that_is_sent_to_two_nodes_is_done_once_and_answered_twice() {
    let nodes = Nodes::open().await;
    let home = nodes.home("cus_1").await;
    let mut change = opened(&nodes.one, &home, None).await;
    for round in 0..ROUNDS {
        let key = format!("key {round}");
        let asking = |fingerprint| {
            let mut record = moving(&change, at(1));
            record.request = Some(request(&key, fingerprint));
            record
        };
        let written = nodes.race(asking(1), asking(1)).await;
        one_is_done_and_the_other(&written, &Written::Replayed(request(&key, 1).answer));
        let situation = nodes.one.situation(change.id).await.expect("read");
        change = situation.expect("there").change;
        let key = format!("{key}, used for two things");
        let asking = |fingerprint| {
            let mut record = moving(&change, at(1));
            record.request = Some(request(&key, fingerprint));
            record
        };
        let written = nodes.race(asking(1), asking(2)).await;
        one_is_done_and_the_other(&written, &Written::KeyReused);
        let situation = nodes.one.situation(change.id).await.expect("read");
        change = situation.expect("there").change;
    }
    nodes.close().await;
}

#[tokio::test]
async fn two_changes_are_not_opened_on_one_contract() {
    let nodes = Nodes::open().await;
    let home = nodes.home("cus_1").await;
    for _ in 0..ROUNDS {
        let (here, there) = (opening(&home, at(1)), opening(&home, at(1)));
        let changes = [here.change.clone(), there.change.clone()];
        let written = nodes.race(here, there).await;
        let winner = usize::from(written[0] != Written::Done);
        assert_eq!(written[winner], Written::Done);
        assert_eq!(written[1 - winner], Written::Blocked(changes[winner].id));
        done(&nodes.other, ending(&changes[winner], at(2))).await;
    }
    nodes.close().await;
}

#[tokio::test]
async fn one_charge_of_a_customer_is_on_its_way() {
    let nodes = Nodes::open().await;
    let (here, there) = (nodes.home("cus_1").await, nodes.home("cus_2").await);
    for _ in 0..ROUNDS {
        let charge = async |home| {
            let change = opened(&nodes.one, home, None).await;
            let mut record = moving(&change, at(1));
            record.effects = vec![effect(&change, CallName::PayInvoice, Some("cus_1"))];
            record
        };
        let records = [charge(&here).await, charge(&there).await];
        let written = nodes.race(records[0].clone(), records[1].clone()).await;
        one_is_done_and_the_other(&written, &Written::CustomerBusy);
        let winner = usize::from(written[0] != Written::Done);
        let paid = came_out(&records[winner].effects[0], EffectStatus::Succeeded);
        nodes.other.settle_effect(paid, at(2)).await.expect("settled");
        let loser = done(&nodes.one, records[1 - winner].clone()).await;
        let paid = came_out(&records[1 - winner].effects[0], EffectStatus::Succeeded);
        nodes.one.settle_effect(paid, at(3)).await.expect("settled");
        done(&nodes.other, ending(&loser, at(4))).await;
        done(&nodes.other, ending(&records[winner].change, at(4))).await;
    }
    nodes.close().await;
}

#[tokio::test]
async fn a_webhook_that_reaches_two_nodes_is_kept_once_and_two_webhooks_do_not_block_each_other() {
    let nodes = Nodes::open().await;
    let home = nodes.home("cus_1").await;
    let second = new_contract(&home.account, None);
    let concluded = nodes.one.create_contract(conclude(&second)).await;
    assert_eq!(concluded.expect("written"), Written::Done);
    opened(&nodes.one, &home, None).await;
    for round in 0..ROUNDS {
        let events = ["same", "same", "first", "second"].map(|event| format!("{event} {round}"));
        let kept = join_all(events.iter().enumerate().map(|(number, event)| {
            let node = [&nodes.one, &nodes.other][number % 2];
            node.accept_inbound(webhook(event, "cus_1", at(1)))
        }))
        .await;
        let kept: Vec<bool> = kept.into_iter().map(|kept| kept.expect("kept")).collect();
        assert!(kept[0] != kept[1] && kept[2] && kept[3], "{kept:?}");
    }
    // Every one that was kept has woken all three: the change and both contracts.
    let leases = claim(&nodes.one, at(1)).await;
    let woken: Vec<u64> = leases.iter().map(|lease| lease.wake_seq).collect();
    assert_eq!(woken, [u64::from(ROUNDS) * 3; 3]);
    nodes.close().await;
}

#[tokio::test]
async fn a_worker_that_was_frozen_and_the_one_after_it_do_not_both_decide() {
    let nodes = Nodes::open().await;
    let home = nodes.home("cus_1").await;
    let mut change = opened(&nodes.one, &home, Some(at(1))).await;
    let mut now = at(1);
    for _ in 0..ROUNDS {
        let lease = claim_only(&nodes.one, &change, now).await;
        let later = now + A_MINUTE;
        let mut late = moving(&change, later);
        late.fence = Some(lease);
        late.due_at = Some(later + A_MINUTE);
        let (decided, claimed) = tokio::join!(nodes.one.record(late), claim(&nodes.other, later));
        let situation = nodes.one.situation(change.id).await.expect("read");
        let stored = situation.expect("there").change;
        match decided.expect("answered") {
            Written::Done => {
                assert_eq!((claimed.len(), stored.version), (0, change.version + 1));
                now = later + A_MINUTE;
            }
            Written::Stale => {
                assert_eq!((claimed.len(), stored.version), (1, change.version));
                assert!(claimed[0].epoch > lease.epoch);
                now = later + A_MINUTE;
            }
            other => panic!("{other:?}"),
        }
        change = stored;
    }
    nodes.close().await;
}

#[tokio::test]
async fn a_fact_a_question_and_a_command_about_one_change_do_not_block_each_other() {
    let nodes = Nodes::open().await;
    let home = nodes.home("cus_1").await;
    for _ in 0..ROUNDS {
        let change = opened(&nodes.one, &home, Some(at(1))).await;
        let promised = effect(&change, CallName::VoidInvoice, None);
        let mut record = moving(&change, at(1));
        record.effects = vec![promised.clone()];
        record.due_at = Some(at(1));
        let change = done(&nodes.one, record).await;
        let lease = claim_only(&nodes.one, &change, at(1)).await;
        let mut command = ending(&change, at(2));
        command.settled = vec![came_out(&promised, EffectStatus::Succeeded)];
        let fact = came_out(&promised, EffectStatus::Succeeded);
        let (commanded, settled, released, heard, begun) = tokio::join!(
            nodes.other.record(command),
            nodes.one.settle_effect(fact, at(2)),
            nodes.one.release(lease, Some(at(3)), Some(at(2))),
            nodes
                .other
                .accept_inbound(webhook(&change.id.to_string(), "cus_1", at(2))),
            nodes.one.begin_attempt(lease, promised.id, at(2), at(900)),
        );
        assert_eq!(commanded.expect("answered"), Written::Done);
        settled.expect("settled");
        released.expect("released");
        assert!(heard.expect("kept"));
        begun.expect("answered");
        let effects = nodes.one.effects(change.id).await.expect("read");
        assert_eq!(effects[0].status, EffectStatus::Succeeded);
    }
    nodes.close().await;
}

#[tokio::test]
async fn an_observation_and_a_decision_beside_it_come_one_after_the_other() {
    let nodes = Nodes::open().await;
    let home = nodes.home("cus_1").await;
    let mut contract = home.contract.clone();
    let mut change = opened(&nodes.one, &home, None).await;
    for round in 0..ROUNDS {
        let event = webhook(&format!("evt {round}"), "cus_1", at(1));
        nodes.one.accept_inbound(event).await.expect("kept");
        let leases = claim(&nodes.one, at(1)).await;
        let fence = leases
            .into_iter()
            .find(|lease| lease.subject == Subject::Contract(contract.id))
            .expect("the contract is due");
        let mut seen = contract.clone();
        seen.version += 1;
        let observation = ContractRecord {
            contract: seen.clone(),
            seen_at: contract.version,
            fence,
            beside: Some((change.id, change.version)),
            entries: Vec::new(),
            outbox: Vec::new(),
            due_at: None,
        };
        let (observed, decided) = tokio::join!(
            nodes.one.record_contract(observation),
            nodes.other.record(moving(&change, at(2)))
        );
        // The decision does not look at the contract: it always counts. The observation counts only before it.
        assert_eq!(decided.expect("answered"), Written::Done);
        let stored = nodes
            .other
            .contract(contract.id)
            .await
            .expect("read")
            .expect("there");
        match observed.expect("answered") {
            Written::Done => assert_eq!(stored, seen),
            Written::Stale => {
                assert_eq!(stored, contract);
                nodes.one.release(fence, None, None).await.expect("released");
            }
            other => panic!("{other:?}"),
        }
        contract = stored;
        let situation = nodes.one.situation(change.id).await.expect("read");
        change = situation.expect("there").change;
    }
    assert_eq!(nodes.one.answered(&seller(), "none").await.expect("read"), None);
    nodes.close().await;
}
