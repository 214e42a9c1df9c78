//! Proving what is stored: that histories are whole, that each stage led where the machine leads, and that the present is what
//! the history says.
//!
//! Only reads, and only by the store's verbs, so that it works on every store, also while a server writes to it.

use std::collections::BTreeSet;

use super::clients::ClientEntry;
use super::journal::{BrokenChain, Chain};
use super::view::HistoryEntry;
use crate::domain::account::{AccountId, ContractId};
use crate::domain::change::{ChangeId, StoredStageError, chart, read_stage};
use crate::ports::store::{ChangeRow, JournalEntry, PageAsk, Store, StoreError, StoreResult};

/// How many lines of history are read at once.
const PAGE: u32 = 200;

/// What does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// There is no such thing.
    #[error("it is not there")]
    Missing,
    /// The chain of hashes does not hold.
    #[error(transparent)]
    Chain(#[from] BrokenChain),
    /// The history ends before the present.
    #[error("it is at version {version}, but its history ends with entry {last}")]
    CutShort {
        /// The version of the change.
        version: u64,
        /// The number of its last entry.
        last: u64,
    },
    /// The history goes on after the present.
    #[error("it is at version {version}, but its history goes on to entry {last}")]
    RunsOn {
        /// The version of the change.
        version: u64,
        /// The number of its last entry.
        last: u64,
    },
    /// The newest entry is another than the one that the change was written with.
    #[error("entry {0} is not the one that the change was written with")]
    OtherHead(u64),
    /// What is stored as the present is not where the history led.
    #[error("entry {0} leads to another stage than the one that is stored")]
    OtherStage(u64),
    /// The words by which the present is listed are not those of its stage.
    #[error("it is listed under another stage than the one that is stored")]
    Mislabelled,
    /// Two consecutive entries are no step of the machine.
    #[error("entry {seq} leads from `{from}` to `{to}`, which is no step of the machine")]
    NoStep {
        /// The number of the second.
        seq: u64,
        /// Where the first led.
        from: String,
        /// Where the second leads.
        to: String,
    },
    /// An entry was written by a newer program, and cannot be proven by this one.
    #[error("entry {0} was written by a newer program: prove it with that one")]
    Newer(u64),
    /// An entry cannot be read.
    #[error("entry {0} cannot be read")]
    Unreadable(u64),
    /// A row cannot be read; its table and column.
    #[error("`{0}` cannot be read")]
    Damaged(String),
}

/// What a proof came to: the number of entries, or what does not hold.
pub type Proof = Result<u64, Broken>;

/// Proves histories of one store.
pub struct Verifier<'s> {
    store: &'s dyn Store,
    steps: BTreeSet<(String, String)>,
}

impl<'s> Verifier<'s> {
    /// Asks the machine once for all its steps.
    pub fn new(store: &'s dyn Store) -> Self {
        Self {
            store,
            steps: chart::moves(),
        }
    }

    /// Proves a change: its chain, its numbers, its steps, and its present.
    pub async fn change(&self, change: ChangeId) -> StoreResult<Proof> {
        let proof = match self.try_change(change).await {
            Err(Fault::Store(StoreError::Damaged(what))) => Err(Broken::Damaged(what)),
            Err(Fault::Store(error)) => return Err(error),
            Err(Fault::Broken(broken)) => Err(broken),
            Ok(entries) => Ok(entries),
        };
        Ok(proof)
    }

    /// Proves the history of a contract: its chain and its numbers.
    pub async fn contract(&self, contract: ContractId) -> StoreResult<Proof> {
        let proof = match self.try_contract(contract).await {
            Err(Fault::Store(StoreError::Damaged(what))) => Err(Broken::Damaged(what)),
            Err(Fault::Store(error)) => return Err(error),
            Err(Fault::Broken(broken)) => Err(broken),
            Ok(entries) => Ok(entries),
        };
        Ok(proof)
    }

    /// Proves the history of a client: its chain, its numbers, and its present.
    pub async fn client(&self, client: AccountId) -> StoreResult<Proof> {
        let proof = match self.try_client(client).await {
            Err(Fault::Store(StoreError::Damaged(what))) => Err(Broken::Damaged(what)),
            Err(Fault::Store(error)) => return Err(error),
            Err(Fault::Broken(broken)) => Err(broken),
            Ok(entries) => Ok(entries),
        };
        Ok(proof)
    }

