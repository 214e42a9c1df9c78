//! A small server on a thread of its own, with its own clockwork: what it costs is told apart from what is measured.

use std::future::Future;
use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::usage;

/// A running server. Dropping it ends it.
pub(super) struct Server {
    /// Where it listens, on loopback.
    pub(super) address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
    cpu: usage::Thread,
}

impl Server {
    /// Listens on a free port, and serves each connection with what `serve` makes of it.
    pub(super) fn start<S, F>(name: &str, serve: S) -> anyhow::Result<Self>
    where
        S: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = ()> + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            // Whoever started it waits for this.
            let _ = tell.send(usage::Thread::this());
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime, async move {
                tokio::select! {
                    biased;
                    _ = stopped => {}
                    () = accept(listener, serve) => {}
                }
            });
        })?;
        let cpu = told.recv().context("the server's thread ended at once")?;
        Ok(Self {
            address,
            stop,
            thread,
            cpu,
        })
    }

    /// How long it has been computing.
    pub(super) fn cpu(&self) -> Duration {
        self.cpu.used()
    }

    /// Ends it, with all its connections.
    pub(super) fn stop(self) -> anyhow::Result<()> {
        drop(self.stop);
        self.thread
            .join()
            .map_err(|_| anyhow::anyhow!("a server of the bench panicked"))
    }
}

async fn accept<S, F>(listener: std::net::TcpListener, serve: S)
where
    S: Fn(TcpStream) -> F,
    F: Future<Output = ()> + 'static,
{
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    while let Ok((stream, _)) = listener.accept().await {
        // A connection that cannot do this is slow, not wrong.
        let _ = stream.set_nodelay(true);
        tokio::task::spawn_local(serve(stream));
    }
}
