//! How a node runs and how it ends: its worker and its outbox beside whatever it serves, until it is told to end.
//!
//! It ends in this order: `/readyz` says no; nothing new is claimed; requests that have begun are answered; calls that are under
//! way come to their end, within a bound; what is left is given back, so that others go on with it at once.

use std::future::{Future, IntoFuture};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::engine::{Engine, EngineError};
use crate::web::Bounded;

/// How long what is under way may take to end: a little more than the longest call to the provider.
const FINISH_MAX: Duration = Duration::from_secs(35);

/// How long the store may take to take back what is left.
const GIVE_BACK_MAX: Duration = Duration::from_secs(5);

/// How long a database call may take that was begun when everything else was over.
const CLOSE_MAX: Duration = Duration::from_secs(5);

/// What a process is told from outside, once and again.
pub(super) struct Interruptions {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Interruptions {
    /// Listens from now on.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    /// Ends with the next one: Ctrl-C, or the signal that service managers send.
    pub(super) async fn next(&mut self) {
        let ctrl_c = tokio::signal::ctrl_c();
        #[cfg(unix)]
        tokio::select! {
            _ = ctrl_c => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = ctrl_c.await;
    }
}

/// What works in the background of a node.
struct Hands {
    working: JoinHandle<Result<(), EngineError>>,
    sending: JoinHandle<Result<(), EngineError>>,
}

impl Hands {
    fn of(engine: &Engine) -> Self {
        let (working, sending) = (engine.clone(), engine.clone());
        Self {
            working: tokio::spawn(async move { working.work().await }),
            sending: tokio::spawn(async move { sending.send().await }),
        }
    }

    /// Ends when one of them has failed, or both have done what they held.
    async fn end(&mut self) -> anyhow::Result<()> {
        let working = async { (&mut self.working).await?.context("the worker ended") };
        let sending = async { (&mut self.sending).await?.context("the outbox ended") };
        tokio::try_join!(working, sending).map(|_| ())
    }

    fn stop(&self) {
        self.working.abort();
        self.sending.abort();
    }
}

/// Runs a node until it is told to end, and then ends it in good order. `serving` must end by itself once the engine retires.
pub(super) async fn run(
    app: App,
    mut told: Interruptions,
    watched: Option<(TcpListener, Router)>,
    serving: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let engine = app.engine.clone();
    let mut hands = Hands::of(&engine);
    // Those who watch see it until its very end, and that it is about to come.
    let watching = watched.map(|(listener, router)| {
        tokio::spawn(async move {
            if let Err(problem) = axum::serve(Bounded::new(listener), router).await {
                tracing::error!(%problem, "nobody can watch this process any more");
            }
        })
    });
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        () = told.next() => {}
        served = &mut serving => return served.and_then(|()| bail!("the server ended")),
        ended = hands.end() => return ended.and_then(|()| bail!("the worker ended")),
    }
    tracing::info!("ending: what is under way is finished first; a second signal ends at once");
    engine.retire();
    tokio::select! {
        () = told.next() => bail!("ended at once, by a second signal; what was under way goes on after its lease"),
        finished = tokio::time::timeout(FINISH_MAX, async { tokio::try_join!(serving, hands.end()) }) => {
            if let Ok(finished) = finished {
                finished?;
            } else {
                tracing::warn!("not everything that was under way has ended in time");
            }
        }
    }
    hands.stop();
    give_back(&engine).await;
    if let Some(watching) = watching {
        watching.abort();
    }
    if tokio::time::timeout(CLOSE_MAX, app.close()).await.is_err() {
        tracing::warn!("the database did not let go in time");
    }
    Ok(())
}

async fn give_back(engine: &Engine) {
    match tokio::time::timeout(GIVE_BACK_MAX, engine.give_back()).await {
        Ok(Ok(given)) => tracing::info!(given, "ended; what was left is given back"),
        Ok(Err(problem)) => tracing::warn!(%problem, "what was left goes on after its lease"),
        Err(_) => tracing::warn!("the store did not answer; what was left goes on after its lease"),
    }
}

/// Serves on a listener until the engine retires and `notice` is over; then what was asked before is still answered.
pub(super) async fn serve<L>(
    listener: L,
    router: Router,
    engine: Engine,
    notice: Duration,
) -> anyhow::Result<()>
where
    L: axum::serve::Listener,
    L::Addr: std::fmt::Debug,
{
    let noticed = async move {
        engine.retired().await;
        tokio::time::sleep(notice).await;
    };
    let served = axum::serve(listener, router).with_graceful_shutdown(noticed);
    served.into_future().await.context("the server ended")
}

/// Opens a listener of its own for those who watch.
pub(super) async fn listen_for_watchers(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("CHANGEOVER_METRICS_LISTEN: cannot listen on {address}"))
}
