//! Effects: owed once, charged one at a time, and never taken back once they are known.

use changeover::domain::change::CallName;
use changeover::ports::store::{EffectStatus, Store, StoreError, Written};

use super::people::{at, household, household_of};
use super::writings::{came_out, claim, claim_only, done, effect, moving, opened};

pub(crate) async fn of_one_name_only_one_effect_is_on_its_way(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let first = effect(&change, CallName::VoidInvoice, None);
    let mut record = moving(&change, at(1));
    record.effects = vec![first.clone()];
    let change = done(store, record).await;
    let mut second = effect(&change, CallName::VoidInvoice, None);
    second.generation = 2;
    let mut record = moving(&change, at(2));
    record.effects = vec![second];
    let refused = store.record(record.clone()).await;
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    // The decision that takes the first one's outcome in may promise the second.
    record.settled = vec![came_out(&first, EffectStatus::Declined)];
    done(store, record).await;
    assert_eq!(store.effects(change.id).await.expect("read").len(), 2);
}

pub(crate) async fn a_subscription_is_changed_once_per_change(store: &dyn Store) {
    for (number, (name, again)) in [
        (CallName::UpdateSubscription, false),
        (CallName::CreateSubscription, false),
        (CallName::LowerSubscription, false),
        (CallName::PayInvoice, true),
    ]
    .into_iter()
    .enumerate()
    {
        let home = household(store, &format!("cus_{number}")).await;
        let change = opened(store, &home, None).await;
        let mut first = effect(&change, name, None);
        first.status = EffectStatus::Succeeded;
        let mut second = effect(&change, name, None);
        second.generation = 2;
        let mut record = moving(&change, at(1));
        record.effects = vec![first, second.clone()];
        done(store, record).await;
        let settled = store
            .settle_effect(came_out(&second, EffectStatus::Succeeded), at(2))
            .await;
        assert_eq!(settled.is_ok(), again, "{name}: {settled:?}");
    }
}

pub(crate) async fn charges_of_one_customer_wait_for_each_other(store: &dyn Store) {
    let here = household(store, "cus_1").await;
    let there = household(store, "cus_2").await;
    let elsewhere = household_of(store, "umbrella".parse().expect("a seller"), "cus_1").await;
    let charge = async |home, generation| {
        let change = opened(store, home, None).await;
        let mut effect = effect(&change, CallName::PayInvoice, Some("cus_1"));
        effect.generation = generation;
        let mut record = moving(&change, at(1));
        record.effects = vec![effect.clone()];
        (record, effect)
    };
    let (first, effect) = charge(&here, 1).await;
    done(store, first).await;
    let (second, _) = charge(&there, 1).await;
    let busy = store.record(second.clone()).await.expect("answered");
    assert_eq!(busy, Written::CustomerBusy);
    let untouched = store
        .situation(second.change.id)
        .await
        .expect("read")
        .expect("there");
    assert_eq!(untouched.change.version, 1);
    assert_eq!(untouched.effects, []);
    // Another seller's customer may be called the same.
    let (third, _) = charge(&elsewhere, 1).await;
    done(store, third).await;
    // An unknown outcome is still on its way; a known one is not.
    let unknown = came_out(&effect, EffectStatus::Unknown);
    store.settle_effect(unknown, at(2)).await.expect("settled");
    assert_eq!(
        store.record(second.clone()).await.expect("answered"),
        Written::CustomerBusy
    );
    let paid = came_out(&effect, EffectStatus::Succeeded);
    store.settle_effect(paid, at(3)).await.expect("settled");
    done(store, second).await;
}

