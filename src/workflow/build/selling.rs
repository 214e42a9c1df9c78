//! What is sold: plans, items and offers.

use std::collections::BTreeSet;

use toml::Spanned;

use super::Builder;
use super::offering::RawOffering;
use crate::domain::catalog::{
    Billed, Catalog, GroupId, Item, ItemId, Needs, Offer, OptionRule, Plan, QuantityRule, RateTableId,
    SellerId,
};
use crate::domain::language::Texts;
use crate::workflow::problem::Span;
use crate::workflow::raw::{
    RawCredit, RawItem, RawNeeds, RawOffer, RawOptions, RawPlan, RawPrerequisite, RawQuantities,
};

/// The sections of a catalogue.
pub(super) struct RawCatalog {
    pub(super) offering: RawOffering,
    pub(super) credits: Vec<RawCredit>,
    pub(super) plans: Vec<RawPlan>,
    pub(super) items: Vec<RawItem>,
    pub(super) offers: Vec<RawOffer>,
    pub(super) prerequisites: Vec<RawPrerequisite>,
}

impl Builder<'_, '_> {
    pub(super) fn catalog(&mut self, seller: SellerId, raw: RawCatalog) -> Catalog {
        let mut catalog = Catalog::new(seller);
        let credits: Vec<_> = raw
            .credits
            .iter()
            .map(|credit| credit.id.get_ref().clone())
            .collect();
        self.offering(&mut catalog, raw.offering, &credits);
        catalog.plans = self.plans(raw.plans, &catalog);
        catalog.items = self.items(raw.items, &catalog);
        catalog.offers = self.offers(raw.offers, &catalog);
        catalog.credits = self.credits(raw.credits, &catalog);
        catalog.prerequisites = self.prerequisites(raw.prerequisites, &catalog);
        catalog
    }

    fn plans(&mut self, raw: Vec<RawPlan>, catalog: &Catalog) -> Vec<Plan> {
        let families: Vec<_> = catalog.families.iter().map(|family| family.id.clone()).collect();
        let mut names: BTreeSet<_> = raw.iter().map(|plan| plan.id.get_ref().clone()).collect();
        let mut seen = BTreeSet::new();
        let mut plans = Vec::new();
        for (place, raw) in raw.into_iter().enumerate() {
            let id = self.once(&mut seen, &raw.id, "plans");
            let of = format!("plan `{id}`");
            if raw.sample {
                self.samples.push(format!("plan {id}"));
            }
            if raw.prices.is_empty() {
                self.say(&raw.id.span(), format!("{of} has no price"));
            }
            for alias in &raw.aliases {
                if !names.insert(alias.get_ref().clone()) {
                    let what = format!("the name `{}` is another plan's already", alias.get_ref());
                    self.say(&alias.span(), what);
                }
            }
            if let Some(family) = &raw.family {
                self.known(&family.span(), "family", family.get_ref(), &families);
            }
            plans.push(Plan {
                name: self.texts(&format!("the name of {of}"), raw.name),
                summary: self.texts(&format!("the summary of {of}"), raw.summary),
                prices: self.prices(&of, raw.prices, 1),
                sample: raw.sample,
                aliases: raw.aliases.into_iter().map(Spanned::into_inner).collect(),
                family: raw.family.map(Spanned::into_inner),
                level: raw.level.unwrap_or(place),
                features: self.values(&of, raw.features, &catalog.features),
                next_step: raw.next_step.map(|step| self.next_step(&of, step)),
                id,
            });
        }
        plans
    }

