//! What is given up beside what is charged. A change that waits for its money cannot take items away: the provider's pending
//! updates carry prices and quantities alone. Source: Stripe, "Pending updates", supported attributes.
//!
//! So a new line takes over the item of one that goes, and what is then still to be taken away goes only where nothing is due.

use super::Asking;
use crate::domain::account::LinePlace;
use crate::domain::catalog::{Interval, LineKey, TargetLine};
use crate::domain::change::{FieldProblem, QuoteLine, QuotedTarget, Refusal, RefusalCode};
use crate::ports::payments::{Preview, PreviewAsk};

impl Asking<'_> {
    /// The item of a line that goes and is charged in the same interval, for one that comes: such as another package's.
    pub(super) fn taken_over(&self, dropped: &mut Vec<QuotedTarget>, line: &TargetLine) -> Option<String> {
        let interval = |key: &LineKey| -> Option<Interval> { Some(self.contract.line(key)?.price.interval) };
        let fits = |gone: &QuotedTarget| interval(&gone.key) == Some(line.price.interval);
        let place = dropped.iter().position(fits)?;
        dropped.remove(place).item
    }

    /// Which line a price of a preview belongs to: one that comes, or one that is held.
    pub(super) fn key_of(&self, ask: &PreviewAsk, price: &str) -> Option<LineKey> {
        let target = ask.targets.iter().find(|target| target.price == price);
        let held = || {
            let item = self
                .facts
                .as_ref()?
                .items
                .iter()
                .find(|item| item.price == price)?;
            let carries =
                |place: &LinePlace| matches!(place, LinePlace::Provider { item: own } if *own == item.id);
            let line = self.contract.lines.iter().find(|line| carries(&line.place))?;
            Some(line.key.clone())
        };
        target.map(|target| target.key.clone()).or_else(held)
    }

    /// The unused part of a plan is credited under that plan's name, not under its successor's.
    pub(super) fn with_left_plan(&self, line: QuoteLine) -> QuoteLine {
        let leaves = self.contract.plan != self.selection.plan;
        let credits = line.key == Some(LineKey::Plan) && line.amount.amount < 0;
        QuoteLine {
            left_plan: (leaves && credits).then(|| self.contract.plan.clone()),
            ..line
        }
    }
}

/// Whether something would have to be taken away by a change that waits for its money.
pub(super) fn refused(ask: &PreviewAsk, preview: &Preview) -> Option<Refusal> {
    let gone = ask
        .targets
        .iter()
        .find(|target| target.quantity == 0 && target.item.is_some())?;
    if preview.amount_due.is_zero() {
        return None;
    }
    let detail = format!(
        "`{}` cannot be given up by the same change that charges for something else. Let the customer buy first, and give \
         it up in a change of its own.",
        gone.key
    );
    let pointer = match gone.key.item() {
        Some(item) => format!("/selection/quantities/{item}"),
        None => "/selection/plan".to_owned(),
    };
    let problem = FieldProblem {
        pointer: pointer.clone(),
        code: "given_up_beside_a_charge".to_owned(),
        detail: "Give it up in a change of its own, after this one.".to_owned(),
        instead: Vec::new(),
    };
    let refusal = Refusal::new(RefusalCode::SelectionInvalid, detail);
    Some(refusal.at(pointer).listing(vec![problem]))
}
