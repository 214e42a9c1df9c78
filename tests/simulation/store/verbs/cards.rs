//! The verbs about wallets.

use changeover::domain::account::AccountId;
use changeover::domain::catalog::SellerId;
use changeover::ports::store::{
    CardOrderRecord, CardOrderRow, CardStore, JournalEntry, PageAsk, StoreResult, Written,
};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::super::carrier::{Carrier, Connection, Verb};

impl<C: Carrier> CardStore for Connection<C> {
    fn record_card_order(&self, record: CardOrderRecord) -> BoxFuture<'_, StoreResult<Written>> {
        write!(self, "record_card_order", |tables, rules| tables
            .record_card_order(&record, rules))
    }

    fn claim_card_orders(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<CardOrderRow>>> {
        write!(self, "claim_card_orders", |tables, _rules| {
            Ok(tables.claim_card_orders(now, lease, limit))
        })
    }

    fn next_card_order(&self) -> BoxFuture<'_, StoreResult<Option<Timestamp>>> {
        self.read("next_card_order", |tables| Ok(tables.next_card_order()))
    }

    fn card_orders(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Vec<CardOrderRow>>> {
        self.read("card_orders", move |tables| Ok(tables.open_card_orders(account)))
    }

    fn wake_card_orders(
        &self,
        seller: &SellerId,
        customer: &str,
        now: Timestamp,
    ) -> BoxFuture<'_, StoreResult<()>> {
        let (seller, customer) = (seller.clone(), customer.to_owned());
        write!(self, "wake_card_orders", |tables, _rules| {
            tables.wake_card_orders(&seller, &customer, now);
            Ok(())
        })
    }

    fn card_journal(
        &self,
        account: AccountId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>> {
        self.read("card_journal", move |tables| {
            Ok(tables.card_history(account, page))
        })
    }
}
