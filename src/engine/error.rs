use crate::domain::change::{ChangeId, Refusal, StoredStageError};
use crate::ports::payments::{PrepareError, ReadError};
use crate::ports::store::StoreError;

use super::crash::Crash;
use super::sellers::SellersError;

/// Why the engine did not do what it was asked. Each variant has its own answer at the edge.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A clear no: nothing has changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such thing for this seller.
    #[error("there is no {what} `{id}`")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Under which id.
        id: String,
    },
    /// Another change is open on the contract.
    #[error("the change `{0}` is open on this contract")]
    Blocked(ChangeId),
    /// The seller already has an account under its own id.
    #[error("this {what} exists already")]
    Taken {
        /// What.
        what: &'static str,
    },
    /// The client's idempotency key was used for another request.
    #[error("this idempotency key was used for another request")]
    KeyReused,
    /// The client's version of the change is outdated.
    #[error("the change has moved: it is at version {now}")]
    VersionMoved {
        /// The present version.
        now: u64,
    },
    /// The change kept moving under the command's feet.
    #[error("the change is busy; nothing was changed")]
    Contended,
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The provider could not be read.
    #[error(transparent)]
    Provider(#[from] ReadError),
    /// A stored stage cannot be read.
    #[error(transparent)]
    StoredStage(#[from] StoredStageError),
    /// A seller's rules cannot be had.
    #[error(transparent)]
    Sellers(#[from] SellersError),
    /// A request for the provider cannot be made: a defect of ours.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// A value could not be written as JSON, or read back: a defect of ours.
    #[error("a stored value cannot be read or written: {0}")]
    Json(#[from] serde_json::Error),
    /// A test lets the process die here.
    #[error(transparent)]
    Crashed(#[from] Crash),
}

impl EngineError {
    pub(super) fn no_change(id: ChangeId) -> Self {
        Self::NotFound {
            what: "change",
            id: id.to_string(),
        }
    }
}
