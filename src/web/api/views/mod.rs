//! What answers look like. Each view is made from domain values and says names, amounts and dates in the reader's language;
//! what clients branch on is never a localised text.

mod account;
mod catalog;
mod change;
mod comparison;
mod contract;
mod estimate;
mod history;
mod money;
mod next;
mod offering;
mod payment;
mod prerequisite;
mod price;
mod quote;
mod reader;
mod reference;
mod support;
mod usage;

pub use account::AccountView;
pub use catalog::CatalogView;
pub use change::{ChangeBody, ChangeListed};
pub use comparison::ComparisonView;
pub use contract::{ContractBody, ContractListed};
pub use estimate::EstimateBody;
pub use history::{ContractEntry, HistoryLine};
pub use money::MoneyView;
pub use payment::CardView;
pub use prerequisite::PrerequisiteView;
pub use reader::Reader;
pub use reference::{SelectionView, SupportView, TermsView};
pub use support::{ActedView, CaseListed, CaseView, StuckShort};
pub use usage::{ClosedPeriodView, CreditLineView, EntitlementsBody, PotView, TallyView};
