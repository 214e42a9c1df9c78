//! The one write in which stage, history, effects, outbox, account, contract and next wake-up change together.
//!
//! Each step writes its part or tells why nothing of the whole is written.

use sqlx::sqlite::SqliteConnection;

use super::journal::{Head, History};
use super::writer::{Outcome, Step};
use super::{accounts, changes, contracts, due, effects, journal, outbox, requests};
use crate::ports::store::{Record, StoreError, Subject, Written};
use crate::store::failure::Undo;

/// Writes a decision.
pub(super) async fn record(connection: &mut SqliteConnection, record: Record) -> Outcome<Written> {
    requests::remember(&mut *connection, record.request.as_ref()).await?;
    if let Some(predecessor) = &record.predecessor {
        write(&mut *connection, predecessor).await?;
    }
    write(connection, &record).await?;
    Ok(Written::Done)
}

async fn write(connection: &mut SqliteConnection, record: &Record) -> Step {
    check_fence(&mut *connection, record).await?;
    move_change(&mut *connection, record).await?;
    settle_effects(&mut *connection, record).await?;
    promise_effects(&mut *connection, record).await?;
    outbox::put(&mut *connection, &record.outbox).await?;
    let (change, now) = (record.change.id, record.change.updated_at);
    outbox::take_up(&mut *connection, change, &record.taken_up, now).await?;
    learn_about_account(&mut *connection, record).await?;
    if let Some(contract) = &record.contract {
        contracts::replace(&mut *connection, contract).await?;
    }
    set_next_wake(connection, record).await
}

/// A worker decides only under the newest lease.
async fn check_fence(connection: &mut SqliteConnection, record: &Record) -> Step {
    let Some(fence) = record.fence else {
        return Ok(());
    };
    let ours = fence.subject == Subject::Change(record.change.id);
    if ours && due::holds(connection, fence).await? {
        Ok(())
    } else {
        Err(Undo::Answer(Written::Stale))
    }
}

/// The compare-and-set of the change, with its new lines of history: as many as the version rises by, ending in the new head.
async fn move_change(connection: &mut SqliteConnection, record: &Record) -> Step {
    let change = &record.change;
    let stored = changes::head(&mut *connection, change.id).await?;
    let opens = stored.is_none();
    let before = stored.unwrap_or(Head::NONE);
    if before.seq != record.expected_version {
        return Err(Undo::Answer(Written::Stale));
    }
    if opens {
        changes::open(&mut *connection, change).await?;
    } else {
        changes::advance(&mut *connection, change).await?;
    }
    let history = History::Change(change.id);
    let after = journal::append(connection, history, before, &record.entries).await?;
    let promised = Head {
        seq: change.version,
        hash: change.journal_head,
    };
    if after == promised {
        Ok(())
    } else {
        Err(StoreError::Damaged("change.journal_head".to_owned()).into())
    }
}

/// A decision that took in an outcome which is not the known one was made on an outdated view.
async fn settle_effects(connection: &mut SqliteConnection, record: &Record) -> Step {
    for update in &record.settled {
        match effects::advance(&mut *connection, update).await? {
            Some(change) if change == record.change.id => {}
            Some(_) => return Err(StoreError::Damaged("effect.change".to_owned()).into()),
            None => return Err(Undo::Answer(Written::Stale)),
        }
    }
    Ok(())
}

async fn promise_effects(connection: &mut SqliteConnection, record: &Record) -> Step {
    for effect in &record.effects {
        if effect.change != record.change.id {
            return Err(StoreError::Damaged("effect.change".to_owned()).into());
        }
        effects::insert(&mut *connection, &record.change.seller, effect).await?;
    }
    Ok(())
}

/// Billing data first: a fact may name its row.
async fn learn_about_account(connection: &mut SqliteConnection, record: &Record) -> Step {
    if let Some(identity) = &record.identity {
        accounts::give_identity(&mut *connection, identity).await?;
    }
    accounts::learn(connection, record.change.account, &record.account).await?;
    Ok(())
}

/// Sets when the change is looked at next. A command from outside takes the change from whoever holds it; the end of a change
/// gives its contract back to observation.
async fn set_next_wake(connection: &mut SqliteConnection, record: &Record) -> Step {
    let change = &record.change;
    let subject = Subject::Change(change.id);
    if record.fence.is_none() {
        due::interrupt(&mut *connection, subject, change.updated_at).await?;
    }
    due::put(&mut *connection, subject, change.machine_version, record.due_at).await?;
    if !change.open {
        due::wake(connection, Subject::Contract(change.contract), change.updated_at).await?;
    }
    Ok(())
}
