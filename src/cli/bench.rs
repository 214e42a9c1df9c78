//! `changeover bench`: what a plan change costs, measured from outside.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::ValueEnum;
use comfy_table::{CellAlignment, Table};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::ToSpan as _;

use super::terminal::print;
use crate::app::load_workflows;
use crate::bench::{Database, Goods, Item, Line, Options, PostgresServer, Report, run};
use crate::domain::catalog::{Interval, Playbook, Scheme};
use crate::ports::time::Clock as _;
use crate::system::SystemClock;

/// What is sold in the runs: the extras of this plan of the shipped workflow file.
const SELLER: &str = "clint";
const PLAN: &str = "growth";
const ITEMS: [&str; 2] = ["device", "user-seat"];

/// What is measured.
#[derive(Debug, clap::Args)]
pub(super) struct BenchArguments {
    /// How many changes one round of a line makes, about; fewer where few are in flight.
    #[arg(long, default_value_t = 1280)]
    changes: u32,
    /// How many changes are under way at once: a line for each number.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    in_flight: Vec<u32>,
    /// Which databases.
    #[arg(long, default_value = "both")]
    database: Databases,
    /// How often each line is measured, in turns with its floor; medians are shown.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// A PostgreSQL server on which databases may be made and dropped; else one is started from the installed programs.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    postgres: Option<String>,
    /// A folder on the disk that is to be measured; the system's temporary one otherwise.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Databases {
    Sqlite,
    Postgres,
    Both,
}

impl Databases {
    fn each(self) -> Vec<Database> {
        match self {
            Self::Sqlite => vec![Database::Sqlite],
            Self::Postgres => vec![Database::Postgres],
            Self::Both => vec![Database::Sqlite, Database::Postgres],
        }
    }
}

/// Measures, and prints the figures.
pub(super) async fn measure(arguments: BenchArguments) -> anyhow::Result<()> {
    let folder = arguments.folder.unwrap_or_else(std::env::temp_dir);
    let databases = arguments.database.each();
    let own = match (&arguments.postgres, databases.contains(&Database::Postgres)) {
        (None, true) => Some(PostgresServer::start(&folder).await?),
        _ => None,
    };
    let options = Options {
        program: std::env::current_exe().context("this program cannot be found")?,
        folder,
        databases,
        postgres: arguments
            .postgres
            .or_else(|| own.as_ref().map(|server| server.url.clone())),
        in_flight: arguments.in_flight,
        changes: arguments.changes,
        rounds: arguments.rounds,
        goods: goods()?,
    };
    let bar =
        ProgressBar::new_spinner().with_style(ProgressStyle::with_template("{spinner} {elapsed} {msg}")?);
    let measured = run(&options, &|what| {
        bar.set_message(what.to_owned());
        bar.tick();
    })
    .await;
    bar.finish_and_clear();
    if let Some(server) = own {
        server.stop().await?;
    }
    let report = measured?;
    if arguments.json {
        print(&format!("{}\n", serde_json::to_string_pretty(&report)?));
    } else {
        show(&report);
    }
    Ok(())
}

/// The shipped seller's extras, with their prices as the provider knows them.
fn goods() -> anyhow::Result<Goods> {
    let workflows = load_workflows(None)?;
    let own = workflows
        .iter()
        .find(|workflow| workflow.playbook.seller.id.as_str() == SELLER);
    let playbook = &own.context("its workflow file is not shipped")?.playbook;
    let [one, two] = ITEMS.map(|item| item_of(playbook, item));
    let time_zone = playbook.seller.time_zone.clone();
    let today = SystemClock.now().to_zoned(time_zone).start_of_day()?;
    let renewal = today.checked_add(1.month())?;
    Ok(Goods {
        seller: playbook.seller.id.to_string(),
        plan: PLAN.to_owned(),
        items: [one?, two?],
        terms: playbook.policy.terms.version.clone(),
        currency: "BRL".to_owned(),
        period: (today.timestamp().as_second(), renewal.timestamp().as_second()),
    })
}

fn item_of(playbook: &Playbook, item: &str) -> anyhow::Result<Item> {
    let wanted = format!("item:{item}");
    let priced = playbook
        .catalog
        .all_prices()
        .into_iter()
        .find(|(_, plan, key, price)| {
            plan.as_str() == PLAN && key.to_string() == wanted && price.interval == Interval::MONTH
        });
    let (lookup_key, _, _, price) = priced.with_context(|| format!("`{item}` has no price on `{PLAN}`"))?;
    let Scheme::PerUnit { unit } = price.scheme else {
        anyhow::bail!("`{item}` has a tiered price");
    };
    Ok(Item {
        key: item.to_owned(),
        lookup_key: lookup_key.to_string(),
        unit,
    })
}

fn show(report: &Report) {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header([
        "database",
        "in flight",
        "changes/s",
        "floor/s",
        "ratio",
        "(range)",
        "change p50",
        "p99",
        "command p50",
        "p99",
        "CPU/change",
        "memory",
        "bytes/change",
    ]);
    for line in &report.lines {
        table.add_row(cells(line));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    print(&format!("{table}\n"));
}

fn cells(line: &Line) -> [String; 13] {
    let (lowest, highest) = line.ratio_permille_range;
    let cpu = match line.database_cpu_us {
        Some(database) => format!("{} + {}", millis(line.cpu_us), millis(database)),
        None => millis(line.cpu_us),
    };
    [
        line.database.as_str().to_owned(),
        line.in_flight.to_string(),
        line.changes_per_second.to_string(),
        line.floor_per_second.to_string(),
        thousandths(line.ratio_permille),
        format!("{}-{}", thousandths(lowest), thousandths(highest)),
        millis(line.change_us.p50),
        millis(line.change_us.p99),
        millis(line.command_us.p50),
        millis(line.command_us.p99),
        cpu,
        format!("{} MB", line.memory_peak / 1_000_000),
        line.bytes.to_string(),
    ]
}

/// Microseconds as milliseconds.
fn millis(micros: u64) -> String {
    format!("{}.{:02} ms", micros / 1000, micros % 1000 / 10)
}

fn thousandths(permille: u64) -> String {
    format!("{}.{:03}", permille / 1000, permille % 1000)
}
