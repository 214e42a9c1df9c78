//! The verbs about wallets.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::super::{SqliteStore, cards};
use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;
use crate::ports::store::{
    CardOrderRecord, CardOrderRow, CardStore, JournalEntry, PageAsk, StoreResult, Written,
};

impl CardStore for SqliteStore {
    fn record_card_order(&self, record: CardOrderRecord) -> BoxFuture<'_, StoreResult<Written>> {
        self.write(move |connection| Box::pin(async move { cards::record(connection, &record).await }))
    }

    fn claim_card_orders(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<CardOrderRow>>> {
        self.write(move |connection| Box::pin(cards::claim(connection, now, lease, limit)))
    }

    fn next_card_order(&self) -> BoxFuture<'_, StoreResult<Option<Timestamp>>> {
        self.glance(|connection| Box::pin(cards::next(connection)))
    }

    fn card_orders(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Vec<CardOrderRow>>> {
        self.glance(move |connection| Box::pin(cards::open(connection, account)))
    }

    fn wake_card_orders(
        &self,
        seller: &SellerId,
        customer: &str,
        now: Timestamp,
    ) -> BoxFuture<'_, StoreResult<()>> {
        let (seller, customer) = (seller.clone(), customer.to_owned());
        self.write(move |connection| {
            Box::pin(async move { cards::wake(connection, &seller, &customer, now).await })
        })
    }

    fn card_journal(
        &self,
        account: AccountId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>> {
        self.glance(move |connection| Box::pin(cards::history(connection, account, page)))
    }
}
