//! What a customer is told when a card is refused: the bank's reason when there is one, never an invented one, and
//! always the same checklist.

use super::Words;
use crate::domain::language::Language;

/// Why a card was refused, as far as the customer may hear it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeclineReason {
    /// The bank gave no reason, or one that must not be said aloud (a lost, stolen or suspected card).
    Generic,
    /// Not enough balance or limit.
    InsufficientFunds,
    /// The card has expired, or its expiry date was mistyped.
    ExpiredCard,
    /// The security code was wrong.
    IncorrectCvc,
    /// The number was wrong.
    IncorrectNumber,
    /// The card cannot be used for this kind of purchase or in this currency.
    NotSupported,
    /// The bank or the network could not be asked; the same card may work later.
    ProcessingError,
    /// Too many or too large payments in a short time.
    Velocity,
    /// The customer's authentication with the bank failed or did not happen.
    AuthenticationFailed,
    /// No card at all: a boleto or Pix was not paid in time.
    VoucherExpired,
}

/// What to show after a refused card, in the order in which to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclineAdvice {
    /// What the bank said, as a sentence; for [`DeclineReason::Generic`] only that it did not approve the payment.
    pub reason: String,
    /// The sentence above the checklist.
    pub please_check: String,
    /// Number, expiry, security code, enabled for online purchases, balance or limit: always these, in this order.
    pub checklist: Vec<String>,
    /// Where to turn when all of that is right: the card's issuer.
    pub issuer: String,
}

impl DeclineReason {
    /// All of them, the generic one first.
    pub const ALL: [Self; 10] = [
        Self::Generic,
        Self::InsufficientFunds,
        Self::ExpiredCard,
        Self::IncorrectCvc,
        Self::IncorrectNumber,
        Self::NotSupported,
        Self::ProcessingError,
        Self::Velocity,
        Self::AuthenticationFailed,
        Self::VoucherExpired,
    ];

    /// The reason behind a decline code or card error code of the provider, or behind a [`DeclineReason::key`].
    ///
    /// Everything unknown is generic, and so are, by the provider's own advice, codes that would warn a thief
    /// (`lost_card`, `stolen_card`, `pickup_card`, `fraudulent`, ...). Source: Stripe, "Card decline codes".
    pub fn of_code(code: &str) -> Self {
        let named = |reason: &Self| reason.codes().contains(&code);
        Self::ALL.into_iter().find(named).unwrap_or(Self::Generic)
    }

    /// The codes that tell it: the provider's, and [`DeclineReason::key`]. The generic reason is told by every other.
    pub fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Generic => &[],
            Self::InsufficientFunds => &["insufficient_funds"],
            Self::ExpiredCard => &["expired_card", "invalid_expiry_month", "invalid_expiry_year"],
            Self::IncorrectCvc => &["incorrect_cvc", "invalid_cvc"],
            Self::IncorrectNumber => &["incorrect_number", "invalid_number"],
            Self::NotSupported => &["card_not_supported", "currency_not_supported", "not_supported"],
            Self::ProcessingError => &[
                "processing_error",
                "issuer_not_available",
                "reenter_transaction",
                "try_again_later",
            ],
            Self::Velocity => &[
                "card_velocity_exceeded",
                "withdrawal_count_limit_exceeded",
                "velocity",
            ],
            Self::AuthenticationFailed => &[
                "authentication_required",
                "authentication_not_handled",
                "payment_intent_authentication_failure",
                "setup_intent_authentication_failure",
                "authentication_failed",
            ],
            Self::VoucherExpired => &["voucher_expired", "payment_intent_payment_attempt_expired"],
        }
    }

    /// Whether it is about a card, so that there is something on it to check.
    pub fn is_about_a_card(self) -> bool {
        self != Self::VoucherExpired
    }

    /// The stable name under which the reason is journalled and handed to mails.
    pub fn key(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::InsufficientFunds => "insufficient_funds",
            Self::ExpiredCard => "expired_card",
            Self::IncorrectCvc => "incorrect_cvc",
            Self::IncorrectNumber => "incorrect_number",
            Self::NotSupported => "not_supported",
            Self::ProcessingError => "processing_error",
            Self::Velocity => "velocity",
            Self::AuthenticationFailed => "authentication_failed",
            Self::VoucherExpired => "voucher_expired",
        }
    }

    /// The reason with the checklist, in the customer's language. Where there was no card, there is nothing to check.
    pub fn advice(self, language: Language) -> DeclineAdvice {
        let say = |key: &str| Words::get(language, key, &[]);
        if !self.is_about_a_card() {
            return DeclineAdvice {
                reason: say(&format!("decline-{}", self.key().replace('_', "-"))),
                please_check: say("decline-choose-again"),
                checklist: Vec::new(),
                issuer: String::new(),
            };
        }
        DeclineAdvice {
            reason: say(&format!("decline-{}", self.key().replace('_', "-"))),
            please_check: say("decline-please-check"),
            checklist: [
                "decline-check-number",
                "decline-check-expiry",
                "decline-check-code",
                "decline-check-online",
                "decline-check-limit",
            ]
            .map(say)
            .to_vec(),
            issuer: say("decline-ask-the-issuer"),
        }
    }
}
