//! What is written about the clients of an agency, and about contracts past the changes of them.

use super::rows::{JournalEntry, OutboxRow};
use super::writing::{ClientRequest, NewAccount};
use crate::domain::account::{Client, Contract};

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
