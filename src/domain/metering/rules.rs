//! What a workflow file says about use: meters, credits, limits, and prices of what goes beyond.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{MeterId, Pot, Quantity};
use crate::domain::catalog::{CreditId, RateTableId, Share};
use crate::domain::language::Texts;
use crate::domain::money::{Currency, Money, MoneyError, prorate};

/// All that one seller counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metering {
    /// What happens near the end of credits: one for each kind that the seller has.
    pub credits: Vec<Limits>,
    /// What is counted.
    pub meters: Vec<Meter>,
}

/// What happens near the end of a kind of credits and beyond it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Of which.
    pub credits: CreditId,
    /// What happens.
    pub rules: LimitRules,
}

/// Something whose use is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// Its name in every machine-readable place.
    pub id: MeterId,
    /// Its name for people, beside a number: "e-mail syncs".
    pub name: Texts,
    /// How many decimals a report can have.
    pub decimals: u8,
    /// Whether reports add up, or tell how much there is.
    pub measures: Measures,
    /// What its use is held against.
    pub against: Against,
    /// What happens near the allowance and beyond it; of a meter that spends credits, those say it.
    pub rules: LimitRules,
    /// Whether numbers or names are invented for demonstration.
    pub sample: bool,
}

/// What a report tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measures {
    /// How much was used: reports add up, and every month begins with nothing.
    Use,
    /// How much there is: the newest report counts, and goes on counting.
    Level,
}

/// What the use of a meter is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// An allowance of its own; without a share there is no limit.
    Allowance(Vec<Share>),
    /// Credits, at these rates.
    Credits {
        /// Which.
        credits: CreditId,
        /// How many a unit costs.
        rates: Rates,
    },
}

/// How many credits a unit of use costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rates {
    /// Every unit the same.
    Flat(Quantity),
    /// By the row of a table that each report names, such as a country or a channel.
    Table(RateTableId),
}

/// What happens near a limit and beyond it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRules {
    /// Whether use goes on.
    pub past_limit: PastLimit,
    /// At how many hundredths of the limit people are told, rising.
    pub alerts: Vec<u16>,
    /// What is beyond costs this, one price per currency; where there is none it costs nothing.
    pub overage: Vec<UnitPrice>,
    /// What becomes of use that is reported after its period was closed.
    pub late: Late,
    /// So long after its end a period is closed.
    pub closes_after: SignedDuration,
}

/// Whether use goes on past a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PastLimit {
    /// It does, and what is beyond is charged where it has a price.
    GoesOn,
    /// It does not: a report that would go beyond is not taken.
    Stops,
}

/// What becomes of use that is reported after its period was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// It is refused.
    Refused,
    /// It counts in the period that is open.
    NextPeriod,
}

/// A price for so many units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitPrice {
    /// In which currency.
    pub currency: Currency,
    /// Minor units for [`Self::per`] units of use.
    pub amount: i64,
    /// So many units, at least one.
    pub per: u64,
}

impl Metering {
    /// The meter of this name.
    pub fn meter(&self, id: &MeterId) -> Option<&Meter> {
        self.meters.iter().find(|meter| meter.id == *id)
    }

    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.meters.is_empty() && self.credits.is_empty()
    }

    /// Every pot: the credits first, then the meters with an allowance of their own.
    pub fn pots(&self) -> impl Iterator<Item = Pot> {
        let credits = self
            .credits
            .iter()
            .map(|limits| Pot::Credits(limits.credits.clone()));
        let own = |meter: &&Meter| matches!(meter.against, Against::Allowance(_));
        let meters = self.meters.iter().filter(own);
        credits.chain(meters.map(|meter| Pot::Meter(meter.id.clone())))
    }

    /// What happens near the end of a pot; nothing where the file no longer knows it.
    pub fn rules(&self, pot: &Pot) -> Option<&LimitRules> {
        match pot {
            Pot::Credits(id) => {
                let known = self.credits.iter().find(|limits| limits.credits == *id);
                known.map(|limits| &limits.rules)
            }
            Pot::Meter(id) => {
                let known = self.meter(id).filter(|meter| meter.pot() == *pot);
                known.map(|meter| &meter.rules)
            }
        }
    }

    /// What a pot measures.
    pub fn measures(&self, pot: &Pot) -> Measures {
        match pot {
            Pot::Credits(_) => Measures::Use,
            Pot::Meter(id) => self.meter(id).map_or(Measures::Use, |meter| meter.measures),
        }
    }
}

impl Meter {
    /// What its use is held against.
    pub fn pot(&self) -> Pot {
        match &self.against {
            Against::Allowance(_) => Pot::Meter(self.id.clone()),
            Against::Credits { credits, .. } => Pot::Credits(credits.clone()),
        }
    }
}

impl LimitRules {
    /// The price in this currency.
    pub fn price(&self, currency: Currency) -> Option<UnitPrice> {
        self.overage
            .iter()
            .find(|price| price.currency == currency)
            .copied()
    }
}

impl UnitPrice {
    /// What so much costs, to the nearest minor unit.
    pub fn of(self, quantity: Quantity) -> Result<Money, MoneyError> {
        let block = i64::try_from(self.per)
            .ok()
            .and_then(|per| per.max(1).checked_mul(1_000_000))
            .ok_or(MoneyError::Overflow)?;
        let millionths = i64::try_from(quantity.millionths()).map_err(|_| MoneyError::Overflow)?;
        let unit = Money::new(self.amount, self.currency);
        let whole = u64::try_from(millionths / block).map_err(|_| MoneyError::Overflow)?;
        unit.times(whole)?.plus(prorate(unit, millionths % block, block)?)
    }
}
