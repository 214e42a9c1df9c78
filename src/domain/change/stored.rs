//! The stored form of a stage: JSON that names the machine version that wrote it.

use std::num::NonZeroU32;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::stage::Stage;

/// The version of the machine's stored form. It rises when a stage is stored in a way that the version before cannot read;
/// then [`read_stage`] learns to read the older form too, and a golden file of it stays in the tests.
pub const MACHINE_VERSION: u32 = 2;

/// Who says, in a rehearsal of a deployment, of which version a node pretends to be.
static REHEARSED: OnceLock<Box<dyn Fn() -> u32 + Send + Sync>> = OnceLock::new();

/// The version that this node writes, and the newest that it reads: [`MACHINE_VERSION`], but in a rehearsal.
pub fn machine_version() -> u32 {
    REHEARSED.get().map_or(MACHINE_VERSION, |says| says())
}

/// Rehearses a deployment and its way back before there is a second version: from now on `says` tells of which version whoever
/// asks is a node. A process is one node, and says the same for all its life; a simulation has many nodes in one process. `false`
/// where a rehearsal has begun before: that one stays. Must never be reachable in an installation that moves real money.
pub fn rehearse_machine_version(says: impl Fn() -> u32 + Send + Sync + 'static) -> bool {
    REHEARSED.set(Box::new(says)).is_ok()
}

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    #[serde(flatten)]
    stage: &'a Stage,
}

#[derive(Deserialize)]
struct Version {
    v: NonZeroU32,
}

/// Why a stored stage cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StoredStageError {
    /// Written by a newer program: it must never be guessed at.
    #[error("the stage was stored by machine version {0}; this program knows up to {known}", known = machine_version())]
    Newer(u32),
    /// Not what any version writes.
    #[error("the stored stage is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
}

/// The bytes under which a stage is stored and hashed.
pub fn write_stage(stage: &Stage) -> Result<Vec<u8>, StoredStageError> {
    Ok(serde_json::to_vec(&Written {
        v: machine_version(),
        stage,
    })?)
}

/// Reads what this or an older version has written.
pub fn read_stage(bytes: &[u8]) -> Result<Stage, StoredStageError> {
    let Version { v } = serde_json::from_slice(bytes)?;
    if v.get() > machine_version() {
        return Err(StoredStageError::Newer(v.get()));
    }
    // The version stands among the stage's own facts, which pass over it.
    Ok(serde_json::from_slice(bytes)?)
}
