//! What is sold: plans, items and offers.

use std::collections::{BTreeMap, BTreeSet};

use super::Builder;
use crate::domain::catalog::{Billed, Catalog, Item, ItemId, Offer, Plan, PlanId, QuantityRule, SellerId};
use crate::workflow::problem::{Span, did_you_mean};
use crate::workflow::raw::{RawItem, RawOffer, RawPlan, RawQuantities};

impl Builder<'_, '_> {
    pub(super) fn catalog(
        &mut self,
        seller: SellerId,
        plans: Vec<RawPlan>,
        items: Vec<RawItem>,
        offers: Vec<RawOffer>,
    ) -> Catalog {
        let plans = self.plans(plans);
        let items = self.items(items);
        let offers = self.offers(offers, &plans, &items);
        Catalog {
            seller,
            plans,
            items,
            offers,
        }
    }

    fn plans(&mut self, raw: Vec<RawPlan>) -> Vec<Plan> {
        let mut seen = BTreeSet::new();
        let mut plans = Vec::new();
        for raw in raw {
            let id = raw.id.get_ref().clone();
            let of = format!("plan `{id}`");
            if !seen.insert(id.clone()) {
                self.say(&raw.id.span(), format!("there are two plans `{id}`"));
            }
            if raw.sample {
                self.samples.push(format!("plan {id}"));
            }
            if raw.prices.is_empty() {
                self.say(&raw.id.span(), format!("{of} has no price"));
            }
            plans.push(Plan {
                name: self.texts(&format!("the name of {of}"), raw.name),
                summary: self.texts(&format!("the summary of {of}"), raw.summary),
                prices: self.prices(&of, raw.prices, 1),
                sample: raw.sample,
                id,
            });
        }
        plans
    }

    fn items(&mut self, raw: Vec<RawItem>) -> Vec<Item> {
        let mut seen = BTreeSet::new();
        let mut items = Vec::new();
        for raw in raw {
            let id = raw.id.get_ref().clone();
            let of = format!("item `{id}`");
            if !seen.insert(id.clone()) {
                self.say(&raw.id.span(), format!("there are two items `{id}`"));
            }
            if raw.sample {
                self.samples.push(format!("item {id}"));
            }
            items.push(Item {
                name: self.texts(&format!("the name of {of}"), raw.name),
                plural: self.texts(&format!("the plural of {of}"), raw.plural),
                help: match raw.help {
                    Some(help) => self.texts(&format!("the help of {of}"), help),
                    None => BTreeMap::new(),
                },
                sample: raw.sample,
                id,
            });
        }
        items
    }

    fn offers(&mut self, raw: Vec<RawOffer>, plans: &[Plan], items: &[Item]) -> Vec<Offer> {
        let mut offers: Vec<Offer> = Vec::new();
        for raw in raw {
            let item = raw.item.get_ref().clone();
            let of = format!("the offer of `{item}`");
            self.known_item(&raw.item.span(), &item, items);
            let quantities = self.quantities(&raw.quantities.span(), &of, raw.quantities.get_ref());
            if raw.prices.is_empty() {
                self.say(&raw.item.span(), format!("{of} has no price"));
            }
            if raw.plans.get_ref().is_empty() {
                self.say(&raw.plans.span(), format!("{of} names no plan"));
            }
            let prices = self.prices(&of, raw.prices, quantities.max);
            for plan in raw.plans.into_inner() {
                let span = plan.span();
                let plan = plan.into_inner();
                self.known_plan(&span, &plan, plans);
                if offers
                    .iter()
                    .any(|other| other.plan == plan && other.item == item)
                {
                    self.say(&span, format!("there are two offers of `{item}` on `{plan}`"));
                }
                if raw.sample {
                    self.samples.push(format!("offer {item} on {plan}"));
                }
                offers.push(Offer {
                    plan,
                    item: item.clone(),
                    quantities,
                    included: raw.included,
                    billed: raw.billed.map_or(Billed::WithPlan, Billed::Every),
                    prices: prices.clone(),
                    sample: raw.sample,
                });
            }
        }
        offers
    }

    fn known_item(&mut self, at: &Span, item: &ItemId, items: &[Item]) {
        if items.iter().all(|other| other.id != *item) {
            let hint = did_you_mean(item.as_str(), items.iter().map(|other| other.id.as_str()));
            self.problems.push(at, format!("there is no item `{item}`"), hint);
        }
    }

    fn known_plan(&mut self, at: &Span, plan: &PlanId, plans: &[Plan]) {
        if plans.iter().all(|other| other.id != *plan) {
            let hint = did_you_mean(plan.as_str(), plans.iter().map(|other| other.id.as_str()));
            self.problems.push(at, format!("there is no plan `{plan}`"), hint);
        }
    }

    fn quantities(&mut self, at: &Span, of: &str, raw: &RawQuantities) -> QuantityRule {
        let RawQuantities {
            min,
            max,
            step,
            optional,
        } = *raw;
        if step == 0 {
            self.say_with_hint(
                at,
                format!("{of}: the step is 0"),
                "leave it out to allow every quantity",
            );
        }
        if max == 0 || min > max {
            self.say(at, format!("{of}: no quantity lies between {min} and {max}"));
        } else if (max - min).checked_rem(step).is_some_and(|rest| rest != 0) {
            let reached = max - (max - min) % step;
            let hint = format!("in steps of {step} from {min} the last one is {reached}");
            self.say_with_hint(at, format!("{of}: {max} cannot be reached"), hint);
        }
        QuantityRule {
            min,
            max,
            step: step.max(1),
            optional,
        }
    }
}
