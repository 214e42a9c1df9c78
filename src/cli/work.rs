//! `changeover work`: a node that serves nothing, one of any number on one PostgreSQL.

use std::fmt::Write as _;

use anyhow::bail;

use super::running::{self, Interruptions};
use super::terminal::print;
use crate::app::{App, Surroundings, configure};
use crate::telemetry;

/// Works until it is told to end.
pub(super) async fn work() -> anyhow::Result<()> {
    let (config, workflows) = configure()?;
    telemetry::start(config.log_format, "warn,changeover=info");
    if config.database_url.is_none() {
        bail!(
            "`changeover work` is one more process on a PostgreSQL database, and DATABASE_URL names none. A database file belongs \
             to one process: `changeover serve` does its work too"
        );
    }
    if config.needs_sandbox() {
        bail!(
            "`changeover work` needs the payment provider that the other processes use: set STRIPE_SECRET_KEY_<SELLER>, and \
             STRIPE_API_URL where that is a sandbox"
        );
    }
    let told = Interruptions::listen()?;
    let listener = match config.metrics_listen {
        Some(address) => Some(running::listen_for_watchers(address).await?),
        None => None,
    };
    let app = App::build(&config, workflows, Surroundings::default()).await?;
    let engine = app.engine.clone();
    let mut ready = format!("Changeover works.\n\n  node           {}\n", engine.owner());
    if let Some(listener) = &listener {
        // Writing to a string cannot fail.
        let _ = writeln!(
            ready,
            "  health         http://{}/healthz",
            listener.local_addr()?
        );
    }
    let metrics = crate::web::metrics::router(engine.clone(), telemetry::measure()?);
    let watched = listener.map(|listener| (listener, app.health().merge(metrics)));
    print(&ready);
    running::run(app, told, watched, async move {
        engine.retired().await;
        Ok(())
    })
    .await
}
