//! Outgoing events to a seller's systems.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use crate::domain::catalog::SellerId;

/// One event that leaves.
#[derive(Clone)]
pub struct OutgoingEvent {
    /// Its id: the same at every attempt, so that a receiver can tell a repetition.
    pub id: String,
    /// Whose system it goes to.
    pub seller: SellerId,
    /// What it says, such as `change.activated`.
    pub topic: String,
    /// When the fact was journalled.
    pub at: Timestamp,
    /// When this attempt is made: what the signature is about, since receivers refuse old ones.
    pub sent_at: Timestamp,
    /// The JSON body. It can hold personal data: it is never logged.
    pub body: Vec<u8>,
}

/// Why an event did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HookFailure {
    /// It is sent again later.
    #[error("not delivered: {0}")]
    Failed(String),
    /// The receiver has too much to do, and says for how long.
    #[error("not delivered: the receiver asks to wait for {} seconds", .0.as_secs())]
    Busy(SignedDuration),
    /// The receiver does not want events any more: nothing is sent to it until the next start, when somebody may have given
    /// another address. Source: Standard Webhooks, "410 Gone".
    #[error("the receiver says that it is gone (410)")]
    Gone,
}

/// Delivers outgoing events.
pub trait Hooks: Send + Sync {
    /// Whether this seller wants events pushed. Where it does not, they wait in the events feed.
    fn wants(&self, seller: &SellerId) -> bool;

    /// Delivers one. `Ok` means that the receiver answered 2xx.
    fn deliver<'a>(&'a self, event: &'a OutgoingEvent) -> BoxFuture<'a, Result<(), HookFailure>>;
}
