//! Changes: the wide row, and everything that a decision about one looks at.

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::cells::{Cells, count, id, ms};
use super::journal::{Head, PAGE_MAX};
use super::script::{Script, first};
use super::{contracts, due, effects, rows};
use crate::domain::account::ContractId;
use crate::domain::change::ChangeId;
use crate::domain::change::stuck::Work;
use crate::ports::store::{ChangeRow, Grounds, PageAsk, Situation, StoreError, StoreResult};

pub(super) const FIND: &str = "SELECT column1 AS place, change.*
    FROM (VALUES ?places) CROSS JOIN change ON change.id = column2";

pub(super) const ACCOUNT: &str = "SELECT column1 AS place, account.* FROM (VALUES ?places)
    CROSS JOIN change ON change.id = column2 CROSS JOIN account ON account.id = change.account";

pub(super) const CONTRACT: &str = "SELECT column1 AS place, contract.* FROM (VALUES ?places)
    CROSS JOIN change ON change.id = column2 CROSS JOIN contract ON contract.id = change.contract";

pub(super) const BILLING: &str =
    "SELECT column1 AS place, identity.*, account.saved_identity_hash, account.saved_tax_id, account.saved_tax_id_hash
    FROM (VALUES ?places) CROSS JOIN change ON change.id = column2
        CROSS JOIN account ON account.id = change.account CROSS JOIN identity ON identity.id = account.identity";

/// Everything that a decision looks at: the change, its account, its contract, the billing data on file, the effects that are not
/// over, or whose outcome no decision has taken in, and how the work on it goes.
const SITUATION: [&str; 6] = [FIND, ACCOUNT, CONTRACT, BILLING, effects::OPEN, due::WORK];

pub(super) const HOLDER: &str = "SELECT column1 AS place, account.* FROM (VALUES ?places)
    CROSS JOIN contract ON contract.id = column2 CROSS JOIN account ON account.id = contract.account";

pub(super) const HOLDERS_BILLING: &str =
    "SELECT column1 AS place, identity.*, account.saved_identity_hash, account.saved_tax_id, account.saved_tax_id_hash
    FROM (VALUES ?places) CROSS JOIN contract ON contract.id = column2
        CROSS JOIN account ON account.id = contract.account CROSS JOIN identity ON identity.id = account.identity";

/// Everything that opening a change on a contract looks at.
const GROUNDS: [&str; 4] = [HOLDER, HOLDERS_BILLING, contracts::FIND, OPEN_ON];

pub(super) const HEAD: &str = "SELECT column1 AS place, version, journal_head
    FROM (VALUES ?places) CROSS JOIN change ON id = column2";

/// There is one at most.
pub(super) const OPEN_ON: &str = "SELECT column1 AS place, id, version
    FROM (VALUES ?places) CROSS JOIN change ON contract = column2 AND open = 1";

/// There is one at most.
pub(super) const PROMISED_ON: &str = "SELECT column1 AS place, id FROM (VALUES ?places)
    CROSS JOIN change ON contract = column2 AND stage_name IN ('downgrade_ticket.scheduling', 'downgrade_ticket.scheduled')";

const OF_CONTRACT: &str = "SELECT * FROM change WHERE contract = ?1
    ORDER BY created_at DESC, id DESC LIMIT ?3 OFFSET ?2";

const IDS: &str = "SELECT id FROM change WHERE id > ?1 ORDER BY id LIMIT ?2";

pub(super) const OPEN: &str = "INSERT INTO change (id, reference, seller, account, contract, workflow, version, stage, stage_name,
        machine_version, open, entered_at, asked, last_asked, reminded, return_url, created_at, updated_at, journal_head,
        cancel_url, succeeds, concern_at, invoice, payment_intent)
    SELECT * FROM (VALUES ?rows) WHERE column1 IS NOT NULL";

pub(super) const SUCCESSOR: &str = "SELECT column1 AS place, id
    FROM (VALUES ?places) CROSS JOIN change ON succeeds = column2";

