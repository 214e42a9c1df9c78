//! What is written about the clients of an agency, and about contracts past the changes of them.

use futures_util::future::BoxFuture;

use super::StoreResult;
use super::rows::{JournalEntry, OutboxRow};
use super::writing::{ClientRequest, NewAccount, PageAsk, Written};
use crate::domain::account::{AccountId, Client, Contract};

/// A contract with something about it that no change is needed for.
#[derive(Debug, Clone)]
pub struct ContractAmendment {
    /// The contract as it is from now on; it must still have the version before.
    pub contract: Contract,
    /// The line of history.
    pub entry: JournalEntry,
    /// The client's request that asked for it.
    pub request: Option<ClientRequest>,
}

/// The next version of a client: the form whole, its line of history, and what follows from it.
#[derive(Debug, Clone)]
pub struct ClientRecord {
    /// The client as it is from now on; it must still have the version before. At version 1 it is new.
    pub client: Client,
    /// The account that is made for it, when it is new. Its own request counts for nothing.
    pub account: Option<NewAccount>,
    /// The line of history, whose number is the version.
    pub entry: JournalEntry,
    /// The client's contracts as they are from now on; each must still have the version before.
    pub contracts: Vec<Contract>,
    /// What must leave.
    pub outbox: Vec<OutboxRow>,
    /// The client's request that asked for it.
    pub request: Option<ClientRequest>,
}

/// What is durable about agencies and their clients. It is part of every [`Store`](super::Store).
pub trait ClientStore: Send + Sync {
    /// Writes the next version of a client, with everything that follows from it. [`Written::Stale`] when the stored one is not
    /// the version before, when one of its contracts has moved, or when the new account's names are taken.
    fn write_client(&self, record: ClientRecord) -> BoxFuture<'_, StoreResult<Written>>;

    /// Reads a client; nothing where the account is nobody's client.
    fn client(&self, account: AccountId) -> BoxFuture<'_, StoreResult<Option<Client>>>;

    /// The clients of an agency in the order of their ids, those after `after`; at most 200 a page.
    fn clients_of(
        &self,
        agency: AccountId,
        after: Option<AccountId>,
        limit: u32,
    ) -> BoxFuture<'_, StoreResult<Vec<Client>>>;

    /// All clients in the order of their ids, as [`change_ids`](super::Store::change_ids).
    fn client_ids(&self, after: Option<AccountId>, limit: u32) -> BoxFuture<'_, StoreResult<Vec<AccountId>>>;

    /// A client's history.
    fn client_journal(
        &self,
        client: AccountId,
        page: PageAsk,
    ) -> BoxFuture<'_, StoreResult<Vec<JournalEntry>>>;
}
