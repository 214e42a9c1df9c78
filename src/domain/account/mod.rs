//! Who buys: accounts, contracts, roles and billing identity.
//!
//! Pure values. This room knows money, languages and what is sold; it must never know how any of it is stored or fetched.

mod contract;
mod people;
mod roles;

pub use contract::{Contract, ContractId, ContractStatus, Debit, HeldLine, LinePlace, Period};
pub use people::{Account, AccountId};
pub use roles::{MayNotChange, RoleRule, Roles};
