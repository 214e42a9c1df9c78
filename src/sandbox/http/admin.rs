//! The switches and proofs of the sandbox, as JSON under `/_sandbox/`.

use axum::{
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, header},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::reply::Reply;
use crate::sandbox::{Sandbox, delivery::Chaos, error::ApiError, faults::Rule, state};

/// Requests in one answer, unless another number is asked for.
const REQUESTS_SHOWN: usize = 200;

type Answer = Result<Reply, Reply>;

/// Answers as soon as the sandbox does.
pub(super) async fn health() -> Reply {
    Reply::ok(&json!({ "status": "ok" }))
}

/// Everything that moved money.
pub(super) async fn ledger(State(sandbox): State<Sandbox>) -> Answer {
    Ok(Reply::ok(
        &sandbox
            .act(|state, now| {
                state.world.advance_to(now);
                state.world.ledger()
            })
            .await?,
    ))
}

/// Which of the last requests are wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    limit: Option<usize>,
    id: Option<String>,
    key: Option<String>,
    operation: Option<String>,
}

/// The last requests, oldest first.
pub(super) async fn requests(State(sandbox): State<Sandbox>, Query(wanted): Query<Wanted>) -> Reply {
    let entries = sandbox
        .journal()
        .newest(wanted.limit.unwrap_or(REQUESTS_SHOWN), |entry| {
            wanted.id.as_ref().is_none_or(|id| *id == entry.id)
                && wanted
                    .key
                    .as_ref()
                    .is_none_or(|key| entry.idempotency_key.as_ref() == Some(key))
                && wanted
                    .operation
                    .as_ref()
                    .is_none_or(|operation| entry.operation.as_ref() == Some(operation))
        });
    Reply::ok(&json!({ "data": entries }))
}

/// The time.
pub(super) async fn clock(State(sandbox): State<Sandbox>) -> Answer {
    Ok(Reply::ok(&sandbox.act(told).await?))
}

/// How to move the clock: exactly one of these.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Move {
    /// By this many seconds.
    AdvanceSeconds(i64),
    /// To this instant, in unix seconds.
    To(i64),
    /// Stand still, or go on.
    Frozen(bool),
}

/// Moves the clock, and plays everything that is due by then.
pub(super) async fn move_clock(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Answer {
    let step: Move = read(&headers, &body)?;
    let told = sandbox
        .act(|state, now| {
            match step {
                Move::AdvanceSeconds(seconds) => state.clock.move_to(now.saturating_add(seconds))?,
                Move::To(instant) => state.clock.move_to(instant)?,
                Move::Frozen(frozen) => state.clock.freeze(frozen),
            }
            let now = state.clock.now();
            state.world.advance_to(now);
            Ok::<Value, ApiError>(told(state, now))
        })
        .await??;
    Ok(Reply::ok(&told))
}

fn told(state: &mut state::State, now: i64) -> Value {
    let next_due = [state.world.next_due(), state.hooks.next_due()]
        .into_iter()
        .flatten()
        .min();
    json!({ "now": now, "frozen": state.clock.is_frozen(), "real": state.clock.real(), "next_due": next_due })
}

/// All fault rules.
pub(super) async fn faults(State(sandbox): State<Sandbox>) -> Reply {
    Reply::ok(&sandbox.faults().list())
}

/// Adds a fault rule.
pub(super) async fn add_fault(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Answer {
    let rule: Rule = read(&headers, &body)?;
    let id = sandbox.faults().add(rule)?;
    Ok(Reply::ok(&json!({ "id": id })))
}

/// Removes all fault rules.
pub(super) async fn clear_faults(State(sandbox): State<Sandbox>) -> Reply {
    sandbox.faults().clear();
    Reply::ok(&json!({ "data": [] }))
}

/// Endpoints, the queue, the last attempts, and what goes wrong on demand.
pub(super) async fn webhooks(State(sandbox): State<Sandbox>) -> Answer {
    Ok(Reply::ok(&sandbox.act(|state, _| state.hooks.report()).await?))
}

/// Switches what goes wrong with webhooks; what is left out is off.
pub(super) async fn set_chaos(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Answer {
    let chaos: Chaos = read(&headers, &body)?;
    sandbox.act(|state, _| state.hooks.set_chaos(chaos)).await?;
    webhooks(State(sandbox)).await
}

/// For how long the old secret signs too.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Roll {
    both_seconds: u32,
}

/// Gives an endpoint a new secret, as the dashboard does.
pub(super) async fn roll(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let roll: Roll = read(&headers, &body)?;
    let endpoint = sandbox
        .act(|state, now| state.hooks.roll(&id, roll.both_seconds, now))
        .await??;
    Ok(Reply::ok(&endpoint))
}

/// Reads a JSON body. The content type is required, so that a page of another origin cannot post here unasked.
fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, ApiError> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(ApiError {
            status: 415,
            ..ApiError::invalid("Send application/json.")
        });
    }
    serde_json::from_slice(body)
        .map_err(|error| ApiError::invalid(format!("This cannot be understood: {error}")))
}
