//! Many seeds: on all processors, each seed on one, with progress, and resumable.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use indicatif::{ProgressBar, ProgressStyle};

use crate::run::{Order, Report, run};
use crate::witness::Violation;

/// How many seeds lie between two notes of how far it came.
const CHUNK: u64 = 100;

/// One seed in so many is run twice, and must come to the same.
const TWICE_EVERY: u64 = 200;

/// What many runs came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many seeds were run.
    pub runs: u64,
    /// How many were run twice.
    pub twice: u64,
    /// Seeds in which a promise broke.
    pub broken: BTreeMap<u64, Violation>,
    /// What happened how often.
    pub tally: BTreeMap<String, u64>,
    /// How often somebody went on.
    pub steps: u64,
}

/// Which seeds are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub from: u64,
    /// The one after the last.
    pub end: u64,
}

impl Summary {
    fn take(&mut self, seed: u64, report: Report) {
        self.runs += 1;
        self.steps += report.steps;
        for (name, count) in report.tally {
            *self.tally.entry(name).or_default() += count;
        }
        if let Some(broken) = report.broken {
            self.broken.insert(seed, broken);
        }
    }

    /// What happened, in lines.
    pub fn lines(&self) -> String {
        let mut text = format!(
            "{} seeds, {} of them twice, {} steps\n",
            self.runs, self.twice, self.steps
        );
        for (name, count) in &self.tally {
            let _ = writeln!(text, "  {count:>8}  {name}");
        }
        text
    }
}

/// Runs a seed; some are run again, and must give the same journals.
fn runs(seed: u64) -> (Report, bool) {
    let order = Order::of(seed);
    let mut report = run(&order);
    let twice = seed.is_multiple_of(TWICE_EVERY) && report.broken.is_none();
    if twice {
        let again = run(&order);
        if again.hash != report.hash || again.steps != report.steps {
            report.broken = Some(Violation {
                promise: "replay",
                what: format!(
                    "{} after {} steps, then {} after {}",
                    report.hash, report.steps, again.hash, again.steps
                ),
            });
        }
    }
    (report, twice)
}

/// Runs these seeds. `done` hears how far it came, each time that all seeds up to there have been run.
pub fn runs_all(range: Range, failures_max: usize, mut done: impl FnMut(u64)) -> Summary {
    let bar = ProgressBar::new(range.end - range.from);
    let style = "{elapsed_precise} {bar:40} {pos}/{len} seeds, {msg}";
    bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message("none broken");
    let next = AtomicU64::new(range.from);
    let stop = AtomicBool::new(false);
    let summary = Mutex::new(Summary::default());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut from = range.from;
    while from < range.end && !stop.load(Ordering::SeqCst) {
        let end = (from + CHUNK).min(range.end);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let seed = next.fetch_add(1, Ordering::SeqCst);
                        if seed >= end || stop.load(Ordering::SeqCst) {
                            return;
                        }
                        let (report, twice) = runs(seed);
                        bar.inc(1);
                        let mut summary = summary.lock().unwrap_or_else(PoisonError::into_inner);
                        summary.twice += u64::from(twice);
                        if let Some(broken) = &report.broken {
                            bar.println(format!(
                                "seed {seed}: {}: {}\n  {}",
                                broken.promise,
                                broken.what,
                                replay(seed)
                            ));
                        }
                        summary.take(seed, report);
                        bar.set_message(format!("{} broken", summary.broken.len()));
                        if summary.broken.len() >= failures_max {
                            stop.store(true, Ordering::SeqCst);
                        }
                    }
                });
            }
        });
        next.store(end, Ordering::SeqCst);
        from = end;
        if !stop.load(Ordering::SeqCst) {
            done(end);
        }
    }
    bar.finish();
    summary.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The command that runs one seed again, step by step.
pub fn replay(seed: u64) -> String {
    format!("cargo test --test simulation -- --replay {seed} --trace")
}

/// How far an earlier run came: the range that is left. The file is made when it is not there.
pub fn resumed(file: &Path, wanted: Range) -> Result<Range, String> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            note(file, wanted, wanted.from)?;
            return Ok(wanted);
        }
        Err(error) => return Err(format!("{}: {error}", file.display())),
    };
    let foreign = || {
        format!(
            "{} is not a note of how far a simulation came; remove it to begin anew",
            file.display()
        )
    };
    let mut words = text.split_whitespace();
    let mut number = |name: &str| -> Result<u64, String> {
        if words.next() != Some(name) {
            return Err(foreign());
        }
        words
            .next()
            .and_then(|word| word.parse().ok())
            .ok_or_else(foreign)
    };
    let (from, end, next) = (number("from")?, number("end")?, number("next")?);
    if (from, end) != (wanted.from, wanted.end) {
        return Err(format!(
            "{} is about the seeds {from} to {end}, not {} to {}",
            file.display(),
            wanted.from,
            wanted.end
        ));
    }
    if !(from..=end).contains(&next) {
        return Err(foreign());
    }
    Ok(Range { from: next, end })
}

/// Notes how far it came.
pub fn note(file: &Path, wanted: Range, next: u64) -> Result<(), String> {
    let text = format!("from {} end {} next {next}\n", wanted.from, wanted.end);
    fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}
