//! Every integration test in one binary: one link, one cache.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helpers fail the test where they cannot go on"
)]
#![expect(
    clippy::too_many_lines,
    clippy::needless_pass_by_value,
    reason = "a list of cases may be long, and a helper may take what its callers have just made"
)]

mod bench;
mod browser;
mod catalog;
mod console;
mod hooks;
mod house;
mod journeys;
mod lane;
mod machine;
mod pages;
mod process;
mod sandbox;
mod store;
mod stories;
mod stripe;
mod support;
mod text;
mod web;

/// As the program itself: installations make many small values that live for a moment.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
