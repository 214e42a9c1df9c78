//! `changeover changes`: support on the command line. Acts through the API of the running server, as everybody else does.

mod act;
mod list;
mod show;

use clap::Subcommand;
use jiff::SignedDuration;

use super::server::{Connection, Server};
use super::words;

/// Find and free stuck changes.
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
    /// List changes, oldest first.
    List(ListArguments),
    /// Show everything about one change: what is stuck, what can be done, and what has happened.
    Show {
        /// Its id or reference, or any id that leads to it alone: an invoice, a subscription, a call's key.
        change: String,
    },
    /// Take up again what was given up or rests after failures.
    Resume(Order),
    /// Order another attempt of what halted or is owed, now.
    Retry(Order),
    /// Read the provider now.
    Refresh(Order),
    /// Give the change up, safely.
    Cancel(Order),
    /// Leave a word in the history.
    Note(Order),
}

#[derive(Debug, clap::Args)]
struct ListArguments {
    /// Only those about which something is stuck.
    #[arg(long)]
    stuck: bool,
    /// Of this seller.
    #[arg(long)]
    seller: Option<String>,
    /// In this stage, or part of one: `payment_confirm`, `quote.ready`.
    #[arg(long)]
    stage: Option<String>,
    /// Not moved for so long: `90s`, `15m`, `2h`, `3d`.
    #[arg(long, value_parser = words::duration)]
    older_than: Option<SignedDuration>,
    /// By what names it: a reference, or an id of ours or of the provider's.
    #[arg(long)]
    find: Option<String>,
    /// At most how many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    /// After this id: what the page before said at its end.
    #[arg(long)]
    after: Option<String>,
}

/// What is ordered, by whom and why.
#[derive(Debug, clap::Args)]
struct Order {
    /// The change: its id or reference, or any id that leads to it alone.
    change: String,
    /// Why. It stays in the history for good: no names, no mail addresses.
    #[arg(long)]
    reason: String,
    /// Who acts, as an id of the support system.
    #[arg(long = "as", env = "CHANGEOVER_SUPPORT_ID", default_value = "operator")]
    support: String,
    /// Really do it; without it, only what would be done is said.
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// Only say what would be done, read, charged and given back. So it is without `--yes` too.
    #[arg(long)]
    dry_run: bool,
}

/// Does one command; `false` when it ran and found something wrong.
pub(super) async fn obey(arguments: Arguments) -> anyhow::Result<bool> {
    let server = Server::find(&arguments.connection)?;
    let json = arguments.json;
    match arguments.verb {
        Verb::List(wanted) => list::list(&server, &wanted, json).await?,
        Verb::Show { change } => show::show(&server, &change, json).await?,
        Verb::Resume(order) => act::act(&server, "resume", &order, json).await?,
        Verb::Retry(order) => act::act(&server, "retry", &order, json).await?,
        Verb::Refresh(order) => act::act(&server, "refresh", &order, json).await?,
        Verb::Cancel(order) => act::act(&server, "cancel", &order, json).await?,
        Verb::Note(order) => act::act(&server, "note", &order, json).await?,
    }
    Ok(true)
}
