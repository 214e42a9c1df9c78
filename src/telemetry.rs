//! Logs, traces and measurements, with the change id in the first two alone, and without personal data.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::measures;

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// Begins to log to standard error; `RUST_LOG` says what. A second call in one process changes nothing.
pub fn start(format: LogFormat, default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Fails only when somebody else has already begun: then their choice stands.
    let _ = match format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}

/// How often what was recorded is folded together while nobody looks, so that it takes no more and more memory.
const FOLD_EVERY: Duration = Duration::from_secs(10);

/// Begins to measure, and gives what writes the measurements down. A second call in one process gives the same.
///
/// Must be called within a Tokio runtime.
pub fn measure() -> Result<Arc<dyn Fn() -> String + Send + Sync>, BuildError> {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    if RECORDER.get().is_none() {
        let handle = PrometheusBuilder::new()
            .set_buckets(&measures::SECONDS)?
            .install_recorder()?;
        measures::describe();
        let folding = handle.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(FOLD_EVERY).await;
                folding.run_upkeep();
            }
        });
        drop(RECORDER.set(handle));
    }
    let handle = RECORDER.get().cloned();
    Ok(Arc::new(move || {
        handle.as_ref().map(PrometheusHandle::render).unwrap_or_default()
    }))
}
