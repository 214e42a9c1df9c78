//! What a rehearsal may change about a node, so that what takes a day or a second version of the program elsewhere can be seen
//! in a minute: for tests. Refused wherever money could be real.

use std::num::{NonZeroU8, NonZeroU32};

use hyper::Uri;
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;

use super::Config;
use super::reading::Reading;

/// Pretend to be a node of this machine version.
const MACHINE: &str = "CHANGEOVER_TEST_MACHINE_VERSION";
/// Hold what is claimed for so many seconds.
const LEASE: &str = "CHANGEOVER_TEST_LEASE_SECONDS";
/// Set this node's own clock wrong by so many seconds.
const AHEAD: &str = "CHANGEOVER_TEST_CLOCK_AHEAD_SECONDS";

/// How far a clock can be set wrong: a year, in seconds.
const AHEAD_MAX: i64 = 31_536_000;

/// What is different in a rehearsal. The default changes nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rehearsal {
    /// The machine version that the node pretends to.
    pub machine_version: Option<NonZeroU32>,
    /// How long it holds what it claims.
    pub lease: Option<SignedDuration>,
    /// How far its own clock is ahead of what the machine says.
    pub clock_ahead: SignedDuration,
}

impl Reading<'_> {
    /// Reads what is rehearsed, after everything else: it is refused unless a provider on loopback is used with test keys.
    pub(super) fn rehearsed(&mut self, mut config: Config) -> Config {
        let seconds = |seconds| SignedDuration::from_secs(seconds);
        config.rehearsal = Rehearsal {
            machine_version: self.parsed(MACHINE, "a number from 1 on"),
            lease: self
                .parsed::<NonZeroU8>(LEASE, "a number from 1 to 255")
                .map(|lease| seconds(lease.get().into())),
            clock_ahead: self
                .parsed::<i64>(AHEAD, "a whole number of seconds")
                .map_or(SignedDuration::ZERO, |ahead| {
                    seconds(ahead.clamp(-AHEAD_MAX, AHEAD_MAX))
                }),
        };
        if config.rehearsal != Rehearsal::default() && !is_play(&config) {
            for name in [MACHINE, LEASE, AHEAD] {
                if self.text(name).is_some() {
                    self.wrong(
                        name,
                        "is for tests, and only beside a sandbox on loopback with test keys",
                    );
                }
            }
        }
        config
    }
}

/// Whether no money can be real: the provider is a stand-in on this machine, and every key is a test key.
fn is_play(config: &Config) -> bool {
    let here = |url: &str| {
        let url = url.parse::<Uri>().ok();
        url.and_then(|url| url.host().map(str::to_owned))
            .is_some_and(|host| ["127.0.0.1", "[::1]", "localhost"].contains(&host.as_str()))
    };
    let mut keys = config
        .sellers
        .values()
        .filter_map(|seller| seller.stripe_key.as_ref());
    config.stripe_url.as_deref().is_none_or(here)
        && (config.stripe_url.is_some() || config.needs_sandbox())
        && keys.all(|key| key.expose_secret().contains("_test_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let variables = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::read(&variables, &["clint".parse().expect("a seller")])
            .map_err(|problems| problems.into_iter().map(|problem| problem.name).collect())
    }

    #[test]
    fn a_rehearsal_needs_play_money() {
        let play = [
            ("STRIPE_API_URL", "http://127.0.0.1:12111"),
            ("STRIPE_SECRET_KEY_CLINT", "sk_test_x"),
            ("STRIPE_WEBHOOK_SECRET_CLINT", "whsec_x"),
        ];
        let switches = [(MACHINE, "2"), (LEASE, "5"), (AHEAD, "-86400")];
        let rehearsal = read(&[play.as_slice(), &switches].concat())
            .expect("a configuration")
            .rehearsal;
        assert_eq!(rehearsal.machine_version, NonZeroU32::new(2));
        assert_eq!(rehearsal.lease, Some(SignedDuration::from_secs(5)));
        assert_eq!(rehearsal.clock_ahead, SignedDuration::from_hours(-24));

        let real = [
            ("STRIPE_SECRET_KEY_CLINT", "sk_live_x"),
            ("STRIPE_WEBHOOK_SECRET_CLINT", "whsec_x"),
        ];
        let elsewhere = [
            ("STRIPE_API_URL", "https://api.stripe.com"),
            ("STRIPE_SECRET_KEY_CLINT", "sk_test_x"),
            ("STRIPE_WEBHOOK_SECRET_CLINT", "whsec_x"),
        ];
        for money in [real.as_slice(), &elsewhere] {
            assert!(read(money).is_ok());
            let problems = read(&[money, &switches].concat()).expect_err("refused");
            assert_eq!(problems, [MACHINE, LEASE, AHEAD]);
        }
    }
}
