//! One commit of many writes, each of which can still take back its own.
//!
//! Knows savepoints, and nothing of what is written between them.

use std::collections::VecDeque;

use sqlx::sqlite::SqliteConnection;

use super::jobs::Job;
use super::lots;
use super::writer::run;

const KEEP: &str = "RELEASE job; SAVEPOINT job";
const KEEP_AND_COMMIT: &str = "RELEASE job; COMMIT";

/// Fails when an error was such that the database gave up the whole transaction: then nobody's writes are left.
const TAKE_BACK: &str = "ROLLBACK TO job; RELEASE job; SAVEPOINT job";
const TAKE_BACK_AND_COMMIT: &str = "ROLLBACK TO job; RELEASE job; COMMIT";

/// One commit, with a savepoint for each step, so that one that takes its writes back leaves the others alone. What stands between
/// two steps is said in one breath: each word to the database costs as much as a small write.
pub(super) async fn pack(
    connection: &mut SqliteConnection,
    batch: &mut [Box<dyn Job>],
) -> Result<(), sqlx::Error> {
    run(connection, "BEGIN IMMEDIATE; SAVEPOINT job").await?;
    let mut steps = steps(batch);
    while let Some(step) = steps.pop_front() {
        let stays = match step.as_slice() {
            [one] => match batch.get_mut(*one) {
                Some(job) => job.run(connection).await,
                None => false,
            },
            lot => {
                let stays = together(connection, batch, lot).await;
                if !stays {
                    lot.iter().rev().for_each(|one| steps.push_front(vec![*one]));
                }
                stays
            }
        };
        let between = match (stays, steps.is_empty()) {
            (true, false) => KEEP,
            (true, true) => KEEP_AND_COMMIT,
            (false, false) => TAKE_BACK,
            (false, true) => TAKE_BACK_AND_COMMIT,
        };
        run(connection, between).await?;
    }
    Ok(())
}

/// What is done one after the other: lots of jobs that go together, then the jobs that do not. All of them wait at the same time, so
/// that no caller can tell in which order they were done.
fn steps(batch: &[Box<dyn Job>]) -> VecDeque<Vec<usize>> {
    let numbered = || batch.iter().enumerate();
    let joint = numbered().filter_map(|(number, job)| job.joint().map(|write| (number, write)));
    let mut steps = VecDeque::from(lots::choose(joint.collect()));
    let others = numbered().filter(|(_, job)| job.joint().is_none());
    steps.extend(others.map(|(number, _)| vec![number]));
    steps
}

/// Does a lot, and tells whether its writes stay. If they do not, each is still to be done.
async fn together(connection: &mut SqliteConnection, batch: &mut [Box<dyn Job>], lot: &[usize]) -> bool {
    let outcomes = {
        let writes: Vec<_> = lot
            .iter()
            .filter_map(|number| batch.get(*number).and_then(|job| job.joint()))
            .collect();
        lots::together(connection, &writes).await
    };
    let Ok(outcomes) = outcomes else {
        return false;
    };
    for (number, outcome) in lot.iter().zip(outcomes) {
        if let Some(job) = batch.get_mut(*number) {
            job.conclude(outcome);
        }
    }
    true
}
