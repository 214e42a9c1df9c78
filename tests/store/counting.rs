//! Random histories of counting: three stores are told the same, and answer the same.

use changeover::domain::metering::{Quantity, Tally};
use changeover::ports::store::{BookRecord, ClosedTally, Store, Written};
use proptest::collection::vec;
use proptest::prelude::*;

use super::metering::{report, tally, writing};
use super::people::{FIRST_PAGE, Household, at, household};

/// One write: by whom it is about, how much, under which name, and on what it was decided.
#[derive(Debug, Clone)]
struct Count {
    home: usize,
    units: u64,
    name: u8,
    outdated: bool,
    closes: bool,
}

fn count() -> impl Strategy<Value = Count> {
    let (home, units, name) = (0..2_usize, 1..9_u64, 0..12_u8);
    let (outdated, closes) = (prop::bool::weighted(0.15), prop::bool::weighted(0.15));
    (home, units, name, outdated, closes).prop_map(|(home, units, name, outdated, closes)| Count {
        home,
        units,
        name,
        outdated,
        closes,
    })
}

/// Plays a history, and tells what was answered and what is there at the end.
async fn play(store: &dyn Store, counts: &[Count]) -> Vec<String> {
    let homes = [
        household(store, "cus_ana").await,
        household(store, "cus_bia").await,
    ];
    let mut told = Vec::new();
    for one in counts {
        told.push(format!("{:?}", take(store, &homes[one.home], one).await));
    }
    let names: Vec<String> = (0..12).map(|name| format!("r{name}")).collect();
    for (nth, home) in homes.iter().enumerate() {
        let book = store.book(home.contract.id).await.expect("read");
        let closed = store
            .closed_tallies(home.contract.id, FIRST_PAGE)
            .await
            .expect("read");
        let reports = store
            .usage_reports(&home.account.seller, names.clone())
            .await
            .expect("read");
        let theirs = reports.iter().filter(|row| row.contract == home.contract.id);
        let reported: Vec<_> = theirs.map(|row| (&row.report.id, row.report.quantity)).collect();
        let counted = book
            .tallies
            .iter()
            .chain(closed.iter().map(|closed| &closed.tally));
        let counted = counted.fold(Quantity::ZERO, |sum, tally| sum.plus(tally.used).expect("a sum"));
        let sum = reported
            .iter()
            .fold(Quantity::ZERO, |sum, (_, one)| sum.plus(*one).expect("a sum"));
        assert_eq!(counted, sum, "what is counted is what was reported");
        told.push(format!("{nth}: {book:?} {closed:?} {reported:?}"));
    }
    told
}

async fn take(store: &dyn Store, home: &Household, one: &Count) -> Written {
    let book = store.book(home.contract.id).await.expect("read");
    let open = book.tallies.first().cloned().unwrap_or_else(|| {
        let start = i64::try_from(book.version).expect("a number") * 1000;
        tally(0, start)
    });
    let units = Quantity::whole(one.units).expect("a quantity");
    let counted = Tally {
        used: open.used.plus(units).expect("a sum"),
        ..open
    };
    let mut record = BookRecord {
        reports: vec![report(home, &format!("r{}", one.name), one.units)],
        ..writing(home, book.version.saturating_sub(u64::from(one.outdated)))
    };
    if one.closes {
        record.closed = vec![ClosedTally {
            tally: counted,
            closed_at: at(9),
        }];
    } else {
        record.tallies = vec![counted];
    }
    if one.outdated && book.version == 0 {
        record.expected_version = 7;
    }
    store.keep_book(record).await.expect("answered")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_stores_count_alike(counts in vec(count(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let simulated = super::simulated::bench().await;
            let expected = play(simulated.store(), &counts).await;
            let sqlite = super::sqlite::bench().await;
            assert_eq!(play(sqlite.store(), &counts).await, expected);
            sqlite.close().await;
            let postgres = super::postgres::bench().await;
            assert_eq!(play(postgres.store(), &counts).await, expected);
            postgres.close().await;
        });
    }
}
