//! Crash points: each one singly, and each ordered pair, a crash during the recovery from a crash. Every run must reach its
//! points, and come to its end as every other run does.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use changeover::engine::CrashPoint;
use jiff::SignedDuration;

use crate::plan::{Plan, Weather};
use crate::run::{Order, run};

/// How many seeds are tried until one reaches a pair of points.
const SEEDS_MAX: u64 = 40;

/// A quiet world, in which nothing goes wrong but what is armed: cards that ask and are refused, and every webhook.
fn quiet(seed: u64) -> Plan {
    let mut plan = Plan::of(seed);
    plan.nodes = 1;
    plan.customers = 1;
    plan.rounds = 2;
    plan.storm = SignedDuration::from_hours(30);
    plan.deaf = false;
    plan.weather = Weather {
        bad_cards: 300,
        vouchers: 300,
        cancels: 30,
        ..Weather::default()
    };
    plan
}

/// What is armed in one run.
type Armed = Vec<CrashPoint>;

/// Runs seeds until one reaches all that is armed; an error where none does, or where a promise breaks.
fn reaches(armed: &Armed, first: u64) -> Result<u64, String> {
    for seed in first..first + SEEDS_MAX {
        // Not always the first pass: the crash strikes somewhere in the run.
        let nth = 1 + seed % 5;
        let order = Order {
            plan: quiet(seed),
            bug: None,
            armed: armed
                .iter()
                .zip([nth, 1])
                .map(|(point, nth)| (*point, nth))
                .collect::<VecDeque<_>>(),
            tells: false,
        };
        let report = run(&order);
        if let Some(broken) = report.broken {
            return Err(format!(
                "{armed:?}, seed {seed}: {}: {}",
                broken.promise, broken.what
            ));
        }
        if report.reached == *armed {
            return Ok(seed);
        }
    }
    Err(format!("{armed:?} is not reached within {SEEDS_MAX} seeds"))
}

/// Every crash point singly, and every ordered pair. Gives how many combinations were reached, and what broke.
pub fn all(pairs: bool) -> (usize, Vec<String>) {
    let mut armed: Vec<Armed> = CrashPoint::ALL.iter().map(|point| vec![*point]).collect();
    if pairs {
        for first in CrashPoint::ALL {
            armed.extend(CrashPoint::ALL.iter().map(|second| vec![*first, *second]));
        }
    }
    let next = AtomicUsize::new(0);
    let broken = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let nth = next.fetch_add(1, Ordering::SeqCst);
                    let Some(armed) = armed.get(nth) else { return };
                    if let Err(what) = reaches(armed, 1_000_000 + 50 * nth as u64) {
                        broken.lock().unwrap_or_else(PoisonError::into_inner).push(what);
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().unwrap_or_else(PoisonError::into_inner);
    (armed.len() - broken.len(), broken)
}
