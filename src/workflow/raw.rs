//! A workflow file as it is written: the words of the format, each key once, before anything is checked against another.
//!
//! `Spanned` remembers where a value stands, for those that a later check may have to point at.

pub(super) mod metering;
mod offering;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::Deserialize;
use toml::Spanned;

use crate::domain::account::{Permission, TaxIdKind};
use crate::domain::catalog::{
    Age, AutomaticChanges, BillingInfoPolicy, Condition, FamilyId, FieldId, FieldKind, GroupId, Interval,
    ItemId, LimitKind, LineKey, ManagedBy, MeterId, OnAnotherPlan, PaymentMethodKind, PlanId, Prefill,
    ProrationPolicy, RateTableId, RoleId, ScreenEnd, ScreenId, SellerId, ServiceId, StageName,
};
use crate::domain::language::{Language, Texts};
use crate::domain::money::Currency;

pub(super) use offering::{
    RawCredit, RawFamily, RawFeature, RawFeatureValue, RawFeatures, RawGroup, RawNeeds, RawNextStep,
    RawOptions, RawPrerequisite, RawRateTable, RawShare,
};

pub(super) struct RawWorkflow {
    pub(super) seller: RawSeller,
    pub(super) rules: RawRules,
    pub(super) deadlines: RawDeadlines,
    pub(super) reminders: BTreeMap<StageName, Vec<Spanned<RawDuration>>>,
    pub(super) roles: Vec<RawRole>,
    pub(super) families: Vec<RawFamily>,
    pub(super) groups: Vec<RawGroup>,
    pub(super) features: Vec<RawFeature>,
    pub(super) credits: Vec<RawCredit>,
    pub(super) rates: Vec<RawRateTable>,
    pub(super) prerequisites: Vec<RawPrerequisite>,
    pub(super) permissions: BTreeMap<Permission, Spanned<Texts>>,
    pub(super) clients: Option<RawClients>,
    pub(super) plans: Vec<RawPlan>,
    pub(super) items: Vec<RawItem>,
    pub(super) offers: Vec<RawOffer>,
    pub(super) directions: Vec<Spanned<RawDirection>>,
    pub(super) payment_methods: Vec<RawMethod>,
    pub(super) screens: Vec<RawScreen>,
    pub(super) meters: Vec<metering::RawMeter>,
    pub(super) ticket: RawTicket,
    pub(super) tax: Option<RawTax>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSeller {
    pub(super) id: SellerId,
    pub(super) name: Spanned<String>,
    pub(super) languages: Spanned<Vec<Language>>,
    pub(super) currencies: Spanned<Vec<Currency>>,
    pub(super) time_zone: Spanned<String>,
    pub(super) sender: RawSender,
    pub(super) support: RawSupport,
    pub(super) terms: RawTerms,
    pub(super) how_to_stop: Spanned<Texts>,
    pub(super) return_urls: Vec<Spanned<String>>,
    pub(super) colour: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSender {
    pub(super) name: String,
    pub(super) email: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSupport {
    pub(super) email: Spanned<String>,
    pub(super) url: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTerms {
    pub(super) version: Spanned<String>,
    pub(super) url: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRules {
    pub(super) proration: ProrationPolicy,
    pub(super) billing_info: BillingInfoPolicy,
    #[serde(default)]
    pub(super) tax_ids: Vec<TaxIdKind>,
    #[serde(default)]
    pub(super) optional_tax_ids: Vec<Spanned<TaxIdKind>>,
    pub(super) quote_valid_for: Spanned<RawDuration>,
    pub(super) freeze_before_renewal: RawDuration,
    #[serde(default)]
    pub(super) automatic_changes: AutomaticChanges,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDeadlines {
    pub(super) draft: Spanned<RawDuration>,
    pub(super) quote: Spanned<RawDuration>,
    pub(super) billing_info: Spanned<RawDuration>,
    pub(super) payment_confirm: Spanned<RawDuration>,
    pub(super) downgrade_ticket: Spanned<RawDuration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRole {
    pub(super) id: Spanned<RoleId>,
    pub(super) name: Spanned<Texts>,
    #[serde(default)]
    pub(super) may_change: bool,
    pub(super) permissions: Option<Spanned<Vec<Permission>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClients {
    pub(super) licences: Spanned<Vec<Spanned<PlanId>>>,
    #[serde(default)]
    pub(super) retail: bool,
    #[serde(default)]
    pub(super) direct_support: bool,
    #[serde(default)]
    pub(super) services: Vec<RawService>,
    #[serde(default)]
    pub(super) allowances: Vec<RawAllowance>,
    #[serde(default)]
    pub(super) limits: Vec<RawLimit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawService {
    pub(super) id: Spanned<ServiceId>,
    pub(super) name: Spanned<Texts>,
    #[serde(default)]
    pub(super) items: Vec<Spanned<ItemId>>,
    #[serde(default = "by_the_agency")]
    pub(super) managed_by: ManagedBy,
}

fn by_the_agency() -> ManagedBy {
    ManagedBy::Agency
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAllowance {
    pub(super) id: Spanned<MeterId>,
    pub(super) name: Spanned<Texts>,
    #[serde(default)]
    pub(super) default: u64,
    pub(super) max: Spanned<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimit {
    pub(super) id: Spanned<MeterId>,
    pub(super) name: Spanned<Texts>,
    pub(super) declared_as: Spanned<Vec<LimitKind>>,
    pub(super) max: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPlan {
    pub(super) id: Spanned<PlanId>,
    pub(super) name: Spanned<Texts>,
    pub(super) summary: Spanned<Texts>,
    pub(super) prices: Vec<Spanned<RawPrice>>,
    #[serde(default)]
    pub(super) sample: bool,
    #[serde(default)]
    pub(super) aliases: Vec<Spanned<PlanId>>,
    pub(super) family: Option<Spanned<FamilyId>>,
    pub(super) level: Option<usize>,
    #[serde(default)]
    pub(super) features: RawFeatures,
    pub(super) next_step: Option<RawNextStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawItem {
    pub(super) id: Spanned<ItemId>,
    pub(super) name: Spanned<Texts>,
    pub(super) plural: Spanned<Texts>,
    pub(super) help: Option<Spanned<Texts>>,
    #[serde(default)]
    pub(super) sample: bool,
    pub(super) group: Option<Spanned<GroupId>>,
    pub(super) needs: Option<Spanned<RawNeeds>>,
    pub(super) options: Option<Spanned<RawOptions>>,
    #[serde(default)]
    pub(super) on_another_plan: OnAnotherPlan,
    #[serde(default)]
    pub(super) rates: Vec<Spanned<RateTableId>>,
    #[serde(default)]
    pub(super) features: RawFeatures,
    pub(super) next_step: Option<RawNextStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOffer {
    pub(super) item: Spanned<ItemId>,
    pub(super) plans: Spanned<Vec<Spanned<PlanId>>>,
    pub(super) quantities: Spanned<RawQuantities>,
    #[serde(default)]
    pub(super) included: u64,
    pub(super) billed: Option<Interval>,
    pub(super) prices: Vec<Spanned<RawPrice>>,
    #[serde(default)]
    pub(super) sample: bool,
    pub(super) after: Option<Interval>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawQuantities {
    #[serde(default)]
    pub(super) min: u64,
    pub(super) max: u64,
    #[serde(default = "one")]
    pub(super) step: u64,
    #[serde(default)]
    pub(super) optional: bool,
}

fn one() -> u64 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPrice {
    pub(super) currency: Currency,
    pub(super) interval: Interval,
    pub(super) unit: Option<Spanned<String>>,
    pub(super) graduated: Option<Spanned<Vec<RawTier>>>,
    pub(super) volume: Option<Spanned<Vec<RawTier>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTier {
    pub(super) up_to: Option<u64>,
    pub(super) unit: Spanned<String>,
    pub(super) flat: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDirection {
    #[serde(default)]
    pub(super) when: Vec<Condition>,
    #[serde(default)]
    pub(super) items: Vec<Spanned<ItemId>>,
    #[serde(default)]
    pub(super) from: Vec<Spanned<PlanId>>,
    #[serde(default)]
    pub(super) to: Vec<Spanned<PlanId>>,
    pub(super) then: RawOutcome,
    pub(super) text: Option<Spanned<Texts>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawOutcome {
    Immediate,
    AtPeriodEnd,
    Ticket,
    Refused,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMethod {
    pub(super) kind: Spanned<PaymentMethodKind>,
    pub(super) releases: Spanned<Texts>,
    pub(super) after: Option<RawAge>,
    pub(super) currencies: Option<Spanned<Vec<Currency>>>,
    pub(super) tax_ids: Option<Spanned<Vec<TaxIdKind>>>,
    pub(super) pay_within: Option<Spanned<RawDuration>>,
    pub(super) settles_within: Option<Spanned<RawDuration>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScreen {
    pub(super) id: Spanned<ScreenId>,
    pub(super) title: Spanned<Texts>,
    pub(super) stages: Spanned<Vec<StageName>>,
    pub(super) ends_with: ScreenEnd,
    pub(super) button: Spanned<Texts>,
    pub(super) help_url: Option<Spanned<String>>,
    pub(super) path: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) edits: Vec<Spanned<LineKey>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTax {
    pub(super) by: Spanned<RawTaxSource>,
    #[serde(default)]
    pub(super) rates: Vec<RawTaxRate>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawTaxSource {
    Provider,
    Rates,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTaxRate {
    pub(super) name: Spanned<String>,
    /// Text, so that it is exactly what was written.
    pub(super) percentage: Spanned<String>,
    pub(super) country: Spanned<String>,
    pub(super) state: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) inside_prices: bool,
    #[serde(default)]
    pub(super) reverse_charge: Vec<Spanned<TaxIdKind>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTicket {
    pub(super) intro: Option<Spanned<Texts>>,
    #[serde(default)]
    pub(super) fields: Vec<RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawField {
    pub(super) id: Spanned<FieldId>,
    pub(super) label: Spanned<Texts>,
    pub(super) help: Option<Spanned<Texts>>,
    pub(super) kind: FieldKind,
    #[serde(default)]
    pub(super) required: bool,
    pub(super) max_length: Option<Spanned<u32>>,
    #[serde(default)]
    pub(super) choices: Vec<RawChoice>,
    pub(super) prefill: Option<Spanned<Prefill>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChoice {
    pub(super) id: Spanned<FieldId>,
    pub(super) label: Spanned<Texts>,
}

/// A length of time as people write it: `30 minutes`, `36 hours`, `14 days`. A day is 24 hours.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct RawDuration(pub(super) SignedDuration);

impl TryFrom<String> for RawDuration {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let say = || format!("`{text}` is not a length of time; write `30 minutes`, `36 hours` or `14 days`");
        let span: Span = text.parse().map_err(|_| say())?;
        let length = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .map_err(|_| say())?;
        if length.is_negative() {
            Err(say())
        } else {
            Ok(Self(length))
        }
    }
}

/// A length of time on the calendar, in whole months and days: `1 month`, `45 days`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct RawAge(pub(super) Age);

impl TryFrom<String> for RawAge {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let say =
            || format!("`{text}` is not a time on the calendar; write `1 month`, `2 weeks` or `45 days`");
        let span: Span = text.parse().map_err(|_| say())?;
        let months = i32::from(span.get_years()) * 12 + span.get_months();
        let days = span.get_weeks() * 7 + span.get_days();
        let rest = span.years(0).months(0).weeks(0).days(0);
        match (u16::try_from(months), u16::try_from(days)) {
            (Ok(months), Ok(days)) if rest.is_zero() && months + days > 0 => Ok(Self(Age { months, days })),
            _ => Err(say()),
        }
    }
}
