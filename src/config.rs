//! What the operator decides, read from the environment; every mistake is reported at once.
//!
//! Knows the names of all variables and what they may hold; must never print a secret, nor say what is wrong with one by
//! showing it.

mod reading;
mod rehearsal;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use self::reading::Reading;
pub use self::rehearsal::Rehearsal;
use crate::domain::catalog::SellerId;
use crate::hooks::Target;
use crate::telemetry::LogFormat;

/// Enough for one node; a few nodes together stay below what a server allows by default.
const DATABASE_CONNECTIONS: u32 = 16;

/// The longest that one request to the provider may take: half of a lease.
const STRIPE_TIMEOUT: Duration = Duration::from_secs(30);

/// Everything that can be configured. Secrets never show in its debug form.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Under which address customers reach the hosted pages, without a slash at its end; the one that is listened on when there is none.
    pub public_url: Option<String>,
    /// Where the embedded database, the sandbox's file and the mailbox lie.
    pub data: PathBuf,
    /// The PostgreSQL database; the embedded one when there is none.
    pub database_url: Option<SecretString>,
    /// How many connections to it this process has at most.
    pub database_connections: u32,
    /// The folder of workflow files; the ones that the program carries when there is none.
    pub workflows: Option<PathBuf>,
    /// The mail server; the mailbox page when there is none.
    pub smtp_url: Option<SecretString>,
    /// The operator's key, which opens support's part of the API for all sellers; one in the data folder when none is given.
    pub operator_key: Option<SecretString>,
    /// The provider's address, where it is not Stripe's own.
    pub stripe_url: Option<String>,
    /// How long one request to the provider may take. It has no variable: it must stay below the time that a worker holds a
    /// change, so that a slow call is not made twice at once. Tests shorten it.
    pub stripe_timeout: Duration,
    /// Whether the sandbox stands in for the provider: nothing here is real then.
    pub sandboxed: bool,
    /// Per seller.
    pub sellers: BTreeMap<SellerId, SellerConfig>,
    /// Where measurements are served, on a listener of their own.
    pub metrics_listen: Option<SocketAddr>,
    /// For how long a process that was told to end still takes requests, while it says that it is not ready.
    pub drain_notice: Duration,
    /// What a rehearsal with play money may change; nothing otherwise.
    pub rehearsal: Rehearsal,
    /// How logs are written.
    pub log_format: LogFormat,
}

/// What is configured for one seller.
#[derive(Debug, Clone, Default)]
pub struct SellerConfig {
    /// The provider's secret key. Without one for any seller, the sandbox is started.
    pub stripe_key: Option<SecretString>,
    /// How often the provider may be asked a second: reads, and everything else. What Stripe documents where nothing is said.
    pub stripe_rates: (Option<NonZeroU32>, Option<NonZeroU32>),
    /// The provider's publishable key, with which the customer's browser gives it a card.
    pub publishable_key: Option<String>,
    /// What signs the provider's webhooks; two while one is being replaced.
    pub webhook_secrets: Vec<SecretString>,
    /// A key for the seller's backend.
    pub api_key: Option<SecretString>,
    /// Where events are pushed.
    pub events: Option<Target>,
}

/// One mistake in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct ConfigProblem {
    /// The variable.
    pub name: String,
    /// What is wrong with it, and what would be right. Never its value, when that is a secret.
    pub problem: String,
}

