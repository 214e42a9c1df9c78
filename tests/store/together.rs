//! What is brought and asked at the same time may be done together, and comes out as if each had come alone.

use changeover::domain::change::{CallName, ChangeId};
use changeover::ports::store::{OutboxUpdate, Store, StoreError, Written};
use futures_util::future::join_all;

use super::people::{at, household, new_id};
use super::sqlite;
use super::writings::{claim_changes, done, effect, leaving, moving, opened, request};
use changeover::domain::change::stuck::Work;
use changeover::ports::store::{ChangeRow, Channel, Lease, Subject};

async fn many_changes(store: &dyn Store, many: usize) -> Vec<ChangeRow> {
    let mut changes = Vec::new();
    for number in 0..many {
        let home = household(store, &format!("cus_{number}")).await;
        changes.push(opened(store, &home, Some(at(1))).await);
    }
    changes
}

pub(crate) async fn many_who_ask_at_once_get_each_their_own_answer(store: &dyn Store) {
    let changes = many_changes(store, 20).await;
    let nobody = ChangeId(new_id());
    let situations = join_all(changes.iter().map(|change| store.situation(change.id)));
    let accounts = join_all(changes.iter().map(|change| store.account(change.account)));
    let contracts = join_all(changes.iter().map(|change| store.contract(change.contract)));
    let open = join_all(changes.iter().map(|change| store.open_change(change.contract)));
    let (situations, accounts, contracts, open, nothing) =
        tokio::join!(situations, accounts, contracts, open, store.situation(nobody));
    assert!(nothing.expect("read").is_none());
    for (nth, change) in changes.iter().enumerate() {
        let situation = situations[nth].as_ref().expect("read").as_ref().expect("there");
        assert_eq!(situation.change, *change);
        assert_eq!(
            situation.work,
            Work {
                due_at: Some(at(1)),
                failing: None
            }
        );
        let (account, _) = accounts[nth].as_ref().expect("read").as_ref().expect("there");
        assert_eq!((account.id, &situation.account), (change.account, account));
        let contract = contracts[nth].as_ref().expect("read").as_ref().expect("there");
        assert_eq!((contract.id, &situation.contract), (change.contract, contract));
        assert_eq!(*open[nth].as_ref().expect("read"), Some(change.id));
    }
}

pub(crate) async fn of_many_attempts_at_once_only_those_under_a_lease_are_noted(store: &dyn Store) {
    let changes = many_changes(store, 12).await;
    let mut promised = Vec::new();
    for change in &changes {
        let call = effect(change, CallName::PayInvoice, None);
        let mut record = moving(change, at(1));
        record.effects = vec![call.clone()];
        record.due_at = Some(at(1));
        done(store, record).await;
        promised.push(call);
    }
    let leases = claim_changes(store, at(1)).await;
    let attempts = promised.iter().map(|call| {
        let of_it = |lease: &&Lease| lease.subject == Subject::Change(call.change);
        let mut lease = *leases.iter().find(of_it).expect("claimed");
        // One of them has lost its lease.
        lease.epoch -= u64::from(call.change == changes[5].id);
        store.begin_attempt(lease, call.id, at(2), at(1000))
    });
    let begun = join_all(attempts).await;
    for (nth, (begun, change)) in begun.into_iter().zip(&changes).enumerate() {
        assert_eq!(begun.expect("written"), nth != 5);
        let effects = store.effects(change.id).await.expect("read");
        assert_eq!(effects[0].attempts, u32::from(nth != 5));
        assert_eq!(effects[0].first_sent_at, (nth != 5).then(|| at(2)));
    }
}

