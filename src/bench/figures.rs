//! From rounds to figures. Whole numbers all the way: a thousandth of a ratio is finer than any machine is quiet.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::Database;
use super::journey::Times;

/// One round of a line: the floor and the service, one after the other.
pub(super) struct Round {
    pub(super) floor: Duration,
    pub(super) service: Sample,
}

/// What one run of the service came to.
pub(super) struct Sample {
    pub(super) changes: u32,
    pub(super) took: Duration,
    pub(super) times: Times,
    pub(super) service: Duration,
    pub(super) database: Option<Duration>,
    pub(super) load: Duration,
    pub(super) stub: Duration,
    pub(super) memory_peak: u64,
    pub(super) bytes: u64,
    pub(super) provider_requests: u64,
}

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// One entry per database and number of changes in flight.
    pub lines: Vec<Line>,
}

/// One line: medians over the rounds; percentiles over all changes of all rounds.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Where the changes were kept.
    pub database: Database,
    /// How many were under way at once.
    pub in_flight: u32,
    /// How many were made in each round. All ended active, and each was charged once.
    pub changes: u32,
    /// How often it was measured.
    pub rounds: usize,
    /// Changes in a second.
    pub changes_per_second: u64,
    /// The floor's changes in a second.
    pub floor_per_second: u64,
    /// The service's speed in thousandths of the floor's: the median of the rounds' own ratios.
    pub ratio_permille: u64,
    /// The lowest and the highest of those ratios: how noisy the machine was.
    pub ratio_permille_range: (u64, u64),
    /// A whole change, half and 99 in a hundred, in microseconds.
    pub change_us: Percentiles,
    /// One command, likewise.
    pub command_us: Percentiles,
    /// What the service's process computes for one change, in microseconds.
    pub cpu_us: u64,
    /// What the database's server computes for one, where it has one on this machine.
    pub database_cpu_us: Option<u64>,
    /// What the client of the bench computes for one: no part of the service.
    pub load_cpu_us: u64,
    /// What the provider stub and the mail sink compute for one: no part of the service.
    pub stub_cpu_us: u64,
    /// How many requests the provider got for one.
    pub provider_requests: u64,
    /// The most memory that the service has held at once, in bytes.
    pub memory_peak: u64,
    /// By how much one change lets the database grow, in bytes.
    pub bytes: u64,
}

/// Two percentiles.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Percentiles {
    /// Half of all are not longer.
    pub p50: u64,
    /// 99 in a hundred are not longer.
    pub p99: u64,
}

impl Line {
    pub(super) fn of(database: Database, in_flight: u32, rounds: &[Round]) -> Self {
        let services = || rounds.iter().map(|round| &round.service);
        let per_change = |used: fn(&Sample) -> Duration| {
            median(services().map(|sample| micros(used(sample)) / u64::from(sample.changes.max(1))))
        };
        let ratios = || rounds.iter().map(ratio_permille);
        Self {
            database,
            in_flight,
            changes: services().map(|sample| sample.changes).max().unwrap_or_default(),
            rounds: rounds.len(),
            changes_per_second: median(services().map(|sample| per_second(sample.changes, sample.took))),
            floor_per_second: median(
                rounds
                    .iter()
                    .map(|round| per_second(round.service.changes, round.floor)),
            ),
            ratio_permille: median(ratios()),
            ratio_permille_range: (
                ratios().min().unwrap_or_default(),
                ratios().max().unwrap_or_default(),
            ),
            change_us: percentiles(services().map(|sample| &sample.times.changes)),
            command_us: percentiles(services().map(|sample| &sample.times.commands)),
            cpu_us: per_change(|sample| sample.service),
            database_cpu_us: services()
                .all(|sample| sample.database.is_some())
                .then(|| per_change(|sample| sample.database.unwrap_or_default())),
            load_cpu_us: per_change(|sample| sample.load),
            stub_cpu_us: per_change(|sample| sample.stub),
            provider_requests: median(
                services().map(|sample| each(sample.provider_requests, sample.changes)),
            ),
            memory_peak: median(services().map(|sample| sample.memory_peak)),
            bytes: median(services().map(|sample| each(sample.bytes, sample.changes))),
        }
    }
}

fn each(sum: u64, changes: u32) -> u64 {
    sum / u64::from(changes.max(1))
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn per_second(changes: u32, took: Duration) -> u64 {
    let whole = u128::from(changes) * 1_000_000_000 / took.as_nanos().max(1);
    u64::try_from(whole).unwrap_or(u64::MAX)
}

/// Both have made the same number of changes: the times alone tell.
fn ratio_permille(round: &Round) -> u64 {
    let ratio = round.floor.as_nanos() * 1000 / round.service.took.as_nanos().max(1);
    u64::try_from(ratio).unwrap_or(u64::MAX)
}

/// The middle one; of an even number, the lower of the two.
fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    let middle = values.len().saturating_sub(1) / 2;
    values.get(middle).copied().unwrap_or_default()
}

fn percentiles<'h>(histograms: impl Iterator<Item = &'h Histogram<u64>>) -> Percentiles {
    let mut all: Option<Histogram<u64>> = None;
    for one in histograms {
        match &mut all {
            // All have the same bounds, so that adding cannot fail.
            Some(all) => drop(all.add(one)),
            None => all = Some(one.clone()),
        }
    }
    let at = |quantile| all.as_ref().map_or(0, |all| all.value_at_quantile(quantile));
    Percentiles {
        p50: at(0.5),
        p99: at(0.99),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::journey::histogram;

    fn round(floor_ms: u64, service_ms: u64) -> Round {
        Round {
            floor: Duration::from_millis(floor_ms),
            service: Sample {
                changes: 10,
                took: Duration::from_millis(service_ms),
                times: Times::new().expect("histograms"),
                service: Duration::from_millis(50),
                database: None,
                load: Duration::from_millis(10),
                stub: Duration::ZERO,
                memory_peak: 1000,
                bytes: 12_345,
                provider_requests: 119,
            },
        }
    }

    #[test]
    fn a_line_is_the_median_of_its_rounds_and_says_how_far_they_lie_apart() {
        let rounds = [round(100, 1000), round(100, 400), round(200, 1000)];
        let line = Line::of(Database::Sqlite, 4, &rounds);
        assert_eq!(
            (line.ratio_permille, line.ratio_permille_range),
            (200, (100, 250))
        );
        assert_eq!((line.changes_per_second, line.floor_per_second), (10, 100));
        assert_eq!((line.cpu_us, line.load_cpu_us, line.bytes), (5000, 1000, 1234));
        assert_eq!((line.provider_requests, line.database_cpu_us), (11, None));
    }

    #[test]
    fn percentiles_are_taken_over_all_rounds() {
        let mut one = histogram().expect("a histogram");
        let mut other = one.clone();
        for value in 1..=60 {
            one.record(value).expect("in bounds");
            other.record(value + 60).expect("in bounds");
        }
        let Percentiles { p50, p99 } = percentiles([&one, &other].into_iter());
        assert_eq!((p50, p99), (60, 119));
    }
}
