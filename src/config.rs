//! What the operator decides, read from the environment; every mistake is reported at once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use hyper::Uri;
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::catalog::SellerId;
use crate::hooks::Target;
use crate::telemetry::LogFormat;

/// Everything that can be configured. Secrets never show in its debug form.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the embedded database, the sandbox's file and the mailbox lie.
    pub data: PathBuf,
    /// The folder of workflow files; the ones that the program carries when there is none.
    pub workflows: Option<PathBuf>,
    /// The mail server; the mailbox page when there is none.
    pub smtp_url: Option<SecretString>,
    /// The provider's address, where it is not Stripe's own.
    pub stripe_url: Option<String>,
    /// Whether the sandbox stands in for the provider: nothing here is real then.
    pub sandboxed: bool,
    /// Per seller.
    pub sellers: BTreeMap<SellerId, SellerConfig>,
    /// How logs are written.
    pub log_format: LogFormat,
}

/// What is configured for one seller.
#[derive(Debug, Clone, Default)]
pub struct SellerConfig {
    /// The provider's secret key. Without one for any seller, the sandbox is started.
    pub stripe_key: Option<SecretString>,
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
        "CHANGEOVER_DATA",
        "folder of the embedded database, the sandbox and the mailbox (changeover-data)",
    ),
    (
        "CHANGEOVER_WORKFLOWS",
        "folder of workflow files (the built-in samples)",
    ),
    (
        "CHANGEOVER_LOG",
        "`text` or `json`; what is logged is RUST_LOG's business (text)",
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
        "STRIPE_WEBHOOK_SECRET_<SELLER>",
        "the signing secret of its webhook endpoint; two, with a comma, while rolling",
    ),
    (
        "CHANGEOVER_API_KEY_<SELLER>",
        "a key for the seller's backend, at least 32 characters",
    ),
    (
        "CHANGEOVER_EVENTS_URL_<SELLER>",
        "where its events are pushed (the events feed)",
    ),
    (
        "CHANGEOVER_EVENTS_SECRET_<SELLER>",
        "what signs them, whsec_ and base64",
    ),
];

/// The shortest key that a seller's backend may have: nobody guesses 32 characters.
const API_KEY_MIN: usize = 32;

impl Config {
    /// Reads the configuration for these sellers, or says everything that is wrong with it.
    pub fn read(
        variables: &BTreeMap<String, String>,
        sellers: &[SellerId],
    ) -> Result<Self, Vec<ConfigProblem>> {
        let mut reading = Reading {
            variables,
            problems: Vec::new(),
        };
        reading.unknown_names(sellers);
        let config = Self {
            listen: reading
                .parsed("CHANGEOVER_LISTEN", "an address and port such as 127.0.0.1:8080")
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            data: reading
                .text("CHANGEOVER_DATA")
                .unwrap_or_else(|| "changeover-data".to_owned())
                .into(),
            workflows: reading.text("CHANGEOVER_WORKFLOWS").map(PathBuf::from),
            smtp_url: reading.text("SMTP_URL").map(SecretString::from),
            stripe_url: reading.stripe_url(),
            sandboxed: false,
            sellers: sellers
                .iter()
                .map(|seller| (seller.clone(), reading.seller(seller)))
                .collect(),
            log_format: reading.log_format(),
        };
        reading.keys_fit_the_address(&config);
        if reading.problems.is_empty() {
            Ok(config)
        } else {
            Err(reading.problems)
        }
    }

    /// Whether no provider is configured at all, so that the sandbox stands in.
    pub fn needs_sandbox(&self) -> bool {
        self.stripe_url.is_none() && self.sellers.values().all(|seller| seller.stripe_key.is_none())
    }
}

struct Reading<'a> {
    variables: &'a BTreeMap<String, String>,
    problems: Vec<ConfigProblem>,
}

