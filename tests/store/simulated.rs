//! The store of the simulation keeps to the same rules as the real ones: else what it proves would be worth nothing.

use changeover::ports::store::Store;

#[path = "../simulation/store/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the simulation looks into it, the stories only ask the port"
)]
mod memory;

pub(crate) struct Bench {
    store: memory::Connection<memory::AtOnce>,
}

impl Bench {
    pub(crate) fn store(&self) -> &dyn Store {
        &self.store
    }

    #[expect(
        clippy::unused_async,
        reason = "benches of databases have files and servers to close"
    )]
    pub(crate) async fn close(&self) {}
}

#[expect(
    clippy::unused_async,
    reason = "benches of databases have files and servers to open"
)]
pub(crate) async fn bench() -> Bench {
    Bench {
        store: memory::AtOnce::empty(),
    }
}

super::every_story!(bench);
