//! Makes decisions durable.
//!
//! Knows the domain and the ports, and nobody else: no SQL, no HTTP, no Stripe, no clock of its own. Its one law: what a
//! decision brings about is written together or not at all, and nothing leaves before its intent is written.

mod accounts;
mod adopting;
mod asking;
mod cards;
mod changes;
mod client_charges;
mod clients;
mod concluding;
mod contracts;
mod crash;
mod drafting;
mod ending;
mod erasing;
mod error;
mod estimating;
mod fingerprint;
mod fiscal;
mod footing;
mod inbox;
mod journal;
mod letters;
mod measuring;
mod news;
mod opening;
mod outbox;
mod overviews;
mod pace;
mod pages;
mod performing;
mod prerequisites;
mod prices;
mod proposing;
mod quoting;
mod reconcile;
mod sellers;
mod staff;
mod standing;
mod statements;
mod support;
mod tickets;
mod usage;
mod verifying;
mod view;
mod waiting;
mod wallet;
mod worker;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};

use self::footing::Recent;
use self::overviews::SeenStandings;
use self::pace::later;
use self::pages::OwnSigner;
use self::prices::KnownPrices;
use self::staff::Hashing;
use self::waiting::Moved;
use crate::ports::hooks::Hooks;
use crate::ports::mail::Mailer;
use crate::ports::store::{Record, Store};
use crate::ports::time::{Clock, Ids};

pub use accounts::{CreateAccount, CreateContract};
pub use adopting::AdoptContract;
pub use changes::{Asked, ClientKey, Reply, Wish};
pub use clients::{ClientEntry, ClientView, CreateClient};
pub use crash::{Crash, CrashPoint, CrashPoints, NoCrash};
pub use erasing::PresentErased;
pub use error::{EngineError, LastMove};
pub use estimating::{LiveEstimate, Way};
pub use fiscal::IssuedDocument;
pub use journal::{BrokenChain, verify_chain};
pub use opening::OpenChange;
pub use outbox::EventBody;
pub use overviews::{Overview, Renewal, Standing};
pub use pages::{MailedEntry, PageSession, Purpose, SessionGrounds};
pub use proposing::OpenFirstChange;
pub use reconcile::{Compared, Repaired};
pub use sellers::{Seller, Sellers, SellersError};
pub use staff::{NewStaff, PASSWORD_MAX, PASSWORD_MIN, SignIn, StaffError, StaffMember};
pub use standing::ContractStanding;
pub use statements::Statements;
pub use support::{
    Act, ActLine, ActPage, ActSearch, Case, CaseLine, CasePage, CaseSearch, Inbox, InboxLine, InboxSearch,
    InboxSort, PresentAct, TimelineKind, TimelineLine,
};
pub use tickets::{BringTicket, COMMENT_MAX, CommentWords, Filed, FormWords, SaidAbout, TicketView};
pub use usage::{ReportAnswer, Taken, UsageNow, UsageReport};
pub use verifying::{Broken, Proof, Verifier};
pub use view::{ChangeView, HistoryEntry};
pub use wallet::{CardEvent, CardInWallet, CardLine, CardOrder, CardWish, WalletView};

/// Carries plan changes. Cheap to clone; every clone is the same engine.
#[derive(Clone)]
pub struct Engine {
    parts: Arc<Parts>,
    recent: Arc<Recent>,
    known_prices: Arc<KnownPrices>,
    known_tax_rates: Arc<KnownPrices>,
    seen_standings: Arc<SeenStandings>,
    signer: Arc<OwnSigner>,
    hashing: Arc<Hashing>,
    lease: SignedDuration,
}

/// What an engine is put together from.
pub struct Parts {
    /// Where everything durable lives.
    pub store: Arc<dyn Store>,
    /// The sellers, with their rules and their providers.
    pub sellers: Sellers,
    /// Sends mails.
    pub mailer: Arc<dyn Mailer>,
    /// Delivers events to sellers' systems.
    pub hooks: Arc<dyn Hooks>,
    /// Says what time it is.
    pub clock: Arc<dyn Clock>,
    /// Makes identifiers.
    pub ids: Arc<dyn Ids>,
    /// Where a test makes it crash; nowhere in production.
    pub crash_points: Arc<dyn CrashPoints>,
    /// The name under which this process holds leases.
    pub owner: String,
    /// Under which address customers reach the hosted pages, without a slash at its end.
    pub pages_at: String,
    /// Rung when there may be work.
    pub bell: Bell,
}

/// Rung when something was written, so that workers in this process look at once instead of at their next tick.
#[derive(Default)]
pub struct Bell {
    work: Notify,
    outbox: Notify,
    moved: Moved,
    ending: watch::Sender<bool>,
}

impl Bell {
    fn ring(&self) {
        self.work.notify_one();
        self.outbox.notify_one();
    }

    /// Rung for one decision: only those look whose work it has made. Most clicks leave none.
    fn ring_for(&self, left: LeftToDo, now: Timestamp) {
        if left.due_at.is_some_and(|at| at <= later(now, pace::NAP_MAX)) {
            self.work.notify_one();
        }
        if left.leaves {
            self.outbox.notify_one();
        }
    }
}

/// What a decision leaves to be done by others.
#[derive(Clone, Copy)]
struct LeftToDo {
    /// When its change is due. What is due later than after the longest nap is found without a bell.
    due_at: Option<Timestamp>,
    /// Whether something must leave.
    leaves: bool,
}

impl LeftToDo {
    fn by(record: &Record) -> Self {
        let before = record.predecessor.as_deref().map(Self::by);
        let look = record.contract_look;
        let due = [
            record.due_at,
            look,
            before.as_ref().and_then(|before| before.due_at),
        ];
        Self {
            due_at: due.into_iter().flatten().min(),
            leaves: record.outbox.iter().any(|row| row.leaves)
                || !record.taken_up.is_empty()
                || before.is_some_and(|before| before.leaves),
        }
    }
}

impl Engine {
    /// Puts an engine together.
    pub fn new(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
            recent: Arc::default(),
            known_prices: Arc::default(),
            known_tax_rates: Arc::default(),
            seen_standings: Arc::default(),
            signer: Arc::default(),
            hashing: Arc::default(),
            lease: pace::LEASE,
        }
    }

    /// The same engine, which holds what it claims for so long.
    #[must_use]
    pub fn holding_for(self, lease: SignedDuration) -> Self {
        Self { lease, ..self }
    }

    /// The name under which this process holds leases.
    pub fn owner(&self) -> &str {
        &self.parts.owner
    }

    /// The sellers that it serves.
    pub fn sellers(&self) -> &Sellers {
        &self.parts.sellers
    }

    /// Its store, for plain reads.
    pub fn store(&self) -> &dyn Store {
        self.parts.store.as_ref()
    }

    /// The present, as the engine sees it.
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }
}
