//! Making a quote: what the provider previews, put into the words of the change.

mod beginnings;
mod outside;
pub(super) mod rates;
mod rechoosing;
mod removals;

use jiff::Timestamp;

use super::fingerprint::digest;
use super::pace::later;
use super::prices::Prices;
use super::{Engine, EngineError};
use crate::domain::account::{Contract, HeldLine, LinePlace};
use crate::domain::catalog::{
    Direction, EstimateInstant, LineKey, Place, Playbook, Selection, TargetLine, estimate, first_period,
};
use crate::domain::change::{
    CallFailure, FirstPeriod, Hold, HoldingChange, Quote, QuoteId, QuoteLine, QuotedTarget, Refusal,
    RefusalCode, SubscriptionFacts,
};
use crate::domain::money::Money;
use crate::measures;
use crate::ports::payments::{Payments, Preview, PreviewAsk, ReadError};
use crate::ports::store::Situation;

/// What a question for a quote came to.
pub(super) enum Quoted {
    /// This is what it costs.
    Quote(Box<Quote>),
    /// The state of things does not allow it.
    Refused(Refusal),
}

/// When a quoted change takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// As the seller's rules say.
    ByTheRules,
    /// When the period ends, without a charge.
    AtPeriodEnd,
}

/// Everything that a quote is made from.
struct Asking<'a> {
    now: Timestamp,
    playbook: &'a Playbook,
    selection: &'a Selection,
    contract: &'a Contract,
    target: Vec<TargetLine>,
    instant: EstimateInstant,
    pinned: Option<&'a Quote>,
    facts: Option<SubscriptionFacts>,
    /// Whether it takes effect when the period ends.
    waits: bool,
    /// What stands on the subscription for a promise of ours.
    held: Option<Hold>,
    /// By which rates of the seller's own it is taxed.
    rates: rates::AskedRates,
}

impl Engine {
    /// Asks the provider what a selection costs; at the instant of an earlier quote when it is to be checked again.
    pub(super) async fn quote(
        &self,
        situation: &Situation,
        playbook: &Playbook,
        selection: &Selection,
        pinned: Option<&Quote>,
        effect: Effect,
    ) -> Result<Quoted, EngineError> {
        let payments = &self.sellers().get(&situation.change.seller)?.payments;
        let facts = match &situation.contract.subscription {
            Some(id) => Some(payments.subscription(id).await?),
            None => None,
        };
        self.quote_upon(facts, situation, playbook, selection, pinned, effect)
            .await
    }

    /// The same, upon what the provider holds as it has just been read.
    pub(super) async fn quote_upon(
        &self,
        facts: Option<SubscriptionFacts>,
        situation: &Situation,
        playbook: &Playbook,
        selection: &Selection,
        pinned: Option<&Quote>,
        effect: Effect,
    ) -> Result<Quoted, EngineError> {
        let payments = self.sellers().get(&situation.change.seller)?.payments.clone();
        let contract = &situation.contract;
        let held = match &facts {
            // Only what stands there can be ours.
            Some(facts) if facts.schedule.is_some() || facts.ends_at.is_some() => {
                let promised = self.promised_on(contract.id).await?;
                promised
                    .filter(|promised| promised.change != situation.change.id)
                    .and_then(|promised| promised.hold())
            }
            _ => None,
        };
        let refusal = facts
            .as_ref()
            .and_then(|facts| facts.may_change(contract, held.as_ref()).err());
        if let Some(refusal) = refusal {
            return Ok(Quoted::Refused(refusal));
        }
        let rates = match self
            .tax_rates_for(
                &situation.change.seller,
                situation.billing.as_ref(),
                playbook,
                facts.as_ref(),
            )
            .await?
        {
            Ok(rates) => rates,
            Err(refusal) => return Ok(Quoted::Refused(refusal)),
        };
        let asking = match Asking::new(self.now(), playbook, selection, contract, facts, pinned) {
            Ok(asking) => asking.with(effect, held, rates),
            Err(refusal) => return Ok(Quoted::Refused(refusal)),
        };
        let (seller, customer) = (&situation.change.seller, &situation.account.provider_customer);
        let keys = asking.lookup_keys();
        let (prices, remembered) = self.prices(seller, payments.as_ref(), &keys).await?;
        match asking.answer(payments.as_ref(), customer.clone(), &prices).await {
            // Somebody may have replaced one of them.
            Err(EngineError::Provider(ReadError::Refused { .. })) if remembered => {
                let prices = self.prices_anew(seller, payments.as_ref(), &keys).await?;
                asking.answer(payments.as_ref(), customer.clone(), &prices).await
            }
            answer => answer,
        }
    }
}

