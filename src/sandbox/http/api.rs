//! Stripe's API: understand, execute once, keep the answer, answer; with the faults that were asked for on the way.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, Request, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{
    arrival::{Arrival, Job},
    reply::Reply,
};
use crate::sandbox::{
    Sandbox,
    core::Call,
    error::ApiError,
    faults::Action,
    idempotency::{self, Entry, Kept},
    journal, state,
};

/// Answers one request to the API; also every path that nobody else answers.
pub(super) async fn call(State(sandbox): State<Sandbox>, request: Request<Body>) -> Response {
    let from_browser = request.headers().contains_key(header::ORIGIN);
    if request.method() == axum::http::Method::OPTIONS && from_browser {
        return preflight();
    }
    let reply = answer(&sandbox, request).await;
    let mut response = reply.into_response();
    if from_browser {
        response
            .headers_mut()
            .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    response
}

/// Browsers ask before they send a key or a form to another origin.
fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, idempotency-key, stripe-version",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "300"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

async fn answer(sandbox: &Sandbox, request: Request<Body>) -> Reply {
    let (arrival, unreadable) = match Arrival::read(sandbox.next_request_id(), request).await {
        Ok(arrival) => (arrival, None),
        Err(refused) => (refused.0, Some(refused.1)),
    };
    let fault = sandbox.faults().strike(&arrival.method, &arrival.path);
    let number = sandbox.journal().begin(entry(sandbox, &arrival, fault));
    let reply = match (fault, unreadable) {
        (Some(Action::RateLimit), _) => Reply::error(&rate_limit(), &arrival.id),
        (Some(Action::BadGateway), _) => Reply::BadGateway,
        (Some(Action::ResetBefore), _) => Reply::BrokenOff,
        (_, Some(error)) => Reply::error(&error, &arrival.id),
        (fault, None) => understood(sandbox, &arrival, fault, number).await,
    };
    let reply = if fault == Some(Action::ExtraField) {
        reply.with_extra_field()
    } else {
        reply
    };
    sandbox
        .journal()
        .amend(number, |entry| entry.status = reply.status());
    tracing::info!(
        request_id = arrival.id,
        method = arrival.method,
        path = arrival.path,
        status = reply.status(),
        "answered"
    );
    let ours = &sandbox.published().version;
    let reply = reply.with("request-id", &arrival.id).with("stripe-version", ours);
    match arrival.header("stripe-version") {
        Some(version) if version == ours => reply,
        other => {
            tracing::debug!(
                request_id = arrival.id,
                version = other,
                "served as the version that the sandbox speaks"
            );
            reply.with(
                "sandbox-warning",
                format!("served as {ours}, not {}", other.unwrap_or("without a version")),
            )
        }
    }
}

fn entry(sandbox: &Sandbox, arrival: &Arrival, fault: Option<Action>) -> journal::Entry {
    journal::Entry {
        id: arrival.id.clone(),
        at: sandbox.now(),
        method: arrival.method.clone(),
        path: arrival.path.clone(),
        idempotency_key: arrival.header("idempotency-key").map(str::to_owned),
        fault,
        version: arrival.header("stripe-version").map(str::to_owned),
        body_sha256: arrival.digest(),
        ..journal::Entry::default()
    }
}

async fn understood(sandbox: &Sandbox, arrival: &Arrival, fault: Option<Action>, number: u64) -> Reply {
    let job = arrival.understand(sandbox, |operation, params| {
        sandbox.journal().amend(number, |entry| {
            entry.operation = Some(operation.to_owned());
            entry.params = journal::presentable(params);
        });
    });
    let outcome = match job {
        Ok(job) => execute(sandbox, &arrival.id, &job, fault, number).await,
        Err(error) => Err(error),
    };
    outcome.unwrap_or_else(|error| Reply::error(&error, &arrival.id))
}

/// Executes a request that nothing speaks against, at most once for each key.
async fn execute(
    sandbox: &Sandbox,
    id: &str,
    job: &Job,
    fault: Option<Action>,
    number: u64,
) -> Result<Reply, ApiError> {
    let in_flight = match &job.key {
        None => None,
        Some(key) => match begin(sandbox, key, &job.fingerprint).await? {
            Begun::Fresh(in_flight) => Some(in_flight),
            Begun::Replay(kept) => {
                sandbox.journal().amend(number, |entry| entry.replayed = true);
                let reply = Reply::json(kept.status, kept.body).with("idempotent-replayed", "true");
                return Ok(reply
                    .with("idempotency-key", key)
                    .with("original-request", kept.request_id));
            }
        },
    };
    match fault {
        Some(Action::LockTimeout) => return Err(lock_timeout()),
        Some(Action::KeyInUse) => return Err(idempotency::in_use()),
        Some(Action::HangBefore) => {
            sandbox.hang().await;
            return Ok(Reply::BrokenOff);
        }
        _ => {}
    }
    let reply = sandbox
        .act(|state, now| perform(state, now, id, job, fault))
        .await;
    drop(in_flight);
    let reply = reply.map_err(|error| ApiError::internal(error.to_string()))?;
    match fault {
        Some(Action::HangAfter) => {
            sandbox.hang().await;
            Ok(Reply::BrokenOff)
        }
        Some(Action::ResetAfter) => Ok(Reply::BrokenOff),
        Some(Action::CutAfter) => Ok(reply.cut_short()),
        Some(Action::GarbledAfter) => Ok(Reply::Garbled),
        _ => Ok(match &job.key {
            Some(key) => reply.with("idempotency-key", key),
            None => reply,
        }),
    }
}

/// What a key turned out to mean.
enum Begun<'a> {
    Fresh(InFlight<'a>),
    Replay(Kept),
}

/// The key is guarded from the moment that it is in flight: the client may hang up while that becomes durable.
async fn begin<'a>(sandbox: &'a Sandbox, key: &'a str, fingerprint: &str) -> Result<Begun<'a>, ApiError> {
    let begun = sandbox
        .act(|state, now| {
            Ok(match state.answers.begin(key, fingerprint, now)? {
                Entry::Fresh => Begun::Fresh(InFlight { sandbox, key }),
                Entry::Replay(kept) => Begun::Replay(kept),
            })
        })
        .await;
    begun.map_err(|error| ApiError::internal(error.to_string()))?
}

/// The effect and the kept answer, decided in one breath.
fn perform(state: &mut state::State, now: i64, id: &str, job: &Job, fault: Option<Action>) -> Reply {
    let call = Call {
        operation: &job.operation,
        path: &job.names,
        params: &job.params,
        now,
        request_id: id,
        idempotency_key: job.key.as_deref(),
    };
    let outcome = match (&job.proof, fault) {
        (_, Some(Action::ErrorBefore)) => Err(ApiError::internal(
            "An unknown error occurred. (A fault was asked for.)",
        )),
        (Some((reader, secret)), _) => {
            check_secret(state, &call, reader, secret).and_then(|()| state.perform(&call))
        }
        (None, _) => state.perform(&call),
    };
    let outcome = match fault {
        Some(Action::ErrorAfter) => Err(ApiError::internal(
            "An unknown error occurred. (A fault was asked for.)",
        )),
        _ => outcome,
    };
    let (status, body) = match &outcome {
        Ok(value) => (200, value.to_string()),
        Err(error) => (error.status, error.envelope(id).to_string()),
    };
    // Stripe does not keep what it refused for the moment only.
    if let (Some(key), false) = (&job.key, matches!(status, 409 | 429)) {
        let kept = Kept {
            fingerprint: job.fingerprint.clone(),
            status,
            body: body.clone(),
            request_id: id.to_owned(),
            at: now,
        };
        state.answers.keep(key, kept);
    }
    Reply::json(status, body)
}

/// A browser may touch the intent whose client secret it knows.
fn check_secret(
    state: &mut state::State,
    call: &Call<'_>,
    reader: &str,
    secret: &str,
) -> Result<(), ApiError> {
    let intent = state.perform(&Call {
        operation: reader,
        params: &serde_json::Map::new(),
        ..*call
    })?;
    if intent.get("client_secret").and_then(Value::as_str) == Some(secret) {
        return Ok(());
    }
    let message = "The client_secret provided does not match the client_secret associated with this intent.";
    Err(ApiError::invalid(message).with_param("client_secret"))
}

/// A key that belongs to a request that is being executed. Dropped, it is free again, unless its answer was kept: also
/// when the client hangs up before there is one.
struct InFlight<'a> {
    sandbox: &'a Sandbox,
    key: &'a str,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.sandbox.release(self.key);
    }
}