pub(crate) async fn many_that_have_left_at_once_stay_so(store: &dyn Store) {
    let changes = many_changes(store, 20).await;
    for change in &changes {
        let mut record = moving(change, at(1));
        record.outbox = vec![leaving(&record.change, Channel::Mail, "moved")];
        done(store, record).await;
    }
    let rows = store
        .claim_outbox(at(1), jiff::SignedDuration::from_mins(1), 50)
        .await;
    let rows = rows.expect("claimed");
    assert_eq!(rows.len(), 20);
    let settled = rows.iter().enumerate().map(|(nth, row)| {
        let error = "no".to_owned();
        store.settle_outbox(
            row.id,
            match nth {
                3 => OutboxUpdate::Again { at: at(5), error },
                4 => OutboxUpdate::GivenUp { error },
                _ => OutboxUpdate::Sent,
            },
        )
    });
    for settled in join_all(settled).await {
        settled.expect("written");
    }
    assert_eq!(store.next_outbox().await.expect("read"), Some(at(5)));
    assert_eq!(store.census(at(0)).await.expect("counted").outbox_given_up, 1);
}

#[tokio::test]
async fn decisions_about_one_change_at_once_come_out_as_one_after_the_other() {
    let bench = sqlite::bench().await;
    let store = bench.store();
    let changes = many_changes(store, 8).await;
    let mut records = Vec::new();
    for change in &changes {
        let first = moving(change, at(1));
        let second = moving(&first.change, at(2));
        let outdated = moving(&first.change, at(3));
        records.extend([first, second, outdated]);
    }
    let answers = join_all(records.into_iter().map(|record| store.record(record))).await;
    let answers: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.expect("answered"))
        .collect();
    for answers in answers.chunks(3) {
        assert_eq!(answers, [Written::Done, Written::Done, Written::Stale]);
    }
    for change in &changes {
        let situation = store.situation(change.id).await.expect("read").expect("there");
        assert_eq!(situation.change.version, 3);
    }
    bench.close().await;
}

#[tokio::test]
async fn of_equal_requests_at_once_one_decides_and_the_other_gets_its_answer() {
    let bench = sqlite::bench().await;
    let store = bench.store();
    let changes = many_changes(store, 4).await;
    let record = |nth: usize, key: &str, fingerprint| {
        let mut record = moving(&changes[nth], at(1));
        record.request = Some(request(key, fingerprint));
        store.record(record)
    };
    let answers = join_all([
        record(0, "one", 1),
        record(0, "one", 1),
        // Another change under the key that is just being used, and one that has nothing to do with it.
        record(1, "one", 2),
        record(2, "two", 1),
    ])
    .await;
    let answers: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.expect("answered"))
        .collect();
    let replayed = Written::Replayed(request("one", 1).answer);
    assert_eq!(
        answers,
        [Written::Done, replayed, Written::KeyReused, Written::Done]
    );
    bench.close().await;
}

#[tokio::test]
async fn one_damaged_change_among_many_harms_nobody() {
    let bench = sqlite::bench().await;
    let store = bench.store();
    let changes = many_changes(store, 12).await;
    bench
        .harm(
            "PRAGMA ignore_check_constraints = ON;
             UPDATE change SET journal_head = x'00' WHERE id = (SELECT min(id) FROM change)",
        )
        .await;
    let read = join_all(changes.iter().map(|change| store.situation(change.id))).await;
    let written = join_all(changes.iter().map(|change| store.record(moving(change, at(2))))).await;
    let damaged =
        |error: &StoreError| matches!(error, StoreError::Damaged(what) if what == "change.journal_head");
    let hurt: Vec<_> = read.iter().filter_map(|read| read.as_ref().err()).collect();
    assert!(matches!(hurt.as_slice(), [error] if damaged(error)), "{hurt:?}");
    let hurt: Vec<_> = written
        .iter()
        .filter_map(|written| written.as_ref().err())
        .collect();
    assert!(matches!(hurt.as_slice(), [error] if damaged(error)), "{hurt:?}");
    let done = written
        .iter()
        .filter(|written| matches!(written, Ok(Written::Done)));
    assert_eq!(done.count(), 11);
    bench.close().await;
}
