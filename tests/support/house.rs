use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use changeover::app::{App, FILE, LoadedWorkflow, Surroundings, load_workflows};
use changeover::config::Config;
use changeover::engine::{CrashPoint, Engine, EngineError};
use changeover::mail::{Mailbox, StoredMail};
use changeover::ports::time::{Clock as _, Ids};
use changeover::sandbox::{Options, Sandbox};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use uuid::Uuid;

use super::clock::TestClock;
use super::crashing::CrashAt;
use super::gateway::Gateway;
use super::outages::CrashInACall;
use super::people::Backend;
use super::postgres;
use super::proof;
use super::provider::Provider;
use super::version::Rehearsal;

/// The usual present of tests: a Wednesday noon in São Paulo, in the middle of a month.
const NOW: &str = "2026-03-18T15:00:00Z";
const API_KEY: &str = "cho_test_key_of_the_sellers_backend_0001";
/// The key of a second seller, which is served once its workflow file is deployed.
const OTHER_API_KEY: &str = "cho_test_key_of_another_sellers_backend_0002";
/// The key of the installation's operator.
pub const OPERATOR_KEY: &str = "cho_test_key_of_the_operator_0000000003";
pub const WEBHOOK_SECRET: &str = "whsec_test";
/// The second seller's.
pub const OTHER_WEBHOOK_SECRET: &str = "whsec_other";
/// More rounds than any journey takes until nothing is due: a loop that never ends is a fault.
const ROUNDS_MAX: usize = 500;

/// A whole installation. Dropping it without [`House::close`] is allowed only while a test is failing.
pub struct House {
    pub(super) folder: TempDir,
    /// Whose shipped workflow file is served; the others are left out, so that a test does not wait for their prices.
    seller: &'static str,
    pub clock: TestClock,
    pub(super) sandbox: Sandbox,
    pub provider: Provider,
    pub(super) gateway: Gateway,
    pub backend: Backend,
    ids: Arc<TestIds>,
    pub(super) crash: Arc<CrashAt>,
    pub(super) config: Config,
    /// The database of the installation where it is not a file.
    pub(super) server: Option<postgres::Fresh>,
    /// What may crash the server, and how often the store may still fail because of it.
    pub(super) crash_in_a_call: Option<CrashInACall>,
    pub(super) failures_forgiven: usize,
    app: Option<App>,
    pub(super) commits_were_lost: bool,
    closed: bool,
    _rehearsal: Rehearsal,
}

/// What an installation keeps everything in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

impl House {
    pub async fn open() -> Self {
        Self::open_at(NOW).await
    }

    /// The house of another seller than Clint.
    pub async fn of(seller: &'static str) -> Self {
        Self::furnished(NOW, None, seller).await
    }

