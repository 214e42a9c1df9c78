//! Decisions: written whole, once, and only on what they were made about.

use changeover::domain::account::ContractId;
use changeover::domain::change::{AccountFact, CallName};
use changeover::ports::store::{Channel, Grounds, PageAsk, Store, StoreError, Written};
use futures_util::future::join_all;

use super::people::{FIRST_PAGE, at, household, new_id, seller};
use super::writings::{billing_data, claim, done, effect, ending, leaving, moving, opened, opening, request};

pub(crate) async fn a_change_reads_back_as_it_was_written(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let mut record = moving(&change, at(7));
    record.change.asked = 3;
    record.change.last_asked = Some(at(6));
    record.change.reminded = 2;
    record.change.return_url = None;
    record.effects = vec![effect(&change, CallName::VoidInvoice, None)];
    let entries = record.entries.clone();
    let effects = record.effects.clone();
    let moved = done(store, record).await;

    let situation = store.situation(change.id).await.expect("read").expect("there");
    assert_eq!(situation.change, moved);
    assert_eq!(situation.account, home.account);
    assert_eq!(situation.contract, home.contract);
    assert_eq!(situation.billing, None);
    assert_eq!(situation.effects, effects);
    assert_eq!(store.effects(change.id).await.expect("read"), effects);
    assert_eq!(
        store.open_change(home.contract.id).await.expect("read"),
        Some(change.id)
    );
    let after_first = PageAsk { after: 1, limit: 10 };
    assert_eq!(
        store.journal(change.id, after_first).await.expect("read"),
        entries
    );
    let nobody = changeover::domain::change::ChangeId(new_id());
    assert!(store.situation(nobody).await.expect("read").is_none());
}

pub(crate) async fn what_opening_a_change_looks_at_is_read_together(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let before = store
        .grounds(home.contract.id)
        .await
        .expect("read")
        .expect("there");
    let mut expected = Grounds {
        account: home.account.clone(),
        billing: None,
        contract: home.contract.clone(),
        open: None,
    };
    assert_eq!(before, expected);
    let change = opened(store, &home, None).await;
    let mut record = moving(&change, at(1));
    let identity = billing_data(home.account.id, "Rua das Flores");
    record.account = vec![AccountFact::Identity(identity.reference.clone())];
    record.identity = Some(identity);
    done(store, record).await;
    expected.open = Some(change.id);
    expected.billing = store.billing(home.account.id).await.expect("read");
    assert!(expected.billing.is_some());
    let after = store.grounds(home.contract.id).await.expect("read");
    assert_eq!(after, Some(expected));
    let nowhere = ContractId(new_id());
    assert_eq!(store.grounds(nowhere).await.expect("read"), None);
}

pub(crate) async fn of_two_decisions_on_one_version_the_first_counts(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let first = done(store, moving(&change, at(1))).await;
    let late = store.record(moving(&change, at(2))).await.expect("answered");
    assert_eq!(late, Written::Stale);
    let situation = store.situation(change.id).await.expect("read").expect("there");
    assert_eq!(situation.change, first);
    // Neither can it be opened again.
    let mut again = opening(&home, at(3));
    again.change.id = change.id;
    assert_eq!(store.record(again).await.expect("answered"), Written::Stale);
}

pub(crate) async fn one_change_is_open_per_contract(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let first = opened(store, &home, None).await;
    let second = opening(&home, at(1));
    let blocked = store.record(second.clone()).await.expect("answered");
    assert_eq!(blocked, Written::Blocked(first.id));
    assert!(store.situation(second.change.id).await.expect("read").is_none());
    done(store, ending(&first, at(2))).await;
    assert_eq!(store.open_change(home.contract.id).await.expect("read"), None);
    done(store, second).await;
}

pub(crate) async fn a_repeated_request_gets_its_first_answer(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let mut record = moving(&change, at(1));
    record.request = Some(request("k1", 1));
    // An attempt that is not written does not use the key up.
    let mut outdated = record.clone();
    outdated.expected_version = 9;
    assert_eq!(store.record(outdated).await.expect("answered"), Written::Stale);
    assert_eq!(store.answered(&seller(), "k1").await.expect("read"), None);

    let moved = done(store, record.clone()).await;
    let mut repeated = moving(&moved, at(2));
    let mut other = request("k1", 1);
    other.answer.body = b"another".to_vec();
    repeated.request = Some(other);
    let first = request("k1", 1).answer;
    let answered = store.record(repeated.clone()).await.expect("answered");
    assert_eq!(answered, Written::Replayed(first.clone()));
    repeated.request = Some(request("k1", 2));
    assert_eq!(
        store.record(repeated).await.expect("answered"),
        Written::KeyReused
    );
    let situation = store.situation(change.id).await.expect("read").expect("there");
    assert_eq!(situation.change, moved);
    let known = store.answered(&seller(), "k1").await.expect("read");
    assert_eq!(known, Some(([1; 32], first)));
}

