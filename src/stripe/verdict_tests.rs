use std::time::Duration;

use super::*;

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        body: Bytes::copy_from_slice(body.as_bytes()),
        request_id: Some("req_1".to_owned()),
        replayed: false,
        should_retry: None,
        retry_after: None,
        limited_reason: None,
        date: None,
        version: None,
    }
}

fn error(status: u16, kind: &str, code: &str) -> Answer {
    let code = if code.is_empty() {
        "null".to_owned()
    } else {
        format!("\"{code}\"")
    };
    answer(
        status,
        &format!(r#"{{"error":{{"type":"{kind}","code":{code},"message":"Said."}}}}"#),
    )
}

/// A verdict in one word, with what the flow sees of it.
fn word(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Done(_) => "done".to_owned(),
        Verdict::Declined(reason) => format!("declined {}", reason.as_str()),
        Verdict::ActionRequired => "action required".to_owned(),
        Verdict::Gone => "gone".to_owned(),
        Verdict::Over(CallError::Unknown { .. }) => "unknown".to_owned(),
        Verdict::Over(CallError::Later { .. }) => "later".to_owned(),
        Verdict::Over(CallError::KeySpent { .. }) => "key spent".to_owned(),
        Verdict::Over(CallError::Failed(CallFailure::WrongState { code })) => format!("wrong state {code}"),
        Verdict::Over(CallError::Failed(CallFailure::Refused { code, .. })) => format!("refused {code}"),
        Verdict::Over(CallError::Failed(CallFailure::Declined(_) | CallFailure::NeverHappened { .. })) => {
            "unexpected".to_owned()
        }
    }
}

/// Status, type and code of Stripe's errors, and what they mean for each call.
const ROWS: [(CallName, u16, &str, &str, &str); 18] = [
    (CallName::UpdateSubscription, 500, "api_error", "", "unknown"),
    (CallName::UpdateSubscription, 424, "api_error", "", "unknown"),
    (CallName::UpdateSubscription, 429, INVALID, "rate_limit", "later"),
    (
        CallName::UpdateSubscription,
        429,
        INVALID,
        "lock_timeout",
        "later",
    ),
    (
        CallName::UpdateSubscription,
        409,
        "idempotency_error",
        "idempotency_key_in_use",
        "later",
    ),
    (
        CallName::UpdateSubscription,
        400,
        INVALID,
        "lock_timeout",
        "later",
    ),
    (
        CallName::UpdateSubscription,
        400,
        "idempotency_error",
        "",
        "key spent",
    ),
    (CallName::UpdateSubscription, 401, INVALID, "", "later"),
    (CallName::UpdateSubscription, 403, INVALID, "", "later"),
    (
        CallName::UpdateSubscription,
        402,
        "card_error",
        "expired_card",
        "declined expired_card",
    ),
    (
        CallName::PayInvoice,
        402,
        "card_error",
        "invoice_payment_intent_requires_action",
        "action required",
    ),
    (
        CallName::UpdateSubscription,
        400,
        INVALID,
        "parameter_unknown",
        "refused parameter_unknown",
    ),
    (CallName::UpdateSubscription, 400, INVALID, "", "refused http_400"),
    (
        CallName::UpdateSubscription,
        404,
        INVALID,
        "resource_missing",
        "refused resource_missing",
    ),
    (
        CallName::CancelSubscription,
        404,
        INVALID,
        "resource_missing",
        "gone",
    ),
    (
        CallName::VoidInvoice,
        404,
        INVALID,
        "resource_missing",
        "refused resource_missing",
    ),
    (
        CallName::PayInvoice,
        400,
        INVALID,
        "",
        "wrong state invoice_not_open",
    ),
    (
        CallName::VoidInvoice,
        400,
        INVALID,
        "invoice_not_open",
        "wrong state invoice_not_open",
    ),
];
const INVALID: &str = "invalid_request_error";

#[test]
fn every_row_of_the_table() {
    for (call, status, kind, code, expected) in ROWS {
        let verdict = judge(call, "", Ok(error(status, kind, code)));
        assert_eq!(word(&verdict), expected, "{call} {status} {kind} {code}");
    }
}

