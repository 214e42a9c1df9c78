//! The simulation; see README.md.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a harness fails where it cannot go on, and speaks to whoever runs it"
)]

mod agency;
mod browser;
mod bugs;
mod chance;
mod client;
mod command;
mod courier;
mod crashes;
mod crowd;
mod customer;
mod desk;
mod forms;
mod founding;
mod holders;
mod inquest;
mod line;
mod mailbox;
mod node;
mod paying;
mod plan;
mod product;
mod proof;
mod run;
mod scheduler;
mod sellers;
mod store;
mod storm;
mod version;
mod watch;
mod wire;
mod wishes;
mod witness;
mod world;

/// As the program itself: worlds make many small values that live for a moment.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // What breaks is told by whoever runs the seed.
    std::panic::set_hook(Box::new(|_| {}));
    version::is_asked_here();
    command::obey()
}
