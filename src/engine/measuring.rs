//! What is measured only when somebody looks: how much is open, and how far the work is behind.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::{Engine, EngineError};
use crate::domain::change::samples;
use crate::measures;

impl Engine {
    /// Brings the measurements of the present up to date: open changes by stage, and how far outbox and queue are behind.
    pub async fn measure(&self) -> Result<(), EngineError> {
        let now = self.now();
        let census = self.store().census(now).await?;
        // A stage that nobody is in any more must not keep its last number.
        let every = samples::stages()
            .into_iter()
            .filter(|sample| !sample.stage.is_terminal());
        let mut open: BTreeMap<String, u64> = every.map(|sample| (sample.stage.full_name(), 0)).collect();
        open.extend(census.open);
        for (stage, count) in open {
            measures::open(&stage, count);
        }
        let (outbox, due) = (self.store().next_outbox().await?, self.store().next_due().await?);
        measures::lags(behind(outbox, now), behind(due, now));
        Ok(())
    }
}

/// How long ago something should have been done.
fn behind(at: Option<Timestamp>, now: Timestamp) -> Duration {
    let late = at.map(|at| now.duration_since(at));
    late.and_then(|late| Duration::try_from(late).ok())
        .unwrap_or_default()
}
