//! The simulation; see README.md.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a harness fails where it cannot go on, and speaks to whoever runs it"
)]

mod browser;
mod bugs;
mod chance;
mod client;
mod courier;
mod customer;
mod founding;
mod line;
mod mailbox;
mod node;
mod plan;
mod proof;
mod run;
mod scheduler;
mod storm;
mod store;
mod watch;
mod wire;
mod witness;
mod world;

fn main() {
    let mut args = std::env::args().skip(1);
    let from: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(0);
    let count: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(1);
    let tells = args.next().is_some();
    for seed in from..from + count {
        let mut order = run::Order::of(seed);
        order.tells = tells;
        let report = run::run(&order);
        println!("{seed} {} {} {:?} {:?}", report.hash, report.steps, report.broken, report.tally);
    }
}
