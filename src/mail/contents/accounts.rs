//! What a customer hears besides a change's own course: money, cards, who pays.

use jiff::Timestamp;

use super::{Body, Speech};
use crate::domain::account::CardMove;
use crate::domain::money::Money;
use crate::mail::page::one_line;
use crate::ports::mail::{CardFace, Voucher, VoucherKind};
use crate::text::Arg;

impl Speech<'_> {
    pub(super) fn voucher(&self, voucher: &Voucher) -> Body {
        let (first, again, text, code, action) = match voucher.kind {
            VoucherKind::Boleto => (
                "mail-boleto-subject",
                "mail-boleto-again-subject",
                "mail-boleto-text",
                "mail-boleto-code",
                "mail-boleto-action",
            ),
            VoucherKind::Pix => (
                "mail-pix-subject",
                "mail-pix-again-subject",
                "mail-pix-text",
                "mail-pix-code",
                "mail-pix-action",
            ),
        };
        let until = match voucher.kind {
            // A boleto is due on a day, a Pix code dies at a minute.
            VoucherKind::Boleto => self.date(voucher.pay_until),
            VoucherKind::Pix => self.moment(voucher.pay_until),
        };
        let mut paragraphs = vec![self.words(text)];
        paragraphs.extend(voucher.releases.as_deref().map(one_line));
        let written = voucher.code.as_deref().map(|code| code.trim().to_owned());
        let body = Body {
            subject: self.words(if voucher.again { again } else { first }),
            paragraphs,
            amount: Some(self.fact("mail-voucher-amount", self.money(voucher.amount))),
            facts: vec![self.fact("mail-voucher-until", until)],
            code: written.map(|written| self.fact(code, code_of(&written))),
            ..Body::default()
        };
        self.leading_on(body, action, voucher.url.as_deref())
    }

    pub(super) fn given_back(&self, text: &str, amount: Money) -> Body {
        Body {
            amount: Some(self.fact("mail-refunded-amount", self.money(amount))),
            ..self.plain("mail-refunded-subject", text)
        }
    }

    pub(super) fn past_due(
        &self,
        amount: Option<Money>,
        since: Option<Timestamp>,
        url: Option<&str>,
    ) -> Body {
        let since = since.map(|since| self.fact("mail-past-due-since", self.date(since)));
        let body = Body {
            amount: amount.map(|amount| self.fact("mail-past-due-amount", self.money(amount))),
            facts: since.into_iter().collect(),
            ..self.plain("mail-past-due-subject", "mail-past-due-text")
        };
        self.leading_on(body, "mail-past-due-action", url)
    }

    pub(super) fn card(&self, what: CardMove, card: &CardFace) -> Body {
        let (subject, text) = match what {
            CardMove::Added => ("mail-card-added-subject", "mail-card-added-text"),
            CardMove::Removed => ("mail-card-removed-subject", "mail-card-removed-text"),
            CardMove::PaysRenewals => ("mail-card-renewals-subject", "mail-card-renewals-text"),
        };
        let ending = self.told(
            "mail-card-ending",
            &[
                ("brand", Arg::from(brand(&card.brand))),
                ("digits", Arg::from(one_line(&card.last4))),
            ],
        );
        let expiry = card.expiry.map(|(month, year)| format!("{month:02}/{year}"));
        let mut facts = vec![self.fact("mail-card-card", ending)];
        facts.extend(expiry.map(|expiry| self.fact("mail-card-expiry", expiry)));
        Body {
            facts,
            ..self.plain(subject, text)
        }
    }

    pub(super) fn payer(&self, agency: &str, until: Option<Timestamp>, url: Option<&str>) -> Body {
        let agency = one_line(agency);
        let until = until.map(|until| self.fact("mail-payer-until", self.moment(until)));
        let body = Body {
            subject: self.told("mail-payer-subject", &[("agency", Arg::from(&agency))]),
            paragraphs: vec![self.told("mail-payer-text", &[("agency", Arg::from(&agency))])],
            facts: until.into_iter().collect(),
            ..Body::default()
        };
        self.leading_on(body, "mail-payer-action", url)
    }
}

/// A brand as it stands on the card. Source of the names: Stripe, `card.brand`.
fn brand(brand: &str) -> String {
    match brand {
        "amex" => "American Express".to_owned(),
        "cartes_bancaires" => "Cartes Bancaires".to_owned(),
        "diners" => "Diners Club".to_owned(),
        "jcb" => "JCB".to_owned(),
        "unionpay" => "UnionPay".to_owned(),
        other => {
            let other = one_line(other);
            let mut letters = other.chars();
            let first = letters.next().map(|first| first.to_uppercase().to_string());
            first.unwrap_or_default() + letters.as_str()
        }
    }
}

/// The most characters of a code that is copied: a Pix code holds up to 512.
const CODE_CHARS_MAX: usize = 600;

/// A code as it is: printable ASCII, blanks inside included, or it could not be typed.
fn code_of(written: &str) -> String {
    written
        .chars()
        .filter(|c| c.is_ascii_graphic() || *c == ' ')
        .take(CODE_CHARS_MAX)
        .collect()
}
