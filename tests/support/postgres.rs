//! A real PostgreSQL for tests: one server per test process, started when it is first needed and gone with the process, however
//! that ends; and a fresh database for each test.
//!
//! `CHANGEOVER_TEST_POSTGRES` may name a running server instead: an address whose user may make databases.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use changeover::store::postgres::{PostgresOptions, PostgresStore};
use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};
use tokio::sync::OnceCell;

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
cat >/dev/null
"$BIN/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
"#;

/// A running server.
struct Server {
    /// The address of its maintenance database.
    address: String,
    /// Holds the server's standard input open. It lives as long as the process.
    _process: Option<Child>,
}

impl Server {
    fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| match std::env::var("CHANGEOVER_TEST_POSTGRES") {
            Ok(address) if !address.is_empty() => Self {
                address,
                _process: None,
            },
            _ => Self::start(),
        })
    }

    fn start() -> Self {
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
        let told = process.stdout.take().expect("its output");
        BufReader::new(told).read_line(&mut folder).expect("a line");
        let folder = folder.trim_end();
        assert!(
            !folder.is_empty(),
            "PostgreSQL did not start from {}; see above",
            programs.display()
        );
        Self {
            address: format!("postgres:///postgres?host={folder}&user=changeover"),
            _process: Some(process),
        }
    }

    async fn connect(&self) -> PgConnection {
        connect(&self.address).await
    }

    /// The address of another database of this server.
    fn address_of(&self, database: &str) -> String {
        let mut address = url::Url::parse(&self.address).expect("an address");
        address.set_path(database);
        address.to_string()
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
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
        .expect(
            "these tests need PostgreSQL 15 or newer: install Debian's package `postgresql`, or put `initdb` and `pg_ctl` on \
             the PATH, or name a running server in CHANGEOVER_TEST_POSTGRES",
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

async fn connect(address: &str) -> PgConnection {
    let options: PgConnectOptions = address.parse().expect("an address");
    let options = options.disable_statement_logging();
    options.connect().await.expect("a connection")
}

/// The database that fresh ones are copied from: migrated once.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let name = format!("changeover_template_{}", std::process::id());
            let empty = Fresh::named(&name, "template0").await;
            let store = PostgresStore::open(&empty.address(), &PostgresOptions::default()).await;
            store.expect("a migrated database").close().await;
            name
        })
        .await
}

/// A database of one test.
pub struct Fresh {
    name: String,
}

impl Fresh {
    /// With our tables, and nothing in them.
    pub async fn migrated() -> Self {
        let template = template().await;
        Self::named(&next_name(), template).await
    }

    /// Without any table.
    pub async fn empty() -> Self {
        Self::named(&next_name(), "template0").await
    }

    /// Made as the rest of a `CREATE DATABASE` says.
    pub async fn made(how: &str) -> Self {
        let name = next_name();
        let mut connection = Server::shared().connect().await;
        run(&mut connection, &format!(r#"CREATE DATABASE "{name}" {how}"#)).await;
        connection.close().await.expect("closed");
        Self { name }
    }

    async fn named(name: &str, template: &str) -> Self {
        let mut connection = Server::shared().connect().await;
        let statement = format!(r#"CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy"#);
        run(&mut connection, &statement).await;
        connection.close().await.expect("closed");
        Self {
            name: name.to_owned(),
        }
    }

    pub fn address(&self) -> SecretString {
        SecretString::from(self.text())
    }

    fn text(&self) -> String {
        Server::shared().address_of(&self.name)
    }

    /// A connection of somebody else's.
    pub async fn connect(&self) -> PgConnection {
        connect(&self.text()).await
    }

    /// Something done to it behind the store's back.
    pub async fn raw(&self, statement: &str) {
        let mut connection = self.connect().await;
        run(&mut connection, statement).await;
        connection.close().await.expect("closed");
    }

    /// What somebody else finds in it.
    pub async fn look(&self, statement: &str) -> Vec<PgRow> {
        let mut connection = self.connect().await;
        let found = connection.fetch_all(AssertSqlSafe(statement.to_owned())).await;
        connection.close().await.expect("closed");
        found.expect("rows")
    }

    pub async fn remove(self) {
        let mut connection = Server::shared().connect().await;
        run(
            &mut connection,
            &format!(r#"DROP DATABASE "{}" WITH (FORCE)"#, self.name),
        )
        .await;
        connection.close().await.expect("closed");
    }
}

pub async fn run(connection: &mut PgConnection, statement: &str) {
    let done = connection.execute(AssertSqlSafe(statement.to_owned())).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

fn next_name() -> String {
    static LAST: AtomicU32 = AtomicU32::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    format!("changeover_{}_{number}", std::process::id())
}
