//! The one write in which stage, history, effects, outbox, account, contract and next wake-up change together.
//!
//! Two breaths: everything that the decision relies on is asked, then everything that it brings about is said. Nothing that touches
//! the same can come in between, because there is one writer.

use std::collections::VecDeque;

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::joint::{self, Answers, Joint, Touch};
use super::journal::{Head, History};
use super::script::Script;
use super::writer::{Outcome, Step};
use super::{accounts, changes, clients, contracts, due, effects, journal, notes, outbox, requests};
use crate::ports::store::{ClientRecord, Record, StoreError, StoreResult, Subject, Written};
use crate::store::failure::Undo;

/// Writes a decision after the one before it that belongs to it.
pub(super) async fn after_another(
    connection: &mut SqliteConnection,
    predecessor: &Record,
    record: &Record,
) -> Outcome<Written> {
    if let Some(request) = &record.request {
        requests::check(&mut *connection, request).await?;
    }
    joint::alone(&mut *connection, predecessor).await?;
    joint::alone(connection, record).await?;
    Ok(Written::Done)
}

/// Writes the opening of a change after the form of a client that asks for it.
pub(super) async fn after_a_form(
    connection: &mut SqliteConnection,
    client: ClientRecord,
    record: &Record,
) -> Outcome<Written> {
    if let Some(request) = &record.request {
        requests::check(&mut *connection, request).await?;
    }
    let written = clients::write(&mut *connection, client).await?;
    if written != Written::Done {
        return Err(Undo::Answer(written));
    }
    joint::alone(connection, record).await?;
    Ok(Written::Done)
}

/// A decision, without the one before it that belongs to it.
impl Joint for Record {
    fn touches(&self) -> Vec<Touch> {
        let change = &self.change;
        let mut touches = vec![
            Touch::Row(change.id.0),
            Touch::Row(change.contract.0),
            Touch::Row(change.account.0),
        ];
        touches.extend(self.request.as_ref().map(Touch::key));
        touches.extend(self.fence.map(|fence| Touch::subject(fence.subject)));
        touches.extend(change.succeeds.map(|over| Touch::Row(over.0)));
        touches.extend(self.settled.iter().map(|update| Touch::Row(update.id.0)));
        touches.extend(self.effects.iter().map(|effect| Touch::Row(effect.id.0)));
        touches.extend(self.taken_up.iter().map(|row| Touch::Row(*row)));
        touches
    }

    fn ask(&self) -> StoreResult<Script> {
        ask(self)
    }

    fn say(&self, answers: Answers) -> Result<Script, Undo<Written>> {
        let before = check(self, answers.into())?;
        Ok(say(self, before)?)
    }
}

/// Asks for everything that the decision relies on.
fn ask(record: &Record) -> StoreResult<Script> {
    let mut script = Script::default();
    changes::ask_head(&mut script, record.change.id);
    changes::ask_open_on(&mut script, record.change.contract);
    for update in &record.settled {
        effects::ask(&mut script, update.id);
    }
    if let Some(request) = &record.request {
        requests::ask(&mut script, request);
    }
    if let Some(fence) = record.fence {
        due::ask_whether_held(&mut script, fence)?;
    }
    if let Some(over) = record.change.succeeds {
        changes::ask_successor(&mut script, over);
    }
    if record.change.is_promised() {
        changes::ask_promised_on(&mut script, record.change.contract);
    }
    Ok(script)
}

