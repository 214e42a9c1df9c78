//! What support finds, is shown and can do.
//!
//! Lists and diagnoses changes, tells everything that is kept about one, and brings support's orders to the one door. Knows
//! nothing that the ordinary way does not know; must never move a change past the machine.

mod acting;
mod audit;
mod finding;
mod inbox;
mod letters;
mod standing;
mod timeline;

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::account::{Account, Contract};
use crate::domain::catalog::{Playbook, SellerId};
use crate::domain::change::stuck::{Action, Plan, Stuck};
use crate::domain::change::{Actor, ChangeId, Stage};
use crate::domain::money::Money;
use crate::ports::store::{ChangeRow, ClientAnswer, Departure, EffectRow, InboundLine, Name};

use super::ChangeView;

pub(super) use standing::stuck_outside;

pub use audit::{ActLine, ActPage, ActSearch};
pub use inbox::{Inbox, InboxLine, InboxSearch, InboxSort};

/// One order of support.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act {
    /// What is to be done.
    pub action: Action,
    /// Whether it is only to be said what would be done.
    pub dry_run: bool,
}

/// How a change and what is done to it become the answer that is kept for repetitions.
pub type PresentAct<'p> = &'p (dyn Fn(&ChangeView, &Plan) -> Result<ClientAnswer, serde_json::Error> + Sync);

/// Which changes support wants to see. Every condition that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseSearch {
    /// Of which seller; of all of them when none is named.
    pub seller: Option<SellerId>,
    /// Only those about which something is stuck.
    pub stuck: bool,
    /// In which stage: `quote`, or with its part `quote.ready`.
    pub stage: Option<String>,
    /// What names it.
    pub finding: Option<Name>,
    /// Not moved since then.
    pub unmoved_since: Option<Timestamp>,
    /// Those after this one, in the order of their making.
    pub after: Option<ChangeId>,
    /// At most how many.
    pub limit: u32,
}

/// A change in a list of support's.
#[derive(Debug, Clone)]
pub struct CaseLine {
    /// The row.
    pub change: ChangeRow,
    /// What is stuck about it, the most serious first.
    pub stuck: Vec<Stuck>,
}

/// A page of changes.
#[derive(Debug, Clone)]
pub struct CasePage {
    /// Them, in the order of their making.
    pub lines: Vec<CaseLine>,
    /// After which one the next page begins; nothing on the last.
    pub next: Option<ChangeId>,
}

/// Everything that is kept about a change, and what is stuck about it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The row.
    pub change: ChangeRow,
    /// Its stage; `None` when this program cannot read it.
    pub stage: Option<Stage>,
    /// What is stuck about it, the most serious first.
    pub stuck: Vec<Stuck>,
    /// What can safely be done now.
    pub actions: Vec<Action>,
    /// What is at stake: what is due today or, where nothing is, what renews; before there is a quote, what is held.
    pub money: Option<Money>,
    /// Whose it is.
    pub account: Account,
    /// What it changes.
    pub contract: Contract,
    /// The rules that it runs by, where they can be had.
    pub playbook: Option<Arc<Playbook>>,
    /// When it is looked at next; under a lease, the lease's end.
    pub due_at: Option<Timestamp>,
    /// All its calls, oldest first.
    pub effects: Vec<EffectRow>,
    /// What left for it, or must still leave.
    pub departures: Vec<Departure>,
    /// Webhooks about its customer since it was opened.
    pub inbound: Vec<InboundLine>,
    /// All of it in the order of time.
    pub timeline: Vec<TimelineLine>,
}

/// One line of a change's timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineLine {
    /// When.
    pub at: Timestamp,
    /// What kind of thing it is.
    pub kind: TimelineKind,
    /// What happened, in a word: an event, a call, a topic.
    pub what: String,
    /// Who did it, where somebody did.
    pub actor: Option<Actor>,
    /// Where it led, or how it stands.
    pub how: String,
    /// The facts behind it, each with its name; without personal data.
    pub evidence: Vec<(&'static str, String)>,
    /// The mail that it is, which can be read by this id.
    pub mail: Option<Uuid>,
}

/// Where a line of a timeline comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimelineKind {
    /// The history.
    Journal,
    /// A call, from its first sending.
    Call,
    /// A webhook of the provider.
    Webhook,
    /// A mail.
    Mail,
    /// An event for the seller.
    Event,
}
