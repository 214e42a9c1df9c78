//! The verbs about wallets.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::super::{PostgresStore, cards};
use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;
use crate::ports::store::{
    CardOrderRecord, CardOrderRow, CardStore, JournalEntry, PageAsk, StoreResult, Written,
};

impl CardStore for PostgresStore {
    fn record_card_order(&self, record: CardOrderRecord) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask(record, |pool, asked| Box::pin(cards::record(pool, asked)))
    }

    fn claim_card_orders(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<CardOrderRow>>> {
        self.ask(cards::Claim { now, lease, limit }, |pool, asked| {
            Box::pin(cards::claim(pool, asked))
        })
    }

    fn next_card_order(&self) -> BoxFuture<'_, StoreResult<Option<Timestamp>>> {
        self.ask((), |pool, ()| Box::pin(cards::next(pool)))
    }

    fn card_orders(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Vec<CardOrderRow>>> {
        self.ask(account, |pool, asked| Box::pin(cards::open(pool, asked)))
    }

    fn wake_card_orders(
        &self,
        seller: &SellerId,
        customer: &str,
        now: Timestamp,
    ) -> BoxFuture<'_, StoreResult<()>> {
        self.ask((seller.clone(), customer.to_owned(), now), |pool, asked| {
            Box::pin(cards::wake(pool, asked))
        })
    }

    fn card_journal(
        &self,
        account: AccountId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>> {
        self.ask((account, page), |pool, asked| {
            Box::pin(cards::history(pool, asked))
        })
    }
}
