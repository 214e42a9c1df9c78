//! Who asks: a server with a secret key, or a browser with a publishable one.
//!
//! Any key of the right form is welcome, since everybody who reaches loopback owns the sandbox. A live key never is: it
//! was meant for real money.

use axum::http::{HeaderMap, header};
use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::sandbox::error::{ApiError, ErrorKind};

/// The kind of key that a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// `sk_test_...`: may do everything.
    Server,
    /// `pk_test_...`: may do what a browser does.
    Browser,
}

impl Caller {
    /// Reads `Authorization`: a bearer token, or basic with the key as the name.
    ///
    /// # Errors
    /// Stripe's 401, without any part of the key.
    pub(super) fn of(headers: &HeaderMap) -> Result<Caller, ApiError> {
        let missing = "You did not provide an API key. You need to provide your API key in the Authorization header, using \
                       Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
        let value = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let (scheme, rest) = value
            .and_then(|value| value.split_once(' '))
            .ok_or_else(|| unauthorized(missing))?;
        let key = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => rest.trim().to_owned(),
            "basic" => basic_name(rest.trim())
                .ok_or_else(|| unauthorized("Invalid basic authentication provided."))?,
            _ => return Err(unauthorized(missing)),
        };
        let has_tail = |prefix: &str| {
            key.strip_prefix(prefix)
                .is_some_and(|tail| !tail.is_empty() && tail.len() <= 200)
        };
        if has_tail("sk_test_") {
            Ok(Caller::Server)
        } else if has_tail("pk_test_") {
            Ok(Caller::Browser)
        } else if ["sk_live_", "rk_live_", "pk_live_"]
            .iter()
            .any(|prefix| key.starts_with(prefix))
        {
            Err(unauthorized(
                "A live key was sent to a sandbox. Use one that starts with sk_test_ or pk_test_.",
            ))
        } else {
            Err(unauthorized(
                "Invalid API Key provided. This sandbox takes any key that starts with sk_test_ or pk_test_.",
            ))
        }
    }

    /// What a browser may do: make a payment method, and see and confirm the intents whose client secret it has.
    ///
    /// # Errors
    /// Stripe's 401 `secret_key_required`.
    pub(super) fn may(self, operation: &str) -> Result<(), ApiError> {
        if self == Caller::Server || operation == "PostPaymentMethods" || intent_of(operation).is_some() {
            return Ok(());
        }
        let message = "This API call cannot be made with a publishable API key. Please use a secret API key.";
        Err(unauthorized(message).with_code("secret_key_required"))
    }
}

/// For an operation that a browser may do with a client secret: the operation that reads the intent.
pub(super) fn intent_of(operation: &str) -> Option<&'static str> {
    match operation {
        "GetPaymentIntentsIntent" | "PostPaymentIntentsIntentConfirm" => Some("GetPaymentIntentsIntent"),
        "GetSetupIntentsIntent" | "PostSetupIntentsIntentConfirm" => Some("GetSetupIntentsIntent"),
        _ => None,
    }
}

fn basic_name(encoded: &str) -> Option<String> {
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (name, _) = decoded.split_once(':')?;
    Some(name.to_owned())
}

fn unauthorized(message: &str) -> ApiError {
    ApiError::new(401, ErrorKind::InvalidRequest, message)
}
