//! `changeover serve`: the API, the webhooks, the workers; with nothing configured, the sandbox and sample data beside them.

use std::fmt::Write as _;

use anyhow::Context as _;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use super::running::{self, Interruptions};
use super::terminal::print;
use crate::app::{App, Surroundings, configure};
use crate::config::Config;
use crate::engine::Engine;
use crate::telemetry;
use crate::web::Bounded;

mod samples;
mod sandbox_child;

/// Serves until it is told to end.
pub(super) async fn serve() -> anyhow::Result<()> {
    let (mut config, workflows) = configure()?;
    telemetry::start(config.log_format, "warn,changeover=info");
    let told = Interruptions::listen()?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("CHANGEOVER_LISTEN: cannot listen on {}", config.listen))?;
    config.listen = listener.local_addr()?;
    let sandbox = if config.needs_sandbox() {
        Some(sandbox_child::start(&mut config).await?)
    } else {
        None
    };
    if sandbox.is_some() {
        for workflow in &workflows {
            super::catalog::push_all(&config, &workflow.playbook).await?;
        }
    }
    let app = App::build(&config, workflows, Surroundings::default()).await?;
    let sample = match &sandbox {
        Some(sandbox) => Some(samples::bring(&app.engine, &config, sandbox).await?),
        None => None,
    };
    if let (Some(shown), Some(made)) = (&app.samples, &sample) {
        shown.fill(made.products()?);
    }
    let metrics = crate::web::metrics::router(app.engine.clone(), telemetry::measure()?);
    let mut router = app.router.clone();
    let watched = match config.metrics_listen {
        Some(address) => {
            let listener = running::listen_for_watchers(address).await?;
            config.metrics_listen = Some(listener.local_addr()?);
            Some((listener, app.health().merge(metrics.clone())))
        }
        None => None,
    };
    if watched.is_none() && config.sandboxed {
        // Nothing here is real: whoever can reach the play money may see how much of it there is.
        router = router.merge(metrics);
    }
    announce(&config, &app.engine, sandbox.as_ref(), sample.as_ref());
    let engine = app.engine.clone();
    // A connection that cannot do this is slow, not wrong.
    let listener = Bounded::new(listener.tap_io(|stream| drop(stream.set_nodelay(true))));
    let serving = running::serve(listener, router, engine.clone(), config.drain_notice);
    running::run(app, told, watched, serving).await
}

fn announce(
    config: &Config,
    engine: &Engine,
    sandbox: Option<&sandbox_child::SandboxChild>,
    sample: Option<&samples::Samples>,
) {
    let base = format!("http://{}", config.listen);
    let mut rows = vec![
        ("start here", format!("{base}/")),
        ("API", format!("{base}/v1")),
        ("API reference", format!("{base}/docs")),
        ("console", format!("{base}/console")),
    ];
    if config.smtp_url.is_none() {
        rows.push(("mailbox", format!("{base}/mailbox")));
    }
    if let Some(sandbox) = sandbox {
        rows.push(("sandbox", format!("{}/_sandbox/", sandbox.address)));
    }
    if config.database_url.is_some() {
        // One of several, perhaps: under this name it holds leases.
        rows.push(("node", engine.owner().to_owned()));
    }
    if let Some(address) = config.metrics_listen {
        rows.push(("metrics", format!("http://{address}/metrics")));
    } else if sandbox.is_some() {
        rows.push(("metrics", format!("{base}/metrics")));
    }
    let mut text = "Changeover is ready.\n\n".to_owned();
    for (name, address) in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<14} {address}");
    }
    if let Some(sample) = sample {
        text.push_str(&sample.how_to_start(&base));
    }
    print(&text);
}
