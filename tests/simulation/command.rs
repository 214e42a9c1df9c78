//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use clap::Parser;

use crate::bugs::Bug;
use crate::crashes;
use crate::crowd::{self, Range};
use crate::run::{Order, run};

/// How many seeds the default run takes: about two minutes on two processors.
const SEEDS: u64 = 2_000;

/// A bug must be caught within so many seeds.
const CAUGHT_WITHIN: u64 = 400;

/// After so many broken seeds, more would tell nothing new.
const FAILURES_MAX: usize = 10;

/// Runs the real program in simulated time: nodes, customers and support, with faults that the seed decides.
#[derive(Debug, Parser)]
#[command(name = "simulation", version = None)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
struct Command {
    /// How many seeds to run.
    #[arg(long, default_value_t = SEEDS, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Note in this file how far it came, and go on from there.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Run one seed, and print the hash of its journals.
    #[arg(long, value_name = "SEED", conflicts_with_all = ["resume", "bugs", "crashes"])]
    replay: Option<u64>,
    /// With --replay: tell every step.
    #[arg(long, requires = "replay")]
    trace: bool,
    /// With --replay: seed this bug. With --bugs: only this one.
    #[arg(long, value_name = "NAME")]
    bug: Option<String>,
    /// Seed every bug in turn, and print after how many seeds each is caught.
    #[arg(long, conflicts_with_all = ["resume", "crashes"])]
    bugs: bool,
    /// Every crash point singly, and every ordered pair of two.
    #[arg(long, conflicts_with = "resume")]
    crashes: bool,
    /// Tests to run, as with other test programs: this one is called `simulation`.
    #[arg(hide = true)]
    filters: Vec<String>,
    #[arg(long, short, hide = true)]
    quiet: bool,
    #[arg(long, hide = true)]
    nocapture: bool,
    #[arg(long, hide = true)]
    list: bool,
}

/// Does what the command line says.
pub fn obey() -> ExitCode {
    let command = Command::parse();
    let meant = |filter: &String| "simulation".contains(filter.as_str());
    if command.list || !(command.filters.is_empty() || command.filters.iter().any(meant)) {
        return ExitCode::SUCCESS;
    }
    if command.bug.is_some() && command.replay.is_none() && !command.bugs {
        eprintln!("simulation: --bug goes with --replay or with --bugs");
        return ExitCode::FAILURE;
    }
    let done = if let Some(seed) = command.replay {
        replay(seed, &command)
    } else if command.bugs {
        bugs(&command)
    } else if command.crashes {
        crash_points(true)
    } else {
        seeds(&command)
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            eprintln!("simulation: {what}");
            ExitCode::FAILURE
        }
    }
}

fn seeds(command: &Command) -> Result<(), String> {
    let end = command.from.checked_add(command.seeds);
    let end = end.ok_or_else(|| "there are no seeds beyond 2^64".to_owned())?;
    let wanted = Range {
        from: command.from,
        end,
    };
    let left = match &command.resume {
        Some(file) => crowd::resumed(file, wanted)?,
        None => wanted,
    };
    // The short way through all crash points belongs to every run that begins at the beginning.
    if left.from == 0 && command.resume.is_none() {
        crash_points(false)?;
    }
    let mut noted = Ok(());
    let summary = crowd::runs_all(left, FAILURES_MAX, |next| {
        if let Some(file) = &command.resume {
            noted = crowd::note(file, wanted, next);
        }
    });
    println!("{}", summary.lines());
    noted?;
    if summary.broken.is_empty() {
        return Ok(());
    }
    for (seed, broken) in &summary.broken {
        eprintln!(
            "seed {seed}: {}: {}\n  {}",
            broken.promise,
            broken.what,
            crowd::replay(*seed)
        );
    }
    Err(format!(
        "{} of {} seeds broke a promise",
        summary.broken.len(),
        summary.runs
    ))
}

fn replay(seed: u64, command: &Command) -> Result<(), String> {
    let bug = match &command.bug {
        None => None,
        Some(name) => Some(bug_called(name)?),
    };
    let mut order = Order::of(seed);
    order.bug = bug;
    if let Some(bug) = bug {
        bug.seasons(&mut order.plan.weather);
    }
    order.tells = command.trace;
    let report = run(&order);
    println!("seed {seed}: journals {}, {} steps", report.hash, report.steps);
    for (name, count) in &report.tally {
        println!("  {count:>6}  {name}");
    }
    match report.broken {
        None => Ok(()),
        Some(broken) => Err(format!("{}: {}", broken.promise, broken.what)),
    }
}

fn bug_called(name: &str) -> Result<Bug, String> {
    let found = Bug::ALL.iter().find(|bug| bug.name() == name);
    found.copied().ok_or_else(|| {
        let all: Vec<&str> = Bug::ALL.iter().map(|bug| bug.name()).collect();
        format!("there is no bug `{name}`; there are {}", all.join(", "))
    })
}

/// Every bug must be caught.
fn bugs(command: &Command) -> Result<(), String> {
    let within = command.seeds.min(CAUGHT_WITHIN);
    if let Some(name) = &command.bug {
        let caught = is_caught(bug_called(name)?, command.from, within);
        return if caught {
            Ok(())
        } else {
            Err(format!("not caught: {name}"))
        };
    }
    let next = AtomicUsize::new(0);
    let free = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(bug) = Bug::ALL.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if !is_caught(*bug, command.from, within) {
                        free.lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push(bug.name());
                    }
                }
            });
        }
    });
    let free = free.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!(
        "{} of {} seeded bugs caught",
        Bug::ALL.len() - free.len(),
        Bug::ALL.len()
    );
    if free.is_empty() {
        Ok(())
    } else {
        Err(format!("not caught: {}", free.join(", ")))
    }
}

fn is_caught(bug: Bug, from: u64, within: u64) -> bool {
    let caught = (from..from.saturating_add(within)).find_map(|seed| {
        let mut order = Order::of(seed);
        order.bug = Some(bug);
        bug.seasons(&mut order.plan.weather);
        let broken = run(&order).broken?;
        // What breaks without the bug too was not caught by it.
        order.bug = None;
        run(&order).broken.is_none().then_some((seed, broken))
    });
    let Some((seed, broken)) = caught else {
        println!("{:<24} NOT caught within {within} seeds", bug.name());
        return false;
    };
    let what: String = broken.what.chars().take(100).collect();
    println!(
        "{:<24} caught after {:>3} seeds, by {}: {what}",
        bug.name(),
        seed - from + 1,
        broken.promise
    );
    true
}

fn crash_points(pairs: bool) -> Result<(), String> {
    let (reached, broken) = crashes::all(pairs);
    println!(
        "crash points: {reached} reached{}",
        if pairs {
            ", singly and in ordered pairs"
        } else {
            ""
        }
    );
    if broken.is_empty() {
        Ok(())
    } else {
        Err(broken.join("\n"))
    }
}
