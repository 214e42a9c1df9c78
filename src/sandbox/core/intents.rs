//! What set-ups and payments on their way have in common: their states, and the steps that customers still owe.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::cards::Decline;

/// Where an intent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    Succeeded,
    Canceled,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Status::RequiresPaymentMethod => "requires_payment_method",
            Status::RequiresConfirmation => "requires_confirmation",
            Status::RequiresAction => "requires_action",
            Status::Processing => "processing",
            Status::Succeeded => "succeeded",
            Status::Canceled => "canceled",
        }
    }

    /// Whether it can still be confirmed, with this or another card.
    pub(super) fn is_waiting(self) -> bool {
        matches!(
            self,
            Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction
        )
    }
}

pub(super) fn next_action(world: &World, status: Status, id: &str, return_url: Option<&String>) -> Value {
    if status != Status::RequiresAction {
        return Value::Null;
    }
    json!({
        "type": "redirect_to_url",
        "redirect_to_url": { "return_url": return_url, "url": format!("{}/_sandbox/3ds/{id}", world.base_url) },
    })
}

/// The error as an intent remembers it.
pub(super) fn remembered(decline: &Decline, method: Option<Value>, charge: Option<&str>) -> Value {
    let mut error = json!({ "type": "card_error", "code": decline.code, "message": decline.message });
    if let Some(fields) = error.as_object_mut() {
        fields.extend(
            decline
                .reason
                .map(|reason| ("decline_code".to_owned(), json!(reason))),
        );
        fields.extend(method.map(|method| ("payment_method".to_owned(), method)));
        fields.extend(charge.map(|charge| ("charge".to_owned(), json!(charge))));
    }
    error
}
