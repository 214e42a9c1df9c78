//! The verbs about the console.

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::super::{PostgresStore, audit, staff};
use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;
use crate::ports::store::{
    ActRow, ActsAsk, CountedTry, Departure, ErasedRow, Name, NamedAccount, StaffRow, StaffSessionRow,
    StaffStore, StaffUpdate, StoreResult, Written,
};

impl StaffStore for PostgresStore {
    fn add_staff(&self, row: StaffRow) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask(row, |pool, asked| Box::pin(staff::add(pool, asked)))
    }

    fn update_staff(&self, login: &str, update: StaffUpdate) -> BoxFuture<'_, StoreResult<bool>> {
        self.ask((login.to_owned(), update), |pool, asked| {
            Box::pin(staff::update(pool, asked))
        })
    }

    fn staff(&self) -> BoxFuture<'_, StoreResult<Vec<StaffRow>>> {
        self.ask((), |pool, asked| Box::pin(staff::all(pool, asked)))
    }

    fn staff_member(&self, login: &str) -> BoxFuture<'_, StoreResult<Option<StaffRow>>> {
        self.ask(login.to_owned(), |pool, asked| Box::pin(staff::find(pool, asked)))
    }

    fn count_try(&self, attempt: CountedTry) -> BoxFuture<'_, StoreResult<Option<Timestamp>>> {
        self.ask(attempt, |pool, asked| Box::pin(staff::count_try(pool, asked)))
    }

    fn keep_staff_session(
        &self,
        session: StaffSessionRow,
        login: [u8; 32],
    ) -> BoxFuture<'_, StoreResult<()>> {
        self.ask((session, login), |pool, asked| {
            Box::pin(staff::keep_session(pool, asked))
        })
    }

    fn staff_session(
        &self,
        hash: [u8; 32],
    ) -> BoxFuture<'_, StoreResult<Option<(StaffSessionRow, StaffRow)>>> {
        self.ask(hash, |pool, asked| Box::pin(staff::session(pool, asked)))
    }

    fn end_staff_session(&self, hash: [u8; 32]) -> BoxFuture<'_, StoreResult<()>> {
        self.ask(hash, |pool, asked| Box::pin(staff::end_session(pool, asked)))
    }

    fn support_acts(&self, ask: ActsAsk) -> BoxFuture<'_, StoreResult<Vec<ActRow>>> {
        self.ask(ask, |pool, asked| Box::pin(audit::acts(pool, asked)))
    }

    fn erased(&self, seller: Option<&SellerId>, limit: u32) -> BoxFuture<'_, StoreResult<Vec<ErasedRow>>> {
        self.ask((seller.cloned(), limit), |pool, asked| {
            Box::pin(audit::erased(pool, asked))
        })
    }

    fn find_accounts(
        &self,
        name: Name,
        seller: Option<&SellerId>,
    ) -> BoxFuture<'_, StoreResult<Vec<NamedAccount>>> {
        self.ask((name, seller.cloned()), |pool, asked| {
            Box::pin(audit::accounts(pool, asked))
        })
    }

    fn account_mails(&self, account: AccountId, limit: u32) -> BoxFuture<'_, StoreResult<Vec<Departure>>> {
        self.ask((account, limit), |pool, asked| {
            Box::pin(audit::mails(pool, asked))
        })
    }
}
