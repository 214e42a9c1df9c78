//! Accounts and contracts: unique where they must be, and written only on what they were before.

use changeover::domain::account::ContractStatus;
use changeover::domain::change::AccountFact;
use changeover::ports::store::{Channel, ContractRecord, NewAccount, Store, StoreError, Subject, Written};

use super::people::{FIRST_PAGE, at, conclude, household, line, new_account, new_contract, seller};
use super::writings::{billing_data, claim, done, leaving, moving, opened, request, webhook};

pub(crate) async fn an_account_is_unique_by_the_sellers_own_id(store: &dyn Store) {
    let ana = NewAccount {
        account: new_account(&seller(), None),
        external_id: Some("42".to_owned()),
        request: Some(request("k1", 1)),
    };
    assert_eq!(
        store.create_account(ana.clone()).await.expect("written"),
        Written::Done
    );
    let replayed = store.create_account(ana.clone()).await.expect("answered");
    assert_eq!(replayed, Written::Replayed(request("k1", 1).answer));
    let mut other = NewAccount {
        account: new_account(&seller(), None),
        external_id: Some("42".to_owned()),
        request: None,
    };
    assert_eq!(
        store.create_account(other.clone()).await.expect("answered"),
        Written::Stale
    );
    // Another seller counts its customers for itself; and one without a name of the seller's own is nobody's double.
    other.account.seller = "umbrella".parse().expect("a seller");
    assert_eq!(store.create_account(other).await.expect("written"), Written::Done);
    for _ in 0..2 {
        let unnamed = NewAccount {
            account: new_account(&seller(), None),
            external_id: None,
            request: None,
        };
        assert_eq!(
            store.create_account(unnamed).await.expect("written"),
            Written::Done
        );
    }
    let read = store.account(ana.account.id).await.expect("read");
    assert_eq!(read, Some((ana.account, Some("42".to_owned()))));
}

pub(crate) async fn what_becomes_known_about_an_account_is_seen_by_the_next_decision(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let first = billing_data(home.account.id, "Rua das Flores 1");
    let second = billing_data(home.account.id, "Rua das Flores 2");
    let mut record = moving(&change, at(1));
    record.identity = Some(first.clone());
    record.account = vec![AccountFact::Identity(first.reference.clone())];
    let change = done(store, record).await;
    let mut record = moving(&change, at(2));
    record.identity = Some(second.clone());
    record.account = vec![
        AccountFact::Identity(second.reference.clone()),
        AccountFact::Customer {
            customer: "cus_new".to_owned(),
            identity_hash: second.reference.hash.clone(),
        },
        AccountFact::TaxId {
            tax_id: "txi_1".to_owned(),
            hash: "tax id".to_owned(),
        },
    ];
    let change = done(store, record).await;
    let situation = store.situation(change.id).await.expect("read").expect("there");
    assert_eq!(situation.account.provider_customer.as_deref(), Some("cus_new"));
    let billing = situation.billing.expect("given");
    assert_eq!(billing.identity, second.reference);
    assert_eq!(billing.saved_hash, Some(second.reference.hash));
    assert_eq!(
        billing.saved_tax_id,
        Some(("txi_1".to_owned(), "tax id".to_owned()))
    );
    let before = store.identity(first.reference.row).await.expect("read");
    assert_eq!(before, Some(first.identity));
    // Nobody's billing data becomes somebody else's.
    let stranger = household(store, "cus_2").await;
    let theirs = opened(store, &stranger, None).await;
    let mut record = moving(&theirs, at(3));
    record.account = vec![AccountFact::Identity(first.reference)];
    let refused = store.record(record).await;
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
}

pub(crate) async fn a_subscription_belongs_to_one_contract(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let other = household(store, "cus_2").await;
    let double = new_contract(&other.account, home.contract.subscription.clone());
    assert_eq!(
        store.create_contract(conclude(&double)).await.expect("answered"),
        Written::Stale
    );
    // Nor can it be adopted under somebody else's customer.
    let adopted = new_contract(&other.account, Some("sub_9".to_owned()));
    let mut record = conclude(&adopted);
    record.provider_customer = Some("cus_1".to_owned());
    assert_eq!(
        store.create_contract(record.clone()).await.expect("answered"),
        Written::Stale
    );
    assert_eq!(store.contract(adopted.id).await.expect("read"), None);
    record.provider_customer = Some("cus_2".to_owned());
    assert_eq!(
        store.create_contract(record).await.expect("written"),
        Written::Done
    );
    let held = store.contracts_of(other.account.id).await.expect("read");
    assert_eq!(held, [other.contract, adopted]);
}

