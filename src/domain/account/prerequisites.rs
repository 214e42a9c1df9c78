//! Conditional prerequisites: whether one applies to an account, and whether it is met. What was said is kept line by line; where
//! things stand follows from it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was said about a prerequisite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrerequisiteSaid {
    /// It applies: the account does what it is needed for.
    Applies,
    /// It does not apply.
    DoesNotApply,
    /// It is met.
    Met,
}

/// Where a prerequisite stands with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrerequisiteStanding {
    /// Nobody has said whether it applies.
    NotSaid,
    /// It does not apply.
    DoesNotApply,
    /// It applies and is not met.
    Open {
        /// Since when.
        since: Timestamp,
    },
    /// It applies and is met.
    Met {
        /// When.
        at: Timestamp,
    },
}

impl PrerequisiteStanding {
    /// Where it stands after all that was said, oldest first.
    pub fn after(said: impl IntoIterator<Item = (Timestamp, PrerequisiteSaid)>) -> Self {
        said.into_iter()
            .fold(Self::NotSaid, |standing, (at, said)| standing.then(said, at))
    }

    /// Where it stands once this was said too.
    #[must_use]
    pub fn then(self, said: PrerequisiteSaid, at: Timestamp) -> Self {
        match (self, said) {
            // What is met stays so, and what is open has been so since the first time.
            (Self::Open { .. } | Self::Met { .. }, PrerequisiteSaid::Applies)
            | (Self::Met { .. }, PrerequisiteSaid::Met) => self,
            (Self::NotSaid | Self::DoesNotApply, PrerequisiteSaid::Applies) => Self::Open { since: at },
            (_, PrerequisiteSaid::DoesNotApply) => Self::DoesNotApply,
            (_, PrerequisiteSaid::Met) => Self::Met { at },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_open_until_it_is_met_and_can_come_back() {
        use PrerequisiteSaid::{Applies, DoesNotApply, Met};
        let at = |second| Timestamp::from_second(second).expect("an instant");
        let after =
            |said: &[PrerequisiteSaid]| PrerequisiteStanding::after((1..).map(at).zip(said.iter().copied()));
        assert_eq!(after(&[]), PrerequisiteStanding::NotSaid);
        assert_eq!(
            after(&[Applies, Applies]),
            PrerequisiteStanding::Open { since: at(1) }
        );
        assert_eq!(
            after(&[Applies, Met, Applies]),
            PrerequisiteStanding::Met { at: at(2) }
        );
        assert_eq!(
            after(&[Applies, DoesNotApply]),
            PrerequisiteStanding::DoesNotApply
        );
        let again = after(&[Applies, Met, DoesNotApply, Applies]);
        assert_eq!(
            again,
            PrerequisiteStanding::Open { since: at(4) },
            "it is to be met anew"
        );
    }
}
