//! `changeover hooks test`: whether a seller's receiver of events takes them.

use anyhow::bail;

use super::terminal::print;
use crate::app::{configure, push_test_event};
use crate::config::variable;
use crate::domain::catalog::SellerId;

/// Pushes an event that means nothing. `false` when it did not arrive.
pub(super) async fn test(seller: &str) -> anyhow::Result<bool> {
    let (config, _) = configure()?;
    let id: SellerId = seller.parse()?;
    let wants = config.sellers.get(&id).is_some_and(|own| own.events.is_some());
    if !wants {
        bail!(
            "{} is not set: events of `{id}` are read in the feed, and pushed nowhere",
            variable("CHANGEOVER_EVENTS_URL", &id)
        );
    }
    match push_test_event(&config, &id).await? {
        Ok(()) => {
            print("The receiver took it.\n");
            Ok(true)
        }
        Err(failure) => {
            print(&format!(
                "{failure}. A real event would be tried again; look at the receiver's own log.\n"
            ));
            Ok(false)
        }
    }
}
