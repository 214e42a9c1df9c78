//! The pace of work: how much is taken at once, how long it is held, and how long to sleep when nothing is due.

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use super::Engine;

/// How long a claim holds: longer than the longest call, short enough that a dead process is soon replaced.
pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// How much one round takes, and works on side by side.
pub(super) const BATCH: u32 = 16;

/// How much a worker that goes on and on has in hand at most.
pub(super) const IN_HAND: usize = 64;

/// How long after a change's end its contract is looked at: what the provider tells of the change has come by then, so that one
/// look sees all of it. News about anything else call for a look at once.
pub(super) const LOOK_AFTER_CHANGE: SignedDuration = SignedDuration::from_secs(20);

/// The longest nap when nothing is due: what other nodes have written is seen by then. No node tells another one anything.
pub(super) const NAP_MAX: SignedDuration = SignedDuration::from_secs(1);

/// By how much less a node may nap, in milliseconds: nodes that were started together do not look together for ever.
const NAP_SPREAD_MS: u64 = 200;

/// The shortest: what another node has just claimed looks due for a moment.
const NAP_MIN: SignedDuration = SignedDuration::from_millis(20);

/// A key is sent for at most 20 hours; the provider forgets it after 24 at the earliest. Source: Stripe, "Idempotent
/// requests". Reckoned from the intent that made it, not from its first use: a store that fails over can lose the word of that,
/// and would then take an old key for a fresh one.
pub(super) const KEY_LIFE: SignedDuration = SignedDuration::from_hours(20);

/// So much later; never, where the calendar ends.
pub(super) fn later(at: Timestamp, wait: SignedDuration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Drawn from the node's name, which is chance already, and so always the same for one node.
fn spread(owner: &str) -> SignedDuration {
    let sum = owner.bytes().fold(0_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    SignedDuration::from_millis(i64::try_from(sum % NAP_SPREAD_MS).unwrap_or_default())
}

impl Engine {
    /// Sleeps until `next` is due or the bell rings.
    pub(super) async fn nap(&self, next: Option<Timestamp>, bell: &Notify) {
        let now = self.now();
        let longest = NAP_MAX - spread(&self.parts.owner);
        let [shortest, longest] = [NAP_MIN, longest].map(|nap| later(now, nap));
        let until = next.map_or(longest, |next| next.clamp(shortest, longest));
        tokio::select! {
            biased;
            () = bell.notified() => {}
            () = self.parts.clock.wait_until(until) => {}
        }
    }

    /// Rests after a failure of the store, which no bell would end.
    pub(super) async fn rest(&self) {
        self.parts.clock.wait_until(later(self.now(), NAP_MAX)).await;
    }
}
