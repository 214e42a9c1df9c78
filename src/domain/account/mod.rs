//! Who buys: accounts, contracts, roles and billing identity.
//!
//! Pure values. This room knows money, languages and what is sold; it must never know how any of it is stored or fetched.

mod billing_identity;
mod client;
mod contract;
mod country;
mod email;
mod notice;
mod observe;
mod people;
mod postal_address;
mod prerequisites;
mod roles;
mod tax_id;

pub use billing_identity::{
    AskedTaxIds, BillingField, BillingForm, BillingIdentity, FieldMistake, FieldProblem,
};
pub use client::{Client, ClientSettings, Limit, Payer, PayerConsent, ServiceSetting, SettingProblem};
pub use contract::{ClientTerms, Contract, ContractId, ContractStatus, Debit, HeldLine, LinePlace, Period};
pub use email::can_be_email;
pub use notice::{CardMove, LineMove, Notice, NoticeFact};
pub use observe::{
    ContractEvent, ContractFact, Observation, ObservedItem, ObservedPrice, RenewedLine, observe,
};
pub use people::{Account, AccountId};
pub use postal_address::PostalAddress;
pub use prerequisites::{PrerequisiteSaid, PrerequisiteStanding};
pub use roles::{MayNot, Permission, RoleRule, Roles, UnknownPermission};
pub use tax_id::{TaxId, TaxIdError, TaxIdKind};
