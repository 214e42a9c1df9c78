//! How a quantity becomes an amount: by the unit, by tiers that add up, or by the one tier that holds the whole quantity.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::sandbox::core::params::Params;
use crate::sandbox::error::ApiError;

/// One step of a tiered price. Amounts are minor units, exact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tier {
    /// The last quantity of the tier; `None` for the one without end.
    up_to: Option<u64>,
    unit: Decimal,
    flat: Decimal,
}

/// How a quantity becomes an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scheme {
    PerUnit(Decimal),
    Graduated(Vec<Tier>),
    Volume(Vec<Tier>),
}

impl Scheme {
    /// Reads it from a request.
    pub(super) fn read(params: &Params<'_>) -> Result<Self, ApiError> {
        if params.text("billing_scheme")? != Some("tiered") {
            if params.has("tiers") || params.has("tiers_mode") {
                return Err(params.refuse("tiers", "Tiers need billing_scheme=tiered."));
            }
            let unit = exact_amount(params, "unit_amount")?.ok_or_else(|| params.missing("unit_amount"))?;
            if unit.is_sign_negative() && !unit.is_zero() {
                return Err(params.refuse("unit_amount", "A price cannot be negative."));
            }
            return Ok(Self::PerUnit(unit));
        }
        if params.has("unit_amount") || params.has("unit_amount_decimal") {
            return Err(params.refuse("unit_amount", "A tiered price has its amounts in `tiers`."));
        }
        match params.needed_text("tiers_mode")? {
            "graduated" => Ok(Self::Graduated(read_tiers(params)?)),
            "volume" => Ok(Self::Volume(read_tiers(params)?)),
            other => Err(params.refuse("tiers_mode", format!("Invalid tiers_mode: {other}"))),
        }
    }

    /// What a quantity costs, in minor units, exactly; nothing where that is too large a number.
    pub(super) fn amount(&self, quantity: u64) -> Option<Decimal> {
        let count = Decimal::from(quantity);
        match self {
            Self::PerUnit(unit) => unit.checked_mul(count),
            Self::Volume(tiers) => tiers
                .iter()
                .find(|tier| tier.up_to.is_none_or(|last| quantity <= last))
                .map_or(Some(Decimal::ZERO), |tier| {
                    tier.unit.checked_mul(count)?.checked_add(tier.flat)
                }),
            Self::Graduated(tiers) => graduated(tiers, quantity),
        }
    }

    /// The amount of one unit, where all cost the same.
    pub(super) fn unit(&self) -> Option<Decimal> {
        match self {
            Self::PerUnit(unit) => Some(*unit),
            Self::Graduated(_) | Self::Volume(_) => None,
        }
    }

    /// The word for it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::PerUnit(_) => "per_unit",
            Self::Graduated(_) | Self::Volume(_) => "tiered",
        }
    }

    /// The word for how its tiers count, where it has tiers.
    pub(super) fn mode(&self) -> Option<&'static str> {
        self.tiers().1
    }

    fn tiers(&self) -> (&[Tier], Option<&'static str>) {
        match self {
            Self::PerUnit(_) => (&[], None),
            Self::Graduated(tiers) => (tiers, Some("graduated")),
            Self::Volume(tiers) => (tiers, Some("volume")),
        }
    }

    pub(super) fn render_tiers(&self) -> Value {
        let rendered = |tier: &Tier| {
            json!({
                "up_to": tier.up_to,
                "unit_amount": whole(tier.unit),
                "unit_amount_decimal": tier.unit.normalize().to_string(),
                "flat_amount": whole(tier.flat).filter(|amount| *amount != 0),
                "flat_amount_decimal": Some(tier.flat).filter(|flat| !flat.is_zero()).map(|flat| flat.normalize().to_string()),
            })
        };
        let (tiers, mode) = self.tiers();
        mode.map_or(Value::Null, |_| tiers.iter().map(rendered).collect())
    }
}

fn graduated(tiers: &[Tier], quantity: u64) -> Option<Decimal> {
    let mut total = Decimal::ZERO;
    let mut reached = 0;
    for tier in tiers {
        if quantity <= reached {
            break;
        }
        let end = tier.up_to.unwrap_or(u64::MAX).min(quantity);
        let within = Decimal::from(end.saturating_sub(reached));
        total = total
            .checked_add(tier.unit.checked_mul(within)?)?
            .checked_add(tier.flat)?;
        reached = end;
    }
    Some(total)
}

/// The amount, when it has no fraction.
pub(super) fn whole(exact: Decimal) -> Option<i64> {
    exact.is_integer().then(|| exact.to_i64()).flatten()
}

/// An amount given as an integer of minor units, or exactly as a decimal with up to 12 places; not both.
fn exact_amount(params: &Params<'_>, key: &str) -> Result<Option<Decimal>, ApiError> {
    let decimal_key = format!("{key}_decimal");
    match (params.integer(key)?, params.text(&decimal_key)?) {
        (Some(_), Some(_)) => {
            Err(params.refuse(key, format!("You may only specify one of {key}, {decimal_key}.")))
        }
        (Some(amount), None) => Ok(Some(Decimal::from(amount))),
        (None, Some(text)) => match text.parse::<Decimal>() {
            Ok(exact) if exact.scale() <= 12 => Ok(Some(exact)),
            _ => Err(params.refuse(&decimal_key, format!("Invalid decimal: {text}"))),
        },
        (None, None) => Ok(None),
    }
}

fn read_tiers(params: &Params<'_>) -> Result<Vec<Tier>, ApiError> {
    let mut tiers = Vec::new();
    let mut last = Some(0);
    for given in params.children("tiers")? {
        given.only(&[
            "up_to",
            "unit_amount",
            "unit_amount_decimal",
            "flat_amount",
            "flat_amount_decimal",
        ])?;
        let up_to = match given.raw("up_to").and_then(Value::as_str) {
            Some("inf") => None,
            _ => Some(given.count("up_to")?.ok_or_else(|| given.missing("up_to"))?),
        };
        let rises = last.is_some_and(|last| up_to.is_none_or(|up_to| up_to > last));
        if !rises {
            return Err(given.refuse("up_to", "Tiers must rise, and only the last one may be `inf`."));
        }
        last = up_to;
        let unit = exact_amount(&given, "unit_amount")?;
        let flat = exact_amount(&given, "flat_amount")?;
        if unit.is_none() && flat.is_none() {
            return Err(given.missing("unit_amount"));
        }
        tiers.push(Tier {
            up_to,
            unit: unit.unwrap_or_default(),
            flat: flat.unwrap_or_default(),
        });
    }
    if tiers.is_empty() {
        return Err(params.missing("tiers"));
    }
    if last.is_some() {
        return Err(params.refuse("tiers", "The last tier must be open: `up_to=inf`."));
    }
    Ok(tiers)
}
