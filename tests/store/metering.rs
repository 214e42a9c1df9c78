//! What is used: a book is written on the version before it, and what was counted is never counted again.

use changeover::domain::metering::{CreditKind, CreditLine, Limit, Overage, Pot, Quantity, Report, Tally};
use changeover::domain::money::Money;
use changeover::ports::store::{
    BookRecord, Channel, ClosedTally, OverageRow, OverageStatus, PageAsk, PrerequisiteLine, ReportRow, Store,
    StoreError, Subject, Written,
};
use jiff::Timestamp;

use super::people::{FIRST_PAGE, Household, at, household, household_of, line, new_id};
use super::writings::{claim, request, webhook};

fn quantity(units: u64) -> Quantity {
    Quantity::whole(units).expect("a quantity")
}

fn pot() -> Pot {
    "meter:syncs".parse().expect("a pot")
}

pub(super) fn tally(used: u64, start: i64) -> Tally {
    Tally {
        pot: pot(),
        start: at(start),
        end: at(start + 1000),
        used: quantity(used),
        by_meter: [].into(),
        newest: Some(at(start)),
        limit: Some(Limit::Count(quantity(100))),
        told: vec![80],
        announced: Quantity::ZERO,
    }
}

pub(super) fn report(home: &Household, id: &str, units: u64) -> ReportRow {
    ReportRow {
        seller: home.account.seller.clone(),
        contract: home.contract.id,
        report: Report {
            id: id.to_owned(),
            meter: "syncs".parse().expect("a meter"),
            variant: Some("BR".to_owned()),
            quantity: quantity(units),
            at: at(3),
        },
        received_at: at(4),
    }
}

pub(super) fn writing(home: &Household, version: u64) -> BookRecord {
    BookRecord {
        contract: home.contract.id,
        expected_version: version,
        lines: 0,
        fence: None,
        reports: Vec::new(),
        tallies: Vec::new(),
        closed: Vec::new(),
        credits: Vec::new(),
        overages: Vec::new(),
        entries: Vec::new(),
        outbox: Vec::new(),
        wake: None,
    }
}

async fn kept(store: &dyn Store, record: BookRecord) -> Written {
    store.keep_book(record).await.expect("answered")
}

pub(crate) async fn a_book_is_written_on_the_version_before_it_and_a_report_once(store: &dyn Store) {
    let ana = household(store, "cus_ana").await;
    let empty = store.book(ana.contract.id).await.expect("read");
    assert_eq!((empty.version, empty.tallies.len()), (0, 0));

    let first = BookRecord {
        reports: vec![report(&ana, "r1", 5), report(&ana, "r2", 6)],
        tallies: vec![tally(11, 0)],
        ..writing(&ana, 0)
    };
    assert_eq!(kept(store, first.clone()).await, Written::Done);
    assert_eq!(kept(store, first).await, Written::Stale, "the book has moved");
    let book = store.book(ana.contract.id).await.expect("read");
    assert_eq!((book.version, book.tallies), (1, vec![tally(11, 0)]));

    let again = BookRecord {
        reports: vec![report(&ana, "r3", 1), report(&ana, "r1", 5)],
        tallies: vec![tally(17, 0)],
        ..writing(&ana, 1)
    };
    assert_eq!(
        kept(store, again).await,
        Written::Stale,
        "one of them was counted before"
    );
    let seller = &ana.account.seller;
    let names = ["r2", "r3", "r1"].map(str::to_owned).to_vec();
    let known = store.usage_reports(seller, names.clone()).await.expect("read");
    assert_eq!(
        known,
        [report(&ana, "r2", 6), report(&ana, "r1", 5)],
        "all or nothing, as they were asked for"
    );
    let stranger = household_of(store, "other".parse().expect("a seller"), "cus_x").await;
    let theirs = store
        .usage_reports(&stranger.account.seller, names)
        .await
        .expect("read");
    assert_eq!(theirs, []);
    let same_name = BookRecord {
        reports: vec![report(&stranger, "r1", 9)],
        tallies: vec![tally(9, 0)],
        ..writing(&stranger, 0)
    };
    assert_eq!(
        kept(store, same_name).await,
        Written::Done,
        "names are a seller's own"
    );
}

