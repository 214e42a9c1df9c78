//! What an answer means for the flow: the one place where statuses, codes and lost connections become verdicts.
//!
//! Knows nothing of what the calls are for, beyond which of them charge, close an invoice, or delete.

use bytes::Bytes;
use serde::Deserialize;

use super::answer::{Answer, TransportError, Unread};
use super::decline;
use crate::domain::change::{CallFailure, CallName, Decline};
use crate::ports::payments::{CallError, ReadError};

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It did its work; this is the answer's body.
    Done(Bytes),
    /// The bank refused the card.
    Declined(Decline),
    /// The bank wants the customer to authenticate; the payment waits for it.
    ActionRequired,
    /// What should be deleted is not there (any more).
    Gone,
    /// Everything else.
    Over(CallError),
}

/// The error that Stripe puts into its answers; only the fields that verdicts need. Source: Stripe, "Errors".
#[derive(Default, Deserialize)]
struct Said {
    #[serde(rename = "type", default)]
    kind: String,
    code: Option<String>,
    decline_code: Option<String>,
    message: Option<String>,
    param: Option<String>,
}

#[derive(Deserialize)]
struct Envelope {
    error: Said,
}

/// How a call is judged where its name makes a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Charges,
    ClosesInvoice,
    Deletes,
    Other,
}

/// The payment waits for the customer: an error in form only.
const ACTION_REQUIRED: [&str; 3] = [
    "invoice_payment_intent_requires_action",
    "subscription_payment_intent_requires_action",
    "payment_intent_action_required",
];

/// The thing is not in a state in which this can be done.
const WRONG_STATE: [&str; 7] = [
    "invoice_already_paid",
    "invoice_not_editable",
    "invoice_not_open",
    "invoice_payment_in_progress",
    "payment_intent_unexpected_state",
    "payment_method_unexpected_state",
    "status_transition_invalid",
];

/// Nothing was done, and the same request under the same key may do it later.
const LATER: [&str; 3] = ["idempotency_key_in_use", "lock_timeout", "rate_limit"];

fn group(call: CallName) -> Group {
    match call {
        CallName::UpdateSubscription | CallName::CreateSubscription => Group::Charges,
        CallName::PayInvoice | CallName::VoidInvoice => Group::ClosesInvoice,
        CallName::RemoveTaxId | CallName::CancelSubscription => Group::Deletes,
        CallName::SaveCustomer
        | CallName::AddTaxId
        | CallName::SetDefaultMethod
        | CallName::SetTaxRates
        | CallName::LowerSubscription
        | CallName::SwitchSubscription
        | CallName::DraftInvoice
        | CallName::AddInvoiceLine
        | CallName::FinalizeInvoice
        | CallName::IssueVoucher
        | CallName::CreditBalance
        | CallName::CreateSchedule
        | CallName::TellSchedule
        | CallName::EndAtPeriodEnd
        | CallName::ReleaseHold
        | CallName::Refund => Group::Other,
    }
}

/// The verdict on one attempt. `form` is the body that was sent: whatever of it the provider repeats is cut out of texts.
pub(super) fn judge(call: CallName, form: &str, sent: Result<Answer, TransportError>) -> Verdict {
    judge_as(group(call), form, sent)
}

/// The same for what is put on an invoice.
pub(super) fn judge_item(form: &str, sent: Result<Answer, TransportError>) -> Verdict {
    judge_as(Group::Other, form, sent)
}

fn judge_as(group: Group, form: &str, sent: Result<Answer, TransportError>) -> Verdict {
    match sent {
        Err(TransportError::NotConnected(detail)) => Verdict::Over(CallError::Later { after: None, detail }),
        Err(error @ TransportError::HeldBack { after }) => Verdict::Over(CallError::Later {
            after: Some(after),
            detail: error.to_string(),
        }),
        Err(TransportError::Lost(detail)) => Verdict::Over(CallError::Unknown { detail }),
        Ok(answer) if answer.is_success() => Verdict::Done(answer.body),
        Ok(answer) => refused(group, form, &answer),
    }
}

