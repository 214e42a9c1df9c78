//! What arrives and what leaves.

use changeover::ports::store::{
    ApiKey, Channel, FiscalDocument, NewFiscalDocument, OutboxUpdate, PageAsk, Store, Subject, Written,
};

use super::people::{A_MINUTE, FIRST_PAGE, at, household, new_id, seller, workflow};
use super::writings::{claim, done, ending, leaving, moving, opened, request, webhook};

pub(crate) async fn a_webhook_is_kept_once_and_wakes_what_it_is_about(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let other = household(store, "cus_2").await;
    let over = opened(store, &home, None).await;
    done(store, ending(&over, at(1))).await;
    for lease in claim(store, at(1)).await {
        store.release(lease, None, None).await.expect("released");
    }
    let bystander = opened(store, &other, None).await;
    assert!(
        store
            .accept_inbound(webhook("evt_1", "cus_1", at(5)))
            .await
            .expect("kept")
    );
    let leases = claim(store, at(5)).await;
    let woken: Vec<_> = leases.iter().map(|lease| lease.subject).collect();
    assert_eq!(
        woken,
        [Subject::Contract(home.contract.id)],
        "not {over:?} or {bystander:?}"
    );
    store.release(leases[0], None, None).await.expect("released");
    // The same again, and one of nobody that is known.
    assert!(
        !store
            .accept_inbound(webhook("evt_1", "cus_1", at(6)))
            .await
            .expect("known")
    );
    assert!(
        store
            .accept_inbound(webhook("evt_2", "cus_9", at(6)))
            .await
            .expect("kept")
    );
    assert_eq!(claim(store, at(7)).await, []);
    // Another seller's provider may use the same number.
    let mut elsewhere = webhook("evt_1", "cus_1", at(8));
    elsewhere.seller = "umbrella".parse().expect("a seller");
    assert!(store.accept_inbound(elsewhere).await.expect("kept"));
    assert_eq!(claim(store, at(9)).await, []);
}

pub(crate) async fn what_is_only_read_in_the_feed_is_there_at_once(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let mut record = moving(&change, at(1));
    let mut event = leaving(&record.change, Channel::Event, "activated");
    event.leaves = false;
    record.outbox = vec![event.clone()];
    done(store, record).await;
    assert_eq!(store.next_outbox().await.expect("read"), None);
    assert_eq!(store.claim_outbox(at(9), A_MINUTE, 9).await.expect("claimed"), []);
    let events = store.events(&seller(), FIRST_PAGE).await.expect("read");
    let told: Vec<_> = events.into_iter().map(|(_, row)| row).collect();
    assert_eq!(told, [event]);
}

pub(crate) async fn a_fact_leaves_once(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let mut record = moving(&change, at(1));
    let mail = leaving(&record.change, Channel::Mail, "activated");
    let mut twice = mail.clone();
    twice.id = new_id();
    record.outbox = vec![mail.clone(), twice];
    done(store, record).await;

    assert_eq!(store.next_outbox().await.expect("read"), Some(at(1)));
    assert_eq!(store.claim_outbox(at(0), A_MINUTE, 9).await.expect("claimed"), []);
    let claimed = store.claim_outbox(at(2), A_MINUTE, 9).await.expect("claimed");
    let mut first_try = mail.clone();
    first_try.attempts = 1;
    assert_eq!(claimed, [first_try]);
    assert_eq!(store.claim_outbox(at(3), A_MINUTE, 9).await.expect("claimed"), []);
    // Whoever sends it dies; somebody else tries again.
    assert_eq!(store.next_outbox().await.expect("read"), Some(at(62)));
    let again = store.claim_outbox(at(62), A_MINUTE, 9).await.expect("claimed");
    assert_eq!(again[0].attempts, 2);
    let later = OutboxUpdate::Again {
        at: at(500),
        error: "451".to_owned(),
    };
    store.settle_outbox(mail.id, later).await.expect("settled");
    assert_eq!(store.next_outbox().await.expect("read"), Some(at(500)));
    store
        .settle_outbox(mail.id, OutboxUpdate::Sent)
        .await
        .expect("settled");
    assert_eq!(store.next_outbox().await.expect("read"), None);
}

