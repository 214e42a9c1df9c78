//! The customer's browser and the bank, as they meet the provider: nothing of this passes through Changeover.

use std::sync::Arc;

use hyper::Method;
use serde_json::Value;
use url::form_urlencoded;

use crate::courier;
use crate::wire::{Sent, answered};
use crate::world::World;

/// A browser's key, and the seller's own.
const BROWSER: &str = "pk_test_simulated";
const SERVER: &str = "sk_test_simulated";

fn form(fields: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish()
}

fn sent(world: &Arc<World>, sent: &Sent) -> Value {
    let answer = answered(world, sent);
    courier::dispatch(world);
    serde_json::from_slice(answer.body()).unwrap_or_default()
}

/// Something in the seller's dashboard.
pub fn dashboard(world: &Arc<World>, path: &str, fields: &[(&str, &str)]) -> Value {
    world.tells(|| format!("dashboard: {path} {fields:?}"));
    sent(world, &Sent::new(Method::POST, path, SERVER, form(fields)))
}

/// Something in the seller's dashboard, by the method.
pub fn dashboard_deletes(world: &Arc<World>, path: &str) -> Value {
    world.tells(|| format!("dashboard: delete {path}"));
    sent(world, &Sent::new(Method::DELETE, path, SERVER, String::new()))
}

/// Reads something at the provider, past Changeover.
pub fn reads(world: &World, path: &str) -> Value {
    let answer = answered(world, &Sent::new(Method::GET, path, SERVER, String::new()));
    serde_json::from_slice(answer.body()).unwrap_or_default()
}

fn browser(world: &Arc<World>, path: &str, fields: &[(&str, &str)]) -> Value {
    sent(world, &Sent::new(Method::POST, path, BROWSER, form(fields)))
}

/// The customer gives a card, and passes the bank's page when asked to. Whether it is kept.
pub fn gives_card(world: &Arc<World>, setup: &str, secret: &str, number: &str) -> bool {
    let card = [
        ("type", "card"),
        ("card[number]", number),
        ("card[exp_month]", "12"),
        ("card[exp_year]", "2031"),
        ("card[cvc]", "123"),
    ];
    let card = browser(world, "/v1/payment_methods", &card);
    let Some(id) = card["id"].as_str() else {
        return false;
    };
    let path = format!("/v1/setup_intents/{setup}/confirm");
    let confirmed = browser(world, &path, &[("payment_method", id), ("client_secret", secret)]);
    if confirmed["status"] == "requires_action" {
        bank_says(world, setup, "approve");
        return true;
    }
    confirmed["status"] == "succeeded"
}

/// The customer presses a button on the bank's page.
pub fn bank_says(world: &Arc<World>, intent: &str, outcome: &str) {
    world.tells(|| format!("bank: {intent} {outcome}"));
    browser(world, &format!("/_sandbox/3ds/{intent}"), &[("outcome", outcome)]);
}

/// The customer is at the bank with a boleto or a Pix code.
pub fn takes_the_voucher(world: &Arc<World>, intent: &str, outcome: &str) {
    world.tells(|| format!("voucher: {intent} {outcome}"));
    browser(
        world,
        &format!("/_sandbox/vouchers/{intent}"),
        &[("outcome", outcome)],
    );
}
