//! Verbs on their way to the writer, and their answers on the way back.

use futures_util::future::BoxFuture;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::oneshot;

use super::joint::{self, Joint};
use super::writer::{Outcome, Step};
use crate::ports::store::{StoreError, StoreResult, Written};
use crate::store::failure::Undo;

/// A verb on its way.
pub(super) trait Job: Send {
    /// Runs it by itself, and tells whether its writes stay.
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool>;

    /// What it writes, if that can be written together with others.
    fn joint(&self) -> Option<&dyn Joint> {
        None
    }

    /// Takes what it came to when it was written together with others.
    fn conclude(&mut self, _outcome: Step) {}

    /// Gives the caller its answer, or tells that the commit failed.
    fn answer(self: Box<Self>, failure: Option<&sqlx::Error>);
}

/// One that does as it likes.
pub(super) struct Work<T, F> {
    verb: Option<F>,
    answer: Option<StoreResult<T>>,
    reply: oneshot::Sender<StoreResult<T>>,
}

impl<T, F> Work<T, F> {
    pub(super) fn new(verb: F, reply: oneshot::Sender<StoreResult<T>>) -> Self {
        Self {
            verb: Some(verb),
            answer: None,
            reply,
        }
    }
}

impl<T, F> Job for Work<T, F>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Outcome<T>> + Send + 'static,
{
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool> {
        Box::pin(async move {
            let Some(verb) = self.verb.take() else {
                return false;
            };
            let outcome = verb(connection).await;
            let keep = outcome.is_ok();
            self.answer = Some(told(outcome));
            keep
        })
    }

    fn answer(self: Box<Self>, failure: Option<&sqlx::Error>) {
        // Nobody may be waiting any more; the work is done all the same.
        let _ = self.reply.send(committed(self.answer, failure));
    }
}

/// One that can be done together with others.
pub(super) struct JointWork {
    write: Box<dyn Joint>,
    answer: Option<StoreResult<Written>>,
    reply: oneshot::Sender<StoreResult<Written>>,
}

impl JointWork {
    pub(super) fn new(write: Box<dyn Joint>, reply: oneshot::Sender<StoreResult<Written>>) -> Self {
        Self {
            write,
            answer: None,
            reply,
        }
    }
}

impl Job for JointWork {
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool> {
        Box::pin(async move {
            let outcome = joint::alone(connection, self.write.as_ref()).await;
            let keep = outcome.is_ok();
            self.conclude(outcome);
            keep
        })
    }

    fn joint(&self) -> Option<&dyn Joint> {
        Some(self.write.as_ref())
    }

    fn conclude(&mut self, outcome: Step) {
        self.answer = Some(told(outcome.map(|()| Written::Done)));
    }

    fn answer(self: Box<Self>, failure: Option<&sqlx::Error>) {
        let _ = self.reply.send(committed(self.answer, failure));
    }
}

fn told<T>(outcome: Outcome<T>) -> StoreResult<T> {
    match outcome {
        Ok(answer) | Err(Undo::Answer(answer)) => Ok(answer),
        Err(Undo::Failed(error)) => Err(error),
    }
}

fn committed<T>(answer: Option<StoreResult<T>>, failure: Option<&sqlx::Error>) -> StoreResult<T> {
    let unavailable = |why: &str| Err(StoreError::Unavailable(why.to_owned()));
    match (failure, answer) {
        // What one job found damaged stays its own finding; a commit that fails is everybody's.
        (_, Some(Err(error))) => Err(error),
        (None, Some(answer)) => answer,
        (Some(sqlx::Error::Database(error)), _) => unavailable(error.message()),
        (_, _) => unavailable("the commit failed"),
    }
}