pub(crate) async fn what_has_left_stays_so(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let mut record = moving(&change, at(1));
    let mail = leaving(&record.change, Channel::Mail, "activated");
    let event = leaving(&record.change, Channel::Event, "activated");
    record.outbox = vec![mail.clone(), event.clone()];
    done(store, record).await;
    assert_eq!(
        store
            .claim_outbox(at(1), A_MINUTE, 9)
            .await
            .expect("claimed")
            .len(),
        2
    );
    let refused = OutboxUpdate::GivenUp {
        error: "550".to_owned(),
    };
    let later = OutboxUpdate::Again {
        at: at(5),
        error: "451".to_owned(),
    };
    store
        .settle_outbox(mail.id, OutboxUpdate::Sent)
        .await
        .expect("settled");
    store
        .settle_outbox(event.id, refused.clone())
        .await
        .expect("settled");
    for late in [later, refused] {
        store.settle_outbox(mail.id, late.clone()).await.expect("settled");
        store.settle_outbox(event.id, late).await.expect("settled");
    }
    assert_eq!(store.next_outbox().await.expect("read"), None);
    assert_eq!(
        store.claim_outbox(at(1000), A_MINUTE, 9).await.expect("claimed"),
        []
    );
}

pub(crate) async fn a_seller_reads_its_events_in_order(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let mut change = opened(store, &home, None).await;
    for (channel, topic) in [
        (Channel::Event, "quoted"),
        (Channel::Mail, "quoted"),
        (Channel::Event, "confirmed"),
        (Channel::Event, "activated"),
    ] {
        let mut record = moving(&change, at(1));
        record.outbox = vec![leaving(&record.change, channel, topic)];
        change = done(store, record).await;
    }
    let (acme, umbrella) = (seller(), "umbrella".parse().expect("a seller"));
    let read = async |seller, after, limit| {
        let events = store
            .events(seller, PageAsk { after, limit })
            .await
            .expect("read");
        events
            .into_iter()
            .map(|(position, row)| (position, row.topic))
            .collect::<Vec<_>>()
    };
    let first = read(&acme, 0, 2).await;
    let topics: Vec<_> = first.iter().map(|(_, topic)| topic.as_str()).collect();
    assert_eq!(topics, ["quoted", "confirmed"]);
    let rest = read(&acme, first[1].0, 2).await;
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].1, "activated");
    assert!(rest[0].0 > first[1].0);
    assert_eq!(read(&umbrella, 0, 9).await, []);
}

pub(crate) async fn a_tax_document_is_told_of_once(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let change = opened(store, &home, None).await;
    let document = FiscalDocument {
        id: new_id(),
        change: change.id,
        number: "NF-1".to_owned(),
        url: Some("https://nf.example/1".to_owned()),
        at: at(9),
    };
    let mail = leaving(&change, Channel::Mail, "nota");
    let new = NewFiscalDocument {
        document: document.clone(),
        outbox: vec![mail],
        request: Some(request("nota", 1)),
    };
    let add =
        async |new: &NewFiscalDocument| store.add_fiscal_document(new.clone()).await.expect("an answer");
    assert_eq!(add(&new).await, Written::Done);
    assert_eq!(add(&new).await, Written::Replayed(request("nota", 1).answer));
    let other_key = NewFiscalDocument {
        request: Some(request("nota under another key", 1)),
        ..new.clone()
    };
    assert_eq!(
        add(&other_key).await,
        Written::Done,
        "the same document once more"
    );
    let mut other_id = other_key.clone();
    other_id.document.id = new_id();
    other_id.outbox = vec![leaving(&change, Channel::Mail, "nota again")];
    other_id.request = None;
    assert_eq!(add(&other_id).await, Written::Stale, "another with its number");
    assert_eq!(store.fiscal_documents(change.id).await.expect("read"), [document]);
    assert_eq!(
        store
            .claim_outbox(at(9), A_MINUTE, 9)
            .await
            .expect("claimed")
            .len(),
        1
    );
}

pub(crate) async fn workflow_files_and_keys_are_found_again(store: &dyn Store) {
    assert_eq!(store.workflow(&workflow()).await.expect("read"), None);
    for text in ["first", "second"] {
        store
            .keep_workflow(&seller(), &workflow(), text, at(0))
            .await
            .expect("kept");
    }
    let kept = store.workflow(&workflow()).await.expect("read");
    assert_eq!(kept.as_deref(), Some("first"));

    let key = ApiKey {
        seller: seller(),
        hash: [7; 32],
        label: "backend".to_owned(),
        created_at: at(1),
    };
    assert_eq!(store.api_key([7; 32]).await.expect("read"), None);
    for _ in 0..2 {
        store.keep_api_key(key.clone()).await.expect("kept");
    }
    assert_eq!(store.api_key([7; 32]).await.expect("read"), Some(key));
    assert_eq!(store.events(&seller(), FIRST_PAGE).await.expect("read"), []);
}
