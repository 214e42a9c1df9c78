//! How a call reaches the store, and how it can go wrong on the way, is the carrier's business.

use changeover::ports::store::StoreResult;
use futures_util::future::BoxFuture;

use super::{Memory, Tables};

/// What kind of verb is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// It only reads.
    Read(&'static str),
    /// It writes.
    Write(&'static str),
}

/// Brings a verb to the store, and its answer back.
pub trait Carrier: Send + Sync {
    /// Carries one verb.
    fn carry<T, F>(&self, verb: Verb, work: F) -> BoxFuture<'_, StoreResult<T>>
    where
        T: Send + 'static,
        F: FnOnce(&mut Memory) -> StoreResult<T> + Send + 'static;
}

/// The simulated store, reached over a carrier.
#[derive(Clone)]
pub struct Connection<C>(pub C);

impl<C: Carrier> Connection<C> {
    /// Carries a verb that only reads.
    pub(super) fn read<T, F>(&self, name: &'static str, work: F) -> BoxFuture<'_, StoreResult<T>>
    where
        T: Send + 'static,
        F: FnOnce(&Tables) -> StoreResult<T> + Send + 'static,
    {
        self.0.carry(Verb::Read(name), move |memory| work(&memory.tables))
    }
}
