//! The proof, from outside: the provider's ledger, the mailbox, and the journal in the file that the server leaves behind.

use jiff::SignedDuration;
use serde_json::Value;

use super::stage_set::{StageSet, pause};
use super::story::Played;
use crate::app::{Database, FILE};
use crate::cli::journal;
use crate::cli::terminal::{Timeline, Who};
use crate::ports::time::Clock as _;
use crate::system::SystemClock;

/// How long a mail may take to arrive in the mailbox.
const MAIL_SECONDS_MAX: i64 = 15;

/// Checks everything, shows each check, and says whether all of them held.
pub(super) async fn prove(mut set: StageSet, played: &Played, timeline: &Timeline) -> anyhow::Result<bool> {
    Timeline::heading("The proof");
    timeline.happened(
        Who::Proof,
        "From the provider's ledger, the mailbox and the journal:",
    );
    let ledger = set.provider.get("/_sandbox/ledger").await?;
    let mails = confirmations(&set, played).await?;
    let contract = set.api.get(&format!("/v1/contracts/{}", set.contract)).await?;
    if let Some(server) = set.server.take() {
        server.kill().await?;
    }
    let database = Database::read(None, &set.log().join(FILE)).await?;
    let journal = journal::verify(database.store().as_ref(), Some(&played.change)).await;
    database.close().await;
    let charges = charges_of_the_change(&ledger);
    let amounts: Vec<i64> = charges
        .iter()
        .filter_map(|charge| charge["amount"].as_i64())
        .collect();
    let held: Vec<u64> = ["device", "user-seat"]
        .map(|item| quantity(&contract, item))
        .into();
    let checks = [
        (
            charges.len() == 1,
            format!(
                "one charge at the provider for this change (found {})",
                charges.len()
            ),
        ),
        (
            amounts == [played.quoted],
            format!(
                "charged = quoted: {amounts:?} and {} {} in minor units",
                played.quoted, played.currency
            ),
        ),
        (
            mails == 1,
            format!(
                "one confirmation mail with the reference {} (found {mails})",
                played.reference
            ),
        ),
        (
            held == [5, 8],
            format!("the contract holds 5 devices and 8 user seats (found {held:?})"),
        ),
        (
            journal.is_ok(),
            match &journal {
                Ok(entries) => format!("the journal's hash chain is intact ({entries} entries)"),
                Err(problem) => format!("the journal's hash chain is intact: {problem}"),
            },
        ),
    ];
    for (held, text) in &checks {
        Timeline::check(*held, text);
    }
    Ok(checks.iter().all(|(held, _)| *held))
}

/// Successful charges for invoices that an update of the subscription made.
fn charges_of_the_change(ledger: &Value) -> Vec<&Value> {
    let entries = || ledger["entries"].as_array().into_iter().flatten();
    let of_update = |id: &Value| {
        entries().any(|entry| {
            entry["object"] == "invoice"
                && entry["id"] == *id
                && entry["billing_reason"] == "subscription_update"
        })
    };
    entries()
        .filter(|entry| entry["object"] == "charge" && entry["status"] == "succeeded")
        .filter(|charge| of_update(&charge["sandbox_invoice"]))
        .collect()
}

async fn confirmations(set: &StageSet, played: &Played) -> anyhow::Result<usize> {
    let clock = SystemClock;
    let give_up = clock.now() + SignedDuration::from_secs(MAIL_SECONDS_MAX);
    loop {
        let mails = set.api.get("/mailbox.json").await?;
        let all = mails["mails"].as_array().into_iter().flatten();
        let count = all
            .filter(|mail| {
                mail["text"]
                    .as_str()
                    .is_some_and(|text| text.contains(&played.reference))
            })
            .count();
        if count > 0 || clock.now() >= give_up {
            return Ok(count);
        }
        pause(100).await;
    }
}

fn quantity(contract: &Value, item: &str) -> u64 {
    let lines = contract["lines"].as_array().into_iter().flatten();
    let of_item = lines.filter(|line| line["key"] == format!("item:{item}"));
    of_item.filter_map(|line| line["quantity"].as_u64()).sum()
}
