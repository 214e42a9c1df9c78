//! The verbs about use.

use super::super::{PostgresStore, metering};
use crate::domain::account::{AccountId, ContractId};
use crate::domain::catalog::SellerId;
use crate::domain::metering::{Book, CreditLine};
use crate::ports::store::{
    BookRecord, ClientRequest, ClosedTally, MeteringStore, OverageRow, PageAsk, PrerequisiteLine, ReportRow,
    StoreResult, Written,
};
use futures_util::future::BoxFuture;

impl MeteringStore for PostgresStore {
    fn keep_book(&self, record: BookRecord) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask(record, |pool, asked| Box::pin(metering::keep(pool, asked)))
    }

    fn book(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Book>> {
        self.ask(contract, |pool, asked| Box::pin(metering::book(pool, asked)))
    }

    fn usage_reports(
        &self,
        seller: &SellerId,
        ids: Vec<String>,
    ) -> BoxFuture<'_, StoreResult<Vec<ReportRow>>> {
        self.ask((seller.clone(), ids), |pool, asked| {
            Box::pin(metering::reports(pool, asked))
        })
    }

    fn closed_tallies(
        &self,
        contract: ContractId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<ClosedTally>>> {
        self.ask((contract, page), |pool, asked| {
            Box::pin(metering::closed(pool, asked))
        })
    }

    fn credit_lines(
        &self,
        contract: ContractId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<CreditLine>>> {
        self.ask((contract, page), |pool, asked| {
            Box::pin(metering::credits(pool, asked))
        })
    }

    fn overages(&self, contract: ContractId, open: bool) -> BoxFuture<'_, StoreResult<Vec<OverageRow>>> {
        self.ask((contract, open), |pool, asked| {
            Box::pin(metering::overages(pool, asked))
        })
    }

    fn add_prerequisite_line(
        &self,
        line: PrerequisiteLine,
        request: Option<ClientRequest>,
    ) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask((line, request), |pool, asked| {
            Box::pin(metering::add_prerequisite(pool, asked))
        })
    }

    fn prerequisite_lines(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Vec<PrerequisiteLine>>> {
        self.ask(account, |pool, asked| {
            Box::pin(metering::prerequisites(pool, asked))
        })
    }
}
