//! One plan change: its stages, events, effects and refusals, and the machine that decides.
//!
//! [`decide`] is the only question that the rest of the program may ask. It is pure: the same stage, event and turn always
//! give the same decision.

mod aborting;
mod actor;
mod before;
mod billing;
mod budget;
mod call;
mod call_name;
pub mod chart;
mod click;
mod decide;
mod event;
mod ids;
mod journey;
mod judging;
mod late;
mod means;
mod next_action;
mod paying;
mod payment;
mod permitted;
mod promise;
mod promising;
mod quote;
mod quoting;
mod receipt;
mod refunds;
mod refusal;
pub mod samples;
mod selecting;
mod stage;
mod stage_name;
mod stage_reads;
mod stored;
pub mod stuck;
mod switching;
mod tax;
mod tell;
mod ticket_ask;
mod tickets;
mod timetable;
mod vouchers;

pub use actor::{Actor, Party};
pub use before::{SubscriptionFacts, SubscriptionStatus};
pub use budget::{INVOICE_BUDGET_SPAN, invoice_budget};
pub use call::{Call, CallAnswer, CallFailure, Decline, Effect};
pub use call_name::CallName;
pub use click::Click;
pub use decide::{AccountFact, BillingOnFile, Decision, Turn, bring, decide, open, succeed};
pub use event::{Event, IdentityRef};
pub use ids::{ChangeId, EffectId, Reference};
pub use means::{Means, OutsideCredit, Voucher, VoucherKind};
pub use next_action::NextAction;
pub use payment::{
    Confirmation, Consent, IntentStatus, InvoiceFacts, InvoiceStatus, ItemFacts, PaymentFacts, PaymentMethod,
};
pub use permitted::permitted;
pub use promise::{Afterwards, Basis, Hold, PhaseItem, Promise, PromisePlan, PromiseStep};
pub use quote::{
    Deal, Drift, DriftCause, FirstPeriod, HoldingChange, Quote, QuoteId, QuoteLine, QuotedTarget,
    QuotedTaxRates,
};
pub use receipt::{CardStep, Receipt, RefundStep};
pub use refusal::{Again, FieldProblem, Refusal, RefusalCode};
pub use selecting::to_be_had;
pub use stage::{
    AbortReason, AbortStep, BillingStep, ChargeStep, OpenInvoice, Payment, Stage, TicketDecision,
};
pub use stage_name::StageName;
pub use stored::{
    MACHINE_VERSION, StoredStageError, machine_version, read_stage, rehearse_machine_version, write_stage,
};
pub use tax::{NothingDue, TaxLine};
pub use tell::Tell;
pub use ticket_ask::{AskChannel, NoteRef, TicketAsk, TicketMaker, TicketProblem};
pub use timetable::{Question, Wake, deadline, next_wake, question};
pub use vouchers::{Offered, methods};
