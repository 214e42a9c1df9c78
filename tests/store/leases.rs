//! Leases: one worker at a time decides, a dead one is replaced, and no wake-up is lost.

use changeover::domain::change::MACHINE_VERSION;
use changeover::ports::store::{Lease, Store, Subject, Written};

use super::people::{A_MINUTE, at, household};
use super::writings::{claim, claim_changes, claim_only, done, ending, moving, opened, opening, webhook};

pub(crate) async fn the_oldest_is_claimed_first_and_then_held(store: &dyn Store) {
    let mut changes = Vec::new();
    for (number, due) in [(1, 30), (2, 10), (3, 20), (4, 90)] {
        let home = household(store, &format!("cus_{number}")).await;
        changes.push(opened(store, &home, Some(at(due))).await);
    }
    assert_eq!(store.next_due().await.expect("read"), Some(at(10)));
    let two = store
        .claim_due(at(40), A_MINUTE, "worker", 2)
        .await
        .expect("claimed");
    let subjects = |leases: &[Lease]| leases.iter().map(|lease| lease.subject).collect::<Vec<_>>();
    assert_eq!(
        subjects(&two),
        [Subject::Change(changes[1].id), Subject::Change(changes[2].id)]
    );
    assert_eq!(
        subjects(&claim(store, at(40)).await),
        [Subject::Change(changes[0].id)]
    );
    assert_eq!(claim(store, at(40)).await, []);
    assert_eq!(store.next_due().await.expect("read"), Some(at(90)));
}

pub(crate) async fn what_a_dead_worker_held_becomes_due_under_a_new_epoch(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, Some(at(10))).await;
    let dead = claim_only(store, &change, at(10)).await;
    assert_eq!(claim(store, at(69)).await, []);
    assert_eq!(store.next_due().await.expect("read"), Some(at(70)));
    let heir = claim_only(store, &change, at(70)).await;
    assert!(heir.epoch > dead.epoch);
    // Why the dead one had claimed it nobody knows any more: the heir looks as if it had been woken.
    assert!(!dead.woken && heir.woken);
    // The dead one comes back and gives away what it no longer has.
    store.release(dead, None, Some(at(71))).await.expect("ignored");
    assert_eq!(store.next_due().await.expect("read"), Some(at(130)));
    let mut decision = moving(&change, at(72));
    decision.fence = Some(heir);
    assert_eq!(done(store, decision).await.asked, 0);
}

pub(crate) async fn a_decision_under_a_lost_lease_is_not_written(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, Some(at(10))).await;
    let dead = claim_only(store, &change, at(10)).await;
    let heir = claim_only(store, &change, at(70)).await;
    let mut decision = moving(&change, at(71));
    decision.fence = Some(dead);
    assert_eq!(
        store.record(decision.clone()).await.expect("answered"),
        Written::Stale
    );
    decision.fence = Some(heir);
    let moved = done(store, decision).await;
    // A decision gives its lease back: the next one needs another.
    let mut second = moving(&moved, at(72));
    second.fence = Some(heir);
    assert_eq!(
        store.record(second.clone()).await.expect("answered"),
        Written::Stale
    );
    // A lease on something else is none.
    let other = household(store, "cus_2").await;
    let elsewhere = opened(store, &other, Some(at(80))).await;
    second.fence = Some(claim_only(store, &elsewhere, at(80)).await);
    assert_eq!(store.record(second).await.expect("answered"), Written::Stale);
}

