//! The command line: arguments in, exit code out.
//!
//! Knows the engine and the other rooms only through `app`; each command is a file of its own.

mod bench;
mod catalog;
mod changes;
mod client;
mod demo;
mod doctor;
mod erase;
mod hooks;
pub mod journal;
mod reconcile;
mod running;
mod sample;
mod sandbox;
mod serve;
mod server;
mod staff;
mod terminal;
mod tickets;
mod words;
mod work;
mod workflows;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::VARIABLES;

/// Carries a SaaS customer's plan change from the first click to an active plan, on top of Stripe.
#[derive(Debug, Parser)]
#[command(name = "changeover", version, after_help = variables_help())]
struct Arguments {
    /// What to do; `serve` when nothing is said.
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API, the webhooks and the mailbox; without a provider key, with the sandbox beside it.
    Serve,
    /// Carry changes on, and send mails and events, without serving anything: one more node beside `serve` on a PostgreSQL.
    Work,
    /// Play one plan change in this terminal, with a kill in the middle, and prove that it held.
    Demo,
    /// Serve a Stripe-compatible sandbox on loopback.
    Sandbox(SandboxArguments),
    /// Products and prices at the provider.
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Workflow files.
    #[command(subcommand)]
    Workflows(WorkflowsCommand),
    /// Compare contracts with the provider. Shows what it would repair; begins it with --apply.
    Reconcile(reconcile::ReconcileArguments),
    /// Find and free stuck changes, through the running server.
    Changes(changes::Arguments),
    /// Erase a person's data, through the running server.
    Accounts(erase::Arguments),
    /// Read and answer requests to go down, through the running server.
    Tickets(tickets::Arguments),
    /// Who works at the support console, through the running server.
    Staff(staff::Arguments),
    /// Look at this deployment and say what is right, what is not, and what to do about it. Changes nothing.
    Doctor {
        /// For programs: everything that was found, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Events that are pushed to a seller's systems.
    #[command(subcommand)]
    Hooks(HooksCommand),
    /// The history of changes.
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Measure whole plan changes, beside a hand-written floor of the same run. Takes a release build to say anything.
    Bench(bench::BenchArguments),
}

/// How a sandbox is started.
#[derive(Debug, clap::Args)]
struct SandboxArguments {
    /// Where to listen, on loopback; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:12111")]
    listen: SocketAddr,
    /// The file that keeps what it knows; it is made when it is missing.
    #[arg(long, default_value = "changeover-data/sandbox.db")]
    data: PathBuf,
    /// Where its webhooks go; may be repeated.
    #[arg(long, requires = "webhook_secret")]
    webhook_url: Vec<String>,
    /// What signs them.
    #[arg(long, env = "CHANGEOVER_SANDBOX_WEBHOOK_SECRET", hide_env_values = true)]
    webhook_secret: Option<String>,
    /// Refuse requests under another API version than its own.
    #[arg(long)]
    strict: bool,
    /// End when standard input does, so that a child does not outlive the process that started it.
    #[arg(long)]
    exit_with_stdin: bool,
}

#[derive(Debug, Subcommand)]
enum CatalogCommand {
    /// Make a seller's products and prices at the provider. Shows what it would do; does it with --yes.
    Push {
        /// The seller.
        seller: String,
        /// Really do it.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
enum WorkflowsCommand {
    /// Prove workflow files: every price resolvable, every text present, every stage reachable and leavable.
    Check {
        /// The files; all that this installation serves when none is named.
        files: Vec<PathBuf>,
    },
    /// Print the machine as a Mermaid state diagram, asked of the machine itself.
    Diagram,
}

#[derive(Debug, Subcommand)]
enum HooksCommand {
    /// Push an event that means nothing, and say what came back.
    Test {
        /// The seller.
        seller: String,
    },
}

#[derive(Debug, Subcommand)]
enum JournalCommand {
    /// Prove histories: hash chains, numbers, steps of the machine, and that the present is what the history says.
    Verify {
        /// The change; every change and contract when none is named.
        change: Option<String>,
        /// Every change and contract.
        #[arg(long, conflicts_with = "change")]
        all: bool,
        /// A database file; without one, what `DATABASE_URL` names, or the file in the data folder.
        #[arg(long)]
        database: Option<PathBuf>,
    },
}

/// Runs the program.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(problem) => {
            terminal::complain(&format!("the runtime could not be started: {problem}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(obey(arguments.command.unwrap_or(Command::Serve))) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            terminal::complain(&format!("{problem:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Does one command; `false` when it ran and found something wrong.
async fn obey(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Serve => serve::serve().await.map(|()| true),
        Command::Work => work::work().await.map(|()| true),
        Command::Demo => demo::play().await,
        Command::Sandbox(arguments) => sandbox::serve(arguments).await.map(|()| true),
        Command::Catalog(CatalogCommand::Push { seller, yes }) => catalog::push(&seller, yes).await,
        Command::Reconcile(arguments) => reconcile::reconcile(arguments).await,
        Command::Workflows(WorkflowsCommand::Check { files }) => workflows::check(&files),
        Command::Workflows(WorkflowsCommand::Diagram) => {
            workflows::diagram();
            Ok(true)
        }
        Command::Bench(arguments) => bench::measure(arguments).await.map(|()| true),
        Command::Changes(arguments) => changes::obey(arguments).await,
        Command::Accounts(arguments) => erase::obey(arguments).await,
        Command::Tickets(arguments) => tickets::obey(arguments).await,
        Command::Staff(arguments) => staff::obey(arguments).await,
        Command::Doctor { json } => doctor::examine(json).await,
        Command::Hooks(HooksCommand::Test { seller }) => hooks::test(&seller).await,
        Command::Journal(JournalCommand::Verify { change, database, .. }) => {
            journal::command(database, change.as_deref()).await
        }
    }
}

fn variables_help() -> String {
    let width = VARIABLES
        .iter()
        .map(|(name, _)| name.len())
        .max()
        .unwrap_or_default();
    let lines = VARIABLES
        .iter()
        .map(|(name, meaning)| format!("  {name:<width$}  {meaning}"));
    format!(
        "Environment (defaults in parentheses):\n{}",
        lines.collect::<Vec<_>>().join("\n")
    )
}
