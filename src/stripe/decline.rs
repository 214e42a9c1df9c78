//! The provider's words for a refused card, as our few stable reasons.

use crate::domain::change::Decline;

/// The reason behind an error's `code` and `decline_code`. What is not listed is `Generic`: a cause is never invented, and a
/// card that is reported lost or stolen is not to be called so. Source: Stripe, "Decline codes" and "Error codes".
pub(super) fn reason(code: Option<&str>, decline_code: Option<&str>) -> Decline {
    let said = match (code, decline_code) {
        (Some(AUTHENTICATION_FAILED | "setup_intent_authentication_failure"), _) => {
            return Decline::AuthenticationFailed;
        }
        (_, Some(decline_code)) => decline_code,
        (Some(code), None) => code,
        (None, None) => return Decline::Generic,
    };
    match said {
        "insufficient_funds" => Decline::InsufficientFunds,
        "expired_card" | "invalid_expiry_month" | "invalid_expiry_year" => Decline::ExpiredCard,
        "incorrect_cvc" | "invalid_cvc" => Decline::IncorrectCvc,
        "incorrect_number" | "invalid_number" => Decline::IncorrectNumber,
        "processing_error" | "issuer_not_available" | "try_again_later" | "reenter_transaction" => {
            Decline::ProcessingError
        }
        "card_velocity_exceeded" | "withdrawal_count_limit_exceeded" => Decline::Velocity,
        "authentication_required" | "authentication_not_handled" => Decline::AuthenticationRequired,
        // A boleto or Pix that nobody paid in time.
        "payment_intent_payment_attempt_expired" => Decline::VoucherExpired,
        _ => Decline::Generic,
    }
}

/// The code under which a failed authentication is reported.
const AUTHENTICATION_FAILED: &str = "payment_intent_authentication_failure";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_has_one_reason_and_the_rest_is_generic() {
        for (code, decline_code, expected) in [
            (
                Some("card_declined"),
                Some("insufficient_funds"),
                Decline::InsufficientFunds,
            ),
            (Some("card_declined"), Some("generic_decline"), Decline::Generic),
            (Some("card_declined"), Some("lost_card"), Decline::Generic),
            (Some("card_declined"), Some("stolen_card"), Decline::Generic),
            (
                Some("card_declined"),
                Some("card_velocity_exceeded"),
                Decline::Velocity,
            ),
            (Some("card_declined"), None, Decline::Generic),
            (Some("expired_card"), Some("expired_card"), Decline::ExpiredCard),
            (
                Some("incorrect_cvc"),
                Some("incorrect_cvc"),
                Decline::IncorrectCvc,
            ),
            (Some("incorrect_number"), None, Decline::IncorrectNumber),
            (
                Some("processing_error"),
                Some("processing_error"),
                Decline::ProcessingError,
            ),
            (
                Some("authentication_required"),
                Some("authentication_required"),
                Decline::AuthenticationRequired,
            ),
            (
                Some("payment_intent_authentication_failure"),
                None,
                Decline::AuthenticationFailed,
            ),
            (Some("a_new_word"), Some("another"), Decline::Generic),
            (None, None, Decline::Generic),
        ] {
            assert_eq!(reason(code, decline_code), expected, "{code:?} {decline_code:?}");
        }
    }
}
