//! What processes and threads have used, as Linux tells it. Elsewhere nothing is known, and shown as nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The kernel counts in hundredths of a second for everybody, whatever it does inside. Source: proc(5), `_SC_CLK_TCK`.
const TICK: Duration = Duration::from_millis(10);

/// A thread of this process.
pub(super) struct Thread {
    folder: Option<PathBuf>,
}

impl Thread {
    /// The thread that asks.
    pub(super) fn this() -> Self {
        let named = fs::read_link("/proc/thread-self").ok();
        Self {
            folder: named.map(|named| Path::new("/proc").join(named)),
        }
    }

    /// How long it has been computing, in its own name and the kernel's.
    pub(super) fn used(&self) -> Duration {
        let ticks = self.folder.as_deref().and_then(|folder| ticks(folder, false));
        TICK * ticks.unwrap_or_default()
    }
}

/// How long a process has been computing, in all its threads.
pub(super) fn process(id: u32) -> Duration {
    let ticks = ticks(&Path::new("/proc").join(id.to_string()), false);
    TICK * ticks.unwrap_or_default()
}

/// The same of a process and everything that it has started, whether that is still there or not.
pub(super) fn family(id: u32) -> Duration {
    let mut sum = ticks(&Path::new("/proc").join(id.to_string()), true).unwrap_or_default();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        if parent(&entry.path()) == Some(id) {
            sum += ticks(&entry.path(), true).unwrap_or_default();
        }
    }
    TICK * sum
}

/// The most memory that a process has held at once, in bytes.
pub(super) fn memory_peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// The fields of a `stat` file behind the name, which may hold anything. The first of them is the third of proc(5).
fn fields(folder: &Path) -> Option<Vec<String>> {
    let stat = fs::read_to_string(folder.join("stat")).ok()?;
    let (_, behind) = stat.rsplit_once(')')?;
    Some(behind.split_whitespace().map(str::to_owned).collect())
}

fn parent(folder: &Path) -> Option<u32> {
    fields(folder)?.get(1)?.parse().ok()
}

/// Own and kernel time; with those of children that have ended.
fn ticks(folder: &Path, with_children: bool) -> Option<u32> {
    let fields = fields(folder)?;
    let counted = if with_children { 11..15 } else { 11..13 };
    fields
        .get(counted)?
        .iter()
        .map(|field| field.parse::<u32>().ok())
        .sum()
}
