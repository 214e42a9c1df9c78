//! Several statements that are said to the database in one breath: a connection is a thread behind a channel, so that each word to
//! it costs as much as a small write.
//!
//! Knows nothing of what the statements mean. Their texts are constants of this room; only their parameters are renamed, so that
//! each statement goes on counting from `?1`. They become names (`$8`), because numbers (`?8`) leave gaps, which SQLite counts as
//! parameters too.

use std::fmt::Write as _;

use futures_util::TryStreamExt as _;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Arguments as _, AssertSqlSafe, Either, Encode, Executor as _, Sqlite, Type};

use super::writer::Step;
use crate::ports::store::{StoreError, StoreResult, Written};
use crate::store::failure::Undo;

/// Statements with their parameters, in the order in which they are run.
#[derive(Default)]
pub(super) struct Script {
    text: String,
    arguments: SqliteArguments,
    /// For each statement, what it means when it does not change exactly one row; nothing where that may be.
    otherwise: Vec<Option<Undo<Written>>>,
    unbound: Option<StoreError>,
}

impl Script {
    /// Adds a statement, whose parameters follow.
    pub(super) fn say(&mut self, statement: &'static str) -> &mut Self {
        let before = self.arguments.len();
        let mut parts = statement.split('?');
        self.text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
            let number: usize = part[..part.len() - rest.len()].parse().unwrap_or_default();
            // Writing to a string cannot fail.
            let _ = write!(self.text, "${}{rest}", number + before);
        }
        self.text.push_str(";\n");
        self.otherwise.push(None);
        self
    }

    /// The next parameter of the statement that was added last.
    pub(super) fn bind<'v, T: Encode<'v, Sqlite> + Type<Sqlite>>(&mut self, value: T) -> &mut Self {
        if self.arguments.add(value).is_err() {
            self.unbound = Some(StoreError::Damaged("a parameter".to_owned()));
        }
        self
    }

    /// What it means when the statement that was added last does not change exactly one row.
    pub(super) fn otherwise(&mut self, undo: impl Into<Undo<Written>>) -> &mut Self {
        if let Some(last) = self.otherwise.last_mut() {
            *last = Some(undo.into());
        }
        self
    }

    /// Runs questions: the rows of each, in order.
    pub(super) async fn ask(self, connection: &mut SqliteConnection) -> StoreResult<Vec<Vec<SqliteRow>>> {
        let mut answers = vec![Vec::new()];
        if let Some(unbound) = self.unbound {
            return Err(unbound);
        }
        let mut told = connection.fetch_many(sqlx::query_with(AssertSqlSafe(self.text), self.arguments));
        while let Some(part) = told.try_next().await? {
            match part {
                Either::Right(row) => answers
                    .last_mut()
                    .map_or((), |rows: &mut Vec<SqliteRow>| rows.push(row)),
                // The end of one answer.
                Either::Left(_) => answers.push(Vec::new()),
            }
        }
        Ok(answers)
    }

    /// Runs commands of which none can be refused.
    pub(super) async fn carry_out(self, connection: &mut SqliteConnection) -> StoreResult<()> {
        self.ask(connection).await.map(drop)
    }

    /// Runs commands, and holds what each has changed against what it must.
    pub(super) async fn run(self, connection: &mut SqliteConnection) -> Step {
        if let Some(unbound) = self.unbound {
            return Err(unbound.into());
        }
        let mut expected = self.otherwise.into_iter();
        let mut undo = None;
        {
            let mut told = connection.fetch_many(sqlx::query_with(AssertSqlSafe(self.text), self.arguments));
            while let Some(part) = told.try_next().await? {
                if let Either::Left(done) = part
                    && let Some(Some(otherwise)) = expected.next()
                    && done.rows_affected() != 1
                    && undo.is_none()
                {
                    undo = Some(otherwise);
                }
            }
        }
        undo.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{ConnectOptions as _, Row as _};

    use super::*;

    async fn database() -> SqliteConnection {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(":memory:");
        let mut connection = options.connect().await.expect("connected");
        let mut script = Script::default();
        script.say("CREATE TABLE guest (name TEXT PRIMARY KEY, age INTEGER) STRICT");
        script
            .say("INSERT INTO guest VALUES (?1, ?2)")
            .bind("ana")
            .bind(30);
        script
            .say("INSERT INTO guest VALUES (?2, ?1)")
            .bind(40)
            .bind("bea");
        assert!(script.run(&mut connection).await.is_ok());
        connection
    }

    #[tokio::test]
    async fn every_statement_counts_its_parameters_anew_and_has_its_own_answer() {
        let mut connection = database().await;
        let mut script = Script::default();
        script
            .say("SELECT age FROM guest WHERE name = ?1 OR age = ?2")
            .bind("ana")
            .bind(0);
        script.say("SELECT age FROM guest WHERE name = ?1").bind("nobody");
        script
            .say("SELECT age FROM guest WHERE name <> ?1 AND ?1 <> ''")
            .bind("ana");
        let answers = script.ask(&mut connection).await.expect("answers");
        let ages = |nth: usize| {
            answers[nth]
                .iter()
                .map(|row| row.get::<i64, _>(0))
                .collect::<Vec<_>>()
        };
        assert_eq!((ages(0), ages(1), ages(2)), (vec![30], vec![], vec![40]));
    }

    #[tokio::test]
    async fn a_statement_that_changes_nothing_is_told_where_it_must() {
        let mut connection = database().await;
        let mut script = Script::default();
        script
            .say("UPDATE guest SET age = 0 WHERE name = ?1")
            .bind("nobody");
        script
            .say("UPDATE guest SET age = 31 WHERE name = ?1")
            .bind("nobody")
            .otherwise(Undo::Answer(Written::Stale));
        script
            .say("UPDATE guest SET age = 41 WHERE name = ?1")
            .bind("bea");
        let undone = script.run(&mut connection).await;
        assert!(matches!(undone, Err(Undo::Answer(Written::Stale))));
    }
}
