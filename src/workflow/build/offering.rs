//! What belongs together and what is granted: families, groups, features, credits, rate tables, prerequisites.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use toml::Spanned;

use super::Builder;
use crate::domain::catalog::{
    Catalog, Credit, CreditId, Family, Feature, FeatureId, FeatureValue, Group, NextStep, Prerequisite, Rate,
    RateTable, Share,
};
use crate::domain::language::Texts;
use crate::workflow::problem::{Span, did_you_mean};
use crate::workflow::raw::{
    RawCredit, RawFamily, RawFeature, RawFeatureValue, RawFeatures, RawGroup, RawNextStep, RawPrerequisite,
    RawRateTable, RawShare,
};

/// The sections that plans and items refer to.
pub(super) struct RawOffering {
    pub(super) families: Vec<RawFamily>,
    pub(super) groups: Vec<RawGroup>,
    pub(super) features: Vec<RawFeature>,
    pub(super) rates: Vec<RawRateTable>,
}

impl Builder<'_, '_> {
    pub(super) fn offering(&mut self, catalog: &mut Catalog, raw: RawOffering, credits: &[CreditId]) {
        catalog.families = self.families(raw.families);
        catalog.groups = self.groups(raw.groups);
        catalog.features = self.features(raw.features);
        catalog.rates = self.rates(raw.rates, credits);
    }

    /// Tells an id that is there already; `what` names its kind.
    pub(super) fn once<T: Ord + Clone + fmt::Display>(
        &mut self,
        seen: &mut BTreeSet<T>,
        id: &Spanned<T>,
        what: &str,
    ) -> T {
        let own = id.get_ref().clone();
        if !seen.insert(own.clone()) {
            self.say(&id.span(), format!("there are two {what} `{own}`"));
        }
        own
    }

    /// Tells an id that names nothing.
    pub(super) fn known<T: PartialEq + fmt::Display>(&mut self, at: &Span, what: &str, id: &T, known: &[T]) {
        if known.contains(id) {
            return;
        }
        let names: Vec<String> = known.iter().map(ToString::to_string).collect();
        let hint = did_you_mean(&id.to_string(), names.iter().map(String::as_str));
        self.problems.push(at, format!("there is no {what} `{id}`"), hint);
    }

    fn families(&mut self, raw: Vec<RawFamily>) -> Vec<Family> {
        let all: Vec<_> = raw.iter().map(|family| family.id.get_ref().clone()).collect();
        let mut seen = BTreeSet::new();
        let mut families = Vec::new();
        for raw in raw {
            let id = self.once(&mut seen, &raw.id, "families");
            for part in &raw.contains {
                self.known(&part.span(), "family", part.get_ref(), &all);
                if *part.get_ref() == id {
                    self.say(&part.span(), format!("family `{id}` cannot contain itself"));
                }
            }
            families.push(Family {
                name: self.texts(&format!("the name of family `{id}`"), raw.name),
                contains: raw.contains.into_iter().map(Spanned::into_inner).collect(),
                id,
            });
        }
        families
    }

    fn groups(&mut self, raw: Vec<RawGroup>) -> Vec<Group> {
        let mut seen = BTreeSet::new();
        let mut groups = Vec::new();
        for raw in raw {
            let id = self.once(&mut seen, &raw.id, "groups");
            let (min, max) = (raw.min, *raw.max.get_ref());
            if max == 0 || min > max {
                let what = format!("of group `{id}` no number lies between {min} and {max}");
                self.say(&raw.max.span(), what);
            }
            groups.push(Group {
                name: self.texts(&format!("the name of group `{id}`"), raw.name),
                min,
                max,
                id,
            });
        }
        groups
    }

    fn features(&mut self, raw: Vec<RawFeature>) -> Vec<Feature> {
        let mut seen = BTreeSet::new();
        let mut features = Vec::new();
        for raw in raw {
            let id = self.once(&mut seen, &raw.id, "features");
            features.push(Feature {
                name: self.texts(&format!("the name of feature `{id}`"), raw.name),
                help: match raw.help {
                    Some(help) => self.texts(&format!("the help of feature `{id}`"), help),
                    None => Texts::new(),
                },
                id,
            });
        }
        features
    }

    /// What a plan or an item has of each feature.
    pub(super) fn values(
        &mut self,
        of: &str,
        raw: RawFeatures,
        features: &[Feature],
    ) -> BTreeMap<FeatureId, FeatureValue> {
        let known: Vec<_> = features.iter().map(|feature| feature.id.clone()).collect();
        let mut values = BTreeMap::new();
        for (id, value) in raw {
            let span = value.span();
            self.known(&span, "feature", &id, &known);
            let value = match value.into_inner() {
                RawFeatureValue::Included(included) => FeatureValue::Included(included),
                RawFeatureValue::Number(number) => FeatureValue::Number(number),
                RawFeatureValue::Said(texts) => {
                    let texts = Spanned::new(span, texts);
                    FeatureValue::Said(self.texts(&format!("feature `{id}` of {of}"), texts))
                }
            };
            values.insert(id, value);
        }
        values
    }

