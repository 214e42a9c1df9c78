//! What a decision is counted by, once it is written.

use crate::domain::change::{DriftCause, Event, NextAction, Stage};
use crate::measures;

/// What a draft has decided so far.
#[derive(Debug, Clone, Default)]
pub(super) struct News {
    decided: Vec<(&'static str, String)>,
    ended: Option<&'static str>,
    drifted: bool,
    moving: bool,
}

impl News {
    /// One more decision: this event led from one stage to the other.
    pub(super) fn note(&mut self, event: &Event, from: &Stage, to: &Stage) {
        self.decided.push((event.name(), to.full_name()));
        self.moving = NextAction::moves_by_itself(to);
        if to.is_terminal() && !from.is_terminal() {
            self.ended = Some(to.name().as_str());
        }
        if let Stage::QuotePending {
            drift: Some(drift), ..
        }
        | Stage::QuoteReady {
            drift: Some(drift), ..
        } = to
            && from.name() != to.name()
        {
            self.drifted |= drift.why == DriftCause::AmountsMoved;
        }
    }

    /// Whether the change goes on by itself: whoever waits for it waits for what comes then.
    pub(super) fn moving(&self) -> bool {
        self.moving
    }

    /// It is written: counts.
    pub(super) fn count(self) {
        for (event, stage) in &self.decided {
            measures::decided(event, stage);
        }
        if let Some(outcome) = self.ended {
            measures::ended(outcome);
        }
        if self.drifted {
            measures::drifted();
        }
    }
}
