//! What is counted: meters, credits, limits, and prices of what goes beyond.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use toml::Spanned;

use super::Builder;
use crate::domain::catalog::{Catalog, CreditId};
use crate::domain::metering::{
    Against, LimitRules, Limits, Measures, Meter, Metering, PastLimit, Quantity, Rates, UnitPrice,
};
use crate::workflow::problem::Span;
use crate::workflow::raw::RawCredit;
use crate::workflow::raw::metering::{RawMeter, RawSpending, RawUnitPrice};

/// The most decimals of a meter and of a rate: their product is still counted exactly.
const DECIMALS_MAX: u8 = 3;

/// The most thresholds of one limit: each is a mail.
const ALERTS_MAX: usize = 8;

/// The longest that a period stays open after its end: what is beyond is then still in time for the renewal's invoice.
const CLOSES_AFTER_MAX: SignedDuration = SignedDuration::from_hours(72);

/// The limits of a kind of credits, taken out of its section.
pub(super) struct RawLimits {
    id: Spanned<CreditId>,
    rules: RawRules,
}

/// Takes out of the sections of credits what their limits do.
pub(super) fn limits_of(credits: &mut [RawCredit]) -> Vec<RawLimits> {
    let taken = credits.iter_mut().map(|raw| RawLimits {
        id: raw.id.clone(),
        rules: RawRules {
            past_limit: raw.past_limit,
            alerts: raw.alerts.take(),
            overage: std::mem::take(&mut raw.overage),
            late: raw.late,
            closes_after: raw.closes_after.0,
        },
    });
    taken.collect()
}

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
        credits: Vec<RawLimits>,
        meters: Vec<RawMeter>,
    ) -> Metering {
        let limits = credits.into_iter().map(|raw| {
            let of = format!("credits `{}`", raw.id.get_ref());
            Limits {
                rules: self.limit_rules(&of, raw.rules, &raw.id.span()),
                credits: raw.id.into_inner(),
            }
        });
        Metering {
            credits: limits.collect(),
            meters: self.meters(catalog, meters),
        }
    }

    fn meters(&mut self, catalog: &Catalog, raw: Vec<RawMeter>) -> Vec<Meter> {
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
            let against = if let Some(spends) = raw.spends {
                if !alone || raw.measures == Measures::Level {
                    let hint = "say `alerts`, `overage` and `past_limit` of the credits that it spends";
                    let what = format!("{of} spends credits, and has an allowance or a limit of its own");
                    self.say_with_hint(&spends.span(), what, hint);
                }
                self.spending(&of, catalog, spends)
            } else {
                let shares = raw.allowance.into_iter();
                Against::Allowance(shares.map(|share| self.share(&of, share, catalog)).collect())
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

    fn spending(&mut self, of: &str, catalog: &Catalog, raw: Spanned<RawSpending>) -> Against {
        let span = raw.span();
        match raw.into_inner() {
            RawSpending {
                credits: Some(credits),
                rate: Some(rate),
                rates: None,
            } => {
                let known: Vec<_> = catalog.credits.iter().map(|credit| credit.id.clone()).collect();
                self.known(&credits.span(), "kind of credits", credits.get_ref(), &known);
                Against::Credits {
                    credits: credits.into_inner(),
                    rates: Rates::Flat(self.rate(of, &rate)),
                }
            }
            RawSpending {
                credits: None,
                rate: None,
                rates: Some(table),
            } => {
                let known: Vec<_> = catalog.rates.iter().map(|table| table.id.clone()).collect();
                self.known(&table.span(), "rate table", table.get_ref(), &known);
                match catalog.rate_table(table.get_ref()) {
                    Some(known) => Against::Credits {
                        credits: known.credit.clone(),
                        rates: Rates::Table(known.id.clone()),
                    },
                    // A problem was told.
                    None => Against::Allowance(Vec::new()),
                }
            }
            _ => {
                let hint = "write `{ rates = \"countries\" }`, or `{ credits = \"sms\", rate = \"1\" }`";
                self.say_with_hint(
                    &span,
                    format!("{of} needs a rate table, or credits and a rate"),
                    hint,
                );
                Against::Allowance(Vec::new())
            }
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