    fn items(&mut self, raw: Vec<RawItem>, catalog: &Catalog) -> Vec<Item> {
        let all: Vec<_> = raw.iter().map(|item| item.id.get_ref().clone()).collect();
        let tables: Vec<_> = catalog.rates.iter().map(|table| table.id.clone()).collect();
        let mut seen = BTreeSet::new();
        let mut items = Vec::new();
        for raw in raw {
            let id = self.once(&mut seen, &raw.id, "items");
            let of = format!("item `{id}`");
            if raw.sample {
                self.samples.push(format!("item {id}"));
            }
            for table in &raw.rates {
                self.known(&table.span(), "rate table", table.get_ref(), &tables);
            }
            items.push(Item {
                name: self.texts(&format!("the name of {of}"), raw.name),
                plural: self.texts(&format!("the plural of {of}"), raw.plural),
                help: match raw.help {
                    Some(help) => self.texts(&format!("the help of {of}"), help),
                    None => Texts::new(),
                },
                sample: raw.sample,
                group: raw.group.map(|group| self.group(group, catalog)),
                needs: raw.needs.map(|needs| self.needs(&id, needs, &all)),
                options: raw
                    .options
                    .map(|options| self.options(&of, options, catalog, &tables)),
                on_another_plan: raw.on_another_plan,
                rates: raw.rates.into_iter().map(Spanned::into_inner).collect(),
                features: self.values(&of, raw.features, &catalog.features),
                next_step: raw.next_step.map(|step| self.next_step(&of, step)),
                id,
            });
        }
        items
    }

    fn group(&mut self, raw: Spanned<GroupId>, catalog: &Catalog) -> GroupId {
        let known: Vec<_> = catalog.groups.iter().map(|group| group.id.clone()).collect();
        self.known(&raw.span(), "group", raw.get_ref(), &known);
        raw.into_inner()
    }

    fn needs(&mut self, item: &ItemId, raw: Spanned<RawNeeds>, all: &[ItemId]) -> Needs {
        let span = raw.span();
        let raw = raw.into_inner();
        if raw.items.is_empty() {
            self.say(
                &span,
                format!("item `{item}` needs something, and does not say what"),
            );
        }
        for need in &raw.items {
            self.known(&need.span(), "item", need.get_ref(), all);
            if need.get_ref() == item {
                self.say(&need.span(), format!("item `{item}` cannot need itself"));
            }
        }
        Needs {
            items: raw.items.into_iter().map(Spanned::into_inner).collect(),
            held_before: raw.held_before,
        }
    }

    fn options(
        &mut self,
        of: &str,
        raw: Spanned<RawOptions>,
        catalog: &Catalog,
        tables: &[RateTableId],
    ) -> OptionRule {
        let span = raw.span();
        let raw = raw.into_inner();
        self.known(&raw.of.span(), "rate table", raw.of.get_ref(), tables);
        let rows = catalog
            .rate_table(raw.of.get_ref())
            .map_or(0, |table| table.rows.len() as u64);
        let (min, max) = (raw.min, raw.max.unwrap_or(rows));
        if rows > 0 && (max == 0 || min > max || max > rows) {
            let what = format!("{of}: from {min} to {max} of {rows} cannot be chosen");
            self.say(&span, what);
        }
        OptionRule {
            of: raw.of.into_inner(),
            min,
            max,
        }
    }

    fn offers(&mut self, raw: Vec<RawOffer>, catalog: &Catalog) -> Vec<Offer> {
        let plans: Vec<_> = catalog.plans.iter().map(|plan| plan.id.clone()).collect();
        let items: Vec<_> = catalog.items.iter().map(|item| item.id.clone()).collect();
        let mut offers: Vec<Offer> = Vec::new();
        for raw in raw {
            let item = raw.item.get_ref().clone();
            let of = format!("the offer of `{item}`");
            self.known(&raw.item.span(), "item", &item, &items);
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
                self.known(&span, "plan", &plan, &plans);
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
                    included: raw.included,
                    billed: raw.billed.map_or(Billed::WithPlan, Billed::Every),
                    sample: raw.sample,
                    after: raw.after,
                    ..Offer::new(plan, item.clone(), quantities, prices.clone())
                });
            }
        }
        offers
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
