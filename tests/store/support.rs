//! What support looks for, and failures that are counted.

use changeover::domain::change::stuck::{Failure, FailureKind};
use changeover::domain::change::{CallName, ChangeId, MACHINE_VERSION};
use changeover::ports::store::{
    ChangeRow, Channel, Concern, Departed, EffectStatus, Inbound, Name, OutboxUpdate, Search, Store,
};
use jiff::SignedDuration;

use super::findings::finding;
use super::people::{A_MINUTE, at, household, seller};
use super::writings::{came_out, claim, claim_only, done, effect, ending, leaving, moving, opened, webhook};

fn failure(detail: &str) -> Failure {
    Failure {
        kind: FailureKind::Provider,
        detail: detail.to_owned(),
    }
}

async fn found(store: &dyn Store, search: Search) -> Vec<ChangeId> {
    let search = Search { limit: 50, ..search };
    let rows = store.find_changes(search).await.expect("found");
    rows.iter().map(|row| row.id).collect()
}

async fn of_concern(store: &dyn Store, now: i64) -> Vec<ChangeId> {
    let concern = Some(Concern {
        now: at(now),
        overdue: SignedDuration::from_secs(900),
    });
    let search = Search {
        concern,
        ..Search::default()
    };
    found(store, search).await
}

pub(crate) async fn failures_are_counted_until_work_succeeds(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, Some(at(1))).await;
    let work = async || {
        let situation = store.situation(change.id).await.expect("read");
        situation.expect("there").work
    };
    assert_eq!((work().await.due_at, work().await.failing), (Some(at(1)), None));
    for (claimed, until) in [(1, 10), (10, 20)] {
        let lease = claim_only(store, &change, at(claimed)).await;
        store
            .park(
                lease,
                at(until),
                Some(at(claimed)),
                failure("no answer"),
                at(claimed),
            )
            .await
            .expect("parked");
    }
    let failing = work().await.failing.expect("it fails");
    assert_eq!((failing.times, failing.since), (2, at(1)));
    assert_eq!(failing.last, failure("no answer"));
    assert_eq!(work().await.due_at, Some(at(20)));
    let row = store
        .situation(change.id)
        .await
        .expect("read")
        .expect("there")
        .change;
    assert_eq!((row.asked, row.last_asked), (2, Some(at(10))));
    assert_eq!(of_concern(store, 11).await, [change.id]);
    let lease = claim_only(store, &change, at(20)).await;
    store.release(lease, Some(at(30)), None).await.expect("released");
    assert_eq!(work().await.failing, None);
    // A lease that is lost is nobody's to park.
    let late = store.park(lease, at(99), None, failure("late"), at(40)).await;
    late.expect("nothing happens");
    assert_eq!((work().await.due_at, work().await.failing), (Some(at(30)), None));
}

pub(crate) async fn a_wake_up_of_parked_work_is_not_lost(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, Some(at(1))).await;
    let lease = claim_only(store, &change, at(1)).await;
    let heard = store.accept_inbound(webhook("evt_1", "cus_1", at(2))).await;
    assert!(heard.expect("kept"));
    store
        .park(lease, at(500), None, failure("no answer"), at(3))
        .await
        .expect("parked");
    let again = claim_only(store, &change, at(3)).await;
    assert!(again.woken);
}

pub(crate) async fn what_may_be_stuck_is_found_and_nothing_else(store: &dyn Store) {
    let homes = [
        household(store, "cus_1").await,
        household(store, "cus_2").await,
        household(store, "cus_3").await,
        household(store, "cus_4").await,
        household(store, "cus_5").await,
    ];
    let mut changes: Vec<ChangeRow> = Vec::new();
    for home in &homes {
        changes.push(opened(store, home, None).await);
    }
    let [halted, calling, unsent, newer, overdue] = changes.as_slice() else {
        panic!("five changes");
    };
    assert_eq!(of_concern(store, 5000).await, []);
    let mut record = moving(halted, at(1));
    record.change.concern_at = Some(at(100));
    done(store, record).await;
    let mut record = moving(calling, at(1));
    let call = effect(&record.change, CallName::VoidInvoice, None);
    record.effects = vec![call.clone()];
    let calling_now = done(store, record).await;
    let mut record = moving(unsent, at(1));
    let mail = leaving(&record.change, Channel::Mail, "activated");
    record.outbox = vec![mail.clone()];
    done(store, record).await;
    let update = OutboxUpdate::GivenUp {
        error: "550".to_owned(),
    };
    store.settle_outbox(mail.id, update).await.expect("settled");
    let mut record = moving(newer, at(1));
    record.change.machine_version = MACHINE_VERSION + 1;
    done(store, record).await;
    let mut record = moving(overdue, at(1));
    record.due_at = Some(at(1));
    done(store, record).await;

    let mut expected = vec![calling.id, unsent.id, newer.id];
    expected.sort();
    assert_eq!(
        of_concern(store, 99).await,
        expected,
        "not yet halted, not yet overdue"
    );
    let mut all: Vec<ChangeId> = changes.iter().map(|change| change.id).collect();
    all.sort();
    assert_eq!(of_concern(store, 1000).await, all);

    let home = household(store, "cus_6").await;
    let found = opened(store, &home, None).await;
    let mut left = finding(&home, "in_1", at(1));
    left.change = Some(found.id);
    store
        .keep_findings(home.contract.id, vec![left])
        .await
        .expect("kept");
    let mut with_it = [all.as_slice(), &[found.id]].concat();
    with_it.sort();
    assert_eq!(of_concern(store, 1000).await, with_it);
    store
        .keep_findings(home.contract.id, Vec::new())
        .await
        .expect("kept");
    assert_eq!(of_concern(store, 1000).await, all);

    let mut record = moving(&calling_now, at(2));
    let mut over = came_out(&call, EffectStatus::Succeeded);
    over.consumed = true;
    record.settled = vec![over];
    done(store, record).await;
    all.retain(|id| *id != calling.id);
    assert_eq!(of_concern(store, 1000).await, all);
}

