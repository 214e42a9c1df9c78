//! What is written about the cards in an account's wallet.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::StoreResult;
use super::rows::{CardOrderRow, JournalEntry};
use super::writing::{CardOrderRecord, PageAsk, Written};
use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;

/// What is durable about wallets. It is part of every [`Store`](super::Store).
pub trait CardStore: Send + Sync {
    /// Writes an order about an account's cards as it stands from now on, with its lines of history and what tells of it.
    /// [`Written::Stale`] when the order or the history has moved since it was read; [`Written::CustomerBusy`] when a new one must be
    /// alone and another is open.
    fn record_card_order(&self, record: CardOrderRecord) -> BoxFuture<'_, StoreResult<Written>>;

    /// Claims orders about cards that are due; each is held until `now + lease`, at a new version.
    fn claim_card_orders(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<CardOrderRow>>>;

    /// When an order about a card is due next, to sleep until then.
    fn next_card_order(&self) -> BoxFuture<'_, StoreResult<Option<Timestamp>>>;

    /// The open orders about an account's cards, oldest first, at most 200.
    fn card_orders(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Vec<CardOrderRow>>>;

    /// Something was heard of this provider customer's cards: whoever waits for one looks now.
    fn wake_card_orders(
        &self,
        seller: &SellerId,
        customer: &str,
        now: Timestamp,
    ) -> BoxFuture<'_, StoreResult<()>>;

    /// The history of an account's cards.
    fn card_journal(
        &self,
        account: AccountId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>>;
}
