//! What is counted: meters, credits, limits, and prices of what goes beyond.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use toml::Spanned;

use super::Builder;
use crate::domain::catalog::Catalog;
use crate::domain::metering::{
    Against, Credit, LimitRules, Measures, Meter, Metering, PastLimit, Quantity, Rates, Share, UnitPrice,
};
use crate::workflow::problem::{Span, did_you_mean};
use crate::workflow::raw::metering::{RawCredit, RawMeter, RawShare, RawSpending, RawUnitPrice};

/// The most decimals of a meter and of a rate: their product is still counted exactly.
const DECIMALS_MAX: u8 = 3;

/// The most thresholds of one limit: each is a mail.
const ALERTS_MAX: usize = 8;

/// The longest that a period stays open after its end: what is beyond is then still in time for the renewal's invoice.
const CLOSES_AFTER_MAX: SignedDuration = SignedDuration::from_hours(72);

/// The longest name of a variant.
const VARIANT_CHARACTERS_MAX: usize = 40;

/// What a limit does, as both sections write it.
struct RawRules {
    past_limit: PastLimit,
    alerts: Option<Spanned<Vec<u16>>>,
    overage: Vec<Spanned<RawUnitPrice>>,
    late: crate::domain::metering::Late,
    closes_after: SignedDuration,
}

impl Builder<'_, '_> {
    pub(super) fn metering(
        &mut self,
        catalog: &Catalog,
        credits: Vec<RawCredit>,
        meters: Vec<RawMeter>,
    ) -> Metering {
        let credits = self.credits(catalog, credits);
        let meters = self.meters(catalog, &credits, meters);
        Metering { credits, meters }
    }

    fn credits(&mut self, catalog: &Catalog, raw: Vec<RawCredit>) -> Vec<Credit> {
        let mut seen = BTreeSet::new();
        let mut credits = Vec::new();
        for raw in raw {
            let id = raw.id.get_ref().clone();
            let of = format!("credits `{id}`");
            if !seen.insert(id.clone()) {
                self.say(&raw.id.span(), format!("there are two kinds of {of}"));
            }
            if raw.sample {
                self.samples.push(of.clone());
            }
            if raw.grants.get_ref().is_empty() {
                self.say(&raw.grants.span(), format!("nothing grants {of}"));
            }
            let rules = RawRules {
                past_limit: raw.past_limit,
                alerts: raw.alerts,
                overage: raw.overage,
                late: raw.late,
                closes_after: raw.closes_after.0,
            };
            credits.push(Credit {
                name: self.texts(&format!("the name of {of}"), raw.name),
                grants: self.shares(catalog, &of, raw.grants.into_inner(), &raw.id.span()),
                rules: self.limit_rules(&of, rules, &raw.id.span()),
                sample: raw.sample,
                id,
            });
        }
        credits
    }

    fn meters(&mut self, catalog: &Catalog, credits: &[Credit], raw: Vec<RawMeter>) -> Vec<Meter> {
        let mut seen = BTreeSet::new();
        let mut meters = Vec::new();
        for raw in raw {
            let (id, span) = (raw.id.get_ref().clone(), raw.id.span());
            let of = format!("meter `{id}`");
            if !seen.insert(id.clone()) {
                self.say(&span, format!("there are two meters `{id}`"));
            }
            if raw.sample {
                self.samples.push(of.clone());
            }
            let decimals = raw.decimals.map_or(0, |decimals| {
                if *decimals.get_ref() > DECIMALS_MAX {
                    self.say(
                        &decimals.span(),
                        format!("{of} has more than {DECIMALS_MAX} decimals"),
                    );
                }
                decimals.into_inner()
            });
            let rules = RawRules {
                past_limit: raw.past_limit,
                alerts: raw.alerts,
                overage: raw.overage,
                late: raw.late,
                closes_after: raw.closes_after.0,
            };
            let alone = raw.allowance.is_empty() && rules.alerts.is_none() && rules.overage.is_empty();
            let against = match raw.spends {
                Some(spends) => {
                    if !alone || raw.measures == Measures::Level {
                        let hint = "say `alerts`, `overage` and `past_limit` of the credits that it spends";
                        let what = format!("{of} spends credits, and has an allowance or a limit of its own");
                        self.say_with_hint(&spends.span(), what, hint);
                    }
                    self.spending(&of, credits, spends)
                }
                None => Against::Allowance(self.shares(catalog, &of, raw.allowance, &span)),
            };
            if raw.measures == Measures::Level && !rules.overage.is_empty() {
                let hint =
                    "what is held is bought in a quantity; only use in a period can go beyond and be charged";
                self.say_with_hint(
                    &span,
                    format!("{of} measures a level and has a price of what is beyond"),
                    hint,
                );
            }
            meters.push(Meter {
                name: self.texts(&format!("the name of {of}"), raw.name),
                decimals,
                measures: raw.measures,
                against,
                rules: self.limit_rules(&of, rules, &span),
                sample: raw.sample,
                id,
            });
        }
        meters
    }

