//! The stories B1 to B15: each one happened to somebody, and is told here as it ends with Changeover. Every story runs on both
//! databases and speaks HTTP alone: to the application, to the provider's ledger, to the mailbox.
//!
//! What is left for later needs what no seller has yet: money that takes days (B12, the half in which it fails after a provisional
//! grant). What the provider itself carries out when a period ends (B10 and B15, the halves with schedules of our own) is in
//! `promises.rs`. Coupons (B7, B8) are stood in for by balances and by prices that
//! were lower when something was bought.

/// Makes a test of each story for each database.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $story() {
                    super::$story($crate::support::Database::Sqlite).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test]
                async fn $story() {
                    super::$story($crate::support::Database::Postgres).await;
                }
            )+
        }
    };
}

pub(crate) use on_both;

mod b01_collected_later;
mod b02_switched_too_early;
mod b03_rejected_before_the_answer;
mod b04_old_news;
mod b05_lost_news;
mod b06_at_once;
mod b07_preview_and_charge;
mod b08_what_was_really_paid;
mod b09_around_a_renewal;
mod b10_foreign_schedules;
mod b11_nobody_returns;
mod b12_in_flight;
mod b13_too_late;
mod b14_lost_updates;
mod b15_what_stands_in_the_way;
mod fault_table;
mod faults_by_stage;
mod promises;

use serde_json::Value;

use crate::journeys::travelling::is_at_the_bank;
use crate::support::{Clint, House};

/// Attaches like any other card; every charge of it is declined.
const DECLINES: &str = "4000000000000341";

/// Nothing was charged.
const NOTHING: [i64; 0] = [];

/// The invoices that changes of a subscription have made, the newest first.
async fn invoices_of_changes(house: &House, clint: &Clint) -> Vec<Value> {
    let path = format!("/v1/invoices?customer={}&limit=100", clint.customer);
    let page = house.provider.get(&path).await;
    let all = page["data"].as_array().expect("invoices").iter();
    all.filter(|invoice| invoice["billing_reason"] == "subscription_update")
        .cloned()
        .collect()
}

/// What the provider holds: items with their quantities.
async fn held_at_the_provider(house: &House, clint: &Clint) -> Vec<(Value, Value)> {
    let subscription = house.provider.subscription(&clint.subscription).await;
    let items = subscription["items"]["data"].as_array().expect("items").iter();
    items
        .map(|item| (item["price"]["id"].clone(), item["quantity"].clone()))
        .collect()
}

/// Devices and user seats.
fn quantities(devices: u64, seats: u64) -> Vec<(String, u64)> {
    vec![("device".to_owned(), devices), ("user-seat".to_owned(), seats)]
}
