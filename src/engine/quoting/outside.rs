//! Money that was paid outside of the subscription: its unused part is credited as a line of its own.

use super::Asking;
use crate::domain::account::{HeldLine, LinePlace};
use crate::domain::catalog::unused;
use crate::domain::change::{OutsideCredit, QuoteLine};
use crate::domain::money::MoneyError;
use crate::ports::payments::PreviewAsk;

impl Asking<'_> {
    /// What is credited of money that was paid for the changed lines outside of their subscription: the unused part of it.
    pub(super) fn outside_credits(&self) -> Result<Vec<OutsideCredit>, MoneyError> {
        let touched = |line: &&HeldLine| {
            let target = self.target.iter().find(|target| target.key == line.key);
            target.is_none_or(|target| target.quantity != line.quantity || target.price_ref != line.price_ref)
        };
        let mut credits = Vec::new();
        for line in self.contract.lines.iter().filter(touched) {
            let unused = line.outside.map(|paid| unused(paid, self.instant.at)).transpose();
            let Some((paid, amount)) = line.outside.zip(unused?).filter(|(_, amount)| !amount.is_zero())
            else {
                continue;
            };
            let item = match &line.place {
                LinePlace::Provider { item } => item,
                LinePlace::Outside => continue,
            };
            let facts = self.facts.as_ref();
            let held = facts.and_then(|facts| facts.items.iter().find(|held| held.id == *item));
            let Some(product) = held.and_then(|held| held.product.clone()) else {
                continue;
            };
            credits.push(OutsideCredit {
                product,
                amount,
                from: self.instant.at,
                until: paid.until,
            });
        }
        Ok(credits)
    }

    /// A line that credits money from outside says so, and for what: it comes without a price of ours.
    pub(super) fn recognised(&self, ask: &PreviewAsk, line: QuoteLine) -> QuoteLine {
        let is_this = |credit: &&OutsideCredit| {
            (credit.amount, credit.from, credit.until) == (line.amount, line.from, line.until)
        };
        let Some(credit) = ask.credits.iter().find(is_this).filter(|_| line.key.is_none()) else {
            return line;
        };
        let facts = self.facts.as_ref();
        let item = facts.and_then(|facts| {
            facts
                .items
                .iter()
                .find(|item| item.product.as_ref() == Some(&credit.product))
        });
        let held = item.and_then(|item| self.contract.lines.iter().find(|line| carries(line, &item.id)));
        QuoteLine {
            key: held.map(|held| held.key.clone()),
            quantity: held.map_or(line.quantity, |held| held.quantity),
            outside: Some(credit.product.clone()),
            proration: true,
            ..line
        }
    }
}

fn carries(line: &HeldLine, item: &str) -> bool {
    matches!(&line.place, LinePlace::Provider { item: own } if own == item)
}
