//! `changeover tickets`: support's answers to requests to go down, on the command line. Acts through the API of the running server, as
//! everybody else does.

use std::fmt::Write as _;

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::server::{Connection, Server};
use super::terminal::print;
use super::words::{ago, clock, entries, table, text};

/// List, read and answer requests to go down.
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
    /// List requests that are not over, oldest first.
    List {
        /// Of this seller.
        #[arg(long)]
        seller: Option<String>,
        /// Where they stand.
        #[arg(long)]
        state: Option<State>,
        /// At most how many.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// After this id: what the page before said at its end.
        #[arg(long)]
        after: Option<String>,
    },
    /// Show one request: what will be lost, what was answered, and what was said about it.
    Show {
        /// Its number or id.
        ticket: String,
    },
    /// Write to a request. The customer gets it by mail, unless it is internal.
    Comment {
        /// The request: its number or id.
        ticket: String,
        /// What.
        text: String,
        /// For support alone.
        #[arg(long)]
        internal: bool,
        /// Who writes, as an id of the support system.
        #[arg(long = "as", env = "CHANGEOVER_SUPPORT_ID", default_value = "operator")]
        support: String,
    },
    /// Lower the plan now, without a charge.
    Apply(Order),
    /// Let the provider itself lower it when the period ends.
    AtPeriodEnd(Order),
    /// Promise a day.
    Schedule {
        #[command(flatten)]
        order: Order,
        /// Which day: 2026-04-10T03:00:00Z.
        #[arg(long)]
        at: String,
    },
    /// Lead the customer through a quote that they confirm.
    AskMoney(Order),
    /// Say no; the customer is told the reason.
    Decline(Order),
    /// A held request is the customer's.
    Confirm(Order),
    /// A held request is not the customer's: it is over.
    Reject(Order),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    /// Waits until somebody has verified where it comes from.
    Held,
    /// Waits for an answer.
    Open,
    /// Has a day.
    Scheduled,
    /// Is being applied.
    Applying,
}

/// What is ordered, by whom and why.
#[derive(Debug, clap::Args)]
struct Order {
    /// The request: its number or id.
    ticket: String,
    /// Why. It stays in the history for good: no names, no mail addresses.
    #[arg(long)]
    reason: String,
    /// Who acts, as an id of the support system.
    #[arg(long = "as", env = "CHANGEOVER_SUPPORT_ID", default_value = "operator")]
    support: String,
    /// Really do it; without it, only what would be done is said.
    #[arg(long)]
    yes: bool,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Open => "open",
            Self::Scheduled => "scheduled",
            Self::Applying => "applying",
        }
    }
}

/// Does one command; `false` when it ran and found something wrong.
pub(super) async fn obey(arguments: Arguments) -> anyhow::Result<bool> {
    let server = Server::find(&arguments.connection)?;
    let json = arguments.json;
    let answers = |decision: &str| json!({ "decision": decision });
    match arguments.verb {
        Verb::List {
            seller,
            state,
            limit,
            after,
        } => {
            let query = [
                ("seller", seller),
                ("state", state.map(|state| state.as_str().to_owned())),
                ("limit", Some(limit.to_string())),
                ("after", after),
            ];
            list(&server, query, json).await?;
        }
        Verb::Show { ticket } => show(&server, &ticket, json).await?,
        Verb::Comment {
            ticket,
            text,
            internal,
            support,
        } => {
            let body = json!({ "support": { "id": support }, "text": text, "internal": internal });
            let shown = server.show(&ticket).await?;
            let done = server.order_on("tickets", &shown, "comments", &body).await?;
            said(&done, json);
        }
        Verb::Apply(order) => act(&server, "answer", answers("apply_now"), &order, json).await?,
        Verb::AtPeriodEnd(order) => act(&server, "answer", answers("at_period_end"), &order, json).await?,
        Verb::Schedule { order, at } => {
            let body = json!({ "decision": "schedule", "at": at });
            act(&server, "answer", body, &order, json).await?;
        }
        Verb::AskMoney(order) => act(&server, "answer", answers("ask_money"), &order, json).await?,
        Verb::Decline(order) => act(&server, "answer", answers("decline"), &order, json).await?,
        Verb::Confirm(order) => {
            act(&server, "verification", json!({ "genuine": true }), &order, json).await?;
        }
        Verb::Reject(order) => {
            act(&server, "verification", json!({ "genuine": false }), &order, json).await?;
        }
    }
    Ok(true)
}

