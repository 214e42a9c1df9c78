//! A workflow file as it is written: the words of the format, each key once, before anything is checked against another.
//!
//! `Spanned` remembers where a value stands, for those that a later check may have to point at.

pub(super) mod metering;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::Deserialize;
use toml::Spanned;

use crate::domain::account::TaxIdKind;
use crate::domain::catalog::{
    Age, BillingInfoPolicy, Condition, Interval, ItemId, PaymentMethodKind, PlanId, ProrationPolicy, RoleId,
    ScreenEnd, ScreenId, SellerId, StageName,
};
use crate::domain::language::{Language, Texts};
use crate::domain::money::Currency;

pub(super) struct RawWorkflow {
    pub(super) seller: RawSeller,
    pub(super) rules: RawRules,
    pub(super) deadlines: RawDeadlines,
    pub(super) reminders: BTreeMap<StageName, Vec<Spanned<RawDuration>>>,
    pub(super) roles: Vec<RawRole>,
    pub(super) plans: Vec<RawPlan>,
    pub(super) items: Vec<RawItem>,
    pub(super) offers: Vec<RawOffer>,
    pub(super) directions: Vec<Spanned<RawDirection>>,
    pub(super) payment_methods: Vec<RawMethod>,
    pub(super) screens: Vec<RawScreen>,
    pub(super) credits: Vec<metering::RawCredit>,
    pub(super) meters: Vec<metering::RawMeter>,
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
