//! The verbs about the console.

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::super::{SqliteStore, audit, staff};
use crate::domain::account::AccountId;
use crate::domain::catalog::SellerId;
use crate::ports::store::{
    ActRow, ActsAsk, CountedTry, Departure, ErasedRow, Name, NamedAccount, StaffRow, StaffSessionRow,
    StaffStore, StaffUpdate, StoreResult, Written,
};

impl StaffStore for SqliteStore {
    fn add_staff(&self, row: StaffRow) -> BoxFuture<'_, StoreResult<Written>> {
        self.write(move |connection| Box::pin(async move { staff::add(connection, &row).await }))
    }

    fn update_staff(&self, login: &str, update: StaffUpdate) -> BoxFuture<'_, StoreResult<bool>> {
        let login = login.to_owned();
        self.write(move |connection| {
            Box::pin(async move { staff::update(connection, &login, &update).await })
        })
    }

    fn staff(&self) -> BoxFuture<'_, StoreResult<Vec<StaffRow>>> {
        self.glance(|connection| Box::pin(staff::all(connection)))
    }

    fn staff_member(&self, login: &str) -> BoxFuture<'_, StoreResult<Option<StaffRow>>> {
        let login = login.to_owned();
        self.glance(move |connection| Box::pin(async move { staff::find(connection, &login).await }))
    }

    fn count_try(&self, attempt: CountedTry) -> BoxFuture<'_, StoreResult<Option<Timestamp>>> {
        self.write(move |connection| Box::pin(staff::count_try(connection, attempt)))
    }

    fn keep_staff_session(
        &self,
        session: StaffSessionRow,
        login: [u8; 32],
    ) -> BoxFuture<'_, StoreResult<()>> {
        self.write(move |connection| {
            Box::pin(async move { staff::keep_session(connection, &session, login).await })
        })
    }

    fn staff_session(
        &self,
        hash: [u8; 32],
    ) -> BoxFuture<'_, StoreResult<Option<(StaffSessionRow, StaffRow)>>> {
        self.glance(move |connection| Box::pin(staff::session(connection, hash)))
    }

    fn end_staff_session(&self, hash: [u8; 32]) -> BoxFuture<'_, StoreResult<()>> {
        self.write(move |connection| Box::pin(staff::end_session(connection, hash)))
    }

    fn support_acts(&self, ask: ActsAsk) -> BoxFuture<'_, StoreResult<Vec<ActRow>>> {
        self.glance(move |connection| Box::pin(audit::acts(connection, ask)))
    }

    fn erased(&self, seller: Option<&SellerId>, limit: u32) -> BoxFuture<'_, StoreResult<Vec<ErasedRow>>> {
        let seller = seller.cloned();
        self.glance(move |connection| Box::pin(audit::erased(connection, seller, limit)))
    }

    fn find_accounts(
        &self,
        name: Name,
        seller: Option<&SellerId>,
    ) -> BoxFuture<'_, StoreResult<Vec<NamedAccount>>> {
        let seller = seller.cloned();
        self.glance(move |connection| Box::pin(audit::accounts(connection, name, seller)))
    }

    fn account_mails(&self, account: AccountId, limit: u32) -> BoxFuture<'_, StoreResult<Vec<Departure>>> {
        self.glance(move |connection| Box::pin(audit::mails(connection, account, limit)))
    }
}
