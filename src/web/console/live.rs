//! What the console's script asks every few seconds: whether anything is new.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::duty::{Away, OnDuty};
use crate::domain::catalog::SellerId;
use crate::domain::change::ChangeId;
use crate::domain::change::stuck::Stuck;
use crate::engine::{EngineError, InboxSearch};
use crate::ports::store::ChangeRow;
use crate::web::WebState;
use crate::web::ask::Named;

/// For how long what was seen is told again: many may ask, and all of it is read.
const FRESH: SignedDuration = SignedDuration::from_secs(4);

/// What waits for support, as it was seen a moment ago, per seller and for all.
#[derive(Default)]
pub struct Watched(Mutex<BTreeMap<Option<SellerId>, (Timestamp, Seen)>>);

/// What there is, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Seen {
    /// Another one whenever something else is shown.
    pub(super) mark: String,
    /// How much waits.
    pub(super) waiting: usize,
}

impl Watched {
    /// What waits, as it is or was a moment ago.
    pub(super) async fn seen(
        &self,
        state: &WebState,
        seller: Option<&SellerId>,
    ) -> Result<Seen, EngineError> {
        let seller = seller.cloned();
        let now = state.engine.now();
        if let Some((at, seen)) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&seller)
            && now.duration_since(*at).abs() < FRESH
        {
            return Ok(seen.clone());
        }
        let search = InboxSearch {
            seller: seller.clone(),
            ..InboxSearch::default()
        };
        let inbox = state.engine.inbox(&search).await?;
        let each = inbox.lines.iter().map(|line| marked(&line.change, &line.stuck));
        let seen = Seen {
            mark: digest(each),
            waiting: inbox.lines.len(),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(seller, (now, seen.clone()));
        Ok(seen)
    }
}

/// Whether anything else waits.
pub(super) async fn inbox(State(state): State<WebState>, duty: OnDuty) -> Result<Response, Away> {
    let seen = state.watched.seen(&state, duty.seller()).await?;
    Ok(Json(seen).into_response())
}

/// Whether a change is another one.
pub(super) async fn change(
    State(state): State<WebState>,
    duty: OnDuty,
    Named(change): Named<ChangeId>,
) -> Result<Response, Away> {
    let case = state.engine.case(change, duty.seller()).await?;
    let seen = Seen {
        mark: mark(&case.change, &case.stuck, case.timeline.len()),
        waiting: case.stuck.len(),
    };
    Ok(Json(seen).into_response())
}

/// Another one whenever a change's page shows something else.
pub(super) fn mark(change: &ChangeRow, stuck: &[Stuck], lines: usize) -> String {
    digest([marked(change, stuck), lines.to_string()].into_iter())
}

fn marked(change: &ChangeRow, stuck: &[Stuck]) -> String {
    let codes: Vec<&str> = stuck.iter().map(|one| one.code.as_str()).collect();
    format!("{} {} {}", change.id, change.version, codes.join(","))
}

fn digest(parts: impl Iterator<Item = String>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(b"\n");
    }
    hex::encode(&hasher.finalize()[..8])
}
