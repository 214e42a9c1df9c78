//! PostgreSQL: whether it is reached, and whether it keeps what it says it keeps.

use std::path::Path;

use jiff::SignedDuration;
use secrecy::SecretString;

use super::{Findings, work};
use crate::app::{Database, FILE};
use crate::ports::time::Clock as _;
use crate::store::postgres_facts::{PostgresFacts, inspect};
use crate::system::SystemClock;

/// The oldest version that the program is tested with.
const VERSION_MIN: i32 = 140_000;

/// So far a node's clock may be from the database's. Nothing is decided by a node's own clock; logs and signatures are.
const SKEW_MAX: SignedDuration = SignedDuration::from_secs(5);

/// Asks the server about itself.
pub(super) async fn examine(url: &SecretString) -> Findings {
    let mut found = Findings::of("database (PostgreSQL)");
    let facts = match inspect(url).await {
        Ok(facts) => facts,
        Err(problem) => {
            found.wrong(
                format!("It is not reached: {problem}."),
                "Check DATABASE_URL, and that the server accepts connections from this machine.",
            );
            return found;
        }
    };
    version(&facts, &mut found);
    role(&facts, &mut found);
    durability(&facts, &mut found);
    if tables(&facts, &mut found) {
        match Database::read(Some(url), Path::new(FILE)).await {
            Ok(database) => {
                work::examine(database.store().as_ref(), &mut found).await;
                database.close().await;
            }
            Err(problem) => found.wrong(
                format!("It cannot be used: {problem:#}."),
                "Keep it as it is, and look at what is said above.",
            ),
        }
    }
    let skew = SystemClock.now().duration_since(facts.now).abs();
    if skew > SKEW_MAX {
        found.warning(
            format!(
                "This machine's clock is {} s away from the database's.",
                skew.as_secs()
            ),
            "Let a time service keep both right.",
        );
    } else {
        found.ok("This machine's clock agrees with the database's.");
    }
    found
}

fn version(facts: &PostgresFacts, found: &mut Findings) {
    if facts.version >= VERSION_MIN {
        found.ok(format!("PostgreSQL {} answers.", facts.version_text));
    } else {
        found.wrong(
            format!("PostgreSQL {} is too old.", facts.version_text),
            "Use version 14 or newer.",
        );
    }
    if facts.encoding != "UTF8" {
        found.wrong(
            format!("The database's encoding is {}.", facts.encoding),
            "Create it anew with `ENCODING 'UTF8'`.",
        );
    }
}

fn role(facts: &PostgresFacts, found: &mut Findings) {
    if facts.in_recovery {
        found.wrong(
            "This server is a replica.",
            "Point DATABASE_URL to the primary: only it is asked.",
        );
    } else if facts.read_only {
        found.wrong(
            "This server takes no writes (`default_transaction_read_only`).",
            "Switch it off for this database and this user.",
        );
    } else {
        found.ok("It is a primary that takes writes.");
    }
}

fn durability(facts: &PostgresFacts, found: &mut Findings) {
    let mut safe = true;
    for (name, value) in [
        ("fsync", &facts.fsync),
        ("full_page_writes", &facts.full_page_writes),
    ] {
        if value != "on" {
            safe = false;
            found.wrong(
                format!("`{name}` is `{value}`: a power failure can lose or tear what was acknowledged."),
                format!("ALTER SYSTEM SET {name} = 'on'; SELECT pg_reload_conf();"),
            );
        }
    }
    if facts.synchronous_commit == "off" {
        safe = false;
        found.wrong(
            "`synchronous_commit` is `off`: a crash can lose what was acknowledged.",
            "Set it to `on` for this database.",
        );
    } else if facts.synchronous_commit == "local" {
        found.warning(
            "`synchronous_commit` is `local`: a fail-over can lose what was acknowledged.",
            "Set it to `on` where there is a synchronous replica.",
        );
    }
    if safe {
        found.ok("What it acknowledges is on its disk (fsync, full_page_writes, synchronous_commit).");
    }
}

/// Whether the tables are those of this program.
fn tables(facts: &PostgresFacts, found: &mut Findings) -> bool {
    match facts.migration {
        None => found.ok("There are no tables yet: the first start makes them."),
        Some(applied) if applied == facts.newest => {
            found.ok(format!("All migrations up to {applied} are applied."));
        }
        Some(applied) if applied < facts.newest => found.warning(
            format!(
                "Migrations {} to {} are not applied yet.",
                applied + 1,
                facts.newest
            ),
            "The next start of `serve` applies them. Keep a backup.",
        ),
        Some(applied) => found.wrong(
            format!("It was written by a newer version of Changeover (it has migration {applied})."),
            "Use the newer program: an older one must not write here.",
        ),
    }
    facts.migration == Some(facts.newest)
}
