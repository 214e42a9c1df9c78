//! `changeover sandbox`: the second program in this binary.

use std::sync::Arc;

use super::SandboxArguments;
use super::running::Interruptions;
use super::terminal::print;
use crate::ports::time::{Clock as _, Ids as _};
use crate::sandbox::{Data, Options, Webhook, serve as serve_sandbox};
use crate::system::{SystemClock, SystemIds};
use crate::telemetry::{self, LogFormat};

/// Serves until it is interrupted.
pub(super) async fn serve(arguments: SandboxArguments) -> anyhow::Result<()> {
    telemetry::start(LogFormat::Text, "warn,changeover=info");
    if let Some(folder) = arguments.data.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let seed = SystemIds.secret();
    let mut first = [0; 8];
    first.copy_from_slice(&seed[..8]);
    let secret = arguments.webhook_secret.unwrap_or_default();
    let webhooks = arguments.webhook_url.into_iter().map(|url| Webhook {
        url,
        secret: secret.clone(),
    });
    let options = Options {
        listen: arguments.listen,
        data: Data::File(arguments.data),
        webhooks: webhooks.collect(),
        strict: arguments.strict,
        seed: u64::from_be_bytes(first),
        real_time: Arc::new(|| SystemClock.now().as_second()),
        frozen_at: None,
        exit_with_stdin: arguments.exit_with_stdin,
    };
    let mut told = Interruptions::listen()?;
    let announce = |address| print(&format!("sandbox listening on http://{address}\n"));
    Ok(serve_sandbox(options, announce, async move { told.next().await }).await?)
}
