//! From what a customer selects to the lines that a contract would have.

use std::collections::BTreeSet;

use super::combining;
use super::{
    Catalog, Interval, Item, ItemId, LineKey, Offer, OnAnotherPlan, Place, Plan, Price, PriceRef, Selection,
    SelectionProblem, TargetLine,
};
use crate::domain::account::{Contract, HeldLine};
use crate::domain::money::Currency;

impl Selection {
    /// What the contract holds now, as a selection to start editing from.
    pub fn of_contract(contract: &Contract) -> Self {
        let quantities = contract
            .lines
            .iter()
            .filter_map(|line| Some((line.key.item()?.clone(), line.quantity)))
            .collect();
        let options = contract
            .options
            .iter()
            .filter(|(item, _)| contract.bought(item) > 0);
        let of_plan = contract.line(&LineKey::Plan).map(|line| line.price.interval);
        let of_items = contract.lines.first().map(|line| line.price.interval);
        Self {
            plan: contract.plan.clone(),
            quantities,
            options: options
                .map(|(item, chosen)| (item.clone(), chosen.clone()))
                .collect(),
            currency: contract.currency,
            interval: of_plan.or(of_items).unwrap_or(Interval::MONTH),
        }
    }

    /// How many of this item are wanted.
    pub fn quantity(&self, item: &ItemId) -> u64 {
        self.quantities.get(item).copied().unwrap_or(0)
    }
}

impl Catalog {
    /// The lines that the contract would have, the plan first, then the items in the catalogue's order.
    ///
    /// A line that does not change keeps the price and the quantity that it has, even when the seller has meanwhile changed
    /// its catalogue; a line that changes is priced by this catalogue. A line that was bought outside stays as it is.
    pub fn resolve(
        &self,
        selection: &Selection,
        held: Option<&Contract>,
    ) -> Result<Vec<TargetLine>, Vec<SelectionProblem>> {
        let mut asked = Resolver {
            catalog: self,
            selection,
            // What is only proposed binds nobody.
            held: held.filter(|held| !held.is_proposed()),
            lines: Vec::new(),
            problems: Vec::new(),
        };
        asked.currency();
        match self.plan(&selection.plan) {
            Some(plan) => {
                asked.plan(plan);
                asked.items(plan);
                asked
                    .problems
                    .extend(combining::problems(self, plan, selection, held));
            }
            None => asked.problems.push(SelectionProblem::UnknownPlan {
                plan: selection.plan.clone(),
            }),
        }
        asked.unknown_items();
        asked.finish()
    }
}

struct Resolver<'a> {
    catalog: &'a Catalog,
    selection: &'a Selection,
    held: Option<&'a Contract>,
    lines: Vec<TargetLine>,
    problems: Vec<SelectionProblem>,
}

