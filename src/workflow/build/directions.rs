//! Which way a change goes: the rows of the table, each against the ones before it.

use std::collections::BTreeMap;

use toml::Spanned;

use super::Builder;
use crate::domain::catalog::{Catalog, Condition, Direction, DirectionRule, DirectionTable, Scope};
use crate::workflow::problem::Span;
use crate::workflow::raw::{RawDirection, RawOutcome};

/// Conditions that never hold together.
const CONTRADICTIONS: [(Condition, Condition); 8] = [
    (Condition::PlanChanges, Condition::PlanStays),
    (Condition::PlanHigher, Condition::PlanStays),
    (Condition::PlanLower, Condition::PlanStays),
    (Condition::PlanHigher, Condition::PlanLower),
    (Condition::FamilyChanges, Condition::PlanStays),
    (Condition::ItemDropped, Condition::PlanStays),
    (Condition::Bundled, Condition::PlanStays),
    (Condition::Unbundled, Condition::PlanStays),
];

impl Builder<'_, '_> {
    pub(super) fn directions(
        &mut self,
        raw: Vec<Spanned<RawDirection>>,
        catalog: &Catalog,
    ) -> DirectionTable {
        let mut rules: Vec<DirectionRule> = Vec::new();
        for raw in raw {
            let span = raw.span();
            let raw = raw.into_inner();
            let (when, then, text) = (raw.when, raw.then, raw.text);
            let scope = self.scope(&span, &when, (raw.items, raw.from, raw.to), catalog);
            let wider = |rule: &DirectionRule| {
                rule.scope.covers(&scope) && rule.when.iter().all(|condition| when.contains(condition))
            };
            if rules.iter().any(wider) {
                let hint = "the first rule that matches decides: put the narrower one first";
                self.say_with_hint(
                    &span,
                    "this rule is never reached: an earlier one matches whenever it does",
                    hint,
                );
            }
            self.conditions(&span, &when, then);
            let then = match (then, text) {
                (RawOutcome::Refused, Some(text)) => {
                    Direction::Refused(self.texts("the text of a refusal", text))
                }
                (RawOutcome::Refused, None) => {
                    self.say(
                        &span,
                        "a refusal needs a `text` that says where the customer can turn to",
                    );
                    Direction::Refused(BTreeMap::new())
                }
                (_, Some(text)) => {
                    self.say(&text.span(), "only a refusal has a `text`");
                    Direction::Immediate
                }
                (RawOutcome::Immediate, None) => Direction::Immediate,
                (RawOutcome::AtPeriodEnd, None) => Direction::AtPeriodEnd,
                (RawOutcome::Ticket, None) => Direction::Ticket,
            };
            rules.push(DirectionRule { when, scope, then });
        }
        DirectionTable { rules }
    }

    fn scope(
        &mut self,
        span: &Span,
        when: &[Condition],
        (items, from, to): RawScope,
        catalog: &Catalog,
    ) -> Scope {
        let known: Vec<_> = catalog.items.iter().map(|item| item.id.clone()).collect();
        for item in &items {
            self.known(&item.span(), "item", item.get_ref(), &known);
        }
        let known: Vec<_> = catalog.plans.iter().map(|plan| plan.id.clone()).collect();
        for plan in from.iter().chain(&to) {
            self.known(&plan.span(), "plan", plan.get_ref(), &known);
        }
        if !items.is_empty() && !when.iter().any(|condition| condition.is_of_items()) {
            let hint = "add one such as `any_quantity_lower` to `when`";
            self.say_with_hint(span, "`items` limits nothing: no condition speaks of items", hint);
        }
        Scope {
            items: items.into_iter().map(Spanned::into_inner).collect(),
            from: from.into_iter().map(Spanned::into_inner).collect(),
            to: to.into_iter().map(Spanned::into_inner).collect(),
        }
    }

    fn conditions(&mut self, span: &Span, when: &[Condition], then: RawOutcome) {
        let both = |(one, other): &&(Condition, Condition)| when.contains(one) && when.contains(other);
        if let Some((one, other)) = CONTRADICTIONS.iter().find(both) {
            self.say(span, format!("`{one}` and `{other}` never hold together"));
        }
        if when.contains(&Condition::CurrencyChanges) && then != RawOutcome::Refused {
            let hint = "the provider keeps a customer in one currency; refuse it with a `text`";
            self.say_with_hint(span, "a contract cannot go to another currency", hint);
        }
    }
}

/// What limits a row: items, plans from which, plans to which.
type RawScope = (
    Vec<Spanned<crate::domain::catalog::ItemId>>,
    Vec<Spanned<crate::domain::catalog::PlanId>>,
    Vec<Spanned<crate::domain::catalog::PlanId>>,
);
