//! The verbs about use.

use super::super::carrier::{Carrier, Connection, Verb};
use super::super::tables::page;
use changeover::domain::account::{AccountId, ContractId};
use changeover::domain::catalog::SellerId;
use changeover::domain::metering::{Book, CreditLine};
use changeover::ports::store::{
    BookRecord, ClientRequest, ClosedTally, MeteringStore, OverageRow, PageAsk, PrerequisiteLine, ReportRow,
    StoreResult, Written,
};
use futures_util::future::BoxFuture;

impl<C: Carrier> MeteringStore for Connection<C> {
    fn keep_book(&self, record: BookRecord) -> BoxFuture<'_, StoreResult<Written>> {
        write!(self, "keep_book", |tables, rules| tables
            .keep_book(&record, rules))
    }

    fn book(&self, contract: ContractId) -> BoxFuture<'_, StoreResult<Book>> {
        self.read("book", move |tables| Ok(tables.book(contract)))
    }

    fn usage_reports(
        &self,
        seller: &SellerId,
        ids: Vec<String>,
    ) -> BoxFuture<'_, StoreResult<Vec<ReportRow>>> {
        let seller = seller.clone();
        self.read("usage_reports", move |tables| {
            let named = ids.into_iter().take(200).map(|id| (seller.clone(), id));
            Ok(named
                .filter_map(|name| tables.reports.get(&name).cloned())
                .collect())
        })
    }

    fn closed_tallies(
        &self,
        contract: ContractId,
        ask: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<ClosedTally>>> {
        self.read("closed_tallies", move |tables| {
            Ok(tables.closed_tallies(contract, ask))
        })
    }

    fn credit_lines(
        &self,
        contract: ContractId,
        ask: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<CreditLine>>> {
        self.read("credit_lines", move |tables| {
            let lines = tables.credit_lines.get(&contract);
            Ok(lines.map_or_else(Vec::new, |lines| page(lines, ask.after, ask.limit)))
        })
    }

    fn overages(&self, contract: ContractId, open: bool) -> BoxFuture<'_, StoreResult<Vec<OverageRow>>> {
        self.read("overages", move |tables| Ok(tables.overages_of(contract, open)))
    }

    fn add_prerequisite_line(
        &self,
        line: PrerequisiteLine,
        request: Option<ClientRequest>,
    ) -> BoxFuture<'_, StoreResult<Written>> {
        write!(self, "add_prerequisite_line", |tables, rules| tables
            .add_prerequisite(&line, request.as_ref(), rules))
    }

    fn prerequisite_lines(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Vec<PrerequisiteLine>>> {
        self.read("prerequisite_lines", move |tables| {
            let theirs = tables.prerequisites.iter().filter(|((of, ..), _)| *of == account);
            Ok(theirs.map(|(_, line)| line.clone()).collect())
        })
    }
}