pub(crate) async fn changes_are_found_by_what_names_them(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let other = household(store, "cus_2").await;
    let change = opened(store, &home, None).await;
    let bystander = opened(store, &other, None).await;
    let mut record = moving(&change, at(10));
    record.change.invoice = Some("in_7".to_owned());
    record.change.payment_intent = Some("pi_7".to_owned());
    "quote.ready".clone_into(&mut record.change.stage_name);
    let call = effect(&record.change, CallName::VoidInvoice, None);
    record.effects = vec![call.clone()];
    let change = done(store, record).await;
    let by = |finding: Name| Search {
        finding: Some(finding),
        ..Search::default()
    };
    for id in [change.id.0, home.account.id.0, home.contract.id.0, call.id.0] {
        assert_eq!(found(store, by(Name::Id(id))).await, [change.id], "{id}");
    }
    let reference = change.reference.0.as_str();
    for word in [reference, "cus_1", "in_7", "pi_7", call.key.as_str()] {
        let word = Name::Word(word.to_owned());
        assert_eq!(found(store, by(word.clone())).await, [change.id], "{word:?}");
    }
    if let Some(subscription) = &home.contract.subscription {
        let word = Name::Word(subscription.clone());
        assert_eq!(found(store, by(word)).await, [change.id]);
    }
    let in_stage = |stage: &str| Search {
        stage: Some(stage.to_owned()),
        ..Search::default()
    };
    assert_eq!(found(store, in_stage("quote")).await, [change.id]);
    assert_eq!(found(store, in_stage("quote.ready")).await, [change.id]);
    assert_eq!(found(store, in_stage("quo")).await, []);
    let quiet = Search {
        unmoved_since: Some(at(5)),
        ..Search::default()
    };
    assert_eq!(found(store, quiet).await, [bystander.id]);
    let of_seller = |seller| Search {
        seller: Some(seller),
        ..Search::default()
    };
    assert_eq!(found(store, of_seller(seller())).await.len(), 2);
    assert_eq!(
        found(store, of_seller("umbrella".parse().expect("a seller"))).await,
        []
    );
    // In pages, in the order of their making.
    let mut all = [change.id, bystander.id];
    all.sort();
    let page = Search {
        limit: 1,
        ..Search::default()
    };
    let first = store.find_changes(page.clone()).await.expect("found");
    assert_eq!(first[0].id, all[0]);
    let second = Search {
        after: Some(all[0]),
        ..page
    };
    assert_eq!(store.find_changes(second).await.expect("found")[0].id, all[1]);
}

pub(crate) async fn changes_are_found_by_what_a_webhook_names(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let other = household(store, "cus_2").await;
    let mut record = moving(&opened(store, &home, None).await, at(10));
    record.change.invoice = Some("in_7".to_owned());
    record.change.payment_intent = Some("pi_7".to_owned());
    record.change.open = false;
    let paid = done(store, record).await;
    let second = opened(store, &home, None).await;
    let bystander = opened(store, &other, None).await;
    let long_after = second.created_at.max(bystander.created_at).max(at(100));
    for (event, customer, object, received_at) in [
        ("evt_early", "cus_1", Some("cs_1"), at(-100)),
        ("evt_invoice", "cus_1", Some("in_7"), long_after),
        ("evt_payment", "cus_1", Some("pi_7"), long_after),
        ("evt_charge", "cus_1", Some("ch_7"), long_after),
        ("evt_subscription", "cus_2", Some("sub_cus_2"), long_after),
        ("evt_of_nothing", "cus_2", None, long_after),
        ("evt_of_a_stranger", "cus_3", Some("ch_3"), long_after),
    ] {
        let inbound = Inbound {
            object: object.map(str::to_owned),
            ..webhook(event, customer, received_at)
        };
        assert!(store.accept_inbound(inbound).await.expect("kept"), "{event}");
    }
    let mut both = vec![paid.id, second.id];
    both.sort();
    for (word, expected) in [
        ("evt_invoice", vec![paid.id]),
        ("evt_payment", vec![paid.id]),
        ("in_7", vec![paid.id]),
        ("pi_7", vec![paid.id]),
        ("evt_charge", both.clone()),
        ("ch_7", both),
        ("evt_subscription", vec![bystander.id]),
        ("sub_cus_2", vec![bystander.id]),
        ("evt_of_nothing", vec![bystander.id]),
        ("evt_early", vec![]),
        ("evt_of_a_stranger", vec![]),
        ("ch_3", vec![]),
        ("evt_", vec![]),
    ] {
        let by = Search {
            finding: Some(Name::Word(word.to_owned())),
            ..Search::default()
        };
        assert_eq!(found(store, by).await, expected, "{word}");
    }
    for (word, expected) in [
        ("evt_early", vec![home.account.id]),
        ("evt_charge", vec![home.account.id]),
        ("ch_7", vec![home.account.id]),
        ("evt_of_a_stranger", vec![]),
    ] {
        let accounts = store.find_accounts(Name::Word(word.to_owned()), None).await;
        let ids = accounts
            .expect("found")
            .into_iter()
            .map(|(account, _)| account.id);
        assert_eq!(ids.collect::<Vec<_>>(), expected, "{word}");
    }
}

