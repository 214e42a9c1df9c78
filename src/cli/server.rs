//! The running server, and how it is asked.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use hyper::Method;
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use crate::app::OPERATOR_KEY_FILE;
use crate::cli::client::{Client, ClientError};
use crate::ports::time::{Clock as _, Ids as _};
use crate::system::{SystemClock, SystemIds};

const ROOT: &str = "/v1/support";

/// Where a server listens when nothing is configured.
const USUAL: &str = "127.0.0.1:8080";

/// The folder of its data when nothing is configured.
const USUAL_DATA: &str = "changeover-data";

/// Which running server is spoken to, and under which key.
#[derive(Debug, clap::Args)]
pub(super) struct Connection {
    /// The address of the running server; else where it listens by default.
    #[arg(long, global = true, env = "CHANGEOVER_SERVER")]
    server: Option<String>,
    /// The file with the operator's key, where `CHANGEOVER_OPERATOR_KEY` does not hold it; else the one in the data folder.
    #[arg(long, global = true)]
    key_file: Option<PathBuf>,
}

/// A running server, under the operator's key.
pub(super) struct Server {
    client: Client,
}

impl Server {
    /// Finds out where it is and under which key it is asked.
    pub(super) fn find(connection: &Connection) -> anyhow::Result<Self> {
        let address = connection.server.as_deref();
        let key_file = connection.key_file.as_deref();
        let listens = || variable("CHANGEOVER_LISTEN").unwrap_or_else(|| USUAL.to_owned());
        let address = address.map_or_else(|| format!("http://{}", listens()), str::to_owned);
        ensure!(
            address.starts_with("http://"),
            "--server: `{address}` does not begin with http://; reach a server elsewhere through a tunnel"
        );
        let key = match (variable("CHANGEOVER_OPERATOR_KEY"), key_file) {
            (Some(key), None) => key,
            (_, file) => read_key(&file.map_or_else(usual_file, Path::to_path_buf))?,
        };
        Ok(Self {
            client: Client::new(address.trim_end_matches('/'), key),
        })
    }

    /// A page of a list.
    pub(super) async fn list(&self, query: &[(&str, String)]) -> anyhow::Result<Value> {
        self.page("changes", query).await
    }

    /// A page of a list of support's, such as `tickets`.
    pub(super) async fn page(&self, what: &str, query: &[(&str, String)]) -> anyhow::Result<Value> {
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        encoded.extend_pairs(query);
        told(
            self.client
                .get(&format!("{ROOT}/{what}?{}", encoded.finish()))
                .await,
        )
    }

    /// One thing of a list of support's, by its id.
    pub(super) async fn read(&self, what: &str, id: &str) -> anyhow::Result<Value> {
        told(self.client.get(&format!("{ROOT}/{what}/{id}")).await)
    }

    /// Orders something of what was shown, on exactly that version.
    pub(super) async fn order_on(
        &self,
        what: &str,
        shown: &Value,
        verb: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let id = shown["id"].as_str().unwrap_or_default();
        let version = shown["version"].as_u64().unwrap_or_default();
        let key: Uuid = SystemIds.new_id(SystemClock.now());
        let path = format!("{ROOT}/{what}/{id}/{verb}");
        told(
            self.client
                .command_on(&path, &key.to_string(), version, body)
                .await,
        )
    }

    /// Everything about one change, by whatever names it alone.
    pub(super) async fn show(&self, named: &str) -> anyhow::Result<Value> {
        let id = self.id_of(named).await?;
        self.read("changes", &id).await
    }

    async fn id_of(&self, named: &str) -> anyhow::Result<String> {
        let found = self
            .list(&[("find", named.to_owned()), ("limit", "2".to_owned())])
            .await?;
        let found = found["data"].as_array().map_or(&[][..], Vec::as_slice);
        match found {
            [one] => Ok(one["id"].as_str().unwrap_or_default().to_owned()),
            [] => bail!("nothing is named `{named}`"),
            _ => bail!(
                "`{named}` names several changes; list them with `changeover changes list --find {named}`"
            ),
        }
    }

    /// Orders an action on what was shown, or asks what it would do.
    pub(super) async fn act(
        &self,
        shown: &Value,
        action: &str,
        support: &Value,
        dry_run: bool,
    ) -> anyhow::Result<Value> {
        let body = json!({ "support": support, "dry_run": dry_run });
        self.order_on("changes", shown, &format!("actions/{action}"), &body)
            .await
    }

    /// Reads any address.
    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        told(self.client.get(path).await)
    }

    /// Sends something that needs no key.
    pub(super) async fn send(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        told(self.client.ask(path, body).await)
    }

    /// Gives an order that relies on no version, under a fresh key.
    pub(super) async fn order(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let key: Uuid = SystemIds.new_id(SystemClock.now());
        told(
            self.client
                .command(Method::POST, path, &key.to_string(), body)
                .await,
        )
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn usual_file() -> PathBuf {
    let data = variable("CHANGEOVER_DATA").unwrap_or_else(|| USUAL_DATA.to_owned());
    PathBuf::from(data).join(OPERATOR_KEY_FILE)
}

fn read_key(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| {
        format!(
            "{} cannot be read; a server makes it in its data folder, else set CHANGEOVER_OPERATOR_KEY",
            file.display()
        )
    })?;
    Ok(text.trim().to_owned())
}

/// A refusal in the server's own words, with what to do next.
fn told(answer: Result<Value, ClientError>) -> anyhow::Result<Value> {
    match answer {
        Ok(value) => Ok(value),
        Err(ClientError::Refused { status: 401, .. }) => {
            bail!(
                "this is not the operator's key of that server; look into its data folder, or set CHANGEOVER_OPERATOR_KEY"
            )
        }
        Err(ClientError::Refused { problem, .. }) if problem["code"].is_string() => {
            let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
            bail!("{}: {} {}", text("code"), text("detail"), text("next"))
        }
        Err(ClientError::NoAnswer(address)) => {
            bail!("no server answers at {address}; is it running? --server names another")
        }
        Err(other) => Err(other.into()),
    }
}
