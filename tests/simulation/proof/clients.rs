//! Agencies' clients: what was settled in the form holds for their contracts, and whoever pays is charged, nobody else.

use changeover::domain::account::{AccountId, Client, Contract, ContractStatus};
use changeover::ports::store::OverageStatus;

use crate::browser;
use crate::store::Tables;
use crate::world::World;

/// G2, G4, G8: every contract in force of a client has the terms of its form; its subscription is its payer's.
pub(super) fn settings_and_contracts_agree(world: &World, tables: &Tables) {
    let Some(rules) = &world.playbook.policy.clients else {
        return;
    };
    for client in tables.clients.values() {
        let theirs = |contract: &&Contract| contract.account == client.account && is_held(contract);
        for contract in tables.contracts.values().filter(theirs) {
            world.count("client: contract at rest");
            let Some(terms) = contract.client.as_deref() else {
                let what = format!("{} is a client's, and has no terms of one", contract.id);
                world.watch.breaks_unless_lost(world, "G2", what);
                continue;
            };
            // Which price held before is not in the form.
            let mut settled = client.terms(rules, Some(terms));
            settled.lapsed_price.clone_from(&terms.lapsed_price);
            if *terms != settled {
                let what = format!(
                    "{}: the form comes to {settled:?}, the contract has {terms:?}",
                    contract.id
                );
                world.watch.breaks_unless_lost(world, "G2", what);
            }
            is_the_payers(world, tables, contract);
        }
    }
}

fn is_held(contract: &Contract) -> bool {
    contract.version > 0 && contract.status != ContractStatus::Cancelled
}

fn is_the_payers(world: &World, tables: &Tables, contract: &Contract) {
    let Some(subscription) = &contract.subscription else {
        return;
    };
    let read = browser::reads(world, &format!("/v1/subscriptions/{subscription}"));
    if read["customer"].as_str() != customer_of(tables, contract.payer()) {
        let what = format!(
            "{subscription} of {} is charged to {}",
            contract.id, read["customer"]
        );
        world.watch.breaks_unless_lost(world, "G2", what);
    }
}

fn customer_of(tables: &Tables, account: AccountId) -> Option<&str> {
    tables
        .accounts
        .get(&account)?
        .account
        .provider_customer
        .as_deref()
}

/// G8: what went beyond a client's limits stands on an invoice of whoever pays for it.
pub(super) fn the_payer_is_charged_for_use(world: &World, tables: &Tables) {
    for row in tables
        .overages
        .values()
        .filter(|row| row.status == OverageStatus::Charged)
    {
        let Some(contract) = tables.contracts.get(&row.contract) else {
            continue;
        };
        let (Some(client), Some(item)) = (tables.clients.get(&contract.account), &row.outcome) else {
            continue;
        };
        world.count("client: charged for use");
        let read = browser::reads(world, &format!("/v1/invoiceitems/{item}"));
        let charged = read["customer"].as_str();
        if charged.is_none() || !payers(tables, client, contract).contains(&charged) {
            let what = format!("{} of {} is charged to {}", row.id, contract.id, read["customer"]);
            world.watch.breaks_unless_lost(world, "G8", what);
        }
    }
}

/// Who pays. Where nothing runs any more, the other one may have taken over since.
fn payers<'t>(tables: &'t Tables, client: &Client, contract: &Contract) -> Vec<Option<&'t str>> {
    if contract.subscription.is_some() {
        return vec![customer_of(tables, contract.payer())];
    }
    vec![
        customer_of(tables, client.agency),
        customer_of(tables, client.account),
    ]
}