/// The names of all variables, with what they mean: also the help text.
pub const VARIABLES: &[(&str, &str)] = &[
    ("CHANGEOVER_LISTEN", "address to listen on (127.0.0.1:8080)"),
    (
        "CHANGEOVER_PUBLIC_URL",
        "address under which customers reach the hosted pages (http:// and the one that is listened on)",
    ),
    (
        "CHANGEOVER_DATA",
        "folder of the embedded database, the sandbox and the mailbox (changeover-data)",
    ),
    (
        "DATABASE_URL",
        "PostgreSQL database, postgres://user:password@host/name (the embedded one)",
    ),
    (
        "CHANGEOVER_DATABASE_CONNECTIONS",
        "how many connections to it this process has at most (16)",
    ),
    (
        "CHANGEOVER_WORKFLOWS",
        "folder of workflow files (the built-in samples)",
    ),
    (
        "CHANGEOVER_LOG",
        "`text` or `json`; what is logged is RUST_LOG's business (text)",
    ),
    (
        "CHANGEOVER_METRICS_LISTEN",
        "address of `/metrics`; keep it inside (none; beside the sandbox, the address of everything)",
    ),
    (
        "CHANGEOVER_DRAIN_NOTICE",
        "for how many seconds a process that ends still takes requests, while `/readyz` says 503 (0)",
    ),
    ("SMTP_URL", "mail server, smtp:// or smtps:// (the mailbox page)"),
    (
        "STRIPE_API_URL",
        "address of a Stripe-compatible server (Stripe's own)",
    ),
    (
        "STRIPE_SECRET_KEY_<SELLER>",
        "the seller's secret key (the sandbox)",
    ),
    (
        "STRIPE_PUBLISHABLE_KEY_<SELLER>",
        "the seller's publishable key, for cards on the hosted pages (none; beside the sandbox, the sandbox's)",
    ),
    (
        "STRIPE_WEBHOOK_SECRET_<SELLER>",
        "the signing secret of its webhook endpoint; two, with a comma, while rolling",
    ),
    (
        "STRIPE_READS_PER_SECOND_<SELLER>",
        "how often its account may be asked by this process (what Stripe documents)",
    ),
    (
        "STRIPE_WRITES_PER_SECOND_<SELLER>",
        "the same for everything but reads (what Stripe documents)",
    ),
    (
        "CHANGEOVER_API_KEY_<SELLER>",
        "a key for the seller's backend: cho_ and at least 32 characters in all",
    ),
    (
        "CHANGEOVER_OPERATOR_KEY",
        "a key for support on all sellers, as an API key; `operator.key` in the data folder when there is none",
    ),
    (
        "CHANGEOVER_SERVER",
        "for `changeover changes`: the address of the running server (CHANGEOVER_LISTEN)",
    ),
    (
        "CHANGEOVER_SUPPORT_ID",
        "for `changeover changes`: who acts, as an id; never a name or a mail address",
    ),
    (
        "CHANGEOVER_EVENTS_URL_<SELLER>",
        "where its events are pushed (the events feed)",
    ),
    (
        "CHANGEOVER_EVENTS_SECRET_<SELLER>",
        "what signs them, whsec_ and base64; two with a comma between while one is replaced",
    ),
];

impl Config {
    /// Reads the configuration for these sellers, or says everything that is wrong with it.
    pub fn read(
        variables: &BTreeMap<String, String>,
        sellers: &[SellerId],
    ) -> Result<Self, Vec<ConfigProblem>> {
        let mut reading = Reading::of(variables);
        reading.unknown_names(sellers);
        let config = Self {
            listen: reading
                .parsed("CHANGEOVER_LISTEN", "an address and port such as 127.0.0.1:8080")
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url: reading.public_url(),
            data: reading
                .text("CHANGEOVER_DATA")
                .unwrap_or_else(|| "changeover-data".to_owned())
                .into(),
            database_url: reading.database_url(),
            database_connections: reading
                .parsed::<NonZeroU32>("CHANGEOVER_DATABASE_CONNECTIONS", "a number from 1 on")
                .map_or(DATABASE_CONNECTIONS, NonZeroU32::get),
            workflows: reading.text("CHANGEOVER_WORKFLOWS").map(PathBuf::from),
            smtp_url: reading.text("SMTP_URL").map(SecretString::from),
            operator_key: reading.key("CHANGEOVER_OPERATOR_KEY"),
            stripe_url: reading.stripe_url(),
            stripe_timeout: STRIPE_TIMEOUT,
            sandboxed: false,
            sellers: sellers
                .iter()
                .map(|seller| (seller.clone(), reading.seller(seller)))
                .collect(),
            metrics_listen: reading.parsed("CHANGEOVER_METRICS_LISTEN", "an address such as 127.0.0.1:9464"),
            drain_notice: reading
                .parsed("CHANGEOVER_DRAIN_NOTICE", "a whole number of seconds")
                .map_or(Duration::ZERO, |seconds: u8| Duration::from_secs(seconds.into())),
            rehearsal: Rehearsal::default(),
            log_format: reading.log_format(),
        };
        let config = reading.rehearsed(config);
        reading.keys_fit_the_address(&config);
        reading.finish(config)
    }

    /// Under which address customers reach the hosted pages, without a slash at its end.
    pub fn pages_at(&self) -> String {
        let own = || format!("http://{}", self.listen);
        self.public_url.clone().unwrap_or_else(own)
    }

    /// Whether no provider is configured at all, so that the sandbox stands in.
    pub fn needs_sandbox(&self) -> bool {
        self.stripe_url.is_none() && self.sellers.values().all(|seller| seller.stripe_key.is_none())
    }
}

