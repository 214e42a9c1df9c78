//! Requests to go down: what is written about them, who brings them, and what both sides are shown.
//!
//! Words live in rows that can be erased; the history names them by row and hash. Everything that moves a request goes through the
//! one door, like every other change.

mod bringing;
mod minding;
mod planning;
mod showing;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::drafting::Draft;
use super::fingerprint::digest;
use super::{Engine, EngineError};
use crate::domain::catalog::TicketForm;
use crate::domain::change::{ChangeId, NoteRef, Refusal, RefusalCode, TicketMaker};
use crate::ports::store::{NoteKind, TicketNote};

pub use bringing::BringTicket;
pub use showing::{Filed, SaidAbout, TicketView};

/// The longest comment, in characters.
pub const COMMENT_MAX: usize = 4000;

/// What was said when a request was made. Personal data: it is only ever in its erasable row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormWords {
    /// From which address it came, where it came by mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The answers by field.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// A comment. Personal data: it is only ever in its erasable row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentWords {
    /// What it says.
    pub text: String,
}

/// Which words a fact in the outbox speaks of.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct NoteFacts {
    /// The row that keeps them.
    pub(super) note: Uuid,
}

/// Words that are kept with the decision about them.
pub(super) struct Words {
    pub(super) kind: NoteKind,
    pub(super) author: TicketMaker,
    pub(super) data: Vec<u8>,
}

/// The answers as they are kept, or what is wrong with them.
pub(super) fn answered(
    form: &TicketForm,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let answers = form
        .check(given)
        .map_err(|problems| Refusal::of_form(RefusalCode::TicketFormInvalid, &problems, "/fields"))?;
    let named = answers.into_iter();
    Ok(named.map(|(field, answer)| (field.into(), answer)).collect())
}

/// A comment as it is kept, or what is wrong with it.
pub(super) fn commented(text: &str) -> Result<CommentWords, Refusal> {
    let text = text.trim();
    let no = |detail: String| Err(Refusal::new(RefusalCode::TicketFormInvalid, detail).at("/text"));
    if text.is_empty() {
        return no("A comment says something.".to_owned());
    }
    if text.chars().count() > COMMENT_MAX {
        return no(format!("A comment has at most {COMMENT_MAX} characters."));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return no("A comment is plain text.".to_owned());
    }
    Ok(CommentWords {
        text: text.to_owned(),
    })
}

impl Draft<'_> {
    /// Keeps words in their erasable row, with the decision that names them.
    pub(super) fn with_words(&mut self, engine: &Engine, words: Words) -> NoteRef {
        let at = engine.now();
        let reference = NoteRef {
            row: engine.parts.ids.new_id(at),
            hash: digest(&words.data),
        };
        self.with_note(TicketNote {
            id: reference.row,
            change: self.change_id(),
            kind: words.kind,
            author: words.author,
            data: Some(words.data),
            hash: reference.hash.clone(),
            at,
        });
        reference
    }
}

impl Engine {
    /// What was written in this row; nothing where it was erased.
    pub(super) async fn words_of(&self, change: ChangeId, row: Uuid) -> Result<Option<Vec<u8>>, EngineError> {
        let notes = self.store().ticket_notes(change).await?;
        let named = notes.into_iter().find(|note| note.id == row);
        Ok(named.and_then(|note| note.data))
    }
}