    pub(super) fn credits(&mut self, raw: Vec<RawCredit>, catalog: &Catalog) -> Vec<Credit> {
        let mut seen = BTreeSet::new();
        let mut credits = Vec::new();
        for raw in raw {
            let id = self.once(&mut seen, &raw.id, "kinds of credits");
            let of = format!("the credits `{id}`");
            if raw.sample {
                self.samples.push(format!("credits {id}"));
            }
            if raw.grants.get_ref().is_empty() {
                self.say(&raw.grants.span(), format!("nothing grants {of}"));
            }
            let grants = raw.grants.into_inner();
            credits.push(Credit {
                name: self.texts(&format!("the name of {of}"), raw.name),
                grants: grants
                    .into_iter()
                    .map(|share| self.share(&of, share, catalog))
                    .collect(),
                id,
            });
        }
        credits
    }

    pub(super) fn share(&mut self, of: &str, raw: RawShare, catalog: &Catalog) -> Share {
        let plans: Vec<_> = catalog.plans.iter().map(|plan| plan.id.clone()).collect();
        for plan in &raw.plans {
            self.known(&plan.span(), "plan", plan.get_ref(), &plans);
        }
        if let Some(item) = &raw.item {
            let items: Vec<_> = catalog.items.iter().map(|item| item.id.clone()).collect();
            self.known(&item.span(), "item", item.get_ref(), &items);
        }
        if *raw.units.get_ref() == 0 {
            self.say(&raw.units.span(), format!("this grants none of {of}"));
        }
        Share {
            plans: raw.plans.into_iter().map(Spanned::into_inner).collect(),
            item: raw.item.map(Spanned::into_inner),
            units: raw.units.into_inner(),
        }
    }

    fn rates(&mut self, raw: Vec<RawRateTable>, known: &[CreditId]) -> Vec<RateTable> {
        let mut seen = BTreeSet::new();
        let mut tables = Vec::new();
        for raw in raw {
            let id = self.once(&mut seen, &raw.id, "rate tables");
            let of = format!("rate table `{id}`");
            self.known(&raw.credit.span(), "kind of credits", raw.credit.get_ref(), known);
            if raw.rows.get_ref().is_empty() {
                self.say(&raw.rows.span(), format!("{of} has no rows"));
            }
            if raw.sample {
                self.samples.push(format!("rates {id}"));
            }
            let mut rows = BTreeSet::new();
            let all = raw.rows.into_inner().into_iter().map(|row| {
                let own = row.id.get_ref().clone();
                if !rows.insert(own.clone()) {
                    self.say(&row.id.span(), format!("there are two rows `{own}` in {of}"));
                }
                if *row.credits.get_ref() == 0 {
                    let what = format!("`{own}` of {of} costs nothing");
                    self.say_with_hint(&row.credits.span(), what, "name the credits of each use");
                }
                Rate {
                    name: self.texts(&format!("the name of `{own}` of {of}"), row.name),
                    credits: row.credits.into_inner(),
                    sample: raw.sample,
                    id: own,
                }
            });
            let rows = all.collect();
            tables.push(RateTable {
                name: self.texts(&format!("the name of {of}"), raw.name),
                credit: raw.credit.into_inner(),
                per: self.texts(&format!("`per` of {of}"), raw.per),
                rows,
                id,
            });
        }
        tables
    }

    pub(super) fn prerequisites(
        &mut self,
        raw: Vec<RawPrerequisite>,
        catalog: &Catalog,
    ) -> Vec<Prerequisite> {
        let known: Vec<_> = catalog.items.iter().map(|item| item.id.clone()).collect();
        let mut seen = BTreeSet::new();
        let mut prerequisites = Vec::new();
        for raw in raw {
            let id = self.once(&mut seen, &raw.id, "prerequisites");
            let of = format!("prerequisite `{id}`");
            if raw.items.get_ref().is_empty() {
                self.say(&raw.items.span(), format!("{of} names no item"));
            }
            let items = raw.items.into_inner();
            for item in &items {
                self.known(&item.span(), "item", item.get_ref(), &known);
            }
            prerequisites.push(Prerequisite {
                items: items.into_iter().map(Spanned::into_inner).collect(),
                name: self.texts(&format!("the name of {of}"), raw.name),
                question: self.texts(&format!("the question of {of}"), raw.question),
                text: self.texts(&format!("the text of {of}"), raw.text),
                next_step: self.next_step(&of, raw.next_step),
                id,
            });
        }
        prerequisites
    }

    pub(super) fn next_step(&mut self, of: &str, raw: RawNextStep) -> NextStep {
        if let Some(url) = &raw.url {
            self.link(url);
        }
        NextStep {
            text: self.texts(&format!("the next step of {of}"), raw.text),
            url: raw.url.map(Spanned::into_inner),
        }
    }
}
