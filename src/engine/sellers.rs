//! The sellers that this process serves: each with the workflow file that new changes start with, the older ones that
//! changes in flight stay on, and its payment provider.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::catalog::{Playbook, SellerId, WorkflowVersion};
use crate::ports::payments::Payments;
use crate::ports::store::{Store, StoreError};

/// Turns the text of a workflow file into rules. Handed in, because the engine does not know how files are written.
pub type ReadPlaybook = fn(&str) -> Result<Playbook, String>;

/// One seller.
#[derive(Clone)]
pub struct Seller {
    /// The rules that new changes start with.
    pub playbook: Arc<Playbook>,
    /// Its provider.
    pub payments: Arc<dyn Payments>,
}

impl Seller {
    /// Its provider, for questions whose answer nobody waits for.
    pub(super) fn unhurried(&self) -> &dyn Payments {
        self.payments.unhurried().unwrap_or(self.payments.as_ref())
    }
}

/// All sellers of this process.
pub struct Sellers {
    current: BTreeMap<SellerId, Seller>,
    read: ReadPlaybook,
    older: Mutex<BTreeMap<WorkflowVersion, Arc<Playbook>>>,
}

/// Why a seller's rules cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SellersError {
    /// No such seller here.
    #[error("this installation does not serve the seller `{0}`")]
    Unknown(SellerId),
    /// A change stays on a version of the workflow file that is not kept.
    #[error("the workflow file version {0} is not kept in the store")]
    VersionMissing(WorkflowVersion),
    /// A kept version cannot be read by this program.
    #[error("the workflow file version {0} cannot be read by this program: {1}")]
    Unreadable(WorkflowVersion, String),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sellers {
    /// The sellers, and how to read the older versions of their files.
    pub fn new(sellers: impl IntoIterator<Item = Seller>, read: ReadPlaybook) -> Self {
        let current = sellers
            .into_iter()
            .map(|seller| (seller.playbook.seller.id.clone(), seller))
            .collect();
        Self {
            current,
            read,
            older: Mutex::default(),
        }
    }

    /// One of them.
    pub fn get(&self, id: &SellerId) -> Result<&Seller, SellersError> {
        self.current
            .get(id)
            .ok_or_else(|| SellersError::Unknown(id.clone()))
    }

    /// All of them, by id.
    pub fn all(&self) -> impl Iterator<Item = &Seller> {
        self.current.values()
    }

    /// The rules of a change: the version that it started with.
    pub(super) async fn playbook(
        &self,
        store: &dyn Store,
        seller: &SellerId,
        version: &WorkflowVersion,
    ) -> Result<Arc<Playbook>, SellersError> {
        if let Some(current) = self.current.get(seller)
            && current.playbook.version == *version
        {
            return Ok(current.playbook.clone());
        }
        if let Some(known) = self.older().get(version) {
            return Ok(known.clone());
        }
        let text = store.workflow(version).await?;
        let text = text.ok_or_else(|| SellersError::VersionMissing(version.clone()))?;
        let playbook =
            (self.read)(&text).map_err(|problem| SellersError::Unreadable(version.clone(), problem))?;
        let playbook = Arc::new(playbook);
        self.older().insert(version.clone(), playbook.clone());
        Ok(playbook)
    }

    /// A poisoned lock only means that a test panicked elsewhere: the map itself is always whole.
    fn older(&self) -> std::sync::MutexGuard<'_, BTreeMap<WorkflowVersion, Arc<Playbook>>> {
        self.older.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
