//! The story: devices and user seats more, a quote, a CNPJ, a card that the bank wants to see authenticated, and a server that
//! is killed after the charge has left and before its answer has come.

use anyhow::{Context as _, ensure};
use hyper::Method;
use serde_json::{Value, json};

use super::actors;
use super::stage_set::{StageSet, pause};
use crate::cli::client::Client;
use crate::cli::sample::{HELD, text_of};
use crate::cli::terminal::{Timeline, Who};

/// How often the demo looks before it gives up: with its pauses, about a minute.
const LOOKS_MAX: u32 = 300;
const MORE: (u64, u64) = (2, 3);

/// What the proof needs to know of the story.
pub(super) struct Played {
    pub(super) change: String,
    pub(super) reference: String,
    /// The amount that the customer saw and confirmed, in minor units.
    pub(super) quoted: i64,
    pub(super) currency: String,
}

pub(super) async fn play(set: &mut StageSet, timeline: &Timeline) -> anyhow::Result<Played> {
    Timeline::heading("The customer wants more");
    let change = Change::open(set, timeline).await?;
    let quote = change.quote(timeline).await?;
    change.billing_data(timeline, &quote).await?;
    let quote = change.card(set, timeline).await?;
    Timeline::heading("The charge, and a kill in the middle");
    change.confirm_and_kill(set, timeline, &quote).await?;
    Timeline::heading("The server comes back");
    set.start_server(timeline).await?;
    let change = Change {
        api: set.api.clone(),
        ..change
    };
    change.authenticate(set, timeline).await?;
    let done = change.until("active").await?;
    let text = done
        .pointer("/receipt/charged/text")
        .and_then(Value::as_str)
        .unwrap_or_default();
    timeline.happened(
        Who::Changeover,
        &format!("Active: {text} charged, the contract holds the new quantities"),
    );
    Ok(Played {
        change: change.id,
        reference: change.reference,
        quoted: quote
            .pointer("/due_today/amount")
            .and_then(Value::as_i64)
            .context("no amount due")?,
        currency: text_of(&quote, "/due_today/currency")?.to_owned(),
    })
}

struct Change {
    api: Client,
    id: String,
    reference: String,
}

impl Change {
    async fn open(set: &StageSet, timeline: &Timeline) -> anyhow::Result<Self> {
        let (devices, seats) = (HELD.0 + MORE.0, HELD.1 + MORE.1);
        let selection = json!({
            "plan": "growth",
            "quantities": { "device": devices, "user-seat": seats },
            "currency": "BRL",
            "interval": "month",
        });
        let estimate = set
            .api
            .ask(
                &format!("/v1/contracts/{}/estimate", set.contract),
                &json!({ "selection": selection }),
            )
            .await?;
        let due = text_of(&estimate, "/due_now/text")?;
        timeline.happened(
            Who::Customer,
            &format!(
                "Moves the numbers: devices {} → {devices}, user seats {} → {seats}; about {due} today",
                HELD.0, HELD.1
            ),
        );
        let body = json!({ "selection": selection, "actor": owner() });
        let path = format!("/v1/contracts/{}/changes", set.contract);
        let opened = set.api.command(Method::POST, &path, "demo-open", &body).await?;
        let (id, reference) = (
            text_of(&opened, "/id")?.to_owned(),
            text_of(&opened, "/reference")?.to_owned(),
        );
        timeline.happened(Who::Changeover, &format!("Opened change {reference}"));
        Ok(Self {
            api: set.api.clone(),
            id,
            reference,
        })
    }

    async fn quote(&self, timeline: &Timeline) -> anyhow::Result<Value> {
        self.command("quote", "POST", json!({ "actor": owner() })).await?;
        let quoted = self.until("quote.ready").await?;
        let quote = quoted.pointer("/quote").cloned().context("a quote")?;
        timeline.happened(Who::Changeover, "The quote is ready");
        Timeline::text(&quote_table(&quote));
        Ok(quote)
    }

    async fn billing_data(&self, timeline: &Timeline, quote: &Value) -> anyhow::Result<()> {
        self.command(
            "accept",
            "POST",
            json!({ "quote": quote["id"], "actor": owner() }),
        )
        .await?;
        let data = json!({
            "legal_name": "Padaria Luz Ltda",
            "tax_id": "11.222.333/0001-81",
            "fiscal_email": "fiscal@padaria-luz.example",
            "line1": "Rua das Flores, 100",
            "line2": "",
            "city": "São Paulo",
            "state": "SP",
            "postal_code": "01310-100",
            "country": "BR",
            "actor": owner(),
        });
        self.command("billing-info", "PUT", data).await?;
        self.until("payment_confirm.choosing").await?;
        timeline.happened(
            Who::Customer,
            "Accepts, and gives the billing data: CNPJ and fiscal e-mail",
        );
        Ok(())
    }