impl Reading<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.variables
            .get(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    fn wrong(&mut self, name: impl Into<String>, problem: impl Into<String>) {
        self.problems.push(ConfigProblem {
            name: name.into(),
            problem: problem.into(),
        });
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        let text = self.text(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.wrong(name, format!("must be {expected}"));
        }
        value
    }

    fn log_format(&mut self) -> LogFormat {
        match self.text("CHANGEOVER_LOG").as_deref() {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(_) => {
                self.wrong("CHANGEOVER_LOG", "must be `text` or `json`");
                LogFormat::Text
            }
        }
    }

    fn stripe_url(&mut self) -> Option<String> {
        let url: Uri = self.parsed("STRIPE_API_URL", "an address such as http://127.0.0.1:12111")?;
        if !matches!(url.scheme_str(), Some("http" | "https")) || url.host().is_none() {
            self.wrong(
                "STRIPE_API_URL",
                "must begin with http:// or https:// and name a host",
            );
            return None;
        }
        Some(url.to_string())
    }

    fn seller(&mut self, seller: &SellerId) -> SellerConfig {
        let name = |prefix: &str| variable(prefix, seller);
        let api_key = self.text(&name("CHANGEOVER_API_KEY"));
        if api_key.as_ref().is_some_and(|key| key.len() < API_KEY_MIN) {
            self.wrong(
                name("CHANGEOVER_API_KEY"),
                format!("must have at least {API_KEY_MIN} characters"),
            );
        }
        let secrets: Vec<SecretString> = self
            .text(&name("STRIPE_WEBHOOK_SECRET"))
            .map(|all| {
                all.split(',')
                    .map(|one| SecretString::from(one.trim().to_owned()))
                    .collect()
            })
            .unwrap_or_default();
        if secrets.len() > 2
            || secrets
                .iter()
                .any(|secret| !secret.expose_secret().starts_with("whsec_"))
        {
            self.wrong(
                name("STRIPE_WEBHOOK_SECRET"),
                "must be one or two secrets that begin with whsec_",
            );
        }
        let stripe_key = self.text(&name("STRIPE_SECRET_KEY")).map(SecretString::from);
        if stripe_key
            .as_ref()
            .is_some_and(|key| !looks_like_a_key(key.expose_secret()))
        {
            self.wrong(
                name("STRIPE_SECRET_KEY"),
                "must begin with sk_test_, sk_live_, rk_test_ or rk_live_",
            );
        }
        if stripe_key.is_some() && secrets.is_empty() {
            self.wrong(
                name("STRIPE_WEBHOOK_SECRET"),
                "is needed beside the secret key: webhooks are verified",
            );
        }
        SellerConfig {
            stripe_key,
            webhook_secrets: secrets,
            api_key: api_key.map(SecretString::from),
            events: self.events(seller),
        }
    }

    fn events(&mut self, seller: &SellerId) -> Option<Target> {
        let (url_name, secret_name) = (
            variable("CHANGEOVER_EVENTS_URL", seller),
            variable("CHANGEOVER_EVENTS_SECRET", seller),
        );
        let url: Option<Uri> = self.parsed(&url_name, "an address such as https://example.com/events");
        let secret = self.text(&secret_name);
        match (url, secret) {
            (Some(url), Some(secret)) => Some(Target {
                url,
                secret: SecretString::from(secret),
            }),
            (Some(_), None) => {
                self.wrong(secret_name, "is needed beside the address: events are signed");
                None
            }
            (None, Some(_)) => {
                self.wrong(url_name, "is needed beside the secret");
                None
            }
            (None, None) => None,
        }
    }

    /// A live key never goes to an address that is not Stripe's.
    fn keys_fit_the_address(&mut self, config: &Config) {
        let foreign = config
            .stripe_url
            .as_deref()
            .is_some_and(|url| !url.starts_with("https://api.stripe.com"));
        for (seller, own) in &config.sellers {
            let live = own
                .stripe_key
                .as_ref()
                .is_some_and(|key| key.expose_secret().contains("_live_"));
            if live && foreign {
                self.wrong(
                    variable("STRIPE_SECRET_KEY", seller),
                    "is a live key, but STRIPE_API_URL is not Stripe's own address",
                );
            }
        }
    }

    /// A misspelt name would silently do nothing.
    fn unknown_names(&mut self, sellers: &[SellerId]) {
        let mut known = Vec::new();
        for (name, _) in VARIABLES {
            match name.strip_suffix("_<SELLER>") {
                Some(prefix) => known.extend(sellers.iter().map(|seller| variable(prefix, seller))),
                None => known.push((*name).to_owned()),
            }
        }
        let ours = |name: &str| name.starts_with("CHANGEOVER_") && !name.starts_with("CHANGEOVER_TEST_");
        let unknown: Vec<String> = self
            .variables
            .keys()
            .filter(|name| ours(name) && !known.contains(name))
            .cloned()
            .collect();
        for name in unknown {
            let nearest = known
                .iter()
                .min_by_key(|candidate| strsim::levenshtein(candidate, &name));
            let hint = nearest
                .map(|nearest| format!("; did you mean {nearest}?"))
                .unwrap_or_default();
            self.wrong(name, format!("is not a variable that Changeover reads{hint}"));
        }
    }
}

fn looks_like_a_key(key: &str) -> bool {
    ["sk_test_", "sk_live_", "rk_test_", "rk_live_"]
        .iter()
        .any(|prefix| key.starts_with(prefix))
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
    fn no_secret_shows_in_the_debug_form() {
        let config = read(&[
            ("STRIPE_SECRET_KEY_CLINT", "sk_test_veryhidden"),
            ("STRIPE_WEBHOOK_SECRET_CLINT", "whsec_veryhidden"),
            ("SMTP_URL", "smtp://user:veryhidden@mail.example"),
        ])
        .expect("a configuration");
        assert!(!format!("{config:?}").contains("veryhidden"));
    }
}
