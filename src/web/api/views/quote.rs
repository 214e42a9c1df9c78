use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{MoneyView, Reader};
use crate::domain::catalog::{LineKey, PlanId, Recurring};
use crate::domain::change::{Drift, DriftCause, HoldingChange, NothingDue, Quote, QuoteLine, TaxLine};
use crate::domain::money::{Currency, Money};
use crate::text;

/// What a change costs, as the provider's preview said it at a pinned instant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Quote)]
pub struct QuoteView {
    /// Names it by its content: the customer accepts and confirms this one, and no other.
    #[schema(example = "q_9f2c51d07ab3e84d")]
    pub id: String,
    /// What is charged and credited today; they sum to `subtotal`.
    pub lines: Vec<QuoteLineView>,
    /// The lines, before tax and balance.
    pub subtotal: MoneyView,
    /// Taxes on top.
    pub tax: MoneyView,
    /// The same, tax by tax; nothing where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<TaxLineView>,
    /// Whether the taxes are missing, because the provider cannot tell them from the customer's address: it cannot be confirmed before
    /// that is right.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub taxes_unknown: bool,
    /// What the customer's credit balance pays; negative where an old debt is added.
    pub balance_used: MoneyView,
    /// What is too little to be charged, and is carried over to the next invoice instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carried: Option<MoneyView>,
    /// What will be charged when the customer confirms. Never below zero. The confirmation sends it back as `seen`.
    pub due_today: MoneyView,
    /// The full price from the next renewal on, one row an interval.
    pub recurring: Vec<RecurringView>,
    /// "Now 5, will be 8": every quantity that changes.
    pub holdings: Vec<HoldingView>,
    /// When it takes effect, where that is not at once: with the next period. Nothing is due for it; confirm it as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_at: Option<Timestamp>,
    /// Whether something that was promised for the end of the period falls away with it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub replaces_scheduled_change: bool,
    /// The instant from which the provider prorates.
    pub prorated_at: Timestamp,
    /// Until when the customer can confirm it.
    pub expires_at: Timestamp,
}

/// One amount of a quote.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuoteLine)]
pub struct QuoteLineView {
    /// What it is for: `plan`, or `item:` and the item's id; nothing where the provider adds a line of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "item:device")]
    pub key: Option<String>,
    /// What that is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it gives back or asks.
    pub kind: LineKind,
    /// How many units it covers.
    pub quantity: u64,
    /// The amount; credits are negative.
    pub amount: MoneyView,
    /// Whether it is for a part of a period.
    pub proration: bool,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// One tax of a quote, as the provider reckoned it for the customer's address and tax number.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TaxLine)]
pub struct TaxLineView {
    /// What it is called.
    #[schema(example = "VAT")]
    pub name: String,
    /// Its rate, as people read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "19%")]
    pub percentage: Option<String>,
    /// How much; negative where more is credited than charged.
    pub amount: MoneyView,
    /// Whether the seller's prices contain it. The lines are without it all the same.
    pub inside_prices: bool,
    /// Why nothing is due, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nothing_due: Option<NothingDueView>,
}

/// Why a tax that might be expected is not due.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NothingDue)]
pub struct NothingDueView {
    /// Which case it is.
    pub why: NothingDueWhy,
    /// The same as a sentence for the customer.
    #[schema(example = "You account for this tax yourself (reverse charge).")]
    pub text: String,
}

/// Why a tax that might be expected is not due.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NothingDueWhy {
    /// The customer, a business with a tax number, accounts for it.
    ReverseCharge,
    /// The customer is exempt.
    CustomerExempt,
    /// What is bought is exempt.
    ProductExempt,
    /// The rate is zero.
    ZeroRated,
}

/// Whether a line gives back or asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// It gives back what was paid and is not used up.
    Credit,
    /// It asks.
    Charge,
}

/// What is charged at each renewal of one interval.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recurring)]
pub struct RecurringView {
    /// How often.
    #[schema(example = "month")]
    pub interval: String,
    /// How much.
    pub amount: MoneyView,
    /// When next.
    pub renews_at: Timestamp,
    /// That day, as people read it.
    #[schema(example = "14 de março de 2026")]
    pub renews_on: String,
}

