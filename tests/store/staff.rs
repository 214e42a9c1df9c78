//! Who works at the console, who is signed in, and what support has done.

use changeover::domain::catalog::SellerId;
use changeover::ports::store::{
    ActsAsk, Concern, CountedTry, Erasure, Name, Search, StaffRole, StaffRow, StaffSessionRow, StaffUpdate,
    Store, Written,
};
use jiff::SignedDuration;
use uuid::Uuid;

use super::people::{at, follow, household, household_of, new_id, seller};
use super::writings::{done, moving, opened};

fn somebody(login: &str) -> StaffRow {
    StaffRow {
        id: new_id(),
        login: login.to_owned(),
        role: StaffRole::Agent,
        seller: Some(seller()),
        password: "$argon2id$one".to_owned(),
        added_by: "operator".to_owned(),
        created_at: at(0),
        disabled: None,
    }
}

fn session(of: Uuid, hash: u8, from: i64, until: i64) -> StaffSessionRow {
    StaffSessionRow {
        hash: [hash; 32],
        staff: of,
        created_at: at(from),
        expires_at: at(until),
    }
}

pub(crate) async fn a_name_at_the_console_is_given_once(store: &dyn Store) {
    let ana = somebody("ana");
    assert_eq!(
        store.add_staff(ana.clone()).await.expect("written"),
        Written::Done
    );
    let mut lead = somebody("zoe");
    (lead.role, lead.seller) = (StaffRole::Lead, None);
    assert_eq!(
        store.add_staff(lead.clone()).await.expect("written"),
        Written::Done
    );
    let again = store.add_staff(somebody("ana")).await;
    assert_eq!(again.expect("an answer"), Written::Stale);
    assert_eq!(store.staff().await.expect("read"), [ana.clone(), lead]);
    assert_eq!(store.staff_member("ana").await.expect("read"), Some(ana));
    assert_eq!(store.staff_member("Ana").await.expect("read"), None);
    let update = StaffUpdate::Password("$argon2id$x".to_owned());
    assert!(!store.update_staff("bea", update).await.expect("an answer"));
}

pub(crate) async fn a_session_at_the_console_ends_with_its_persons_entry(store: &dyn Store) {
    let ana = somebody("ana");
    store.add_staff(ana.clone()).await.expect("written");
    let read = async |hash: u8| store.staff_session([hash; 32]).await.expect("read");
    let keep = async |session: StaffSessionRow| {
        store.keep_staff_session(session, [9; 32]).await.expect("kept");
    };
    keep(session(ana.id, 1, 0, 100)).await;
    assert_eq!(read(1).await, Some((session(ana.id, 1, 0, 100), ana.clone())));
    assert_eq!(read(2).await, None);
    // One that ended before another begins is let go with it.
    keep(session(ana.id, 2, 200, 300)).await;
    assert_eq!(read(1).await, None);
    store.end_staff_session([2; 32]).await.expect("ended");
    assert_eq!(read(2).await, None);

    keep(session(ana.id, 3, 200, 300)).await;
    let password = StaffUpdate::Password("$argon2id$two".to_owned());
    assert!(store.update_staff("ana", password).await.expect("written"));
    assert_eq!(
        read(3).await,
        None,
        "another password ends what was begun with the old one"
    );
    keep(session(ana.id, 4, 200, 300)).await;
    for (second, by) in [(210, "zoe"), (220, "bea")] {
        let disabled = StaffUpdate::Disabled {
            at: at(second),
            by: by.to_owned(),
        };
        assert!(store.update_staff("ana", disabled).await.expect("written"));
    }
    assert_eq!(read(4).await, None);
    let kept = store.staff_member("ana").await.expect("read").expect("there");
    assert_eq!(
        kept.disabled,
        Some((at(210), "zoe".to_owned())),
        "who came first stays"
    );
    assert_eq!(kept.password, "$argon2id$two");
}

pub(crate) async fn attempts_to_sign_in_are_counted_from_the_first(store: &dyn Store) {
    let attempt = |second: i64| CountedTry {
        of: [7; 32],
        now: at(second),
        window: SignedDuration::from_secs(60),
        tries_max: 3,
    };
    let tried = async |attempt: CountedTry| store.count_try(attempt).await.expect("counted");
    for second in [0, 10, 20] {
        assert_eq!(tried(attempt(second)).await, None, "{second}");
    }
    assert_eq!(tried(attempt(30)).await, Some(at(60)));
    assert_eq!(tried(attempt(59)).await, Some(at(60)), "trying moves nothing");
    let other = CountedTry {
        of: [8; 32],
        ..attempt(59)
    };
    assert_eq!(tried(other).await, None, "others are not held up");
    assert_eq!(tried(attempt(60)).await, None, "the time is over");
    for second in [61, 62] {
        assert_eq!(tried(attempt(second)).await, None, "{second}");
    }
    assert_eq!(tried(attempt(63)).await, Some(at(120)));
    // Whoever comes in has none.
    let ana = somebody("ana");
    store.add_staff(ana.clone()).await.expect("written");
    let kept = store
        .keep_staff_session(session(ana.id, 1, 63, 99), [7; 32])
        .await;
    kept.expect("kept");
    assert_eq!(tried(attempt(64)).await, None);
}

