//! Which database there is, and what is in it.

use secrecy::SecretString;

use super::{Findings, postgres, sqlite};
use crate::config::Config;

/// The database that the configuration names: PostgreSQL by its address, else the embedded one in the data folder.
pub(super) async fn examine(config: &Config) -> Findings {
    match address() {
        Some(url) => postgres::examine(&url).await,
        None => sqlite::examine(&config.data).await,
    }
}

fn address() -> Option<SecretString> {
    let url = std::env::var("DATABASE_URL").ok()?;
    Some(url)
        .filter(|url| !url.trim().is_empty())
        .map(SecretString::from)
}
