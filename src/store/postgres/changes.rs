//! Changes: the wide row, and everything that a decision about one looks at, read by one statement and so at one moment.

use std::collections::BTreeMap;

use sqlx::PgPool;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::call::Answer;
use super::cells::{Cells, Part};
use super::gather::Kind;
use crate::domain::account::{Account, Contract, ContractId};
use crate::domain::change::{BillingOnFile, ChangeId};
use crate::ports::store::{ChangeRow, EffectRow, Grounds, PageAsk, Situation, StoreResult};
use crate::store::history::PAGE_MAX;
use crate::store::rows;

/// An account with its newest billing data, and a contract of it, as parts of a row.
macro_rules! whose {
    () => {
        "account.id AS account_id, account.seller AS account_seller, account.external_id AS account_external_id,
        account.email AS account_email, account.name AS account_name, account.language AS account_language,
        account.created_at AS account_created_at, account.provider_customer AS account_provider_customer,
        identity.id AS identity_id, identity.hash AS identity_hash, identity.tax_hash AS identity_tax_hash,
        identity.tax_id_hash AS identity_tax_id_hash, account.saved_identity_hash AS identity_saved_identity_hash,
        account.saved_tax_id AS identity_saved_tax_id, account.saved_tax_id_hash AS identity_saved_tax_id_hash,
        contract.id AS contract_id, contract.seller AS contract_seller, contract.account AS contract_account,
        contract.version AS contract_version, contract.subscription AS contract_subscription,
        contract.content AS contract_content"
    };
}

const GROUNDS: &str = concat!(
    "SELECT ",
    whose!(),
    ", (SELECT change.id FROM change WHERE change.contract = contract.id AND change.open LIMIT 1) AS open
    FROM contract
    JOIN account ON account.id = contract.account
    LEFT JOIN identity ON identity.id = account.identity
    WHERE contract.id = $1"
);

/// One row for each effect that is not over, or whose outcome no decision has taken in; one without an effect if there is none.
const LOOK: &str = concat!(
    "SELECT change.*, ",
    whose!(),
    ",
        effect.id AS effect_id, effect.change AS effect_change, effect.name AS effect_name,
        effect.generation AS effect_generation, effect.call AS effect_call, effect_request.request AS effect_request,
        effect.request_hash AS effect_request_hash, effect.key AS effect_key, effect.first_sent_at AS effect_first_sent_at,
        effect.key_deadline AS effect_key_deadline, effect.status AS effect_status, effect.attempts AS effect_attempts,
        effect.next_try_at AS effect_next_try_at, effect.outcome AS effect_outcome, effect.last_error AS effect_last_error,
        effect.charging AS effect_charging, effect.consumed AS effect_consumed,
        effect.undecidable_since AS effect_undecidable_since,
        due.due_at AS due_due_at, coalesce(due.failures, 0) AS due_failures, due.failing_since AS due_failing_since,
        due.failure_kind AS due_failure_kind, due.failure_detail AS due_failure_detail
    FROM change
    JOIN account ON account.id = change.account
    LEFT JOIN identity ON identity.id = account.identity
    JOIN contract ON contract.id = change.contract
    LEFT JOIN due ON due.subject_kind = 'change' AND due.subject = change.id
    LEFT JOIN effect ON effect.change = change.id AND (effect.status IN ('intent', 'unknown') OR NOT effect.consumed)
    LEFT JOIN effect_request ON effect_request.effect = effect.id
    WHERE change.id = ANY ($1) ORDER BY change.id, effect.position",
);

const OPEN_ON: &str = "SELECT id FROM change WHERE contract = $1 AND open LIMIT 1";

const PROMISED_ON: &str = "SELECT id FROM change WHERE contract = $1
    AND stage_name IN ('downgrade_ticket.scheduling', 'downgrade_ticket.scheduled') LIMIT 1";

const OF_CONTRACT: &str = "SELECT * FROM change WHERE contract = $1
    ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $2";

const SUCCESSOR: &str = "SELECT id FROM change WHERE succeeds = $1";

const IDS: &str = "SELECT id FROM change WHERE id > coalesce($1, uuid '00000000-0000-0000-0000-000000000000') ORDER BY id LIMIT $2";

/// A contract together with all that opening a change on it looks at.
pub(super) async fn grounds(pool: &PgPool, contract: &ContractId) -> Answer<Option<Grounds>> {
    let found = sqlx::query(GROUNDS).bind(contract.0).fetch_optional(pool).await?;
    let Some(row) = found.as_ref() else {
        return Ok(None);
    };
    let (account, billing, contract) = whose(row)?;
    let open = Cells::of("change", row).id_if_any("open")?;
    Ok(Some(Grounds {
        account,
        billing,
        contract,
        open: open.map(ChangeId),
    }))
}

