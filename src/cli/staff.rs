//! `changeover staff`: who works at the support console. Acts through the API of the running server, under the operator's key.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use anyhow::ensure;
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::server::{Connection, Server};
use super::terminal::print;
use super::words::{clock, entries, table, text};

/// Who works at the support console, through the running server.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add somebody. The password is read from the terminal, or from standard input.
    Add {
        /// The name that they sign in with. It stays in histories for good: no real name.
        login: String,
        /// What they may do.
        #[arg(long)]
        role: Role,
        /// The one seller whose customers they see; those of all where none is named.
        #[arg(long)]
        seller: Option<String>,
    },
    /// Give somebody another password, read in the same way. Whoever is signed in under the name is signed out.
    Password {
        /// Their name.
        login: String,
    },
    /// List everybody.
    List {
        /// Print the server's answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Keep somebody from signing in, and sign them out.
    Disable {
        /// Their name.
        login: String,
    },
}

/// What somebody may do at the console.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    /// Reads, and acts on changes.
    Agent,
    /// The same; adds and disables people, and erases people's data.
    Lead,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Lead => "lead",
        }
    }
}

/// Does one command; `false` when it ran and found something wrong.
pub(super) async fn obey(arguments: Arguments) -> anyhow::Result<bool> {
    let server = Server::find(&arguments.connection)?;
    match arguments.verb {
        Verb::Add { login, role, seller } => {
            let password = new_password()?;
            let body =
                json!({ "login": login, "role": role.as_str(), "seller": seller, "password": password });
            server.send("/v1/staff", &body).await?;
            print(&format!("{login} can sign in at /console.\n"));
        }
        Verb::Password { login } => {
            let body = json!({ "password": new_password()? });
            server.send(&format!("/v1/staff/{login}"), &body).await?;
            print(&format!("{login} signs in with the new password from now on.\n"));
        }
        Verb::Disable { login } => {
            let body = json!({ "disabled": true });
            server.send(&format!("/v1/staff/{login}"), &body).await?;
            print(&format!("{login} cannot sign in any more.\n"));
        }
        Verb::List { json } => {
            let all = server.get("/v1/staff").await?;
            print(&if json { format!("{all:#}\n") } else { told(&all) });
        }
    }
    Ok(true)
}

fn told(all: &Value) -> String {
    let people = entries(all, "data");
    if people.is_empty() {
        return "Nobody works at the console. Add somebody with `changeover staff add`.\n".to_owned();
    }
    let mut table = table(&["name", "role", "sees", "added", "by", "disabled"]);
    for person in people {
        let or = |name: &str, otherwise: &str| match text(person, name) {
            "" => otherwise.to_owned(),
            said => said.to_owned(),
        };
        table.add_row(vec![
            or("login", ""),
            or("role", ""),
            or("seller", "all sellers"),
            clock(text(person, "created_at")),
            or("added_by", ""),
            clock(text(person, "disabled_at")),
        ]);
    }
    format!("{table}\n")
}

/// A password: typed twice and not shown where there is a terminal, else the first line of standard input. Never an argument, which
/// others on the machine could read.
fn new_password() -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        return line();
    }
    let first = asked("Password: ")?;
    let again = asked("Once more: ")?;
    ensure!(first == again, "the two are not the same; nothing was done");
    Ok(first)
}

fn asked(question: &str) -> anyhow::Result<String> {
    let mut out = anstream::stderr().lock();
    write!(out, "{question}")?;
    out.flush()?;
    let answer = hidden(line);
    writeln!(out)?;
    answer
}

fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Reads while the terminal shows nothing of what is typed.
#[cfg(unix)]
fn hidden<T>(read: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

    let terminal = std::io::stdin();
    let before = tcgetattr(&terminal)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
    let answer = read();
    tcsetattr(&terminal, OptionalActions::Flush, &before)?;
    answer
}

/// Where a terminal cannot be told to be silent, it is not.
#[cfg(not(unix))]
fn hidden<T>(read: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    read()
}
