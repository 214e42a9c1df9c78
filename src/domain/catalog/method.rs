//! Ways to pay: whom a seller offers them to, and until when money that the customer sends themselves may arrive.

use jiff::civil::Time;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::account::TaxIdKind;
use crate::domain::language::Texts;
use crate::domain::money::{Currency, Money};

/// A way to pay and its conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodRule {
    /// Which way.
    pub kind: PaymentMethodKind,
    /// When a payment releases the change, in the customer's words.
    pub releases: Texts,
    /// How long an account must have been the seller's customer.
    pub after: Option<Age>,
    /// In which currencies; none named means all.
    pub currencies: Vec<Currency>,
    /// Which tax numbers it needs one of; none named means that it needs none.
    pub tax_ids: Vec<TaxIdKind>,
    /// How long the customer has for sending the money. Nothing for a card, which is charged at once.
    pub pay_within: SignedDuration,
    /// How long the money is on its way after that, at most.
    pub settles_within: SignedDuration,
}

/// A way to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethodKind {
    /// A credit or debit card.
    Card,
    /// A Brazilian bank slip: the customer pays it at a bank, within days.
    Boleto,
    /// A Brazilian instant payment: the customer scans a code, within minutes.
    Pix,
}

/// A length of time on the calendar: months have the lengths that they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    /// Whole months.
    pub months: u16,
    /// Days on top.
    pub days: u16,
}

/// How the customer is asked to send the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum VoucherTerms {
    /// A boleto that can be paid until the end of that day.
    Boleto {
        /// Counted from today.
        days: u32,
    },
    /// A Pix code.
    Pix {
        /// For how long it can be paid.
        seconds: i64,
    },
}

/// What a way to pay is asked for.
#[derive(Debug, Clone, Copy)]
pub struct MethodAsk<'a> {
    /// Since when the account is the seller's customer.
    pub customer_since: Timestamp,
    /// The seller's time zone.
    pub time_zone: &'a TimeZone,
    /// What is to be paid.
    pub due: Money,
    /// The present.
    pub now: Timestamp,
    /// Until when the money must be there: the next renewal, less the seller's freeze before it.
    pub must_settle_by: Option<Timestamp>,
    /// Whether there is a subscription that the money changes.
    pub subscribed: bool,
}

/// Why a way to pay cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unavailable {
    /// Not in this currency.
    Currency,
    /// Only later: the account has not been the seller's customer for long enough.
    Until(Timestamp),
    /// There is nothing to pay.
    NothingDue,
    /// The provider does not take so little.
    TooLittle(Money),
    /// The provider does not take so much.
    TooMuch(Money),
    /// The money would not be there before the renewal.
    RenewalTooNear,
    /// The first charge of a new subscription needs a card, which its renewals are charged on.
    FirstSubscription,
}

impl Unavailable {
    /// The stable word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Currency => "currency",
            Self::Until(_) => "not_yet",
            Self::NothingDue => "nothing_due",
            Self::TooLittle(_) => "too_little",
            Self::TooMuch(_) => "too_much",
            Self::RenewalTooNear => "renewal_too_near",
            Self::FirstSubscription => "first_subscription",
        }
    }
}

/// What the provider takes by these ways, in cents of a real. Source: Stripe, "Boleto payments" and "Pix payments".
const REAIS: &str = "BRL";
const BOLETO_CENTS: (i64, i64) = (500, 4_999_999);
const PIX_CENTS: (i64, i64) = (50, 300_000_000);

/// The hour by which a boleto ends its last day, counted where banks in São Paulo are. Brazil has no summer time since 2019.
const SAO_PAULO: Offset = Offset::constant(-3);

