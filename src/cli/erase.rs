//! `changeover accounts erase`: a person's data out of everything that is kept. Acts through the API of the running server.

use std::fmt::Write as _;

use clap::Subcommand;
use serde_json::{Value, json};
use uuid::Uuid;

use super::server::{Connection, Server};
use super::terminal::print;

/// Accounts, through the running server.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    connection: Connection,
    /// Print the server's answer as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Erase the personal data of an account. Its history stays, and can still be proven. Says what it would erase; does it with
    /// --yes.
    Erase {
        /// The account's id.
        account: Uuid,
        /// Why. It stays for good: no names, no mail addresses.
        #[arg(long)]
        reason: String,
        /// Who acts, as an id of the support system.
        #[arg(long = "as", env = "CHANGEOVER_SUPPORT_ID", default_value = "operator")]
        support: String,
        /// Really do it; without it, only what would be erased is said.
        #[arg(long)]
        yes: bool,
    },
}

/// Does one command; `false` when it ran and found something wrong.
pub(super) async fn obey(arguments: Arguments) -> anyhow::Result<bool> {
    let server = Server::find(&arguments.connection)?;
    let Verb::Erase {
        account,
        reason,
        support,
        yes,
    } = arguments.verb;
    let path = format!("/v1/support/accounts/{account}/erase");
    let order = |dry_run: bool| json!({ "support": { "id": support, "reason": reason }, "dry_run": dry_run });
    let plan = server.order(&path, &order(true)).await?;
    if !arguments.json {
        print(&told(&plan));
    }
    if !yes {
        print(&if arguments.json {
            format!("{plan:#}\n")
        } else {
            "\nNothing was erased. Run it again with --yes to do it. It cannot be taken back.\n".to_owned()
        });
        return Ok(true);
    }
    let done = server.order(&path, &order(false)).await?;
    print(&if arguments.json {
        format!("{done:#}\n")
    } else {
        "\nErased.\n".to_owned()
    });
    Ok(true)
}

fn told(plan: &Value) -> String {
    let mut out = String::from("Would be emptied:\n\n");
    let count = |name: &str| plan[name].as_u64().unwrap_or_default();
    for (number, what) in [
        (u64::from(plan["named"] == true), "name and mail address"),
        (count("billing_data"), "rows of billing data"),
        (count("requests"), "requests to the provider"),
        (count("answers"), "kept answers"),
        (count("responsible"), "names of who is responsible"),
        (count("links"), "links"),
    ] {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {number:>5}  {what}");
    }
    if let Some(at) = plan["erased_before_at"].as_str() {
        let _ = writeln!(
            out,
            "\nIt was erased before, at {at}; this is what has come since."
        );
    }
    if let Some(customer) = plan["provider_customer"].as_str() {
        let _ = writeln!(
            out,
            "\nThe provider keeps its customer {customer}: erase it there."
        );
    }
    out
}
