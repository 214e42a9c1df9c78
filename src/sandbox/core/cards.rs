//! The test cards: numbers, the names that stand for them in requests (`pm_card_visa`, `tok_visa`), and how each behaves.
//! Source: Stripe, "Test card numbers" in its testing guide; the names are those of its client libraries' documentation.

/// How a payment or a set-up with a card is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decline {
    /// `code` of the error.
    pub(super) code: &'static str,
    /// `decline_code`, where the bank gave one.
    pub(super) reason: Option<&'static str>,
    /// The sentence for developers.
    pub(super) message: &'static str,
}

const fn declined(reason: &'static str, message: &'static str) -> Decline {
    Decline {
        code: "card_declined",
        reason: Some(reason),
        message,
    }
}

const GENERIC: Decline = declined("generic_decline", "Your card was declined.");
const NO_FUNDS: Decline = declined("insufficient_funds", "Your card has insufficient funds.");
const LOST: Decline = declined("lost_card", "Your card was declined.");
const STOLEN: Decline = declined("stolen_card", "Your card was declined.");
const VELOCITY: Decline = declined(
    "card_velocity_exceeded",
    "Your card was declined for exceeding its amount or frequency limit.",
);
const FRAUD: Decline = declined("fraudulent", "Your card was declined.");
const EXPIRED: Decline = Decline {
    code: "expired_card",
    reason: Some("expired_card"),
    message: "Your card has expired.",
};
const WRONG_CVC: Decline = Decline {
    code: "incorrect_cvc",
    reason: Some("incorrect_cvc"),
    message: "Your card's security code is incorrect.",
};
const PROCESSING: Decline = Decline {
    code: "processing_error",
    reason: Some("processing_error"),
    message: "An error occurred while processing your card. Try again in a little bit.",
};

/// When the card's holder must confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Authentication {
    Never,
    /// On session always; off session only while the card is not set up for it.
    UnlessSetUp,
    /// On session only: this card counts as set up from the start.
    OnSession,
    Always,
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) number: &'static str,
    /// What follows `pm_card_` and `tok_`.
    pub(super) name: &'static str,
    pub(super) brand: &'static str,
    pub(super) country: &'static str,
    pub(super) authentication: Authentication,
    /// The answer when the card is attached or set up.
    pub(super) on_set_up: Option<Decline>,
    /// The answer when it is charged, after authentication where that is asked.
    pub(super) on_charge: Option<Decline>,
}

impl Card {
    pub(super) fn last4(&self) -> &'static str {
        self.number
            .get(self.number.len().saturating_sub(4)..)
            .unwrap_or_default()
    }

    /// Whether its holder must confirm now.
    pub(super) fn asks(&self, off_session: bool, set_up: bool) -> bool {
        match self.authentication {
            Authentication::Never => false,
            Authentication::UnlessSetUp => !(off_session && set_up),
            Authentication::OnSession => !off_session,
            Authentication::Always => true,
        }
    }
}

const fn good(number: &'static str, name: &'static str, brand: &'static str, country: &'static str) -> Card {
    Card {
        number,
        name,
        brand,
        country,
        authentication: Authentication::Never,
        on_set_up: None,
        on_charge: None,
    }
}

const fn asking(number: &'static str, name: &'static str, authentication: Authentication) -> Card {
    Card {
        authentication,
        ..good(number, name, "visa", "US")
    }
}

const fn refused(number: &'static str, name: &'static str, decline: Decline) -> Card {
    Card {
        on_set_up: Some(decline),
        on_charge: Some(decline),
        ..good(number, name, "visa", "US")
    }
}

