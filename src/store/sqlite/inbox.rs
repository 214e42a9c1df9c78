//! What the provider sends: kept once, and whatever it may be about is woken.

use sqlx::sqlite::SqliteConnection;

use super::cells::{Cells, ms};
use super::due;
use super::script::Script;
use super::writer::Outcome;
use crate::domain::account::ContractId;
use crate::domain::change::ChangeId;
use crate::ports::store::{Inbound, StoreResult, Subject};
use crate::store::failure::Undo;

const KEEP: &str = "INSERT INTO inbox (seller, event_id, event_type, customer, object, received_at, envelope)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (seller, event_id) DO NOTHING";

const OPEN_CHANGES: &str = "SELECT change.id FROM change JOIN account ON account.id = change.account
    WHERE account.seller = ?1 AND account.provider_customer = ?2 AND change.open = 1 ORDER BY change.id";

/// The customer's own, and the one that carries the subscription which is spoken of: another account's, where this one pays for it.
const CONTRACTS: &str = "SELECT contract.id FROM account JOIN contract ON contract.account = account.id
    WHERE account.seller = ?1 AND account.provider_customer = ?2
    UNION SELECT id FROM contract WHERE seller = ?1 AND subscription = ?3
        AND EXISTS (SELECT 1 FROM account WHERE account.seller = ?1 AND account.provider_customer = ?2)
    ORDER BY 1";

/// Keeps an envelope and wakes; `false`, and nobody is woken, when it was kept before.
pub(super) async fn accept(connection: &mut SqliteConnection, inbound: Inbound) -> Outcome<bool> {
    let kept = sqlx::query(KEEP)
        .bind(inbound.seller.as_str())
        .bind(inbound.event_id.as_str())
        .bind(inbound.event_type.as_str())
        .bind(inbound.customer.as_deref())
        .bind(inbound.object.as_deref())
        .bind(ms(inbound.received_at))
        .bind(inbound.envelope.as_slice())
        .execute(&mut *connection)
        .await?;
    if kept.rows_affected() == 0 {
        return Err(Undo::Answer(false));
    }
    let mut script = Script::default();
    for subject in concerned(&mut *connection, &inbound).await? {
        due::wake(&mut script, subject, inbound.received_at);
    }
    script.carry_out(connection).await?;
    Ok(true)
}

async fn concerned(connection: &mut SqliteConnection, inbound: &Inbound) -> StoreResult<Vec<Subject>> {
    let Some(customer) = &inbound.customer else {
        return Ok(Vec::new());
    };
    let mut subjects = Vec::new();
    let changes = sqlx::query(OPEN_CHANGES)
        .bind(inbound.seller.as_str())
        .bind(customer.as_str())
        .fetch_all(&mut *connection)
        .await?;
    for row in &changes {
        subjects.push(Subject::Change(ChangeId(Cells::of("change", row).id("id")?)));
    }
    let contracts = sqlx::query(CONTRACTS)
        .bind(inbound.seller.as_str())
        .bind(customer.as_str())
        .bind(inbound.object.as_deref())
        .fetch_all(connection)
        .await?;
    for row in &contracts {
        subjects.push(Subject::Contract(ContractId(
            Cells::of("contract", row).id("id")?,
        )));
    }
    Ok(subjects)
}