pub(crate) async fn an_observation_needs_the_lease_and_the_version_before(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let id = home.contract.id;
    assert!(
        store
            .accept_inbound(webhook("evt_1", "cus_1", at(1)))
            .await
            .expect("kept")
    );
    let leases = claim(store, at(1)).await;
    assert_eq!(leases[0].subject, Subject::Contract(id));
    let first = store
        .contract_journal(id, FIRST_PAGE)
        .await
        .expect("read")
        .remove(0);
    let mut seen = home.contract.clone();
    seen.version += 1;
    seen.status = ContractStatus::Ending { at: at(900) };
    let mut record = ContractRecord {
        contract: seen.clone(),
        seen_at: home.contract.version,
        fence: leases[0],
        beside: None,
        entries: vec![line(Some(&first), at(2), "will end")],
        outbox: Vec::new(),
        due_at: Some(at(900)),
    };
    record.contract.version += 1;
    assert_eq!(
        store.record_contract(record.clone()).await.expect("answered"),
        Written::Stale
    );
    record.contract = seen.clone();
    assert_eq!(
        store.record_contract(record.clone()).await.expect("written"),
        Written::Done
    );
    assert_eq!(
        store.record_contract(record).await.expect("answered"),
        Written::Stale
    );
    assert_eq!(store.contract(id).await.expect("read"), Some(seen.clone()));
    assert_eq!(
        store.contract_journal(id, FIRST_PAGE).await.expect("read").len(),
        2
    );

    // Seen again, and nothing is new.
    let leases = claim(store, at(900)).await;
    let nothing = ContractRecord {
        seen_at: seen.version,
        contract: seen,
        fence: leases[0],
        beside: None,
        entries: Vec::new(),
        outbox: Vec::new(),
        due_at: Some(at(2000)),
    };
    assert_eq!(
        store.record_contract(nothing).await.expect("written"),
        Written::Done
    );
    assert_eq!(store.next_due().await.expect("read"), Some(at(2000)));

    // Seen on the version before, and coming to what is stored by now: a change was faster, and nobody has edited anything.
    let stored = store.contract(id).await.expect("read").expect("there");
    let leases = claim(store, at(2000)).await;
    let last = store.contract_journal(id, FIRST_PAGE).await.expect("read");
    let slow = ContractRecord {
        seen_at: stored.version - 1,
        contract: stored.clone(),
        fence: leases[0],
        beside: None,
        entries: vec![line(last.last(), at(2001), "was edited")],
        outbox: Vec::new(),
        due_at: None,
    };
    assert_eq!(
        store.record_contract(slow).await.expect("answered"),
        Written::Stale
    );
    let after = store.contract_journal(id, FIRST_PAGE).await.expect("read");
    assert_eq!(after.len(), last.len(), "nothing is told");
    assert_eq!(store.contract(id).await.expect("read"), Some(stored));
}

pub(crate) async fn an_observation_is_written_only_beside_the_change_that_it_knew(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    assert!(
        store
            .accept_inbound(webhook("evt_1", "cus_1", at(1)))
            .await
            .expect("kept")
    );
    let leases = claim(store, at(1)).await;
    let change = opened(store, &home, None).await;
    let mut late = ContractRecord {
        seen_at: home.contract.version,
        contract: home.contract,
        fence: leases[0],
        beside: None,
        entries: Vec::new(),
        outbox: vec![leaving(&change, Channel::Mail, "renewed")],
        due_at: None,
    };
    for beside in [
        None,
        Some((change.id, change.version - 1)),
        Some((change.id, change.version + 1)),
    ] {
        late.beside = beside;
        let answer = store.record_contract(late.clone()).await;
        assert_eq!(answer.expect("answered"), Written::Stale, "{beside:?}");
    }
    assert_eq!(store.next_outbox().await.expect("read"), None);
    late.beside = Some((change.id, change.version));
    assert_eq!(store.record_contract(late).await.expect("written"), Written::Done);
    assert!(store.next_outbox().await.expect("read").is_some());
}
