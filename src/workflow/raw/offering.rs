//! The sections that say what belongs together and what is granted, as they are written.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::RawDuration;
use super::metering::{self, RawUnitPrice};

use crate::domain::catalog::{
    CreditId, FamilyId, FeatureId, GroupId, ItemId, OptionId, PlanId, PrerequisiteId, RateTableId,
};
use crate::domain::language::Texts;
use crate::domain::metering::{Late, PastLimit};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawFamily {
    pub(in crate::workflow) id: Spanned<FamilyId>,
    pub(in crate::workflow) name: Spanned<Texts>,
    #[serde(default)]
    pub(in crate::workflow) contains: Vec<Spanned<FamilyId>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawGroup {
    pub(in crate::workflow) id: Spanned<GroupId>,
    pub(in crate::workflow) name: Spanned<Texts>,
    #[serde(default)]
    pub(in crate::workflow) min: u64,
    pub(in crate::workflow) max: Spanned<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawFeature {
    pub(in crate::workflow) id: Spanned<FeatureId>,
    pub(in crate::workflow) name: Spanned<Texts>,
    pub(in crate::workflow) help: Option<Spanned<Texts>>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a feature is true, false, a whole number, or a text in each language"
)]
pub(in crate::workflow) enum RawFeatureValue {
    Included(bool),
    Number(u64),
    Said(Texts),
}

/// What something has of each feature.
pub(in crate::workflow) type RawFeatures = BTreeMap<FeatureId, Spanned<RawFeatureValue>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawCredit {
    pub(in crate::workflow) id: Spanned<CreditId>,
    pub(in crate::workflow) name: Spanned<Texts>,
    pub(in crate::workflow) grants: Spanned<Vec<RawShare>>,
    #[serde(default = "metering::goes_on")]
    pub(in crate::workflow) past_limit: PastLimit,
    #[serde(default)]
    pub(in crate::workflow) alerts: Option<Spanned<Vec<u16>>>,
    #[serde(default)]
    pub(in crate::workflow) overage: Vec<Spanned<RawUnitPrice>>,
    #[serde(default = "metering::refused")]
    pub(in crate::workflow) late: Late,
    #[serde(default = "metering::ten_minutes")]
    pub(in crate::workflow) closes_after: RawDuration,
    #[serde(default)]
    pub(in crate::workflow) sample: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawShare {
    #[serde(default)]
    pub(in crate::workflow) plans: Vec<Spanned<PlanId>>,
    pub(in crate::workflow) item: Option<Spanned<ItemId>>,
    pub(in crate::workflow) units: Spanned<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawRateTable {
    pub(in crate::workflow) id: Spanned<RateTableId>,
    pub(in crate::workflow) name: Spanned<Texts>,
    pub(in crate::workflow) credit: Spanned<CreditId>,
    pub(in crate::workflow) per: Spanned<Texts>,
    pub(in crate::workflow) rows: Spanned<Vec<RawRate>>,
    #[serde(default)]
    pub(in crate::workflow) sample: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawRate {
    pub(in crate::workflow) id: Spanned<OptionId>,
    pub(in crate::workflow) name: Spanned<Texts>,
    pub(in crate::workflow) credits: Spanned<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawPrerequisite {
    pub(in crate::workflow) id: Spanned<PrerequisiteId>,
    pub(in crate::workflow) items: Spanned<Vec<Spanned<ItemId>>>,
    pub(in crate::workflow) name: Spanned<Texts>,
    pub(in crate::workflow) question: Spanned<Texts>,
    pub(in crate::workflow) text: Spanned<Texts>,
    pub(in crate::workflow) next_step: RawNextStep,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawNextStep {
    pub(in crate::workflow) text: Spanned<Texts>,
    pub(in crate::workflow) url: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawNeeds {
    pub(in crate::workflow) items: Vec<Spanned<ItemId>>,
    #[serde(default)]
    pub(in crate::workflow) held_before: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::workflow) struct RawOptions {
    pub(in crate::workflow) of: Spanned<RateTableId>,
    #[serde(default)]
    pub(in crate::workflow) min: u64,
    pub(in crate::workflow) max: Option<u64>,
}
