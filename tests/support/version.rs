//! Of which version of the machine a house is a node: what a deployment brings, and what is there after it was taken back.
//!
//! A process is one node everywhere else, and says one version for all its life. Here each test is asked for its own: its
//! house runs on the test's own thread.

use std::cell::Cell;

use changeover::domain::change::{MACHINE_VERSION, rehearse_machine_version};

use super::house::House;

thread_local! {
    static PRESENT: Cell<u32> = const { Cell::new(MACHINE_VERSION) };
}

/// A version of the program, by the machine that it brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// What all other tests run.
    Older,
    /// The one after it.
    Newer,
}

/// Which version this thread plays, for as long as this is kept.
#[derive(Default)]
pub(super) struct Rehearsal(());

impl Drop for Rehearsal {
    fn drop(&mut self) {
        // Whatever runs on this thread next is as old as everything else.
        PRESENT.set(MACHINE_VERSION);
    }
}

impl House {
    /// Takes the program down, and starts this version of it on the same data.
    pub async fn is_deployed(&mut self, version: Version) {
        rehearse_machine_version(|| PRESENT.get());
        self.die().await;
        PRESENT.set(match version {
            Version::Older => MACHINE_VERSION,
            Version::Newer => MACHINE_VERSION + 1,
        });
        self.start().await;
    }
}
