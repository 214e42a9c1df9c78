//! The embedded database: its file, and the disk below it.

use std::path::Path;

use super::{Findings, work};
use crate::store::sqlite::{OpenError, SqliteStore};

/// Below so much free space, in MiB, a database is about to stop.
const FREE_MIB_MIN: u64 = 200;

/// Below so much, in MiB, somebody should know.
const FREE_MIB_LOW: u64 = 2048;

/// Looks at the file in the data folder.
pub(super) async fn examine(data: &Path) -> Findings {
    let mut found = Findings::of("database (SQLite)");
    let file = data.join("changeover.db");
    if !file.exists() {
        found.ok(format!(
            "There is no `{}` yet: the first start makes it.",
            file.display()
        ));
        disk(data, &mut found);
        return found;
    }
    disk(data, &mut found);
    permissions(&file, &mut found);
    let facts = match SqliteStore::inspect(&file).await {
        Ok(facts) => facts,
        Err(problem) => {
            found.wrong(problem.to_string(), what_to_do(&problem));
            return found;
        }
    };
    found.ok(format!(
        "`{}` is a database of Changeover; SQLite {}.",
        file.display(),
        facts.library
    ));
    if facts.journal_mode == "wal" {
        found.ok("It is in WAL mode; the program writes with `synchronous=FULL`.");
    } else {
        found.warning(
            format!("It is in journal mode `{}`, not `wal`.", facts.journal_mode),
            "The next start sets it; if it stays, the file system cannot hold a WAL.",
        );
    }
    if let Some(damage) = facts.damage {
        found.wrong(
            format!("It is damaged: {damage}."),
            "Stop the server, keep the file, and restore the last backup.",
        );
        return found;
    }
    match SqliteStore::read_only(&file).await {
        Ok(store) => {
            found.ok(format!("All {} migrations are applied.", facts.migrations));
            work::examine(&store, &mut found).await;
            store.close().await;
        }
        Err(problem @ OpenError::Older(_)) => found.warning(problem.to_string(), what_to_do(&problem)),
        Err(problem) => found.wrong(problem.to_string(), what_to_do(&problem)),
    }
    found
}

fn what_to_do(problem: &OpenError) -> &'static str {
    match problem {
        OpenError::OldLibrary { .. } => "Use a build of this program with its own SQLite.",
        OpenError::InUse { .. } => "One process serves a file: stop the other, or use its API.",
        OpenError::Foreign(_) => "Point CHANGEOVER_DATA to another folder: this file is somebody else's.",
        OpenError::Newer { .. } => "Use the newer program: an older one must not write here.",
        OpenError::Older(_) => "The next start of `serve` brings it up to date. Keep a backup.",
        OpenError::HalfMigrated { .. } => {
            "An upgrade was broken off: restore the backup from before it, or finish it with the program that began it."
        }
        OpenError::Damaged { .. } => "Stop the server, keep the file, and restore the last backup.",
        OpenError::Unreachable { .. } => "Check that the folder exists and that this user may read it.",
    }
}

#[cfg(unix)]
fn permissions(file: &Path, found: &mut Findings) {
    use std::os::unix::fs::PermissionsExt as _;

    let Ok(about) = std::fs::metadata(file) else {
        return;
    };
    let mode = about.permissions().mode() & 0o777;
    let others = mode & 0o077;
    if others == 0 {
        found.ok("Only its owner may read it.");
    } else {
        found.warning(
            format!("Others on this machine may read or write it (mode {mode:03o})."),
            format!("chmod 600 {}", file.display()),
        );
    }
}

#[cfg(not(unix))]
fn permissions(_: &Path, _: &mut Findings) {}

/// The space that is left where the file lies, or would.
#[cfg(unix)]
fn disk(data: &Path, found: &mut Findings) {
    let Some(existing) = data
        .ancestors()
        .find(|folder| folder.exists() || folder.as_os_str().is_empty())
    else {
        return;
    };
    let existing = if existing.as_os_str().is_empty() {
        Path::new(".")
    } else {
        existing
    };
    let Ok(about) = rustix::fs::statvfs(existing) else {
        found.warning(
            format!("How full the disk of `{}` is cannot be told.", existing.display()),
            "Look yourself.",
        );
        return;
    };
    let free_mib = about.f_bavail.saturating_mul(about.f_frsize) / (1024 * 1024);
    if free_mib < FREE_MIB_MIN {
        found.wrong(
            format!("Only {free_mib} MiB are free on its disk."),
            "Make room: without it nothing more can be accepted.",
        );
    } else if free_mib < FREE_MIB_LOW {
        found.warning(format!("{free_mib} MiB are free on its disk."), "Make room soon.");
    } else {
        found.ok(format!("{free_mib} MiB are free on its disk."));
    }
    if rustix::fs::access(existing, rustix::fs::Access::WRITE_OK).is_err() {
        found.wrong(
            format!("This user may not write into `{}`.", existing.display()),
            "Give the folder to the user that runs the server.",
        );
    }
}

#[cfg(not(unix))]
fn disk(_: &Path, _: &mut Findings) {}
