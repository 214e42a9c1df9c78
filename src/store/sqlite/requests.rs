//! Client requests under an `Idempotency-Key`, and the answers that their repetitions get.

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::joint::{Answers, Joint, Touch};
use super::rows;
use super::script::{Script, first};
use super::writer::Step;
use crate::domain::catalog::SellerId;
use crate::ports::store::{ClientRequest, GivenAnswer, StoreResult, Written};
use crate::store::failure::Undo;

pub(super) const FIND: &str = "SELECT column1 AS place, fingerprint, status, body
    FROM (VALUES ?places) CROSS JOIN client_request ON seller = column2 AND key = column3";

pub(super) const KEEP: &str = "INSERT INTO client_request (seller, key, fingerprint, status, body)
    SELECT * FROM (VALUES ?rows) WHERE column1 IS NOT NULL";

/// Keeps a request with its answer, or finds that its key was used before.
pub(super) async fn remember(connection: &mut SqliteConnection, request: Option<&ClientRequest>) -> Step {
    let Some(request) = request else {
        return Ok(());
    };
    check(&mut *connection, request).await?;
    let mut script = Script::default();
    keep(&mut script, request);
    script.run(connection).await
}

/// A request that changes nothing else.
impl Joint for ClientRequest {
    fn touches(&self) -> Vec<Touch> {
        vec![Touch::key(self)]
    }

    fn ask(&self) -> StoreResult<Script> {
        let mut script = Script::default();
        ask(&mut script, self);
        Ok(script)
    }

    fn say(&self, answers: Answers) -> Result<Script, Undo<Written>> {
        is_new(self, first(&answers))?;
        let mut script = Script::default();
        keep(&mut script, self);
        Ok(script)
    }
}

/// Finds out whether a key was used before.
pub(super) async fn check(connection: &mut SqliteConnection, request: &ClientRequest) -> Step {
    let mut look = Script::default();
    ask(&mut look, request);
    let known = look.ask(connection).await?;
    is_new(request, known.first().and_then(|rows| rows.first()))
}

/// Asks for what was kept under the key of a request.
pub(super) fn ask(script: &mut Script, request: &ClientRequest) {
    script
        .say(FIND)
        .bind(request.seller.as_str())
        .bind(request.key.as_str());
}

/// Whether a key was never used before, given what was kept under it.
pub(super) fn is_new(request: &ClientRequest, known: Option<&SqliteRow>) -> Step {
    let Some(known) = known else {
        return Ok(());
    };
    let (fingerprint, answer) = rows::answer(known)?;
    Err(Undo::Answer(if fingerprint == request.fingerprint {
        Written::Replayed(answer)
    } else {
        Written::KeyReused
    }))
}

/// Keeps a request whose key is new.
pub(super) fn keep(script: &mut Script, request: &ClientRequest) {
    script
        .say(KEEP)
        .bind(request.seller.as_str())
        .bind(request.key.as_str())
        .bind(request.fingerprint.as_slice())
        .bind(request.answer.status)
        .bind(request.answer.body.as_slice());
}

/// Asks for an earlier request under a key.
pub(super) fn ask_for(seller: &SellerId, key: &str) -> Script {
    let mut script = Script::default();
    script.say(FIND).bind(seller.as_str()).bind(key);
    script
}

/// Its fingerprint and answer, as it was answered.
pub(super) fn read(answers: &[Vec<SqliteRow>]) -> StoreResult<Option<GivenAnswer>> {
    first(answers).map(rows::answer).transpose()
}