/// The variable of one seller: `STRIPE_SECRET_KEY_CLINT`.
pub fn variable(prefix: &str, seller: &SellerId) -> String {
    format!(
        "{prefix}_{}",
        seller.as_str().to_ascii_uppercase().replace('-', "_")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, Vec<ConfigProblem>> {
        let variables = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::read(&variables, &["clint".parse().expect("a seller")])
    }

    fn names(problems: &[ConfigProblem]) -> Vec<&str> {
        problems.iter().map(|problem| problem.name.as_str()).collect()
    }

    #[test]
    fn nothing_configured_means_loopback_and_the_sandbox() {
        let config = read(&[]).expect("a configuration");
        assert!(config.listen.ip().is_loopback());
        assert!(config.needs_sandbox());
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let problems = read(&[
            ("CHANGEOVER_LISTEN", "here"),
            ("STRIPE_API_URL", "ftp://example.com"),
            ("STRIPE_SECRET_KEY_CLINT", "pk_test_x"),
            ("CHANGEOVER_API_KEY_CLINT", "short"),
            ("CHANGEOVER_LISTNE", "127.0.0.1:1"),
        ])
        .expect_err("mistakes");
        assert_eq!(
            names(&problems),
            [
                "CHANGEOVER_LISTNE",
                "CHANGEOVER_LISTEN",
                "STRIPE_API_URL",
                "CHANGEOVER_API_KEY_CLINT",
                "STRIPE_SECRET_KEY_CLINT",
                "STRIPE_WEBHOOK_SECRET_CLINT",
            ]
        );
        assert!(
            problems[0].problem.contains("CHANGEOVER_LISTEN"),
            "{}",
            problems[0]
        );
    }

    #[test]
    fn a_live_key_never_goes_to_a_foreign_address() {
        let problems = read(&[
            ("STRIPE_API_URL", "http://127.0.0.1:12111"),
            ("STRIPE_SECRET_KEY_CLINT", "sk_live_abc"),
            ("STRIPE_WEBHOOK_SECRET_CLINT", "whsec_abc"),
        ])
        .expect_err("a live key");
        assert_eq!(names(&problems), ["STRIPE_SECRET_KEY_CLINT"]);
    }

    #[test]
    fn an_address_that_only_begins_like_stripes_is_foreign() {
        for foreign in [
            "https://api.stripe.com.example",
            "https://api.stripe.com@example.com",
            "http://api.stripe.com",
        ] {
            let problems = read(&[
                ("STRIPE_API_URL", foreign),
                ("STRIPE_SECRET_KEY_CLINT", "sk_live_abc"),
                ("STRIPE_WEBHOOK_SECRET_CLINT", "whsec_abc"),
            ])
            .expect_err("a live key");
            assert_eq!(names(&problems), ["STRIPE_SECRET_KEY_CLINT"], "{foreign}");
        }
    }

    #[test]
    fn a_key_that_no_request_could_carry_is_refused() {
        let long = "x".repeat(40);
        let problems = read(&[("CHANGEOVER_API_KEY_CLINT", long.as_str())]).expect_err("no prefix");
        assert_eq!(names(&problems), ["CHANGEOVER_API_KEY_CLINT"]);
        let right = format!("cho_{long}");
        assert!(read(&[("CHANGEOVER_API_KEY_CLINT", right.as_str())]).is_ok());
    }

    #[test]
    fn rates_are_whole_numbers_within_reason() {
        let config = read(&[("STRIPE_READS_PER_SECOND_CLINT", "80")]).expect("a configuration");
        let own = config.sellers.values().next().expect("a seller");
        assert_eq!(own.stripe_rates, (NonZeroU32::new(80), None));
        for wrong in ["0", "-1", "1.5", "many", "10001"] {
            let problems = read(&[("STRIPE_WRITES_PER_SECOND_CLINT", wrong)]).expect_err("a mistake");
            assert_eq!(names(&problems), ["STRIPE_WRITES_PER_SECOND_CLINT"], "{wrong}");
        }
    }

    #[test]
    fn a_database_is_named_by_the_address_of_a_postgresql() {
        for wrong in [
            "mysql://root:veryhidden@db/changeover",
            "changeover.db",
            "postgres:/db",
        ] {
            let problems = read(&[("DATABASE_URL", wrong)]).expect_err(wrong);
            assert_eq!(names(&problems), ["DATABASE_URL"], "{wrong}");
            assert!(!problems[0].problem.contains("veryhidden"), "{}", problems[0]);
        }
        let config = read(&[("DATABASE_URL", "postgresql://db/changeover")]).expect("a configuration");
        assert!(config.database_url.is_some());
        let problems = read(&[("CHANGEOVER_DATABASE_CONNECTIONS", "0")]).expect_err("no connections");
        assert_eq!(names(&problems), ["CHANGEOVER_DATABASE_CONNECTIONS"]);
    }

    #[test]
    fn no_secret_shows_in_the_debug_form() {
        let config = read(&[
            ("CHANGEOVER_OPERATOR_KEY", "cho_veryhidden_veryhidden_veryhidden"),
            ("STRIPE_SECRET_KEY_CLINT", "sk_test_veryhidden"),
            ("STRIPE_WEBHOOK_SECRET_CLINT", "whsec_veryhidden"),
            ("SMTP_URL", "smtp://user:veryhidden@mail.example"),
            ("DATABASE_URL", "postgres://user:veryhidden@db.example/changeover"),
        ])
        .expect("a configuration");
        assert!(!format!("{config:?}").contains("veryhidden"));
    }
}