pub(crate) async fn a_closed_period_leaves_the_book(store: &dyn Store) {
    let ana = household(store, "cus_ana").await;
    let first = BookRecord {
        tallies: vec![tally(11, 0)],
        ..writing(&ana, 0)
    };
    assert_eq!(kept(store, first).await, Written::Done);
    // The newest tally counts; a closed one leaves the book.
    let turned = BookRecord {
        tallies: vec![tally(2, 1000)],
        closed: vec![ClosedTally {
            tally: tally(20, 0),
            closed_at: at(1001),
        }],
        ..writing(&ana, 1)
    };
    assert_eq!(kept(store, turned).await, Written::Done);
    let book = store.book(ana.contract.id).await.expect("read");
    assert_eq!((book.version, book.tallies), (2, vec![tally(2, 1000)]));
    let closed = store
        .closed_tallies(ana.contract.id, FIRST_PAGE)
        .await
        .expect("read");
    assert_eq!(closed.len(), 1);
    assert_eq!(
        (closed[0].tally.used, closed[0].closed_at),
        (quantity(20), at(1001))
    );
    let none = PageAsk { after: 1, limit: 1 };
    assert_eq!(
        store.closed_tallies(ana.contract.id, none).await.expect("read"),
        []
    );
}

/// What went beyond, and is not charged yet.
fn owed(home: &Household) -> OverageRow {
    OverageRow {
        id: new_id(),
        contract: home.contract.id,
        overage: Overage {
            pot: pot(),
            start: at(0),
            end: at(1000),
            used: quantity(120),
            limit: Limit::Count(quantity(100)),
            amount: Money::new(1000, "BRL".parse().expect("known")),
        },
        request: None,
        invoice: Some("in_1".to_owned()),
        generation: 0,
        status: OverageStatus::Owed,
        attempts: 0,
        prepared_at: None,
        next_try_at: at(6),
        outcome: None,
        last_error: None,
    }
}

pub(crate) async fn what_only_the_holder_of_a_lease_writes_needs_it(store: &dyn Store) {
    let ana = household(store, "cus_ana").await;
    let contract = ana.contract.id;
    let woken = BookRecord {
        tallies: vec![tally(80, 0)],
        wake: Some(at(5)),
        ..writing(&ana, 0)
    };
    assert_eq!(kept(store, woken).await, Written::Done);
    assert_eq!(
        store.next_due().await.expect("read"),
        Some(at(5)),
        "somebody must be told"
    );
    let leases = claim(store, at(5)).await;
    assert_eq!(leases[0].subject, Subject::Contract(contract));

    let first = store
        .contract_journal(contract, FIRST_PAGE)
        .await
        .expect("read")
        .remove(0);
    let owed = owed(&ana);
    let mut told = super::writings::leaving_alone(&ana, Channel::Mail, "usage.limit_reached");
    told.at = at(6);
    let record = BookRecord {
        lines: 1,
        fence: Some(leases[0]),
        tallies: vec![tally(81, 0)],
        credits: vec![credit(1, CreditKind::Granted, 50)],
        overages: vec![owed.clone()],
        entries: vec![line(Some(&first), at(6), "a limit is near")],
        outbox: vec![told],
        ..writing(&ana, 1)
    };
    let mut lost = record.clone();
    lost.fence = Some(changeover::ports::store::Lease {
        epoch: leases[0].epoch - 1,
        ..leases[0]
    });
    assert_eq!(kept(store, lost).await, Written::Stale);
    assert_eq!(
        store.next_outbox().await.expect("read"),
        None,
        "nothing of it is there"
    );
    assert_eq!(kept(store, record).await, Written::Done);
    assert_eq!(store.next_outbox().await.expect("read"), Some(at(6)));
    let mails = store.account_mails(ana.account.id, 9).await.expect("read");
    let topics: Vec<_> = mails.iter().map(|mail| mail.row.topic.as_str()).collect();
    assert_eq!(topics, ["usage.limit_reached"]);
    assert_eq!(
        store
            .contract_journal(contract, FIRST_PAGE)
            .await
            .expect("read")
            .len(),
        2
    );
    assert_eq!(
        store.overages(contract, true).await.expect("read"),
        std::slice::from_ref(&owed)
    );

    // The lease is still there to be given back.
    store.release(leases[0], None, None).await.expect("released");
}

pub(crate) async fn a_charge_for_use_goes_on_as_a_whole(store: &dyn Store) {
    let ana = household(store, "cus_ana").await;
    let contract = ana.contract.id;
    let owed = owed(&ana);
    let done = OverageRow {
        request: Some((b"{}".to_vec(), "key-1".to_owned())),
        generation: 1,
        status: OverageStatus::Charged,
        attempts: 2,
        prepared_at: Some(at(7)),
        outcome: Some("ii_1".to_owned()),
        ..owed.clone()
    };
    for (version, row) in (0..).zip([&owed, &done]) {
        let record = BookRecord {
            overages: vec![row.clone()],
            ..writing(&ana, version)
        };
        assert_eq!(kept(store, record).await, Written::Done);
        assert_eq!(
            store.overages(contract, false).await.expect("read"),
            std::slice::from_ref(row)
        );
    }
    assert_eq!(store.overages(contract, true).await.expect("read"), []);
}