    /// The same, on this database.
    pub async fn of_on(seller: &'static str, database: Database) -> Self {
        let server = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(postgres::Fresh::migrated().await),
        };
        Self::furnished(NOW, server, seller).await
    }

    /// The same, at this instant.
    pub async fn open_at(now: &str) -> Self {
        Self::open_on_at(Database::Sqlite, now).await
    }

    /// The same, on this database.
    pub async fn open_on(database: Database) -> Self {
        Self::open_on_at(database, NOW).await
    }

    /// The same, on this database, at this instant.
    pub async fn open_on_at(database: Database, now: &str) -> Self {
        let server = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(postgres::Fresh::migrated().await),
        };
        Self::furnished(now, server, "clint").await
    }

    /// The same, on a PostgreSQL server that serves nobody else and can be crashed.
    pub async fn open_on_a_server_of_its_own() -> Self {
        Self::furnished(
            NOW,
            Some(postgres::Fresh::on_a_server_of_its_own().await),
            "clint",
        )
        .await
    }

    async fn furnished(now: &str, server: Option<postgres::Fresh>, seller: &'static str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = TestClock::at(now);
        let gateway = Gateway::open().await;
        let sandbox_clock = clock.clone();
        let mut options = Options::in_memory(Arc::new(move || sandbox_clock.now().as_second()));
        options.webhooks.push(changeover::sandbox::Webhook {
            url: format!("http://{}/webhooks/stripe/{seller}", gateway.address),
            secret: WEBHOOK_SECRET.to_owned(),
        });
        let sandbox = Sandbox::open(&options).await.expect("a sandbox");
        let provider = Provider::serve(&sandbox).await;
        let mut config = configuration(&folder, &provider, seller);
        config.database_url = server.as_ref().map(postgres::Fresh::address);
        let mut house = Self {
            backend: Backend::new(gateway.address, API_KEY),
            seller,
            folder,
            clock,
            sandbox,
            provider,
            gateway,
            ids: Arc::default(),
            crash: Arc::default(),
            config,
            server,
            crash_in_a_call: None,
            failures_forgiven: 0,
            app: None,
            commits_were_lost: false,
            closed: false,
            _rehearsal: Rehearsal::default(),
        };
        house.push_catalog().await;
        house.start().await;
        house
    }

    /// The workflow files that were deployed last; until then the shipped ones.
    fn workflows(&self) -> Vec<LoadedWorkflow> {
        let deployed = Some(self.deployed()).filter(|folder| folder.exists());
        let mut workflows = load_workflows(deployed.as_deref()).expect("workflow files that can be served");
        let is_own = |workflow: &LoadedWorkflow| workflow.playbook.seller.id.as_str() == self.seller;
        workflows.retain(|workflow| deployed.is_some() || is_own(workflow));
        workflows
    }

    fn deployed(&self) -> PathBuf {
        self.folder.path().join("workflows")
    }

    /// Deploys these workflow files, and starts anew with them. Their prices are not pushed to the provider.
    pub async fn deploy(&mut self, files: &[(&str, &str)]) {
        let folder = self.deployed();
        std::fs::create_dir_all(&folder).expect("a folder");
        for (name, text) in files {
            std::fs::write(folder.join(name), text).expect("a written file");
        }
        self.die().await;
        self.start().await;
    }

    /// The backend of the seller `outra`, once its workflow file is deployed.
    pub fn backend_of_another_seller(&self) -> Backend {
        Backend::new(self.gateway.address, OTHER_API_KEY)
    }

    /// Somebody with another key.
    pub(super) fn backend_with(&self, key: &str) -> Backend {
        Backend::new(self.gateway.address, key)
    }

    /// Brings the prices of the deployed workflow files to the provider.
    pub async fn push_catalog(&self) {
        for workflow in self.workflows() {
            let own = &self.config.sellers[&workflow.playbook.seller.id];
            let payments = changeover::app::payments(&self.config, own).expect("a provider");
            let language = workflow.playbook.seller.languages[0];
            let plan = payments
                .plan_push(
                    &workflow.playbook.catalog,
                    workflow.playbook.policy.tax_rates(),
                    language,
                )
                .await
                .expect("a plan");
            payments.push(&plan).await.expect("a catalogue at the provider");
        }
    }

    /// The application, put together anew on the same data.
    pub(super) async fn build(&self) -> App {
        let surroundings = Surroundings {
            clock: Some(Arc::new(self.clock.clone())),
            ids: self.ids.clone(),
            crash_points: self.crash.clone(),
        };
        App::build(&self.config, self.workflows(), surroundings)
            .await
            .expect("an application")
    }

    /// Starts the application, for the first time or after a crash.
    pub async fn start(&mut self) {
        let app = self.build().await;
        self.gateway.put(Some(app.router.clone()));
        self.app = Some(app);
    }

    /// The application dies: nothing of it is left but its files.
    pub async fn die(&mut self) {
        self.gateway.put(None);
        if let Some(app) = self.app.take() {
            app.close().await;
        }
    }

    pub fn engine(&self) -> &Engine {
        &self.app.as_ref().expect("a running application").engine
    }

    /// Lets the application die at this point, when it is reached for the nth time from now on.
    pub fn crash_at(&self, point: CrashPoint, nth: u64) {
        self.crash.arm(point, nth);
    }

    /// Works until nothing is due at this instant: the application, its outbox, the sandbox and its webhooks. When the
    /// application crashes on the way, it is started again.
    pub async fn settle(&mut self) {
        for _ in 0..ROUNDS_MAX {
            // A crash while a request was answered: the client saw a broken answer, the process is gone.
            if self.crash.take() {
                self.die().await;
                self.start().await;
            }
            let worked = self.round().await;
            let delivered = self.sandbox.tick().await.expect("a working sandbox");
            if worked == 0 && delivered == 0 {
                return;
            }
        }
        panic!("the house does not settle");
    }

    pub async fn round(&mut self) -> usize {
        let engine = self.engine().clone();
        let worked = engine.work_once().await;
        let sent = match &worked {
            Ok(_) => engine.send_once().await,
            Err(_) => Ok(0),
        };
        drop(engine);
        match (worked, sent) {
            (Ok(worked), Ok(sent)) => worked + sent,
            // The next round begins with the restart.
            (Err(EngineError::Crashed(_)), _) | (_, Err(EngineError::Crashed(_))) => 1,
            (Err(EngineError::Store(_)), _) | (_, Err(EngineError::Store(_)))
                if self.failures_forgiven > 0 =>
            {
                self.recovers().await;
                1
            }
            (Err(problem), _) | (_, Err(problem)) => panic!("the engine failed: {problem}"),
        }
    }

    /// Lets time pass, settling on the way at most every ten minutes of it.
    pub async fn pass(&mut self, time: SignedDuration) {
        let until = self.clock.now().checked_add(time).expect("an instant");
        let step = SignedDuration::from_mins(10).max(time / 200);
        while self.clock.now() < until {
            let next: Timestamp = self.clock.now().checked_add(step).expect("an instant").min(until);
            self.clock.move_to(next);
            self.settle().await;
        }
    }

    /// The mails that have arrived, oldest first.
    pub async fn mails(&self) -> Vec<StoredMail> {
        let mailbox = Mailbox::open(self.folder.path().join("mailbox")).expect("a mailbox");
        let mut mails = mailbox.list(200).await.expect("mails");
        mails.reverse();
        mails
    }

    /// Ends the test: whatever is still due, unfinished or broken fails it.
    pub async fn close(mut self) {
        self.settle().await;
        assert!(!self.crash.armed(), "the crash point was never reached");
        self.die().await;
        self.provider
            .assert_every_request_fitted(self.commits_were_lost)
            .await;
        let file = self.folder.path().join(FILE);
        let database = changeover::app::Database::read(self.config.database_url.as_ref(), &file).await;
        let database = database.expect("a database");
        let store = database.store();
        changeover::cli::journal::verify(store.as_ref(), None)
            .await
            .expect("an intact journal");
        let mails = self.mails().await;
        proof::prove(
            store.as_ref(),
            &self.provider,
            &mails,
            // What was sent in a life that was lost is sent again, under the same name.
            self.crash.may_repeat_a_mail() || self.commits_were_lost,
            self.commits_were_lost,
        )
        .await;
        database.close().await;
        if let Some(server) = self.server.take() {
            server.remove().await;
        }
        self.closed = true;
    }
}

