//! What is counted, walked through, and asked about what was sent.

use std::collections::BTreeMap;

use changeover::domain::change::{CallName, MACHINE_VERSION};
use changeover::ports::store::{Channel, OutboxUpdate, Store};

use super::people::{A_MINUTE, at, household};
use super::writings::{claim_only, done, effect, ending, leaving, moving, opened, opening};

pub(crate) async fn what_is_open_late_or_given_up_is_counted(store: &dyn Store) {
    let (one, other) = (household(store, "cus_1").await, household(store, "cus_2").await);
    let first = opened(store, &one, Some(at(10))).await;
    let mut newer = opening(&other, at(0));
    newer.change.machine_version = MACHINE_VERSION + 1;
    newer.due_at = Some(at(10));
    done(store, newer).await;
    let mut telling = moving(&first, at(1));
    telling.due_at = Some(at(10));
    telling.outbox = vec![
        leaving(&telling.change, Channel::Mail, "late"),
        leaving(&telling.change, Channel::Mail, "given-up"),
        leaving(&telling.change, Channel::Mail, "sent"),
    ];
    let [_, given_up, sent] = telling.outbox.clone().try_into().expect("three");
    let second = done(store, telling).await;
    store.claim_outbox(at(2), A_MINUTE, 9).await.expect("claimed");
    let error = "refused".to_owned();
    for (row, update) in [
        (given_up, OutboxUpdate::GivenUp { error }),
        (sent, OutboxUpdate::Sent),
    ] {
        store.settle_outbox(row.id, update).await.expect("settled");
    }

    let census = store.census(at(9)).await.expect("counted");
    let stages = [("draft".to_owned(), 1), (second.stage_name.clone(), 1)];
    assert_eq!(census.open, BTreeMap::from(stages));
    assert_eq!(census.of_a_newer_machine, 1);
    assert_eq!(
        (census.overdue, census.outbox_late, census.outbox_given_up),
        (0, 0, 1)
    );
    let later = store.census(at(600)).await.expect("counted");
    // What a newer machine wrote is nobody's to do here.
    assert_eq!((later.overdue, later.outbox_late), (1, 1));
    done(store, ending(&second, at(700))).await;
    let end = store.census(at(600)).await.expect("counted");
    assert_eq!(end.open.get(&second.stage_name), None);
}

pub(crate) async fn everything_is_walked_through_in_the_order_of_ids(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let first = opened(store, &home, None).await;
    let ended = done(store, ending(&first, at(1))).await;
    let second = opened(store, &home, None).await;
    let mut ids = vec![ended.id, second.id];
    ids.sort();
    assert_eq!(store.change_ids(None, 9).await.expect("ids"), ids);
    assert_eq!(store.change_ids(None, 1).await.expect("ids"), ids[..1]);
    assert_eq!(store.change_ids(Some(ids[0]), 9).await.expect("ids"), ids[1..]);
    assert_eq!(store.change_ids(Some(ids[1]), 9).await.expect("ids"), []);
    assert_eq!(
        store.contract_ids(None, 9).await.expect("ids"),
        [home.contract.id]
    );
}

pub(crate) async fn calls_that_make_invoices_count_from_when_they_were_first_sent(store: &dyn Store) {
    let (home, other) = (household(store, "cus_1").await, household(store, "cus_2").await);
    let opened = opened(store, &home, None).await;
    let mut asking = moving(&opened, at(1));
    asking.due_at = Some(at(2));
    asking.effects = vec![
        effect(&asking.change, CallName::UpdateSubscription, None),
        effect(&asking.change, CallName::VoidInvoice, None),
    ];
    let [update, void] = asking.effects.clone().try_into().expect("two");
    let change = done(store, asking).await;
    let asked = async |contract, since| {
        let asked = store.invoices_asked(contract, since).await;
        asked.expect("read")
    };
    let contract = home.contract.id;
    assert_eq!(asked(contract, at(0)).await, [], "nothing was sent yet");
    let lease = claim_only(store, &change, at(2)).await;
    for (id, now) in [(update.id, at(3)), (update.id, at(5)), (void.id, at(6))] {
        let begun = store.begin_attempt(lease, id, now, at(1000)).await;
        assert!(begun.expect("begun"));
    }
    assert_eq!(
        asked(contract, at(0)).await,
        [at(3)],
        "a repetition is no other invoice"
    );
    assert_eq!(asked(other.contract.id, at(0)).await, []);
    assert_eq!(asked(contract, at(4)).await, [], "that was before");
}