impl<'a> Asking<'a> {
    fn new(
        now: Timestamp,
        playbook: &'a Playbook,
        selection: &'a Selection,
        contract: &'a Contract,
        facts: Option<SubscriptionFacts>,
        pinned: Option<&'a Quote>,
    ) -> Result<Self, Refusal> {
        let target = playbook
            .catalog
            .resolve(selection, Some(contract))
            .map_err(|problems| Refusal::of_selection(&problems, "/selection"))?;
        let mut instant = EstimateInstant::for_change(
            Some(contract),
            &target,
            playbook.policy.proration,
            contract.anchor_day,
            now,
            &playbook.seller.time_zone,
        )
        .map_err(|problem| {
            let detail = format!("No billing day can be found: {problem}.");
            Refusal::new(RefusalCode::SelectionInvalid, detail).at("/selection")
        })?;
        if let Some(quote) = pinned {
            instant.at = quote.prorated_at;
        }
        let asking = Self {
            now,
            playbook,
            selection,
            contract,
            target,
            instant,
            pinned,
            facts,
            waits: false,
            held: None,
            rates: rates::AskedRates::default(),
        };
        asking.outside_freeze()?;
        Ok(asking)
    }

    fn with(mut self, effect: Effect, held: Option<Hold>, rates: rates::AskedRates) -> Self {
        self.rates = rates;
        let rules = &self.playbook.policy.direction;
        let by_the_rules = || rules.decide(&self.differences()) == Some(&Direction::AtPeriodEnd);
        self.waits =
            self.contract.subscription.is_some() && (effect == Effect::AtPeriodEnd || by_the_rules());
        self.held = held;
        self
    }

    /// Close to a renewal, a quote made now might not hold: the seller's policy says how close.
    fn outside_freeze(&self) -> Result<(), Refusal> {
        match self.renews_at().filter(|_| self.contract.subscription.is_some()) {
            Some(renews_at) if self.playbook.policy.is_frozen(renews_at, self.now) => {
                let detail = format!("The plan renews at {renews_at}. Ask again after that.");
                Err(Refusal::new(RefusalCode::RenewalTooNear, detail))
            }
            _ => Ok(()),
        }
    }

    fn renews_at(&self) -> Option<Timestamp> {
        self.instant.periods.iter().map(|period| period.end).min()
    }