    fn shares(&mut self, catalog: &Catalog, of: &str, raw: Vec<RawShare>, at: &Span) -> Vec<Share> {
        let mut shares = Vec::new();
        for raw in raw {
            for plan in &raw.plans {
                if catalog.plan(plan.get_ref()).is_none() {
                    let hint = did_you_mean(
                        plan.get_ref().as_str(),
                        catalog.plans.iter().map(|other| other.id.as_str()),
                    );
                    self.problems.push(
                        &plan.span(),
                        format!("there is no plan `{}`", plan.get_ref()),
                        hint,
                    );
                }
            }
            if let Some(item) = &raw.item
                && catalog.item(item.get_ref()).is_none()
            {
                let hint = did_you_mean(
                    item.get_ref().as_str(),
                    catalog.items.iter().map(|other| other.id.as_str()),
                );
                self.problems.push(
                    &item.span(),
                    format!("there is no item `{}`", item.get_ref()),
                    hint,
                );
            }
            let units = Quantity::whole(raw.units).filter(|units| *units <= Quantity::REPORT_MAX);
            if units.is_none() {
                self.say(at, format!("{of}: {} are more than can be counted", raw.units));
            }
            shares.push(Share {
                plans: raw.plans.into_iter().map(Spanned::into_inner).collect(),
                item: raw.item.map(Spanned::into_inner),
                units: units.unwrap_or_default(),
            });
        }
        shares
    }

    fn spending(&mut self, of: &str, credits: &[Credit], raw: Spanned<RawSpending>) -> Against {
        let span = raw.span();
        let raw = raw.into_inner();
        let id = raw.credits.get_ref();
        if credits.iter().all(|credit| credit.id != *id) {
            let hint = did_you_mean(id.as_str(), credits.iter().map(|credit| credit.id.as_str()));
            self.problems
                .push(&raw.credits.span(), format!("there are no credits `{id}`"), hint);
        }
        let rates = match (raw.rate, raw.rates) {
            (Some(rate), rates) if rates.is_empty() => Rates::Flat(self.rate(of, &rate)),
            (None, rates) if !rates.is_empty() => {
                let mut by_variant = BTreeMap::new();
                for (variant, rate) in rates {
                    let printable = variant.bytes().all(|byte| byte.is_ascii_graphic());
                    if variant.is_empty() || variant.len() > VARIANT_CHARACTERS_MAX || !printable {
                        self.say(
                            &rate.span(),
                            format!("{of}: `{variant}` cannot be the name of a variant"),
                        );
                    }
                    let rate = self.rate(of, &rate);
                    by_variant.insert(variant, rate);
                }
                Rates::ByVariant(by_variant)
            }
            _ => {
                let hint = "write `rate = \"1\"`, or `rates = { BR = \"1\", US = \"2\" }`";
                self.say_with_hint(&span, format!("{of} needs either `rate` or `rates`"), hint);
                Rates::Flat(Quantity::ZERO)
            }
        };
        Against::Credits {
            credits: raw.credits.into_inner(),
            rates,
        }
    }

    fn rate(&mut self, of: &str, text: &Spanned<String>) -> Quantity {
        match text.get_ref().parse::<Quantity>() {
            Ok(rate) if rate.fits(DECIMALS_MAX) && rate <= Quantity::REPORT_MAX => rate,
            _ => {
                let hint = format!("a number in a text, with at most {DECIMALS_MAX} decimals: \"1.5\"");
                self.say_with_hint(
                    &text.span(),
                    format!("{of}: `{}` is no rate", text.get_ref()),
                    hint,
                );
                Quantity::ZERO
            }
        }
    }

    fn limit_rules(&mut self, of: &str, raw: RawRules, at: &Span) -> LimitRules {
        let alerts = raw.alerts.map_or_else(Vec::new, |alerts| {
            let rising = alerts.get_ref().windows(2).all(|pair| pair[0] < pair[1]);
            let sensible = alerts
                .get_ref()
                .iter()
                .all(|percent| (1..=1000).contains(percent));
            if !rising || !sensible || alerts.get_ref().len() > ALERTS_MAX {
                let hint = "per cent of the limit, from the lowest to the highest: [80, 100]";
                self.say_with_hint(&alerts.span(), format!("{of}: the alerts are out of order"), hint);
            }
            alerts.into_inner()
        });
        if raw.closes_after > CLOSES_AFTER_MAX {
            self.say(
                at,
                format!("{of}: a period is closed within three days after its end"),
            );
        }
        LimitRules {
            past_limit: raw.past_limit,
            alerts,
            overage: self.unit_prices(of, raw.overage),
            late: raw.late,
            closes_after: raw.closes_after,
        }
    }

    fn unit_prices(&mut self, of: &str, raw: Vec<Spanned<RawUnitPrice>>) -> Vec<UnitPrice> {
        let mut prices: Vec<UnitPrice> = Vec::new();
        for raw in raw {
            let span = raw.span();
            let RawUnitPrice { currency, unit, per } = raw.into_inner();
            if prices.iter().any(|price| price.currency == currency) {
                self.say(&span, format!("{of} has two prices in {currency}"));
            }
            if !self.currencies.contains(&currency) {
                self.say(
                    &span,
                    format!("{of} has a price in {currency}, which the seller does not sell in"),
                );
            }
            if per == 0 || per > 1_000_000_000 {
                self.say(&span, format!("{of}: a price is for at least one unit"));
            }
            if let Some(amount) = self.amount(&unit, currency) {
                prices.push(UnitPrice {
                    currency,
                    amount,
                    per,
                });
            }
        }
        prices
    }
}
