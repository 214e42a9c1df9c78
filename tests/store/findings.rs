//! What a comparison with the provider writes: findings, and successors of changes that are over.

use changeover::domain::reconcile::{Evidence, FindingCode};
use changeover::ports::store::{FindingRow, PageAsk, Record, Store, Written};
use jiff::Timestamp;

use super::people::{FIRST_PAGE, Household, at, household, household_of};
use super::writings::{done, ending, moving, opening};

pub(super) fn finding(household: &Household, object: &str, at: Timestamp) -> FindingRow {
    FindingRow {
        seller: household.account.seller.clone(),
        contract: household.contract.id,
        code: FindingCode::LateMoney,
        change: None,
        evidence: Evidence {
            object: object.to_owned(),
            seen: "It was paid.".to_owned(),
            ..Evidence::default()
        },
        repair: "give_back".to_owned(),
        first_seen_at: at,
    }
}

pub(crate) async fn what_is_found_again_keeps_its_first_day_and_what_is_gone_is_forgotten(store: &dyn Store) {
    let ana = household(store, "cus_ana").await;
    let contract = ana.contract.id;
    let first = vec![finding(&ana, "in_1", at(1)), finding(&ana, "in_2", at(1))];
    store.keep_findings(contract, first.clone()).await.expect("kept");
    assert_eq!(store.findings_of(contract).await.expect("read"), first);

    let mut again = finding(&ana, "in_2", at(9));
    "ask_a_person".clone_into(&mut again.repair);
    let newer = finding(&ana, "in_3", at(9));
    store
        .keep_findings(contract, vec![again.clone(), newer.clone()])
        .await
        .expect("kept");
    again.first_seen_at = at(1);
    assert_eq!(
        store.findings_of(contract).await.expect("read"),
        [again.clone(), newer.clone()]
    );

    let bea = household(store, "cus_bea").await;
    let hers = finding(&bea, "in_0", at(5));
    store
        .keep_findings(bea.contract.id, vec![hers.clone()])
        .await
        .expect("kept");
    let stranger = household_of(store, "other".parse().expect("a seller"), "cus_x").await;
    store
        .keep_findings(stranger.contract.id, vec![finding(&stranger, "in_9", at(2))])
        .await
        .expect("kept");
    let seller = &ana.account.seller;
    let all = store.findings(seller, FIRST_PAGE).await.expect("read");
    assert_eq!(
        all,
        [again, hers, newer],
        "the longest known first, one seller's alone"
    );
    let second = PageAsk { after: 1, limit: 1 };
    assert_eq!(store.findings(seller, second).await.expect("read"), all[1..2]);

    store.keep_findings(contract, Vec::new()).await.expect("kept");
    assert_eq!(store.findings_of(contract).await.expect("read"), []);
}

pub(crate) async fn contracts_are_walked_in_order_and_per_seller(store: &dyn Store) {
    let mut expected = Vec::new();
    for customer in ["cus_1", "cus_2", "cus_3"] {
        expected.push(household(store, customer).await.contract.id);
    }
    let stranger = household_of(store, "other".parse().expect("a seller"), "cus_x").await;
    let seller = &"acme".parse().expect("a seller");
    let page = store.contracts_after(seller, None, 2).await.expect("read");
    assert_eq!(page, expected[..2]);
    let rest = store
        .contracts_after(seller, page.last().copied(), 2)
        .await
        .expect("read");
    assert_eq!(rest, expected[2..]);
    assert!(!expected.contains(&stranger.contract.id));
}

/// The successor of `over`, with the note on it.
fn succeeding(household: &Household, over: &changeover::ports::store::ChangeRow) -> Record {
    let mut record = opening(household, at(20));
    record.change.succeeds = Some(over.id);
    let mut noted = moving(over, at(20));
    noted.change.open = false;
    record.predecessor = Some(Box::new(noted));
    record
}

pub(crate) async fn late_money_has_one_successor_written_with_the_note_on_what_is_over(store: &dyn Store) {
    let ana = household(store, "cus_ana").await;
    let opened = done(store, opening(&ana, at(1))).await;
    let over = done(store, ending(&opened, at(2))).await;
    let (one, other) = (succeeding(&ana, &over), succeeding(&ana, &over));
    let successor = done(store, one).await;
    assert_eq!(store.successor(over.id).await.expect("read"), Some(successor.id));
    let read = store
        .situation(successor.id)
        .await
        .expect("read")
        .expect("a change");
    assert_eq!(read.change.succeeds, Some(over.id));
    let noted = store.situation(over.id).await.expect("read").expect("a change");
    assert_eq!(noted.change.version, over.version + 1);

    let late = store.record(other).await.expect("answered");
    assert_eq!(late, Written::Stale, "the version of what is over has moved");
    let mut again = succeeding(&ana, &noted.change);
    done(store, ending(&successor, at(21))).await;
    again.change.created_at = at(22);
    assert_eq!(
        store.record(again).await.expect("answered"),
        Written::Stale,
        "one successor, whatever has become of it"
    );
    let untouched = store.situation(over.id).await.expect("read").expect("a change");
    assert_eq!(untouched.change.version, noted.change.version, "both or neither");
}

pub(crate) async fn a_blocked_successor_leaves_no_note(store: &dyn Store) {
    let ana = household(store, "cus_ana").await;
    let opened = done(store, opening(&ana, at(1))).await;
    let over = done(store, ending(&opened, at(2))).await;
    let other = done(store, opening(&ana, at(3))).await;
    let blocked = store.record(succeeding(&ana, &over)).await.expect("answered");
    assert_eq!(blocked, Written::Blocked(other.id));
    let untouched = store.situation(over.id).await.expect("read").expect("a change");
    assert_eq!(untouched.change.version, over.version);
    assert_eq!(store.successor(over.id).await.expect("read"), None);
}
