use std::collections::BTreeMap;
use std::num::NonZeroU32;

use hyper::Uri;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Config, ConfigProblem, SellerConfig, VARIABLES, variable};
use crate::domain::catalog::SellerId;
use crate::hooks::Target;
use crate::telemetry::LogFormat;

/// The shortest key that a seller's backend may have: nobody guesses 32 characters.
const API_KEY_MIN: usize = 32;

/// The most requests a second that an account can be said to allow.
const RATE_MAX: u32 = 10_000;

/// The variables, and what was found to be wrong with them so far.
pub(super) struct Reading<'a> {
    variables: &'a BTreeMap<String, String>,
    problems: Vec<ConfigProblem>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(variables: &'a BTreeMap<String, String>) -> Self {
        Self {
            variables,
            problems: Vec::new(),
        }
    }

    /// The configuration, or everything that is wrong with it.
    pub(super) fn finish(self, config: Config) -> Result<Config, Vec<ConfigProblem>> {
        if self.problems.is_empty() {
            Ok(config)
        } else {
            Err(self.problems)
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.variables
            .get(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    pub(super) fn wrong(&mut self, name: impl Into<String>, problem: impl Into<String>) {
        self.problems.push(ConfigProblem {
            name: name.into(),
            problem: problem.into(),
        });
    }

    pub(super) fn parsed<T: std::str::FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        let text = self.text(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.wrong(name, format!("must be {expected}"));
        }
        value
    }

    pub(super) fn log_format(&mut self) -> LogFormat {
        match self.text("CHANGEOVER_LOG").as_deref() {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(_) => {
                self.wrong("CHANGEOVER_LOG", "must be `text` or `json`");
                LogFormat::Text
            }
        }
    }

    pub(super) fn stripe_url(&mut self) -> Option<String> {
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

    /// Cookies hold keys of sessions: outside of this machine they travel encrypted, or not at all.
    pub(super) fn public_url(&mut self) -> Option<String> {
        let name = "CHANGEOVER_PUBLIC_URL";
        let url: Uri = self.parsed(name, "an address such as https://plans.example.com")?;
        let host = url.host().unwrap_or_default();
        let near = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        let fits = match url.scheme_str() {
            Some("https") => !host.is_empty(),
            Some("http") => near,
            _ => false,
        };
        if !fits || !matches!(url.path(), "" | "/") || url.query().is_some() {
            self.wrong(
                name,
                "must begin with https:// (http:// only on this machine) and name a host, without a path",
            );
            return None;
        }
        Some(url.to_string().trim_end_matches('/').to_owned())
    }

    pub(super) fn database_url(&mut self) -> Option<SecretString> {
        let address = self.text("DATABASE_URL")?;
        if !["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| address.starts_with(scheme))
        {
            self.wrong("DATABASE_URL", "must begin with postgres:// or postgresql://");
            return None;
        }
        Some(SecretString::from(address))
    }

    /// A key that requests to us carry.
    pub(super) fn key(&mut self, name: &str) -> Option<SecretString> {
        let key = self.text(name);
        let usable = |key: &String| key.starts_with("cho_") && key.len() >= API_KEY_MIN;
        if key.as_ref().is_some_and(|key| !usable(key)) {
            self.wrong(
                name.to_owned(),
                format!("must begin with cho_ and have at least {API_KEY_MIN} characters"),
            );
        }
        key.map(SecretString::from)
    }

    pub(super) fn seller(&mut self, seller: &SellerId) -> SellerConfig {
        let name = |prefix: &str| variable(prefix, seller);
        let api_key = self.key(&name("CHANGEOVER_API_KEY"));
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
            publishable_key: self.publishable_key(&name("STRIPE_PUBLISHABLE_KEY"), stripe_key.as_ref()),
            stripe_key,
            stripe_rates: (
                self.rate(&name("STRIPE_READS_PER_SECOND")),
                self.rate(&name("STRIPE_WRITES_PER_SECOND")),
            ),
            webhook_secrets: secrets,
            api_key,
            events: self.events(seller),
        }
    }

    /// Its mode must be that of the secret key: a card that is given in one does not exist in the other.
    fn publishable_key(&mut self, name: &str, secret: Option<&SecretString>) -> Option<String> {
        let key = self.text(name)?;
        let mode = ["pk_test_", "pk_live_"]
            .into_iter()
            .find(|mode| key.starts_with(mode));
        let Some(mode) = mode else {
            self.wrong(name, "must begin with pk_test_ or pk_live_");
            return None;
        };
        let live = secret.is_some_and(|secret| secret.expose_secret().contains("_live_"));
        if secret.is_some() && live != (mode == "pk_live_") {
            self.wrong(name, "is not of the mode, test or live, of the secret key");
        }
        Some(key)
    }

    fn rate(&mut self, name: &str) -> Option<NonZeroU32> {
        let rate: Option<NonZeroU32> = self.parsed(name, "a whole number from 1 to 10000");
        if rate.is_some_and(|rate| rate.get() > RATE_MAX) {
            self.wrong(name, format!("must be a whole number from 1 to {RATE_MAX}"));
        }
        rate
    }

    fn events(&mut self, seller: &SellerId) -> Option<Target> {
        let (url_name, secret_name) = (
            variable("CHANGEOVER_EVENTS_URL", seller),
            variable("CHANGEOVER_EVENTS_SECRET", seller),
        );
        let url: Option<Uri> = self.parsed(&url_name, "an address such as https://example.com/events");
        let secrets = self.text(&secret_name).map(|all| {
            let each = all
                .split(',')
                .map(|one| SecretString::from(one.trim().to_owned()));
            each.collect()
        });
        match (url, secrets) {
            (Some(url), Some(secrets)) => Some(Target { url, secrets }),
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
    pub(super) fn keys_fit_the_address(&mut self, config: &Config) {
        let foreign = config.stripe_url.as_deref().is_some_and(|url| !is_stripe(url));
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
    pub(super) fn unknown_names(&mut self, sellers: &[SellerId]) {
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

/// By its host, never by its first letters: `https://api.stripe.com.example` is somebody else.
fn is_stripe(url: &str) -> bool {
    let parsed = url.parse::<Uri>();
    parsed.is_ok_and(|url| url.scheme_str() == Some("https") && url.host() == Some("api.stripe.com"))
}
