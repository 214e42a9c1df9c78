use serde::Serialize;
use utoipa::ToSchema;

use super::{MoneyView, Reader};
use crate::domain::catalog::{Price, Scheme, Tier};
use crate::domain::money::Money;

/// What one unit costs per interval.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Price)]
pub struct PriceView {
    /// How often it is charged.
    #[schema(example = "month")]
    pub interval: String,
    /// How the quantity becomes an amount.
    #[schema(example = "per_unit")]
    pub scheme: &'static str,
    /// What each unit costs, where all cost the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<MoneyView>,
    /// The steps of a tiered price, in rising order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierView>,
}

/// One step of a tiered price.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tier)]
pub struct TierView {
    /// The last quantity in it; nothing means without end.
    pub up_to: Option<u64>,
    /// What each unit in it costs.
    pub unit: MoneyView,
    /// An amount that is added once.
    pub flat: MoneyView,
}

impl PriceView {
    pub(super) fn of(reader: Reader<'_>, price: &Price) -> Self {
        let money = |amount| reader.money(Money::new(amount, price.currency));
        let steps = |tiers: &[Tier]| {
            let step = |tier: &Tier| TierView {
                up_to: tier.up_to,
                unit: money(tier.unit),
                flat: money(tier.flat),
            };
            tiers.iter().map(step).collect()
        };
        let (scheme, unit, tiers) = match &price.scheme {
            Scheme::PerUnit { unit } => ("per_unit", Some(money(*unit)), Vec::new()),
            Scheme::Graduated { tiers } => ("graduated", None, steps(tiers)),
            Scheme::Volume { tiers } => ("volume", None, steps(tiers)),
        };
        Self {
            interval: price.interval.to_string(),
            scheme,
            unit,
            tiers,
        }
    }
}
