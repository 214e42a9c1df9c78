//! How much a contract allows: what its plan and items add up to, or what was set for this client.

use serde::{Deserialize, Serialize};

use super::{Against, MeterId, Pot, Quantity, UnitPrice};
use crate::domain::account::Contract;
use crate::domain::catalog::{Catalog, ItemId, Playbook, Share};
use crate::domain::language::Texts;
use crate::domain::money::Money;

/// How much can be used before a limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// So many units.
    Count(Quantity),
    /// As much as this pays, at the price of what is beyond.
    Money(Money),
}

/// A limit that was set for one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientLimit {
    /// Of what.
    pub meter: MeterId,
    /// How much.
    pub limit: Limit,
}

/// What adds to a pot; nothing where the file no longer knows it.
pub fn shares_of<'a>(playbook: &'a Playbook, pot: &Pot) -> Option<&'a [Share]> {
    match pot {
        Pot::Credits(id) => playbook.catalog.credit(id).map(|credit| &credit.grants[..]),
        Pot::Meter(id) => match &playbook.metering.meter(id)?.against {
            Against::Allowance(shares) => Some(shares),
            Against::Credits { .. } => None,
        },
    }
}

/// What a pot is called; nothing where the file no longer knows it.
pub fn called<'a>(playbook: &'a Playbook, pot: &Pot) -> Option<&'a Texts> {
    match pot {
        Pot::Credits(id) => playbook.catalog.credit(id).map(|credit| &credit.name),
        Pot::Meter(id) => playbook.metering.meter(id).map(|meter| &meter.name),
    }
}

/// What the shares add up to on this contract; nothing where there is no share, so that there is no limit.
pub fn allowance(catalog: &Catalog, contract: &Contract, shares: &[Share]) -> Option<Quantity> {
    if shares.is_empty() {
        return None;
    }
    let applies = |share: &&Share| share.plans.is_empty() || share.plans.contains(&contract.plan);
    let mut sum = Quantity::ZERO;
    for share in shares.iter().filter(applies) {
        let held = match &share.item {
            Some(item) => at_hand(catalog, contract, item),
            None => 1,
        };
        let part = held.checked_mul(share.units).and_then(Quantity::whole);
        sum = part
            .and_then(|part| sum.plus(part))
            .unwrap_or(Quantity::from_millionths(i64::MAX.unsigned_abs()));
    }
    Some(sum)
}

/// How many of an item a contract has at hand: what is bought, and what the plan includes.
pub fn at_hand(catalog: &Catalog, contract: &Contract, item: &ItemId) -> u64 {
    let bought = contract.bought(item);
    catalog
        .offer(&contract.plan, item)
        .map_or(bought, |offer| offer.at_hand(bought))
}

/// The limit that was set for this client, where one was.
pub(super) fn set_for(limits: &[ClientLimit], pot: &Pot) -> Option<Limit> {
    let Pot::Meter(meter) = pot else {
        return None;
    };
    limits.iter().find(|set| set.meter == *meter).map(|set| set.limit)
}

impl Limit {
    /// Whether this much use has reached so many hundredths of it. A limit in money needs a price in its currency.
    pub fn is_reached(self, percent: u16, used: Quantity, price: Option<UnitPrice>) -> bool {
        match self {
            Self::Count(limit) => used.has_reached(percent, limit),
            Self::Money(limit) => value(used, price, limit).is_some_and(|value| {
                i128::from(value.amount) * 100 >= i128::from(limit.amount) * i128::from(percent)
            }),
        }
    }

    /// Whether this much use goes beyond it.
    pub fn is_passed(self, used: Quantity, price: Option<UnitPrice>) -> bool {
        match self {
            Self::Count(limit) => used > limit,
            Self::Money(limit) => value(used, price, limit).is_some_and(|value| value.amount > limit.amount),
        }
    }

    /// How much of the use is beyond it, in units; nothing for a limit in money.
    pub fn excess(self, used: Quantity) -> Option<Quantity> {
        match self {
            Self::Count(limit) => Some(used.less(limit)),
            Self::Money(_) => None,
        }
    }

    /// What the use beyond it costs; nothing where nothing is beyond, or nothing is charged for it.
    pub fn overage(self, used: Quantity, price: Option<UnitPrice>) -> Option<Money> {
        let price = price?;
        let due = match self {
            Self::Count(limit) => price.of(used.less(limit)).ok()?,
            Self::Money(limit) => value(used, Some(price), limit)?.minus(limit).ok()?,
        };
        (due.amount > 0).then_some(due)
    }

    /// The larger of two, where they can be compared; otherwise this one.
    pub(super) fn or_more(self, other: Self) -> Self {
        match (self, other) {
            (Self::Count(one), Self::Count(two)) => Self::Count(one.max(two)),
            _ => self,
        }
    }
}

fn value(used: Quantity, price: Option<UnitPrice>, limit: Money) -> Option<Money> {
    let price = price.filter(|price| price.currency == limit.currency)?;
    price.of(used).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price() -> UnitPrice {
        UnitPrice {
            currency: "USD".parse().expect("known"),
            amount: 5,
            per: 10,
        }
    }

    fn quantity(text: &str) -> Quantity {
        text.parse().expect("a quantity")
    }

    #[test]
    fn what_is_beyond_a_count_costs_its_exact_share() {
        let limit = Limit::Count(quantity("100"));
        assert_eq!(limit.overage(quantity("100"), Some(price())), None);
        let due = limit.overage(quantity("125"), Some(price())).expect("due");
        assert_eq!(
            due.amount, 12,
            "2.5 blocks of 5 cents, a tie toward minus infinity"
        );
        assert_eq!(
            limit.overage(quantity("125"), None),
            None,
            "without a price nothing is charged"
        );
    }

    #[test]
    fn a_limit_in_money_is_reached_by_what_use_is_worth() {
        let limit = Limit::Money(Money::new(50, "USD".parse().expect("known")));
        assert!(limit.is_reached(80, quantity("80"), Some(price())));
        assert!(!limit.is_reached(80, quantity("79"), Some(price())));
        assert!(!limit.is_passed(quantity("100"), Some(price())));
        let due = limit.overage(quantity("120"), Some(price())).expect("due");
        assert_eq!(due.amount, 10);
        let other = Limit::Money(Money::new(50, "BRL".parse().expect("known")));
        assert!(
            !other.is_passed(quantity("1000"), Some(price())),
            "currencies never meet"
        );
    }
}
