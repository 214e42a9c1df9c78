//! Waiting for a change to move: what a client's long poll stands on.

use jiff::{SignedDuration, Timestamp};

use super::pace::later;
use super::view::ChangeView;
use super::{Engine, EngineError};
use crate::domain::catalog::SellerId;
use crate::domain::change::{ChangeId, NextAction};

/// How often a waiting client looks even when nothing was written in this process: another node may have.
const LOOK_EVERY: SignedDuration = SignedDuration::from_millis(500);

impl Engine {
    /// Reads a change as soon as it no longer moves by itself, or at `until` at the latest.
    pub async fn settled_change(
        &self,
        change: ChangeId,
        seller: &SellerId,
        until: Timestamp,
    ) -> Result<ChangeView, EngineError> {
        let mut moved = self.parts.bell.moved.subscribe();
        loop {
            moved.mark_unchanged();
            let view = self.change(change, seller).await?;
            let now = self.now();
            if !NextAction::moves_by_itself(&view.stage) || now >= until || self.is_retiring() {
                return Ok(view);
            }
            let look = later(now, LOOK_EVERY).min(until);
            tokio::select! {
                biased;
                _ = moved.changed() => {}
                () = self.retired() => {}
                () = self.parts.clock.wait_until(look) => {}
            }
        }
    }
}