/// A quantity before and after.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Holding)]
pub struct HoldingView {
    /// `plan`, or `item:` and the item's id.
    #[schema(example = "item:device")]
    pub key: String,
    /// What it is called beside its number.
    #[schema(example = "dispositivos")]
    pub name: String,
    /// How many are held now.
    #[schema(example = 5)]
    pub now: u64,
    /// How many will be held.
    #[schema(example = 8)]
    pub then: u64,
    /// The difference with its sign, as people read it.
    #[schema(example = "+3")]
    pub difference: String,
    /// Why it ends with the change, for the customer: the other plan does not offer it. Only where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<String>,
}

/// Why a quote had to be made again, and what differs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Drift)]
pub struct DriftView {
    /// Why.
    pub why: DriftWhy,
    /// The quote that no longer holds.
    pub replaced: QuoteView,
    /// Line by line what differs; empty until the new quote is there.
    pub differences: Vec<DifferenceView>,
}

/// Why a quote had to be made again.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriftWhy {
    /// Its time ran out.
    Expired,
    /// The provider's preview gives other amounts now.
    AmountsMoved,
    /// The address or tax number changed, and taxes follow them.
    BillingDataChanged,
}

/// One amount that differs between two quotes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuoteDifference)]
pub struct DifferenceView {
    /// `plan`, `item:` and the item's id, `other`, `tax`, `balance_used` or `due_today`.
    #[schema(example = "item:device")]
    pub what: String,
    /// What that is called, for a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the line gives back or asks, for a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<LineKind>,
    /// The amount in the replaced quote.
    pub before: MoneyView,
    /// The amount now.
    pub after: MoneyView,
    /// How much more it is.
    pub difference: MoneyView,
}

impl LineKind {
    pub(super) fn of(amount: Money) -> Self {
        if amount.amount < 0 {
            Self::Credit
        } else {
            Self::Charge
        }
    }
}

impl QuoteView {
    pub(super) fn of(reader: Reader<'_>, plan: &PlanId, quote: &Quote) -> Self {
        let lines = quote.lines.iter();
        let recurring = quote.recurring.iter();
        let holdings = quote.holdings.iter();
        Self {
            id: quote.id.to_string(),
            lines: lines.map(|line| QuoteLineView::of(reader, plan, line)).collect(),
            subtotal: reader.money(quote.subtotal),
            tax: reader.money(quote.tax),
            taxes_unknown: quote.location_unknown,
            taxes: quote
                .taxes
                .iter()
                .map(|tax| TaxLineView::of(reader, tax))
                .collect(),
            balance_used: reader.money(quote.balance_used),
            carried: quote.carried.map(|carried| reader.money(carried)),
            due_today: reader.money(quote.due_today),
            recurring: recurring.map(|row| RecurringView::of(reader, *row)).collect(),
            holdings: holdings
                .map(|moved| HoldingView::of(reader, plan, moved))
                .collect(),
            effective_at: quote.effective_at,
            replaces_scheduled_change: quote.releases.is_some(),
            prorated_at: quote.prorated_at,
            expires_at: quote.expires_at,
        }
    }
}

impl QuoteLineView {
    fn of(reader: Reader<'_>, plan: &PlanId, line: &QuoteLine) -> Self {
        Self {
            key: line.key.as_ref().map(LineKey::to_string),
            name: line_name(reader, plan, line),
            kind: LineKind::of(line.amount),
            quantity: line.quantity,
            amount: reader.money(line.amount),
            proration: line.proration,
            from: line.from,
            until: line.until,
        }
    }
}

impl TaxLineView {
    fn of(reader: Reader<'_>, tax: &TaxLine) -> Self {
        let language = reader.language;
        Self {
            name: tax.name.clone().unwrap_or_else(|| text::tax::nameless(language)),
            percentage: tax.percentage.map(|rate| text::tax::percentage(language, rate)),
            amount: reader.money(tax.amount),
            inside_prices: tax.inside,
            nothing_due: tax.nothing_due.map(|why| NothingDueView {
                why: match why {
                    NothingDue::ReverseCharge => NothingDueWhy::ReverseCharge,
                    NothingDue::CustomerExempt => NothingDueWhy::CustomerExempt,
                    NothingDue::ProductExempt => NothingDueWhy::ProductExempt,
                    NothingDue::ZeroRated => NothingDueWhy::ZeroRated,
                },
                text: text::tax::nothing_due(language, why),
            }),
        }
    }
}