pub(crate) async fn an_outcome_only_moves_forward(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let promised = effect(&change, CallName::PayInvoice, None);
    let mut record = moving(&change, at(1));
    record.effects = vec![promised.clone()];
    done(store, record).await;
    let settle = async |status| {
        let settled = store.settle_effect(came_out(&promised, status), at(2)).await;
        settled.expect("settled");
        let effects = store.effects(change.id).await.expect("read");
        let stands = &effects[0];
        (
            stands.status,
            stands
                .outcome
                .clone()
                .map(|bytes| String::from_utf8(bytes).expect("text")),
        )
    };
    let succeeded = Some("Succeeded".to_owned());
    assert_eq!(settle(EffectStatus::Unknown).await, (EffectStatus::Unknown, None));
    assert_eq!(settle(EffectStatus::Intent).await, (EffectStatus::Unknown, None));
    assert_eq!(
        settle(EffectStatus::Succeeded).await,
        (EffectStatus::Succeeded, succeeded.clone())
    );
    assert_eq!(
        settle(EffectStatus::Unknown).await,
        (EffectStatus::Succeeded, succeeded.clone())
    );
    assert_eq!(
        settle(EffectStatus::Declined).await,
        (EffectStatus::Succeeded, succeeded.clone())
    );
    assert_eq!(
        settle(EffectStatus::Abandoned).await,
        (EffectStatus::Abandoned, succeeded.clone())
    );
    assert_eq!(
        settle(EffectStatus::Succeeded).await,
        (EffectStatus::Abandoned, succeeded)
    );
}

pub(crate) async fn a_decision_on_an_outdated_outcome_is_not_written(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let promised = effect(&change, CallName::PayInvoice, None);
    let mut record = moving(&change, at(1));
    record.effects = vec![promised.clone()];
    let change = done(store, record).await;
    let paid = came_out(&promised, EffectStatus::Succeeded);
    store.settle_effect(paid.clone(), at(2)).await.expect("settled");
    // Somebody decides as if the bank had refused.
    let mut mistaken = moving(&change, at(3));
    mistaken.settled = vec![came_out(&promised, EffectStatus::Declined)];
    assert_eq!(store.record(mistaken).await.expect("answered"), Written::Stale);
    let mut right = moving(&change, at(4));
    right.settled = vec![changeover::ports::store::EffectUpdate {
        consumed: true,
        ..paid
    }];
    done(store, right).await;
    let effects = store.effects(change.id).await.expect("read");
    assert_eq!(
        (effects[0].status, effects[0].consumed),
        (EffectStatus::Succeeded, true)
    );
}

pub(crate) async fn an_attempt_needs_the_lease_and_keeps_the_first_deadline(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, Some(at(1))).await;
    let promised = effect(&change, CallName::PayInvoice, None);
    let mut record = moving(&change, at(1));
    record.effects = vec![promised.clone()];
    record.due_at = Some(at(1));
    done(store, record).await;
    let dead = claim_only(store, &change, at(1)).await;
    let begin = async |lease, now| {
        let begun = store
            .begin_attempt(lease, promised.id, at(now), at(now + 1000))
            .await;
        begun.expect("answered")
    };
    assert!(begin(dead, 2).await);
    let heir = claim_only(store, &change, at(100)).await;
    assert!(!begin(dead, 101).await);
    assert!(begin(heir, 102).await);
    let sent = &store.effects(change.id).await.expect("read")[0];
    assert_eq!(sent.attempts, 2);
    assert_eq!(
        (sent.first_sent_at, sent.key_deadline),
        (Some(at(2)), Some(at(1002)))
    );
    let paid = came_out(&promised, EffectStatus::Succeeded);
    store.settle_effect(paid, at(103)).await.expect("settled");
    assert!(!begin(heir, 104).await, "what is done must not be sent again");
}

pub(crate) async fn a_settled_effect_wakes_its_change_and_stays_in_sight_until_it_is_taken_in(
    store: &dyn Store,
) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let promised = effect(&change, CallName::PayInvoice, None);
    let mut record = moving(&change, at(1));
    record.effects = vec![promised.clone()];
    let change = done(store, record).await;
    assert_eq!(claim(store, at(2)).await, []);
    let paid = came_out(&promised, EffectStatus::Succeeded);
    store.settle_effect(paid.clone(), at(3)).await.expect("settled");
    let lease = claim_only(store, &change, at(3)).await;
    let situation = store.situation(change.id).await.expect("read").expect("there");
    assert_eq!(situation.effects.len(), 1);
    let mut decision = moving(&change, at(4));
    decision.fence = Some(lease);
    decision.settled = vec![changeover::ports::store::EffectUpdate {
        consumed: true,
        ..paid
    }];
    done(store, decision).await;
    let situation = store.situation(change.id).await.expect("read").expect("there");
    assert_eq!(situation.effects, []);
    assert_eq!(claim(store, at(5)).await, []);
}
