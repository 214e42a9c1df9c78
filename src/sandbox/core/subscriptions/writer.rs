//! The words and amounts of lines about a subscription's items.

use std::collections::BTreeMap;

use super::wanted::{After, interval_of};
use super::{Debit, Item, Subscription};
use crate::sandbox::core::World;
use crate::sandbox::core::calendar::day_in_words;
use crate::sandbox::core::ids::Ids;
use crate::sandbox::core::invoices::{Line, Pricing};
use crate::sandbox::core::prices::Price;
use crate::sandbox::core::rounding::prorate;
use crate::sandbox::error::ApiError;

/// Writes lines.
pub(super) struct Writer<'a> {
    pub(super) world: &'a World,
    pub(super) ids: &'a mut Ids,
    pub(super) subscription: Option<&'a str>,
    pub(super) lines: Vec<Line>,
}

/// What a line says.
pub(super) struct Said<'a> {
    pub(super) item: &'a str,
    pub(super) price: &'a Price,
    pub(super) quantity: u64,
    pub(super) amount: i64,
    pub(super) period: (i64, i64),
    pub(super) proration: bool,
    pub(super) words: String,
}

impl Writer<'_> {
    pub(super) fn write(&mut self, said: Said<'_>) {
        let line = Line {
            id: self.ids.next("il"),
            amount: said.amount,
            currency: said.price.currency.clone(),
            description: Some(said.words),
            quantity: Some(said.quantity),
            from: said.period.0,
            until: said.period.1,
            proration: said.proration,
            pricing: Some(Pricing {
                price: said.price.id.clone(),
                product: said.price.product.clone(),
                unit_amount_decimal: said.price.unit_amount_decimal(),
            }),
            subscription: self.subscription.map(str::to_owned),
            subscription_item: Some(said.item.to_owned()),
            invoice_item: None,
            metadata: BTreeMap::new(),
            taxes: Vec::new(),
        };
        self.lines.push(line);
    }

    pub(super) fn product_name(&self, price: &Price) -> String {
        self.world
            .products
            .get(&price.product)
            .map_or_else(|| price.product.clone(), |product| product.name.clone())
    }

    /// Bills one whole interval, or the part of it that a period is.
    pub(super) fn bill(
        &mut self,
        item: &str,
        after: &After,
        period: (i64, i64),
        whole: (i64, i64),
    ) -> Result<Debit, ApiError> {
        let full = after.price.amount(after.quantity)?;
        let partly = period != whole;
        let amount = if partly {
            prorate(full, period.1 - period.0, whole.1 - whole.0)
        } else {
            full
        };
        let name = self.product_name(&after.price);
        let words = if partly {
            format!(
                "{} × {name} (from {} to {})",
                after.quantity,
                day_in_words(period.0),
                day_in_words(period.1)
            )
        } else {
            format!("{} × {name}", after.quantity)
        };
        let said = Said {
            item,
            price: &after.price,
            quantity: after.quantity,
            amount,
            period,
            proration: partly,
            words,
        };
        self.write(said);
        Ok(Debit {
            amount,
            from: period.0,
            until: period.1,
        })
    }

    /// Gives back what an item was billed for and will not use.
    pub(super) fn credit(
        &mut self,
        subscription: &Subscription,
        item: &Item,
        at: i64,
    ) -> Result<(), ApiError> {
        let price = self.world.prices.have(&item.price)?;
        let debits = if subscription.flexible {
            item.debits.clone()
        } else {
            let whole = subscription
                .anchor
                .period_around(interval_of(price)?, at.min(item.end - 1))?;
            vec![Debit {
                amount: price.amount(item.quantity)?,
                from: whole.0,
                until: whole.1,
            }]
        };
        for debit in debits.into_iter().filter(|debit| debit.until > at) {
            let from = at.max(debit.from);
            let name = self.product_name(price);
            let said = Said {
                item: &item.id,
                price,
                quantity: item.quantity,
                amount: prorate(-debit.amount, debit.until - from, debit.until - debit.from),
                period: (from, debit.until),
                proration: true,
                words: format!(
                    "Unused time on {} × {name} after {}",
                    item.quantity,
                    day_in_words(at)
                ),
            };
            self.write(said);
        }
        Ok(())
    }

    /// Bills the rest of a period at the new terms.
    pub(super) fn remaining(
        &mut self,
        item: &str,
        after: &After,
        period: (i64, i64),
        whole: (i64, i64),
    ) -> Result<Debit, ApiError> {
        let amount = prorate(
            after.price.amount(after.quantity)?,
            period.1 - period.0,
            whole.1 - whole.0,
        );
        let name = self.product_name(&after.price);
        let said = Said {
            item,
            price: &after.price,
            quantity: after.quantity,
            amount,
            period,
            proration: true,
            words: format!(
                "Remaining time on {} × {name} after {}",
                after.quantity,
                day_in_words(period.0)
            ),
        };
        self.write(said);
        Ok(Debit {
            amount,
            from: period.0,
            until: period.1,
        })
    }
}