pub(crate) async fn a_dossier_holds_all_that_is_kept(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    assert!(
        store
            .dossier(ChangeId(super::people::new_id()))
            .await
            .expect("read")
            .is_none()
    );
    let mut record = moving(&change, at(1));
    let call = effect(&record.change, CallName::VoidInvoice, None);
    let (mail, event) = (
        leaving(&record.change, Channel::Mail, "activated"),
        leaving(&record.change, Channel::Event, "activated"),
    );
    record.effects = vec![call.clone()];
    record.outbox = vec![mail.clone(), event.clone()];
    done(store, record).await;
    assert!(
        store
            .accept_inbound(webhook("evt_1", "cus_1", at(3)))
            .await
            .expect("kept")
    );
    assert!(
        store
            .accept_inbound(webhook("evt_2", "cus_9", at(3)))
            .await
            .expect("kept")
    );
    let mut unsure = came_out(&call, EffectStatus::Unknown);
    unsure.undecidable_since = Some(at(4));
    store.settle_effect(unsure, at(4)).await.expect("settled");
    store
        .settle_outbox(event.id, OutboxUpdate::Sent)
        .await
        .expect("settled");
    let refused = OutboxUpdate::GivenUp {
        error: "550".to_owned(),
    };
    store.settle_outbox(mail.id, refused).await.expect("settled");

    let dossier = store.dossier(change.id).await.expect("read").expect("there");
    assert_eq!(dossier.effects.len(), 1);
    assert_eq!(dossier.effects[0].undecidable_since, Some(at(4)));
    let departed: Vec<_> = dossier
        .departures
        .iter()
        .map(|departure| {
            (
                departure.row.id,
                departure.departed,
                departure.last_error.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        departed,
        [
            (mail.id, Departed::GivenUp, Some("550")),
            (event.id, Departed::Sent, None)
        ]
    );
    let heard: Vec<&str> = dossier
        .inbound
        .iter()
        .map(|line| line.event_id.as_str())
        .collect();
    assert_eq!(heard, ["evt_1"]);
    assert_eq!(dossier.situation.change.id, change.id);
}

pub(crate) async fn what_was_given_up_can_be_taken_up_again(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let other = household(store, "cus_2").await;
    let change = opened(store, &home, None).await;
    let bystander = opened(store, &other, None).await;
    let mut record = moving(&change, at(1));
    let (mail, event) = (
        leaving(&record.change, Channel::Mail, "activated"),
        leaving(&record.change, Channel::Event, "activated"),
    );
    record.outbox = vec![mail.clone(), event.clone()];
    let change = done(store, record).await;
    store.claim_outbox(at(1), A_MINUTE, 9).await.expect("claimed");
    let given_up = || OutboxUpdate::GivenUp {
        error: "550".to_owned(),
    };
    store.settle_outbox(mail.id, given_up()).await.expect("settled");
    store
        .settle_outbox(event.id, OutboxUpdate::Sent)
        .await
        .expect("settled");
    // Not in another change's name, and not what has left.
    let mut stranger = moving(&bystander, at(2));
    stranger.taken_up = vec![mail.id];
    done(store, stranger).await;
    assert_eq!(store.next_outbox().await.expect("read"), None);
    let mut ended = ending(&change, at(3));
    ended.taken_up = vec![mail.id, event.id];
    done(store, ended).await;
    assert_eq!(store.next_outbox().await.expect("read"), Some(at(3)));
    let claimed = store.claim_outbox(at(3), A_MINUTE, 9).await.expect("claimed");
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].id, claimed[0].attempts), (mail.id, 1));
    assert_eq!(
        claim(store, at(3)).await.len(),
        1,
        "the contract of the ended change"
    );
}
