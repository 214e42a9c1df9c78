//! Contracts: what accounts hold, each written only on the version before it.

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::cells::{Cells, count, id, json, ms};
use super::joint::{Answers, Joint, Touch};
use super::journal::{self, Head, History, PAGE_MAX};
use super::script::{Script, first};
use super::writer::Outcome;
use super::{accounts, changes, due, outbox, requests, rows};
use crate::domain::account::{AccountId, Contract, ContractId};
use crate::domain::catalog::SellerId;
use crate::ports::store::{ContractRecord, NewContract, StoreError, StoreResult, Subject, Written};
use crate::store::failure::Undo;
use crate::store::queue::NO_MACHINE;

const TAKEN: &str = "SELECT 1 FROM contract WHERE id = ?1 OR (seller = ?2 AND subscription = ?3) LIMIT 1";

const CREATE: &str = "INSERT INTO contract (id, seller, account, version, subscription, created_at, content)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

pub(super) const REPLACE: &str =
    "UPDATE contract SET version = column4, subscription = column5, content = column6
    FROM (VALUES ?rows)
    WHERE id = column1 AND seller = column2 AND account = column3 AND version = column4 - 1";

pub(super) const FIND: &str = "SELECT column1 AS place, contract.*
    FROM (VALUES ?places) CROSS JOIN contract ON contract.id = column2";

const AFTER: &str = "SELECT id FROM contract WHERE seller = ?1 AND id > ?2 ORDER BY id LIMIT ?3";

const IDS: &str = "SELECT id FROM contract WHERE id > ?1 ORDER BY id LIMIT ?2";

const OF_ACCOUNT: &str = "SELECT * FROM contract WHERE account = ?1 AND version > 0 ORDER BY created_at, id";

/// Writes a new or adopted contract; `Stale` when its id or its subscription is another contract's, or its provider customer
/// another account's.
pub(super) async fn create(connection: &mut SqliteConnection, new: NewContract) -> Outcome<Written> {
    requests::remember(&mut *connection, new.request.as_ref()).await?;
    let contract = &new.contract;
    let taken = sqlx::query(TAKEN)
        .bind(id(contract.id.0))
        .bind(contract.seller.as_str())
        .bind(contract.subscription.as_deref())
        .fetch_optional(&mut *connection)
        .await?;
    if taken.is_some() {
        return Err(Undo::Answer(Written::Stale));
    }
    if let Some(customer) = &new.provider_customer {
        accounts::adopt_customer(&mut *connection, &contract.seller, contract.account, customer).await?;
    }
    let mut script = Script::default();
    script
        .say(CREATE)
        .bind(id(contract.id.0))
        .bind(contract.seller.as_str())
        .bind(id(contract.account.0))
        .bind(count(contract.version, "contract.version")?)
        .bind(contract.subscription.as_deref())
        .bind(ms(contract.created_at))
        .bind(json(contract, "contract.content")?);
    let history = History::Contract(contract.id);
    journal::append(&mut script, history, Head::NONE, &[new.entry])?;
    due::put(
        &mut script,
        Subject::Contract(contract.id),
        NO_MACHINE,
        new.due_at,
    );
    script.run(connection).await?;
    Ok(Written::Done)
}

/// Writes the next version of a contract; `Stale` when the stored one is not the version before.
pub(super) fn replace(script: &mut Script, contract: &Contract) -> StoreResult<()> {
    script
        .say(REPLACE)
        .otherwise(Undo::Answer(Written::Stale))
        .bind(id(contract.id.0))
        .bind(contract.seller.as_str())
        .bind(id(contract.account.0))
        .bind(count(contract.version, "contract.version")?)
        .bind(contract.subscription.as_deref())
        .bind(json(contract, "contract.content")?);
    Ok(())
}

/// Asks for a contract.
pub(super) fn ask(contract: ContractId) -> Script {
    let mut script = Script::default();
    script.say(FIND).bind(id(contract.0));
    script
}

/// The contract, as it was answered.
pub(super) fn read(answers: &[Vec<SqliteRow>]) -> StoreResult<Option<Contract>> {
    first(answers).map(rows::contract).transpose()
}

/// The contracts of an account, oldest first.
pub(super) async fn of_account(
    connection: &mut SqliteConnection,
    account: AccountId,
) -> StoreResult<Vec<Contract>> {
    let found = sqlx::query(OF_ACCOUNT)
        .bind(id(account.0))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::contract).collect()
}

/// The contracts of a seller after this one, in the order of their ids.
pub(super) async fn after(
    connection: &mut SqliteConnection,
    seller: &SellerId,
    after: Option<ContractId>,
    limit: u32,
) -> StoreResult<Vec<ContractId>> {
    let found = sqlx::query(AFTER)
        .bind(seller.as_str())
        .bind(after.map_or(Vec::new(), |contract| id(contract.0)))
        .bind(limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    let ids = found.iter().map(|row| Cells::of("contract", row).id("id"));
    ids.map(|read| read.map(ContractId)).collect()
}

/// All contracts in the order of their ids.
pub(super) async fn ids(
    connection: &mut SqliteConnection,
    after: Option<ContractId>,
    limit: u32,
) -> StoreResult<Vec<ContractId>> {
    let found = sqlx::query(IDS)
        .bind(after.map_or(Vec::new(), |contract| id(contract.0)))
        .bind(limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found
        .iter()
        .map(|row| Cells::of("contract", row).id("id").map(ContractId))
        .collect()
}

/// What was observed about a contract; `Stale` when the lease is lost, or another change is open on it, or at another version,
/// than the observer knew.
impl Joint for ContractRecord {
    fn touches(&self) -> Vec<Touch> {
        let (contract, beside) = (self.contract.id.0, self.beside.map(|(change, _)| change.0));
        let mut touches = vec![Touch::Row(contract), Touch::subject(self.fence.subject)];
        touches.extend(beside.map(Touch::Row));
        touches
    }

    fn ask(&self) -> StoreResult<Script> {
        let mut script = Script::default();
        due::ask_whether_held(&mut script, self.fence)?;
        changes::ask_open_on(&mut script, self.contract.id);
        script.say(FIND).bind(id(self.contract.id.0));
        journal::ask_last(&mut script, self.contract.id);
        Ok(script)
    }

    fn say(&self, answers: Answers) -> Result<Script, Undo<Written>> {
        let [held, open, known, last] = answers.as_slice() else {
            return Err(StoreError::Damaged("an answer is missing".to_owned()).into());
        };
        let contract = &self.contract;
        let subject = Subject::Contract(contract.id);
        let ours = self.fence.subject == subject && !held.is_empty();
        let open = open.first().map(changes::read_open).transpose()?;
        let known = known.first().map(rows::contract).transpose()?;
        let at_that_version = known.is_some_and(|known| known.version == self.seen_at);
        if !ours || open != self.beside || !at_that_version {
            return Err(Undo::Answer(Written::Stale));
        }
        let mut script = Script::default();
        // An observation that changed nothing brings the contract as it is stored.
        if contract.version != self.seen_at {
            replace(&mut script, contract)?;
        }
        if !self.entries.is_empty() {
            let before = journal::read_last(last.first())?;
            journal::append(&mut script, History::Contract(contract.id), before, &self.entries)?;
        }
        outbox::put(&mut script, &self.outbox)?;
        due::put(&mut script, subject, NO_MACHINE, self.due_at);
        Ok(script)
    }
}
