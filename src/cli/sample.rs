//! The customer of the samples and of the demo, made at the sandbox as a seller would have made it before Changeover came.

use anyhow::Context as _;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _, Zoned};
use serde_json::Value;

use super::client::Client;
use crate::domain::catalog::{Playbook, Selection};
use crate::ports::time::Clock as _;
use crate::system::SystemClock;

/// The key under which the sandbox is spoken to: it takes any test key.
pub(super) const PROVIDER_KEY: &str = "sk_test_sandbox";
/// The company. Invented.
pub(super) const NAME: &str = "Padaria Luz Ltda";
/// Its mail address. Invented, under a domain that is reserved for examples.
pub(super) const EMAIL: &str = "dona@padaria-luz.example";
/// The seller's own id of it.
pub(super) const EXTERNAL_ID: &str = "padaria-luz";
/// Who pays.
pub(super) const RESPONSIBLE: &str = "Dona Luz";
/// The plan, which is paid in another way.
pub(super) const PLAN: &str = "growth";
/// What is held beyond what the plan includes: devices and user seats.
pub(super) const HELD: (u64, u64) = (3, 5);

/// What the provider knows.
pub(super) struct Customer {
    /// The provider's customer.
    pub(super) id: String,
    /// Its subscription.
    pub(super) subscription: String,
}

/// A customer in the middle of a month, with a card and a subscription of devices and user seats.
pub(super) async fn existing_customer(sandbox: &str) -> anyhow::Result<Customer> {
    let provider = Client::new(sandbox, PROVIDER_KEY);
    let field = |name: &'static str, value: &str| (name, value.to_owned());
    let (customer, card) = with_a_card(&provider, (NAME, EMAIL)).await?;
    let prices = provider.get("/v1/prices?limit=100").await?;
    let (start, anchor) = running_period()?;
    let (devices, seats) = HELD;
    let subscription = provider
        .form(
            "/v1/subscriptions",
            &[
                field("customer", &customer),
                field("default_payment_method", &card),
                field("items[0][price]", price(&prices, "growth.device")?),
                field("items[0][quantity]", &devices.to_string()),
                field("items[1][price]", price(&prices, "growth.user-seat")?),
                field("items[1][quantity]", &seats.to_string()),
                field("backdate_start_date", &start.to_string()),
                field("billing_cycle_anchor", &anchor.to_string()),
                field("off_session", "true"),
            ],
        )
        .await?;
    Ok(Customer {
        id: customer,
        subscription: text_of(&subscription, "/id")?.to_owned(),
    })
}

/// A customer of the provider with a card that always works: the ids of both.
async fn with_a_card(provider: &Client, (name, email): (&str, &str)) -> anyhow::Result<(String, String)> {
    let who = [("email", email.to_owned()), ("name", name.to_owned())];
    let customer = provider.form("/v1/customers", &who).await?;
    let customer = text_of(&customer, "/id")?.to_owned();
    let attach = "/v1/payment_methods/pm_card_visa/attach";
    let card = provider.form(attach, &[("customer", customer.clone())]).await?;
    Ok((customer, text_of(&card, "/id")?.to_owned()))
}

/// A customer of the provider who has bought nothing yet, with a card that always works: its id.
pub(super) async fn customer_with_card(sandbox: &str, who: (&str, &str)) -> anyhow::Result<String> {
    let provider = Client::new(sandbox, PROVIDER_KEY);
    let (customer, card) = with_a_card(&provider, who).await?;
    let default = [("invoice_settings[default_payment_method]", card)];
    provider
        .form(&format!("/v1/customers/{customer}"), &default)
        .await?;
    Ok(customer)
}

/// A customer who pays for this selection at the provider: with a card, since a few days, for one interval to come.
///
/// The prices are those of the seller's own file, by their names at the provider.
pub(super) async fn customer_with(
    sandbox: &str,
    playbook: &Playbook,
    held: &Selection,
    who: (&str, &str),
) -> anyhow::Result<Customer> {
    let provider = Client::new(sandbox, PROVIDER_KEY);
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let (customer, card) = with_a_card(&provider, who).await?;
    let lines = playbook.catalog.resolve(held, None).map_err(|problems| {
        anyhow::anyhow!(
            "the sample of {} cannot be held: {problems:?}",
            playbook.seller.id
        )
    })?;
    let mut fields = vec![
        field("customer", &customer),
        field("default_payment_method", &card),
        field("off_session", "true"),
    ];
    for (nth, line) in lines.iter().filter(|line| line.quantity > 0).enumerate() {
        let named = format!("/v1/prices?lookup_keys[]={}", line.price_ref);
        let found = provider.get(&named).await?;
        fields.push(field(
            &format!("items[{nth}][price]"),
            text_of(&found, "/data/0/id")?,
        ));
        fields.push(field(
            &format!("items[{nth}][quantity]"),
            &line.quantity.to_string(),
        ));
    }
    let start = SystemClock.now().to_zoned(TimeZone::UTC).checked_sub(12.days())?;
    let anchor = start.checked_add(held.interval.span())?;
    for (name, at) in [("backdate_start_date", start), ("billing_cycle_anchor", anchor)] {
        fields.push(field(name, &at.timestamp().as_second().to_string()));
    }
    let fields: Vec<(&str, String)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    let subscription = provider.form("/v1/subscriptions", &fields).await?;
    Ok(Customer {
        id: customer,
        subscription: text_of(&subscription, "/id")?.to_owned(),
    })
}

/// A month that began twelve days ago, from local midnight to local midnight, in unix seconds.
fn running_period() -> anyhow::Result<(i64, i64)> {
    let today = SystemClock.now().in_tz("America/Sao_Paulo")?.start_of_day()?;
    let start: Zoned = today.checked_sub(12.days())?;
    let month: Span = 1.month();
    let anchor = start.checked_add(month)?;
    Ok((start.timestamp().as_second(), anchor.timestamp().as_second()))
}

fn price<'v>(prices: &'v Value, part: &str) -> anyhow::Result<&'v str> {
    let all = prices["data"]
        .as_array()
        .context("the provider lists no prices")?;
    let found = all.iter().find(|price| {
        let key = price["lookup_key"].as_str().unwrap_or_default();
        key.contains(part) && price["active"] == true
    });
    found
        .and_then(|price| price["id"].as_str())
        .with_context(|| format!("no price for {part}"))
}

/// The text at a JSON pointer.
pub(super) fn text_of<'v>(value: &'v Value, pointer: &str) -> anyhow::Result<&'v str> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .with_context(|| format!("no text at {pointer} in {value}"))
}
