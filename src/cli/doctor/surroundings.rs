//! The configuration itself, the workflow files, and the addresses on which a server would listen.

use std::net::{Ipv4Addr, SocketAddr};

use super::Findings;
use crate::app::LoadedWorkflow;
use crate::cli::client::{Client, ClientError};
use crate::config::{Config, variable};

/// Everything that can be said without asking anybody else.
pub(super) async fn configuration(config: &Config, workflows: &[LoadedWorkflow]) -> Findings {
    let mut found = Findings::of("configuration");
    for workflow in workflows {
        let book = &workflow.playbook;
        found.ok(format!(
            "The workflow file of `{}` holds: {} plans, {} prices.",
            book.seller.id,
            book.catalog.plans.len(),
            book.catalog.all_prices().len(),
        ));
    }
    if config.needs_sandbox() {
        found.ok("No provider key is set: `serve` brings the sandbox, and nothing is real.");
    } else {
        keys(config, &mut found);
    }
    if config.smtp_url.is_none() && !config.listen.ip().is_loopback() {
        found.warning(
            format!(
                "Mails land in the mailbox page, which everybody sees who reaches {}.",
                config.listen
            ),
            "Set SMTP_URL, or listen on loopback.",
        );
    }
    if let Some(address) = config
        .metrics_listen
        .filter(|address| !address.ip().is_loopback())
    {
        found.warning(
            format!("Measurements are served on {address}, to everybody who reaches it."),
            "Keep that address inside: it tells how much business there is.",
        );
    }
    server(config, &mut found).await;
    found
}

fn keys(config: &Config, found: &mut Findings) {
    for (seller, own) in &config.sellers {
        if own.stripe_key.is_some() && own.api_key.is_none() {
            found.warning(
                format!("`{seller}` has no API key in the configuration."),
                format!(
                    "Set {}, unless its backend has a key already.",
                    variable("CHANGEOVER_API_KEY", seller)
                ),
            );
        }
        match own.webhook_secrets.len() {
            0 => {}
            1 => found.ok(format!("The webhook secret of `{seller}` is set.")),
            _ => found.warning(
                format!("`{seller}` has two webhook secrets: one is being replaced."),
                "Remove the old one a day after the roll.",
            ),
        }
    }
}

/// Whether a server answers where one would listen.
async fn server(config: &Config, found: &mut Findings) {
    let mut address = config.listen;
    if address.port() == 0 {
        return;
    }
    if address.ip().is_unspecified() {
        address = SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()));
    }
    let client = Client::new(format!("http://{address}"), "");
    match client.get("/readyz").await {
        Ok(answer) if answer["status"] == "ready" => {
            found.ok(format!("A server is ready on {address}."));
        }
        Ok(_) => found.warning(
            format!("Something answers on {address}, and it is not Changeover."),
            "Set CHANGEOVER_LISTEN to a free address.",
        ),
        Err(ClientError::NoAnswer(_)) => {
            found.ok(format!("No server runs on {address}: one can be started there."));
        }
        Err(ClientError::Refused { status: 503, .. }) => found.wrong(
            format!("The server on {address} is not ready: it cannot reach its store."),
            "Look at its log, and at what is said about the database below.",
        ),
        Err(ClientError::Refused { status, .. }) => found.warning(
            format!("Something answers with {status} on {address}; it may not be Changeover."),
            "Check CHANGEOVER_LISTEN.",
        ),
    }
}