/// Where the change stands, or why nothing is written.
fn check(record: &Record, mut answers: VecDeque<Vec<SqliteRow>>) -> Result<Head, Undo<Written>> {
    let mut next = || answers.pop_front().unwrap_or_default();
    let (head, open) = (next(), next());
    let settled: Vec<_> = record.settled.iter().map(|_| next()).collect();
    if let Some(request) = &record.request {
        requests::is_new(request, next().first())?;
    }
    if let Some(fence) = record.fence {
        // A worker decides only under the newest lease.
        let ours = fence.subject == Subject::Change(record.change.id);
        if next().is_empty() || !ours {
            return Err(Undo::Answer(Written::Stale));
        }
    }
    let succeeded = record.change.succeeds.is_some() && !next().is_empty();
    let promised = if record.change.is_promised() {
        next()
    } else {
        Vec::new()
    };
    let head = head.first().map(changes::read_head).transpose()?;
    let opens = head.is_none();
    let before = head.unwrap_or(Head::NONE);
    if before.seq != record.expected_version {
        return Err(Undo::Answer(Written::Stale));
    }
    // What is in progress makes room for nobody, neither for a new change nor for one that comes back from aside.
    let begins = opens || record.change.open;
    for other in open.iter().filter(|_| begins).chain(&promised) {
        let other = changes::read_id(other)?;
        if other != record.change.id {
            return Err(Undo::Answer(Written::Blocked(other)));
        }
    }
    if opens && succeeded {
        return Err(Undo::Answer(Written::Stale));
    }
    check_settled(record, &settled)?;
    Ok(before)
}

/// A decision that took in an outcome which is not the known one was made on an outdated view.
fn check_settled(record: &Record, stored: &[Vec<SqliteRow>]) -> Step {
    for (update, stored) in record.settled.iter().zip(stored) {
        match effects::moves(stored.first(), update)? {
            Some(change) if change == record.change.id => {}
            Some(_) => return Err(StoreError::Damaged("effect.change".to_owned()).into()),
            None => return Err(Undo::Answer(Written::Stale)),
        }
    }
    Ok(())
}

/// Everything that the decision brings about.
fn say(record: &Record, before: Head) -> StoreResult<Script> {
    let mut script = Script::default();
    if let Some(request) = &record.request {
        requests::keep(&mut script, request);
    }
    move_change(&mut script, record, before)?;
    for update in &record.settled {
        effects::advance(&mut script, update);
    }
    for effect in &record.effects {
        if effect.change != record.change.id {
            return Err(StoreError::Damaged("effect.change".to_owned()));
        }
        effects::insert(&mut script, &record.change.seller, effect);
    }
    outbox::put(&mut script, &record.outbox)?;
    let (change, now) = (record.change.id, record.change.updated_at);
    outbox::take_up(&mut script, change, &record.taken_up, now);
    // Billing data first: a fact may name its row.
    if let Some(identity) = &record.identity {
        accounts::give_identity(&mut script, identity)?;
    }
    accounts::learn(&mut script, record.change.account, &record.account);
    if let Some(note) = &record.note {
        notes::keep(&mut script, note);
    }
    if let Some(contract) = &record.contract {
        contracts::replace(&mut script, contract)?;
    }
    set_next_wake(&mut script, record)?;
    Ok(script)
}

/// The change with its new lines of history: as many as the version rises by, ending in the new head.
fn move_change(script: &mut Script, record: &Record, before: Head) -> StoreResult<()> {
    let change = &record.change;
    if before == Head::NONE {
        changes::open(script, change)?;
    } else {
        changes::advance(script, change)?;
    }
    let after = journal::append(script, History::Change(change.id), before, &record.entries)?;
    let promised = Head {
        seq: change.version,
        hash: change.journal_head,
    };
    if after == promised {
        Ok(())
    } else {
        Err(StoreError::Damaged("change.journal_head".to_owned()))
    }
}

/// Sets when the change is looked at next. A command from outside takes the change from whoever holds it; the end of a change
/// gives its contract back to observation.
fn set_next_wake(script: &mut Script, record: &Record) -> StoreResult<()> {
    let change = &record.change;
    let subject = Subject::Change(change.id);
    if record.fence.is_none() {
        due::interrupt(script, subject, change.updated_at);
    }
    match (record.held_until, record.fence) {
        (Some(until), Some(lease)) => due::hold(script, lease, change.machine_version, until)?,
        _ => due::put(script, subject, change.machine_version, record.due_at),
    }
    if let Some(at) = record.contract_look {
        due::wake(script, Subject::Contract(change.contract), at);
    }
    Ok(())
}
