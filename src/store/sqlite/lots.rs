//! Lots: writes that have nothing to do with each other, said to the database together.
//!
//! All questions of a lot are one text, and all that it writes is another, table by table instead of write by write. Because the
//! texts are always the same, they are prepared once. What a lot comes to is what its writes would come to one after the other;
//! where anything is not as expected, nobody tries to tell whose fault it is: the caller takes all of it back and does each by
//! itself.

use std::collections::HashSet;

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::joint::{Answers, Joint};
use super::script::{Said, Script};
use super::texts::Text;
use super::value::Value;
use super::writer::Step;
use super::{accounts, changes, contracts, due, effects, journal, outbox, requests};
use crate::ports::store::StoreError;

/// A statement of a lot.
#[derive(Clone, Copy)]
struct Line {
    statement: &'static str,
    /// How many parameters a row of it has.
    width: usize,
    /// How many rows it takes at most; in a small lot all statements take [`FEW`].
    most: usize,
}

const MANY: usize = 16;
const FEW: usize = 4;

/// One that nearly every write of its kind needs.
const fn often(statement: &'static str, width: usize) -> Line {
    let most = MANY;
    Line {
        statement,
        width,
        most,
    }
}

/// One that few need.
const fn seldom(statement: &'static str, width: usize) -> Line {
    let most = FEW;
    Line {
        statement,
        width,
        most,
    }
}

const QUESTIONS: &[Line] = &[
    often(changes::HEAD, 1),
    often(changes::OPEN_ON, 1),
    often(requests::FIND, 2),
    often(due::HOLDS, 3),
    seldom(effects::FIND, 1),
    seldom(changes::SUCCESSOR, 1),
    seldom(contracts::FIND_AMONG, 1),
    seldom(journal::LAST_OF_CONTRACT, 1),
];

/// In an order that is right for every write: a row before what refers to it, a question noted before its lease is given back, a
/// lease interrupted before the next wake-up is set.
const COMMANDS: &[Line] = &[
    often(requests::KEEP, 5),
    seldom(changes::OPEN, 23),
    often(changes::MOVE, 15),
    often(journal::ADD, 6),
    seldom(effects::SETTLE, 7),
    seldom(effects::INSERT, 17),
    seldom(effects::INSERT_REQUEST, 2),
    seldom(effects::BEGIN, 5),
    often(outbox::PUT, 10),
    often(outbox::SENT, 1),
    seldom(accounts::GIVE_IDENTITY, 7),
    seldom(accounts::USE_IDENTITY, 2),
    seldom(accounts::SAVED_CUSTOMER, 3),
    seldom(accounts::SAVED_TAX_ID, 3),
    seldom(contracts::REPLACE, 6),
    seldom(journal::ADD_TO_CONTRACT, 6),
    seldom(due::ASKED, 3),
    seldom(due::RELEASE, 4),
    often(due::INTERRUPT, 3),
    often(due::PUT, 4),
    seldom(due::WAKE, 3),
];

/// Which writes go together, each by its number: those that share nothing, in the order in which they came. One that shares
/// something with one before it waits for the next lot, and so does what would overtake it.
pub(super) fn choose(writes: Vec<(usize, &dyn Joint)>) -> Vec<Vec<usize>> {
    let mut waiting: Vec<_> = writes
        .into_iter()
        .map(|(number, write)| (number, write.touches()))
        .collect();
    let mut lots = Vec::new();
    while !waiting.is_empty() {
        let mut touched = HashSet::new();
        let mut lot = Vec::new();
        waiting.retain(|(number, touches)| {
            let free = touches.iter().all(|touch| !touched.contains(touch));
            touched.extend(touches.iter().cloned());
            if free {
                lot.push(*number);
            }
            !free
        });
        lots.push(lot);
    }
    lots
}

/// Something was not as expected: all of it must be taken back, and each done by itself.
pub(super) struct Apart;

impl From<StoreError> for Apart {
    fn from(_: StoreError) -> Self {
        Self
    }
}

impl From<sqlx::Error> for Apart {
    fn from(_: sqlx::Error) -> Self {
        Self
    }
}

/// Does all writes of a lot, and tells what each comes to.
pub(super) async fn together(
    connection: &mut SqliteConnection,
    writes: &[&dyn Joint],
) -> Result<Vec<Step>, Apart> {
    let mut questions = Vec::with_capacity(writes.len());
    for write in writes {
        questions.push(write.ask()?);
    }
    let answers = ask(connection, questions).await?;
    let mut outcomes = Vec::with_capacity(writes.len());
    let mut commands = Vec::with_capacity(writes.len());
    for (write, answers) in writes.iter().zip(answers) {
        outcomes.push(write.say(answers).map(|script| commands.push(script)));
    }
    for sheet in sheets(COMMANDS, commands) {
        let must: Vec<_> = sheet.lines.iter().map(|(_, rows)| must_change(rows)).collect();
        let told = sheet.text().tell(connection).await?;
        let as_expected = |((_, changed), must): (&(Vec<SqliteRow>, u64), Option<u64>)| {
            must.is_none_or(|must| must == *changed)
        };
        if !told.iter().zip(must).all(as_expected) {
            return Err(Apart);
        }
    }
    Ok(outcomes)
}

