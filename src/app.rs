//! Puts the rooms together: the one place that names everybody.

mod database;
mod operator;
mod webhooks;
mod workflows;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use axum::Router;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use url::Url;

use self::webhooks::StripeWebhooks;
use self::workflows::read_playbook;
use crate::config::{Config, Rehearsal, SellerConfig};
use crate::domain::catalog::{Playbook, SellerId};
use crate::domain::change::{machine_version, rehearse_machine_version};
use crate::engine::{CrashPoints, Engine, NoCrash, Parts, Seller, Sellers};
use crate::hooks::HttpHooks;
use crate::mail::{Mailbox, SmtpMailer};
use crate::ports::hooks::{HookFailure, Hooks as _, OutgoingEvent};
use crate::ports::mail::Mailer;
use crate::ports::store::{ApiKey, Store};
use crate::ports::time::{Clock, Ids};
use crate::stripe::webhook::WebhookSecrets;
use crate::stripe::{Paces, StripeConfig, StripePayments};
use crate::system::{SystemClock, SystemIds};
use crate::web::console::Watched;
use crate::web::sample::Samples;
use crate::web::{KnownKeys, Places, VerifyWebhook, WebParts};

pub use database::{Database, FILE};
pub use operator::FILE as OPERATOR_KEY_FILE;
pub use workflows::{LoadedWorkflow, check_workflow, load_workflows, shipped_workflows};

/// Where Stripe is.
const STRIPE: &str = "https://api.stripe.com";

/// How long one mail may take to be handed over.
const MAIL_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads the environment: workflow files first, because the sellers' names are part of the variables' names.
pub fn configure() -> anyhow::Result<(Config, Vec<LoadedWorkflow>)> {
    let variables: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let folder = variables
        .get("CHANGEOVER_WORKFLOWS")
        .filter(|folder| !folder.is_empty());
    let workflows = load_workflows(folder.map(Path::new))?;
    let sellers: Vec<SellerId> = workflows
        .iter()
        .map(|workflow| workflow.playbook.seller.id.clone())
        .collect();
    match Config::read(&variables, &sellers) {
        Ok(mut config) => {
            let served = served(&mut config, workflows);
            Ok((config, served))
        }
        Err(problems) => {
            let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
            bail!("the configuration has mistakes:\n  {}", all.join("\n  "))
        }
    }
}

/// Of the workflow files that come with the program, those whose seller has a provider, once one has: the others are samples,
/// and stay with the sandbox. Of a folder of one's own, all.
fn served(config: &mut Config, mut workflows: Vec<LoadedWorkflow>) -> Vec<LoadedWorkflow> {
    let connected = config.sellers.values().any(|own| own.stripe_key.is_some());
    if config.workflows.is_none() && connected {
        config.sellers.retain(|_, own| own.stripe_key.is_some());
        let is_connected =
            |workflow: &LoadedWorkflow| config.sellers.contains_key(&workflow.playbook.seller.id);
        workflows.retain(is_connected);
    }
    workflows
}

/// The payment provider of one seller, asked at a pace of its own.
pub fn payments(config: &Config, own: &SellerConfig) -> anyhow::Result<StripePayments> {
    payments_at(config, own, &mut Paces::default())
}

/// The payment provider of one seller; sellers of one account share its pace.
fn payments_at(config: &Config, own: &SellerConfig, paces: &mut Paces) -> anyhow::Result<StripePayments> {
    let key = own.stripe_key.clone().context("no provider key")?;
    let address = Url::parse(config.stripe_url.as_deref().unwrap_or(STRIPE))?;
    let mut stripe = StripeConfig::new(address, key);
    stripe.request_timeout = config.stripe_timeout;
    stripe.limit(own.stripe_rates.0, own.stripe_rates.1);
    let pace = paces.of(&stripe.secret_key, stripe.rates);
    Ok(StripePayments::sharing(&stripe, pace)?)
}

