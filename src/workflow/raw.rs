//! A workflow file as it is written: the words of the format, each key once, before anything is checked against another.
//!
//! `Spanned` remembers where a value stands, for those that a later check may have to point at.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::Deserialize;
use toml::Spanned;

use crate::domain::account::TaxIdKind;
use crate::domain::catalog::{
    BillingInfoPolicy, Condition, FieldId, FieldKind, Interval, ItemId, PaymentMethodKind, PlanId, Prefill,
    ProrationPolicy, RoleId, ScreenEnd, ScreenId, SellerId, StageName,
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
    pub(super) ticket: RawTicket,
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
