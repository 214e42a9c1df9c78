//! Planning a promise for the end of a period: what the provider holds now, what it is to hold from then on, and when that is.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::account::LinePlace;
use crate::domain::catalog::{LineKey, Place, Playbook, Selection};
use crate::domain::change::{
    Deal, Event, HoldingChange, ItemFacts, PhaseItem, PromisePlan, Quote, QuoteId, QuotedTarget, Refusal,
    RefusalCode, SubscriptionFacts,
};
use crate::domain::money::Money;
use crate::engine::footing::Footing;
use crate::engine::quoting::{Effect, Quoted, as_it_is, named};
use crate::engine::{Engine, EngineError};
use crate::ports::store::Situation;

impl Engine {
    /// Asks the provider what it holds, and says what it is to be asked for.
    pub(in crate::engine) async fn plan_promise(
        &self,
        footing: &Footing,
    ) -> Result<Option<Event>, EngineError> {
        let Footing {
            situation,
            stage,
            playbook,
        } = footing;
        let (Some(selection), Some(ask)) = (stage.selection(), stage.ask()) else {
            return Ok(None);
        };
        let refuse = |refusal| Ok(Some(Event::QuoteRefused { refusal }));
        let contract = &situation.contract;
        let Some(subscription) = contract.subscription.clone() else {
            let detail = "Nothing is charged at the provider, so that there is no period that could end.";
            return refuse(Refusal::new(RefusalCode::SubscriptionEnded, detail));
        };
        let payments = self.sellers().get(&situation.change.seller)?.payments.clone();
        let facts = payments.subscription(&subscription).await?;
        if let Err(refusal) = facts.may_change(contract, None) {
            return refuse(refusal);
        }
        let quote = if ask.ends {
            self.ending_quote(situation, &facts)?
        } else {
            let quoted = self.quote_upon(
                Some(facts.clone()),
                situation,
                playbook,
                selection,
                None,
                Effect::AtPeriodEnd,
            );
            match quoted.await? {
                Quoted::Quote(quote) => *quote,
                Quoted::Refused(refusal) => return refuse(refusal),
            }
        };
        let then = if ask.ends {
            Vec::new()
        } else {
            phase_then(situation, playbook, selection, &facts, &quote)?
        };
        let Some((starts_at, at)) = one_period(&facts) else {
            let detail =
                "What is charged renews on different days. Promise a day instead of the end of the period.";
            return refuse(Refusal::new(RefusalCode::NotAllowedHere, detail));
        };
        if playbook.policy.is_frozen(at, self.now()) {
            let detail = format!("The plan renews at {at}. Ask again after that.");
            return refuse(Refusal::new(RefusalCode::RenewalTooNear, detail));
        }
        let periods = &contract.periods;
        let ending = periods.iter().find(|period| period.end == at);
        let interval = ending.or(periods.first()).map(|period| period.interval);
        let plan = PromisePlan {
            subscription,
            starts_at,
            at,
            interval: interval.unwrap_or(selection.interval),
            now: facts.items.iter().map(item).collect(),
            then,
            tax_rates: facts.tax_rates.clone(),
            deal: Deal {
                selection: selection.clone(),
                quote,
            },
        };
        Ok(Some(Event::Planned { plan: Box::new(plan) }))
    }

    /// Reads what stands at the provider for a promise.
    pub(in crate::engine) async fn look_at_promise(
        &self,
        footing: &Footing,
    ) -> Result<Option<Event>, EngineError> {
        let situation = &footing.situation;
        let Some(subscription) = footing
            .stage
            .promise()
            .map(|promise| promise.plan.subscription.clone())
        else {
            return Ok(None);
        };
        let seller = self.sellers().get(&situation.change.seller)?;
        let facts = seller.unhurried().subscription(&subscription).await?;
        Ok(Some(Event::StandingSeen {
            facts: Box::new(facts),
        }))
    }

    /// What the end of a contract costs: nothing, ever again.
    fn ending_quote(&self, situation: &Situation, facts: &SubscriptionFacts) -> Result<Quote, EngineError> {
        let contract = &situation.contract;
        let nothing = Money::zero(contract.currency);
        let held = contract.lines.iter().filter_map(|line| as_it_is(line, facts));
        let targets = held.map(|target| QuotedTarget {
            quantity: 0,
            ..target
        });
        let holdings = contract
            .lines
            .iter()
            .filter(|line| line.place.place() == Place::Provider);
        let at = facts.items.iter().map(|item| item.period_end).min();
        let quote = Quote {
            id: QuoteId(String::new()),
            lines: Vec::new(),
            subtotal: nothing,
            tax: nothing,
            taxes: Vec::new(),
            balance_used: nothing,
            due_today: nothing,
            carried: None,
            recurring: Vec::new(),
            period_end: at,
            prorated_at: self.now(),
            first_period: None,
            expires_at: at.unwrap_or(self.now()),
            targets: targets.collect(),
            held_method: facts.default_method.clone(),
            holdings: holdings
                .map(|line| HoldingChange {
                    key: line.key.clone(),
                    before: line.quantity,
                    after: 0,
                    dropped: false,
                })
                .collect(),
            effective_at: at,
            releases: None,
            location_unknown: false,
            tax_rates: None,
        };
        Ok(named(quote)?)
    }
}

fn item(held: &ItemFacts) -> PhaseItem {
    PhaseItem {
        price: held.price.clone(),
        quantity: held.quantity,
    }
}

/// What is held from then on: what was held and is still wanted as it is, and what changes.
fn phase_then(
    situation: &Situation,
    playbook: &Playbook,
    selection: &Selection,
    facts: &SubscriptionFacts,
    quote: &Quote,
) -> Result<Vec<PhaseItem>, EngineError> {
    let contract = &situation.contract;
    let wanted = playbook
        .catalog
        .resolve(selection, Some(contract))
        .map_err(|problems| Refusal::of_selection(&problems, "/selection"))?;
    let changing: BTreeMap<&LineKey, &QuotedTarget> =
        quote.targets.iter().map(|target| (&target.key, target)).collect();
    let mut then = Vec::new();
    for line in wanted
        .iter()
        .filter(|line| line.place == Place::Provider && line.quantity > 0)
    {
        if let Some(target) = changing.get(&line.key) {
            then.push(PhaseItem {
                price: target.price.clone(),
                quantity: target.quantity,
            });
            continue;
        }
        let held = contract.line(&line.key).and_then(|held| match &held.place {
            LinePlace::Provider { item } => facts.items.iter().find(|facts| facts.id == *item),
            LinePlace::Outside => None,
        });
        then.extend(held.map(item));
    }
    Ok(then)
}

/// The period of all that is charged, where it is one.
fn one_period(facts: &SubscriptionFacts) -> Option<(Timestamp, Timestamp)> {
    let first = facts.items.first()?;
    let same = facts.items.iter().all(|item| item.period_end == first.period_end);
    same.then_some((first.period_start, first.period_end))
}