async fn ask(connection: &mut SqliteConnection, questions: Vec<Script>) -> Result<Vec<Answers>, Apart> {
    let mut answers: Vec<Answers> = questions
        .iter()
        .map(|script| script.said.iter().map(|_| Vec::new()).collect())
        .collect();
    for sheet in sheets(QUESTIONS, questions) {
        let owners: Vec<Vec<_>> = sheet
            .lines
            .iter()
            .map(|(_, rows)| rows.iter().map(|row| row.owner).collect())
            .collect();
        let told = sheet.text().tell(connection).await?;
        for ((rows, _), owners) in told.into_iter().zip(owners) {
            for row in rows {
                let (script, nth) = *owners.get(place(&row)?).ok_or(Apart)?;
                let answer = answers.get_mut(script).and_then(|said| said.get_mut(nth));
                answer.ok_or(Apart)?.push(row);
            }
        }
    }
    Ok(answers)
}

fn place(row: &SqliteRow) -> Result<usize, Apart> {
    use sqlx::Row as _;
    let place: i64 = row.try_get("place")?;
    usize::try_from(place).map_err(|_| Apart)
}

/// How many rows a statement must change; nothing where that is open.
fn must_change(rows: &[Row]) -> Option<u64> {
    let must = rows.iter().any(|row| row.must);
    must.then(|| u64::try_from(rows.len()).unwrap_or(u64::MAX))
}

/// What is said in one breath: for each statement its rows.
struct Sheet {
    lines: Vec<(Line, Vec<Row>)>,
    scripts: usize,
}

struct Row {
    /// The script that it belongs to, and which of its statements it is.
    owner: (usize, usize),
    values: Vec<Value>,
    /// Whether it must change exactly one row.
    must: bool,
}

/// Distributes scripts over as few sheets as they fit on.
fn sheets(lines: &'static [Line], scripts: Vec<Script>) -> Vec<Sheet> {
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
    fn of(owner: (usize, usize), said: Said) -> Self {
        Self {
            owner,
            values: said.values,
            must: said.otherwise.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions as _;
    use uuid::Uuid;

    use super::super::file;
    use super::super::joint::Touch;
    use super::*;
    use crate::ports::store::Written;
    use crate::store::failure::Undo;

    async fn database() -> SqliteConnection {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(":memory:");
        let mut connection = options.connect().await.expect("connected");
        file::MIGRATIONS.run(&mut connection).await.expect("migrated");
        connection
    }

    #[tokio::test]
    async fn every_text_of_a_lot_can_be_said_and_says_nothing_where_nothing_was_added() {
        let mut connection = database().await;
        for lines in [QUESTIONS, COMMANDS] {
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
                let told = sheet.text().tell(&mut connection).await.expect("told");
                assert_eq!(told.len(), lines.len());
                assert!(told.iter().all(|(rows, _)| rows.is_empty()));
            }
        }
    }

    struct Touching(&'static [u128]);

    impl Joint for Touching {
        fn touches(&self) -> Vec<Touch> {
            self.0
                .iter()
                .map(|row| Touch::Row(Uuid::from_u128(*row)))
                .collect()
        }

        fn say(&self, _: Answers) -> Result<Script, Undo<Written>> {
            Ok(Script::default())
        }
    }

    #[test]
    fn what_shares_something_goes_one_after_the_other_and_nothing_overtakes() {
        let writes = [&[1, 2][..], &[3], &[2, 4], &[4], &[5]].map(Touching);
        let numbered = writes.iter().enumerate();
        let lots = choose(
            numbered
                .map(|(number, write)| (number, write as &dyn Joint))
                .collect(),
        );
        // The fourth shares nothing with the first lot, but would overtake the third.
        assert_eq!(lots, [vec![0, 1, 4], vec![2], vec![3]]);
    }

    fn key(name: &str) -> Said {
        let mut script = Script::default();
        script
            .say(requests::KEEP)
            .bind("demo")
            .bind(name)
            .bind(&[7; 32][..])
            .bind(200_u16)
            .bind(&[][..]);
        script.said.remove(0)
    }

    #[test]
    fn a_sheet_is_closed_when_it_is_full_and_what_is_unusual_has_one_of_its_own() {
        let mut scripts: Vec<_> = (0..MANY + 1)
            .map(|number| Script {
                said: vec![key(&number.to_string())],
            })
            .collect();
        let mut unusual = Script::default();
        unusual.say("DELETE FROM finding");
        scripts.push(unusual);
        let filled: Vec<_> = sheets(COMMANDS, scripts)
            .iter()
            .map(|sheet| sheet.scripts)
            .collect();
        assert_eq!(filled, [MANY, 1, 1]);
    }
}
