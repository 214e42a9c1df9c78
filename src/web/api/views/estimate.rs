use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::quote::{HoldingView, LineKind, RecurringView};
use super::reference::SupportView;
use super::{MoneyView, Reader};
use crate::domain::catalog::{EstimateLine, PlanId};
use crate::engine::{LiveEstimate, Way};

/// What a selection would cost, before tax, discount and balance. It binds nobody: the quote does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Estimate)]
pub struct EstimateBody {
    /// Which way the seller's rules lead such a change.
    pub way: WayView,
    /// What the seller says to it, where the change is not offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
    /// Until when nothing is quoted, because the renewal is too near.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frozen_until: Option<Timestamp>,
    /// "Now 5, will be 8": every quantity that changes.
    pub holdings: Vec<HoldingView>,
    /// What is credited and debited now.
    pub lines: Vec<EstimateLineView>,
    /// Their exact sum; below zero it is a credit that the customer keeps.
    pub total: MoneyView,
    /// What is to be paid now.
    pub due_now: MoneyView,
    /// The full price from the next renewal on, one row an interval; what is bought outside is not in it.
    pub recurring: Vec<RecurringView>,
    /// Whom to ask.
    pub support: SupportView,
}

/// Which way a change goes.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Way)]
pub enum WayView {
    /// The selection is what is held already.
    Nothing,
    /// It is quoted and takes effect once it is paid.
    Immediate,
    /// It is confirmed now, and takes effect with the next period; nothing is charged.
    AtPeriodEnd,
    /// It becomes a request that the seller's support answers; nothing is charged.
    Ticket,
    /// The seller does not offer it here.
    NotOffered,
}

/// One credit or debit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EstimateLine)]
pub struct EstimateLineView {
    /// `plan`, or `item:` and the item's id.
    #[schema(example = "item:device")]
    pub key: String,
    /// What it is called.
    pub name: String,
    /// Whether it gives back or asks.
    pub kind: LineKind,
    /// How many units.
    pub quantity: u64,
    /// The amount; credits are negative.
    pub amount: MoneyView,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

impl EstimateBody {
    /// The estimate, in the account's language.
    pub fn of(live: &LiveEstimate) -> Self {
        Self::told(Reader::new(&live.playbook, Some(live.account.language)), live)
    }

    /// The same, as it is told to this reader.
    pub fn told(reader: Reader<'_>, live: &LiveEstimate) -> Self {
        let (way, why_not) = match &live.way {
            Way::Nothing => (WayView::Nothing, None),
            Way::Immediate => (WayView::Immediate, None),
            Way::AtPeriodEnd => (WayView::AtPeriodEnd, None),
            Way::Ticket => (WayView::Ticket, None),
            Way::NotOffered(texts) => (
                WayView::NotOffered,
                texts.as_ref().map(|texts| reader.said(texts)),
            ),
        };
        let plan = &live.selection.plan;
        let estimate = &live.estimate;
        Self {
            way,
            why_not,
            frozen_until: live.frozen_until,
            holdings: live
                .holdings
                .iter()
                .map(|moved| HoldingView::of(reader, plan, moved))
                .collect(),
            lines: estimate
                .lines
                .iter()
                .map(|line| EstimateLineView::of(reader, plan, line))
                .collect(),
            total: reader.money(estimate.total),
            due_now: reader.money(estimate.due_now),
            recurring: estimate
                .recurring
                .iter()
                .map(|row| RecurringView::of(reader, *row))
                .collect(),
            support: SupportView::of(reader),
        }
    }
}

impl EstimateLineView {
    fn of(reader: Reader<'_>, plan: &PlanId, line: &EstimateLine) -> Self {
        use crate::domain::catalog::EstimateLineKind;
        Self {
            key: line.key.to_string(),
            name: reader.line_name(plan, &line.key),
            kind: match line.kind {
                EstimateLineKind::UnusedTime => LineKind::Credit,
                EstimateLineKind::RemainingTime => LineKind::Charge,
            },
            quantity: line.quantity,
            amount: reader.money(line.amount),
            from: line.from,
            until: line.until,
        }
    }
}
