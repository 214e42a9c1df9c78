//! The verbs about agencies and their clients.

use super::super::{PostgresStore, clients, journal};
use crate::domain::account::{AccountId, Client};
use crate::ports::store::{ClientRecord, ClientStore, JournalEntry, PageAsk, StoreResult, Written};
use futures_util::future::BoxFuture;

impl ClientStore for PostgresStore {
    fn write_client(&self, record: ClientRecord) -> BoxFuture<'_, StoreResult<Written>> {
        self.ask(record, |pool, asked| Box::pin(clients::write(pool, asked)))
    }

    fn client(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<Client>>> {
        self.ask(account, |pool, asked| Box::pin(clients::find(pool, asked)))
    }

    fn clients_of(
        &self,
        agency: AccountId,
        after: Option<AccountId>,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<Client>>> {
        self.ask((agency, after, limit), |pool, asked| {
            Box::pin(clients::of_agency(pool, asked))
        })
    }

    fn client_ids(&self, after: Option<AccountId>, limit: u32) -> BoxFuture<'_, StoreResult<Vec<AccountId>>> {
        self.ask((after, limit), |pool, asked| Box::pin(clients::ids(pool, asked)))
    }

    fn client_journal(
        &self,
        client: AccountId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>> {
        self.ask((client, page), |pool, asked| {
            Box::pin(journal::of_client(pool, asked))
        })
    }
}
