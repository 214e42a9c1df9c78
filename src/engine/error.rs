use std::fmt;

use jiff::Timestamp;

use crate::domain::account::ContractId;
use crate::domain::change::stuck::{Failure, FailureKind};
use crate::domain::change::{Actor, ChangeId, Party, Refusal, StoredStageError};
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
        /// Who moved it last, and by what.
        by: Option<Box<LastMove>>,
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

/// What moved a change last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastMove {
    /// The word of the event.
    pub event: String,
    /// Who brought it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
}

impl fmt::Display for LastMove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event, actor, at } = self;
        let who = match actor.party {
            Party::Customer => "the customer",
            Party::Support => "support",
            Party::Provider => "the provider",
            Party::System => "a timer",
        };
        write!(f, "{who}")?;
        if let Some(subject) = &actor.subject {
            write!(f, " (`{subject}`)")?;
        }
        write!(f, " moved it last, by `{event}` at {at}")
    }
}

/// Why the provider could not be read, as it is stored.
pub(super) fn failure_of(problem: &ReadError) -> Failure {
    Failure {
        kind: FailureKind::Provider,
        detail: problem.to_string(),
    }
}

impl EngineError {
    /// The failure as it is stored: which words a database or a decoder adds is not known, so that theirs are left to the log.
    pub(super) fn failure(&self) -> Failure {
        let ours = |detail: &str| Failure {
            kind: FailureKind::Ours,
            detail: detail.to_owned(),
        };
        match self {
            Self::Provider(problem) => failure_of(problem),
            Self::Sellers(SellersError::Store(_)) | Self::Store(_) => ours("the store could not do its work"),
            Self::Sellers(SellersError::Unreadable(version, _)) => Failure {
                kind: FailureKind::Rules,
                detail: format!("the workflow file version {version} cannot be read by this program"),
            },
            Self::Sellers(missing) => Failure {
                kind: FailureKind::Rules,
                detail: missing.to_string(),
            },
            Self::Refused(refusal) => ours(&format!("the machine refused its own step: {}", refusal.code)),
            Self::StoredStage(_) => ours("the stored stage cannot be read"),
            Self::Prepare(_) => ours("a request for the provider cannot be made"),
            Self::Json(_) => ours("a stored value cannot be read or written"),
            Self::NotFound { what, .. } => ours(&format!("a {what} is missing")),
            Self::Blocked(_)
            | Self::Taken { .. }
            | Self::KeyReused
            | Self::VersionMoved { .. }
            | Self::Contended
            | Self::Crashed(_) => ours("the change is busy"),
        }
    }

    pub(super) fn no_contract(id: ContractId) -> Self {
        Self::NotFound {
            what: "contract",
            id: id.to_string(),
        }
    }

    pub(super) fn no_change(id: ChangeId) -> Self {
        Self::NotFound {
            what: "change",
            id: id.to_string(),
        }
    }
}
