//! What the stub remembers: what each subscription holds, and what was charged for it.

use std::collections::BTreeMap;

use crate::bench::Goods;

/// What every subscription holds at first, item by item.
pub(in crate::bench) const HELD: [u64; 2] = [3, 5];

/// One customer's subscription.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) quantities: [u64; 2],
    pub(super) method: Option<String>,
    /// Every invoice that a change has made, oldest first. All are paid.
    pub(super) invoices: Vec<Invoice>,
    /// The keys under which it was changed: the same one twice is one change.
    keys: Vec<String>,
}

/// A paid invoice.
#[derive(Debug, Clone)]
pub(super) struct Invoice {
    pub(super) amount: i64,
    /// Whose mark the request carried.
    pub(super) effect: String,
}

/// What an update says.
#[derive(Debug, Default)]
pub(super) struct Update {
    /// The new quantities, item by item; nothing where an item stays.
    pub(super) quantities: [Option<u64>; 2],
    /// The card for this and later invoices.
    pub(super) method: Option<String>,
    /// Our mark.
    pub(super) effect: String,
}

/// Everything.
pub(super) struct Ledger {
    pub(super) goods: Goods,
    /// How many requests were answered.
    pub(super) requests: u64,
    /// What was asked for and is not known.
    pub(super) unknown: Vec<String>,
    subscriptions: BTreeMap<u64, Subscription>,
}

impl Ledger {
    pub(super) fn new(goods: Goods) -> Self {
        Self {
            goods,
            requests: 0,
            unknown: Vec::new(),
            subscriptions: BTreeMap::new(),
        }
    }

    /// The nth customer's subscription; whoever asks for one has always had it.
    pub(super) fn subscription(&mut self, nth: u64) -> &mut Subscription {
        self.subscriptions.entry(nth).or_insert_with(|| Subscription {
            quantities: HELD,
            method: Some(super::card(nth)),
            invoices: Vec::new(),
            keys: Vec::new(),
        })
    }

    /// Changes a subscription, and charges the difference where quantities change.
    pub(super) fn update(&mut self, nth: u64, key: Option<&str>, update: Update) {
        let units = [self.goods.items[0].unit, self.goods.items[1].unit];
        let held = self.subscription(nth);
        if key.is_some_and(|key| held.keys.iter().any(|known| known == key)) {
            return;
        }
        held.keys.extend(key.map(str::to_owned));
        if update.method.is_some() {
            held.method = update.method;
        }
        if update.quantities == [None, None] {
            return;
        }
        let mut amount = 0;
        for ((held, wanted), unit) in held.quantities.iter_mut().zip(update.quantities).zip(units) {
            let Some(wanted) = wanted else { continue };
            amount += money(wanted, unit) - money(*held, unit);
            *held = wanted;
        }
        held.invoices.push(Invoice {
            amount,
            effect: update.effect,
        });
    }

    pub(super) fn charges(&self) -> u64 {
        let each = self.subscriptions.values();
        each.map(|held| held.invoices.len() as u64).sum()
    }

    pub(super) fn charges_of(&self, nth: u64) -> u64 {
        let held = self.subscriptions.get(&nth);
        held.map_or(0, |held| held.invoices.len() as u64)
    }
}

/// What so many cost, in minor units.
pub(super) fn money(quantity: u64, unit: i64) -> i64 {
    i64::try_from(quantity).unwrap_or(i64::MAX).saturating_mul(unit)
}
