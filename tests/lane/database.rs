//! A PostgreSQL that can be stopped without warning and started again, and that keeps what it has promised: nothing is spared
//! on its way to the disk.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::support::postgres::{programs, unprivileged};

/// Obeys one word a line, and ends with its standard input. The server must not hold this shell's own input and output open.
const SERVER: &str = r#"
set -e
trap '' INT TERM HUP
folder=$(mktemp -d "${TMPDIR:-/tmp}/changeover-lane.XXXXXX")
trap 'rm -rf "$folder"' EXIT
"$BIN/initdb" -D "$folder/data" -U changeover -A trust -E UTF8 --locale=C >"$folder/log" 2>&1 \
  || { cat "$folder/log" >&2; exit 1; }
cat >>"$folder/data/postgresql.conf" <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 120
fsync = on
synchronous_commit = on
SETTINGS
start() { "$BIN/pg_ctl" -D "$folder/data" -l "$folder/log" -w start </dev/null >/dev/null 2>&1; }
status() { "$BIN/pg_ctl" -D "$folder/data" status >/dev/null 2>&1; }
stop() { "$BIN/pg_ctl" -D "$folder/data" -m immediate -w stop </dev/null >/dev/null 2>&1; }
start || { cat "$folder/log" >&2; exit 1; }
echo "$folder"
while read -r order; do
  case "$order" in
    stop) stop || true ;;
    start) status || start || start ;;
  esac
  echo "$order"
done
stop || true
"#;

pub struct Database {
    _shell: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    /// Orders that were given and not answered yet: somebody who waited for an answer may have gone away.
    given: u32,
    pub address: String,
}

impl Database {
    pub async fn start() -> Self {
        let mut shell = Command::from(unprivileged());
        let mut shell = shell
            .args(["sh", "-c", SERVER])
            .env("BIN", programs())
            // The user that runs the server may not be allowed to look at the folder that the tests run in.
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell for PostgreSQL");
        let orders = shell.stdin.take().expect("its input");
        let mut answers = BufReader::new(shell.stdout.take().expect("its output")).lines();
        let folder = answers.next_line().await.expect("a line");
        let folder = folder.expect("PostgreSQL starts; see above");
        Self {
            _shell: shell,
            orders,
            answers,
            given: 0,
            address: format!("postgres:///postgres?host={folder}&user=changeover"),
        }
    }

    /// Stops it as a power cut would, for as long as `away` takes, and starts it again.
    pub async fn crash(&mut self, away: impl Future<Output = ()>) {
        self.obeys("stop").await;
        away.await;
        self.obeys("start").await;
    }

    /// Makes sure that it runs, whatever was begun with it before.
    pub async fn is_there(&mut self) {
        self.obeys("start").await;
    }

    async fn obeys(&mut self, order: &str) {
        let line = format!("{order}\n");
        self.given += 1;
        self.orders.write_all(line.as_bytes()).await.expect("heard");
        while self.given > 0 {
            let answer = self.answers.next_line().await.expect("an answer");
            assert!(answer.is_some(), "the shell of the database is gone");
            self.given -= 1;
        }
    }
}
