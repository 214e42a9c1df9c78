//! The command line program: see `changeover --help`.

use std::process::ExitCode;

/// Requests and decisions make many small values that live for a moment.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    changeover::cli::run()
}
