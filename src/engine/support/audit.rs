//! Who did what, when and why: read from the histories themselves, where it cannot be forgotten.

use jiff::Timestamp;
use serde_json::Value;

use super::timeline::{led_to, what_happened};
use crate::domain::catalog::SellerId;
use crate::domain::change::{Actor, ChangeId, Party};
use crate::engine::{Engine, EngineError};
use crate::ports::store::{ActRow, ActsAsk, ErasedRow};

/// Which acts of support to list, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActSearch {
    /// On changes of this seller.
    pub seller: Option<SellerId>,
    /// By this person alone.
    pub by: Option<String>,
    /// Those before this one.
    pub before: Option<(Timestamp, ChangeId, u64)>,
    /// At most how many.
    pub limit: u32,
}

/// Something that support has done to a change.
#[derive(Debug, Clone)]
pub struct ActLine {
    /// The line of history, without its content.
    pub row: ActRow,
    /// What was done, in a word.
    pub what: String,
    /// Who did it, and why.
    pub actor: Actor,
    /// Where it led.
    pub led_to: String,
}

/// A page of them.
#[derive(Debug, Clone)]
pub struct ActPage {
    /// Them, the newest first.
    pub lines: Vec<ActLine>,
    /// Before which one the next page begins; nothing on the last.
    pub next: Option<(Timestamp, ChangeId, u64)>,
    /// The newest orders to erase a person's data; on the first page alone.
    pub erased: Vec<ErasedRow>,
}

impl Engine {
    /// What support has done, by way of the console, the command line or a seller's own systems.
    pub async fn support_acts(&self, search: &ActSearch) -> Result<ActPage, EngineError> {
        let ask = ActsAsk {
            seller: search.seller.clone(),
            by: search.by.clone(),
            before: search.before,
            limit: search.limit,
        };
        let rows = self.store().support_acts(ask).await?;
        let last = rows.last().map(|row| (row.at, row.change, row.seq));
        let full = rows.len() >= usize::try_from(search.limit).unwrap_or(usize::MAX);
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            lines.extend(told(row)?);
        }
        let erased = match search.before {
            None => self.store().erased(search.seller.as_ref(), 50).await?,
            Some(_) => Vec::new(),
        };
        let by = |row: &ErasedRow| search.by.as_ref().is_none_or(|by| *by == row.by);
        Ok(ActPage {
            lines,
            next: last.filter(|_| full),
            erased: erased.into_iter().filter(by).collect(),
        })
    }
}

/// Read leniently, as the timeline is. A line that only speaks of support is none of theirs.
fn told(row: ActRow) -> Result<Option<ActLine>, EngineError> {
    let content: Value = serde_json::from_slice(&row.content)?;
    let actor = serde_json::from_value::<Actor>(content["actor"].clone()).ok();
    let Some(actor) = actor.filter(|actor| actor.party == Party::Support) else {
        return Ok(None);
    };
    Ok(Some(ActLine {
        what: what_happened(&content["event"]),
        led_to: led_to(&content["stage"])?,
        actor,
        row: ActRow {
            content: Vec::new(),
            ..row
        },
    }))
}