pub(crate) async fn a_worker_goes_on_under_the_lease_that_it_keeps(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, Some(at(10))).await;
    let lease = claim_only(store, &change, at(10)).await;
    let mut first = moving(&change, at(11));
    first.fence = Some(lease);
    first.due_at = Some(at(11));
    first.held_until = Some(at(71));
    let moved = done(store, first).await;
    // It is nobody else's, although there is something to do; and what wakes it waits.
    assert!(
        store
            .accept_inbound(webhook("evt_1", "cus_1", at(12)))
            .await
            .expect("kept")
    );
    assert_eq!(claim_changes(store, at(70)).await, []);
    let mut second = moving(&moved, at(13));
    second.fence = Some(lease);
    second.due_at = Some(at(1000));
    let moved = done(store, second).await;
    // Now it is given back, and the wake-up is not lost.
    let heir = claim_only(store, &change, at(13)).await;
    assert!(heir.epoch > lease.epoch && heir.woken);

    // One that dies after such a decision is replaced when its time is over.
    let mut third = moving(&moved, at(14));
    third.fence = Some(heir);
    third.held_until = Some(at(74));
    let moved = done(store, third).await;
    assert_eq!(claim_changes(store, at(73)).await, []);
    let next = claim_only(store, &change, at(74)).await;
    let mut late = moving(&moved, at(75));
    late.fence = Some(heir);
    assert_eq!(store.record(late).await.expect("answered"), Written::Stale);

    // A command takes it away as ever.
    let mut fourth = moving(&moved, at(76));
    fourth.fence = Some(next);
    fourth.held_until = Some(at(136));
    let moved = done(store, fourth).await;
    let moved = done(store, moving(&moved, at(77))).await;
    let mut late = moving(&moved, at(78));
    late.fence = Some(next);
    assert_eq!(store.record(late).await.expect("answered"), Written::Stale);
    assert!(claim_only(store, &change, at(78)).await.woken);
}

pub(crate) async fn a_command_takes_the_change_from_its_worker(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, Some(at(10))).await;
    let worker = claim_only(store, &change, at(10)).await;
    let mut command = moving(&change, at(11));
    command.due_at = Some(at(1000));
    let moved = done(store, command).await;
    let mut decision = moving(&moved, at(12));
    decision.fence = Some(worker);
    assert_eq!(store.record(decision).await.expect("answered"), Written::Stale);
    // Whatever the worker had claimed it for is not forgotten.
    let next = claim_only(store, &change, at(12)).await;
    store.release(next, Some(at(1000)), None).await.expect("released");
    assert_eq!(store.next_due().await.expect("read"), Some(at(1000)));
}

pub(crate) async fn a_wake_up_during_a_lease_is_not_lost(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, Some(at(10))).await;

    let lease = claim_only(store, &change, at(10)).await;
    assert!(
        store
            .accept_inbound(webhook("evt_1", "cus_1", at(11)))
            .await
            .expect("kept")
    );
    // The worker is not disturbed.
    assert_eq!(claim_changes(store, at(12)).await, []);
    let mut decision = moving(&change, at(13));
    decision.fence = Some(lease);
    decision.due_at = Some(at(1000));
    done(store, decision).await;

    let second = claim_only(store, &change, at(13)).await;
    assert!(second.wake_seq > lease.wake_seq);
    assert!(
        store
            .accept_inbound(webhook("evt_2", "cus_1", at(14)))
            .await
            .expect("kept")
    );
    store
        .release(second, Some(at(1000)), None)
        .await
        .expect("released");

    let third = claim_only(store, &change, at(15)).await;
    store
        .release(third, Some(at(1000)), None)
        .await
        .expect("released");
    assert_eq!(claim(store, at(16)).await, []);
    assert_eq!(store.next_due().await.expect("read"), Some(at(1000)));
}

pub(crate) async fn a_wake_up_before_a_command_is_not_lost(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, Some(at(500))).await;
    assert!(
        store
            .accept_inbound(webhook("evt_1", "cus_1", at(11)))
            .await
            .expect("kept")
    );
    let mut command = moving(&change, at(12));
    command.due_at = Some(at(1000));
    let moved = done(store, command).await;
    // A second command does not lose it either.
    done(store, moving(&moved, at(13))).await;
    assert_eq!(store.next_due().await.expect("read"), Some(at(11)));
    claim_only(store, &change, at(14)).await;
}

