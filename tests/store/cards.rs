//! Orders about an account's cards: written once, held by one worker at a time, and never without their history.

use changeover::domain::account::AccountId;
use changeover::ports::store::{CardOrderRecord, CardOrderRow, PageAsk, Store, Written};

use super::people::{A_MINUTE, FIRST_PAGE, at, household, line, new_id, seller};
use super::writings::request;

fn order(account: AccountId, alone: bool) -> CardOrderRow {
    CardOrderRow {
        id: new_id(),
        seller: seller(),
        account,
        version: 1,
        content: b"{}".to_vec(),
        alone,
        open: true,
        next_try_at: Some(at(1)),
        at: at(1),
    }
}

fn first(order: &CardOrderRow) -> CardOrderRecord {
    CardOrderRecord {
        order: order.clone(),
        expected_version: 0,
        entries: Vec::new(),
        outbox: Vec::new(),
        request: None,
    }
}

/// The order as it stands after a step, over or not.
fn then(order: &CardOrderRow, open: bool) -> CardOrderRecord {
    CardOrderRecord {
        order: CardOrderRow {
            version: order.version + 1,
            open,
            next_try_at: open.then(|| at(60)),
            ..order.clone()
        },
        expected_version: order.version,
        ..first(order)
    }
}

async fn written(store: &dyn Store, record: CardOrderRecord) -> Written {
    store.record_card_order(record).await.expect("an answer")
}

pub(crate) async fn an_order_about_cards_is_worked_on_by_one_and_fenced(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let order = order(home.account.id, true);
    assert_eq!(written(store, first(&order)).await, Written::Done);
    assert_eq!(written(store, first(&order)).await, Written::Stale, "it is there");
    assert_eq!(store.next_card_order().await.expect("read"), Some(at(1)));
    let claimed = store
        .claim_card_orders(at(0), A_MINUTE, 10)
        .await
        .expect("claimed");
    assert_eq!(claimed, [], "not due yet");
    let claimed = store
        .claim_card_orders(at(1), A_MINUTE, 10)
        .await
        .expect("claimed");
    let [held] = &claimed[..] else {
        panic!("one is due: {claimed:?}");
    };
    assert_eq!((held.id, held.version), (order.id, 2));
    let again = store
        .claim_card_orders(at(30), A_MINUTE, 10)
        .await
        .expect("claimed");
    assert_eq!(again, [], "somebody holds it");
    let later = store
        .claim_card_orders(at(61), A_MINUTE, 10)
        .await
        .expect("claimed");
    assert_eq!(later.len(), 1, "whoever held it is gone");
    assert_eq!(
        written(store, then(held, false)).await,
        Written::Stale,
        "it is another's now"
    );
    assert_eq!(written(store, then(&later[0], false)).await, Written::Done);
    assert_eq!(store.next_card_order().await.expect("read"), None);
    assert_eq!(store.card_orders(home.account.id).await.expect("read"), []);
}

pub(crate) async fn an_account_has_one_order_at_a_time_that_moves_its_cards(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let neighbour = household(store, "cus_2").await;
    let (moving, adding) = (order(home.account.id, true), order(home.account.id, false));
    assert_eq!(written(store, first(&moving)).await, Written::Done);
    assert_eq!(
        written(store, first(&adding)).await,
        Written::Done,
        "a card may be given meanwhile"
    );
    let second = order(home.account.id, true);
    assert_eq!(written(store, first(&second)).await, Written::CustomerBusy);
    let theirs = order(neighbour.account.id, true);
    assert_eq!(written(store, first(&theirs)).await, Written::Done);
    let open = store.card_orders(home.account.id).await.expect("read");
    assert_eq!(open.len(), 2);
    assert_eq!(written(store, then(&moving, false)).await, Written::Done);
    assert_eq!(
        written(store, first(&second)).await,
        Written::Done,
        "the first is over"
    );
}

pub(crate) async fn news_of_a_customer_wake_whoever_waits_for_a_card(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let waiting = order(home.account.id, false);
    assert_eq!(written(store, first(&waiting)).await, Written::Done);
    assert_eq!(written(store, then(&waiting, true)).await, Written::Done);
    store
        .wake_card_orders(&seller(), "cus_other", at(5))
        .await
        .expect("woken");
    assert_eq!(store.next_card_order().await.expect("read"), Some(at(60)));
    store
        .wake_card_orders(&seller(), "cus_1", at(5))
        .await
        .expect("woken");
    assert_eq!(store.next_card_order().await.expect("read"), Some(at(5)));
}

pub(crate) async fn a_wallets_history_has_no_gap_and_comes_once(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let order = order(home.account.id, false);
    let begun = line(None, at(1), "begun");
    let mut record = first(&order);
    record.entries = vec![begun.clone()];
    record.request = Some(request("k1", 1));
    assert_eq!(written(store, record.clone()).await, Written::Done);
    let replayed = written(store, record).await;
    assert_eq!(replayed, Written::Replayed(request("k1", 1).answer));
    let mut slower = then(&order, true);
    slower.entries = vec![begun.clone()];
    assert_eq!(
        written(store, slower).await,
        Written::Stale,
        "that line is written"
    );
    let added = line(Some(&begun), at(2), "added");
    let mut record = then(&order, false);
    record.entries = vec![added.clone()];
    assert_eq!(written(store, record).await, Written::Done);
    let kept = store
        .card_journal(home.account.id, FIRST_PAGE)
        .await
        .expect("read");
    assert_eq!(kept, [begun, added.clone()]);
    let rest = PageAsk { after: 1, limit: 10 };
    assert_eq!(
        store.card_journal(home.account.id, rest).await.expect("read"),
        [added]
    );
}
