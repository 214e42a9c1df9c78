//! The sandbox as a child process, when no provider is configured: it has its own file, and ends when the server ends.

use std::path::Path;
use std::process::Stdio;

use anyhow::Context as _;
use secrecy::SecretString;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use crate::config::Config;
use crate::ports::time::Ids as _;
use crate::system::SystemIds;

/// A running sandbox. Dropping it ends it: its standard input closes.
pub(super) struct SandboxChild {
    /// Where it is.
    pub(super) address: String,
    _child: Child,
    _input: ChildStdin,
}

/// Where the sandbox listens when its port is free, so that a newcomer's bookmarks keep working; and otherwise.
const ADDRESSES: [&str; 2] = ["127.0.0.1:12111", "127.0.0.1:0"];

/// Starts it, and points the configuration at it.
pub(super) async fn start(config: &mut Config) -> anyhow::Result<SandboxChild> {
    let secret = format!("whsec_{}", hex::encode(SystemIds.secret()));
    // One sandbox stands in for the providers of all sellers; its webhooks go to each of them.
    let address = config.listen;
    let sellers = config.sellers.keys();
    let webhooks: Vec<String> = sellers
        .map(|seller| format!("http://{address}/webhooks/stripe/{seller}"))
        .collect();
    let mut started = None;
    for listen in ADDRESSES {
        if std::net::TcpListener::bind(listen).is_err() {
            continue;
        }
        started = start_on(listen, &config.data, &webhooks, &secret).await?;
        if started.is_some() {
            break;
        }
    }
    let child = started.context("the sandbox ended before it listened; its reason is above")?;
    config.stripe_url = Some(child.address.clone());
    config.sandboxed = true;
    for own in config.sellers.values_mut() {
        own.stripe_key = Some(SecretString::from("sk_test_sandbox"));
        own.webhook_secrets = vec![SecretString::from(secret.clone())];
    }
    Ok(child)
}

/// `None` when it ended before it listened: the port is taken, or its file cannot be used.
async fn start_on(
    listen: &str,
    data: &Path,
    webhooks: &[String],
    secret: &str,
) -> anyhow::Result<Option<SandboxChild>> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["sandbox", "--exit-with-stdin", "--listen", listen, "--data"])
        .arg(data.join("sandbox.db"))
        .args(webhooks.iter().flat_map(|url| ["--webhook-url", url]))
        .env("CHANGEOVER_SANDBOX_WEBHOOK_SECRET", secret)
        // Its own log is of use to those who look for it: its pages show every request.
        .env(
            "RUST_LOG",
            std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned()),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("the sandbox could not be started")?;
    let input = child.stdin.take().context("the sandbox has no standard input")?;
    let output = child
        .stdout
        .take()
        .context("the sandbox has no standard output")?;
    let Some(said) = BufReader::new(output).lines().next_line().await? else {
        return Ok(None);
    };
    let address = said
        .strip_prefix("sandbox listening on ")
        .context("the sandbox said something else")?;
    Ok(Some(SandboxChild {
        address: address.to_owned(),
        _child: child,
        _input: input,
    }))
}