fn rate_limit() -> ApiError {
    let message = "Request rate limit exceeded. (A fault was asked for.)";
    ApiError {
        status: 429,
        ..ApiError::invalid(message)
    }
    .with_code("rate_limit")
}

fn lock_timeout() -> ApiError {
    let message = "This object cannot be accessed right now because another API request or Stripe process is currently \
                   accessing it. (A fault was asked for.)";
    ApiError {
        status: 429,
        ..ApiError::invalid(message)
    }
    .with_code("lock_timeout")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::sandbox::{Data, Options};

    #[tokio::test]
    async fn a_client_that_hangs_up_in_the_first_moment_leaves_its_key_free() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = Options::in_memory(Arc::new(|| 1_773_846_000));
        options.data = Data::File(folder.path().join("sandbox.db"));
        let sandbox = Sandbox::open(&options).await.expect("a sandbox");
        let ask = || {
            let request = Request::post("/v1/customers")
                .header(header::AUTHORIZATION, "Bearer sk_test_x")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("idempotency-key", "once");
            request.body(Body::from("name=Luz")).expect("a request")
        };
        let hung_up = answer(&sandbox, ask()).now_or_never();
        assert!(hung_up.is_none(), "nothing is answered before it is durable");
        let answered = answer(&sandbox, ask()).await.into_response();
        assert_eq!(answered.status(), StatusCode::OK);
        sandbox.close().await;
    }
}
