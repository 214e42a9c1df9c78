//! Words about a request to go down, in rows that can be erased.

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::change::{ChangeId, TicketMaker};

/// Something that was written about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketNote {
    /// Its id, by which the journal names it.
    pub id: Uuid,
    /// The request.
    pub change: ChangeId,
    /// What it is.
    pub kind: NoteKind,
    /// Which side wrote it.
    pub author: TicketMaker,
    /// The words, as JSON; `None` once they are erased.
    pub data: Option<Vec<u8>>,
    /// The hash of the words, as 64 hexadecimal digits; it stays when they are erased.
    pub hash: String,
    /// When it was written.
    pub at: Timestamp,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// The form's answers and, for a mail, its sender.
    Form,
    /// A comment that both sides read.
    Comment,
    /// A comment for support alone.
    Internal,
}

impl NoteKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Form, Self::Comment, Self::Internal];

    /// The word by which the store knows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Comment => "comment",
            Self::Internal => "internal",
        }
    }
}
