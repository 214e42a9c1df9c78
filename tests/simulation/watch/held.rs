//! What is held is never taken away by us: no call of ours ends a subscription that an active contract holds, or that paid for
//! an active change.

use changeover::domain::account::ContractStatus;
use changeover::domain::change::{Stage, read_stage};
use hyper::Method;

use crate::browser;
use crate::store::Tables;
use crate::wire::Sent;
use crate::world::{World, lock};

/// The subscription that a request ends.
fn ended_by(sent: &Sent) -> Option<&str> {
    let id = sent.place().strip_prefix("/v1/subscriptions/")?;
    (sent.method == Method::DELETE && !id.contains('/')).then_some(id)
}

/// Looks at a request of ours that leaves, or is worked off.
pub(super) fn stays_held(world: &World, sent: &Sent, key: &str) {
    let Some(subscription) = ended_by(sent) else {
        return;
    };
    // The provider first: it is asked without looking into the store.
    let invoices = browser::reads(
        world,
        &format!("/v1/invoices?limit=100&subscription={subscription}"),
    );
    let memory = lock(&world.memory);
    let said = by_whom(&memory.tables, subscription, |invoice| {
        let all = invoices["data"].as_array();
        all.is_some_and(|all| all.iter().any(|one| one["id"] == invoice))
    });
    drop(memory);
    if let Some(who) = said {
        let what = format!("{key} ends {subscription}, which {who} holds");
        world.witness.breaks("I14", what);
    }
}

/// Who holds a subscription, if anybody does.
fn by_whom(tables: &Tables, subscription: &str, is_its: impl Fn(&str) -> bool) -> Option<String> {
    let held = tables.contracts.values().find(|contract| {
        contract.status == ContractStatus::Active && contract.subscription.as_deref() == Some(subscription)
    });
    let bought = || {
        tables
            .changes
            .values()
            .find(|change| match read_stage(&change.stage) {
                Ok(Stage::Active { receipt, .. }) => receipt.invoice.as_deref().is_some_and(&is_its),
                _ => false,
            })
    };
    match held {
        Some(contract) => Some(format!("contract {}", contract.id)),
        None => bought().map(|change| format!("active change {}", change.id)),
    }
}
