//! Writes that can go together: each says what it relies on and what it brings about, and leaves it to the writer to say both to
//! the database, alone or in one breath with others.

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use uuid::Uuid;

use super::script::Script;
use super::writer::Step;
use crate::ports::store::{ClientRequest, StoreResult, Subject, Written};
use crate::store::failure::Undo;

/// What the questions of one write were answered: the rows of each, in order.
pub(super) type Answers = Vec<Vec<SqliteRow>>;

/// A write in two breaths. Both can be had as often as needed: what went wrong together is done again by itself.
pub(super) trait Joint: Send + Sync {
    /// Everything that it reads or writes and that another write might write meanwhile. Two that share something never go together.
    fn touches(&self) -> Vec<Touch>;

    /// Asks for everything that it relies on.
    fn ask(&self) -> StoreResult<Script> {
        Ok(Script::default())
    }

    /// Everything that it brings about, or why nothing is written.
    fn say(&self, answers: Answers) -> Result<Script, Undo<Written>>;
}

/// Something that only one of several writes that go together may touch.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Touch {
    /// A row, with all rows that belong to it alone.
    Row(Uuid),
    /// A client's key.
    Key(String, String),
}

impl Touch {
    /// The key of a client's request.
    pub(super) fn key(request: &ClientRequest) -> Self {
        Self::Key(request.seller.to_string(), request.key.clone())
    }

    /// What is in the queue, with its row there.
    pub(super) fn subject(subject: Subject) -> Self {
        Self::Row(match subject {
            Subject::Change(change) => change.0,
            Subject::Contract(contract) => contract.0,
        })
    }
}

/// Does one by itself.
pub(super) async fn alone(connection: &mut SqliteConnection, write: &dyn Joint) -> Step {
    let questions = write.ask()?;
    let answers = if questions.said.is_empty() {
        Answers::new()
    } else {
        questions.ask(&mut *connection).await?
    };
    write.say(answers)?.run(connection).await
}
