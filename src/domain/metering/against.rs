//! What is used, held against what a contract would allow after a change.

use super::allowance::{Limit, allowance, set_for, shares_of};
use super::{Book, Pot, Quantity, World};
use crate::domain::account::Contract;

/// What is used of one pot, and what would be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedAgainst {
    /// Of what.
    pub pot: Pot,
    /// How much is used now.
    pub used: Quantity,
    /// How much is allowed now; nothing where there is no limit.
    pub now: Option<Limit>,
    /// How much would be.
    pub after: Option<Limit>,
    /// Whether more is used than would be allowed.
    pub exceeds: bool,
}

/// Item by item: what is used now against what `after` would allow. Only what has a limit on either side.
pub fn against(book: &Book, world: &World<'_>, after: &Contract) -> Vec<UsedAgainst> {
    let playbook = world.playbook;
    let mut all = Vec::new();
    for pot in playbook.metering.pots() {
        let (Some(shares), Some(rules)) = (shares_of(playbook, &pot), playbook.metering.rules(&pot)) else {
            continue;
        };
        let limit_on = |contract: &Contract| {
            set_for(world.limits, &pot)
                .or_else(|| allowance(&playbook.catalog, contract, shares).map(Limit::Count))
        };
        let (now, then) = (limit_on(world.contract), limit_on(after));
        if now.is_none() && then.is_none() {
            continue;
        }
        let used = book
            .tally(&pot, world.now)
            .map_or(Quantity::ZERO, |tally| tally.used);
        let price = rules.price(after.currency);
        all.push(UsedAgainst {
            exceeds: then.is_some_and(|limit| limit.is_passed(used, price)),
            pot,
            used,
            now,
            after: then,
        });
    }
    all
}