fn refused(group: Group, form: &str, answer: &Answer) -> Verdict {
    let read = serde_json::from_slice::<Envelope>(&answer.body);
    let readable = read.is_ok();
    let said = read.map(|envelope| envelope.error).unwrap_or_default();
    let code = said.code.as_deref().unwrap_or_default();
    let detail = match code {
        "" => answer.label(),
        code => format!("{}, `{code}`", answer.label()),
    };
    let later = |detail| {
        let after = answer.retry_after;
        Verdict::Over(CallError::Later { after, detail })
    };
    match (answer.status, said.kind.as_str(), code) {
        // The key has seen these bytes fail, or other bytes: it will say the same for a day.
        (500.., ..) if answer.replayed => Verdict::Over(CallError::KeySpent { detail }),
        (500.., ..) => Verdict::Over(CallError::Unknown { detail }),
        _ if !readable => Verdict::Over(CallError::Unknown { detail }),
        (409 | 429, ..) => later(detail),
        (_, _, code) if LATER.contains(&code) => later(detail),
        (_, "idempotency_error", _) => Verdict::Over(CallError::KeySpent { detail }),
        // The key is wrong, revoked or restricted: an operator's matter, and afterwards the call can be made.
        (401 | 403, ..) => later(detail),
        (300..400 | 424, ..) => Verdict::Over(CallError::Unknown { detail }),
        (_, _, code) if ACTION_REQUIRED.contains(&code) => Verdict::ActionRequired,
        (_, "card_error", _) => Verdict::Declined(decline::reason(
            said.code.as_deref(),
            said.decline_code.as_deref(),
        )),
        (404, _, "resource_missing") if group == Group::Deletes => Verdict::Gone,
        _ if answer.should_retry == Some(true) => later(detail),
        (_, _, code) if WRONG_STATE.contains(&code) => wrong_state(code),
        // Stripe gives most refusals of a paid, void or busy invoice no code at all. They blame no parameter.
        (400, ..) if group == Group::ClosesInvoice && said.param.is_none() => {
            wrong_state(if code.is_empty() { "invoice_not_open" } else { code })
        }
        (status, _, code) => {
            let code = if code.is_empty() {
                format!("http_{status}")
            } else {
                code.to_owned()
            };
            let message = without_echo(said.message.as_deref().unwrap_or_default(), form);
            Verdict::Over(CallError::Failed(CallFailure::Refused { code, message }))
        }
    }
}

fn wrong_state(code: &str) -> Verdict {
    let code = code.to_owned();
    Verdict::Over(CallError::Failed(CallFailure::WrongState { code }))
}

/// Why a read brought nothing. `what` names the thing that was asked for.
pub(super) fn of_read(what: &str, unread: Unread) -> ReadError {
    let later = |after, detail| ReadError::Later { after, detail };
    let answer = match unread {
        Unread::Transport(error) => {
            let after = match &error {
                TransportError::HeldBack { after } => Some(*after),
                _ => None,
            };
            return later(after, error.to_string());
        }
        Unread::Unreadable(why) => return later(None, format!("`{what}`: {why}")),
        Unread::Refused(answer) => answer,
    };
    let Ok(Envelope { error: said }) = serde_json::from_slice::<Envelope>(&answer.body) else {
        return later(answer.retry_after, answer.label());
    };
    let code = said.code.unwrap_or_default();
    match answer.status {
        404 if code == "resource_missing" => ReadError::NotFound(what.to_owned()),
        400 | 402 | 404 if !LATER.contains(&code.as_str()) => ReadError::Refused {
            code,
            message: without_echo(said.message.as_deref().unwrap_or_default(), ""),
        },
        _ => later(answer.retry_after, format!("{}, `{code}`", answer.label())),
    }
}

/// The longest sentence of the provider that is passed on, in characters.
const MESSAGE_MAX: usize = 300;

/// The provider's sentence without what it repeats of the request: the form holds names, addresses and tax numbers. Mail
/// addresses go too, wherever they come from.
fn without_echo(message: &str, form: &str) -> String {
    let mut message = message.to_owned();
    for (name, value) in form_urlencoded::parse(form.as_bytes()) {
        let personal = ["name", "email", "address", "value", "phone"]
            .iter()
            .any(|field| name.starts_with(field));
        if personal && value.chars().count() > 2 {
            message = message.replace(value.as_ref(), "[…]");
        }
    }
    let words: Vec<&str> = message
        .split_whitespace()
        .map(|word| if word.contains('@') { "[…]" } else { word })
        .collect();
    words.join(" ").chars().take(MESSAGE_MAX).collect()
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
