//! The provider's prices, by lookup key, as they were found a moment ago; and a seller's tax rates, by their names.
//!
//! A lookup key is made from what its price is, so that what it names does not change by itself. Should somebody replace a price in
//! the dashboard all the same, the provider refuses to quote with the old one: then it is looked up again.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::{Engine, EngineError};
use crate::domain::catalog::SellerId;
use crate::ports::payments::Payments;

/// How long a price that was found is not looked up again.
const KNOWN_FOR: SignedDuration = SignedDuration::from_mins(1);

/// How many prices are remembered at most.
const KNOWN_MAX: usize = 4096;

/// The ids of prices by their lookup keys.
pub(super) type Prices = BTreeMap<String, String>;

/// Prices that were found.
#[derive(Default)]
pub(super) struct KnownPrices {
    found: Mutex<BTreeMap<(SellerId, String), (Timestamp, String)>>,
}

impl KnownPrices {
    /// All of these, where all are known.
    pub(super) fn all(&self, seller: &SellerId, keys: &[String], now: Timestamp) -> Option<Prices> {
        let found = self.found();
        let known = keys.iter().map(|key| {
            let (at, price) = found.get(&(seller.clone(), key.clone()))?;
            is_known(*at, now).then(|| (key.clone(), price.clone()))
        });
        known.collect()
    }

    pub(super) fn keep(&self, seller: &SellerId, prices: &Prices, now: Timestamp) {
        let mut found = self.found();
        if found.len() + prices.len() > KNOWN_MAX {
            found.retain(|_, (at, _)| is_known(*at, now));
        }
        if found.len() + prices.len() > KNOWN_MAX {
            found.clear();
        }
        for (key, price) in prices {
            found.insert((seller.clone(), key.clone()), (now, price.clone()));
        }
    }

    /// A poisoned lock only means that a test panicked elsewhere: the map itself is always whole.
    fn found(&self) -> MutexGuard<'_, BTreeMap<(SellerId, String), (Timestamp, String)>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_known(at: Timestamp, now: Timestamp) -> bool {
    (SignedDuration::ZERO..=KNOWN_FOR).contains(&now.duration_since(at))
}

impl Engine {
    /// The prices that these keys name, and whether they are remembered and not just looked up.
    pub(super) async fn prices(
        &self,
        seller: &SellerId,
        payments: &dyn Payments,
        keys: &[String],
    ) -> Result<(Prices, bool), EngineError> {
        match self.known_prices.all(seller, keys, self.now()) {
            Some(known) => Ok((known, true)),
            None => Ok((self.prices_anew(seller, payments, keys).await?, false)),
        }
    }

    /// The prices that these keys name now.
    pub(super) async fn prices_anew(
        &self,
        seller: &SellerId,
        payments: &dyn Payments,
        keys: &[String],
    ) -> Result<Prices, EngineError> {
        let found = payments.prices(keys).await?;
        self.known_prices.keep(seller, &found, self.now());
        Ok(found)
    }
}
