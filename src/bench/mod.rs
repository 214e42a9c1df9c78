//! Measures the service: whole plan changes over HTTP against a provider that answers at once, beside the least that anybody
//! could do for the same promises. What is measured, and how, is in `src/bench/README.md`.
//!
//! Knows the service only as its clients do, by its addresses and variables, and must never know how it works inside: the
//! provider stub and the floor share nothing with the rooms that they stand beside. Time and chance are borrowed from `system`.

mod figures;
mod floor;
mod http;
mod journey;
mod load;
mod mail_sink;
mod postgres_server;
mod server;
mod service;
mod stopwatch;
mod stub;
mod usage;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, ensure};

pub use figures::{Line, Report};
pub use postgres_server::PostgresServer;

use crate::ports::time::Ids as _;
use crate::system::SystemIds;

use self::figures::{Round, Sample};
use self::floor::Floor;
use self::mail_sink::MailSink;
use self::service::Service;
use self::stub::Stub;

/// Which database holds what a change brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Database {
    /// The embedded file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Database {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// What is sold in the runs: the two items of which customers buy more.
#[derive(Debug, Clone)]
pub struct Goods {
    /// The seller, as the service's variables name it.
    pub seller: String,
    /// The plan, which is paid in another way.
    pub plan: String,
    /// The items.
    pub items: [Item; 2],
    /// The version of the terms that customers agree to.
    pub terms: String,
    /// The currency.
    pub currency: String,
    /// The running period of every subscription, in unix seconds. It begins on the day of the run, so that no line is prorated.
    pub period: (i64, i64),
}

/// One item.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its name in a selection.
    pub key: String,
    /// The lookup key of its price at the provider.
    pub lookup_key: String,
    /// What one costs in a period, in minor units.
    pub unit: i64,
}

/// How much is measured, and on what.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program that is measured.
    pub program: PathBuf,
    /// A folder on the disk that is measured; everything in it is removed again.
    pub folder: PathBuf,
    /// The databases, in order.
    pub databases: Vec<Database>,
    /// The PostgreSQL server: each run makes a database of its own there and drops it.
    pub postgres: Option<String>,
    /// How many changes are under way at once, line by line.
    pub in_flight: Vec<u32>,
    /// The most changes in one round of a line.
    pub changes: u32,
    /// How often each line is measured.
    pub rounds: u32,
    /// What is sold.
    pub goods: Goods,
}

/// With few changes in flight a round would take long and say no more.
const CHANGES_PER_LANE_MAX: u32 = 60;

/// How often one customer changes: fewer than the provider allows a subscription in a minute.
const CHANGES_PER_CUSTOMER_MAX: u32 = 5;

/// How the changes of one round are spread.
#[derive(Debug, Clone, Copy)]
struct Plan {
    lanes: u32,
    customers_per_lane: u32,
    changes_per_customer: u32,
}

impl Plan {
    /// About so many changes, the same number for each customer and in each lane.
    fn of(changes: u32, lanes: u32) -> Self {
        let per_lane = (changes / lanes).clamp(1, CHANGES_PER_LANE_MAX);
        let customers_per_lane = per_lane.div_ceil(CHANGES_PER_CUSTOMER_MAX);
        Self {
            lanes,
            customers_per_lane,
            changes_per_customer: per_lane / customers_per_lane,
        }
    }

    fn customers(self) -> u32 {
        self.lanes * self.customers_per_lane
    }

    fn changes(self) -> u32 {
        self.customers() * self.changes_per_customer
    }
}

/// Measures every line, the floor and the service in turns: a machine that is busy with something else slows both.
///
/// Fails when a change does not end active, or when one was charged otherwise than once: a figure for wrong work says nothing.
pub async fn run(options: &Options, progress: &(dyn Fn(&str) + Sync)) -> anyhow::Result<Report> {
    ensure!(
        options.changes > 0 && options.rounds > 0,
        "there is nothing to measure"
    );
    ensure!(
        options.in_flight.iter().all(|lanes| *lanes > 0),
        "at least one change must be in flight"
    );
    let mut lines: Vec<(Database, u32, Vec<Round>)> = Vec::new();
    for database in &options.databases {
        lines.extend(
            options
                .in_flight
                .iter()
                .map(|lanes| (*database, *lanes, Vec::new())),
        );
    }
    for nth in 1..=options.rounds {
        for (database, in_flight, rounds) in &mut lines {
            progress(&format!(
                "round {nth} of {}: {} with {in_flight} in flight",
                options.rounds,
                database.as_str()
            ));
            let what = || format!("{} with {in_flight} in flight", database.as_str());
            rounds.push(round(options, *database, *in_flight).await.with_context(what)?);
        }
    }
    let lines = lines
        .iter()
        .map(|(database, in_flight, rounds)| Line::of(*database, *in_flight, rounds));
    Ok(Report {
        lines: lines.collect(),
    })
}

async fn round(options: &Options, database: Database, in_flight: u32) -> anyhow::Result<Round> {
    let plan = Plan::of(options.changes, in_flight);
    Ok(Round {
        floor: floor(options, database, plan).await?,
        service: service(options, database, plan).await?,
    })
}

/// The floor, in this process; the stub is a thread of its own, as it is for the service.
async fn floor(options: &Options, database: Database, plan: Plan) -> anyhow::Result<Duration> {
    let stub = Stub::start(options.goods.clone())?;
    let folder = tempfile::tempdir_in(&options.folder)?;
    let floor = match database {
        Database::Sqlite => Floor::sqlite(&folder.path().join("floor.db")).await?,
        Database::Postgres => Floor::postgres(options.server()?, plan.lanes).await?,
    };
    let took = floor::run(&floor, &stub.address, plan.lanes, plan.changes()).await;
    floor.close().await?;
    let (took, charges) = (took?, stub.charges());
    ensure!(
        charges == u64::from(plan.changes()),
        "the floor made {charges} charges for {} changes",
        plan.changes()
    );
    stub.stop()?;
    Ok(took)
}

/// The service, in a process of its own.
async fn service(options: &Options, database: Database, plan: Plan) -> anyhow::Result<Sample> {
    let stub = Stub::start(options.goods.clone())?;
    let mails = MailSink::start()?;
    let server = match database {
        Database::Sqlite => None,
        Database::Postgres => Some(options.server()?),
    };
    let service = Service::start(options, &stub.address, &mails.url, server).await?;
    let measured = load::measure(&service, &stub, &mails, &options.goods, plan).await;
    let measured = measured.with_context(|| service.last_words())?;
    service.stop().await?;
    stub.stop()?;
    mails.stop()?;
    Ok(measured)
}

impl Options {
    fn server(&self) -> anyhow::Result<&str> {
        self.postgres
            .as_deref()
            .context("there is no PostgreSQL server to measure on")
    }
}

/// Letters and digits that nobody can guess, for keys and passwords of one run.
fn secret() -> String {
    hex::encode(SystemIds.secret())
}

async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
