//! Sheets: what several scripts have to say, table by table instead of script by script.
//!
//! A text is prepared once only if it is said in the same words again. So a sheet always has the same statements, each with the same
//! number of places for rows, however many of them are filled. Knows nothing of what the statements mean.

use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::joint::Answers;
use super::script::{Said, Script};
use super::texts::Text;
use super::value::Value;
use crate::ports::store::{StoreError, StoreResult};

/// A statement that a sheet has room for.
#[derive(Clone, Copy)]
pub(super) struct Line {
    statement: &'static str,
    /// How many parameters a row of it has.
    width: usize,
    /// How many rows it takes at most; on a small sheet all statements take [`FEW`].
    most: usize,
}

const MANY: usize = 16;
const FEW: usize = 4;

/// One that nearly every script needs.
pub(super) const fn often(statement: &'static str, width: usize) -> Line {
    let most = MANY;
    Line {
        statement,
        width,
        most,
    }
}

/// One that few need.
pub(super) const fn seldom(statement: &'static str, width: usize) -> Line {
    let most = FEW;
    Line {
        statement,
        width,
        most,
    }
}

/// What is said in one breath: for each statement its rows.
pub(super) struct Sheet {
    lines: Vec<(Line, Vec<Row>)>,
    scripts: usize,
}

/// A script by its number, and which of its statements it is.
type Owner = (usize, usize);

struct Row {
    owner: Owner,
    values: Vec<Value>,
    /// Whether it must change exactly one row.
    must: bool,
}

/// Distributes scripts over as few sheets as they fit on.
pub(super) fn sheets(lines: &'static [Line], scripts: Vec<Script>) -> Vec<Sheet> {
    let mut sheets: Vec<Sheet> = Vec::new();
    for (number, script) in scripts.into_iter().enumerate() {
        if script.said.is_empty() {
            continue;
        }
        let fits_on_some = Sheet::of(lines).has_room(&script.said);
        match sheets.last_mut() {
            Some(last) if fits_on_some && last.has_room(&script.said) => last.take(number, script.said),
            _ if fits_on_some => {
                let mut sheet = Sheet::of(lines);
                sheet.take(number, script.said);
                sheets.push(sheet);
            }
            _ => sheets.push(Sheet::alone(number, script.said)),
        }
    }
    // What one script has to say is said as it is.
    for sheet in sheets.iter_mut().filter(|sheet| sheet.scripts == 1) {
        sheet.lines.retain(|(_, rows)| !rows.is_empty());
    }
    sheets
}

impl Sheet {
    fn of(lines: &[Line]) -> Self {
        Self {
            lines: lines.iter().map(|line| (*line, Vec::new())).collect(),
            scripts: 0,
        }
    }

    /// For a script that says something unusual.
    fn alone(number: usize, said: Vec<Said>) -> Self {
        let mut sheet = Self::of(&[]);
        for (nth, said) in said.into_iter().enumerate() {
            let line = seldom(said.statement, said.values.len());
            sheet.lines.push((line, vec![Row::of((number, nth), said)]));
        }
        sheet.scripts = 1;
        sheet
    }

    fn has_room(&self, said: &[Said]) -> bool {
        let of = |statement: &'static str| said.iter().filter(move |said| said.statement == statement);
        let taken: usize = self
            .lines
            .iter()
            .map(|(line, _)| of(line.statement).count())
            .sum();
        let room = |(line, rows): &(Line, Vec<Row>)| {
            rows.len() + of(line.statement).count() <= line.most
                && of(line.statement).all(|said| said.values.len() == line.width)
        };
        taken == said.len() && self.lines.iter().all(room)
    }

    fn take(&mut self, number: usize, said: Vec<Said>) {
        for (nth, said) in said.into_iter().enumerate() {
            let line = self
                .lines
                .iter_mut()
                .find(|(line, _)| line.statement == said.statement);
            if let Some((_, rows)) = line {
                rows.push(Row::of((number, nth), said));
            }
        }
        self.scripts += 1;
    }

    /// Asks what stands on it: each row of an answer, and whose it is.
    async fn ask(
        self,
        connection: &mut SqliteConnection,
        moment: Moment,
    ) -> StoreResult<Vec<(Owner, SqliteRow)>> {
        // One question is of one moment by itself.
        let by_itself = moment == Moment::Given || self.lines.len() == 1;
        let of_line = |(_, rows): &(Line, Vec<Row>)| rows.iter().map(|row| row.owner).collect();
        let owners: Vec<Vec<Owner>> = self.lines.iter().map(of_line).collect();
        let mut text = self.text();
        if !by_itself {
            text.surround("BEGIN", "COMMIT");
        }
        let told = text.tell(connection).await?;
        let mut answers = Vec::new();
        for ((rows, _), owners) in told.into_iter().skip(usize::from(!by_itself)).zip(owners) {
            for row in rows {
                let place: i64 = row.try_get("place")?;
                let place = usize::try_from(place).map_err(|_| lost())?;
                answers.push((*owners.get(place).ok_or_else(lost)?, row));
            }
        }
        Ok(answers)
    }