impl RecurringView {
    pub(super) fn of(reader: Reader<'_>, row: Recurring) -> Self {
        Self {
            interval: row.interval.to_string(),
            amount: reader.money(row.amount),
            renews_at: row.renews_at,
            renews_on: reader.day(row.renews_at),
        }
    }
}

impl HoldingView {
    pub(super) fn of(reader: Reader<'_>, plan: &PlanId, moved: &HoldingChange) -> Self {
        Self {
            key: moved.key.to_string(),
            name: reader.line_name(plan, &moved.key),
            now: moved.before,
            then: moved.after,
            difference: text::difference(reader.language, moved.before, moved.after),
            dropped: moved.dropped.then(|| {
                let (item, plan) = (
                    reader.line_name(plan, &moved.key),
                    reader.line_name(plan, &LineKey::Plan),
                );
                text::catalog::ends_with_the_change(reader.language, &item, &plan)
            }),
        }
    }
}

impl DriftView {
    pub(super) fn of(reader: Reader<'_>, plan: &PlanId, drift: &Drift, now: Option<&Quote>) -> Self {
        Self {
            why: match drift.why {
                DriftCause::Expired => DriftWhy::Expired,
                DriftCause::AmountsMoved => DriftWhy::AmountsMoved,
                DriftCause::BillingDataChanged => DriftWhy::BillingDataChanged,
            },
            replaced: QuoteView::of(reader, plan, &drift.replaced),
            differences: now.map_or_else(Vec::new, |now| differences(reader, plan, &drift.replaced, now)),
        }
    }
}

/// What a line is called, where it is one of ours.
fn line_name(reader: Reader<'_>, plan: &PlanId, line: &QuoteLine) -> Option<String> {
    let plan = line.left_plan.as_ref().unwrap_or(plan);
    Some(reader.line_name(plan, line.key.as_ref()?))
}

/// What one row of a comparison is about: a line's key with its sign.
fn row(line: &QuoteLine) -> (Option<&LineKey>, LineKind) {
    (line.key.as_ref(), LineKind::of(line.amount))
}

fn differences(reader: Reader<'_>, plan: &PlanId, before: &Quote, after: &Quote) -> Vec<DifferenceView> {
    // The first line of each row, in the order in which they come up.
    let mut firsts: Vec<&QuoteLine> = Vec::new();
    for line in before.lines.iter().chain(&after.lines) {
        if firsts.iter().all(|first| row(first) != row(line)) {
            firsts.push(line);
        }
    }
    let currency = after.due_today.currency;
    let lines = firsts.into_iter().map(|first| {
        let [before, after] = [before, after].map(|quote| sum(currency, quote, first));
        DifferenceView {
            what: first
                .key
                .as_ref()
                .map_or_else(|| "other".to_owned(), LineKey::to_string),
            name: line_name(reader, plan, first),
            kind: Some(LineKind::of(first.amount)),
            ..DifferenceView::of(reader, "", before, after)
        }
    });
    let totals = [
        ("tax", before.tax, after.tax),
        ("balance_used", before.balance_used, after.balance_used),
        ("due_today", before.due_today, after.due_today),
    ];
    let totals = totals.map(|(what, before, after)| DifferenceView::of(reader, what, before, after));
    lines
        .chain(totals)
        .filter(|row| row.before != row.after)
        .collect()
}

/// What a quote's lines of this kind come to. Amounts that a quote holds have been summed before, so that they fit.
fn sum(currency: Currency, quote: &Quote, first: &QuoteLine) -> Money {
    let same = |line: &&QuoteLine| row(line) == row(first);
    let amounts = quote.lines.iter().filter(same).map(|line| line.amount);
    Money::sum(currency, amounts).unwrap_or(Money::zero(currency))
}

impl DifferenceView {
    fn of(reader: Reader<'_>, what: &str, before: Money, after: Money) -> Self {
        let difference = after.minus(before).unwrap_or(Money::zero(after.currency));
        Self {
            what: what.to_owned(),
            name: None,
            kind: None,
            before: reader.money(before),
            after: reader.money(after),
            difference: reader.money(difference),
        }
    }
}