    async fn answer(
        &self,
        payments: &dyn Payments,
        customer: Option<String>,
        prices: &Prices,
    ) -> Result<Quoted, EngineError> {
        let keys = self.lookup_keys();
        let missing: Vec<&str> = keys
            .iter()
            .filter(|key| !prices.contains_key(*key))
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            let detail = format!(
                "The provider lacks these prices: {}. Run `changeover catalog push`, then ask again.",
                missing.join(", ")
            );
            return Ok(Quoted::Refused(Refusal::new(
                RefusalCode::CatalogNotPushed,
                detail,
            )));
        }
        let targets = self.targets(prices);
        if targets.is_empty()
            && let Some(quote) = self.rechosen()
        {
            return Ok(Quoted::Quote(Box::new(quote?)));
        }
        if targets.is_empty() {
            // Somebody has brought the subscription to what was wanted, past this program: there is nothing to charge for.
            let detail = "The subscription holds this already. Choose something else, then ask again.";
            return Ok(Quoted::Refused(Refusal::new(RefusalCode::NothingChanges, detail)));
        }
        let credits = match self.outside_credits() {
            Ok(credits) => credits,
            Err(problem) => {
                let detail = format!("What was paid before cannot be credited: {problem}.");
                let refusal = Refusal::new(RefusalCode::ProviderRefused, detail);
                return Ok(Quoted::Refused(refusal));
            }
        };
        let ask = PreviewAsk {
            customer,
            subscription: self.contract.subscription.clone(),
            targets,
            currency: self.selection.currency,
            prorated_at: self.instant.at,
            first_period: self.first_period(),
            credits,
            automatic_tax: self.playbook.policy.provider_reckons_taxes(),
            untaxed: false,
            tax_rates: self.rates.quoted.as_ref().map(|rates| rates.wanted.clone()),
        };
        if self.waits {
            let nothing = rechoosing::nothing_now(Money::zero(self.contract.currency));
            return Ok(Quoted::Quote(Box::new(self.put_together(ask, &nothing)?)));
        }
        if let Some(refusal) = beginnings::untaxable(&ask) {
            return Ok(Quoted::Refused(refusal));
        }
        let (ask, preview) = match self.estimated(&ask) {
            Some(preview) => (ask, preview),
            None => previewed(payments, ask).await?,
        };
        if let Some(refusal) = removals::refused(&ask, &preview) {
            return Ok(Quoted::Refused(refusal));
        }
        self.compare_with_estimate(&preview);
        Ok(Quoted::Quote(Box::new(self.put_together(ask, &preview)?)))
    }

    /// The prices of the lines that change at the provider.
    fn lookup_keys(&self) -> Vec<String> {
        self.changed()
            .map(|line| line.price_ref.as_str().to_owned())
            .collect()
    }

    /// The target lines that differ from what is held. Lines that stay are not named to the provider: they are not its
    /// business.
    fn changed(&self) -> impl Iterator<Item = &TargetLine> {
        self.target
            .iter()
            .filter(|line| line.place == Place::Provider)
            .filter(|line| {
                let held = self.contract.line(&line.key);
                held.map_or(line.quantity > 0, |held| {
                    held.quantity != line.quantity || held.price_ref != line.price_ref
                })
            })
    }

    fn targets(&self, prices: &Prices) -> Vec<QuotedTarget> {
        let mut dropped: Vec<QuotedTarget> = self.dropped().collect();
        let changed = self.changed().map(|line| QuotedTarget {
            key: line.key.clone(),
            lookup_key: line.price_ref.as_str().to_owned(),
            price: prices.get(line.price_ref.as_str()).cloned().unwrap_or_default(),
            item: self.item(line).or_else(|| self.taken_over(&mut dropped, line)),
            quantity: line.quantity,
        });
        let changed: Vec<QuotedTarget> = changed.collect();
        changed.into_iter().chain(dropped).collect()
    }

    fn item(&self, line: &TargetLine) -> Option<String> {
        match &self.contract.line(&line.key)?.place {
            LinePlace::Provider { item } => Some(item.clone()),
            LinePlace::Outside => None,
        }
    }

    /// Lines that are held at the provider and no longer wanted.
    fn dropped(&self) -> impl Iterator<Item = QuotedTarget> {
        let wanted = |key: &LineKey| {
            self.target
                .iter()
                .any(|line| line.key == *key && line.quantity > 0)
        };
        self.contract
            .lines
            .iter()
            .filter(move |held| !wanted(&held.key))
            .filter_map(|held| as_it_is(held, self.facts.as_ref()?))
            .map(|target| QuotedTarget {
                quantity: 0,
                ..target
            })
    }

    /// How a first subscription begins; checked again, exactly as it was quoted.
    fn first_period(&self) -> Option<FirstPeriod> {
        if self.contract.subscription.is_some() {
            return None;
        }
        if let Some(quote) = self.pinned {
            return quote.first_period;
        }
        let interval = self.instant.periods.first()?.interval;
        let (policy, time_zone) = (self.playbook.policy.proration, &self.playbook.seller.time_zone);
        let first = first_period(policy, interval, self.contract.anchor_day, self.now, time_zone).ok()?;
        Some(FirstPeriod {
            starts_at: first.start,
            anchor: first.whole.end,
            anchoring: first.anchoring,
        })
    }

    /// The estimate is what customers saw while a slider moved, with the taxes that prices contain. Where it is wrong, that is counted; it never blocks.
    fn compare_with_estimate(&self, preview: &Preview) {
        let inside = preview
            .taxes
            .iter()
            .filter(|tax| tax.inside)
            .map(|tax| tax.amount);
        let before = Money::sum(preview.subtotal.currency, inside.chain([preview.subtotal]));
        match estimate(&self.contract.lines, &self.target, &self.instant) {
            Ok(estimate) if Ok(estimate.total) == before => {}
            Ok(estimate) => {
                measures::estimate_off();
                tracing::warn!(estimate = %estimate.total, preview = %preview.subtotal, "estimate differs from preview");
            }
            Err(problem) => tracing::warn!(%problem, "no estimate could be made"),
        }
    }

    fn put_together(&self, ask: PreviewAsk, preview: &Preview) -> Result<Quote, EngineError> {
        let estimate = estimate(&self.contract.lines, &self.target, &self.instant);
        let recurring = estimate.map(|estimate| estimate.recurring).unwrap_or_default();
        let lines = preview.lines.iter().map(|line| QuoteLine {
            key: line.price.as_ref().and_then(|price| self.key_of(&ask, price)),
            quantity: line.quantity,
            amount: line.amount,
            proration: line.proration,
            from: line.from,
            until: line.until,
            outside: None,
            left_plan: None,
        });
        let lines = lines.map(|line| self.recognised(&ask, line));
        let lines = lines.map(|line| self.with_left_plan(line));
        let currency = preview.total.currency;
        let carried = preview.carried.unwrap_or(Money::zero(currency));
        let balance_used = preview
            .total
            .minus(preview.amount_due)
            .and_then(|used| used.minus(carried))
            .unwrap_or(Money::zero(currency));
        let differences = self.differences();
        let quote = Quote {
            id: QuoteId(String::new()),
            lines: lines.collect(),
            subtotal: preview.subtotal,
            tax: preview.tax,
            taxes: preview.taxes.clone(),
            balance_used,
            carried: preview.carried,
            due_today: preview.amount_due,
            recurring,
            period_end: self.renews_at(),
            prorated_at: self.instant.at,
            first_period: ask.first_period,
            expires_at: self.expires_at(),
            targets: ask.targets,
            held_method: self.facts.as_ref().and_then(|facts| facts.default_method.clone()),
            holdings: HoldingChange::of(&differences),
            effective_at: self.renews_at().filter(|_| self.waits),
            releases: self.held.clone(),
            location_unknown: ask.untaxed,
            tax_rates: self.rates.quoted.clone().map(Box::new),
        };
        Ok(named(quote)?)
    }

    /// A quote never outlives the period that it was made in, less the freeze before the renewal.
    fn expires_at(&self) -> Timestamp {
        let policy = &self.playbook.policy;
        let own = later(self.now, policy.quote_valid_for);
        let frozen = self
            .renews_at()
            .and_then(|at| at.checked_sub(policy.freeze_before_renewal).ok());
        frozen.map_or(own, |frozen| own.min(frozen))
    }
}