/// What a change was opened with stays: its names, whose it is, and the workflow that it runs on.
pub(super) const MOVE: &str =
    "UPDATE change SET version = column2, stage = column3, stage_name = column4, machine_version = column5,
        open = column6, entered_at = column7, asked = column8, last_asked = column9, reminded = column10,
        return_url = column11, updated_at = column12, journal_head = column13, concern_at = column14,
        invoice = column15, payment_intent = column16
    FROM (VALUES ?rows) WHERE id = column1";

/// Asks where a change stands.
pub(super) fn ask_head(script: &mut Script, change: ChangeId) {
    script.say(HEAD).bind(id(change.0));
}

/// Where it stands, as it was answered.
pub(super) fn read_head(row: &SqliteRow) -> StoreResult<Head> {
    let cells = Cells::of("change", row);
    Ok(Head {
        seq: cells.number("version")?,
        hash: cells.hash("journal_head")?,
    })
}

/// Writes a new change.
pub(super) fn open(script: &mut Script, change: &ChangeRow) -> StoreResult<()> {
    script
        .say(OPEN)
        .bind(id(change.id.0))
        .bind(change.reference.0.as_str())
        .bind(change.seller.as_str())
        .bind(id(change.account.0))
        .bind(id(change.contract.0))
        .bind(change.workflow.0.as_str())
        .bind(count(change.version, "change.version")?)
        .bind(change.stage.as_slice())
        .bind(change.stage_name.as_str())
        .bind(change.machine_version)
        .bind(change.open)
        .bind(ms(change.entered_at))
        .bind(change.asked)
        .bind(change.last_asked.map(ms))
        .bind(change.reminded)
        .bind(change.return_url.as_deref())
        .bind(ms(change.created_at))
        .bind(ms(change.updated_at))
        .bind(change.journal_head.as_slice())
        .bind(change.cancel_url.as_deref())
        .bind(change.succeeds.map(|succeeded| id(succeeded.0)))
        .bind(change.concern_at.map(ms))
        .bind(change.invoice.as_deref())
        .bind(change.payment_intent.as_deref());
    Ok(())
}

/// Writes where a change has moved to. Whoever calls it has compared the version in the same transaction.
pub(super) fn advance(script: &mut Script, change: &ChangeRow) -> StoreResult<()> {
    script
        .say(MOVE)
        .bind(id(change.id.0))
        .bind(count(change.version, "change.version")?)
        .bind(change.stage.as_slice())
        .bind(change.stage_name.as_str())
        .bind(change.machine_version)
        .bind(change.open)
        .bind(ms(change.entered_at))
        .bind(change.asked)
        .bind(change.last_asked.map(ms))
        .bind(change.reminded)
        .bind(change.return_url.as_deref())
        .bind(ms(change.updated_at))
        .bind(change.journal_head.as_slice())
        .bind(change.concern_at.map(ms))
        .bind(change.invoice.as_deref())
        .bind(change.payment_intent.as_deref());
    Ok(())
}

/// Asks for a contract together with all that opening a change on it looks at.
pub(super) fn ask_grounds(contract: ContractId) -> Script {
    let mut script = Script::default();
    for question in GROUNDS {
        script.say(question).bind(id(contract.0));
    }
    script
}

/// The contract with all that, as it was answered.
pub(super) fn read_grounds(answers: &[Vec<SqliteRow>]) -> StoreResult<Option<Grounds>> {
    let [account, billing, contract, open, ..] = answers else {
        return Err(StoreError::Damaged("an answer is missing".to_owned()));
    };
    let Some(contract) = contract.first() else {
        return Ok(None);
    };
    let account = account.first();
    let account = account.ok_or_else(|| StoreError::Damaged("contract.account".to_owned()))?;
    Ok(Some(Grounds {
        account: rows::account(account)?.0,
        billing: billing.first().map(rows::billing_on_file).transpose()?,
        contract: rows::contract(contract)?,
        open: open.first().map(read_id).transpose()?,
    }))
}

