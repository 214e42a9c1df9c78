//! Everything that a diagnosis looks at.

use jiff::{SignedDuration, Timestamp};

use crate::domain::change::decide::Turn;
use crate::domain::change::{CallName, EffectId, Stage};
use crate::domain::money::Money;

/// How long something may take before a person is shown it. The provider's ordinary troubles are over sooner.
pub const NOT_LONG: SignedDuration = SignedDuration::from_mins(15);

/// A change, as far as it can be read, with all that is owed for it.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The stage; `None` when this program cannot read it.
    pub stage: Option<&'a Stage>,
    /// The machine version that wrote it.
    pub machine_version: u32,
    /// When the stage began.
    pub entered_at: Timestamp,
    /// From when on its present step is a concern, see [`super::concern`].
    pub concern_at: Option<Timestamp>,
    /// What a decision would look at; `None` when the seller or its rules are not here.
    pub turn: Option<Turn<'a>>,
    /// The present.
    pub now: Timestamp,
    /// Its calls that are not over, or whose outcome no decision has taken in.
    pub owed: &'a [Owed],
    /// Mails and events that were given up.
    pub unsent: &'a [Unsent],
    /// What a comparison with the provider has found of it, and only a person can decide about.
    pub differences: &'a [Difference],
    /// How the work on it goes.
    pub work: &'a Work,
}

/// A call that is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The effect.
    pub effect: EffectId,
    /// Which call.
    pub call: CallName,
    /// When it was first sent; `None` while it was not.
    pub first_sent_at: Option<Timestamp>,
    /// How often it was sent.
    pub attempts: u32,
    /// When it is tried (again).
    pub next_try_at: Timestamp,
    /// Why it is not over.
    pub state: OwedState,
    /// Whether its key can no longer be used, so that the provider is read instead.
    pub spent: bool,
    /// Whether it moves money.
    pub charges: bool,
    /// What the last attempt brought.
    pub last_error: Option<String>,
}

/// Why a call is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwedState {
    /// It was not accepted yet: not sent, or put off by the provider.
    Waiting,
    /// It was sent, and the answer is not known.
    Unknown,
    /// The provider was read, and does not tell whether it happened.
    Undecidable {
        /// Since when that is known.
        since: Timestamp,
    },
    /// Its outcome is known and was refused by the machine.
    NotTakenIn,
}

/// A mail or an event that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// Whether it is a mail; an event otherwise.
    pub mail: bool,
    /// What it says, such as `activated`.
    pub topic: String,
    /// When the fact was journalled.
    pub at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it did not leave.
    pub last_error: Option<String>,
}

/// What a comparison with the provider has found, see [`crate::domain::reconcile::Finding`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The word for its kind.
    pub finding: &'static str,
    /// The provider's id of what it is about.
    pub object: String,
    /// What was paid, or could be.
    pub amount: Option<Money>,
    /// What was seen, in a sentence.
    pub seen: String,
    /// Since when it is known.
    pub since: Timestamp,
}

/// How the work on a change goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// When it is due; under a lease, the lease's end. `None`: never.
    pub due_at: Option<Timestamp>,
    /// Its failures without a success between.
    pub failing: Option<Failing>,
}

/// Work that fails again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// How often.
    pub times: u32,
    /// Since when.
    pub since: Timestamp,
    /// How it failed last.
    pub last: Failure,
}

/// Why work on a change came to nothing. It is stored, and never holds personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Whose trouble it is.
    pub kind: FailureKind,
    /// A stable word, then what more can be said.
    pub detail: String,
}

/// Whose trouble a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailureKind {
    /// The provider cannot be read.
    Provider,
    /// Another payment of the same customer is on its way, and this one waits for it.
    Customer,
    /// The seller, or the rules that the change runs by, are not here.
    Rules,
    /// Something in this program or its store.
    Ours,
}

impl FailureKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Provider, Self::Customer, Self::Rules, Self::Ours];

    /// The word under which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Customer => "customer",
            Self::Rules => "rules",
            Self::Ours => "ours",
        }
    }
}

impl Owed {
    /// Whether its outcome is known and was refused by the machine.
    pub fn is_refused(&self) -> bool {
        self.state == OwedState::NotTakenIn
    }

    /// Whether it was tried and waits for its next turn: another try now is what support can order.
    pub fn waits(&self, now: Timestamp) -> bool {
        !self.is_refused() && self.attempts > 0 && self.next_try_at > now
    }
}