/// The preview. Where the provider cannot tell from the address which taxes are due, it is one without them, which the customer sees and
/// cannot confirm: else nothing would be quoted any more, and nobody would be asked for another address.
async fn previewed(payments: &dyn Payments, ask: PreviewAsk) -> Result<(PreviewAsk, Preview), ReadError> {
    match payments.preview(&ask).await {
        Err(ReadError::Refused { code, .. }) if code == CallFailure::LOCATION_UNKNOWN => {
            let ask = PreviewAsk { untaxed: true, ..ask };
            let preview = payments.preview(&ask).await?;
            Ok((ask, preview))
        }
        answer => answer.map(|preview| (ask, preview)),
    }
}

/// The quote under the name that its content gives it.
pub(super) fn named(mut quote: Quote) -> serde_json::Result<Quote> {
    let content = serde_json::to_vec(&quote)?;
    quote.id = QuoteId(format!("q_{}", &digest(&content)[..16]));
    Ok(quote)
}

/// A held line by its own item and price at the provider; nothing where it is charged elsewhere.
pub(super) fn as_it_is(line: &HeldLine, facts: &SubscriptionFacts) -> Option<QuotedTarget> {
    let LinePlace::Provider { item } = &line.place else {
        return None;
    };
    let facts = facts.items.iter().find(|facts| facts.id == *item)?;
    Some(QuotedTarget {
        key: line.key.clone(),
        lookup_key: line.price_ref.as_str().to_owned(),
        price: facts.price.clone(),
        item: Some(item.clone()),
        quantity: line.quantity,
    })
}
