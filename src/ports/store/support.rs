//! What support looks for, and what it is shown.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::rows::{EffectRow, OutboxRow, Situation};
use crate::domain::catalog::SellerId;
use crate::domain::change::ChangeId;

/// Which changes to list. Every condition that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Of which seller.
    pub seller: Option<SellerId>,
    /// In which stage: `quote`, or with its part `quote.ready`.
    pub stage: Option<String>,
    /// What names it.
    pub finding: Option<Name>,
    /// Not moved since then.
    pub unmoved_since: Option<Timestamp>,
    /// Only those about which something may be stuck at this time, if anything: open effects, failing or overdue work, a
    /// stage that is a concern, something that was given up, something that a comparison with the provider has found.
    pub concern: Option<Concern>,
    /// With `concern`: also requests to go down that wait for a person.
    pub or_waiting: bool,
    /// Those after this one, in the order of their making.
    pub after: Option<ChangeId>,
    /// At most how many; the store takes at most 200.
    pub limit: u32,
}

/// When, and for which patience, something may be stuck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concern {
    /// The present.
    pub now: Timestamp,
    /// For how long work may be overdue.
    pub overdue: SignedDuration,
}

/// What names a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// Its id, or that of its account, its contract or one of its effects.
    Id(Uuid),
    /// Its name between people; or the provider's id of its customer, subscription, invoice or payment, or of a webhook that was kept, or
    /// of what such a webhook is about; or an effect's idempotency key; or the mail address of its account, or the seller's own id of that.
    Word(String),
}

/// All that is kept about a change, but for its history.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// The change, and what a decision looks at.
    pub situation: Situation,
    /// All its effects, oldest first.
    pub effects: Vec<EffectRow>,
    /// What left for it, or must still leave, oldest first.
    pub departures: Vec<Departure>,
    /// The newest webhooks about its customer since it was opened, oldest first.
    pub inbound: Vec<InboundLine>,
}

/// A mail or an event, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// What it says.
    pub row: OutboxRow,
    /// Whether it has left.
    pub departed: Departed,
    /// Why the last attempt failed, without personal data.
    pub last_error: Option<String>,
}

/// Whether something has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departed {
    /// It has.
    Sent,
    /// It is tried (again) then.
    Waiting(Timestamp),
    /// It is not tried any more.
    GivenUp,
}

/// A webhook that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundLine {
    /// The provider's id of the event.
    pub event_id: String,
    /// Its type.
    pub event_type: String,
    /// The provider's id of the object that it is about.
    pub object: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
}
