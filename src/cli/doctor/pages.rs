//! The hosted pages: whether customers can enter a card on them, and whether mails lead to them.

use super::Findings;
use crate::config::{Config, variable};
use crate::stripe::is_live;

/// Says what can be said without asking anybody. Beside the sandbox everything is there.
pub(super) fn examine(config: &Config) -> Findings {
    let mut found = Findings::of("hosted pages");
    if config.needs_sandbox() {
        return found;
    }
    cards(config, &mut found);
    address(config, &mut found);
    found
}

/// Keys of two modes are refused as configuration, so that nobody gets here with them.
fn cards(config: &Config, found: &mut Findings) {
    for (seller, own) in &config.sellers {
        let Some(secret) = &own.stripe_key else {
            continue;
        };
        if own.publishable_key.is_none() {
            found.warning(
                format!("`{seller}` has no publishable key: no new card can be entered on its hosted pages."),
                format!(
                    "Set {}: it stands beside the secret key in the provider's dashboard.",
                    variable("STRIPE_PUBLISHABLE_KEY", seller)
                ),
            );
            continue;
        }
        let mode = if is_live(secret) { "live" } else { "test" };
        found.ok(format!(
            "Cards of `{seller}` go from the browser to the provider; publishable and secret key are both {mode} keys."
        ));
    }
}

fn address(config: &Config, found: &mut Findings) {
    let pages = config.pages_at();
    let encrypted = pages.starts_with("https://");
    if encrypted {
        found.ok(format!("Mails and backends lead customers to {pages}."));
        return;
    }
    let says = if config.public_url.is_none() {
        format!("CHANGEOVER_PUBLIC_URL is not set: links to the hosted pages lead to {pages}.")
    } else {
        format!("CHANGEOVER_PUBLIC_URL is {pages}, which only this machine reaches.")
    };
    let next = "Set CHANGEOVER_PUBLIC_URL to the https:// address at which customers reach this server.";
    if config.smtp_url.is_some() {
        // Mails with such a link are on their way to customers.
        found.wrong(says, next);
    } else {
        found.warning(says, next);
    }
}
