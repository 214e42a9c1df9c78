//! The service that is measured: this very program as an operator starts it, in a process of its own, on an empty database.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::postgres_server::{self, Scratch};
use super::{Options, secret, usage};

/// How many requests a second the stub is asked at most: the highest that can be configured.
const PROVIDER_RATE: &str = "10000";

/// A running service. Dropping it kills it.
pub(super) struct Service {
    /// Where its API is, without a slash at its end.
    pub(super) address: String,
    /// The key of its one seller.
    pub(super) api_key: String,
    child: Child,
    id: u32,
    folder: TempDir,
    scratch: Option<Scratch>,
    database: Option<u32>,
}

impl Service {
    pub(super) async fn start(
        options: &Options,
        provider: &str,
        mail: &str,
        server: Option<&str>,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(&options.folder)?;
        let (scratch, database) = match server {
            Some(server) => (
                Some(Scratch::create(server).await?),
                postgres_server::process(server).await,
            ),
            None => (None, None),
        };
        let api_key = format!("cho_{}", secret());
        let mut command = Command::new(&options.program);
        for (name, _) in std::env::vars_os() {
            let ours = |prefix: &str| name.to_string_lossy().starts_with(prefix);
            if ["CHANGEOVER_", "STRIPE_", "DATABASE_", "SMTP_"]
                .into_iter()
                .any(ours)
            {
                command.env_remove(&name);
            }
        }
        let seller = options.goods.seller.to_ascii_uppercase().replace('-', "_");
        command
            .arg("serve")
            .env("CHANGEOVER_LISTEN", "127.0.0.1:0")
            .env("CHANGEOVER_DATA", folder.path())
            .env("STRIPE_API_URL", provider)
            .env("SMTP_URL", mail)
            .env(format!("STRIPE_SECRET_KEY_{seller}"), "sk_test_bench")
            .env(format!("STRIPE_WEBHOOK_SECRET_{seller}"), "whsec_bench")
            .env(format!("CHANGEOVER_API_KEY_{seller}"), &api_key)
            // What the real provider allows is no property of the service.
            .env(format!("STRIPE_READS_PER_SECOND_{seller}"), PROVIDER_RATE)
            .env(format!("STRIPE_WRITES_PER_SECOND_{seller}"), PROVIDER_RATE);
        if let Some(scratch) = &scratch {
            command.env("DATABASE_URL", &scratch.url);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log(folder.path()))?)
            .kill_on_drop(true)
            .spawn()
            .context("the service could not be started")?;
        let id = child.id().context("the service ended at once")?;
        let address = match address(&mut child).await {
            Ok(address) => address,
            Err(problem) => return Err(problem.context(last_words(folder.path()))),
        };
        Ok(Self {
            address,
            api_key,
            child,
            id,
            folder,
            scratch,
            database,
        })
    }

    /// How long its process has been computing.
    pub(super) fn cpu(&self) -> Duration {
        usage::process(self.id)
    }

    /// How long its database server has been computing, where it has one on this machine.
    pub(super) fn database_cpu(&self) -> Option<Duration> {
        self.database.map(usage::family)
    }

    /// The most memory that it has held at once, in bytes.
    pub(super) fn memory_peak(&self) -> u64 {
        usage::memory_peak(self.id)
    }

    /// How many bytes its database takes.
    pub(super) async fn bytes(&self) -> anyhow::Result<u64> {
        if let Some(scratch) = &self.scratch {
            return scratch.bytes().await;
        }
        let mut file = SqliteConnectOptions::new()
            .filename(self.folder.path().join("changeover.db"))
            .read_only(true)
            .connect()
            .await?;
        let bytes: i64 =
            sqlx::query_scalar("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
                .fetch_one(&mut file)
                .await?;
        Ok(u64::try_from(bytes)?)
    }

    /// The end of its log.
    pub(super) fn last_words(&self) -> String {
        last_words(self.folder.path())
    }

    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill().await?;
        match self.scratch.take() {
            Some(scratch) => scratch.drop().await,
            None => Ok(()),
        }
    }
}

fn log(folder: &Path) -> std::path::PathBuf {
    folder.join("service.log")
}

fn last_words(folder: &Path) -> String {
    let said = std::fs::read_to_string(log(folder)).unwrap_or_default();
    let lines: Vec<&str> = said.lines().collect();
    let last = lines[lines.len().saturating_sub(12)..].join("\n");
    format!("the service said last:\n{last}")
}

/// What the service prints once it answers.
async fn address(child: &mut Child) -> anyhow::Result<String> {
    let output = child
        .stdout
        .take()
        .context("the service has no standard output")?;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some(base) = line.trim_start().strip_prefix("start here") {
            return Ok(base.trim().trim_end_matches('/').to_owned());
        }
    }
    bail!("the service ended before it answered")
}