    /// Runs what stands on it, and tells whether each statement has changed as many rows as it must.
    pub(super) async fn run(self, connection: &mut SqliteConnection) -> StoreResult<bool> {
        let must: Vec<_> = self.lines.iter().map(|(_, rows)| must_change(rows)).collect();
        let told = self.text().tell(connection).await?;
        let mut both = told.into_iter().zip(must);
        Ok(both.all(|((_, changed), must)| must.is_none_or(|must| must == changed)))
    }

    /// Several scripts fill one of two texts, a small or a large one: places that are left are filled with nothing.
    fn text(self) -> Text {
        let single = self.scripts == 1;
        let small = self.lines.iter().all(|(_, rows)| rows.len() <= FEW);
        let mut text = Text::default();
        for (line, rows) in self.lines {
            let places = match (single, small) {
                (true, _) => rows.len(),
                (false, true) => FEW,
                (false, false) => line.most,
            };
            let mut rows: Vec<_> = rows.into_iter().map(|row| row.values).collect();
            rows.resize_with(places, || vec![Value::Nothing; line.width]);
            text.say(line.statement, rows);
        }
        text
    }
}

impl Row {
    fn of(owner: Owner, said: Said) -> Self {
        Self {
            owner,
            values: said.values,
            must: said.otherwise.is_some(),
        }
    }
}

/// How many rows a statement must change; nothing where that is open.
fn must_change(rows: &[Row]) -> Option<u64> {
    let must = rows.iter().any(|row| row.must);
    must.then(|| u64::try_from(rows.len()).unwrap_or(u64::MAX))
}

/// Whose transaction questions are asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// The caller's.
    Given,
    /// One of their own: those of one script are answered at one moment.
    Own,
}

/// Asks the questions of several scripts, and tells what each was answered: the rows of each question, in order.
pub(super) async fn ask(
    connection: &mut SqliteConnection,
    lines: &'static [Line],
    questions: Vec<Script>,
    moment: Moment,
) -> StoreResult<Vec<Answers>> {
    let mut answers: Vec<Answers> = questions
        .iter()
        .map(|script| script.said.iter().map(|_| Vec::new()).collect())
        .collect();
    for sheet in sheets(lines, questions) {
        for ((script, nth), row) in sheet.ask(connection, moment).await? {
            let answer = answers.get_mut(script).and_then(|said| said.get_mut(nth));
            answer.ok_or_else(lost)?.push(row);
        }
    }
    Ok(answers)
}

fn lost() -> StoreError {
    StoreError::Damaged("an answer without a question".to_owned())
}

/// Says a small and a large sheet on which nothing stands.
#[cfg(test)]
pub(super) async fn says_nothing(connection: &mut SqliteConnection, lines: &'static [Line]) {
    for rows in [0, FEW + 1] {
        let mut sheet = Sheet::of(lines);
        sheet.scripts = 2;
        let (line, filled) = &mut sheet.lines[0];
        for _ in 0..rows {
            filled.push(Row {
                owner: (0, 0),
                values: vec![Value::Nothing; line.width],
                must: false,
            });
        }
        let told = sheet.text().tell(connection).await.expect("told");
        assert_eq!(told.len(), lines.len());
        assert!(told.iter().all(|(rows, _)| rows.is_empty()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &[Line] = &[often("KEEP ?rows", 2)];

    fn kept(name: &str) -> Script {
        let mut script = Script::default();
        script.say("KEEP ?rows").bind(name).bind(1_i64);
        script
    }

    #[test]
    fn a_sheet_is_closed_when_it_is_full_and_what_is_unusual_has_one_of_its_own() {
        let mut scripts: Vec<_> = (0..=MANY).map(|number| kept(&number.to_string())).collect();
        let mut unusual = Script::default();
        unusual.say("DELETE FROM finding");
        scripts.push(unusual);
        scripts.push(kept("last"));
        let filled: Vec<_> = sheets(LINES, scripts).iter().map(|sheet| sheet.scripts).collect();
        assert_eq!(filled, [MANY, 1, 1, 1]);
    }
}
