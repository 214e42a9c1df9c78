use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::means::OutsideCredit;
use super::promise::Hold;
use super::tax::TaxLine;
use crate::domain::catalog::{
    Anchoring, Catalog, Differences, LineKey, NextStep, PlanId, Recurring, Selection,
};
use crate::domain::money::Money;

/// Names one quote by its content: the customer confirms this one, and no other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QuoteId(pub String);

impl fmt::Display for QuoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a change costs, as the provider's preview said it at a pinned instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Made from everything below.
    pub id: QuoteId,
    /// What is charged and credited today, line by line; they sum to `subtotal`.
    pub lines: Vec<QuoteLine>,
    /// The lines, before tax and balance.
    pub subtotal: Money,
    /// Taxes on top of the lines.
    pub tax: Money,
    /// The same, tax by tax, where the provider reckoned any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<TaxLine>,
    /// What the customer's credit balance pays (positive), or what an old debt adds (negative).
    pub balance_used: Money,
    /// What is too little to be charged and is carried over to the next invoice instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Money>,
    /// What will be charged when the customer confirms. Never below zero.
    pub due_today: Money,
    /// The full price of what will be held, from the next renewal on: one row an interval, with its date.
    pub recurring: Vec<Recurring>,
    /// The period of the lines that it is charged in: a renewal in between makes the quote stale.
    pub period_end: Option<Timestamp>,
    /// The instant from which the provider prorates, for the preview and for the charge alike.
    pub prorated_at: Timestamp,
    /// When the first period starts and ends, where the change makes a new subscription; `None` where it updates one.
    pub first_period: Option<FirstPeriod>,
    /// Until when the customer can confirm it.
    pub expires_at: Timestamp,
    /// What will be held at the provider, with the provider's names for the prices.
    pub targets: Vec<QuotedTarget>,
    /// The subscription's own default card when the quote was made: what an abort puts back.
    pub held_method: Option<String>,
    /// "Now 5, will be 8": every quantity that changes.
    pub holdings: Vec<HoldingChange>,
    /// When it takes effect, where that is not at once: the end of the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_at: Option<Timestamp>,
    /// What stands at the provider for a promise, and is taken away for the charge: the promise falls with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub releases: Option<Hold>,
    /// Whether the provider cannot tell from the customer's address which taxes are due: they are missing from it, and it cannot be confirmed
    /// before the address is right.
    #[serde(default, skip_serializing_if = "is_false")]
    pub location_unknown: bool,
    /// By which rates of the seller's own it is taxed, where the seller has some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_rates: Option<Box<QuotedTaxRates>>,
}

/// The rates that a quote is taxed by, as the provider names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedTaxRates {
    /// By which it is.
    pub wanted: Vec<String>,
    /// Those that the subscription has, which must give way before the charge.
    pub held: Vec<String>,
}

/// The stub from the day of contracting to the first billing day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstPeriod {
    /// The start that the subscription is given.
    pub starts_at: Timestamp,
    /// Its first billing day; equals a full period's end when the stub is a whole period.
    pub anchor: Timestamp,
    /// What the provider must be told about its renewals, so that it counts the same period.
    pub anchoring: Anchoring,
}

/// One amount of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteLine {
    /// What it is for; `None` where the provider adds a line that is not ours.
    pub key: Option<LineKey>,
    /// How many units it covers.
    pub quantity: u64,
    /// The amount; credits are negative.
    pub amount: Money,
    /// Whether it is for a part of a period.
    pub proration: bool,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// The unused part of money that was paid in another way than by the subscription: what it is credited on at the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<String>,
    /// The plan that a credit is for, where another one takes its place: both have the same key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_plan: Option<PlanId>,
}

/// One line that the provider's subscription will hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedTarget {
    /// What it is.
    pub key: LineKey,
    /// Our content-named key of the price.
    pub lookup_key: String,
    /// The provider's id of that price.
    pub price: String,
    /// The provider's id of the item that already holds this line; `None` for a new line.
    pub item: Option<String>,
    /// How many; zero removes the line.
    pub quantity: u64,
}

