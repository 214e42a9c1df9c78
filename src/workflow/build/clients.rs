//! What agencies settle for their clients: the form, against the catalogue.

use std::collections::BTreeSet;

use toml::Spanned;

use super::Builder;
use crate::domain::catalog::{
    AllowanceRule, Catalog, ClientRules, ItemId, LimitKind, LimitRule, MeterId, PlanId, ServiceRule,
};
use crate::workflow::problem::{Span, did_you_mean};
use crate::workflow::raw::{RawAllowance, RawClients, RawLimit, RawService};

impl Builder<'_, '_> {
    pub(super) fn clients(&mut self, raw: RawClients, catalog: &Catalog) -> ClientRules {
        let mut meters = BTreeSet::new();
        ClientRules {
            licences: self.licences(raw.licences, catalog),
            retail: raw.retail,
            direct_support: raw.direct_support,
            services: self.services(raw.services, catalog),
            allowances: self.allowances(raw.allowances, &mut meters),
            limits: self.limits(raw.limits, &mut meters),
        }
    }

    fn licences(&mut self, raw: Spanned<Vec<Spanned<PlanId>>>, catalog: &Catalog) -> Vec<PlanId> {
        if raw.get_ref().is_empty() {
            self.say(&raw.span(), "`licences` names no plan");
        }
        let mut licences: Vec<PlanId> = Vec::new();
        for plan in raw.into_inner() {
            let span = plan.span();
            let plan = plan.into_inner();
            if catalog.plan(&plan).is_none() {
                let hint = did_you_mean(plan.as_str(), catalog.plans.iter().map(|other| other.id.as_str()));
                self.problems
                    .push(&span, format!("there is no plan `{plan}`"), hint);
            }
            if licences.contains(&plan) {
                self.say(&span, format!("the licence `{plan}` is listed twice"));
            }
            licences.push(plan);
        }
        licences
    }

    fn services(&mut self, raw: Vec<RawService>, catalog: &Catalog) -> Vec<ServiceRule> {
        let mut seen = BTreeSet::new();
        let mut taken: BTreeSet<ItemId> = BTreeSet::new();
        let mut services = Vec::new();
        for raw in raw {
            let span = raw.id.span();
            let id = raw.id.into_inner();
            if !seen.insert(id.clone()) {
                self.say(&span, format!("there are two services `{id}`"));
            }
            let mut items = BTreeSet::new();
            for item in raw.items {
                let span = item.span();
                let item = item.into_inner();
                if catalog.item(&item).is_none() {
                    let known = catalog.items.iter().map(|other| other.id.as_str());
                    let hint = did_you_mean(item.as_str(), known);
                    self.problems
                        .push(&span, format!("there is no item `{item}`"), hint);
                }
                if !taken.insert(item.clone()) {
                    self.say(&span, format!("`{item}` is charged for two services"));
                }
                items.insert(item);
            }
            services.push(ServiceRule {
                name: self.texts(&format!("the name of service `{id}`"), raw.name),
                items,
                managed_by: raw.managed_by,
                id,
            });
        }
        services
    }

    fn allowances(&mut self, raw: Vec<RawAllowance>, meters: &mut BTreeSet<MeterId>) -> Vec<AllowanceRule> {
        let mut allowances = Vec::new();
        for raw in raw {
            let span = raw.id.span();
            let id = raw.id.into_inner();
            self.counted_once(&span, &id, meters);
            if raw.default > *raw.max.get_ref() {
                let what = format!("the allowance `{id}` begins with more than can be entered");
                self.say(&raw.max.span(), what);
            }
            allowances.push(AllowanceRule {
                name: self.texts(&format!("the name of allowance `{id}`"), raw.name),
                default: raw.default,
                max: raw.max.into_inner(),
                id,
            });
        }
        allowances
    }

    fn limits(&mut self, raw: Vec<RawLimit>, meters: &mut BTreeSet<MeterId>) -> Vec<LimitRule> {
        let mut limits = Vec::new();
        for raw in raw {
            let span = raw.id.span();
            let id = raw.id.into_inner();
            self.counted_once(&span, &id, meters);
            let kinds: BTreeSet<LimitKind> = raw.declared_as.get_ref().iter().copied().collect();
            if kinds.is_empty() || kinds.len() < raw.declared_as.get_ref().len() {
                let hint = "name `count`, `money`, or both".to_owned();
                let what = format!("how the limit `{id}` is declared is not clear");
                self.say_with_hint(&raw.declared_as.span(), what, hint);
            }
            limits.push(LimitRule {
                name: self.texts(&format!("the name of limit `{id}`"), raw.name),
                kinds,
                max: raw.max,
                id,
            });
        }
        limits
    }

    fn counted_once(&mut self, at: &Span, id: &MeterId, meters: &mut BTreeSet<MeterId>) {
        if !meters.insert(id.clone()) {
            self.say(at, format!("`{id}` has two fields in the form"));
        }
    }
}
