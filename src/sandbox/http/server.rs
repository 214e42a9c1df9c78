//! Connections: listening on loopback, ending in good order, and breaking off where a fault wants it.

use std::{convert::Infallible, future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, oneshot, watch},
    task::JoinSet,
};
use tower::ServiceExt as _;

use super::BrokenOff;
use crate::sandbox::{Options, Sandbox, SandboxError};

/// Connections at once.
const CONNECTIONS_MAX: usize = 1_024;
/// How long open requests may take once the end is announced.
const GRACE: Duration = Duration::from_secs(5);
/// The pause after the system has refused a connection, which it does when it is short of something.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// Serves a sandbox until `shutdown` is ready (or standard input ends, if that is asked for). `on_bound` hears the
/// address as soon as connections are taken; they are answered once the file is open.
///
/// Dropped before its end, it breaks everything off, as a kill does: what was answered is in the file.
///
/// # Errors
/// Why it did not start, or [`SandboxError::Broken`] when its file failed it.
pub async fn serve(
    options: Options,
    on_bound: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()>,
) -> Result<(), SandboxError> {
    if !options.listen.ip().is_loopback() {
        return Err(SandboxError::NotLoopback(options.listen));
    }
    let sandbox = Sandbox::open(&options).await?;
    let bind = |source| SandboxError::Bind {
        address: options.listen,
        source,
    };
    let listener = TcpListener::bind(options.listen).await.map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    sandbox.set_base_url(&format!("http://{address}"))?;
    on_bound(address);
    tracing::info!(%address, "the sandbox listens");
    let mut connections = JoinSet::new();
    let ended = tokio::select! {
        () = shutdown => Ok(()),
        () = standard_input_ends(options.exit_with_stdin) => Ok(()),
        worked = sandbox.work() => worked,
        error = sandbox.broken() => Err(error),
        never = accept(&listener, &sandbox, &mut connections) => match never {},
    };
    drop(listener);
    sandbox.announce_close();
    // Whoever is not done by then is broken off when the set is dropped.
    let _ = tokio::time::timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
    drop(connections);
    sandbox.close().await;
    ended
}

async fn accept(listener: &TcpListener, sandbox: &Sandbox, connections: &mut JoinSet<()>) -> Infallible {
    let router = sandbox.router();
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&room).acquire_owned().await else {
            return std::future::pending().await;
        };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(REFUSED_PAUSE).await;
            continue;
        };
        let (router, closing) = (router.clone(), sandbox.closing());
        connections.spawn(async move {
            talk(stream, router, closing).await;
            drop(place);
        });
    }
}

/// One connection, from its first request to its end.
async fn talk(stream: TcpStream, router: Router, mut closing: watch::Receiver<bool>) {
    // A connection that cannot do this is slow, not wrong.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            let Ok(response) = router.oneshot(request.map(Body::new)).await;
            if response.extensions().get::<BrokenOff>().is_some() {
                Err(ConnectionBrokenOff)
            } else {
                Ok(response)
            }
        }
    });
    let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    let closing = closing.wait_for(|closing| *closing);
    tokio::select! {
        // Clients hang up, and faults break off: neither is worth a word.
        _ = connection.as_mut() => return,
        _ = closing => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

#[derive(Debug, thiserror::Error)]
#[error("a fault breaks the connection off")]
struct ConnectionBrokenOff;

/// Never, unless `wanted`. A thread of its own reads, since a runtime waits for its own readers before it ends.
async fn standard_input_ends(wanted: bool) {
    if wanted {
        let (ended, end) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            // An input that cannot be read has ended too.
            let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
            drop(ended);
        });
        let _ = end.await;
    } else {
        std::future::pending::<()>().await;
    }
}
