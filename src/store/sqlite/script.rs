//! Several statements that are said to the database in one breath: a connection is a thread behind a channel, so that each word to
//! it costs as much as a small write.
//!
//! Knows nothing of what the statements mean.

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::texts::Text;
use super::value::Value;
use super::writer::Step;
use crate::ports::store::{StoreResult, Written};
use crate::store::failure::Undo;

/// Statements with their parameters, in the order in which they are run.
#[derive(Default)]
pub(super) struct Script {
    pub(super) said: Vec<Said>,
}

/// A statement with its parameters.
pub(super) struct Said {
    pub(super) statement: &'static str,
    pub(super) values: Vec<Value>,
    /// What it means when the statement does not change exactly one row; nothing where that may be.
    pub(super) otherwise: Option<Undo<Written>>,
}

impl Script {
    /// Adds a statement, whose parameters follow.
    pub(super) fn say(&mut self, statement: &'static str) -> &mut Self {
        self.said.push(Said {
            statement,
            values: Vec::new(),
            otherwise: None,
        });
        self
    }

    /// The next parameter of the statement that was added last.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        if let Some(last) = self.said.last_mut() {
            last.values.push(value.into());
        }
        self
    }

    /// What it means when the statement that was added last does not change exactly one row.
    pub(super) fn otherwise(&mut self, undo: impl Into<Undo<Written>>) -> &mut Self {
        if let Some(last) = self.said.last_mut() {
            last.otherwise = Some(undo.into());
        }
        self
    }

    /// The same questions once more.
    pub(super) fn repeated(&self) -> Self {
        let again = |said: &Said| Said {
            statement: said.statement,
            values: said.values.clone(),
            otherwise: None,
        };
        Self {
            said: self.said.iter().map(again).collect(),
        }
    }

    /// Runs questions: the rows of each, in order.
    pub(super) async fn ask(self, connection: &mut SqliteConnection) -> StoreResult<Vec<Vec<SqliteRow>>> {
        let mut text = Text::default();
        for said in self.said {
            text.say(said.statement, vec![said.values]);
        }
        let told = text.tell(connection).await?;
        Ok(told.into_iter().map(|(rows, _)| rows).collect())
    }

    /// Runs commands of which none can be refused.
    pub(super) async fn carry_out(self, connection: &mut SqliteConnection) -> StoreResult<()> {
        self.ask(connection).await.map(drop)
    }

    /// Runs commands, and holds what each has changed against what it must.
    pub(super) async fn run(self, connection: &mut SqliteConnection) -> Step {
        let mut text = Text::default();
        let mut expected = Vec::with_capacity(self.said.len());
        for said in self.said {
            text.say(said.statement, vec![said.values]);
            expected.push(said.otherwise);
        }
        let told = text.tell(connection).await?;
        for ((_, changed), otherwise) in told.into_iter().zip(expected) {
            if let Some(undo) = otherwise.filter(|_| changed != 1) {
                return Err(undo);
            }
        }
        Ok(())
    }
}

/// The first row of the first answer.
pub(super) fn first(answers: &[Vec<SqliteRow>]) -> Option<&SqliteRow> {
    answers.first().and_then(|rows| rows.first())
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
            .bind(30_i64);
        script
            .say("INSERT INTO guest VALUES (?2, ?1)")
            .bind(40_i64)
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
            .bind(0_i64);
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
