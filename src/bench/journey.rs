//! One customer, as the seller's backend carries them through a change: every step a request of its own.

use anyhow::{Context as _, ensure};
use hdrhistogram::Histogram;
use hyper::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::http::Http;
use super::{Goods, stub};
use crate::bench::stopwatch::Stopwatch;

/// Times in microseconds, two digits exact, up to ten minutes.
pub(super) fn histogram() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 600_000_000, 2)?)
}

/// How long things took, in microseconds.
pub(super) struct Times {
    /// From opening a change to reading it active.
    pub(super) changes: Histogram<u64>,
    /// Every command. Reads that wait are part of changes alone.
    pub(super) commands: Histogram<u64>,
}

impl Times {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            changes: histogram()?,
            commands: histogram()?,
        })
    }
}

/// Somebody who can be asked about a change.
#[derive(Clone)]
pub(super) struct Api {
    http: Http,
    authorization: String,
}

/// A customer with a contract.
pub(super) struct Customer {
    api: Api,
    nth: u64,
    contract: String,
    held: [u64; 2],
    changes: u64,
}

/// What is looked at in an answer.
#[derive(Deserialize)]
struct Shown {
    id: String,
    #[serde(default)]
    stage: String,
    #[serde(default)]
    sub_stage: Option<String>,
    #[serde(default)]
    quote: Option<Quote>,
}

#[derive(Deserialize)]
struct Quote {
    id: String,
    due_today: Due,
}

#[derive(Deserialize)]
struct Due {
    amount: i64,
    currency: String,
}

impl Shown {
    fn is(&self, stage: &str, part: Option<&str>) -> bool {
        self.stage == stage && self.sub_stage.as_deref().filter(|part| !part.is_empty()) == part
    }

    fn quote(self) -> anyhow::Result<Quote> {
        let stage = self.stage;
        self.quote.with_context(|| format!("no quote in `{stage}`"))
    }
}

impl Api {
    pub(super) fn new(address: &str, key: &str) -> Self {
        Self {
            http: Http::new(address),
            authorization: format!("Bearer {key}"),
        }
    }

