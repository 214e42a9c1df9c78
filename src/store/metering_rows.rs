//! Rows about use as the port's types: the same in every database.

use super::cells::{Cells, StoredRow};
use crate::domain::account::{AccountId, ContractId};
use crate::domain::metering::{CreditKind, CreditLine, Quantity, Report, Tally};
use crate::ports::store::{
    ClosedTally, OverageRow, OverageStatus, PrerequisiteLine, ReportRow, StoreError, StoreResult,
};

const STATUSES: [(OverageStatus, &str); 5] = [
    (OverageStatus::Owed, "owed"),
    (OverageStatus::Intent, "intent"),
    (OverageStatus::Unknown, "unknown"),
    (OverageStatus::Charged, "charged"),
    (OverageStatus::Waived, "waived"),
];

const KINDS: [(CreditKind, &str); 3] = [
    (CreditKind::Granted, "granted"),
    (CreditKind::Spent, "spent"),
    (CreditKind::Lapsed, "lapsed"),
];

pub(super) fn status_word(status: OverageStatus) -> &'static str {
    word(&STATUSES, status)
}

pub(super) fn kind_word(kind: CreditKind) -> &'static str {
    word(&KINDS, kind)
}

fn word<T: Copy + PartialEq>(words: &[(T, &'static str)], of: T) -> &'static str {
    words
        .iter()
        .find(|(other, _)| *other == of)
        .map_or("", |(_, word)| *word)
}

/// A quantity as it is bound. `cell` names it when it does not fit.
pub(super) fn millionths(quantity: Quantity, cell: &'static str) -> StoreResult<i64> {
    i64::try_from(quantity.millionths()).map_err(|_| StoreError::Damaged(cell.to_owned()))
}

fn quantity<R: StoredRow>(cells: &Cells<'_, R>, column: &'static str) -> StoreResult<Quantity> {
    Ok(Quantity::from_millionths(cells.number(column)?))
}

pub(super) fn report(row: &impl StoredRow) -> StoreResult<ReportRow> {
    let cells = Cells::of("usage_report", row);
    Ok(ReportRow {
        seller: cells.parsed("seller")?,
        contract: ContractId(cells.id("contract")?),
        report: Report {
            id: cells.text("id")?,
            meter: cells.parsed("meter")?,
            variant: cells.text_if_any("variant")?,
            quantity: quantity(&cells, "quantity")?,
            at: cells.time("at")?,
        },
        received_at: cells.time("received_at")?,
    })
}

pub(super) fn tally(row: &impl StoredRow) -> StoreResult<Tally> {
    let cells = Cells::of("usage_tally", row);
    let tally: Tally = cells.json("content")?;
    // The total stands twice, so that a database can be asked for it: both must say the same.
    if tally.used != quantity(&cells, "used")? || tally.pot.to_string() != cells.text("pot")? {
        return Err(cells.damaged("used"));
    }
    Ok(tally)
}

pub(super) fn closed_tally(row: &impl StoredRow) -> StoreResult<ClosedTally> {
    Ok(ClosedTally {
        tally: tally(row)?,
        closed_at: Cells::of("usage_tally", row).time("closed_at")?,
    })
}

pub(super) fn credit_line(row: &impl StoredRow) -> StoreResult<CreditLine> {
    let cells = Cells::of("credit_line", row);
    let kind = cells.text("kind")?;
    let known = KINDS.iter().find(|(_, word)| *word == kind);
    Ok(CreditLine {
        seq: cells.number("seq")?,
        credits: cells.parsed("credits")?,
        month: cells.time("month")?,
        kind: known
            .map(|(kind, _)| *kind)
            .ok_or_else(|| cells.damaged("kind"))?,
        amount: quantity(&cells, "amount")?,
        at: cells.time("at")?,
        report: cells.text_if_any("report")?,
    })
}

pub(super) fn overage(row: &impl StoredRow) -> StoreResult<OverageRow> {
    let cells = Cells::of("overage", row);
    let status = cells.text("status")?;
    let known = STATUSES.iter().find(|(_, word)| *word == status);
    let request = match (cells.bytes_if_any("request")?, cells.text_if_any("key")?) {
        (Some(request), Some(key)) => Some((request, key)),
        (None, None) => None,
        _ => return Err(cells.damaged("key")),
    };
    Ok(OverageRow {
        id: cells.id("id")?,
        contract: ContractId(cells.id("contract")?),
        overage: cells.json("content")?,
        request,
        invoice: cells.text_if_any("invoice")?,
        generation: cells.number("generation")?,
        status: known
            .map(|(status, _)| *status)
            .ok_or_else(|| cells.damaged("status"))?,
        attempts: cells.number("attempts")?,
        prepared_at: cells.time_if_any("prepared_at")?,
        next_try_at: cells.time("next_try_at")?,
        outcome: cells.text_if_any("outcome")?,
        last_error: cells.text_if_any("last_error")?,
    })
}

pub(super) fn prerequisite_line(row: &impl StoredRow) -> StoreResult<PrerequisiteLine> {
    let cells = Cells::of("prerequisite_line", row);
    Ok(PrerequisiteLine {
        account: AccountId(cells.id("account")?),
        prerequisite: cells.parsed("prerequisite")?,
        seq: cells.number("seq")?,
        at: cells.time("at")?,
        content: cells.bytes("content")?,
    })
}