/// What an installation is put together from, besides its configuration: a test hands in its own.
pub struct Surroundings {
    /// Says what time it is; without one the database does, or the machine beside an embedded database.
    pub clock: Option<Arc<dyn Clock>>,
    /// Makes identifiers.
    pub ids: Arc<dyn Ids>,
    /// Where a test makes it crash.
    pub crash_points: Arc<dyn CrashPoints>,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self {
            clock: None,
            ids: Arc::new(SystemIds),
            crash_points: Arc::new(NoCrash),
        }
    }
}

/// An installation, ready to serve.
pub struct App {
    /// The engine.
    pub engine: Engine,
    /// Everything that is served over HTTP.
    pub router: Router,
    /// The customers of the sample products, to be filled in beside a sandbox; elsewhere there are no sample products.
    pub samples: Option<Arc<Samples>>,
    database: Database,
}

impl App {
    /// Opens the store and puts everything together. Nothing runs yet.
    pub async fn build(
        config: &Config,
        workflows: Vec<LoadedWorkflow>,
        surroundings: Surroundings,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&config.data)
            .with_context(|| format!("CHANGEOVER_DATA: {} cannot be made", config.data.display()))?;
        let database = Database::open(config).await?;
        let store = database.store();
        let clock = match surroundings.clock {
            Some(clock) => clock,
            None => database.clock(config.rehearsal.clock_ahead).await?,
        };
        let (now, ids) = (clock.now(), surroundings.ids);
        let mut paces = Paces::default();
        let mut sellers = Vec::new();
        for workflow in workflows {
            sellers.push(seller_of(config, workflow, store.as_ref(), &mut paces, now).await?);
        }
        let operator = operator::key(config, ids.as_ref())?;
        let (mailer, mailbox) = mail(config)?;
        let engine = Engine::new(Parts {
            store,
            sellers: Sellers::new(sellers, read_playbook),
            mailer,
            hooks: Arc::new(hooks(config)?),
            clock,
            owner: ids.new_id(now).to_string(),
            ids: ids.clone(),
            crash_points: surroundings.crash_points,
            pages_at: config.pages_at(),
            bell: crate::engine::Bell::default(),
        });
        let engine = rehearsed(engine, &config.rehearsal)?;
        let samples = config.sandboxed.then(Arc::<Samples>::default);
        let router = crate::web::router(Arc::new(WebParts {
            engine: engine.clone(),
            ids,
            webhooks: Arc::new(webhooks(config)),
            operator: Some(crate::web::hash_of_key(operator.expose_secret())),
            mailbox,
            publishable_keys: publishable_keys(config),
            sandbox: config.stripe_url.as_ref().filter(|_| config.sandboxed).cloned(),
            samples: samples.clone(),
            places: Places::default(),
            known_keys: KnownKeys::default(),
            watched: Watched::default(),
        }));
        Ok(Self {
            engine,
            router,
            samples,
            database,
        })
    }
}

/// A seller as its workflow file and the configuration say; both are kept in the store.
async fn seller_of(
    config: &Config,
    mut workflow: LoadedWorkflow,
    store: &dyn Store,
    paces: &mut Paces,
    now: Timestamp,
) -> anyhow::Result<Seller> {
    lead_back_to_the_sample(config, &mut workflow.playbook);
    let id = workflow.playbook.seller.id.clone();
    let version = workflow.playbook.version.clone();
    store.keep_workflow(&id, &version, &workflow.text, now).await?;
    let own = config.sellers.get(&id).cloned().unwrap_or_default();
    let payments = payments_at(config, &own, paces).with_context(|| format!("seller `{id}`"))?;
    if let Some(key) = &own.api_key {
        let key = ApiKey {
            seller: id,
            hash: crate::web::hash_of_key(key.expose_secret()),
            label: "from the configuration".to_owned(),
            created_at: now,
        };
        store.keep_api_key(key).await?;
    }
    Ok(Seller {
        playbook: Arc::new(workflow.playbook),
        payments: Arc::new(payments),
    })
}

impl App {
    /// `/healthz` and `/readyz` alone: for a process that serves nothing else.
    pub fn health(&self) -> Router {
        crate::web::health(self.engine.clone())
    }