    async fn command(&self, method: Method, path: &str, key: &str, body: &Value) -> anyhow::Result<Shown> {
        let headers = [
            ("authorization", self.authorization.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        let answer = self.http.send(method, path, &headers, body.to_string()).await?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// Reads a change once it no longer moves by itself.
    async fn settled(&self, change: &str) -> anyhow::Result<Shown> {
        let headers = [("authorization", self.authorization.as_str())];
        let path = format!("/v1/changes/{change}?wait=30");
        let answer = self.http.send(Method::GET, &path, &headers, "").await?;
        Ok(serde_json::from_slice(&answer)?)
    }
}

impl Customer {
    /// The nth customer, who has been one for a while: with a subscription, and with billing data from an earlier visit.
    pub(super) async fn arrives(api: &Api, goods: &Goods, nth: u64) -> anyhow::Result<Self> {
        let account = json!({
            "external_id": format!("bench-{nth}"),
            "email": format!("dona-{nth}@padaria-luz.example"),
            "name": "Padaria Luz Ltda",
            "created_at": "2025-09-10T15:00:00Z",
            "provider_customer": stub::customer(nth),
        });
        let key = format!("account-{nth}");
        let account = api.command(Method::POST, "/v1/accounts", &key, &account).await?;
        let contract = json!({
            "account": account.id,
            "adopt": { "subscription": stub::subscription(nth), "plan": goods.plan },
        });
        let key = format!("contract-{nth}");
        let contract = api
            .command(Method::POST, "/v1/contracts", &key, &contract)
            .await?;
        let mut customer = Self {
            api: api.clone(),
            nth,
            contract: contract.id,
            held: stub::HELD,
            changes: 0,
        };
        customer.looks_around(goods).await?;
        Ok(customer)
    }

    /// The earlier visit: as far as the billing data, and away again.
    async fn looks_around(&mut self, goods: &Goods) -> anyhow::Result<()> {
        let mut times = Times::new()?;
        let mut visit = self
            .begins(goods, [self.held[0] + 1, self.held[1]], &mut times)
            .await?;
        let quote = visit.is_quoted(&mut times).await?;
        visit
            .says(&mut times, Method::POST, "accept", json!({ "quote": quote.id }))
            .await?;
        visit
            .says(&mut times, Method::PUT, "billing-info", billing_data())
            .await?;
        let change = self.api.settled(&visit.id).await?;
        ensure!(
            change.is("payment_confirm", Some("choosing")),
            "billing data led to `{}`",
            change.stage
        );
        let over = visit
            .says(
                &mut times,
                Method::POST,
                "cancel",
                json!({ "why": "another day" }),
            )
            .await?;
        ensure!(
            over.is("cancelled", None),
            "a cancelled change is in `{}`",
            over.stage
        );
        Ok(())
    }

    /// One more of the two items in turn, from the click to the active plan.
    pub(super) async fn upgrades(&mut self, goods: &Goods, times: &mut Times) -> anyhow::Result<()> {
        let mut wanted = self.held;
        wanted[usize::from(self.changes % 2 == 1)] += 1;
        let watch = Stopwatch::start();
        let mut visit = self.begins(goods, [wanted[0] + 1, wanted[1]], times).await?;
        let selection = json!({ "selection": selection(goods, wanted) });
        visit.says(times, Method::PUT, "selection", selection).await?;
        let quote = visit.is_quoted(times).await?;
        visit
            .says(times, Method::POST, "accept", json!({ "quote": quote.id }))
            .await?;
        visit
            .says(times, Method::POST, "billing-info/keep", json!({}))
            .await?;
        let card = json!({ "card": stub::card(self.nth) });
        visit.says(times, Method::PUT, "payment-method", card).await?;
        let confirmation = json!({
            "quote": quote.id,
            "seen": { "amount": quote.due_today.amount, "currency": quote.due_today.currency },
            "terms_version": goods.terms,
        });
        visit.says(times, Method::POST, "confirm", confirmation).await?;
        let change = self.api.settled(&visit.id).await?;
        times.changes.saturating_record(watch.elapsed_micros());
        ensure!(
            change.is("active", None),
            "a change ended in `{}.{}`",
            change.stage,
            change.sub_stage.unwrap_or_default()
        );
        self.held = wanted;
        Ok(())
    }

    async fn begins(&mut self, goods: &Goods, wanted: [u64; 2], times: &mut Times) -> anyhow::Result<Visit> {
        self.changes += 1;
        let name = format!("change-{}-{}", self.nth, self.changes);
        let path = format!("/v1/contracts/{}/changes", self.contract);
        let body = json!({ "selection": selection(goods, wanted), "actor": owner() });
        let watch = Stopwatch::start();
        let opened = self.api.command(Method::POST, &path, &name, &body).await?;
        times.commands.saturating_record(watch.elapsed_micros());
        Ok(Visit {
            api: self.api.clone(),
            id: opened.id,
            name,
        })
    }
}

/// One change on its way.
struct Visit {
    api: Api,
    id: String,
    name: String,
}

impl Visit {
    async fn says(
        &mut self,
        times: &mut Times,
        method: Method,
        verb: &str,
        mut body: Value,
    ) -> anyhow::Result<Shown> {
        body["actor"] = owner();
        let (path, key) = (
            format!("/v1/changes/{}/{verb}", self.id),
            format!("{}-{verb}", self.name),
        );
        let watch = Stopwatch::start();
        let answer = self.api.command(method, &path, &key, &body).await?;
        times.commands.saturating_record(watch.elapsed_micros());
        Ok(answer)
    }

    async fn is_quoted(&mut self, times: &mut Times) -> anyhow::Result<Quote> {
        self.says(times, Method::POST, "quote", json!({})).await?;
        self.api.settled(&self.id).await?.quote()
    }
}

fn owner() -> Value {
    json!({ "role": "owner", "id": "user-1" })
}

fn selection(goods: &Goods, wanted: [u64; 2]) -> Value {
    let [one, two] = &goods.items;
    json!({
        "plan": goods.plan,
        "quantities": { &one.key: wanted[0], &two.key: wanted[1] },
        "currency": goods.currency,
        "interval": "month",
    })
}

fn billing_data() -> Value {
    json!({
        "legal_name": "Padaria Luz Ltda",
        "tax_id": "11.222.333/0001-81",
        "fiscal_email": "fiscal@padaria-luz.example",
        "line1": "Rua das Flores, 100",
        "line2": "",
        "city": "São Paulo",
        "state": "SP",
        "postal_code": "01310-100",
        "country": "BR",
    })
}
