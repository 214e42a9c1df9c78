//! What both queues, of subjects and of what must leave, agree on.

use jiff::{SignedDuration, Timestamp};

use super::cells::ms;

/// The most that one call claims.
pub(super) const CLAIM_MAX: u32 = 200;

/// A contract has no stage that a newer machine could have written.
pub(super) const NO_MACHINE: u32 = 0;

/// The end of a lease that begins now, in epoch milliseconds.
pub(super) fn lease_end(now: Timestamp, lease: SignedDuration) -> i64 {
    ms(now).saturating_add(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX))
}