static CARDS: [Card; 25] = [
    good("4242424242424242", "visa", "visa", "US"),
    good("4000056655665556", "visa_debit", "visa", "US"),
    good("5555555555554444", "mastercard", "mastercard", "US"),
    good("378282246310005", "amex", "amex", "US"),
    good("4000000760000002", "br", "visa", "BR"),
    good("4000002500001001", "fr", "visa", "FR"),
    good("4000007240000007", "es", "visa", "ES"),
    asking(
        "4000002500003155",
        "authenticationRequiredOnSetup",
        Authentication::UnlessSetUp,
    ),
    asking(
        "4000002760003184",
        "authenticationRequired",
        Authentication::Always,
    ),
    asking(
        "4000003800000446",
        "authenticationRequiredSetupForOffSession",
        Authentication::OnSession,
    ),
    asking(
        "4000000000003220",
        "threeDSecure2Required",
        Authentication::Always,
    ),
    asking("4000000000003063", "threeDSecureRequired", Authentication::Always),
    Card {
        on_charge: Some(NO_FUNDS),
        ..asking(
            "4000008260003178",
            "authenticationRequiredChargeDeclinedInsufficientFunds",
            Authentication::Always,
        )
    },
    Card {
        on_charge: Some(GENERIC),
        ..asking(
            "4000008400001629",
            "threeDSecureRequiredChargeDeclined",
            Authentication::Always,
        )
    },
    Card {
        on_charge: Some(GENERIC),
        ..good("4000000000000341", "chargeCustomerFail", "visa", "US")
    },
    refused("4000000000000002", "chargeDeclined", GENERIC),
    refused("4000000000009995", "chargeDeclinedInsufficientFunds", NO_FUNDS),
    refused("4000000000009987", "chargeDeclinedLostCard", LOST),
    refused("4000000000009979", "chargeDeclinedStolenCard", STOLEN),
    refused("4000000000000069", "chargeDeclinedExpiredCard", EXPIRED),
    refused("4000000000000127", "chargeDeclinedIncorrectCvc", WRONG_CVC),
    refused("4000000000000119", "chargeDeclinedProcessingError", PROCESSING),
    refused(
        "4000000000006975",
        "chargeDeclinedVelocityLimitExceeded",
        VELOCITY,
    ),
    refused("4100000000000019", "chargeDeclinedFraudulent", FRAUD),
    good("6011111111111117", "discover", "discover", "US"),
];

/// The card with this number; spaces and dashes do not count.
pub(super) fn by_number(number: &str) -> Option<&'static Card> {
    let digits: String = number.chars().filter(|sign| !matches!(sign, ' ' | '-')).collect();
    CARDS.iter().find(|card| card.number == digits)
}

/// The card that a request names instead of a number: `pm_card_visa`, `tok_visa`, and `pm_card_visa_chargeDeclined` for
/// the refused ones, as Stripe spells them too.
pub(super) fn by_name(name: &str) -> Option<&'static Card> {
    let short = name
        .strip_prefix("pm_card_")
        .or_else(|| name.strip_prefix("tok_"))?;
    let bare = short
        .strip_prefix("visa_")
        .filter(|rest| rest.starts_with("charge"));
    CARDS.iter().find(|card| card.name == bare.unwrap_or(short))
}

/// Every card, for a page that lists them: its number, its name in requests, and what it does.
pub(super) fn listed() -> impl Iterator<Item = (&'static str, String, String)> {
    CARDS
        .iter()
        .map(|card| (card.number, format!("pm_card_{}", card.name), card.in_words()))
}

impl Card {
    fn in_words(&self) -> String {
        let asks = match self.authentication {
            Authentication::Never => None,
            Authentication::UnlessSetUp => Some("asks for authentication unless it was set up"),
            Authentication::OnSession => Some("is set up already: asks for authentication on session only"),
            Authentication::Always => Some("always asks for authentication"),
        };
        let refuses = |decline: Decline| decline.reason.unwrap_or(decline.code);
        let ends = match (self.on_set_up, self.on_charge) {
            (Some(decline), _) => format!("cannot be saved or charged ({})", refuses(decline)),
            (None, Some(decline)) => format!(
                "can be saved, but is declined when charged ({})",
                refuses(decline)
            ),
            (None, None) => "succeeds".to_owned(),
        };
        asks.map_or(ends.clone(), |asks| format!("{asks}, then {ends}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_card_is_found_by_number_and_by_both_names() {
        for card in &CARDS {
            assert_eq!(by_number(card.number), Some(card));
            assert_eq!(by_name(&format!("pm_card_{}", card.name)), Some(card));
            assert_eq!(by_name(&format!("tok_{}", card.name)), Some(card));
            assert!(passes_luhn(card.number), "{} is no card number", card.number);
        }
        assert_eq!(by_number("4242 4242 4242 4242").map(Card::last4), Some("4242"));
        assert_eq!(
            by_name("pm_card_visa_chargeDeclined"),
            by_name("pm_card_chargeDeclined")
        );
        assert_eq!(by_name("pm_1Abc"), None);
    }

    #[test]
    fn a_card_asks_its_holder_as_published() {
        let on_set_up = by_number("4000002500003155").unwrap();
        assert!(on_set_up.asks(true, false) && !on_set_up.asks(true, true) && on_set_up.asks(false, true));
        let already = by_number("4000003800000446").unwrap();
        assert!(!already.asks(true, false) && already.asks(false, false));
        assert!(by_number("4000002760003184").unwrap().asks(true, true));
    }

    fn passes_luhn(number: &str) -> bool {
        let weighed = number.bytes().rev().enumerate().map(|(place, digit)| {
            let digit = u32::from(digit - b'0') * if place % 2 == 1 { 2 } else { 1 };
            if digit > 9 { digit - 9 } else { digit }
        });
        weighed.sum::<u32>() % 10 == 0
    }
}