    /// Lets every write that was taken come to its end, and gives the database free.
    pub async fn close(self) {
        drop(self.router);
        self.database.close().await;
    }
}

/// Beside the sandbox a customer may also be led back to the seller's sample product, wherever this server listens.
fn lead_back_to_the_sample(config: &Config, playbook: &mut Playbook) {
    if config.sandboxed {
        let product = crate::web::sample::address(&config.pages_at(), &playbook.seller.id);
        playbook.seller.return_urls.push(product);
    }
}

/// With which keys browsers give cards to the provider. The sandbox takes any.
fn publishable_keys(config: &Config) -> BTreeMap<SellerId, String> {
    let keys = config.sellers.iter().filter_map(|(seller, own)| {
        let played = config.sandboxed.then(|| "pk_test_sandbox".to_owned());
        Some((seller.clone(), own.publishable_key.clone().or(played)?))
    });
    keys.collect()
}

/// What a rehearsal changes about an engine; nothing elsewhere.
fn rehearsed(engine: Engine, rehearsal: &Rehearsal) -> anyhow::Result<Engine> {
    if let Some(version) = rehearsal.machine_version {
        rehearse_machine_version(move || version.get());
        ensure!(
            machine_version() == version.get(),
            "this process is a node of another machine version already"
        );
    }
    Ok(match rehearsal.lease {
        Some(lease) => engine.holding_for(lease),
        None => engine,
    })
}

fn mail(config: &Config) -> anyhow::Result<(Arc<dyn Mailer>, Option<Mailbox>)> {
    if let Some(url) = &config.smtp_url {
        let mailer = SmtpMailer::new(url, MAIL_TIMEOUT).context("SMTP_URL")?;
        return Ok((Arc::new(mailer), None));
    }
    let mailbox = Mailbox::open(config.data.join("mailbox")).context("the mailbox")?;
    Ok((Arc::new(mailbox.clone()), Some(mailbox)))
}

/// Whether the mail server lets us in; nothing where none is configured. No mail is sent.
pub async fn check_mail(config: &Config) -> Option<Result<(), String>> {
    let url = config.smtp_url.as_ref()?;
    let mailer = match SmtpMailer::new(url, MAIL_TIMEOUT) {
        Ok(mailer) => mailer,
        Err(problem) => return Some(Err(problem.to_string())),
    };
    Some(mailer.check().await)
}

/// Pushes an event that means nothing to a seller's receiver, signed as a real one.
pub async fn push_test_event(config: &Config, seller: &SellerId) -> anyhow::Result<Result<(), HookFailure>> {
    let now = SystemClock.now();
    let id = format!("evt_{}", SystemIds.new_id(now).simple());
    let body = serde_json::json!({
        "id": id,
        "type": "changeover.test",
        "timestamp": now,
        "created_at": now,
        "data": { "facts": {} },
    });
    let event = OutgoingEvent {
        id,
        seller: seller.clone(),
        topic: "changeover.test".to_owned(),
        at: now,
        sent_at: now,
        body: serde_json::to_vec(&body)?,
    };
    Ok(hooks(config)?.deliver(&event).await)
}

fn hooks(config: &Config) -> anyhow::Result<HttpHooks> {
    let targets = config
        .sellers
        .iter()
        .filter_map(|(seller, own)| Some((seller.clone(), own.events.clone()?)))
        .collect();
    Ok(HttpHooks::new(targets)?)
}

fn webhooks(config: &Config) -> BTreeMap<SellerId, Arc<dyn VerifyWebhook>> {
    let each = config
        .sellers
        .iter()
        .filter(|(_, own)| !own.webhook_secrets.is_empty());
    each.map(|(seller, own)| {
        let secrets = WebhookSecrets::new(own.webhook_secrets.clone());
        let verifier: Arc<dyn VerifyWebhook> = Arc::new(StripeWebhooks {
            seller: seller.clone(),
            secrets,
        });
        (seller.clone(), verifier)
    })
    .collect()
}
