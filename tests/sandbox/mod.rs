//! Tests of the room `sandbox`.

mod core_answers;
mod core_billing;
mod core_changes;
mod core_contract;
mod core_house;
mod core_proration;
mod core_rules;
mod core_schedules;
mod core_tax_rates;
mod core_taxes;
mod core_vouchers;
mod http_api;
mod http_delivery;
mod http_durability;
mod http_faults;
mod http_generated;
mod http_house;
mod http_keys;
mod http_pages;
