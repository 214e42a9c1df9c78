//! The set of the demo: a sandbox and a server, each a process of its own, and a customer who already holds a plan.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use jiff::{SignedDuration, Span, ToSpan as _, Zoned};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::Client;
use super::process::{Process, free_address, until_it_answers};
use crate::cli::terminal::{Timeline, Who};
use crate::ports::time::{Clock as _, Ids as _};
use crate::system::{SystemClock, SystemIds};

/// The seller whose story is played.
pub(super) const SELLER: &str = "clint";
const PROVIDER_KEY: &str = "sk_test_demo";
/// What the customer holds before: devices and user seats beyond those that the plan includes.
pub(super) const HELD: (u64, u64) = (3, 5);

/// Everything that is on stage.
pub(super) struct StageSet {
    /// Goes away with everything in it when the demo ends.
    pub(super) folder: TempDir,
    pub(super) sandbox: Process,
    pub(super) server: Option<Process>,
    /// Changeover, as the seller's backend sees it.
    pub(super) api: Client,
    /// The provider, as the seller sees it.
    pub(super) provider: Client,
    /// The provider, as a customer's browser sees it.
    pub(super) browser: Client,
    /// The contract that is changed.
    pub(super) contract: String,
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
            &format!("A Stripe-compatible sandbox listens on {sandbox_at} (process {})", sandbox.id()),
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
            sandbox,
            server: None,
            api: Client::new(format!("http://{server_at}"), api_key),
            browser: provider.with_key("pk_test_demo"),
            provider,
            contract: String::new(),
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
            anyhow::bail!("the catalogue could not be pushed:\n{}", std::fs::read_to_string(log)?);
        }
        timeline.happened(Who::Changeover, "changeover catalog push: products and prices are at the provider");
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
        let subscription = existing_subscription(&self.provider).await?;
        let account = json!({
            "external_id": "padaria-luz",
            "email": "dona@padaria-luz.example",
            "name": "Padaria Luz Ltda",
            "language": "pt-BR",
            "provider_customer": subscription["customer"],
        });
        let account = self.api.command(hyper::Method::POST, "/v1/accounts", "demo-account", &account).await?;
        let adopt = json!({
            "account": account["id"],
            "adopt": { "subscription": subscription["id"], "plan": "growth" },
        });
        let contract = self.api.command(hyper::Method::POST, "/v1/contracts", "demo-contract", &adopt).await?;
        text_of(&contract, "/id")?.clone_into(&mut self.contract);
        let (devices, seats) = HELD;
        timeline.happened(
            Who::Customer,
            &format!("Padaria Luz holds the plan Growth with {devices} more devices and {seats} more user seats"),
        );
        Ok(())
    }

    pub(super) fn log(&self) -> &Path {
        self.folder.path()
    }
}

/// A subscription as a seller already has it before Changeover comes: monthly, in the middle of its period, with a card.
async fn existing_subscription(provider: &Client) -> anyhow::Result<Value> {
    let field = |name: &'static str, value: &str| (name, value.to_owned());
    let customer = provider
        .form("/v1/customers", &[field("email", "dona@padaria-luz.example"), field("name", "Padaria Luz Ltda")])
        .await?;
    let customer = text_of(&customer, "/id")?;
    let card = provider.form("/v1/payment_methods/pm_card_visa/attach", &[field("customer", customer)]).await?;
    let card = text_of(&card, "/id")?;
    let prices = provider.get("/v1/prices?limit=100").await?;
    let (device, seat) = (price(&prices, "growth.device")?, price(&prices, "growth.user-seat")?);
    let (start, anchor) = running_period()?;
    let (devices, seats) = HELD;
    let subscription = provider
        .form(
            "/v1/subscriptions",
            &[
                field("customer", customer),
                field("default_payment_method", card),
                field("items[0][price]", device),
                field("items[0][quantity]", &devices.to_string()),
                field("items[1][price]", seat),
                field("items[1][quantity]", &seats.to_string()),
                field("backdate_start_date", &start.to_string()),
                field("billing_cycle_anchor", &anchor.to_string()),
                field("off_session", "true"),
            ],
        )
        .await?;
    Ok(json!({ "id": subscription["id"], "customer": customer }))
}

/// A month that began twelve days ago, from local midnight to local midnight, in unix seconds.
fn running_period() -> anyhow::Result<(i64, i64)> {
    let today = SystemClock.now().in_tz("America/Sao_Paulo")?.start_of_day()?;
    let start: Zoned = today.checked_sub(12.days())?;
    let month: Span = 1.month();
    let anchor = start.checked_add(month)?;
    Ok((start.timestamp().as_second(), anchor.timestamp().as_second()))
}

fn price<'v>(prices: &'v Value, part: &str) -> anyhow::Result<&'v str> {
    let all = prices["data"].as_array().context("the provider lists no prices")?;
    let found = all.iter().find(|price| {
        let key = price["lookup_key"].as_str().unwrap_or_default();
        key.contains(part) && price["active"] == true
    });
    found.and_then(|price| price["id"].as_str()).with_context(|| format!("no price for {part}"))
}

/// The text at a JSON pointer.
pub(super) fn text_of<'v>(value: &'v Value, pointer: &str) -> anyhow::Result<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).with_context(|| format!("no text at {pointer} in {value}"))
}

/// Waits a moment: for people to read along, and between two looks.
pub(super) async fn pause(millis: i64) {
    let clock = SystemClock;
    clock.wait_until(clock.now() + SignedDuration::from_millis(millis)).await;
}
