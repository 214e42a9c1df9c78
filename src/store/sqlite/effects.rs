//! Effects: calls that are owed exactly once. Their status only moves forward.

use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::cells::{Cells, count, id, ms};
use super::joint::{Answers, Joint, Touch};
use super::script::Script;
use super::writer::Outcome;
use super::{due, rows};
use crate::domain::account::ContractId;
use crate::domain::catalog::SellerId;
use crate::domain::change::{ChangeId, EffectId};
use crate::ports::store::{EffectRow, EffectUpdate, Lease, StoreError, StoreResult, Subject, Written};
use crate::store::failure::Undo;
use crate::store::outcomes::may_follow;

/// Nothing is inserted while another charge of the same provider customer is on its way.
pub(super) const INSERT: &str =
    "INSERT INTO effect (id, change, seller, name, generation, call, request_hash, key, first_sent_at,
        key_deadline, status, attempts, next_try_at, outcome, last_error, charging, consumed)
    SELECT * FROM (VALUES ?rows) WHERE column1 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM effect
        WHERE seller = column3 AND charging = column16 AND status IN ('intent', 'unknown'))";

pub(super) const INSERT_REQUEST: &str = "INSERT INTO effect_request (effect, request)
    SELECT * FROM (VALUES ?rows) WHERE EXISTS (SELECT 1 FROM effect WHERE id = column1)";

pub(super) const FIND: &str = "SELECT column1 AS place, change, status
    FROM (VALUES ?places) CROSS JOIN effect ON id = column2";

/// The first outcome stays: it is what the provider said.
pub(super) const SETTLE: &str =
    "UPDATE effect SET status = column2, outcome = coalesce(outcome, column3), last_error = column4,
        next_try_at = column5, consumed = max(consumed, column6), undecidable_since = column7
    FROM (VALUES ?rows) WHERE id = column1";

pub(super) const BEGIN: &str = "UPDATE effect SET attempts = attempts + 1,
        first_sent_at = coalesce(first_sent_at, column3), key_deadline = coalesce(key_deadline, column4)
    FROM (VALUES ?rows)
    WHERE id = column1 AND change = column2 AND status IN ('intent', 'unknown') AND EXISTS (SELECT 1 FROM due
        WHERE subject_kind = 'change' AND subject = column2 AND lease_epoch = column5 AND lease_owner IS NOT NULL)";

pub(super) const ALL: &str = "SELECT column1 AS place, effect.*, effect_request.request
    FROM (VALUES ?places) CROSS JOIN effect ON effect.change = column2
        LEFT JOIN effect_request ON effect_request.effect = effect.id
    ORDER BY position";

/// Those that are not over, or whose outcome no decision has taken in.
pub(super) const OPEN: &str = "SELECT column1 AS place, effect.*, effect_request.request
    FROM (VALUES ?places) CROSS JOIN effect ON effect.change = column2
        LEFT JOIN effect_request ON effect_request.effect = effect.id
    WHERE status IN ('intent', 'unknown') OR consumed = 0 ORDER BY position";

/// A change whose calls have come to an end since has moved since; while one is under way, its change cannot ask for another.
const INVOICES: &str = "SELECT effect.first_sent_at FROM change JOIN effect ON effect.change = change.id
    WHERE change.contract = ?1 AND change.updated_at >= ?2 AND effect.first_sent_at >= ?2
        AND effect.name IN ('update_subscription', 'create_subscription')
    ORDER BY effect.first_sent_at DESC LIMIT 200";

/// Asks for the effects of a change, oldest first.
pub(super) fn ask_all(change: ChangeId) -> Script {
    let mut script = Script::default();
    script.say(ALL).bind(id(change.0));
    script
}

/// Effects, as they were answered.
pub(super) fn read(answers: &[Vec<SqliteRow>]) -> StoreResult<Vec<EffectRow>> {
    answers.iter().flatten().map(rows::effect).collect()
}