fn credit(seq: u64, kind: CreditKind, units: u64) -> CreditLine {
    CreditLine {
        seq,
        credits: "sms".parse().expect("credits"),
        month: at(0),
        kind,
        amount: quantity(units),
        at: at(5),
        report: (kind == CreditKind::Spent).then(|| "r1".to_owned()),
    }
}

pub(crate) async fn the_history_of_credits_is_only_added_to(store: &dyn Store) {
    let ana = household(store, "cus_ana").await;
    let lines = [
        credit(1, CreditKind::Granted, 50),
        credit(2, CreditKind::Spent, 20),
        credit(3, CreditKind::Lapsed, 30),
    ];
    for (version, line) in (0..).zip(&lines) {
        let record = BookRecord {
            lines: line.seq,
            credits: vec![line.clone()],
            ..writing(&ana, version)
        };
        assert_eq!(kept(store, record).await, Written::Done);
    }
    assert_eq!(
        store
            .credit_lines(ana.contract.id, FIRST_PAGE)
            .await
            .expect("read"),
        lines
    );
    let second = PageAsk { after: 1, limit: 1 };
    assert_eq!(
        store.credit_lines(ana.contract.id, second).await.expect("read"),
        lines[1..2]
    );
    assert_eq!(store.book(ana.contract.id).await.expect("read").lines, 3);
    // A number that is taken is a defect, and nothing of the write stays.
    let taken = BookRecord {
        lines: 4,
        credits: vec![credit(3, CreditKind::Granted, 9)],
        tallies: vec![tally(1, 0)],
        ..writing(&ana, 3)
    };
    let refused = store.keep_book(taken).await;
    assert!(matches!(refused, Err(StoreError::Damaged(_))), "{refused:?}");
    assert_eq!(store.book(ana.contract.id).await.expect("read").version, 3);
}

pub(crate) async fn many_who_count_at_once_lose_nothing(store: &dyn Store) {
    let ana = household(store, "cus_ana").await;
    let count = |nth: u64| {
        let ana = &ana;
        async move {
            loop {
                let book = store.book(ana.contract.id).await.expect("read");
                let used = book.tallies.first().map_or(Quantity::ZERO, |tally| tally.used);
                let record = BookRecord {
                    reports: vec![report(ana, &format!("r{nth}"), nth)],
                    tallies: vec![Tally {
                        used: used.plus(quantity(nth)).expect("a sum"),
                        ..tally(0, 0)
                    }],
                    ..writing(ana, book.version)
                };
                match store.keep_book(record).await.expect("answered") {
                    Written::Done => return,
                    stale => assert_eq!(stale, Written::Stale),
                }
            }
        }
    };
    futures_util::future::join_all((1..=12).map(count)).await;
    let book = store.book(ana.contract.id).await.expect("read");
    assert_eq!((book.version, book.tallies[0].used), (12, quantity(78)));
}

pub(crate) async fn what_is_said_of_a_prerequisite_is_kept_in_order(store: &dyn Store) {
    let ana = household(store, "cus_ana").await;
    let said = |seq: u64, at: Timestamp, what: &str| PrerequisiteLine {
        account: ana.account.id,
        prerequisite: "a2p".parse().expect("a name"),
        seq,
        at,
        content: what.as_bytes().to_vec(),
    };
    let (first, second) = (said(1, at(1), "applies"), said(2, at(2), "met"));
    let asked = request("k1", 1);
    let written = store
        .add_prerequisite_line(first.clone(), Some(asked.clone()))
        .await;
    assert_eq!(written.expect("answered"), Written::Done);
    let replayed = store
        .add_prerequisite_line(first.clone(), Some(asked.clone()))
        .await;
    assert_eq!(replayed.expect("answered"), Written::Replayed(asked.answer));
    let other = store.add_prerequisite_line(said(1, at(9), "other"), None).await;
    assert_eq!(other.expect("answered"), Written::Stale);
    let written = store.add_prerequisite_line(second.clone(), None).await;
    assert_eq!(written.expect("answered"), Written::Done);
    let lines = store.prerequisite_lines(ana.account.id).await.expect("read");
    assert_eq!(lines, [first, second]);
    // A webhook has nothing to do with it.
    store
        .accept_inbound(webhook("evt_1", "cus_ana", at(3)))
        .await
        .expect("kept");
}
