//! A PostgreSQL to measure on: databases that are made for one run, and, where no server is given, a server of our own, with its
//! usual settings and with every commit on the disk.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail, ensure};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use url::Url;

use super::{pause, secret};
use crate::bench::stopwatch::Stopwatch;

/// How long a new server may take until it answers.
const START_SECONDS_MAX: u64 = 30;

/// A database for one run.
pub(super) struct Scratch {
    /// Its address.
    pub(super) url: String,
    server: String,
    name: String,
}

impl Scratch {
    pub(super) async fn create(server: &str) -> anyhow::Result<Self> {
        let name = format!("changeover_bench_{}", &secret()[..12]);
        let mut url = Url::parse(server).context("the address of the PostgreSQL server")?;
        url.set_path(&name);
        // The same rules of comparison as the service asks for, whatever the server was made with.
        run(
            server,
            format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"),
        )
        .await?;
        Ok(Self {
            url: url.into(),
            server: server.to_owned(),
            name,
        })
    }

    /// How many bytes it takes.
    pub(super) async fn bytes(&self) -> anyhow::Result<u64> {
        let mut connection = PgConnection::connect(&self.url).await?;
        let bytes: i64 = sqlx::query_scalar("SELECT pg_database_size(current_database())")
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok(u64::try_from(bytes)?)
    }

    /// Removes it, whoever is still connected.
    pub(super) async fn drop(self) -> anyhow::Result<()> {
        run(&self.server, format!("DROP DATABASE {} WITH (FORCE)", self.name)).await
    }
}

async fn run(server: &str, statement: String) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(server)
        .await
        .context("the PostgreSQL server")?;
    sqlx::query(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await?;
    Ok(connection.close().await?)
}

/// The process of the server behind an address, where it runs on this machine.
pub(super) async fn process(server: &str) -> Option<u32> {
    let mut connection = PgConnection::connect(server).await.ok()?;
    let file: String = sqlx::query_scalar("SELECT current_setting('data_directory') || '/postmaster.pid'")
        .fetch_one(&mut connection)
        .await
        .ok()?;
    let said = std::fs::read_to_string(file).ok()?;
    said.lines().next()?.trim().parse().ok()
}

/// A server of our own. Dropping it kills it and removes its files.
pub struct PostgresServer {
    /// Where it is.
    pub url: String,
    child: Child,
    programs: PathBuf,
    owner: Option<(u32, u32)>,
    folder: TempDir,
}

impl PostgresServer {
    /// Starts one from the installed programs, in a new folder inside of this one.
    pub async fn start(inside: &Path) -> anyhow::Result<Self> {
        let programs = programs().context(
            "no PostgreSQL is installed: name a server with --postgres, or measure with --database sqlite",
        )?;
        let owner = owner()?;
        let folder = tempfile::tempdir_in(inside)?;
        let password = secret();
        let file = folder.path().join("password");
        std::fs::write(&file, &password)?;
        if let Some((user, group)) = owner {
            for path in [folder.path(), &file] {
                std::os::unix::fs::chown(path, Some(user), Some(group))?;
            }
        }
        let data = folder.path().join("data");
        let mut made = command(&programs.join("initdb"), owner, folder.path());
        made.args(["-U", "bench", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C"])
            .arg("--pwfile")
            .arg(&file)
            .arg("-D")
            .arg(&data);
        let made = made.output().await?;
        ensure!(
            made.status.success(),
            "initdb failed: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        std::fs::remove_file(file)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut child = command(&programs.join("postgres"), owner, folder.path());
        child.arg("-D").arg(&data).args(["-p", &port.to_string()]).args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "max_connections=200",
            "-c",
            "logging_collector=off",
        ]);
        let child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let server = Self {
            url: format!("postgres://bench:{password}@127.0.0.1:{port}/postgres"),
            child,
            programs,
            owner,
            folder,
        };
        server.until_it_answers().await?;
        Ok(server)
    }

    async fn until_it_answers(&self) -> anyhow::Result<()> {
        let watch = Stopwatch::start();
        loop {
            match PgConnection::connect(&self.url).await {
                Ok(connection) => return Ok(connection.close().await?),
                Err(problem) if watch.elapsed().as_secs() >= START_SECONDS_MAX => {
                    return Err(problem).context("the PostgreSQL server did not start");
                }
                Err(_) => pause(50).await,
            }
        }
    }

    /// Ends it in good order.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let mut stop = command(&self.programs.join("pg_ctl"), self.owner, self.folder.path());
        stop.args(["stop", "-m", "fast", "-D"])
            .arg(self.folder.path().join("data"))
            .stdout(Stdio::null());
        ensure!(
            stop.status().await?.success(),
            "the PostgreSQL server does not end"
        );
        self.child.wait().await?;
        Ok(())
    }
}

fn command(program: &Path, owner: Option<(u32, u32)>, folder: &Path) -> Command {
    let mut command = std::process::Command::new(program);
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command.current_dir(folder).stdin(Stdio::null());
    let mut command = Command::from(command);
    command.kill_on_drop(true);
    command
}

/// Where the programs are: on the path, or where Debian puts them, the newest first.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut installed: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    installed.sort();
    folders.extend(installed.into_iter().rev());
    folders.into_iter().find(|folder| folder.join("initdb").exists())
}

/// PostgreSQL refuses to run as root: then it is run as the user that its package has made, or as nobody.
fn owner() -> anyhow::Result<Option<(u32, u32)>> {
    use std::os::unix::fs::MetadataExt as _;
    if std::fs::metadata("/proc/self").map_or(1, |own| own.uid()) != 0 {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd")?;
    for name in ["postgres", "nobody"] {
        let line = users
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let ids = line.map(|line| {
            line.split(':')
                .skip(1)
                .take(2)
                .map(str::parse)
                .collect::<Result<Vec<u32>, _>>()
        });
        if let Some(Ok(ids)) = ids
            && let [user, group] = ids.as_slice()
        {
            return Ok(Some((*user, *group)));
        }
    }
    bail!("there is no user under whose name PostgreSQL could run")
}
