use std::fmt;
use std::str::FromStr;

use super::standing::{Owed, Standing};
use crate::domain::change::decide::{Turn, decide};
use crate::domain::change::stored::machine_version;
use crate::domain::change::{Actor, Event, question};

/// What support can do to a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Takes up again what was given up or rests after failures.
    Resume,
    /// Orders another attempt of what halted or is owed, now.
    Retry,
    /// Reads the provider now.
    Refresh,
    /// Gives the change up, safely.
    Cancel,
    /// Leaves a word in the history.
    Note,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Resume, Self::Retry, Self::Refresh, Self::Cancel, Self::Note];

    /// The word itself.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resume => "resume",
            Self::Retry => "retry",
            Self::Refresh => "refresh",
            Self::Cancel => "cancel",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no such action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an action is `resume`, `retry`, `refresh`, `cancel` or `note`")]
pub struct NoAction;

impl FromStr for Action {
    type Err = NoAction;

    fn from_str(word: &str) -> Result<Self, NoAction> {
        Self::ALL
            .into_iter()
            .find(|action| action.as_str() == word)
            .ok_or(NoAction)
    }
}

/// What support can safely do now. Where the machine decides, it is the machine that is asked.
pub fn possible(standing: &Standing<'_>) -> Vec<Action> {
    if standing.machine_version > machine_version() {
        return Vec::new();
    }
    let all = Action::ALL.into_iter();
    all.filter(|action| is_possible(*action, standing)).collect()
}

fn is_possible(action: Action, standing: &Standing<'_>) -> bool {
    let (Some(stage), Some(_)) = (standing.stage, standing.turn) else {
        return false;
    };
    let owed = standing.owed;
    match action {
        Action::Note => true,
        Action::Cancel => {
            let why = String::new();
            takes(standing, &Event::Cancel { why })
        }
        Action::Retry => {
            takes(standing, &Event::Retry) || owed.iter().any(|call| call.waits(standing.now) && !call.spent)
        }
        Action::Refresh => {
            question(stage).is_some() || owed.iter().any(|call| call.waits(standing.now) && call.spent)
        }
        Action::Resume => {
            !standing.unsent.is_empty()
                || standing.work.failing.is_some()
                || owed.iter().any(Owed::is_refused)
        }
    }
}

/// Whether the machine would take this from support.
fn takes(standing: &Standing<'_>, event: &Event) -> bool {
    let (Some(stage), Some(turn)) = (standing.stage, standing.turn) else {
        return false;
    };
    let actor = Actor::support("support", Some("asked in advance".to_owned()));
    let turn = Turn {
        actor: &actor,
        ..turn
    };
    decide(stage, event, turn).is_ok()
}
