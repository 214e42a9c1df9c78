use std::collections::{BTreeMap, BTreeSet};

use super::{
    Credit, Family, FamilyId, Feature, FeatureId, FeatureValue, Group, GroupId, Interval, ItemId, LineKey,
    Needs, NextStep, OnAnotherPlan, OptionRule, PlanId, Prerequisite, PrerequisiteId, Price, PriceRef,
    RateTable, RateTableId, SellerId,
};
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
    /// Which products plans belong to, where there is more than one.
    pub families: Vec<Family>,
    /// Items of which so many must be in every selection.
    pub groups: Vec<Group>,
    /// What plans and packages are compared by.
    pub features: Vec<Feature>,
    /// What is granted every month and used up.
    pub credits: Vec<Credit>,
    /// What each use costs in credits.
    pub rates: Vec<RateTable>,
    /// What has to be met outside of this program before something can be used.
    pub prerequisites: Vec<Prerequisite>,
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
    /// Other ids that clients may name it by.
    pub aliases: Vec<PlanId>,
    /// The product that it belongs to, where the seller has several.
    pub family: Option<FamilyId>,
    /// How high it stands: of two plans the one with the larger number is higher, and equal ones are neither.
    pub level: usize,
    /// What it has of each feature; what is not named it does not have.
    pub features: BTreeMap<FeatureId, FeatureValue>,
    /// What a customer does next once it is active.
    pub next_step: Option<NextStep>,
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
    /// The group that it is one choice of.
    pub group: Option<GroupId>,
    /// What it is bought on top of.
    pub needs: Option<Needs>,
    /// What has to be chosen with it.
    pub options: Option<OptionRule>,
    /// What becomes of it when the customer moves to another plan.
    pub on_another_plan: OnAnotherPlan,
    /// The tables to be read before it is bought.
    pub rates: Vec<RateTableId>,
    /// What it has of each feature.
    pub features: BTreeMap<FeatureId, FeatureValue>,
    /// What a customer does next once it is held.
    pub next_step: Option<NextStep>,
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
    /// How long an account must have used the service before it can be bought.
    pub after: Option<Interval>,
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

impl Plan {
    /// A plan that has nothing but a name and prices.
    pub fn new(id: PlanId, name: Texts, prices: Vec<Price>) -> Self {
        Self {
            id,
            name,
            summary: Texts::new(),
            prices,
            sample: false,
            aliases: Vec::new(),
            family: None,
            level: 0,
            features: BTreeMap::new(),
            next_step: None,
        }
    }
}

impl Item {
    /// An item that is nothing but its name.
    pub fn new(id: ItemId, name: Texts) -> Self {
        Self {
            id,
            plural: name.clone(),
            name,
            help: Texts::new(),
            sample: false,
            group: None,
            needs: None,
            options: None,
            on_another_plan: OnAnotherPlan::default(),
            rates: Vec::new(),
            features: BTreeMap::new(),
            next_step: None,
        }
    }
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
    /// An item on a plan, charged with it.
    pub fn new(plan: PlanId, item: ItemId, quantities: QuantityRule, prices: Vec<Price>) -> Self {
        Self {
            plan,
            item,
            quantities,
            included: 0,
            billed: Billed::WithPlan,
            prices,
            sample: false,
            after: None,
        }
    }

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
    /// A catalogue of a seller that sells nothing yet.
    pub fn new(seller: SellerId) -> Self {
        Self {
            seller,
            plans: Vec::new(),
            items: Vec::new(),
            offers: Vec::new(),
            families: Vec::new(),
            groups: Vec::new(),
            features: Vec::new(),
            credits: Vec::new(),
            rates: Vec::new(),
            prerequisites: Vec::new(),
        }
    }

    /// The plan of this name.
    pub fn plan(&self, id: &PlanId) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == *id)
    }

    /// The plan of this name, or the one that has it among its other names.
    pub fn plan_called(&self, name: &PlanId) -> Option<&Plan> {
        let also = || self.plans.iter().find(|plan| plan.aliases.contains(name));
        self.plan(name).or_else(also)
    }

    /// The item of this name.
    pub fn item(&self, id: &ItemId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == *id)
    }

    /// The items of which so many belong to every selection, in the catalogue's order.
    pub fn members<'a>(&'a self, group: &'a GroupId) -> impl Iterator<Item = &'a Item> {
        self.items
            .iter()
            .filter(move |item| item.group.as_ref() == Some(group))
    }

    /// The prerequisite of this name.
    pub fn prerequisite(&self, id: &PrerequisiteId) -> Option<&Prerequisite> {
        self.prerequisites.iter().find(|one| one.id == *id)
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

    /// How high a plan stands in the seller's order.
    pub fn rank(&self, plan: &PlanId) -> Option<usize> {
        self.plan(plan).map(|plan| plan.level)
    }

    /// Where an item stands in the seller's order.
    pub fn place_of(&self, item: &ItemId) -> Option<usize> {
        self.items.iter().position(|other| other.id == *item)
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
