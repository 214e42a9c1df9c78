//! One plan change: its stages, events, effects and refusals, and the machine that decides.
//!
//! [`decide`] is the only question that the rest of the program may ask. It is pure: the same stage, event and turn always
//! give the same decision.

mod actor;
mod call;
mod click;
mod decide;
mod event;
mod ids;
mod journey;
mod next_action;
mod payment;
mod quote;
mod refusal;
mod stage;
mod stored;
mod timetable;

pub use actor::{Actor, Party};
pub use call::{Call, CallAnswer, CallFailure, CallName, Decline, Effect, Tell};
pub use click::{Click, confirm};
pub use decide::{Decision, Turn, decide, open};
pub use event::Event;
pub use ids::{ChangeId, EffectId, Reference};
pub use next_action::NextAction;
pub use payment::{
    Confirmation, Consent, IntentStatus, InvoiceFacts, InvoiceStatus, ItemFacts, PaymentFacts, PaymentMethod,
};
pub use quote::{Deal, Drift, DriftCause, FirstPeriod, HoldingChange, Quote, QuoteId, QuoteLine, QuotedTarget};
pub use refusal::{Refusal, RefusalCode};
pub use stage::{AbortReason, BillingStep, ChargeStep, OpenInvoice, Receipt, Stage, StageName, TicketDecision};
pub use stored::{MACHINE_VERSION, StoredStageError, read_stage, write_stage};
pub use timetable::{Wake, next_wake};
