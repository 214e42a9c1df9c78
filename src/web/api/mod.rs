//! The JSON API under `/v1`: one file a verb, named as in the path. Each handler understands, asks the engine, and shows.
//!
//! Knows the engine, the values of the domain and how they are told; must never know a store's rows or a provider's objects.

mod accounts;
mod catalog;
mod changes;
mod comparison;
mod contact;
mod contracts;
mod document;
mod events;
mod findings;
mod page_sessions;
pub mod show;
mod staff;
mod support;
mod tickets;
mod usage;
pub mod views;

use axum::Router;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::WebState;

pub use accounts::{CardOrderView, InvoiceView, KeptCardView, WalletBody};
pub use changes::{BillingPrefill, Chosen, SentByCustomer, mistakes, one_of};
pub use contact::with_contact;
pub use show::keep;

/// The API and the document that describes it, made from the same handlers.
pub fn router() -> (Router<WebState>, OpenApi) {
    OpenApiRouter::with_openapi(document::Start::openapi())
        .merge(accounts_and_contracts())
        .merge(changes())
        .routes(routes!(findings::list::list_findings))
        .routes(routes!(findings::compare::compare_contract))
        .routes(routes!(findings::repair::repair_contract))
        .routes(routes!(catalog::read_catalog))
        .routes(routes!(usage::report::report_usage))
        .routes(routes!(usage::read::read_usage))
        .routes(routes!(usage::credits::read_credits))
        .routes(routes!(usage::entitlements::read_entitlements))
        .routes(routes!(usage::entitlements::read_account_entitlements))
        .routes(routes!(comparison::compare_plans))
        .routes(routes!(events::list_events))
        .routes(routes!(page_sessions::open_page_session))
        .routes(routes!(support::list::list_cases))
        .routes(routes!(support::show::read_case))
        .routes(routes!(support::act::act_on_change))
        .routes(routes!(support::erase::erase_account))
        .routes(routes!(staff::list::list_staff, staff::add::add_staff))
        .routes(routes!(staff::update::update_staff))
        .split_for_parts()
}

/// Who buys, and what they hold.
fn accounts_and_contracts() -> OpenApiRouter<WebState> {
    OpenApiRouter::new()
        .routes(routes!(accounts::create::create_account))
        .routes(routes!(accounts::read::read_account))
        .routes(routes!(accounts::contracts::list_contracts))
        .routes(routes!(accounts::changes::open_first_change))
        .routes(routes!(
            accounts::clients::create_client,
            accounts::clients::list_clients
        ))
        .routes(routes!(
            accounts::client_settings::read_client_settings,
            accounts::client_settings::save_client_settings
        ))
        .routes(routes!(accounts::client_settings::read_client_history))
        .routes(routes!(accounts::client_settings::agree_to_pay))
        .routes(routes!(
            accounts::prerequisites::list_prerequisites,
            accounts::prerequisites::say_prerequisite
        ))
        .routes(routes!(
            accounts::cards::list::list_account_cards,
            accounts::cards::begin::begin_account_card
        ))
        .routes(routes!(accounts::cards::default::make_card_default))
        .routes(routes!(accounts::cards::remove::remove_card))
        .routes(routes!(accounts::cards::history::read_card_history))
        .routes(routes!(accounts::invoices::list_invoices))
        .routes(routes!(
            contracts::list::walk_contracts,
            contracts::create::create_contract
        ))
        .routes(routes!(contracts::read::read_contract))
        .routes(routes!(contracts::overview::read_overview))
        .routes(routes!(contracts::responsible::set_responsible))
        .routes(routes!(contracts::standing::read_standing))
        .routes(routes!(contracts::history::read_contract_history))
        .routes(routes!(contracts::estimate::estimate))
        .routes(routes!(
            contracts::changes::list_changes,
            contracts::changes::open_change
        ))
}

/// Plan changes, and requests to go down.
fn changes() -> OpenApiRouter<WebState> {
    OpenApiRouter::new()
        .routes(routes!(changes::read::read_change))
        .routes(routes!(changes::selection::select))
        .routes(routes!(changes::quote::ask_quote))
        .routes(routes!(changes::accept::accept_quote))
        .routes(routes!(
            changes::billing_info::read_billing_info,
            changes::billing_info::give_billing_info
        ))
        .routes(routes!(changes::billing_info_keep::keep_billing_info))
        .routes(routes!(changes::card_setup::begin_card_setup))
        .routes(routes!(changes::cards::list_cards))
        .routes(routes!(changes::payment_method::choose_payment_method))
        .routes(routes!(changes::confirm::confirm))
        .routes(routes!(changes::authentication::read_authentication))
        .routes(routes!(changes::cancel::cancel))
        .routes(routes!(changes::history::read_change_history))
        .routes(routes!(
            changes::fiscal_documents::list_fiscal_documents,
            changes::fiscal_documents::add_fiscal_document
        ))
        .routes(routes!(changes::ticket_answer::answer_ticket))
        .routes(routes!(tickets::read::read_ticket, tickets::file::file_ticket))
        .routes(routes!(tickets::comment::comment))
        .routes(routes!(tickets::bring::bring_ticket))
        .routes(routes!(tickets::list::list_tickets))
        .routes(routes!(tickets::read::read_ticket_as_support))
        .routes(routes!(tickets::comment::comment_as_support))
        .routes(routes!(tickets::act::answer_as_support))
        .routes(routes!(tickets::act::verify_ticket))
        .routes(routes!(changes::retry::retry))
}