impl Drop for House {
    fn drop(&mut self) {
        assert!(
            self.closed || std::thread::panicking(),
            "a house was not closed: end the test with `house.close()`"
        );
    }
}

fn configuration(folder: &TempDir, provider: &Provider, seller: &str) -> Config {
    let own = |prefix: &str| format!("{prefix}_{}", seller.to_uppercase());
    let variables: BTreeMap<String, String> = [
        ("CHANGEOVER_DATA", folder.path().to_string_lossy().into_owned()),
        ("STRIPE_API_URL", provider.address()),
        (&own("STRIPE_SECRET_KEY"), "sk_test_house".to_owned()),
        (&own("STRIPE_WEBHOOK_SECRET"), WEBHOOK_SECRET.to_owned()),
        (&own("CHANGEOVER_API_KEY"), API_KEY.to_owned()),
        ("CHANGEOVER_OPERATOR_KEY", OPERATOR_KEY.to_owned()),
        ("STRIPE_SECRET_KEY_OUTRA", "sk_test_house".to_owned()),
        ("STRIPE_WEBHOOK_SECRET_OUTRA", OTHER_WEBHOOK_SECRET.to_owned()),
        ("CHANGEOVER_API_KEY_OUTRA", OTHER_API_KEY.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let sellers = [seller, "outra"].map(|seller| seller.parse().expect("a seller"));
    Config::read(&variables, &sellers).expect("a configuration")
}

/// Ids in the order of their making, the same in every run. They go on over crashes, as chance would.
#[derive(Debug, Default)]
struct TestIds {
    made: AtomicU64,
}

impl TestIds {
    fn next(&self) -> [u8; 32] {
        let nth = self.made.fetch_add(1, Ordering::SeqCst);
        Sha256::digest(nth.to_be_bytes()).into()
    }
}

impl Ids for TestIds {
    fn new_id(&self, now: Timestamp) -> Uuid {
        let random = self.next();
        let millis = u64::try_from(now.as_millisecond()).expect("after 1970");
        let mut tail = [0; 10];
        tail.copy_from_slice(&random[..10]);
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        self.next()
    }
}
