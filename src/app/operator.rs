//! The operator's key: handed in, or made once and kept in the data folder, readable by its owner alone.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use secrecy::SecretString;

use crate::config::Config;
use crate::ports::time::Ids;

/// The file in the data folder.
pub const FILE: &str = "operator.key";

/// The key that opens support's part of the API for all sellers.
pub(super) fn key(config: &Config, ids: &dyn Ids) -> anyhow::Result<SecretString> {
    if let Some(key) = &config.operator_key {
        return Ok(key.clone());
    }
    let file = config.data.join(FILE);
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let key = text.trim().to_owned();
            ensure!(
                !key.is_empty(),
                "{} is empty; remove it, and a new key is made",
                file.display()
            );
            Ok(key.into())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = format!("cho_operator_{}", hex::encode(ids.secret()));
            write(&file, &key).with_context(|| format!("{} cannot be written", file.display()))?;
            Ok(key.into())
        }
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", file.display())),
    }
}

/// Never readable by others, not even for a moment.
fn write(file: &Path, key: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut open = options.open(file)?;
    writeln!(open, "{key}")?;
    open.sync_all()
}
