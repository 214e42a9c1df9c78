use std::fmt;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Interval, LineKey, PlanId, SellerId};
use crate::domain::money::{Currency, Money, MoneyError};

/// What one line costs per interval. Two prices with the same content are the same price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The currency of every amount in it.
    pub currency: Currency,
    /// How often it is charged.
    pub interval: Interval,
    /// How the quantity becomes an amount.
    pub scheme: Scheme,
}

/// How a quantity becomes an amount. All amounts are minor units of the price's currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scheme {
    /// Every unit costs the same.
    PerUnit {
        /// The amount of one unit.
        unit: i64,
    },
    /// Units are filled into the tiers one after the other; each is charged at its own tier's price.
    Graduated {
        /// In rising order; only the last has no upper end.
        tiers: Vec<Tier>,
    },
    /// All units are charged at the price of the tier that the whole quantity falls into.
    Volume {
        /// In rising order; only the last has no upper end.
        tiers: Vec<Tier>,
    },
}

/// One step of a tiered price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The last quantity in this tier; nothing means without end.
    pub up_to: Option<u64>,
    /// The amount of one unit.
    pub unit: i64,
    /// An amount that is added once as soon as the tier is reached.
    pub flat: i64,
}

impl Price {
    /// What `quantity` costs for one whole interval. Nothing costs nothing.
    pub fn amount(&self, quantity: u64) -> Result<Money, MoneyError> {
        let minor = |amount: i64| Money::new(amount, self.currency);
        if quantity == 0 {
            return Ok(minor(0));
        }
        match &self.scheme {
            Scheme::PerUnit { unit } => minor(*unit).times(quantity),
            Scheme::Graduated { tiers } => {
                let mut total = minor(0);
                let mut below = 0;
                for tier in tiers {
                    let top = tier.up_to.unwrap_or(u64::MAX).min(quantity);
                    total = total.plus(minor(tier.unit).times(top.saturating_sub(below))?)?;
                    total = total.plus(minor(tier.flat))?;
                    below = top;
                    if top == quantity {
                        break;
                    }
                }
                Ok(total)
            }
            Scheme::Volume { tiers } => {
                let holds = |tier: &&Tier| tier.up_to.is_none_or(|last| quantity <= last);
                match tiers.iter().find(holds) {
                    Some(tier) => minor(tier.unit).times(quantity)?.plus(minor(tier.flat)),
                    None => Err(MoneyError::Overflow),
                }
            }
        }
    }

    /// The content as one unambiguous line, the same on every machine and in every version of this program.
    fn canonical(&self) -> String {
        let mut text = format!("{}|{}|", self.currency, self.interval);
        let (name, tiers) = match &self.scheme {
            Scheme::PerUnit { unit } => return format!("{text}per_unit|{unit}"),
            Scheme::Graduated { tiers } => ("graduated", tiers),
            Scheme::Volume { tiers } => ("volume", tiers),
        };
        text.push_str(name);
        for Tier { up_to, unit, flat } in tiers {
            let end = up_to.map_or_else(|| "inf".to_owned(), |last| last.to_string());
            // Writing to a string cannot fail.
            let _ = write!(text, "|{end}:{unit}:{flat}");
        }
        text
    }
}

/// Names a price at the provider by its content, so that a changed price is a new name and an old contract keeps its own.
///
/// `seller.plan.item.currency.interval.hash`; the plan's own price has `plan` in the item's place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PriceRef(String);

impl PriceRef {
    /// The name of `price` for one line of one plan.
    pub fn of(seller: &SellerId, plan: &PlanId, key: &LineKey, price: &Price) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(format!("{seller}|{plan}|{key}|{}", price.canonical()));
        let hash = hex::encode(&hasher.finalize()[..4]);
        let item = key.item().map_or("plan", |item| item.as_str());
        let currency = price.currency.code().to_ascii_lowercase();
        let interval = price.interval.to_string().replace(' ', "-");
        Self(format!("{seller}.{plan}.{item}.{currency}.{interval}.{hash}"))
    }

    /// A name that was read back from the provider or the store.
    pub fn from_stored(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as the provider knows it: its `lookup_key`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PriceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PriceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(scheme: Scheme) -> Price {
        Price {
            currency: "BRL".parse().expect("known"),
            interval: Interval::MONTH,
            scheme,
        }
    }

    fn tiers() -> Vec<Tier> {
        vec![
            Tier {
                up_to: Some(5),
                unit: 700,
                flat: 0,
            },
            Tier {
                up_to: Some(10),
                unit: 600,
                flat: 100,
            },
            Tier {
                up_to: None,
                unit: 500,
                flat: 0,
            },
        ]
    }

    #[test]
    fn graduated_fills_one_tier_after_the_other() {
        let price = price(Scheme::Graduated { tiers: tiers() });
        for (quantity, amount) in [(0, 0), (1, 700), (5, 3500), (6, 4200), (10, 6600), (12, 7600)] {
            assert_eq!(price.amount(quantity).map(|m| m.amount), Ok(amount), "{quantity}");
        }
    }

    #[test]
    fn volume_charges_all_units_at_one_tier() {
        let price = price(Scheme::Volume { tiers: tiers() });
        for (quantity, amount) in [(0, 0), (1, 700), (5, 3500), (6, 3700), (10, 6100), (12, 6000)] {
            assert_eq!(price.amount(quantity).map(|m| m.amount), Ok(amount), "{quantity}");
        }
    }

    #[test]
    fn a_changed_price_is_a_new_name_and_an_equal_one_is_not() {
        let [seller, plan] = ["clint", "growth"];
        let named = |unit| {
            let key = LineKey::Item("device".parse().expect("an item"));
            let (seller, plan) = (seller.parse().expect("a seller"), plan.parse().expect("a plan"));
            PriceRef::of(&seller, &plan, &key, &price(Scheme::PerUnit { unit }))
        };
        assert_eq!(named(4990), named(4990));
        assert_ne!(named(4990), named(4991));
        // Pinned: a change of this name would orphan every price that sellers already have at the provider.
        assert_eq!(named(4990).as_str(), "clint.growth.device.brl.month.a11a549e");
    }
}