/// The parts of [`whose!`].
fn whose(row: &PgRow) -> StoreResult<(Account, Option<BillingOnFile>, Contract)> {
    let part = |prefix| Part { row, prefix };
    let (account, _) = rows::account(&part("account_"))?;
    let has_billing = Cells::of("identity", row).id_if_any("identity_id")?.is_some();
    let billing = has_billing
        .then(|| rows::billing_on_file(&part("identity_")))
        .transpose()?;
    Ok((account, billing, rows::contract(&part("contract_"))?))
}

/// Situations, alone and together.
pub(super) const SITUATIONS: Kind<ChangeId, Option<Situation>> = Kind {
    alone: |pool, asked| Box::pin(situation(pool, asked)),
    together: |pool, asked| Box::pin(situations(pool, asked)),
    at_odds: |_, _| false,
};

/// A change together with all that a decision about it looks at.
pub(super) async fn situation(pool: &PgPool, change: &ChangeId) -> Answer<Option<Situation>> {
    let found = look(pool, &[*change]).await?;
    Ok(of(&found, *change)?)
}

/// Several changes, each with all that a decision about it looks at. One that is damaged is left to a look of its own.
async fn situations(pool: &PgPool, changes: &[ChangeId]) -> Answer<Vec<Option<Option<Situation>>>> {
    let found = look(pool, changes).await?;
    Ok(changes.iter().map(|change| of(&found, *change).ok()).collect())
}

async fn look(pool: &PgPool, changes: &[ChangeId]) -> Answer<BTreeMap<ChangeId, Vec<PgRow>>> {
    let wanted: Vec<Uuid> = changes.iter().map(|change| change.0).collect();
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in sqlx::query(LOOK).bind(wanted).fetch_all(pool).await? {
        let change = ChangeId(Cells::of("change", &row).id("id")?);
        found.entry(change).or_default().push(row);
    }
    Ok(found)
}

fn of(found: &BTreeMap<ChangeId, Vec<PgRow>>, change: ChangeId) -> StoreResult<Option<Situation>> {
    let found = found.get(&change).map(Vec::as_slice).unwrap_or_default();
    let Some(row) = found.first() else {
        return Ok(None);
    };
    let (account, billing, contract) = whose(row)?;
    Ok(Some(Situation {
        change: rows::change(row)?,
        account,
        billing,
        contract,
        effects: effects(found)?,
        work: rows::work(&Part { row, prefix: "due_" })?,
    }))
}

fn effects(found: &[PgRow]) -> StoreResult<Vec<EffectRow>> {
    let mut effects = Vec::new();
    for row in found {
        if Cells::of("effect", row).id_if_any("effect_id")?.is_some() {
            effects.push(rows::effect(&Part {
                row,
                prefix: "effect_",
            })?);
        }
    }
    Ok(effects)
}

/// The change that is open on a contract.
pub(super) async fn open_on(pool: &PgPool, contract: &ContractId) -> Answer<Option<ChangeId>> {
    let row = sqlx::query(OPEN_ON).bind(contract.0).fetch_optional(pool).await?;
    Ok(row
        .map(|row| Cells::of("change", &row).id("id").map(ChangeId))
        .transpose()?)
}

/// The change that is promised for a day on a contract.
pub(super) async fn promised_on(pool: &PgPool, contract: &ContractId) -> Answer<Option<ChangeId>> {
    let row = sqlx::query(PROMISED_ON)
        .bind(contract.0)
        .fetch_optional(pool)
        .await?;
    Ok(row
        .map(|row| Cells::of("change", &row).id("id").map(ChangeId))
        .transpose()?)
}

/// The changes of a contract, the newest first; positions count from the newest.
pub(super) async fn of_contract(
    pool: &PgPool,
    (contract, page): &(ContractId, PageAsk),
) -> Answer<Vec<ChangeRow>> {
    let found = sqlx::query(OF_CONTRACT)
        .bind(contract.0)
        .bind(i64::try_from(page.after).unwrap_or(i64::MAX))
        .bind(i64::from(page.limit.min(PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    let changes = found.iter().map(rows::change);
    Ok(changes.collect::<StoreResult<Vec<_>>>()?)
}

/// The change that honours the late money of this one.
pub(super) async fn successor(pool: &PgPool, change: &ChangeId) -> Answer<Option<ChangeId>> {
    let row = sqlx::query(SUCCESSOR).bind(change.0).fetch_optional(pool).await?;
    let id = row.map(|row| Cells::of("change", &row).id("id").map(ChangeId));
    Ok(id.transpose()?)
}

/// All changes in the order of their ids.
pub(super) async fn ids(pool: &PgPool, (after, limit): &(Option<ChangeId>, u32)) -> Answer<Vec<ChangeId>> {
    let found = sqlx::query(IDS)
        .bind(after.map(|change| change.0))
        .bind(i64::from(*limit.min(&PAGE_MAX)))
        .fetch_all(pool)
        .await?;
    let ids = found
        .iter()
        .map(|row| Cells::of("change", row).id("id").map(ChangeId));
    Ok(ids.collect::<StoreResult<Vec<_>>>()?)
}
