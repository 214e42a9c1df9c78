//! How statements and their parameters become one text.
//!
//! Statements are constants of this room, in two forms. One counts its parameters from `?1`; they are renamed, so that each
//! statement of a text does so: to names (`$8`), because numbers (`?8`) leave gaps, which SQLite counts as parameters too. The
//! other form takes rows of parameters, as `column1` and so on, and can therefore be said once for many.

use std::fmt::Write as _;

use futures_util::TryStreamExt as _;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Arguments as _, AssertSqlSafe, Either, Executor as _};

use super::value::Value;

/// Where a statement takes its rows of parameters.
const ROWS: &str = "?rows";

/// Where a question takes them. Its `column1` is the place of the row, which it must tell with each answer as `place`.
const PLACES: &str = "?places";

/// What the statements of a text have to say, in order: the rows of each, and how many it changed.
pub(super) type Told = Vec<(Vec<SqliteRow>, u64)>;

/// The text of several statements with their parameters. It is prepared once and kept by the connection: whatever is said often
/// must be said in the same words.
#[derive(Default)]
pub(super) struct Text {
    statements: Vec<(&'static str, Vec<Vec<Value>>)>,
}

impl Text {
    /// Adds a statement with its rows of parameters: one row, unless it is of the form that takes many.
    pub(super) fn say(&mut self, statement: &'static str, rows: Vec<Vec<Value>>) {
        self.statements.push((statement, rows));
    }

    /// Puts it between two statements without parameters.
    pub(super) fn surround(&mut self, before: &'static str, after: &'static str) {
        self.statements.insert(0, (before, Vec::new()));
        self.say(after, Vec::new());
    }

    /// Says it, and tells what each statement has answered.
    pub(super) async fn tell(self, connection: &mut SqliteConnection) -> Result<Told, sqlx::Error> {
        let mut answers = Vec::new();
        if self.statements.is_empty() {
            return Ok(answers);
        }
        let (text, arguments) = self.write()?;
        let mut rows = Vec::new();
        let mut told = connection.fetch_many(sqlx::query_with(AssertSqlSafe(text), arguments));
        while let Some(part) = told.try_next().await? {
            match part {
                Either::Right(row) => rows.push(row),
                // The end of one answer.
                Either::Left(done) => answers.push((std::mem::take(&mut rows), done.rows_affected())),
            }
        }
        Ok(answers)
    }

    /// Parameters of rows have no names, because looking for each among hundreds of names takes longer than the statement; the
    /// library counts them through the whole text. So they come first, and those with names after them.
    fn write(self) -> Result<(String, SqliteArguments), sqlx::Error> {
        let mut text = String::new();
        let mut named = Vec::new();
        let mut arguments = SqliteArguments::default();
        let nameless: usize = self
            .statements
            .iter()
            .filter(|(statement, _)| takes_rows(statement))
            .map(|(_, rows)| rows.iter().map(Vec::len).sum::<usize>())
            .sum();
        for (statement, rows) in self.statements {
            if let Some((before, after)) = statement.split_once(ROWS) {
                write_rows(&mut text, before, after, &rows, false);
            } else if let Some((before, after)) = statement.split_once(PLACES) {
                write_rows(&mut text, before, after, &rows, true);
            } else {
                rename(&mut text, statement, nameless + named.len());
                named.extend(rows.into_iter().flatten());
                continue;
            }
            for value in rows.into_iter().flatten() {
                arguments.add(value).map_err(sqlx::Error::Encode)?;
            }
        }
        for value in named {
            arguments.add(value).map_err(sqlx::Error::Encode)?;
        }
        Ok((text, arguments))
    }
}

fn takes_rows(statement: &str) -> bool {
    statement.contains(ROWS) || statement.contains(PLACES)
}

/// Writing to a string cannot fail.
fn write_rows(text: &mut String, before: &str, after: &str, rows: &[Vec<Value>], places: bool) {
    text.push_str(before);
    for (place, row) in rows.iter().enumerate() {
        text.push_str(if place == 0 { "(" } else { ",(" });
        if places {
            let _ = write!(text, "{place}");
        }
        for nth in 0..row.len() {
            text.push_str(if nth == 0 && !places { "?" } else { ",?" });
        }
        text.push(')');
    }
    text.push_str(after);
    text.push_str(";\n");
}

fn rename(text: &mut String, statement: &str, before: usize) {
    let mut parts = statement.split('?');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let number: usize = part[..part.len() - rest.len()].parse().unwrap_or_default();
        let _ = write!(text, "${}{rest}", number + before);
    }
    text.push_str(";\n");
}

#[cfg(test)]
mod tests {
    use sqlx::{ConnectOptions as _, Row as _};

    use super::*;

    #[tokio::test]
    async fn rows_of_parameters_stand_beside_those_with_numbers() {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(":memory:");
        let mut connection = options.connect().await.expect("connected");
        let row = |name: &str, age: i64| vec![Value::from(name), Value::from(age)];
        let mut text = Text::default();
        text.say(
            "CREATE TABLE guest (name TEXT PRIMARY KEY, age INTEGER) STRICT",
            vec![],
        );
        text.say("INSERT INTO guest VALUES (?1, ?2)", vec![row("ana", 30)]);
        text.say(
            "INSERT INTO guest SELECT * FROM (VALUES ?rows) WHERE column1 IS NOT NULL",
            vec![row("bea", 40), vec![Value::Nothing, Value::Nothing]],
        );
        text.say(
            "UPDATE guest SET age = column2 FROM (VALUES ?rows) WHERE name = column1",
            vec![row("ana", 31), row("nobody", 1), row("bea", 41)],
        );
        text.say("DELETE FROM guest WHERE name = ?1", vec![vec!["ana".into()]]);
        text.say(
            "SELECT column1 AS place, age FROM (VALUES ?places) CROSS JOIN guest ON name = column2",
            vec![vec!["ana".into()], vec!["bea".into()]],
        );
        let told = text.tell(&mut connection).await.expect("told");
        let changed: Vec<_> = told.iter().map(|(_, changed)| *changed).collect();
        assert_eq!(changed[1..5], [1, 1, 2, 1]);
        let answers = told[5].0.iter().map(|row| (row.get("place"), row.get("age")));
        assert_eq!(answers.collect::<Vec<(i64, i64)>>(), [(1, 41)]);
    }
}
