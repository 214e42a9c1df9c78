//! Comparing what we believe with what the provider holds, after crashes, lost commits, and hands in its dashboard.
//!
//! Pure: the two sides are handed in, a plan comes out. It knows changes and contracts, and must never know how either side is
//! read or written. No repair that it plans can charge anybody.

mod facts;
mod finding;
mod invoices;
mod plan;
mod subscriptions;

pub use facts::{Collected, Holdings, InvoiceReason, KnownCall, KnownCallState, KnownChange, Local};
pub use facts::{MarkedInvoice, MarkedSubscription, SeenMarks};
pub use finding::{Evidence, Finding, FindingCode, Repair};
pub use plan::plan;
