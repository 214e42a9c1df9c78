//! The sandbox as a child process, when no provider is configured: it has its own file, and ends when the server ends.

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

/// Where the sandbox listens when its port is free: a newcomer's bookmarks keep working.
const USUAL: &str = "127.0.0.1:12111";

/// What it logs beside the server: only what goes wrong, unless the operator has asked for more. Its own page lists requests.
fn log_filter() -> std::ffi::OsString {
    std::env::var_os("RUST_LOG").unwrap_or_else(|| "warn".into())
}

/// Starts it, and points the configuration at it.
pub(super) async fn start(config: &mut Config) -> anyhow::Result<SandboxChild> {
    let listen = if std::net::TcpListener::bind(USUAL).is_ok() {
        USUAL
    } else {
        "127.0.0.1:0"
    };
    let secret = format!("whsec_{}", hex::encode(SystemIds.secret()));
    // One sandbox stands in for the providers of all sellers; each gets its own webhook address.
    let seller = config.sellers.keys().next().context("no seller")?;
    let webhook = format!("http://{}/webhooks/stripe/{seller}", config.listen);
    let mut child = Command::new(std::env::current_exe()?)
        .args([
            "sandbox",
            "--exit-with-stdin",
            "--listen",
            listen,
            "--webhook-url",
            &webhook,
            "--data",
        ])
        .arg(config.data.join("sandbox.db"))
        .env("CHANGEOVER_SANDBOX_WEBHOOK_SECRET", &secret)
        .env("RUST_LOG", log_filter())
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
    let mut lines = BufReader::new(output).lines();
    let said = lines
        .next_line()
        .await?
        .context("the sandbox ended before it listened; its reason is above")?;
    let address = said
        .strip_prefix("sandbox listening on ")
        .context("the sandbox said something else")?;
    config.stripe_url = Some(address.to_owned());
    config.sandboxed = true;
    for own in config.sellers.values_mut() {
        own.stripe_key = Some(SecretString::from("sk_test_sandbox"));
        own.webhook_secrets = vec![SecretString::from(secret.clone())];
    }
    Ok(SandboxChild {
        address: address.to_owned(),
        _child: child,
        _input: input,
    })
}
