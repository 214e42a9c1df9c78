//! How many connections are held at once, and how long one may be silent.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

/// Connections at once; more wait in the system's own queue until one ends.
const CONNECTIONS_MAX: usize = 1024;

/// A connection on which nothing arrives for so long is given up. Longer than any answer takes.
const SILENT_MAX: Duration = Duration::from_secs(90);

/// A listener that takes no more connections than it can hold, and none that only sits there.
pub struct Bounded<L> {
    inner: L,
    places: Arc<Semaphore>,
    silent_max: Duration,
}

/// A connection in its place.
pub struct Held<I> {
    inner: I,
    silent_max: Duration,
    silence: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl<L> Bounded<L> {
    /// With the usual bounds.
    pub fn new(inner: L) -> Self {
        Self::with(inner, CONNECTIONS_MAX, SILENT_MAX)
    }

    /// With these bounds.
    pub fn with(inner: L, connections_max: usize, silent_max: Duration) -> Self {
        Self {
            inner,
            places: Arc::new(Semaphore::new(connections_max)),
            silent_max,
        }
    }
}

impl<L: Listener> Listener for Bounded<L> {
    type Io = Held<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        // The semaphore is never closed: there is always a place in the end.
        let place = self.places.clone().acquire_owned().await.ok();
        let (inner, address) = self.inner.accept().await;
        let held = Held {
            inner,
            silent_max: self.silent_max,
            silence: Box::pin(sleep(self.silent_max)),
            _place: place,
        };
        (held, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.inner.local_addr()
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Held<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        if read.is_ready() {
            let next = Instant::now() + self.silent_max;
            self.silence.as_mut().reset(next);
            return read;
        }
        match self.silence.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Held<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, parts)
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    async fn serve(connections_max: usize, silent_max: Duration) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let routes = Router::new().route("/", get(|| async { "here" }));
        let bounded = Bounded::with(listener, connections_max, silent_max);
        tokio::spawn(async move { axum::serve(bounded, routes).await });
        address
    }

    const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";

    #[tokio::test]
    async fn a_connection_that_only_sits_there_gives_its_place_to_the_next() {
        let address = serve(1, Duration::from_millis(50)).await;
        let mut idle = TcpStream::connect(address).await.expect("connected");
        idle.write_all(b"GET / HT").await.expect("written");
        let mut next = TcpStream::connect(address).await.expect("connected");
        next.write_all(ASK).await.expect("written");
        let mut answer = String::new();
        next.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.ends_with("here"), "{answer}");
        let mut rest = Vec::new();
        // However it was ended, nothing was answered.
        let _ = idle.read_to_end(&mut rest).await;
        assert!(!String::from_utf8_lossy(&rest).contains("here"));
    }
}
