//! What the sandbox answers when it cannot do what was asked: Stripe's error envelope, and nothing else.
//!
//! Every refusal of the sandbox, from a missing key to a fault that somebody switched on, leaves as this JSON. It knows
//! no HTTP library; the status is a number.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// The `type` of an error, as Stripe names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Something went wrong on the provider's side.
    Api,
    /// The card could not be charged.
    Card,
    /// An idempotency key was used again for another request.
    Idempotency,
    /// The request cannot be understood, or is not allowed now.
    InvalidRequest,
}

impl ErrorKind {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Api => "api_error",
            ErrorKind::Card => "card_error",
            ErrorKind::Idempotency => "idempotency_error",
            ErrorKind::InvalidRequest => "invalid_request_error",
        }
    }
}

/// One refusal, complete enough to be rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// `type`.
    pub kind: ErrorKind,
    /// `code`, such as `resource_missing`.
    pub code: Option<Cow<'static, str>>,
    /// `decline_code` of a card, such as `insufficient_funds`.
    pub decline_code: Option<Cow<'static, str>>,
    /// `message`, for developers.
    pub message: String,
    /// `param`: the parameter at fault, in form notation (`items[0][price]`).
    pub param: Option<Box<str>>,
    /// `charge`: the charge that failed.
    pub charge: Option<Box<str>>,
    /// An object that goes along: `payment_intent`, `setup_intent` or `payment_method`, with its rendered form.
    pub object: Option<Box<(&'static str, Value)>>,
}

impl ApiError {
    /// An error with neither code nor parameter.
    pub fn new(status: u16, kind: ErrorKind, message: impl Into<String>) -> ApiError {
        ApiError {
            status,
            kind,
            code: None,
            decline_code: None,
            message: message.into(),
            param: None,
            charge: None,
            object: None,
        }
    }

    /// A 400: the request cannot be done as it is.
    pub fn invalid(message: impl Into<String>) -> ApiError {
        ApiError::new(400, ErrorKind::InvalidRequest, message)
    }

    /// A 402: the card said no, or asks for its holder.
    pub fn card(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> ApiError {
        ApiError::new(402, ErrorKind::Card, message).with_code(code)
    }

    /// A 404 with `resource_missing`: `noun` is the object's name in a sentence (`customer`), `param` the parameter that
    /// named it (`id` when the path did). Named in a body or a query, it leaves as a 400.
    pub fn missing(noun: &str, id: &str, param: &str) -> ApiError {
        ApiError::new(404, ErrorKind::InvalidRequest, format!("No such {noun}: '{id}'"))
            .with_code("resource_missing")
            .with_param(param)
    }

    /// A 500: the sandbox itself is at fault.
    pub fn internal(message: impl Into<String>) -> ApiError {
        ApiError::new(500, ErrorKind::Api, message)
    }

    /// Adds `code`.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Cow<'static, str>>) -> ApiError {
        self.code = Some(code.into());
        self
    }

    /// Adds `decline_code`.
    #[must_use]
    pub fn with_decline_code(mut self, code: impl Into<Cow<'static, str>>) -> ApiError {
        self.decline_code = Some(code.into());
        self
    }

    /// Adds `param`.
    #[must_use]
    pub fn with_param(mut self, param: impl Into<Box<str>>) -> ApiError {
        self.param = Some(param.into());
        self
    }

    /// Adds a rendered object under its name (`payment_intent`, `setup_intent`, `payment_method`).
    #[must_use]
    pub fn with_object(mut self, name: &'static str, object: Value) -> ApiError {
        self.object = Some(Box::new((name, object)));
        self
    }

    /// The envelope, `{"error": {...}}`. `request_id` is shown as Stripe shows it, as a link to its log.
    pub fn envelope(&self, request_id: &str) -> Value {
        let mut error = Map::new();
        error.insert("type".to_owned(), json!(self.kind.as_str()));
        error.insert("message".to_owned(), json!(self.message));
        if let Some(code) = &self.code {
            error.insert("code".to_owned(), json!(code));
            error.insert(
                "doc_url".to_owned(),
                json!(format!(
                    "https://stripe.com/docs/error-codes/{}",
                    code.replace('_', "-")
                )),
            );
        }
        if let Some(code) = &self.decline_code {
            error.insert("decline_code".to_owned(), json!(code));
        }
        if let Some(param) = &self.param {
            error.insert("param".to_owned(), json!(param));
        }
        if let Some(charge) = &self.charge {
            error.insert("charge".to_owned(), json!(charge));
        }
        if let Some(object) = &self.object {
            error.insert(object.0.to_owned(), object.1.clone());
        }
        error.insert(
            "request_log_url".to_owned(),
            json!(format!("/_sandbox/requests?id={request_id}")),
        );
        json!({ "error": error })
    }
}