pub(crate) async fn what_support_has_done_is_listed_the_newest_first(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let other = household_of(store, "umbrella".parse().expect("a seller"), "cus_2").await;
    let said = |party: &str, who: &str| {
        format!(
            r#"{{"v":1,"event":{{"event":"note"}},"actor":{{"party":"{party}","subject":"{who}","reason":"r"}}}}"#
        )
    };
    let mut changes = [
        opened(store, &home, None).await,
        opened(store, &other, None).await,
    ];
    for (nth, second, party, who) in [
        (0, 10, "support", "ana"),
        (0, 11, "customer", "ana"),
        (1, 12, "support", "ana"),
        (0, 13, "support", "bea"),
        (0, 14, "system", r#"x\",\"party\":\"support"#),
    ] {
        let change = &changes[nth];
        let mut record = moving(change, at(second));
        let line = follow(
            change.version + 1,
            change.journal_head,
            at(second),
            &said(party, who),
        );
        record.change.journal_head = line.hash;
        record.entries = vec![line];
        changes[nth] = done(store, record).await;
    }
    let listed = async |ask: ActsAsk| {
        let ask = ActsAsk { limit: 50, ..ask };
        let acts = store.support_acts(ask).await.expect("read");
        let told = acts.iter().map(|act| (act.change, act.seq, act.at));
        told.collect::<Vec<_>>()
    };
    let (first, second) = (changes[0].id, changes[1].id);
    let all = [(first, 4, at(13)), (second, 2, at(12)), (first, 2, at(10))];
    assert_eq!(listed(ActsAsk::default()).await, all);
    let of_seller = ActsAsk {
        seller: Some(seller()),
        ..ActsAsk::default()
    };
    assert_eq!(listed(of_seller).await, [all[0], all[2]]);
    let of_ana = ActsAsk {
        by: Some("ana".to_owned()),
        ..ActsAsk::default()
    };
    assert_eq!(listed(of_ana).await, [all[1], all[2]]);
    let before = ActsAsk {
        before: Some((at(12), second, 2)),
        ..ActsAsk::default()
    };
    assert_eq!(listed(before).await, [all[2]]);
    let acts = store
        .support_acts(ActsAsk {
            limit: 1,
            ..ActsAsk::default()
        })
        .await
        .expect("read");
    assert_eq!(acts.len(), 1);
    assert_eq!(
        (&acts[0].reference, &acts[0].seller),
        (&changes[0].reference, &seller())
    );
    assert!(String::from_utf8_lossy(&acts[0].content).contains("bea"));
}

pub(crate) async fn somebody_is_found_by_what_a_customer_writes(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let elsewhere = household_of(store, "umbrella".parse().expect("a seller"), "cus_2").await;
    let change = opened(store, &home, None).await;
    let found = async |name: Name, seller: Option<SellerId>| {
        let found = store.find_accounts(name, seller.as_ref()).await.expect("read");
        found
            .into_iter()
            .map(|(account, _)| account.id)
            .collect::<Vec<_>>()
    };
    let word = |word: &str| Name::Word(word.to_owned());
    for name in [
        Name::Id(home.account.id.0),
        Name::Id(home.contract.id.0),
        word("cus_1"),
        word("sub_cus_1"),
    ] {
        assert_eq!(found(name.clone(), None).await, [home.account.id], "{name:?}");
    }
    let address = word("Ana@Example.com");
    let both = [home.account.id, elsewhere.account.id];
    assert_eq!(found(address.clone(), None).await, both, "however it is written");
    assert_eq!(found(address.clone(), Some(seller())).await, [home.account.id]);
    assert_eq!(found(word("nobody@example.com"), None).await, []);
    let of_address = Search {
        finding: Some(address),
        limit: 10,
        ..Search::default()
    };
    let changes = store.find_changes(of_address).await.expect("found");
    assert_eq!(changes.iter().map(|row| row.id).collect::<Vec<_>>(), [change.id]);
}

pub(crate) async fn requests_that_wait_are_found_with_what_may_be_stuck(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let other = household(store, "cus_2").await;
    let quiet = opened(store, &home, None).await;
    let mut record = moving(&opened(store, &other, None).await, at(1));
    "downgrade_ticket.open".clone_into(&mut record.change.stage_name);
    let request = done(store, record).await;
    let found = async |or_waiting: bool| {
        let search = Search {
            concern: Some(Concern {
                now: at(60),
                overdue: SignedDuration::from_secs(900),
            }),
            or_waiting,
            limit: 10,
            ..Search::default()
        };
        let rows = store.find_changes(search).await.expect("found");
        rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(found(false).await, []);
    assert_eq!(found(true).await, [request.id]);
    let _ = quiet;
}

pub(crate) async fn orders_to_erase_are_listed(store: &dyn Store) {
    let home = household(store, "cus_1").await;
    let order = |second: i64, by: &str| Erasure {
        account: home.account.id,
        at: at(second),
        by: by.to_owned(),
        why: "asked for by its person".to_owned(),
    };
    for order in [order(5, "zoe"), order(6, "bea")] {
        assert_eq!(store.erase(order).await.expect("erased"), Written::Done);
    }
    let listed = store.erased(Some(&seller()), 10).await.expect("read");
    assert_eq!(listed.len(), 1, "the first order stays");
    assert_eq!((listed[0].by.as_str(), listed[0].at), ("zoe", at(5)));
    let elsewhere = "umbrella".parse().expect("a seller");
    assert_eq!(store.erased(Some(&elsewhere), 10).await.expect("read"), []);
}
