//! The end of a process in good order: nothing new is claimed, what is in hand is brought to its end, the rest is given back.

use super::{Engine, EngineError};

impl Engine {
    /// From now on nothing new is claimed: the worker and the outbox end when they have done what they hold, and whoever waits for
    /// a change to move is answered with what there is.
    pub fn retire(&self) {
        self.parts.bell.ending.send_replace(true);
        self.parts.bell.ring();
    }

    /// Whether this process is about to end.
    pub fn is_retiring(&self) -> bool {
        *self.parts.bell.ending.borrow()
    }

    /// Ends when this process is about to end.
    pub async fn retired(&self) {
        let mut ending = self.parts.bell.ending.subscribe();
        // The sender lives as long as the engine that is asked here.
        let _ = ending.wait_for(|ending| *ending).await;
    }

    /// Gives back what this process still holds, so that others go on with it at once and not when its lease ends. To be called
    /// when nothing here works any more.
    pub async fn give_back(&self) -> Result<u64, EngineError> {
        Ok(self.store().give_back(self.owner(), self.now()).await?)
    }
}
