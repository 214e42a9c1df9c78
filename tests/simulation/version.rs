//! Of which version of the machine whoever goes on just now is a node: nodes of two versions live in one process here.

use std::cell::Cell;

use changeover::domain::change::{MACHINE_VERSION, rehearse_machine_version};

/// What nodes run before a deployment.
pub const OLD: u32 = MACHINE_VERSION;

/// What a deployment brings. Whoever is no node reads everything.
pub const NEW: u32 = MACHINE_VERSION + 1;

thread_local! {
    static PRESENT: Cell<u32> = const { Cell::new(NEW) };
}

/// Sets what was there before, also where something panics.
struct Restored(u32);

impl Drop for Restored {
    fn drop(&mut self) {
        PRESENT.set(self.0);
    }
}

/// Lets the program ask here for its version. Once in a process.
pub fn is_asked_here() {
    rehearse_machine_version(present);
}

/// The version of whoever goes on.
pub fn present() -> u32 {
    PRESENT.get()
}

/// Does something as a node of this version.
pub fn during<T>(version: u32, does: impl FnOnce() -> T) -> T {
    let _before = Restored(PRESENT.replace(version));
    does()
}
