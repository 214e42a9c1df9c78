//! The demo's processes: this very program, started as the operator would start it, and really killed.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;

use anyhow::Context as _;
use tokio::process::{Child, Command};

use crate::cli::client::Client;
use crate::ports::time::Clock as _;
use crate::system::SystemClock;

/// How long a process may take until it answers.
const START_SECONDS_MAX: i64 = 30;

/// A process of the demo. Dropping it kills it.
pub(super) struct Process {
    child: Child,
}

impl Process {
    /// Starts this program with other arguments. Its log goes to a file in the demo's folder.
    pub(super) fn start(
        arguments: &[&str],
        variables: &BTreeMap<String, String>,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program cannot be found")?;
        let log = std::fs::File::options().create(true).append(true).open(log)?;
        let child = Command::new(program)
            .args(arguments)
            // The stage is the demo's own, whatever the operator's shell names.
            .env_remove("DATABASE_URL")
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self { child })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// `kill -9`: the process gets no chance to do anything more.
    pub(super) async fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("the process could not be killed")
    }

    /// Waits until it ends by itself, and tells whether it ended well.
    pub(super) async fn ended_well(mut self) -> anyhow::Result<bool> {
        Ok(self.child.wait().await?.success())
    }
}

/// A free port of loopback. Nothing listens there until the process that is told about it does.
pub(super) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Waits until the server answers at `path`.
pub(super) async fn until_it_answers(client: &Client, path: &str) -> anyhow::Result<()> {
    let clock = SystemClock;
    let give_up = clock.now() + jiff::SignedDuration::from_secs(START_SECONDS_MAX);
    loop {
        match client.get(path).await {
            Ok(_) => return Ok(()),
            Err(problem) if clock.now() >= give_up => return Err(problem).context("a server did not start"),
            Err(_) => {
                clock
                    .wait_until(clock.now() + jiff::SignedDuration::from_millis(25))
                    .await;
            }
        }
    }
}
