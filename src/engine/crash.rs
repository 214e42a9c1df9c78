//! Crash points: the numbered moments at which a process may die, so that tests can let it die at each of them.

use std::fmt;

macro_rules! points {
    ($($(#[$doc:meta])* $name:ident = $number:literal,)*) => {
        /// A moment at which the process may die. The numbers are stable; tests name them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CrashPoint {
            $($(#[$doc])* $name = $number,)*
        }

        impl CrashPoint {
            /// All of them, in the order of a change's life.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name, for the command line and for test reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

points! {
    /// F1: a client's command is decided, and not written yet.
    CommandDecided = 1,
    /// A client's command is written, and not answered yet.
    CommandWritten = 2,
    /// A worker has claimed a change, and not looked at it yet.
    Claimed = 3,
    /// The provider has answered a question, and nothing of it is written.
    QuestionAnswered = 4,
    /// A worker's decision is made, and not written yet.
    WorkDecided = 5,
    /// F5: a worker's decision is written, and nobody has been woken.
    WorkWritten = 6,
    /// F2: the attempt at a call is written, and the request has not left.
    AttemptWritten = 7,
    /// F4: the provider has answered a call, and nothing of it is written.
    CallAnswered = 8,
    /// A webhook is verified, and not kept yet.
    WebhookVerified = 9,
    /// A webhook is kept, and not answered yet.
    WebhookKept = 10,
    /// Something that must leave was claimed, and has not left.
    OutboxClaimed = 11,
    /// It has left, and that is not written.
    OutboxSent = 12,
    /// It has left, and that is written.
    OutboxSettled = 13,
}

impl fmt::Display for CrashPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The process "died" here. In a test the engine is dropped and built anew; in a process of its own it really ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("crashed at {0}")]
pub struct Crash(pub CrashPoint);

/// Decides whether the process dies at a point.
pub trait CrashPoints: Send + Sync {
    /// Called at every point that is reached. An error stops everything that this engine was doing.
    fn reach(&self, point: CrashPoint) -> Result<(), Crash>;
}

/// Nothing ever crashes on purpose: what production uses.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCrash;

impl CrashPoints for NoCrash {
    fn reach(&self, _point: CrashPoint) -> Result<(), Crash> {
        Ok(())
    }
}