    /// Gives the quote that is now to be confirmed: the billing data may have changed its taxes.
    async fn card(&self, set: &StageSet, timeline: &Timeline) -> anyhow::Result<Value> {
        let setup = self.command("card-setup", "POST", json!({})).await?;
        actors::give_card(&set.browser, &setup).await?;
        let chosen = self
            .command(
                "payment-method",
                "PUT",
                json!({ "setup": setup["setup"], "actor": owner() }),
            )
            .await?;
        timeline.happened(
            Who::Customer,
            "Gives a card to the provider; its bank asks for 3-D Secure at every payment",
        );
        chosen.pointer("/quote").cloned().context("a quote")
    }

    /// The provider gets the charge and takes it, but its answer never arrives: then the server is killed.
    async fn confirm_and_kill(
        &self,
        set: &mut StageSet,
        timeline: &Timeline,
        quote: &Value,
    ) -> anyhow::Result<()> {
        let fault =
            json!({ "method": "POST", "path": "/v1/subscriptions/*", "nth": 2, "action": "hang_after" });
        set.provider.ask("/_sandbox/faults", &fault).await?;
        timeline.happened(
            Who::Trouble,
            "The provider will take the charge, and its answer will get lost",
        );
        let body = json!({
            "quote": quote["id"],
            "seen": { "amount": quote["due_today"]["amount"], "currency": quote["due_today"]["currency"] },
            "terms_version": self.read().await?["terms"]["version"],
            "actor": owner(),
        });
        self.command("confirm", "POST", body).await?;
        let due = text_of(quote, "/due_today/text")?;
        timeline.happened(Who::Customer, &format!("Confirms {due}"));
        self.until_struck(set).await?;
        let server = set.server.take().context("a running server")?;
        let id = server.id();
        server.kill().await?;
        timeline.happened(
            Who::Trouble,
            &format!("kill -9 {id}: the charge is at the provider, its answer nowhere"),
        );
        set.provider.delete("/_sandbox/faults").await?;
        Ok(())
    }

    async fn until_struck(&self, set: &StageSet) -> anyhow::Result<()> {
        for _ in 0..LOOKS_MAX {
            let faults = set.provider.get("/_sandbox/faults").await?;
            if faults
                .pointer("/data/0/hits")
                .and_then(Value::as_u64)
                .unwrap_or_default()
                > 0
            {
                return Ok(());
            }
            pause(50).await;
        }
        anyhow::bail!("the charge never left the server")
    }

    async fn authenticate(&self, set: &StageSet, timeline: &Timeline) -> anyhow::Result<()> {
        self.until("payment_confirm.action_required").await?;
        timeline.happened(
            Who::Changeover,
            "Sent the same request again under the same key; the provider gave the same answer: the bank wants to see\n\
             the customer",
        );
        let secret = self
            .api
            .get(&format!("/v1/changes/{}/authentication", self.id))
            .await?;
        let intent = text_of(&secret, "/client_secret")?
            .split("_secret")
            .next()
            .unwrap_or_default()
            .to_owned();
        actors::approve(&set.browser, &intent).await?;
        timeline.happened(Who::Customer, "Authenticates on the bank's 3-D Secure page");
        Ok(())
    }

    async fn command(&self, verb: &str, method: &str, body: Value) -> anyhow::Result<Value> {
        let method: Method = method.parse()?;
        let path = format!("/v1/changes/{}/{verb}", self.id);
        let answer = self
            .api
            .command(method, &path, &format!("demo-{verb}"), &body)
            .await;
        answer.with_context(|| format!("the demo's {verb}"))
    }

    async fn read(&self) -> anyhow::Result<Value> {
        Ok(self.api.get(&format!("/v1/changes/{}?wait=5", self.id)).await?)
    }

    /// Looks until the change is where the story goes on.
    async fn until(&self, wanted: &str) -> anyhow::Result<Value> {
        let mut stage = String::new();
        for _ in 0..LOOKS_MAX {
            let change = self.read().await?;
            let part = change["sub_stage"].as_str().filter(|part| !part.is_empty());
            stage = [change["stage"].as_str(), part]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(".");
            if stage == wanted {
                return Ok(change);
            }
            let over = ["active", "cancelled", "expired"].contains(&stage.as_str());
            ensure!(!over, "the change ended in `{stage}` instead of `{wanted}`");
            pause(100).await;
        }
        anyhow::bail!("the change stays in `{stage}` and does not reach `{wanted}`")
    }
}

fn owner() -> Value {
    json!({ "role": "owner", "id": "user-1" })
}

fn quote_table(quote: &Value) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::UTF8_BORDERS_ONLY);
    for line in quote["lines"].as_array().into_iter().flatten() {
        let name = line["name"].as_str().unwrap_or_default();
        table.add_row([
            format!("{name} × {}", line["quantity"]),
            line.pointer("/amount/text")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
        ]);
    }
    let due = quote
        .pointer("/due_today/text")
        .and_then(Value::as_str)
        .unwrap_or_default();
    table.add_row(["due today".to_owned(), due.to_owned()]);
    for recurring in quote["recurring"].as_array().into_iter().flatten() {
        let amount = recurring
            .pointer("/amount/text")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let from = recurring["renews_at"].as_str().unwrap_or_default();
        table.add_row([
            format!("from {} on", from.get(..10).unwrap_or(from)),
            amount.to_owned(),
        ]);
    }
    table.to_string()
}
