//! The verbs about use.

use super::super::{SqliteStore, metering};
use crate::domain::account::{AccountId, ContractId};
use crate::domain::catalog::SellerId;
use crate::domain::metering::{Book, CreditLine};
use crate::ports::store::{
    BookRecord, ClientRequest, ClosedTally, MeteringStore, OverageRow, PageAsk, PrerequisiteLine, ReportRow,
    StoreResult, Written,
};
use futures_util::future::BoxFuture;

impl MeteringStore for SqliteStore {
    fn keep_book(&self, record: BookRecord) -> BoxFuture<'_, StoreResult<Written>> {
        self.write(move |connection| Box::pin(metering::keep(connection, record)))
    }

    fn book(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Book>> {
        self.read(move |connection| Box::pin(metering::book(connection, contract)))
    }

    fn usage_reports(
        &self,
        seller: &SellerId,
        ids: Vec<String>,
    ) -> BoxFuture<'_, StoreResult<Vec<ReportRow>>> {
        let seller = seller.clone();
        self.glance(move |connection| {
            Box::pin(async move { metering::reports(connection, &seller, &ids).await })
        })
    }

    fn closed_tallies(
        &self,
        contract: ContractId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<ClosedTally>>> {
        self.glance(move |connection| Box::pin(metering::closed(connection, contract, page)))
    }

    fn credit_lines(
        &self,
        contract: ContractId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<CreditLine>>> {
        self.glance(move |connection| Box::pin(metering::credits(connection, contract, page)))
    }

    fn overages(&self, contract: ContractId, open: bool) -> BoxFuture<'_, StoreResult<Vec<OverageRow>>> {
        self.glance(move |connection| Box::pin(metering::overages(connection, contract, open)))
    }

    fn add_prerequisite_line(
        &self,
        line: PrerequisiteLine,
        request: Option<ClientRequest>,
    ) -> BoxFuture<'_, StoreResult<Written>> {
        self.write(move |connection| Box::pin(metering::add_prerequisite(connection, line, request)))
    }

    fn prerequisite_lines(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Vec<PrerequisiteLine>>> {
        self.glance(move |connection| Box::pin(metering::prerequisites(connection, account)))
    }
}