pub(crate) async fn what_is_never_due_can_still_be_woken(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    assert_eq!(store.next_due().await.expect("read"), None);
    assert!(
        store
            .accept_inbound(webhook("evt_1", "cus_1", at(5)))
            .await
            .expect("kept")
    );
    let lease = claim_only(store, &change, at(5)).await;
    store.release(lease, None, None).await.expect("released");
    assert_eq!(store.next_due().await.expect("read"), None);
}

pub(crate) async fn a_question_without_a_new_answer_is_counted(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, Some(at(1))).await;
    let lease = claim_only(store, &change, at(1)).await;
    store
        .release(lease, Some(at(9)), Some(at(2)))
        .await
        .expect("released");
    // A lease can be given back once.
    store
        .release(lease, Some(at(5)), Some(at(3)))
        .await
        .expect("ignored");
    let asked = store
        .situation(change.id)
        .await
        .expect("read")
        .expect("there")
        .change;
    assert_eq!(
        (asked.asked, asked.last_asked, asked.version),
        (1, Some(at(2)), 1)
    );
    assert_eq!(store.next_due().await.expect("read"), Some(at(9)));
}

pub(crate) async fn what_a_newer_machine_wrote_is_left_alone(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let mut record = opening(&home, at(0));
    record.change.machine_version = MACHINE_VERSION + 1;
    record.due_at = Some(at(1));
    let change = done(store, record).await;
    assert_eq!(claim(store, at(100)).await, []);
    assert_eq!(store.next_due().await.expect("read"), None);
    let seen = store.situation(change.id).await.expect("read").expect("there");
    assert_eq!(seen.change.machine_version, MACHINE_VERSION + 1);
}

pub(crate) async fn a_contract_is_watched_beside_an_open_change_and_at_its_end(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    assert!(
        store
            .accept_inbound(webhook("evt_1", "cus_1", at(1)))
            .await
            .expect("kept")
    );
    let change = opened(store, &home, None).await;
    let leases = claim(store, at(50)).await;
    assert_eq!(leases[0].subject, Subject::Contract(home.contract.id));
    store.release(leases[0], None, None).await.expect("released");
    assert_eq!(store.next_due().await.expect("read"), None);
    done(store, ending(&change, at(60))).await;
    let leases = claim(store, at(60)).await;
    let subjects: Vec<_> = leases.iter().map(|lease| lease.subject).collect();
    assert_eq!(subjects, [Subject::Contract(home.contract.id)]);
    store.release(leases[0], None, None).await.expect("released");
    assert_eq!(claim(store, at(61)).await, []);
}

pub(crate) async fn what_a_process_holds_is_given_back_when_it_ends(store: &dyn Store) {
    let (home, other) = (household(store, "cus_1").await, household(store, "cus_2").await);
    let (change, elsewhere) = (
        opened(store, &home, Some(at(10))).await,
        opened(store, &other, Some(at(20))).await,
    );
    let ends = store
        .claim_due(at(10), A_MINUTE, "ends", 9)
        .await
        .expect("claimed")[0];
    let stays = store
        .claim_due(at(20), A_MINUTE, "stays", 9)
        .await
        .expect("claimed")[0];
    assert_eq!(store.give_back("nobody", at(30)).await.expect("written"), 0);
    assert_eq!(store.give_back("ends", at(30)).await.expect("written"), 1);
    assert_eq!(store.next_due().await.expect("read"), Some(at(30)));
    // What the process left behind can no longer be written, also before somebody else takes over.
    let mut late = moving(&change, at(31));
    late.fence = Some(ends);
    assert_eq!(store.record(late).await.expect("answered"), Written::Stale);
    // It may have been woken for something that nobody has looked at yet.
    let heir = claim_only(store, &change, at(30)).await;
    assert!(heir.epoch > ends.epoch && heir.woken);
    let mut decision = moving(&elsewhere, at(32));
    decision.fence = Some(stays);
    done(store, decision).await;
    assert_eq!(store.give_back("ends", at(40)).await.expect("written"), 0);
}
