//! Processes: the sandbox, and nodes of either kind that share it, and a database where there are several.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use changeover::mail::StoredMail;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::support::Provider;

const PROGRAM: &str = env!("CARGO_BIN_EXE_changeover");
pub const API_KEY: &str = "cho_test_key_of_a_backend_with_many_nodes";
const WEBHOOK_SECRET: &str = "whsec_lane";
/// How many reads, and how many writes, each node may send to the provider in a second.
const PROVIDER_RATE: &str = "200";

fn changeover(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    // Whatever the machine's own environment configures is not a test's business.
    let foreign = |name: &str| {
        ["CHANGEOVER_", "STRIPE_", "DATABASE_"]
            .iter()
            .any(|own| name.starts_with(own))
    };
    for (name, _) in std::env::vars().filter(|(name, _)| foreign(name)) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// A provider that is a process of its own, with a file of its own.
pub struct Sandbox {
    pub provider: Provider,
    _folder: TempDir,
    _child: Child,
    _input: ChildStdin,
}

impl Sandbox {
    /// Its webhooks go to this address.
    pub async fn start(webhooks: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("sandbox.db");
        let mut child = changeover(&[
            "sandbox",
            "--exit-with-stdin",
            "--listen",
            "127.0.0.1:0",
            "--webhook-url",
        ])
        .arg(format!("{webhooks}/webhooks/stripe/clint"))
        .arg("--data")
        .arg(&data)
        .env("CHANGEOVER_SANDBOX_WEBHOOK_SECRET", WEBHOOK_SECRET)
        .env("RUST_LOG", "error")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the sandbox starts");
        let input = child.stdin.take().expect("its input");
        let mut said = BufReader::new(child.stdout.take().expect("its output")).lines();
        let line = said.next_line().await.expect("text").expect("a line");
        let address = line.strip_prefix("sandbox listening on ").expect("an address");
        Self {
            provider: Provider::at(address),
            _folder: folder,
            _child: child,
            _input: input,
        }
    }

    /// Brings the catalogue to it.
    pub async fn is_furnished(&self) {
        let pushed = changeover(&["catalog", "push", "clint", "--yes"])
            .env("STRIPE_API_URL", self.provider.address())
            .env("STRIPE_SECRET_KEY_CLINT", "sk_test_house")
            .env("STRIPE_WEBHOOK_SECRET_CLINT", WEBHOOK_SECRET)
            .output()
            .await
            .expect("the program runs");
        assert!(
            pushed.status.success(),
            "{}",
            String::from_utf8_lossy(&pushed.stderr)
        );
    }
}

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Serve,
    Work,
}

/// What all nodes of an installation agree on.
#[derive(Clone)]
pub struct Installation {
    /// Where the provider is, or what stands before it.
    pub provider: String,
    /// The PostgreSQL that they share.
    pub database: Option<String>,
    /// What a rehearsal changes.
    pub rehearsal: Vec<(&'static str, String)>,
}

/// One process, which may die and be started again at the same address.
pub struct Node {
    pub kind: Kind,
    /// Where it serves; a node that only works tells its health there.
    pub address: String,
    /// The name under which it holds leases in this life.
    pub owner: String,
    pub frozen: bool,
    folder: PathBuf,
    installation: Installation,
    child: Option<(Child, Lines<BufReader<ChildStdout>>)>,
}

impl Node {
    pub fn new(kind: Kind, folder: &Path, installation: &Installation) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        Self {
            kind,
            address: format!("http://{}", port.local_addr().expect("an address")),
            owner: String::new(),
            frozen: false,
            folder: folder.to_owned(),
            installation: installation.clone(),
            child: None,
        }
    }

    /// The same node, but another version or with another clock.
    pub fn rehearsing(mut self, name: &'static str, value: &str) -> Self {
        self.rehearse(name, value);
        self
    }

    pub fn rehearse(&mut self, name: &'static str, value: &str) {
        self.installation.rehearsal.push((name, value.to_owned()));
    }

    /// Starts it. `false` when it ended before it was ready, as it does while its database is away.
    pub async fn start(&mut self) -> bool {
        let (command, listen) = match self.kind {
            Kind::Serve => ("serve", "CHANGEOVER_LISTEN"),
            Kind::Work => ("work", "CHANGEOVER_METRICS_LISTEN"),
        };
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("log"));
        let mut process = changeover(&[command]);
        process
            .env("CHANGEOVER_DATA", &self.folder)
            .env(listen, self.address.trim_start_matches("http://"))
            .env("STRIPE_API_URL", &self.installation.provider)
            .env("STRIPE_SECRET_KEY_CLINT", "sk_test_house")
            .env("STRIPE_WEBHOOK_SECRET_CLINT", WEBHOOK_SECRET)
            .env("CHANGEOVER_API_KEY_CLINT", API_KEY)
            // A thousand customers at once need an account whose limits the provider has raised.
            .env("STRIPE_READS_PER_SECOND_CLINT", PROVIDER_RATE)
            .env("STRIPE_WRITES_PER_SECOND_CLINT", PROVIDER_RATE)
            .envs(
                self.installation
                    .rehearsal
                    .iter()
                    .map(|(name, value)| (*name, value)),
            )
            .stdout(Stdio::piped())
            .stderr(log.expect("a log"));
        if let Some(database) = &self.installation.database {
            process.env("DATABASE_URL", database);
        }
        let mut child = process.spawn().expect("the program starts");
        let mut said = BufReader::new(child.stdout.take().expect("its output")).lines();
        // The last line that each kind says on its start.
        let last = match (self.kind, &self.installation.database) {
            (Kind::Work, _) => "health",
            (Kind::Serve, Some(_)) => "node",
            (Kind::Serve, None) => "mailbox",
        };
        self.frozen = false;
        while let Some(line) = said.next_line().await.expect("text") {
            let mut words = line.split_whitespace();
            let word = words.next();
            if word == Some("node") {
                words.next().unwrap_or_default().clone_into(&mut self.owner);
            }
            if word == Some(last) {
                self.child = Some((child, said));
                return true;
            }
        }
        child.wait().await.expect("it ends");
        false
    }

    pub fn is_running(&self) -> bool {
        self.child.is_some()
    }

    /// Ends it with no warning.
    pub async fn kill(&mut self) {
        if let Some((mut child, _)) = self.child.take() {
            child.kill().await.expect("it is killed");
        }
        self.frozen = false;
    }

    /// Sends it a signal.
    pub fn signal(&mut self, name: &str) {
        let Some(id) = self.child.as_ref().and_then(|(child, _)| child.id()) else {
            return;
        };
        let told = std::process::Command::new("kill")
            .args([&format!("-{name}"), &id.to_string()])
            .status();
        assert!(told.expect("kill runs").success());
        self.frozen = name == "STOP";
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let (mut child, _output) = self.child.take().expect("a running node");
        child.wait().await.expect("it ends")
    }

    /// What it has written to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// The mails in its own mailbox.
    pub fn mails(&self) -> Vec<StoredMail> {
        let Ok(entries) = std::fs::read_dir(self.folder.join("mailbox")) else {
            return Vec::new();
        };
        let files = entries.map(|entry| entry.expect("an entry").path());
        files
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .map(|path| {
                let text = std::fs::read(path).expect("a mail");
                let mail: Value = serde_json::from_slice(&text).expect("JSON");
                serde_json::from_value(mail).expect("a mail")
            })
            .collect()
    }
}