impl Resolver<'_> {
    fn currency(&mut self) {
        let asked = self.selection.currency;
        if let Some(held) = self.held.filter(|held| held.currency != asked) {
            self.problems.push(SelectionProblem::OtherCurrency {
                held: held.currency,
                asked,
            });
        }
    }

    fn plan(&mut self, plan: &Plan) {
        let key = LineKey::Plan;
        let Selection {
            currency, interval, ..
        } = *self.selection;
        let stays = self.held.is_some_and(|held| held.plan == plan.id);
        match self.held_line(&key) {
            Some(line) if line.place.place() == Place::Outside => {
                if stays && line.price.interval == interval {
                    self.keep(&line);
                } else {
                    self.problems.push(SelectionProblem::BoughtOutside { key });
                }
            }
            Some(line) if stays && same_terms(&line, currency, interval) && self.keeps_price(&line) => {
                self.keep(&line);
            }
            _ => self.priced(key, 1, plan.price(currency, interval), interval),
        }
    }

    /// A licence whose retail price has changed does not stay at what it was bought at.
    fn keeps_price(&self, line: &HeldLine) -> bool {
        let client = self.held.and_then(|held| held.client.as_ref());
        client.is_none_or(|client| client.keep(&line.price))
    }

    fn items(&mut self, plan: &Plan) {
        for item in &self.catalog.items {
            let quantity = self.selection.quantity(&item.id);
            let offer = self.catalog.offer(&plan.id, &item.id);
            self.item(plan, item, quantity, offer);
        }
    }

    fn item(&mut self, plan: &Plan, item: &Item, quantity: u64, offer: Option<&Offer>) {
        let kept_anywhere = item.on_another_plan == OnAnotherPlan::Keep;
        let item = &item.id;
        let key = LineKey::Item(item.clone());
        let held = self.held_line(&key);
        if let Some(line) = held
            .as_ref()
            .filter(|line| kept_anywhere && line.quantity == quantity)
            && line.price.currency == self.selection.currency
            && self.held.is_some_and(|held| held.plan != plan.id)
        {
            self.keep(line);
            return;
        }
        if let Some(line) = held.as_ref().filter(|line| line.place.place() == Place::Outside) {
            if line.quantity == quantity {
                self.keep(line);
            } else {
                self.problems.push(SelectionProblem::BoughtOutside { key });
            }
            return;
        }
        let Some(offer) = offer else {
            self.without_offer(plan, item, quantity, held.as_ref());
            return;
        };
        let interval = offer.billed.interval(self.selection.interval);
        let plan_stays = self.held.is_some_and(|held| held.plan == plan.id);
        if let Some(line) = held.filter(|line| {
            plan_stays && line.quantity == quantity && same_terms(line, self.selection.currency, interval)
        }) {
            self.keep(&line);
        } else if !offer.quantities.allows(quantity) {
            let rule = offer.quantities;
            self.problems.push(SelectionProblem::OutOfBounds {
                item: item.clone(),
                quantity,
                min: rule.min,
                max: rule.max,
                step: rule.step,
            });
        } else if quantity > 0 {
            self.priced(
                key,
                quantity,
                offer.price(self.selection.currency, interval),
                interval,
            );
        }
    }

    /// The plan does not allow the item: refused, unless it is not wanted, or held by an older catalogue and untouched.
    fn without_offer(&mut self, plan: &Plan, item: &ItemId, quantity: u64, held: Option<&HeldLine>) {
        let plan_stays = self.held.is_some_and(|held| held.plan == plan.id);
        match held {
            Some(line) if plan_stays && line.quantity == quantity => self.keep(line),
            _ if quantity == 0 => {}
            _ => self.problems.push(SelectionProblem::Ineligible {
                item: item.clone(),
                plan: plan.id.clone(),
                allowed_on: self.catalog.plans_allowing(item),
            }),
        }
    }

    /// Items that the catalogue does not know: kept when they are held and untouched, refused otherwise.
    fn unknown_items(&mut self) {
        let held_items = self
            .held
            .iter()
            .flat_map(|held| &held.lines)
            .filter_map(|line| line.key.item());
        let all: BTreeSet<_> = self
            .selection
            .quantities
            .keys()
            .chain(held_items)
            .cloned()
            .collect();
        let options = self.selection.options.keys().cloned();
        let all: BTreeSet<_> = all.into_iter().chain(options).collect();
        for item in all.into_iter().filter(|item| self.catalog.item(item).is_none()) {
            let quantity = self.selection.quantity(&item);
            let held = self.held_line(&LineKey::Item(item.clone()));
            match held {
                Some(line) if line.quantity == quantity => self.keep(&line),
                Some(_) if quantity == 0 => {}
                _ => self.problems.push(SelectionProblem::UnknownItem { item }),
            }
        }
    }

    fn held_line(&self, key: &LineKey) -> Option<HeldLine> {
        self.held.and_then(|held| held.line(key)).cloned()
    }

    fn keep(&mut self, line: &HeldLine) {
        self.lines.push(TargetLine {
            key: line.key.clone(),
            price_ref: line.price_ref.clone(),
            price: line.price.clone(),
            quantity: line.quantity,
            place: line.place.place(),
        });
    }

    fn priced(&mut self, key: LineKey, quantity: u64, price: Option<&Price>, interval: Interval) {
        let currency = self.selection.currency;
        let Some(price) = price else {
            self.problems.push(SelectionProblem::NoPrice {
                key,
                currency,
                interval,
            });
            return;
        };
        if price.amount(quantity).is_err() {
            self.problems.push(SelectionProblem::AmountTooLarge { key });
            return;
        }
        let price_ref = PriceRef::of(&self.catalog.seller, &self.selection.plan, &key, price);
        let price = price.clone();
        self.lines.push(TargetLine {
            key,
            price_ref,
            price,
            quantity,
            place: Place::Provider,
        });
    }

    fn finish(self) -> Result<Vec<TargetLine>, Vec<SelectionProblem>> {
        if self.problems.is_empty() {
            Ok(self.lines)
        } else {
            Err(self.problems)
        }
    }
}

fn same_terms(line: &HeldLine, currency: Currency, interval: Interval) -> bool {
    line.price.currency == currency && line.price.interval == interval
}