impl PaymentMethodKind {
    /// The word by which files, the API and the store know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Boleto => "boleto",
            Self::Pix => "pix",
        }
    }

    /// Whether the customer sends the money themselves, after the change has asked for it.
    pub fn is_sent_by_the_customer(self) -> bool {
        !matches!(self, Self::Card)
    }

    /// How long the customer usually has, and how long the money is on its way then.
    pub fn usual_times(self) -> (SignedDuration, SignedDuration) {
        match self {
            Self::Card => (SignedDuration::ZERO, SignedDuration::ZERO),
            Self::Boleto => (SignedDuration::from_hours(72), SignedDuration::from_hours(72)),
            Self::Pix => (SignedDuration::from_mins(30), SignedDuration::from_mins(10)),
        }
    }

    /// The shortest and the longest time that the provider can give a customer. Source: as above.
    pub fn pay_within_bounds(self) -> (SignedDuration, SignedDuration) {
        match self {
            Self::Card => (SignedDuration::ZERO, SignedDuration::ZERO),
            Self::Boleto => (
                SignedDuration::from_hours(24),
                SignedDuration::from_hours(24 * 60),
            ),
            Self::Pix => (SignedDuration::from_secs(10), SignedDuration::from_hours(24 * 14)),
        }
    }

    fn limits(self, currency: Currency) -> Option<(Money, Money)> {
        let (least, most) = match self {
            Self::Card => return None,
            Self::Boleto => BOLETO_CENTS,
            Self::Pix => PIX_CENTS,
        };
        Some((Money::new(least, currency), Money::new(most, currency)))
    }
}

impl Age {
    /// When an account that began then is so old, by the seller's calendar.
    pub fn reached(self, began: Timestamp, time_zone: &TimeZone) -> Timestamp {
        let span = Span::new()
            .months(i64::from(self.months))
            .days(i64::from(self.days));
        let later = began.to_zoned(time_zone.clone()).checked_add(span);
        later.map_or(Timestamp::MAX, |later| later.timestamp())
    }
}

impl VoucherTerms {
    /// Which way to pay.
    pub fn kind(self) -> PaymentMethodKind {
        match self {
            Self::Boleto { .. } => PaymentMethodKind::Boleto,
            Self::Pix { .. } => PaymentMethodKind::Pix,
        }
    }

    /// Until when it can be paid, when it is issued at this moment.
    fn payable_until(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Pix { seconds } => later(now, SignedDuration::from_secs(seconds)),
            Self::Boleto { days } => {
                let here = now.to_zoned(TimeZone::fixed(SAO_PAULO));
                let last = here.checked_add(Span::new().days(i64::from(days)));
                let end = last.and_then(|day| day.with().time(Time::constant(23, 59, 59, 0)).build());
                end.map_or(Timestamp::MAX, |end| end.timestamp())
            }
        }
    }
}

impl MethodRule {
    /// Whether it can be chosen, apart from the customer's tax number; and how the customer is then asked for the money, where
    /// they send it themselves.
    pub fn available(&self, ask: &MethodAsk<'_>) -> Result<Option<VoucherTerms>, Unavailable> {
        let currency = ask.due.currency;
        if !self.currencies.is_empty() && !self.currencies.contains(&currency) {
            return Err(Unavailable::Currency);
        }
        if let Some(from) = self
            .from(ask.customer_since, ask.time_zone)
            .filter(|from| *from > ask.now)
        {
            return Err(Unavailable::Until(from));
        }
        let Some((least, most)) = self.kind.limits(currency) else {
            return Ok(None);
        };
        if currency.code() != REAIS {
            return Err(Unavailable::Currency);
        }
        if !ask.subscribed {
            return Err(Unavailable::FirstSubscription);
        }
        match ask.due.amount {
            ..=0 => Err(Unavailable::NothingDue),
            due if due < least.amount => Err(Unavailable::TooLittle(least)),
            due if due > most.amount => Err(Unavailable::TooMuch(most)),
            _ => self.terms(ask).map(Some).ok_or(Unavailable::RenewalTooNear),
        }
    }

    /// From when an account may choose it, where it must have been a customer for some time.
    pub fn from(&self, customer_since: Timestamp, time_zone: &TimeZone) -> Option<Timestamp> {
        self.after.map(|age| age.reached(customer_since, time_zone))
    }

    /// The longest time within the seller's own after which the money still arrives before the renewal.
    fn terms(&self, ask: &MethodAsk<'_>) -> Option<VoucherTerms> {
        let fits = |terms: &VoucherTerms| {
            let settled = later(terms.payable_until(ask.now), self.settles_within);
            ask.must_settle_by.is_none_or(|by| settled < by)
        };
        match self.kind {
            PaymentMethodKind::Card => None,
            PaymentMethodKind::Boleto => {
                let days = u32::try_from(self.pay_within.as_hours() / 24).unwrap_or(u32::MAX);
                let all = (1..=days.min(60)).rev();
                all.map(|days| VoucherTerms::Boleto { days }).find(fits)
            }
            PaymentMethodKind::Pix => {
                let seconds = self.pay_within.as_secs();
                Some(VoucherTerms::Pix { seconds }).filter(fits)
            }
        }
    }
}

