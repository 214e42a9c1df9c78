//! What is counted, as it is written.

use jiff::SignedDuration;
use serde::Deserialize;
use toml::Spanned;

use super::{RawDuration, RawShare};
use crate::domain::catalog::{CreditId, RateTableId};
use crate::domain::language::Texts;
use crate::domain::metering::{Late, Measures, MeterId, PastLimit};
use crate::domain::money::Currency;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawMeter {
    pub(in crate::workflow) id: Spanned<MeterId>,
    pub(in crate::workflow) name: Spanned<Texts>,
    #[serde(default)]
    pub(in crate::workflow) decimals: Option<Spanned<u8>>,
    #[serde(default = "used")]
    pub(in crate::workflow) measures: Measures,
    #[serde(default)]
    pub(in crate::workflow) allowance: Vec<RawShare>,
    pub(in crate::workflow) spends: Option<Spanned<RawSpending>>,
    #[serde(default = "goes_on")]
    pub(in crate::workflow) past_limit: PastLimit,
    #[serde(default)]
    pub(in crate::workflow) alerts: Option<Spanned<Vec<u16>>>,
    #[serde(default)]
    pub(in crate::workflow) overage: Vec<Spanned<RawUnitPrice>>,
    #[serde(default = "refused")]
    pub(in crate::workflow) late: Late,
    #[serde(default = "ten_minutes")]
    pub(in crate::workflow) closes_after: RawDuration,
    #[serde(default)]
    pub(in crate::workflow) sample: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawSpending {
    pub(in crate::workflow) credits: Option<Spanned<CreditId>>,
    pub(in crate::workflow) rate: Option<Spanned<String>>,
    pub(in crate::workflow) rates: Option<Spanned<RateTableId>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawUnitPrice {
    pub(in crate::workflow) currency: Currency,
    pub(in crate::workflow) unit: Spanned<String>,
    #[serde(default = "super::one")]
    pub(in crate::workflow) per: u64,
}

pub(super) fn goes_on() -> PastLimit {
    PastLimit::GoesOn
}

pub(super) fn refused() -> Late {
    Late::Refused
}

fn used() -> Measures {
    Measures::Use
}

pub(super) fn ten_minutes() -> RawDuration {
    RawDuration(SignedDuration::from_mins(10))
}
