//! What can go wrong around an installation: requests that fail, webhooks that do not come, files that were written by others.

use std::time::Duration;

use hyper::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _};

use super::house::House;
use super::http::Answer;
use super::people::{Change, Problem};
use super::provider::Provider;

const SECRET: (&str, &str) = ("authorization", "Bearer sk_test_house");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// How often a stubborn client sends a command: more is a fault.
const TRIES_MAX: usize = 12;

impl Provider {
    /// How often the newest fault rule has struck.
    pub async fn strikes(&self) -> u64 {
        let rules = self.get("/_sandbox/faults").await;
        let newest = rules["data"].as_array().and_then(|rules| rules.last().cloned());
        newest.map_or(0, |rule| rule["hits"].as_u64().expect("a number"))
    }

    /// Makes requests go wrong until it heals.
    pub async fn breaks(&self, method: &str, path: &str, action: &str) {
        self.fault_from(method, path, 1, action).await;
    }

    /// Nothing goes wrong any more.
    pub async fn heals(&self) {
        let answer = self.http.send(Method::DELETE, "/_sandbox/faults", &[], "").await;
        assert_eq!(answer.status, 200);
    }

    /// Something in the seller's dashboard that the provider may refuse.
    pub async fn tries(&self, path: &str, form: &'static str) -> Answer {
        self.http.send(Method::POST, path, &[SECRET, FORM], form).await
    }

    /// The requests that carried this part of a path, oldest first.
    pub async fn requests_to(&self, method: &str, part: &str) -> Vec<Value> {
        let mut all = self.requests().await;
        all.retain(|request| {
            let path = request["path"].as_str().unwrap_or_default();
            request["method"] == method && path.contains(part)
        });
        all
    }
}

impl House {
    /// Sends a command until it is answered, under one key, as a client does whose request got no answer.
    pub async fn insists(&mut self, method: Method, path: &str, body: &Value) -> Result<Value, Problem> {
        let key = self.backend.fresh_key();
        for _ in 0..TRIES_MAX {
            let answer = self.backend.command_under(&key, method.clone(), path, body).await;
            match answer {
                Err(problem) if problem.status >= 500 => {
                    self.settle().await;
                    self.clock.advance(SignedDuration::from_secs(5));
                }
                other => return other,
            }
        }
        panic!("{path} is not answered");
    }

    /// As [`Self::insists`], for a command on a change in its customer's name.
    pub async fn insists_on(
        &mut self,
        change: &Change,
        method: Method,
        verb: &str,
        mut body: Value,
    ) -> Result<Value, Problem> {
        body["actor"] = json!({ "role": change.role, "id": "user-1" });
        let path = format!("/v1/changes/{}/{verb}", change.id);
        self.insists(method, &path, &body).await
    }

    /// Lets the retries, polls and leases of a minute or two come to their turn.
    pub async fn rests(&mut self) {
        self.settle().await;
        for seconds in [1, 2, 7, 20, 65] {
            self.clock.advance(SignedDuration::from_secs(seconds));
            self.settle().await;
        }
    }

    /// From now on the application waits so long for the provider's answers.
    pub async fn has_patience_for(&mut self, time: Duration) {
        self.config.stripe_timeout = time;
        self.die().await;
        self.start().await;
    }

    /// From now on the provider's pages have another address, and every invoice reads differently.
    pub fn sandbox_moves_to(&self, address: &str) {
        self.sandbox.set_base_url(address).expect("an address");
    }

    /// Copies the database while the program is down.
    pub async fn copies_its_database_to(&mut self, to: &std::path::Path) {
        self.die().await;
        self.copies_its_file_to(to);
        self.start().await;
    }

    fn copies_its_file_to(&self, to: &std::path::Path) {
        std::fs::copy(self.folder.path().join("changeover.db"), to).expect("copied");
    }

    /// Keeps a copy of the database as it is now, as a replica does that will fall behind.
    pub async fn copies_its_database(&mut self) {
        self.die().await;
        if let Some(server) = &self.server {
            server.is_copied().await;
        } else {
            self.copies_its_file_to(&self.folder.path().join("changeover.copy"));
        }
        self.start().await;
    }

    /// A fail-over that loses every commit since the copy (F9): the provider, the mailbox and the webhooks know more.
    pub async fn falls_back_to_its_copy(&mut self) {
        self.die().await;
        if let Some(server) = &self.server {
            server.falls_back_to_its_copy().await;
        } else {
            let database = self.folder.path().join("changeover.db");
            for extension in ["db-wal", "db-shm"] {
                let _ = std::fs::remove_file(database.with_extension(extension));
            }
            std::fs::copy(database.with_extension("copy"), &database).expect("a database");
        }
        self.commits_were_lost = true;
        self.start().await;
    }

    /// Writes into the database past the program, while it is down.
    pub async fn tampers(&mut self, statement: &str) {
        self.die().await;
        let options =
            sqlx::sqlite::SqliteConnectOptions::new().filename(self.folder.path().join("changeover.db"));
        let mut connection = options.connect().await.expect("a connection");
        let statement = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()));
        statement.execute(&mut connection).await.expect("written");
        connection.close().await.expect("closed");
        self.start().await;
    }
}
