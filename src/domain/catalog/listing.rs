use std::collections::BTreeSet;

use super::{Interval, ItemId, LineKey, PlanId, Price, PriceRef, SellerId};
use crate::domain::language::Texts;
use crate::domain::money::Currency;

/// All that one seller sells, in the order in which it wants it shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// Whose catalogue it is.
    pub seller: SellerId,
    /// From the smallest to the largest: the order also says which plan is "higher".
    pub plans: Vec<Plan>,
    /// What can be bought on top of a plan.
    pub items: Vec<Item>,
    /// Which item can be had on which plan, and for how much. At most one per pair.
    pub offers: Vec<Offer>,
}

/// A plan: what a contract is built around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its name in every machine-readable place.
    pub id: PlanId,
    /// Its name for people.
    pub name: Texts,
    /// One sentence about whom it is for.
    pub summary: Texts,
    /// What it costs; at most one price per currency and interval.
    pub prices: Vec<Price>,
    /// Whether name or price is invented for demonstration.
    pub sample: bool,
}

/// Something that is bought in a quantity on top of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name in every machine-readable place.
    pub id: ItemId,
    /// Its name for people, in the singular: "Device".
    pub name: Texts,
    /// Its name beside a number: "devices".
    pub plural: Texts,
    /// A sentence that helps to choose a quantity; may be empty.
    pub help: Texts,
    /// Whether it is invented for demonstration.
    pub sample: bool,
}

/// An item on a plan. Where there is no offer, the plan does not allow the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// On which plan.
    pub plan: PlanId,
    /// Which item.
    pub item: ItemId,
    /// Which quantities can be bought.
    pub quantities: QuantityRule,
    /// How many the plan's own price already contains. What is bought comes on top, and is all that is charged.
    pub included: u64,
    /// In which interval it is charged.
    pub billed: Billed,
    /// What it costs; at most one price per currency and interval.
    pub prices: Vec<Price>,
    /// Whether prices or bounds are invented for demonstration.
    pub sample: bool,
}

/// Which quantities can be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuantityRule {
    /// The least.
    pub min: u64,
    /// The most.
    pub max: u64,
    /// Quantities are `min`, `min + step`, `min + 2 * step`, ... At least one.
    pub step: u64,
    /// Whether none at all is allowed too, although `min` is more than that.
    pub optional: bool,
}

/// In which interval an item is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Billed {
    /// In the interval that is selected for the plan.
    WithPlan,
    /// Always in this one, whatever the plan's is.
    Every(Interval),
}

impl QuantityRule {
    /// Whether this quantity can be bought.
    pub fn allows(self, quantity: u64) -> bool {
        if quantity == 0 && self.optional {
            return true;
        }
        let stepped = quantity
            .checked_sub(self.min)
            .and_then(|over| over.checked_rem(self.step))
            .is_some_and(|rest| rest == 0);
        stepped && quantity <= self.max
    }

    /// Whether a selection may leave the item out.
    pub fn may_be_absent(self) -> bool {
        self.allows(0)
    }
}

impl Billed {
    /// The interval, when the plan is charged in `plan`.
    pub fn interval(self, plan: Interval) -> Interval {
        match self {
            Self::WithPlan => plan,
            Self::Every(interval) => interval,
        }
    }
}

impl Offer {
    /// How many the customer has at hand when so many are bought: those and what the plan includes.
    pub fn at_hand(&self, bought: u64) -> u64 {
        self.included.saturating_add(bought)
    }

    /// The price in this currency and interval.
    pub fn price(&self, currency: Currency, interval: Interval) -> Option<&Price> {
        find_price(&self.prices, currency, interval)
    }
}

impl Plan {
    /// The price in this currency and interval.
    pub fn price(&self, currency: Currency, interval: Interval) -> Option<&Price> {
        find_price(&self.prices, currency, interval)
    }
}

fn find_price(prices: &[Price], currency: Currency, interval: Interval) -> Option<&Price> {
    prices
        .iter()
        .find(|price| price.currency == currency && price.interval == interval)
}

impl Catalog {
    /// The plan of this name.
    pub fn plan(&self, id: &PlanId) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == *id)
    }

    /// The item of this name.
    pub fn item(&self, id: &ItemId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == *id)
    }

    /// The offer of this item on this plan.
    pub fn offer(&self, plan: &PlanId, item: &ItemId) -> Option<&Offer> {
        self.offers
            .iter()
            .find(|offer| offer.plan == *plan && offer.item == *item)
    }

    /// The offers on this plan, in the order of the items.
    pub fn offers_on<'a>(&'a self, plan: &'a PlanId) -> impl Iterator<Item = &'a Offer> {
        self.items.iter().filter_map(|item| self.offer(plan, &item.id))
    }

    /// The plans that allow this item, in the catalogue's order.
    pub fn plans_allowing(&self, item: &ItemId) -> Vec<PlanId> {
        let allows = |plan: &&Plan| self.offer(&plan.id, item).is_some();
        self.plans
            .iter()
            .filter(allows)
            .map(|plan| plan.id.clone())
            .collect()
    }

    /// Where a plan stands in the seller's order, the smallest first.
    pub fn rank(&self, plan: &PlanId) -> Option<usize> {
        self.plans.iter().position(|other| other.id == *plan)
    }

    /// Every currency in which some plan has a price.
    pub fn currencies(&self) -> BTreeSet<Currency> {
        self.plans
            .iter()
            .flat_map(|plan| &plan.prices)
            .map(|price| price.currency)
            .collect()
    }

    /// Every price with its name at the provider: what a push of the catalogue creates.
    pub fn all_prices(&self) -> Vec<(PriceRef, PlanId, LineKey, Price)> {
        let of = |plan: &PlanId, key: LineKey, price: &Price| {
            let name = PriceRef::of(&self.seller, plan, &key, price);
            (name, plan.clone(), key, price.clone())
        };
        let plans = self
            .plans
            .iter()
            .flat_map(|plan| plan.prices.iter().map(|price| of(&plan.id, LineKey::Plan, price)));
        let offers = self.offers.iter().flat_map(|offer| {
            let key = LineKey::Item(offer.item.clone());
            offer
                .prices
                .iter()
                .map(move |price| of(&offer.plan, key.clone(), price))
        });
        plans.chain(offers).collect()
    }
}
