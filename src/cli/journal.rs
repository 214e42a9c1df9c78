//! `changeover journal verify`: proves the hash chain of any or all changes, on the database itself, read-only.

use std::path::PathBuf;

use anyhow::Context as _;
use uuid::Uuid;

use crate::app::{Database, FILE, configure};
use crate::domain::change::ChangeId;
use crate::engine::verify_chain;
use crate::ports::store::{PageAsk, Store};

/// Opens what is to be proven, for reading alone.
pub(super) async fn open(file: Option<PathBuf>) -> anyhow::Result<Database> {
    if let Some(file) = file {
        return Database::read(None, &file).await;
    }
    let (config, _) = configure()?;
    Database::read(config.database_url.as_ref(), &config.data.join(FILE)).await
}

/// Proves the history of one change, or of all, and gives the number of entries that were proven.
pub async fn verify(store: &dyn Store, change: Option<&str>) -> anyhow::Result<usize> {
    let changes = match change {
        Some(id) => vec![ChangeId(Uuid::parse_str(id).context("a change id is a UUID")?)],
        None => all_changes(store).await?,
    };
    let mut proven = 0;
    for change in changes {
        let situation = store
            .situation(change)
            .await?
            .with_context(|| format!("there is no change {change}"))?;
        let mut entries = Vec::new();
        loop {
            let after = entries
                .last()
                .map_or(0, |entry: &crate::ports::store::JournalEntry| entry.seq);
            let page = store.journal(change, PageAsk { after, limit: 200 }).await?;
            if page.is_empty() {
                break;
            }
            entries.extend(page);
        }
        let head = verify_chain(&entries).with_context(|| format!("change {change}"))?;
        let row = situation.change;
        anyhow::ensure!(
            head == row.journal_head,
            "change {change}: the newest entries are missing"
        );
        anyhow::ensure!(
            row.version == entries.len() as u64,
            "change {change}: its version is not its last entry"
        );
        proven += entries.len();
    }
    Ok(proven)
}

async fn all_changes(store: &dyn Store) -> anyhow::Result<Vec<ChangeId>> {
    let mut all = Vec::new();
    loop {
        let page = store.change_ids(all.last().copied(), 200).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}
