//! The store of the simulation keeps to the same rules as the real ones: else what it proves would be worth nothing.

use std::sync::{Arc, Mutex, PoisonError};

use changeover::ports::store::{Store, StoreResult};
use futures_util::future::BoxFuture;
use memory::{Carrier, Connection, Memory, Rules, Verb};

#[path = "../simulation/store/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "the simulation looks into it, the stories only ask the port"
)]
mod memory;

/// The store alone, reached at once.
#[derive(Clone)]
struct AtOnce(Arc<Mutex<Memory>>);

impl Carrier for AtOnce {
    fn carry<T, F>(&self, _verb: Verb, work: F) -> BoxFuture<'_, StoreResult<T>>
    where
        T: Send + 'static,
        F: FnOnce(&mut Memory) -> StoreResult<T> + Send + 'static,
    {
        let done = work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Box::pin(async move { done })
    }
}

pub(crate) struct Bench {
    store: Connection<AtOnce>,
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
    let memory = Memory::new(Rules::ALL);
    Bench {
        store: Connection(AtOnce(Arc::new(Mutex::new(memory)))),
    }
}

super::every_story!(bench);