async fn list(server: &Server, query: [(&'static str, Option<String>); 4], json: bool) -> anyhow::Result<()> {
    let query: Vec<(&str, String)> = query
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    let page = server.page("tickets", &query).await?;
    if json {
        print(&format!("{page:#}\n"));
        return Ok(());
    }
    let mut rows = table(&["request", "seller", "stage", "moved"]);
    let lines = entries(&page, "data");
    for line in lines {
        rows.add_row(vec![
            text(line, "reference").to_owned(),
            text(line, "seller").to_owned(),
            text(line, "stage").to_owned(),
            format!("{} ago", ago(text(line, "updated_at"))),
        ]);
    }
    if lines.is_empty() {
        print("There is no such request.\n");
    } else {
        print(&format!("{rows}\n"));
    }
    if let Some(next) = page["next"].as_str() {
        print(&format!("There is more: add --after {next}\n"));
    }
    Ok(())
}

async fn show(server: &Server, named: &str, json: bool) -> anyhow::Result<()> {
    let shown = server.show(named).await?;
    let ticket = server.read("tickets", text(&shown, "id")).await?;
    print(&if json {
        format!("{ticket:#}\n")
    } else {
        told(&ticket)
    });
    Ok(())
}

fn told(ticket: &Value) -> String {
    let mut out = format!("{} in {}\n\n", text(ticket, "number"), text(ticket, "stage"));
    // Writing to a string cannot fail.
    for item in entries(&ticket["losing"], "items") {
        let used = item["used"].as_u64().map(|used| format!(", {used} in use"));
        let _ = writeln!(
            out,
            "  {:<24} {} now, {} then; limit {} -> {}{}",
            text(item, "name"),
            item["held"],
            item["wanted"],
            item["limit_now"],
            item["limit_then"],
            used.unwrap_or_default(),
        );
    }
    let filed = &ticket["filed"];
    let _ = writeln!(
        out,
        "\n  {:<24} {} by {} ({})",
        "asked",
        clock(text(filed, "at")),
        text(filed, "made_by"),
        text(filed, "channel")
    );
    for (label, value) in [
        ("from", text(filed, "from")),
        ("effective", text(ticket, "effective_on")),
    ] {
        if !value.is_empty() {
            let _ = writeln!(out, "  {label:<24} {value}");
        }
    }
    for field in entries(&ticket["form"], "fields") {
        if !text(field, "value").is_empty() {
            let _ = writeln!(out, "  {:<24} {}", text(field, "label"), text(field, "value"));
        }
    }
    for comment in entries(ticket, "comments") {
        let inside = if comment["internal"] == true {
            ", internal"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "\n{} {}{inside}:\n  {}",
            clock(text(comment, "at")),
            text(comment, "by"),
            text(comment, "text").replace('\n', "\n  ")
        );
    }
    out
}

/// Says what would be done; does it with `--yes`, on exactly the version that was shown.
async fn act(server: &Server, verb: &str, mut body: Value, order: &Order, json: bool) -> anyhow::Result<()> {
    let shown = server.show(&order.ticket).await?;
    body["support"] = json!({ "id": order.support, "reason": order.reason });
    body["dry_run"] = json!(true);
    let plan = server.order_on("tickets", &shown, verb, &body).await?;
    if !order.yes {
        if json {
            print(&format!("{plan:#}\n"));
        } else {
            print(&format!(
                "{} would go from {} to {}.\nNothing was done. Run it again with --yes to do it.\n",
                text(&shown, "reference"),
                text(&shown, "stage"),
                stage_of(&plan["change"]),
            ));
        }
        return Ok(());
    }
    body["dry_run"] = json!(false);
    let done = server.order_on("tickets", &shown, verb, &body).await?;
    said(&done["change"], json);
    Ok(())
}

fn said(change: &Value, json: bool) {
    if json {
        print(&format!("{change:#}\n"));
        return;
    }
    print(&format!(
        "Done: {} is in {} (version {}).\n",
        text(change, "reference"),
        stage_of(change),
        change["version"]
    ));
}

fn stage_of(change: &Value) -> String {
    match text(change, "sub_stage") {
        "" => text(change, "stage").to_owned(),
        part => format!("{}.{part}", text(change, "stage")),
    }
}
