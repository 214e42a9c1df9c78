//! Lots: writes that have nothing to do with each other, said to the database together.
//!
//! All questions of a lot are one text, and all that it writes is another, table by table instead of write by write. Because the
//! texts are always the same, they are prepared once. What a lot comes to is what its writes would come to one after the other;
//! where anything is not as expected, nobody tries to tell whose fault it is: the caller takes all of it back and does each by
//! itself.

use std::collections::HashSet;

use sqlx::sqlite::SqliteConnection;

use super::joint::Joint;
use super::sheets::{Line, Moment, ask, often, seldom, sheets};
use super::writer::Step;
use super::{accounts, changes, contracts, due, effects, journal, outbox, requests};
use crate::ports::store::StoreError;

const QUESTIONS: &[Line] = &[
    often(changes::HEAD, 1),
    often(changes::OPEN_ON, 1),
    often(requests::FIND, 2),
    often(due::HOLDS, 3),
    seldom(effects::FIND, 1),
    seldom(changes::SUCCESSOR, 1),
    seldom(changes::PROMISED_ON, 1),
    seldom(contracts::FIND, 1),
    seldom(journal::LAST_OF_CONTRACT, 1),
];

/// In an order that is right for every write: a row before what refers to it, a question noted before its lease is given back, a
/// lease interrupted before the next wake-up is set.
const COMMANDS: &[Line] = &[
    often(requests::KEEP, 5),
    seldom(changes::OPEN, 24),
    often(changes::MOVE, 16),
    often(journal::ADD, 6),
    seldom(effects::SETTLE, 7),
    seldom(effects::INSERT, 17),
    seldom(effects::INSERT_REQUEST, 2),
    seldom(effects::BEGIN, 5),
    often(outbox::PUT, 11),
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
    seldom(due::HOLD, 5),
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

/// Does all writes of a lot, and tells what each comes to.
pub(super) async fn together(
    connection: &mut SqliteConnection,
    writes: &[&dyn Joint],
) -> Result<Vec<Step>, Apart> {
    let mut questions = Vec::with_capacity(writes.len());
    for write in writes {
        questions.push(write.ask()?);
    }
    let answers = ask(connection, QUESTIONS, questions, Moment::Given).await?;
    let mut outcomes = Vec::with_capacity(writes.len());
    let mut commands = Vec::with_capacity(writes.len());
    for (write, answers) in writes.iter().zip(answers) {
        outcomes.push(write.say(answers).map(|script| commands.push(script)));
    }
    for sheet in sheets(COMMANDS, commands) {
        if !sheet.run(connection).await? {
            return Err(Apart);
        }
    }
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use sqlx::ConnectOptions as _;
    use uuid::Uuid;

    use super::super::joint::{Answers, Touch};
    use super::super::script::Script;
    use super::super::sheets::says_nothing;
    use super::super::{file, gathering};
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
        for lines in [QUESTIONS, COMMANDS, gathering::QUESTIONS] {
            says_nothing(&mut connection, lines).await;
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
}