/// Asks for a change together with all that a decision about it looks at.
pub(super) fn ask_situation(change: ChangeId) -> Script {
    let mut script = Script::default();
    for question in SITUATION {
        script.say(question).bind(id(change.0));
    }
    script
}

/// The change with all that, as it was answered.
pub(super) fn read_situation(answers: &[Vec<SqliteRow>]) -> StoreResult<Option<Situation>> {
    let [change, account, contract, billing, effects, work, ..] = answers else {
        return Err(StoreError::Damaged("an answer is missing".to_owned()));
    };
    let Some(change) = change.first() else {
        return Ok(None);
    };
    let missing = |cell: &str| StoreError::Damaged(cell.to_owned());
    let account = account.first().ok_or_else(|| missing("change.account"))?;
    let contract = contract.first().ok_or_else(|| missing("change.contract"))?;
    Ok(Some(Situation {
        change: rows::change(change)?,
        account: rows::account(account)?.0,
        contract: rows::contract(contract)?,
        billing: billing.first().map(rows::billing_on_file).transpose()?,
        effects: effects.iter().map(rows::effect).collect::<StoreResult<_>>()?,
        work: work.first().map_or_else(|| Ok(Work::default()), rows::work)?,
    }))
}

/// Asks which change is open on a contract.
pub(super) fn ask_open_on(script: &mut Script, contract: ContractId) {
    script.say(OPEN_ON).bind(id(contract.0));
}

/// Which change it is and at which version, as it was answered.
pub(super) fn read_open(row: &SqliteRow) -> StoreResult<(ChangeId, u64)> {
    Ok((read_id(row)?, Cells::of("change", row).number("version")?))
}

/// Asks which change honours the late money of this one.
pub(super) fn ask_successor(script: &mut Script, change: ChangeId) {
    script.say(SUCCESSOR).bind(id(change.0));
}

/// Which change it is, as it was answered.
pub(super) fn read_id(row: &SqliteRow) -> StoreResult<ChangeId> {
    Cells::of("change", row).id("id").map(ChangeId)
}

/// Asks nothing but which change is open on a contract.
pub(super) fn ask_for_open(contract: ContractId) -> Script {
    let mut script = Script::default();
    ask_open_on(&mut script, contract);
    script
}

/// Asks which change is promised on a contract.
pub(super) fn ask_promised_on(script: &mut Script, contract: ContractId) {
    script.say(PROMISED_ON).bind(id(contract.0));
}

/// Asks nothing but which change is promised on a contract.
pub(super) fn ask_for_promised(contract: ContractId) -> Script {
    let mut script = Script::default();
    ask_promised_on(&mut script, contract);
    script
}

/// Asks nothing but which change honours the late money of this one.
pub(super) fn ask_for_successor(change: ChangeId) -> Script {
    let mut script = Script::default();
    ask_successor(&mut script, change);
    script
}

/// The first change that was named, as it was answered.
pub(super) fn read_first(answers: &[Vec<SqliteRow>]) -> StoreResult<Option<ChangeId>> {
    first(answers).map(read_id).transpose()
}

/// The changes of a contract, the newest first; positions count from the newest.
pub(super) async fn of_contract(
    connection: &mut SqliteConnection,
    contract: ContractId,
    page: PageAsk,
) -> StoreResult<Vec<ChangeRow>> {
    let found = sqlx::query(OF_CONTRACT)
        .bind(id(contract.0))
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(page.limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found.iter().map(rows::change).collect()
}

/// All changes in the order of their ids.
pub(super) async fn ids(
    connection: &mut SqliteConnection,
    after: Option<ChangeId>,
    limit: u32,
) -> StoreResult<Vec<ChangeId>> {
    let found = sqlx::query(IDS)
        .bind(after.map_or(Vec::new(), |change| id(change.0)))
        .bind(limit.min(PAGE_MAX))
        .fetch_all(connection)
        .await?;
    found
        .iter()
        .map(|row| Cells::of("change", row).id("id").map(ChangeId))
        .collect()
}
