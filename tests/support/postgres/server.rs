//! The server itself: where its programs are, as whom it runs, and a shell that keeps it and takes orders.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};

/// Starts a server and stops it when its standard input closes: when the test process ends, even if it is killed. What is not
/// on the disk in time is lost with the whole server: so nothing waits for the disk.
const SERVER: &str = r#"
set -e
# A terminal's interrupt reaches this shell too: the server must be stopped by it, not left behind.
trap '' INT TERM HUP
folder=$(mktemp -d "${TMPDIR:-/tmp}/changeover-postgres.XXXXXX")
trap 'rm -rf "$folder"' EXIT
"$BIN/initdb" -D "$folder/data" -U changeover -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1 \
  || { cat "$folder/log" >&2; exit 1; }
cat >>"$folder/data/postgresql.conf" <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 300
fsync = off
full_page_writes = off
max_prepared_transactions = 8
SETTINGS
"$BIN/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null 2>&1 || { cat "$folder/log" >&2; exit 1; }
echo "$folder"
# What a test may ask of a server of its own; each order is answered with a line.
while read -r order; do
  case $order in
    crash) "$BIN/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 ;;
    start) "$BIN/pg_ctl" -D "$folder/data" -l "$folder/log" -w start >/dev/null 2>&1 ;;
    standby)
      mkdir "$folder/beside"
      "$BIN/pg_basebackup" -h "$folder" -U changeover -D "$folder/standby" -R -c fast --no-sync >>"$folder/log" 2>&1 \
        || { cat "$folder/log" >&2; exit 1; }
      "$BIN/pg_ctl" -D "$folder/standby" -o "-c unix_socket_directories='$folder/beside'" -l "$folder/log" -w start \
        >/dev/null 2>&1 || { cat "$folder/log" >&2; exit 1; } ;;
    promote) "$BIN/pg_ctl" -D "$folder/standby" -w promote >/dev/null 2>&1 ;;
  esac
  echo done
done
for data in data standby; do
  [ ! -d "$folder/$data" ] || "$BIN/pg_ctl" -D "$folder/$data" -m immediate stop >/dev/null 2>&1 || true
done
"#;

/// A running server.
pub(super) struct Server {
    /// The address of its maintenance database.
    address: String,
    /// What keeps it running, where we have started it.
    keeper: Option<Mutex<Keeper>>,
}

/// The shell that runs a server: it lives as long as its standard input is open.
struct Keeper {
    process: Child,
    told: BufReader<ChildStdout>,
}

impl Keeper {
    fn obeys(&mut self, order: &str) {
        let orders = self.process.stdin.as_mut().expect("its standard input");
        writeln!(orders, "{order}").expect("an order");
        let mut answer = String::new();
        self.told.read_line(&mut answer).expect("a line");
        assert_eq!(answer.trim_end(), "done", "{order}");
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // The end of its input is its end; nobody can be told if it ends badly.
        let _ = self.process.wait();
    }
}

impl Server {
    pub(super) fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| match std::env::var("CHANGEOVER_TEST_POSTGRES") {
            Ok(address) if !address.is_empty() => Self {
                address,
                keeper: None,
            },
            _ => Self::start(),
        })
    }

    pub(super) fn start() -> Self {
        let programs = programs();
        let mut process = unprivileged()
            .args(["sh", "-c", SERVER])
            .env("BIN", &programs)
            // The user that runs the server may not be allowed to look at the folder that the tests run in.
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell for PostgreSQL");
        let mut folder = String::new();
        let mut told = BufReader::new(process.stdout.take().expect("its output"));
        told.read_line(&mut folder).expect("a line");
        let folder = folder.trim_end();
        assert!(
            !folder.is_empty(),
            "PostgreSQL did not start from {}; see above",
            programs.display()
        );
        Self {
            address: format!("postgres:///postgres?host={folder}&user=changeover"),
            keeper: Some(Mutex::new(Keeper { process, told })),
        }
    }

    pub(super) async fn connect(&self) -> PgConnection {
        connect(&self.address).await
    }

    pub(super) fn obeys(&self, order: &str) {
        let keeper = self.keeper.as_ref().expect("a server that was started here");
        keeper.lock().expect("no test has panicked here").obeys(order);
    }

    /// The address of another database of this server.
    pub(super) fn address_of(&self, database: &str) -> String {
        let mut address = url::Url::parse(&self.address).expect("an address");
        address.set_path(database);
        address.to_string()
    }

    /// The same on its standby, whose socket lies in a folder within.
    pub(super) fn standby_address_of(&self, database: &str) -> String {
        self.address_of(database).replacen("&user=", "/beside&user=", 1)
    }
}

/// The server that tests share, for programs that make their own databases.
pub fn server_address() -> String {
    Server::shared().address.clone()
}

/// Where the server's programs are: on the path, or where Debian puts them.
pub fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path);
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut installed: Vec<(u32, PathBuf)> = versions
        .filter_map(|version| {
            Some((
                version.file_name().to_str()?.parse().ok()?,
                version.path().join("bin"),
            ))
        })
        .collect();
    installed.sort();
    let debian = installed.into_iter().rev().map(|(_, folder)| folder);
    on_path
        .chain(debian)
        .find(|folder| {
            let needed = ["initdb", "pg_ctl", "pg_basebackup"];
            needed.iter().all(|program| folder.join(program).exists())
        })
        .expect(
            "these tests need PostgreSQL 15 or newer: install Debian's package `postgresql`, or put `initdb`, `pg_ctl` and \
             `pg_basebackup` on the PATH, or name a running server in CHANGEOVER_TEST_POSTGRES",
        )
}

/// PostgreSQL refuses to run as root: root runs it as the user that Debian's package has made, or as nobody.
pub fn unprivileged() -> Command {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = if users.lines().any(|line| line.starts_with("postgres:")) {
        "postgres"
    } else {
        "nobody"
    };
    let mut command = Command::new("env");
    if is_root() {
        command = Command::new("setpriv");
        command.args([&format!("--reuid={user}"), "--clear-groups"]);
    }
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    Path::new("/proc/self")
        .metadata()
        .is_ok_and(|process| process.uid() == 0)
}

pub(super) async fn connect(address: &str) -> PgConnection {
    let options: PgConnectOptions = address.parse().expect("an address");
    let options = options.disable_statement_logging();
    options.connect().await.expect("a connection")
}

/// Switches a server off and on: a server that serves one test alone.
#[derive(Clone)]
pub struct Switch(pub(super) Arc<Server>);

impl Switch {
    /// The server dies on the spot, with everything that was on its way.
    pub fn off(&self) {
        self.0.obeys("crash");
    }

    /// It is started again, and has recovered.
    pub fn on(&self) {
        self.0.obeys("start");
    }
}
