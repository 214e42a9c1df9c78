//! The verbs about agencies and their clients.

use super::super::{SqliteStore, clients, journal, journal::History};
use crate::domain::account::{AccountId, Client};
use crate::ports::store::{ClientRecord, ClientStore, JournalEntry, PageAsk, StoreResult, Written};
use futures_util::future::BoxFuture;

impl ClientStore for SqliteStore {
    fn write_client(&self, record: ClientRecord) -> BoxFuture<'_, StoreResult<Written>> {
        self.write(move |connection| Box::pin(clients::write(connection, record)))
    }

    fn client(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<Client>>> {
        self.glance(move |connection| Box::pin(clients::find(connection, account)))
    }

    fn clients_of(
        &self,
        agency: AccountId,
        after: Option<AccountId>,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<Client>>> {
        self.glance(move |connection| Box::pin(clients::of_agency(connection, agency, after, limit)))
    }

    fn client_ids(&self, after: Option<AccountId>, limit: u32) -> BoxFuture<'_, StoreResult<Vec<AccountId>>> {
        self.glance(move |connection| Box::pin(clients::ids(connection, after, limit)))
    }

    fn client_journal(
        &self,
        client: AccountId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>> {
        self.glance(move |connection| Box::pin(journal::read(connection, History::Client(client), page)))
    }
}
