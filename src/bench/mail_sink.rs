//! A mail server that takes everything at once and keeps nothing but the count.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::server::Server;

/// A running mail server.
pub(super) struct MailSink {
    /// Its address, as the service's variable wants it.
    pub(super) url: String,
    taken: Arc<AtomicU64>,
    server: Server,
}

impl MailSink {
    pub(super) fn start() -> anyhow::Result<Self> {
        let taken: Arc<AtomicU64> = Arc::default();
        let count = Arc::clone(&taken);
        let server = Server::start("bench-mail", move |stream| {
            let count = Arc::clone(&count);
            async move {
                // A client that leaves in the middle of a sentence has said all that it wanted.
                let _ = listen(stream, &count).await;
            }
        })?;
        Ok(Self {
            url: format!("smtp://{}", server.address),
            taken,
            server,
        })
    }

    /// How many mails were taken.
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::SeqCst)
    }

    pub(super) fn cpu(&self) -> Duration {
        self.server.cpu()
    }

    pub(super) fn stop(self) -> anyhow::Result<()> {
        self.server.stop()
    }
}

/// One connection: RFC 5321, as far as a client that only delivers can tell.
async fn listen(stream: TcpStream, taken: &AtomicU64) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink\r\n").await?;
    let mut line = Vec::new();
    let mut in_a_mail = false;
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let said = line.trim_ascii_end();
        let answer: &[u8] = match (in_a_mail, said) {
            (true, b".") => {
                in_a_mail = false;
                taken.fetch_add(1, Ordering::SeqCst);
                b"250 taken\r\n"
            }
            (true, _) => continue,
            (false, b"DATA") => {
                in_a_mail = true;
                b"354 go on\r\n"
            }
            (false, b"QUIT") => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            (false, _) => b"250 yes\r\n",
        };
        stream.write_all(answer).await?;
    }
}
