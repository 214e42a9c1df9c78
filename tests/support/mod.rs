//! A whole installation for tests: a real sandbox on a real port, a real database file, the real application behind a gateway
//! that outlives its crashes. Tests speak HTTP, as the outside does; time stands still until a test moves it.

mod agency;
mod bent;
mod boleto;
mod clint;
mod clock;
mod console;
mod crashing;
mod gateway;
mod held;
mod holder;
mod house;
mod http;
mod metered;
mod nodes;
mod outages;
mod people;
pub mod postgres;
mod proof;
mod provider;
mod slow_bank;
mod staff;
mod told;
mod trouble;
mod unchanged;
mod version;
mod webhooks;

pub use agency::{AGENCIES, Agency, ClientOf, house_of_agencies, pays, says};
pub use bent::Bend;
pub use boleto::{BOLETO, selling_by};
pub use clint::{Clint, Customs, HELD, selecting};
pub use clock::a_clock_ahead;
pub use console::PASSWORD;
pub use held::{Hold, Moment};
pub use holder::{Holder, choosing, shipped, wanting};
pub use house::{Database, House, OTHER_WEBHOOK_SECRET};
pub use http::{Answer, Http};
pub use metered::{Use, metered, metered_by_the_year};
pub use nodes::Node;
pub use people::{Backend, Change, Problem, billing_data, read, stage_of};
pub use proof::prove;
pub use provider::Provider;
pub use slow_bank::SlowBank;
pub use staff::Staff;
pub use version::Version;
pub use webhooks::{event, signed, signed_with};
