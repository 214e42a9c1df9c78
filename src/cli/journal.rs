//! `changeover journal verify`: proves the histories of changes, contracts and clients, read-only, also while a server writes.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use uuid::Uuid;

use super::terminal::print;
use crate::app::{Database, FILE, configure};
use crate::domain::account::{AccountId, ContractId};
use crate::domain::change::ChangeId;
use crate::engine::{Broken, Proof, Verifier};
use crate::ports::store::Store;

/// How many ids are read at once.
const PAGE: u32 = 200;

/// How many broken histories are named one by one.
const NAMED_MAX: usize = 100;

/// What a walk through histories has found.
#[derive(Debug, Default)]
struct Findings {
    changes: u64,
    contracts: u64,
    clients: u64,
    entries: u64,
    broken: Vec<String>,
    unnamed: u64,
}

impl Findings {
    fn note(&mut self, what: &str, proof: Proof) {
        match proof {
            Ok(entries) => self.entries += entries,
            Err(broken) if self.broken.len() < NAMED_MAX => self.broken.push(format!("{what}: {broken}")),
            Err(_) => self.unnamed += 1,
        }
    }
}

/// Opens what is to be proven, for reading alone.
async fn open(file: Option<PathBuf>) -> anyhow::Result<Database> {
    if let Some(file) = file {
        return Database::read(None, &file).await;
    }
    let (config, _) = configure()?;
    Database::read(config.database_url.as_ref(), &config.data.join(FILE)).await
}

/// Proves the history of one change, or of every change and contract, and says what was found. `false` when one does not hold.
pub(super) async fn command(file: Option<PathBuf>, change: Option<&str>) -> anyhow::Result<bool> {
    let database = open(file).await?;
    let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {msg}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let found = walk(database.store().as_ref(), change, &bar).await;
    bar.finish_and_clear();
    database.close().await;
    let found = found?;
    for line in &found.broken {
        print(&format!("{line}\n"));
    }
    let Findings {
        changes,
        contracts,
        clients,
        entries,
        ..
    } = found;
    let broken = u64::try_from(found.broken.len()).unwrap_or(u64::MAX) + found.unnamed;
    let end = match broken {
        0 => "Every history holds.".to_owned(),
        1 => "1 history does not hold.".to_owned(),
        many => format!("{many} histories do not hold."),
    };
    let clients = match clients {
        0 => String::new(),
        some => format!(", {some} clients"),
    };
    print(&format!(
        "{changes} changes and {contracts} contracts{clients}; {entries} entries proven. {end}\n"
    ));
    Ok(broken == 0)
}

/// Proves the history of one change, or of everything, and gives the number of entries that were proven; the first that does
/// not hold is an error.
pub async fn verify(store: &dyn Store, change: Option<&str>) -> anyhow::Result<u64> {
    let found = walk(store, change, &ProgressBar::hidden()).await?;
    match found.broken.first() {
        None => Ok(found.entries),
        Some(broken) => Err(anyhow::anyhow!(broken.clone())),
    }
}

async fn walk(store: &dyn Store, change: Option<&str>, bar: &ProgressBar) -> anyhow::Result<Findings> {
    let verifier = Verifier::new(store);
    let mut found = Findings::default();
    if let Some(id) = change {
        let change = ChangeId(Uuid::parse_str(id).context("a change id is a UUID")?);
        let proof = verifier.change(change).await?;
        anyhow::ensure!(proof != Err(Broken::Missing), "there is no change {change}");
        found.changes = 1;
        found.note(&format!("change {change}"), proof);
        return Ok(found);
    }
    let mut after: Option<ChangeId> = None;
    loop {
        let page = store.change_ids(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        for change in page {
            found.changes += 1;
            found.note(&format!("change {change}"), verifier.change(change).await?);
        }
        bar.set_message(format!("{} changes, {} entries", found.changes, found.entries));
    }
    let mut after: Option<ContractId> = None;
    loop {
        let page = store.contract_ids(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        for contract in page {
            found.contracts += 1;
            found.note(
                &format!("contract {contract}"),
                verifier.contract(contract).await?,
            );
        }
        bar.set_message(format!(
            "{} contracts, {} entries",
            found.contracts, found.entries
        ));
    }
    walk_clients(store, &verifier, &mut found).await?;
    Ok(found)
}

async fn walk_clients(
    store: &dyn Store,
    verifier: &Verifier<'_>,
    found: &mut Findings,
) -> anyhow::Result<()> {
    let mut after: Option<AccountId> = None;
    loop {
        let page = store.client_ids(after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(*last);
        for client in page {
            found.clients += 1;
            found.note(&format!("client {client}"), verifier.client(client).await?);
        }
    }
}
