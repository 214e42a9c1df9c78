//! How the status of an effect may move: forward only.

use crate::ports::store::EffectStatus;

/// Every status.
pub(super) const STATUSES: [EffectStatus; 5] = [
    EffectStatus::Intent,
    EffectStatus::Unknown,
    EffectStatus::Succeeded,
    EffectStatus::Declined,
    EffectStatus::Abandoned,
];

/// Which statuses may follow which. Only what was done can be undone.
pub(super) fn may_follow(before: EffectStatus, after: EffectStatus) -> bool {
    use EffectStatus::{Abandoned, Declined, Intent, Succeeded, Unknown};
    match before {
        Intent => true,
        Unknown => after != Intent,
        Succeeded => matches!(after, Succeeded | Abandoned),
        Declined => after == Declined,
        Abandoned => after == Abandoned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_never_forgotten_and_what_was_not_done_cannot_be_undone() {
        use EffectStatus::{Abandoned, Declined, Intent, Succeeded, Unknown};
        for after in STATUSES {
            assert!(may_follow(Intent, after));
            assert_eq!(may_follow(Unknown, after), after != Intent);
            assert_eq!(
                may_follow(Succeeded, after),
                matches!(after, Succeeded | Abandoned)
            );
            assert_eq!(may_follow(Declined, after), after == Declined);
            assert_eq!(may_follow(Abandoned, after), after == Abandoned);
        }
    }
}
