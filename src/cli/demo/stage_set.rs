//! The set of the demo: a sandbox and a server, each a process of its own, and a customer who already holds a plan.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use jiff::SignedDuration;
use serde_json::json;
use tempfile::TempDir;

use super::process::{Process, free_address, until_it_answers};
use crate::cli::client::Client;
use crate::cli::sample::{self, PROVIDER_KEY, text_of};
use crate::cli::terminal::{Timeline, Who};
use crate::ports::time::{Clock as _, Ids as _};
use crate::system::{SystemClock, SystemIds};

/// The seller whose story is played.
pub(super) const SELLER: &str = "clint";

/// Everything that is on stage.
pub(super) struct StageSet {
    /// Goes away with everything in it when the demo ends.
    pub(super) folder: TempDir,
    /// Lives on while the server is killed; ends with the set.
    _sandbox: Process,
    pub(super) server: Option<Process>,
    /// Changeover, as the seller's backend sees it.
    pub(super) api: Client,
    /// The provider, as the seller sees it.
    pub(super) provider: Client,
    /// The provider, as a customer's browser sees it.
    pub(super) browser: Client,
    /// The contract that is changed.
    pub(super) contract: String,
    sandbox_address: String,
    variables: BTreeMap<String, String>,
}

impl StageSet {
    pub(super) async fn build(timeline: &Timeline) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("changeover-demo-").tempdir()?;
        let (server_at, sandbox_at) = (free_address()?, free_address()?);
        let secret = || hex::encode(SystemIds.secret());
        let (api_key, webhook_secret) = (format!("cho_{}", secret()), format!("whsec_{}", secret()));
        let webhook = format!("http://{server_at}/webhooks/stripe/{SELLER}");
        let ledger = folder.path().join("sandbox.db");
        let arguments = [
            "sandbox",
            "--listen",
            &sandbox_at.to_string(),
            "--data",
            &ledger.to_string_lossy(),
            "--webhook-url",
            &webhook,
            "--webhook-secret",
            &webhook_secret,
        ];
        let sandbox = Process::start(&arguments, &BTreeMap::new(), &folder.path().join("sandbox.log"))?;
        let provider = Client::new(format!("http://{sandbox_at}"), PROVIDER_KEY);
        until_it_answers(&provider, "/_sandbox/health").await?;
        timeline.happened(
            Who::Provider,
            &format!(
                "A Stripe-compatible sandbox listens on {sandbox_at} (process {})",
                sandbox.id()
            ),
        );
        let variables = BTreeMap::from(
            [
                ("CHANGEOVER_LISTEN", server_at.to_string()),
                ("CHANGEOVER_DATA", folder.path().to_string_lossy().into_owned()),
                ("STRIPE_API_URL", format!("http://{sandbox_at}")),
                ("STRIPE_SECRET_KEY_CLINT", PROVIDER_KEY.to_owned()),
                ("STRIPE_WEBHOOK_SECRET_CLINT", webhook_secret),
                ("CHANGEOVER_API_KEY_CLINT", api_key.clone()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        let mut set = Self {
            folder,
            _sandbox: sandbox,
            server: None,
            api: Client::new(format!("http://{server_at}"), api_key),
            browser: provider.with_key("pk_test_demo"),
            provider,
            contract: String::new(),
            sandbox_address: format!("http://{sandbox_at}"),
            variables,
        };
        set.push_catalog(timeline).await?;
        set.start_server(timeline).await?;
        set.bring_customer(timeline).await?;
        Ok(set)
    }

    /// Makes the seller's products and prices at the provider, with the operator's own command.
    async fn push_catalog(&self, timeline: &Timeline) -> anyhow::Result<()> {
        let log = self.folder.path().join("catalog.log");
        let pushing = Process::start(&["catalog", "push", SELLER, "--yes"], &self.variables, &log)?;
        if !pushing.ended_well().await? {
            anyhow::bail!(
                "the catalogue could not be pushed:\n{}",
                std::fs::read_to_string(log)?
            );
        }
        timeline.happened(
            Who::Changeover,
            "changeover catalog push: products and prices are at the provider",
        );
        Ok(())
    }

    /// Starts the server, for the first time or again on the same data.
    pub(super) async fn start_server(&mut self, timeline: &Timeline) -> anyhow::Result<()> {
        let log = self.folder.path().join("server.log");
        let server = Process::start(&["serve"], &self.variables, &log)?;
        let id = server.id();
        self.server = Some(server);
        if let Err(problem) = until_it_answers(&self.api, "/readyz").await {
            return Err(problem).context(std::fs::read_to_string(log).unwrap_or_default());
        }
        timeline.happened(Who::Changeover, &format!("The server answers (process {id})"));
        Ok(())
    }

    /// A customer who has held the plan for some days: made at the provider, then adopted through the API.
    async fn bring_customer(&mut self, timeline: &Timeline) -> anyhow::Result<()> {
        let customer = sample::existing_customer(&self.sandbox_address).await?;
        let account = json!({
            "external_id": sample::EXTERNAL_ID,
            "email": sample::EMAIL,
            "name": sample::NAME,
            "language": "pt-BR",
            "provider_customer": customer.id,
        });
        let account = self
            .api
            .command(hyper::Method::POST, "/v1/accounts", "demo-account", &account)
            .await?;
        let adopt = json!({
            "account": account["id"],
            "adopt": { "subscription": customer.subscription, "plan": sample::PLAN },
        });
        let contract = self
            .api
            .command(hyper::Method::POST, "/v1/contracts", "demo-contract", &adopt)
            .await?;
        text_of(&contract, "/id")?.clone_into(&mut self.contract);
        let (devices, seats) = sample::HELD;
        timeline.happened(
            Who::Customer,
            &format!(
                "{} holds the plan Growth with {devices} more devices and {seats} more user seats",
                sample::NAME
            ),
        );
        Ok(())
    }

    pub(super) fn log(&self) -> &Path {
        self.folder.path()
    }
}

/// Waits a moment: for people to read along, and between two looks.
pub(super) async fn pause(millis: i64) {
    let clock = SystemClock;
    clock
        .wait_until(clock.now() + SignedDuration::from_millis(millis))
        .await;
}
