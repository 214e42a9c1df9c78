//! Reads that arrive at the same time are asked together: each word to a reader costs more than most questions.
//!
//! Nobody waits for company. Whoever finds fewer than [`LANES`] on their way starts at once and takes along everybody who waits;
//! whoever comes meanwhile goes with the next.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::joint::Answers;
use super::readers::Readers;
use super::script::Script;
use super::sheets::{self, Line, Moment, often, seldom};
use super::{accounts, changes, contracts, due, effects, requests};
use crate::ports::store::{StoreError, StoreResult};

/// How many go at the same time. More would each have less company.
const LANES: usize = 2;

/// What one of them takes along at most.
const COMPANY_MAX: usize = 16;

pub(super) const QUESTIONS: &[Line] = &[
    often(changes::FIND, 1),
    often(changes::ACCOUNT, 1),
    often(changes::CONTRACT, 1),
    often(changes::BILLING, 1),
    often(effects::OPEN, 1),
    often(due::WORK, 1),
    seldom(accounts::FIND, 1),
    seldom(accounts::BILLING, 1),
    seldom(accounts::IDENTITY, 1),
    seldom(contracts::FIND, 1),
    seldom(changes::HOLDER, 1),
    seldom(changes::HOLDERS_BILLING, 1),
    seldom(changes::OPEN_ON, 1),
    seldom(changes::PROMISED_ON, 1),
    seldom(changes::SUCCESSOR, 1),
    seldom(effects::ALL, 1),
    seldom(requests::FIND, 2),
];

/// Where those who ask meet.
pub(super) struct Gathering {
    readers: Arc<Readers>,
    meeting: Arc<Mutex<Meeting>>,
}

#[derive(Default)]
struct Meeting {
    waiting: Vec<Asked>,
    under_way: usize,
}

struct Asked {
    /// Can be said again, should it have to be asked alone.
    script: Script,
    reply: oneshot::Sender<StoreResult<Answers>>,
}

impl Gathering {
    pub(super) fn of(readers: Arc<Readers>) -> Self {
        Self {
            readers,
            meeting: Arc::default(),
        }
    }

    /// Asks at one moment, perhaps together with others: the rows of each question, in order.
    pub(super) async fn ask(&self, script: Script) -> StoreResult<Answers> {
        let (reply, answer) = oneshot::channel();
        let starts = {
            let mut meeting = lock(&self.meeting);
            meeting.waiting.push(Asked { script, reply });
            let starts = meeting.under_way < LANES;
            meeting.under_way += usize::from(starts);
            starts
        };
        if starts {
            tokio::spawn(go(Arc::clone(&self.readers), Arc::clone(&self.meeting)));
        }
        let broken = |_| StoreError::Unavailable("the store is closed".to_owned());
        answer.await.map_err(broken)?
    }
}

fn lock(meeting: &Mutex<Meeting>) -> std::sync::MutexGuard<'_, Meeting> {
    meeting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Goes as long as somebody waits. In a task of its own, so that whoever goes away takes nobody's answer along.
async fn go(readers: Arc<Readers>, meeting: Arc<Mutex<Meeting>>) {
    while let Some(company) = company(&meeting) {
        let scripts = company.iter().map(|asked| asked.script.repeated()).collect();
        match ask(&readers, scripts).await {
            Ok(answers) => {
                for (asked, answers) in company.into_iter().zip(answers) {
                    // Nobody may be waiting any more.
                    let _ = asked.reply.send(Ok(answers));
                }
            }
            Err(StoreError::Unavailable(why)) => {
                for asked in company {
                    let _ = asked.reply.send(Err(StoreError::Unavailable(why.clone())));
                }
            }
            // Whose fault it is shows when each asks alone.
            Err(StoreError::Damaged(_)) => {
                for asked in company {
                    let answers = ask(&readers, vec![asked.script]).await;
                    let _ = asked
                        .reply
                        .send(answers.map(|mut answers| answers.pop().unwrap_or_default()));
                }
            }
        }
    }
}

fn company(meeting: &Mutex<Meeting>) -> Option<Vec<Asked>> {
    let mut meeting = lock(meeting);
    if meeting.waiting.is_empty() {
        meeting.under_way -= 1;
        return None;
    }
    let many = meeting.waiting.len().min(COMPANY_MAX);
    Some(meeting.waiting.drain(..many).collect())
}

async fn ask(readers: &Readers, scripts: Vec<Script>) -> StoreResult<Vec<Answers>> {
    let mut reader = readers.lend().await?;
    let answers = sheets::ask(&mut reader.connection, QUESTIONS, scripts, Moment::Own).await?;
    reader.give_back();
    Ok(answers)
}