pub(crate) async fn a_decision_that_fails_at_its_last_step_leaves_nothing(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let mut record = moving(&change, at(1));
    record.request = Some(request("k1", 1));
    record.effects = vec![effect(&change, CallName::VoidInvoice, None)];
    record.outbox = vec![leaving(&record.change, Channel::Mail, "activated")];
    let identity = billing_data(home.account.id, "Rua das Flores 1");
    record.identity = Some(identity.clone());
    record.due_at = Some(at(5));
    // The contract is two versions ahead of what is stored.
    let mut contract = home.contract.clone();
    contract.version += 2;
    record.contract = Some(contract);
    assert_eq!(
        store.record(record.clone()).await.expect("answered"),
        Written::Stale
    );

    let situation = store.situation(change.id).await.expect("read").expect("there");
    assert_eq!(situation.change, change);
    assert_eq!(situation.billing, None);
    assert_eq!(situation.contract, home.contract);
    assert_eq!(store.effects(change.id).await.expect("read"), []);
    assert_eq!(store.journal(change.id, FIRST_PAGE).await.expect("read").len(), 1);
    assert_eq!(store.next_outbox().await.expect("read"), None);
    assert_eq!(store.next_due().await.expect("read"), None);
    assert_eq!(store.identity(identity.reference.row).await.expect("read"), None);
    assert_eq!(store.answered(&seller(), "k1").await.expect("read"), None);

    // With the right version every part of it is written.
    let contract = record.contract.as_mut().expect("given");
    contract.version -= 1;
    contract.plan = "pro".parse().expect("a plan");
    let contract = contract.clone();
    done(store, record).await;
    let situation = store.situation(change.id).await.expect("read").expect("there");
    assert_eq!(situation.contract, contract);
    let billing = situation.billing.expect("given");
    assert_eq!(billing.identity, identity.reference);
    assert_eq!(store.next_outbox().await.expect("read"), Some(at(1)));
    assert_eq!(store.next_due().await.expect("read"), Some(at(5)));
    let stored = store.identity(identity.reference.row).await.expect("read");
    assert_eq!(stored, Some(identity.identity));
}

pub(crate) async fn history_has_no_gap_and_no_break(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let mut gap = moving(&change, at(1));
    gap.entries[0].seq += 1;
    let mut rupture = moving(&change, at(1));
    rupture.entries[0].previous = [9; 32];
    let mut other_head = moving(&change, at(1));
    other_head.change.journal_head = [9; 32];
    let mut silent = moving(&change, at(1));
    silent.entries.clear();
    for (record, cell) in [
        (gap, "journal.seq"),
        (rupture, "journal.previous"),
        (other_head, "change.journal_head"),
        (silent, "change.journal_head"),
    ] {
        match store.record(record).await {
            Err(StoreError::Damaged(what)) => assert_eq!(what, cell),
            other => panic!("{cell}: {other:?}"),
        }
    }
    let situation = store.situation(change.id).await.expect("read").expect("there");
    assert_eq!(situation.change, change);
    assert_eq!(store.journal(change.id, FIRST_PAGE).await.expect("read").len(), 1);
}

pub(crate) async fn many_decisions_at_once_all_count_and_a_failing_one_harms_nobody(store: &dyn Store) {
    let mut changes = Vec::new();
    for number in 0..40 {
        let home = household(store, &format!("cus_{number}")).await;
        changes.push(opened(store, &home, None).await);
    }
    let answers = join_all(changes.iter().enumerate().map(|(number, change)| {
        let mut record = moving(change, at(1));
        match number % 10 {
            3 => record.expected_version = 7,
            // Fails in the database itself, after the change and its history were written.
            5 => record.effects = vec![effect(change, CallName::Refund, None); 2],
            _ => record.due_at = Some(at(2)),
        }
        store.record(record)
    }))
    .await;
    for (number, (answer, change)) in answers.into_iter().zip(&changes).enumerate() {
        let version = store
            .situation(change.id)
            .await
            .expect("read")
            .expect("there")
            .change
            .version;
        match number % 10 {
            3 => assert_eq!((answer.expect("answered"), version), (Written::Stale, 1)),
            5 => {
                assert!(matches!(answer, Err(StoreError::Damaged(_))), "{answer:?}");
                assert_eq!(version, 1);
            }
            _ => assert_eq!((answer.expect("answered"), version), (Written::Done, 2)),
        }
    }
    assert_eq!(claim(store, at(2)).await.len(), 32);
}

pub(crate) async fn lists_come_in_pages(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let mut ids = Vec::new();
    for number in 0..3 {
        let mut record = opening(&home, at(number));
        record.change.created_at = at(number);
        let change = done(store, record).await;
        ids.push(done(store, ending(&change, at(number))).await.id);
    }
    let page = async |after, limit| {
        let page = store.changes_of(home.contract.id, PageAsk { after, limit }).await;
        page.expect("read")
            .into_iter()
            .map(|change| change.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(page(0, 2).await, [ids[2], ids[1]]);
    assert_eq!(page(2, 2).await, [ids[0]]);
    assert_eq!(page(3, 2).await, []);
    let lines = store
        .journal(ids[0], PageAsk { after: 0, limit: 1 })
        .await
        .expect("read");
    assert_eq!(lines.iter().map(|line| line.seq).collect::<Vec<_>>(), [1]);
}

pub(crate) async fn whoever_walks_through_all_changes_and_contracts_meets_each_once(store: &dyn Store) {
    let (mut changes, mut contracts) = (Vec::new(), Vec::new());
    for number in 0..3 {
        let home = household(store, &format!("cus_{number}")).await;
        changes.push(opened(store, &home, None).await.id);
        contracts.push(home.contract.id);
    }
    let first = store.change_ids(None, 2).await.expect("read");
    let rest = store.change_ids(first.last().copied(), 2).await.expect("read");
    assert_eq!([first, rest].concat(), changes);
    let first = store.contract_ids(None, 2).await.expect("read");
    let rest = store.contract_ids(first.last().copied(), 2).await.expect("read");
    assert_eq!([first, rest].concat(), contracts);
    assert_eq!(
        store.change_ids(changes.last().copied(), 2).await.expect("read"),
        []
    );
}
