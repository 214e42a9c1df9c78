//! What a sandbox is started with, and why it may refuse to start.

use std::{net::SocketAddr, path::PathBuf};

use super::{clock::RealTime, core::RestoreError};

/// Where a sandbox keeps what it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// In memory: it forgets everything when it ends. For tests.
    Memory,
    /// In this SQLite file, which it makes when it is missing, with a lock file beside it.
    File(PathBuf),
}

/// The receiver of events that a sandbox is started with.
#[derive(Clone)]
pub struct Webhook {
    /// An `http://` address on loopback.
    pub url: String,
    /// What signs the deliveries (`whsec_...`).
    pub secret: String,
}

/// What a sandbox is started with.
#[derive(Clone)]
pub struct Options {
    /// Where to listen: loopback only. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where to keep what it knows.
    pub data: Data,
    /// Receivers of all events, besides those made through the API.
    pub webhooks: Vec<Webhook>,
    /// Refuses requests whose `Stripe-Version` is missing or is not the one that the sandbox speaks.
    pub strict: bool,
    /// Decides what identifiers and secrets look like. A file that exists keeps its own.
    pub seed: u64,
    /// The real time.
    pub real_time: RealTime,
    /// The instant (unix seconds) at which the clock of a new sandbox stands still.
    pub frozen_at: Option<i64>,
    /// Ends when standard input does, so that a child does not outlive the process that started it.
    pub exit_with_stdin: bool,
}

impl Options {
    /// A sandbox in memory on a free port of 127.0.0.1, with a clock that follows `real_time`.
    pub fn in_memory(real_time: RealTime) -> Options {
        Options {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: Data::Memory,
            webhooks: Vec::new(),
            strict: false,
            seed: 1,
            real_time,
            frozen_at: None,
            exit_with_stdin: false,
        }
    }
}

/// Why a sandbox did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// It has no passwords worth the name and answers everybody, so it listens on loopback only.
    #[error("the sandbox listens on loopback only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The address is taken or not allowed.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Another sandbox has the file open.
    #[error("another sandbox is using {path}")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a sandbox's. It was left as it is.
    #[error("{path} is not a sandbox file: {why}")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// How that shows.
        why: String,
    },
    /// The file was a sandbox's, and cannot be read any more.
    #[error("the sandbox file {path} is damaged ({why}); restore it or start with another file")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file holds objects that this program cannot read.
    #[error("the sandbox file cannot become a world: {0}")]
    World(#[from] RestoreError),
    /// A setting, endpoint, delivery or kept answer in the file cannot be read.
    #[error("the sandbox file has an unreadable entry: {0}")]
    Entry(#[from] serde_json::Error),
    /// The disk or SQLite failed.
    #[error("the sandbox file cannot be used: {0}")]
    Storage(#[source] sqlx::Error),
    /// The webhook address is not on loopback.
    #[error("{0}")]
    WebhookTarget(String),
    /// A commit failed or the program has a defect: what is in memory is no longer what is on disk. Restart it.
    #[error("the sandbox is broken and must be restarted")]
    Broken,
}
