//! Random histories of verbs: whatever happens in whatever order, the store answers as its model does.

use changeover::ports::store::{Lease, Record, Store, Written};
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

use super::model::Model;
use super::people::{A_MINUTE, Household, at, conclude, household, new_contract};
use super::writings::{ending, moving, opening, webhook};

/// One thing that somebody does. Numbers pick among what there is.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Open {
        home: usize,
        due_in: Option<i64>,
    },
    Command {
        home: usize,
        due_in: Option<i64>,
        ends: bool,
        outdated: bool,
    },
    Decide {
        home: usize,
        lease: usize,
        due_in: Option<i64>,
        ends: bool,
    },
    Claim {
        limit: u32,
    },
    Release {
        lease: usize,
        due_in: Option<i64>,
        asks: bool,
    },
    Webhook {
        event: u8,
        home: usize,
    },
    Wait {
        seconds: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let home = 0..3_usize;
    let due_in = || proptest::option::of(0..90_i64);
    prop_oneof![
        2 => (home.clone(), due_in()).prop_map(|(home, due_in)| Step::Open { home, due_in }),
        3 => (home.clone(), due_in(), prop::bool::weighted(0.2), prop::bool::weighted(0.1))
            .prop_map(|(home, due_in, ends, outdated)| Step::Command { home, due_in, ends, outdated }),
        4 => (home.clone(), 0..4_usize, due_in(), prop::bool::weighted(0.2))
            .prop_map(|(home, lease, due_in, ends)| Step::Decide { home, lease, due_in, ends }),
        4 => (1..4_u32).prop_map(|limit| Step::Claim { limit }),
        2 => (0..4_usize, due_in(), any::<bool>())
            .prop_map(|(lease, due_in, asks)| Step::Release { lease, due_in, asks }),
        3 => (0..8_u8, home).prop_map(|(event, home)| Step::Webhook { event, home }),
        3 => (1..50_i64).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

/// Two customers, the first with two contracts.
async fn settle_in(store: &dyn Store, model: &mut Model) -> Vec<Household> {
    let ana = household(store, "cus_ana").await;
    let bia = household(store, "cus_bia").await;
    let second = Household {
        contract: new_contract(&ana.account, None),
        account: ana.account.clone(),
    };
    let concluded = store.create_contract(conclude(&second.contract)).await;
    assert_eq!(concluded.expect("written"), Written::Done);
    let homes = vec![ana, second, bia];
    for home in &homes {
        model.conclude(home.contract.id, customer(home));
    }
    homes
}

fn customer(home: &Household) -> &str {
    home.account.provider_customer.as_deref().unwrap_or_default()
}

/// Plays a history on the store and on the model, and compares every answer.
pub(crate) async fn play(store: &dyn Store, steps: &[Step]) {
    let mut model = Model::default();
    let homes = settle_in(store, &mut model).await;
    let mut now = at(0);
    let mut leases: Vec<Lease> = Vec::new();
    for step in steps {
        take(store, &mut model, &homes, &mut leases, &mut now, step).await;
        assert_eq!(
            store.next_due().await.expect("read"),
            model.next_due(),
            "{step:?}"
        );
    }
    for (id, change) in &model.changes {
        let stored = store.situation(*id).await.expect("read").expect("there");
        assert_eq!(stored.change, *change);
    }
}

async fn take(
    store: &dyn Store,
    model: &mut Model,
    homes: &[Household],
    leases: &mut Vec<Lease>,
    now: &mut Timestamp,
    step: &Step,
) {
    // Among the newest leases, so that most of them still hold.
    let lease = |back: usize| leases.iter().rev().nth(back).copied();
    let record = decision(model, homes, *now, step);
    match (step, record) {
        (Step::Open { .. }, Some(record)) => decide(store, model, record).await,
        (Step::Command { outdated, .. }, Some(mut record)) => {
            if *outdated {
                record.expected_version -= 1;
            }
            decide(store, model, record).await;
        }
        (Step::Decide { lease: back, .. }, Some(mut record)) => {
            record.fence = lease(*back);
            decide(store, model, record).await;
        }
        (Step::Claim { limit }, _) => {
            let claimed = store
                .claim_due(*now, A_MINUTE, "worker", *limit)
                .await
                .expect("claimed");
            assert_eq!(claimed, model.claim(*now, *limit as usize));
            leases.extend(claimed);
        }
        (
            Step::Release {
                lease: back,
                due_in,
                asks,
            },
            _,
        ) => {
            if let Some(lease) = lease(*back) {
                let (due_at, asked_at) = (later(*now, *due_in), asks.then_some(*now));
                store.release(lease, due_at, asked_at).await.expect("released");
                model.release(lease, due_at, asked_at);
            }
        }
        (Step::Webhook { event, home }, _) => {
            let (event, customer) = (format!("evt_{event}"), customer(&homes[*home]));
            let kept = store
                .accept_inbound(webhook(&event, customer, *now))
                .await
                .expect("kept");
            assert_eq!(kept, model.accept(&event, customer, *now));
        }
        (Step::Wait { seconds }, _) => *now += SignedDuration::from_secs(*seconds),
        // Nothing is open there.
        (Step::Open { .. } | Step::Command { .. } | Step::Decide { .. }, None) => {}
    }
}

/// What a step would have written, if there is something that it can be about.
fn decision(model: &Model, homes: &[Household], now: Timestamp, step: &Step) -> Option<Record> {
    match step {
        Step::Open { home, due_in } => {
            let mut record = opening(&homes[*home], now);
            record.due_at = later(now, *due_in);
            Some(record)
        }
        Step::Command {
            home, due_in, ends, ..
        }
        | Step::Decide {
            home, due_in, ends, ..
        } => {
            let change = model.open_on(homes[*home].contract.id)?;
            let mut record = if *ends {
                ending(change, now)
            } else {
                moving(change, now)
            };
            record.due_at = later(now, *due_in);
            Some(record)
        }
        _ => None,
    }
}

fn later(now: Timestamp, seconds: Option<i64>) -> Option<Timestamp> {
    seconds.map(|seconds| now + SignedDuration::from_secs(seconds))
}

async fn decide(store: &dyn Store, model: &mut Model, record: Record) {
    let expected = model.record(&record);
    assert_eq!(store.record(record).await.expect("answered"), expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_simulated_store_answers_as_the_model_does(steps in vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let bench = super::simulated::bench().await;
            play(bench.store(), &steps).await;
        });
    }

    #[test]
    fn postgres_answers_as_the_model_and_sqlite_do(steps in vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let bench = super::postgres::bench().await;
            play(bench.store(), &steps).await;
            bench.close().await;
        });
    }

    #[test]
    fn sqlite_answers_as_the_model_does(steps in vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let bench = super::sqlite::bench().await;
            play(bench.store(), &steps).await;
            bench.close().await;
        });
    }
}