#[test]
fn what_is_no_answer_of_the_provider_is_unknown() {
    for (status, body, expected) in [
        (200, r#"{"id":"cus_1"}"#, "done"),
        (502, "<html>Bad gateway</html>", "unknown"),
        (404, "not found", "unknown"),
        (302, "", "unknown"),
    ] {
        let verdict = judge(CallName::SaveCustomer, "", Ok(answer(status, body)));
        assert_eq!(word(&verdict), expected, "{status} {body}");
    }
}

#[test]
fn headers_and_lost_connections_have_their_rows_too() {
    let call = CallName::UpdateSubscription;
    let replayed = Answer {
        replayed: true,
        ..error(500, "api_error", "")
    };
    assert_eq!(word(&judge(call, "", Ok(replayed))), "key spent");
    let replayed_refusal = Answer {
        replayed: true,
        ..error(400, "invalid_request_error", "x")
    };
    assert_eq!(word(&judge(call, "", Ok(replayed_refusal))), "refused x");
    let asked = Answer {
        should_retry: Some(true),
        ..error(400, "invalid_request_error", "x")
    };
    assert_eq!(word(&judge(call, "", Ok(asked))), "later");
    let not_connected = Err(TransportError::NotConnected("refused".to_owned()));
    assert_eq!(word(&judge(call, "", not_connected)), "later");
    let lost = Err(TransportError::Lost("reset".to_owned()));
    assert_eq!(word(&judge(call, "", lost)), "unknown");
    let wait = Duration::from_secs(7);
    let limited = Answer {
        retry_after: Some(wait),
        ..error(429, "invalid_request_error", "rate_limit")
    };
    let verdict = judge(call, "", Ok(limited));
    assert!(
        matches!(verdict, Verdict::Over(CallError::Later { after: Some(after), .. }) if after == wait),
        "{verdict:?}"
    );
}

#[test]
fn a_parameter_at_fault_is_no_wrong_state() {
    let body =
        r#"{"error":{"type":"invalid_request_error","param":"payment_method","message":"No such card."}}"#;
    let verdict = judge(CallName::PayInvoice, "", Ok(answer(400, body)));
    assert_eq!(word(&verdict), "refused http_400");
}

#[test]
fn what_the_provider_repeats_of_the_form_is_cut_out() {
    let body = r#"{"error":{"type":"invalid_request_error","code":"email_invalid",
        "message":"Invalid email address: ana@padaria for Padaria da Ana, or x@y.z"}}"#;
    let form = "name=Padaria+da+Ana&email=ana%40padaria&metadata[changeover_effect]=email";
    let verdict = judge(CallName::SaveCustomer, form, Ok(answer(400, body)));
    let code = "email_invalid".to_owned();
    let message = "Invalid email address: […] for […], or […]".to_owned();
    let refused = CallFailure::Refused { code, message };
    assert_eq!(verdict, Verdict::Over(CallError::Failed(refused)));
}

#[test]
fn reads_are_missing_refused_or_asked_again() {
    let read = |answer| of_read("sub_1", Unread::Refused(answer));
    let missing = read(error(404, "invalid_request_error", "resource_missing"));
    assert_eq!(missing, ReadError::NotFound("sub_1".to_owned()));
    for again in [
        error(429, "invalid_request_error", "rate_limit"),
        error(500, "api_error", ""),
        error(401, "invalid_request_error", ""),
        answer(404, "no route"),
    ] {
        let verdict = read(again);
        assert!(matches!(verdict, ReadError::Later { .. }), "{verdict:?}");
    }
    let refused = read(error(400, "invalid_request_error", "parameter_missing"));
    assert!(matches!(refused, ReadError::Refused { code, .. } if code == "parameter_missing"));
    let unreadable = of_read("sub_1", Unread::Unreadable("no form".to_owned()));
    assert!(matches!(unreadable, ReadError::Later { .. }));
}