/// A quantity before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldingChange {
    /// Of what.
    pub key: LineKey,
    /// How many are held now.
    pub before: u64,
    /// How many will be held.
    pub after: u64,
    /// Whether it ends by the seller's rule, because the other plan does not offer it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub dropped: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl HoldingChange {
    /// Every quantity that moves.
    pub fn of(differences: &Differences) -> Vec<Self> {
        let moves = differences.moves.iter();
        moves
            .map(|(key, moved)| Self {
                key: key.clone(),
                before: moved.from,
                after: moved.to,
                dropped: key.item().is_some_and(|item| differences.dropped.contains(item)),
            })
            .collect()
    }
}

/// A selection together with the quote that was made for it: from Quote on, the two travel together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deal {
    /// What the customer wants.
    pub selection: Selection,
    /// What it costs.
    pub quote: Quote,
}

impl Deal {
    /// The next steps of what it brings: of another plan, and of items that were not held before.
    pub fn next_steps<'c>(&self, catalog: &'c Catalog) -> Vec<&'c NextStep> {
        let new = self
            .quote
            .holdings
            .iter()
            .filter(|moved| moved.before == 0 && moved.after > 0);
        let steps = new.filter_map(|moved| match moved.key.item() {
            Some(item) => catalog.item(item)?.next_step.as_ref(),
            None => catalog.plan(&self.selection.plan)?.next_step.as_ref(),
        });
        steps.collect()
    }
}

/// Why a quote had to be made again, with the one that it replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The quote that no longer holds.
    pub replaced: Quote,
    /// Why it does not.
    pub why: DriftCause,
}

/// What made a quote stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftCause {
    /// Its time ran out.
    Expired,
    /// The provider's preview gives other amounts now.
    AmountsMoved,
    /// The address or tax number changed, and taxes follow them.
    BillingDataChanged,
}

impl Quote {
    /// When the next renewal is, of whatever renews first; `None` where nothing renews at the provider.
    pub fn renews_at(&self) -> Option<Timestamp> {
        self.recurring.iter().map(|recurring| recurring.renews_at).min()
    }

    /// Whether it can be confirmed without choosing a way to pay: nothing is due today, and the renewals have a card or cost nothing.
    pub fn needs_no_method(&self) -> bool {
        let renewals_cost = self.recurring.iter().any(|recurring| !recurring.amount.is_zero());
        self.due_today.is_zero() && (self.held_method.is_some() || !renewals_cost)
    }

    /// What is credited of money that the provider's subscription does not know of.
    pub fn outside_credits(&self) -> Vec<OutsideCredit> {
        let credited = self.lines.iter().filter_map(|line| {
            Some(OutsideCredit {
                product: line.outside.clone()?,
                amount: line.amount,
                from: line.from,
                until: line.until,
            })
        });
        credited.collect()
    }

    /// Whether charging now would charge what this quote says: same due amount, same lines and taxes in the same
    /// order.
    pub fn same_amounts(&self, other: &Self) -> bool {
        self.due_today == other.due_today
            && self.subtotal == other.subtotal
            && self.tax == other.tax
            && self.taxes == other.taxes
            && self.balance_used == other.balance_used
            && self.carried == other.carried
            && self.same_lines(other)
            && self.targets == other.targets
    }

    /// A first subscription that begins at the moment of its making is previewed from that moment: its periods have moved
    /// with the time, and nothing else may have.
    fn same_lines(&self, other: &Self) -> bool {
        let begins_now = |quote: &Self| {
            quote
                .first_period
                .is_some_and(|first| first.anchoring == Anchoring::BeginsNow)
        };
        let periods_count = !(begins_now(self) && begins_now(other));
        self.lines.len() == other.lines.len()
            && self.lines.iter().zip(&other.lines).all(|(one, other)| {
                let same_period = (one.from, one.until) == (other.from, other.until);
                (&one.key, one.quantity, one.amount, one.proration)
                    == (&other.key, other.quantity, other.amount, other.proration)
                    && (same_period || !periods_count)
            })
    }
}
