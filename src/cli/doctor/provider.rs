//! The provider of one seller: reached, accepted, in step, and with everything that is sold.

use jiff::{SignedDuration, Timestamp};

use super::Findings;
use crate::app::payments;
use crate::config::{Config, SellerConfig, variable};
use crate::domain::catalog::{Playbook, SellerId};
use crate::domain::language::Language;
use crate::ports::time::Clock as _;
use crate::stripe::checkup::{API_VERSION, Endpoint, Reached};
use crate::stripe::{StripePayments, is_live};
use crate::system::SystemClock;

/// Beyond this, the provider's webhooks look too old or too new: their signatures hold for five minutes. Source: Stripe,
/// "Verify webhook signatures".
const SKEW_MAX: SignedDuration = SignedDuration::from_mins(4);

/// From here on somebody should know.
const SKEW_LARGE: SignedDuration = SignedDuration::from_secs(20);

/// Asks the provider of one seller.
pub(super) async fn examine(config: &Config, playbook: &Playbook) -> Findings {
    let mut found = Findings::of("provider");
    let seller = &playbook.seller.id;
    let own = config.sellers.get(seller).cloned().unwrap_or_default();
    if config.needs_sandbox() {
        return found;
    }
    let Some(key) = &own.stripe_key else {
        found.wrong(
            format!("`{seller}` has no provider key."),
            format!("Set {}.", variable("STRIPE_SECRET_KEY", seller)),
        );
        return found;
    };
    let provider = match payments(config, &own) {
        Ok(provider) => provider,
        Err(problem) => {
            found.wrong(
                format!("The provider of `{seller}` cannot be used: {problem:#}."),
                "Correct the key or STRIPE_API_URL.",
            );
            return found;
        }
    };
    let mode = if is_live(key) {
        "live: real money moves"
    } else {
        "test: no real money moves"
    };
    found.ok(format!("The key of `{seller}` fits its address; mode: {mode}."));
    if reached(&provider, seller, &mut found).await {
        prices(&provider, playbook, &mut found).await;
        webhooks(&provider, seller, &own, &mut found).await;
    }
    found
}

/// Whether the provider answers and takes the key; its clock and its version.
async fn reached(provider: &StripePayments, seller: &SellerId, found: &mut Findings) -> bool {
    match provider.reach().await {
        Reached::No(why) => {
            found.wrong(
                format!("The provider of `{seller}` is not reached: {why}."),
                "Check the network, the proxy and STRIPE_API_URL.",
            );
            false
        }
        Reached::Refused(status @ (401 | 403)) => {
            let name = variable("STRIPE_SECRET_KEY", seller);
            found.wrong(
                format!("The provider does not take the key of `{seller}` (HTTP {status})."),
                format!("Check {name}: it may be revoked, expired or too restricted."),
            );
            false
        }
        Reached::Refused(status) => {
            found.warning(
                format!("The provider of `{seller}` answers with HTTP {status}."),
                "Try again in a moment, and look at its status page.",
            );
            false
        }
        Reached::Yes { date, version } => {
            found.ok(format!("The provider of `{seller}` answers, and takes the key."));
            match version {
                Some(version) if version != API_VERSION => found.warning(
                    format!("It answers in API version {version} instead of {API_VERSION}."),
                    "Answers may read differently: use a server that knows this version.",
                ),
                _ => found.ok(format!("It speaks API version {API_VERSION}.")),
            }
            skew(date, found);
            true
        }
    }
}

fn skew(date: Option<Timestamp>, found: &mut Findings) {
    let Some(date) = date else {
        return;
    };
    let skew = SystemClock.now().duration_since(date).abs();
    let says = format!(
        "This machine's clock is {} s away from the provider's.",
        skew.as_secs()
    );
    if skew > SKEW_MAX {
        found.wrong(says, "Set the clock: webhooks are refused as too old otherwise.");
    } else if skew > SKEW_LARGE {
        found.warning(says, "Let a time service keep the clock right.");
    } else {
        found.ok("This machine's clock agrees with the provider's.");
    }
}

async fn prices(provider: &StripePayments, playbook: &Playbook, found: &mut Findings) {
    let seller = &playbook.seller.id;
    let language = playbook.seller.languages.first().copied().unwrap_or(Language::En);
    let push = format!("changeover catalog push {seller}");
    match provider
        .plan_push(&playbook.catalog, playbook.policy.tax_rates(), language)
        .await
    {
        Err(problem) => found.warning(
            format!("What `{seller}` sells could not be compared: {problem}."),
            format!("Try again, or run `{push}`."),
        ),
        Ok(plan) if plan.differs() => found.warning(
            format!("Something at the provider differs from what `{seller}` sells."),
            format!("Run `{push}`: it says what differs and changes nothing."),
        ),
        Ok(plan) if plan.missing() > 0 => found.wrong(
            format!(
                "The provider lacks {} products or prices of `{seller}`.",
                plan.missing()
            ),
            format!("Run `{push} --yes`: until then nothing can be quoted."),
        ),
        Ok(_) => found.ok(format!("The provider has every price of `{seller}`.")),
    }
}

async fn webhooks(provider: &StripePayments, seller: &SellerId, own: &SellerConfig, found: &mut Findings) {
    if own.webhook_secrets.is_empty() {
        found.wrong(
            format!("`{seller}` has no webhook secret."),
            format!("Set {}.", variable("STRIPE_WEBHOOK_SECRET", seller)),
        );
    }
    let path = format!("/webhooks/stripe/{seller}");
    let endpoints = match provider.endpoints().await {
        Ok(endpoints) => endpoints,
        Err(problem) => {
            found.warning(
                format!("Which webhooks the provider sends cannot be read: {problem}."),
                format!("See in its dashboard that one goes to `...{path}`."),
            );
            return;
        }
    };
    let ours: Vec<&Endpoint> = endpoints
        .iter()
        .filter(|endpoint| endpoint.url.ends_with(&path))
        .collect();
    match ours.as_slice() {
        [] => found.warning(
            format!("The provider sends no webhooks to an address that ends with `{path}`."),
            format!("Add an endpoint there, under API version {API_VERSION}: without it everything only takes longer."),
        ),
        [one, more @ ..] => {
            if one.enabled {
                found.ok(format!("The provider sends webhooks of `{seller}`."));
            } else {
                found.warning(
                    format!("The webhooks of `{seller}` are switched off at the provider."),
                    "Switch the endpoint on again.",
                );
            }
            if !more.is_empty() {
                found.warning(
                    format!("{} endpoints send the webhooks of `{seller}`.", ours.len()),
                    "One is enough; each more makes the same work again.",
                );
            }
            match &one.api_version {
                Some(version) if version != API_VERSION => found.warning(
                    format!("Its webhooks are written in API version {version}."),
                    format!("Create the endpoint under {API_VERSION}."),
                ),
                _ => {}
            }
        }
    }
}
