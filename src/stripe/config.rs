//! Where Stripe is, and with which key: checked together before the first request, because a live key must never reach
//! another server, and a sandbox must never be taken for the real thing.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::limits::Rates;

/// The host of the real provider.
const STRIPE_HOST: &str = "api.stripe.com";

/// How to reach the provider of one seller.
#[derive(Clone)]
pub struct StripeConfig {
    /// The address without `/v1`: `https://api.stripe.com`, or that of a sandbox.
    pub address: Url,
    /// The secret or restricted key.
    pub secret_key: SecretString,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long one request may take from its beginning to the last byte of its answer. Stripe ends its own requests after
    /// 80 seconds.
    pub request_timeout: Duration,
    /// The most bytes of an answer that are read.
    pub answer_bytes_max: usize,
    /// How often the account may be asked; as often as one likes where nothing is said.
    pub rates: Option<Rates>,
}

/// Why address and key cannot be used together. No variant repeats the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The key is not one with which a server may act.
    #[error("the provider key must begin with sk_test_, rk_test_, sk_live_ or rk_live_")]
    KeyForm,
    /// Live money only goes to the real provider.
    #[error("a live key is refused for `{host}`: it may only be used with https://{STRIPE_HOST}")]
    LiveKeyElsewhere {
        /// The host that was configured.
        host: String,
    },
    /// The address cannot be used.
    #[error("the provider address must be http:// or https:// with a host, without user, query or fragment")]
    Address,
    /// The real provider is only spoken to through TLS.
    #[error("the provider must be reached through https")]
    PlainText,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl StripeConfig {
    /// With the usual limits. Stripe's own are kept where it is Stripe that is asked; another server has its own.
    pub fn new(address: Url, secret_key: SecretString) -> Self {
        let live = is_live(&secret_key);
        let stripes = address.host_str() == Some(STRIPE_HOST);
        Self {
            rates: stripes.then(|| Rates::documented(live)),
            address,
            secret_key,
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_mins(1),
            answer_bytes_max: 4 * 1024 * 1024,
        }
    }

    /// Asks for other rates than the usual ones: so many reads, and so many other requests, a second. Where only one is
    /// named, the other stays what Stripe documents.
    pub fn limit(&mut self, reads: Option<NonZeroU32>, writes: Option<NonZeroU32>) {
        if reads.is_none() && writes.is_none() {
            return;
        }
        let usual = self.rates.unwrap_or_else(|| Rates::documented(self.is_live()));
        let named = |rate: Option<NonZeroU32>| {
            let rate = rate.unwrap_or(NonZeroU32::MIN);
            Rates::per_second(rate, rate)
        };
        self.rates = Some(Rates {
            reads: reads.map_or(usual.reads, |_| named(reads).reads),
            writes: writes.map_or(usual.writes, |_| named(writes).writes),
            endpoint: reads.map_or(usual.endpoint, |_| named(reads).endpoint),
        });
    }

    /// Whether real money moves.
    pub fn is_live(&self) -> bool {
        is_live(&self.secret_key)
    }

    /// Whether key and address belong together.
    pub fn check(&self) -> Result<(), ConfigError> {
        let key = self.secret_key.expose_secret();
        let is_test = key.starts_with("sk_test_") || key.starts_with("rk_test_");
        let printable = key.bytes().all(|b| b.is_ascii_graphic());
        if !printable || !(is_test || self.is_live()) {
            return Err(ConfigError::KeyForm);
        }
        let Some(host) = self.address.host_str() else {
            return Err(ConfigError::Address);
        };
        let bare = self.address.username().is_empty()
            && self.address.password().is_none()
            && self.address.query().is_none()
            && self.address.fragment().is_none();
        if !bare || !matches!(self.address.scheme(), "http" | "https") {
            return Err(ConfigError::Address);
        }
        let real = host == STRIPE_HOST;
        if real && self.address.scheme() != "https" {
            return Err(ConfigError::PlainText);
        }
        if self.is_live() && !(real && self.address.port().is_none() && self.address.path() == "/") {
            return Err(ConfigError::LiveKeyElsewhere {
                host: host.to_owned(),
            });
        }
        Ok(())
    }
}

/// Whether real money moves under this key.
pub fn is_live(key: &SecretString) -> bool {
    let key = key.expose_secret();
    key.starts_with("sk_live_") || key.starts_with("rk_live_")
}

/// Never shows the key.
impl fmt::Debug for StripeConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeConfig")
            .field("host", &self.address.host_str())
            .field("live", &self.is_live())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, key: &str) -> Result<(), ConfigError> {
        StripeConfig::new(address.parse().expect("an address"), key.to_owned().into()).check()
    }

    #[test]
    fn a_live_key_meets_only_the_real_provider() {
        assert_eq!(check("https://api.stripe.com", "sk_live_1"), Ok(()));
        assert_eq!(check("https://api.stripe.com", "rk_test_1"), Ok(()));
        assert_eq!(check("http://127.0.0.1:4242", "sk_test_1"), Ok(()));
        for elsewhere in [
            "http://127.0.0.1:4242",
            "https://api.stripe.com.evil.example",
            "https://api.stripe.com:8443",
            "https://api.stripe.com/worlds/",
        ] {
            let refused = check(elsewhere, "sk_live_1");
            assert!(
                matches!(refused, Err(ConfigError::LiveKeyElsewhere { .. })),
                "{elsewhere}"
            );
        }
        assert_eq!(
            check("http://api.stripe.com", "sk_live_1"),
            Err(ConfigError::PlainText)
        );
    }

    #[test]
    fn other_keys_and_addresses_are_refused() {
        for key in ["", "pk_test_1", "whsec_1", "sk_test_\n", "sk_sandbox_1"] {
            assert_eq!(
                check("http://127.0.0.1", key),
                Err(ConfigError::KeyForm),
                "{key:?}"
            );
        }
        for address in ["ftp://host", "http://user@host", "http://host/?a=b", "data:text"] {
            assert_eq!(
                check(address, "sk_test_1"),
                Err(ConfigError::Address),
                "{address}"
            );
        }
    }

    #[test]
    fn a_debug_print_shows_no_key() {
        let address = "http://127.0.0.1".parse().expect("an address");
        let config = StripeConfig::new(address, "sk_test_verysecret".to_owned().into());
        assert!(!format!("{config:?}").contains("verysecret"));
    }
}
