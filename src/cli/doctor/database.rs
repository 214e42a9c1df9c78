//! Which database there is, and what is in it.

use super::{Findings, postgres, sqlite};
use crate::config::Config;

/// The database that the configuration names: PostgreSQL by its address, else the embedded one in the data folder.
pub(super) async fn examine(config: &Config) -> Findings {
    match &config.database_url {
        Some(url) => postgres::examine(url).await,
        None => sqlite::examine(&config.data).await,
    }
}