/// When calls that make invoices were first sent.
pub(super) async fn invoices_asked(
    connection: &mut SqliteConnection,
    contract: ContractId,
    since: Timestamp,
) -> StoreResult<Vec<Timestamp>> {
    let rows = sqlx::query(INVOICES)
        .bind(id(contract.0))
        .bind(ms(since))
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Cells::of("effect", row).time("first_sent_at"))
        .collect()
}

/// Writes a new effect; `CustomerBusy` while another charge of the same provider customer is on its way.
pub(super) fn insert(script: &mut Script, seller: &SellerId, effect: &EffectRow) {
    script
        .say(INSERT)
        .otherwise(Undo::Answer(Written::CustomerBusy))
        .bind(id(effect.id.0))
        .bind(id(effect.change.0))
        .bind(seller.as_str())
        .bind(effect.name.as_str())
        .bind(effect.generation)
        .bind(effect.call.as_slice())
        .bind(effect.request_hash.as_str())
        .bind(effect.key.as_str())
        .bind(effect.first_sent_at.map(ms))
        .bind(effect.key_deadline.map(ms))
        .bind(rows::status_word(effect.status))
        .bind(effect.attempts)
        .bind(ms(effect.next_try_at))
        .bind(effect.outcome.as_deref())
        .bind(effect.last_error.as_deref())
        .bind(effect.charging.as_deref())
        .bind(effect.consumed);
    script
        .say(INSERT_REQUEST)
        .bind(id(effect.id.0))
        .bind(effect.request.as_slice());
}

/// Asks where an effect stands.
pub(super) fn ask(script: &mut Script, effect: EffectId) {
    script.say(FIND).bind(id(effect.0));
}

/// Its change, where what became of it is a step forward; `None` where it is not. Source of the row: [`ask`].
pub(super) fn moves(row: Option<&SqliteRow>, update: &EffectUpdate) -> StoreResult<Option<ChangeId>> {
    let row = row.ok_or_else(|| StoreError::Damaged("effect.id".to_owned()))?;
    let cells = Cells::of("effect", row);
    let change = ChangeId(cells.id("change")?);
    Ok(may_follow(rows::status(&cells)?, update.status).then_some(change))
}

/// Writes how an effect came out, once it is known to be a step forward.
pub(super) fn advance(script: &mut Script, update: &EffectUpdate) {
    script
        .say(SETTLE)
        .bind(id(update.id.0))
        .bind(rows::status_word(update.status))
        .bind(update.outcome.as_deref())
        .bind(update.last_error.as_deref())
        .bind(ms(update.next_try_at))
        .bind(update.consumed)
        .bind(update.undecidable_since.map(ms));
}

/// Writes a fact about an effect, and wakes its change. A step backward is not written.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    update: EffectUpdate,
    now: Timestamp,
) -> Outcome<()> {
    let mut look = Script::default();
    ask(&mut look, update.id);
    let answers = look.ask(&mut *connection).await?;
    let Some(change) = moves(answers.first().and_then(|rows| rows.first()), &update)? else {
        return Ok(());
    };
    let mut script = Script::default();
    advance(&mut script, &update);
    due::wake(&mut script, Subject::Change(change), now);
    Ok(script.carry_out(connection).await?)
}

/// An attempt, noted before its request leaves. It must not leave when this is stale: the lease is lost, or the effect is over.
pub(super) struct Attempt {
    pub(super) lease: Lease,
    pub(super) effect: EffectId,
    pub(super) now: Timestamp,
    pub(super) key_deadline: Timestamp,
}

impl Joint for Attempt {
    fn touches(&self) -> Vec<Touch> {
        vec![Touch::subject(self.lease.subject), Touch::Row(self.effect.0)]
    }

    fn say(&self, _: Answers) -> Result<Script, Undo<Written>> {
        let Subject::Change(change) = self.lease.subject else {
            return Err(Undo::Answer(Written::Stale));
        };
        let mut script = Script::default();
        script
            .say(BEGIN)
            .otherwise(Undo::Answer(Written::Stale))
            .bind(id(self.effect.0))
            .bind(id(change.0))
            .bind(ms(self.now))
            .bind(ms(self.key_deadline))
            .bind(count(self.lease.epoch, "due.lease_epoch")?);
        Ok(script)
    }
}
