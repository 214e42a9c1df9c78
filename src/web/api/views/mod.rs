//! What answers look like. Each view is made from domain values and says names, amounts and dates in the reader's language;
//! what clients branch on is never a localised text.

mod account;
mod catalog;
mod change;
mod contract;
mod estimate;
mod history;
mod money;
mod next;
mod payment;
mod quote;
mod reader;
mod reference;
mod support;
mod ticket;

pub use account::AccountView;
pub use catalog::CatalogView;
pub use change::{ChangeBody, ChangeListed};
pub use contract::{ContractBody, ContractListed};
pub use estimate::EstimateBody;
pub use history::{ContractEntry, HistoryLine};
pub use money::MoneyView;
pub use payment::CardView;
pub use reader::Reader;
pub use reference::{SelectionView, SupportView, TermsView};
pub use support::{ActedView, CaseListed, CaseView, StuckShort};
pub use ticket::TicketBody;