    async fn try_client(&self, account: AccountId) -> Result<u64, Fault> {
        let client = self.store.client(account).await?.ok_or(Broken::Missing)?;
        let mut chain = Chain::default();
        loop {
            let page = PageAsk {
                after: chain.last(),
                limit: PAGE,
            };
            let entries = self.store.client_journal(account, page).await?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                chain.follow(entry)?;
                let said: ClientEntry =
                    serde_json::from_slice(&entry.content).map_err(|_| Broken::Unreadable(entry.seq))?;
                if entry.seq == client.version && said.client != client {
                    return Err(Broken::OtherHead(entry.seq).into());
                }
            }
        }
        let (last, version) = (chain.last(), client.version);
        if last < version {
            return Err(Broken::CutShort { version, last }.into());
        }
        Ok(last)
    }

    async fn try_change(&self, change: ChangeId) -> Result<u64, Fault> {
        let row = self.row(change).await?;
        let mut chain = Chain::default();
        let mut before: Option<String> = None;
        loop {
            let page = PageAsk {
                after: chain.last(),
                limit: PAGE,
            };
            let entries = self.store.journal(change, page).await?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                chain.follow(entry)?;
                let stage = self.step(before.as_deref(), entry)?;
                if entry.seq == row.version {
                    present(&row, entry)?;
                }
                before = Some(stage);
            }
        }
        let last = chain.last();
        if last < row.version {
            let version = row.version;
            return Err(Broken::CutShort { version, last }.into());
        }
        if last > row.version {
            // A server may have written more since the row was read; then the row has moved on as well.
            let version = self.row(change).await?.version;
            if last > version {
                return Err(Broken::RunsOn { version, last }.into());
            }
        }
        Ok(last)
    }

    async fn row(&self, change: ChangeId) -> Result<ChangeRow, Fault> {
        let situation = self.store.situation(change).await?;
        Ok(situation.ok_or(Broken::Missing)?.change)
    }

    /// The full name of the stage that an entry leads to, from the one before it.
    fn step(&self, before: Option<&str>, entry: &JournalEntry) -> Result<String, Broken> {
        let seq = entry.seq;
        let said: HistoryEntry =
            serde_json::from_slice(&entry.content).map_err(|_| Broken::Unreadable(seq))?;
        let stage = match read_stage(said.stage.get().as_bytes()) {
            Ok(stage) => stage,
            Err(StoredStageError::Newer(_)) => return Err(Broken::Newer(seq)),
            Err(StoredStageError::Damaged(_)) => return Err(Broken::Unreadable(seq)),
        };
        let to = stage.full_name();
        match before {
            Some(from) if from != to && !self.steps.contains(&(from.to_owned(), to.clone())) => {
                let from = from.to_owned();
                Err(Broken::NoStep { seq, from, to })
            }
            _ => Ok(to),
        }
    }

    async fn try_contract(&self, contract: ContractId) -> Result<u64, Fault> {
        if self.store.contract(contract).await?.is_none() {
            return Err(Broken::Missing.into());
        }
        let mut chain = Chain::default();
        loop {
            let page = PageAsk {
                after: chain.last(),
                limit: PAGE,
            };
            let entries = self.store.contract_journal(contract, page).await?;
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                chain.follow(entry)?;
            }
        }
        // A contract is never written without its first line.
        if chain.last() == 0 {
            return Err(Broken::CutShort { version: 1, last: 0 }.into());
        }
        Ok(chain.last())
    }
}

/// Whether a change's present is what this entry led to.
fn present(row: &ChangeRow, entry: &JournalEntry) -> Result<(), Broken> {
    if entry.hash != row.journal_head {
        return Err(Broken::OtherHead(entry.seq));
    }
    let said: HistoryEntry =
        serde_json::from_slice(&entry.content).map_err(|_| Broken::Unreadable(entry.seq))?;
    // Compared by what they say: histories of earlier versions name the same facts in another order.
    let stored: serde_json::Value =
        serde_json::from_slice(&row.stage).map_err(|_| Broken::Damaged("change.stage".to_owned()))?;
    let said: serde_json::Value =
        serde_json::from_str(said.stage.get()).map_err(|_| Broken::Unreadable(entry.seq))?;
    if said != stored {
        return Err(Broken::OtherStage(entry.seq));
    }
    let stage = read_stage(&row.stage).map_err(|_| Broken::Damaged("change.stage".to_owned()))?;
    // An older program left what is promised in its contract's place.
    let labelled = row.open == stage.is_in_progress() || (row.open && stage.is_set_aside());
    if stage.full_name() != row.stage_name || !labelled {
        return Err(Broken::Mislabelled);
    }
    Ok(())
}

/// Why a proof ends.
enum Fault {
    Broken(Broken),
    Store(StoreError),
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl From<BrokenChain> for Fault {
    fn from(broken: BrokenChain) -> Self {
        Self::Broken(broken.into())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
