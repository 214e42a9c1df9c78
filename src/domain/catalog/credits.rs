//! Credits: what plans and items grant every month, and what each use of them costs. The balance itself is not kept here.

use super::{Catalog, CreditId, ItemId, OptionId, PlanId, RateTableId};
use crate::domain::language::Texts;

/// Something that is granted every month, whatever the interval of the charge, and used up. What is left lapses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// Its name in every machine-readable place.
    pub id: CreditId,
    /// Its name beside a number.
    pub name: Texts,
    /// Where it comes from.
    pub grants: Vec<Share>,
}

/// What a plan or an item grants every month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// On these plans only; on all where none is named.
    pub plans: Vec<PlanId>,
    /// For each unit of this item; once, where none is named.
    pub item: Option<ItemId>,
    /// So much.
    pub units: u64,
}

/// What each use costs in credits: a row for each country, channel or whatever is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateTable {
    /// Its name in every machine-readable place.
    pub id: RateTableId,
    /// What the list is called.
    pub name: Texts,
    /// Which credits a use costs.
    pub credit: CreditId,
    /// What is used: "message", "session".
    pub per: Texts,
    /// In the seller's order.
    pub rows: Vec<Rate>,
}

/// What one kind of use costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// Its name in every machine-readable place.
    pub id: OptionId,
    /// What it is called.
    pub name: Texts,
    /// How many credits each use costs.
    pub credits: u64,
    /// Whether it is invented for demonstration.
    pub sample: bool,
}

impl Share {
    /// Whether it is granted on this plan, for this item or for the plan itself.
    pub fn is_for(&self, plan: &PlanId, item: Option<&ItemId>) -> bool {
        self.item.as_ref() == item && (self.plans.is_empty() || self.plans.contains(plan))
    }
}

impl RateTable {
    /// The row of this name.
    pub fn row(&self, id: &OptionId) -> Option<&Rate> {
        self.rows.iter().find(|row| row.id == *id)
    }
}

impl Catalog {
    /// The table of this name.
    pub fn rate_table(&self, id: &RateTableId) -> Option<&RateTable> {
        self.rates.iter().find(|table| table.id == *id)
    }

    /// The credits of this name.
    pub fn credit(&self, id: &CreditId) -> Option<&Credit> {
        self.credits.iter().find(|credit| credit.id == *id)
    }

    /// What this plan, or each unit of this item on it, grants every month.
    pub fn granted(&self, plan: &PlanId, item: Option<&ItemId>) -> Vec<(&Credit, u64)> {
        let granted = self.credits.iter().map(|credit| {
            let own = credit.grants.iter().filter(|share| share.is_for(plan, item));
            (
                credit,
                own.fold(0_u64, |sum, share| sum.saturating_add(share.units)),
            )
        });
        granted.filter(|(_, units)| *units > 0).collect()
    }
}
