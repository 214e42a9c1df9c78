//! The verbs about agencies and their clients.

use super::super::carrier::{Carrier, Connection, Verb};
use super::super::tables::lines_of;
use changeover::domain::account::{AccountId, Client};
use changeover::ports::store::{ClientRecord, ClientStore, JournalEntry, PageAsk, StoreResult, Written};
use futures_util::future::BoxFuture;

impl<C: Carrier> ClientStore for Connection<C> {
    fn write_client(&self, record: ClientRecord) -> BoxFuture<'_, StoreResult<Written>> {
        write!(self, "write_client", |tables, rules| tables
            .write_client(&record, rules))
    }

    fn client(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<Client>>> {
        self.read("client", move |tables| Ok(tables.clients.get(&account).cloned()))
    }

    fn clients_of(
        &self,
        agency: AccountId,
        after: Option<AccountId>,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<Client>>> {
        self.read("clients_of", move |tables| {
            Ok(tables.clients_of(agency, after, limit))
        })
    }

    fn client_ids(&self, after: Option<AccountId>, limit: u32) -> BoxFuture<'_, StoreResult<Vec<AccountId>>> {
        self.read("client_ids", move |tables| Ok(tables.client_ids(after, limit)))
    }

    fn client_journal(
        &self,
        client: AccountId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>> {
        self.read("client_journal", move |tables| {
            let lines = tables.client_journal.get(&client);
            Ok(lines.map_or_else(Vec::new, |lines| lines_of(lines, page)))
        })
    }
}