/// Saturating: what a file says is bounded, a clock is not.
fn later(at: Timestamp, wait: SignedDuration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_773_846_000, 0); // 2026-03-18T15:00:00Z

    fn boleto() -> MethodRule {
        MethodRule {
            kind: PaymentMethodKind::Boleto,
            releases: Texts::new(),
            after: Some(Age { months: 1, days: 0 }),
            currencies: Vec::new(),
            tax_ids: vec![TaxIdKind::Cnpj, TaxIdKind::Cpf],
            pay_within: SignedDuration::from_hours(72),
            settles_within: SignedDuration::from_hours(72),
        }
    }

    fn asked(
        rule: &MethodRule,
        change: impl FnOnce(&mut MethodAsk<'_>),
    ) -> Result<Option<VoucherTerms>, Unavailable> {
        let mut ask = MethodAsk {
            customer_since: "2025-09-10T15:00:00Z".parse().unwrap(),
            time_zone: &TimeZone::UTC,
            due: Money::new(5_000, "BRL".parse().unwrap()),
            now: NOW,
            must_settle_by: Some("2026-04-10T03:00:00Z".parse().unwrap()),
            subscribed: true,
        };
        change(&mut ask);
        rule.available(&ask)
    }

    #[test]
    fn a_boleto_is_there_from_the_day_on_which_the_account_is_a_month_old() {
        let since = |text: &str| text.parse::<Timestamp>().unwrap();
        let young = asked(&boleto(), |ask| {
            ask.customer_since = since("2026-02-18T15:00:01Z");
        });
        assert_eq!(young, Err(Unavailable::Until(since("2026-03-18T15:00:01Z"))));
        let old = asked(&boleto(), |ask| {
            ask.customer_since = since("2026-02-18T15:00:00Z");
        });
        assert_eq!(old, Ok(Some(VoucherTerms::Boleto { days: 3 })));
        // The last day of a month counts as a month after the last day of a longer one.
        let age = Age { months: 1, days: 0 };
        assert_eq!(
            age.reached(since("2026-01-31T12:00:00Z"), &TimeZone::UTC),
            since("2026-02-28T12:00:00Z")
        );
    }

    #[test]
    fn fewer_days_are_given_where_only_those_fit_before_the_renewal() {
        let by = |text: &str| {
            let at = text.parse::<Timestamp>().unwrap();
            asked(&boleto(), |ask| ask.must_settle_by = Some(at))
        };
        // Two days end on the 20th at 23:59:59 in São Paulo, and the money has three days from then on.
        assert_eq!(
            by("2026-03-24T03:00:00Z"),
            Ok(Some(VoucherTerms::Boleto { days: 2 }))
        );
        assert_eq!(
            by("2026-03-23T03:00:00Z"),
            Ok(Some(VoucherTerms::Boleto { days: 1 }))
        );
        assert_eq!(by("2026-03-22T03:00:00Z"), Err(Unavailable::RenewalTooNear));
    }

    #[test]
    fn what_cannot_be_paid_by_it_says_why() {
        let reais = |amount| Money::new(amount, "BRL".parse().unwrap());
        let due = |amount| asked(&boleto(), |ask| ask.due = reais(amount));
        assert_eq!(due(0), Err(Unavailable::NothingDue));
        assert_eq!(due(499), Err(Unavailable::TooLittle(reais(500))));
        assert!(due(500).is_ok() && due(4_999_999).is_ok());
        assert_eq!(due(5_000_000), Err(Unavailable::TooMuch(reais(4_999_999))));
        let foreign = asked(&boleto(), |ask| {
            ask.due = Money::new(5_000, "USD".parse().unwrap());
        });
        assert_eq!(foreign, Err(Unavailable::Currency));
        let first = asked(&boleto(), |ask| ask.subscribed = false);
        assert_eq!(first, Err(Unavailable::FirstSubscription));
    }
}
