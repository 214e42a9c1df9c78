//! `changeover reconcile`: compares contracts with the provider through the running server, and repairs what is safe.

use anyhow::{Context as _, bail};
use comfy_table::Table;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::client::Client;
use super::terminal::print;
use crate::app::configure;
use crate::config::{Config, variable};
use crate::domain::catalog::SellerId;
use crate::ports::time::{Clock as _, Ids as _};
use crate::system::{SystemClock, SystemIds};

/// What is to be compared, and whether it is repaired.
#[derive(Debug, clap::Args)]
pub(super) struct ReconcileArguments {
    /// The seller; all that have an API key here when none is named.
    #[arg(long)]
    seller: Option<String>,
    /// One contract; all of the seller's when none is named.
    #[arg(long, requires = "seller")]
    contract: Option<String>,
    /// The address of the running server; the configured one when it is not named.
    #[arg(long)]
    server: Option<String>,
    /// Begin every repair that is safe. Without it, nothing is changed.
    #[arg(long, requires = "reason")]
    apply: bool,
    /// Why; it stays in the history for good.
    #[arg(long)]
    reason: Option<String>,
    /// Who orders it, as an id of the support system.
    #[arg(long = "as", default_value = "operator")]
    agent: String,
    /// Print JSON, one line a finding.
    #[arg(long)]
    json: bool,
}

/// Compares, and shows what was found; `false` when something differs and was not repaired.
pub(super) async fn reconcile(arguments: ReconcileArguments) -> anyhow::Result<bool> {
    let (config, _) = configure()?;
    let mut findings = Vec::new();
    let mut compared = 0_usize;
    for (seller, client) in clients(&config, &arguments)? {
        let contracts = match &arguments.contract {
            Some(one) => vec![one.clone()],
            None => all_contracts(&client).await?,
        };
        for contract in contracts {
            compared += 1;
            findings.extend(one_contract(&client, &contract, &arguments).await?);
        }
        if !arguments.json {
            print(&format!("{seller}: compared.\n"));
        }
    }
    show(&findings, compared, &arguments);
    Ok(findings.iter().all(|finding| finding["state"] == "begun"))
}

/// A client for each seller that is to be looked at.
fn clients(config: &Config, arguments: &ReconcileArguments) -> anyhow::Result<Vec<(SellerId, Client)>> {
    let wanted: Option<SellerId> = arguments.seller.as_deref().map(str::parse).transpose()?;
    let server = arguments
        .server
        .clone()
        .unwrap_or_else(|| format!("http://{}", config.listen));
    let mut clients = Vec::new();
    for (seller, own) in &config.sellers {
        if wanted.as_ref().is_some_and(|wanted| wanted != seller) {
            continue;
        }
        match &own.api_key {
            Some(key) => clients.push((seller.clone(), Client::new(&server, key.expose_secret()))),
            None if wanted.is_some() => bail!("{} is not set", variable("CHANGEOVER_API_KEY", seller)),
            None => {}
        }
    }
    match (clients.is_empty(), wanted) {
        (false, _) => Ok(clients),
        (true, Some(seller)) => bail!("there is no workflow file for the seller `{seller}`"),
        (true, None) => bail!("no seller has an API key here: set CHANGEOVER_API_KEY_<SELLER>"),
    }
}

async fn all_contracts(client: &Client) -> anyhow::Result<Vec<String>> {
    let mut all: Vec<String> = Vec::new();
    let mut after = String::new();
    loop {
        let page = client.get(&format!("/v1/contracts{after}")).await?;
        let ids = page["data"].as_array().into_iter().flatten();
        all.extend(ids.filter_map(|id| id.as_str().map(str::to_owned)));
        match page["next"].as_str() {
            Some(next) => after = format!("?after={next}"),
            None => return Ok(all),
        }
    }
}

async fn one_contract(
    client: &Client,
    contract: &str,
    arguments: &ReconcileArguments,
) -> anyhow::Result<Vec<Value>> {
    let answer = if arguments.apply {
        let order = json!({ "support": { "id": arguments.agent, "reason": arguments.reason } });
        let key = SystemIds.new_id(SystemClock.now());
        let path = format!("/v1/contracts/{contract}/repairs");
        client
            .command(hyper::Method::POST, &path, &key.to_string(), &order)
            .await
    } else {
        client.get(&format!("/v1/contracts/{contract}/comparison")).await
    };
    let answer = answer.with_context(|| format!("contract {contract}"))?;
    Ok(answer["findings"].as_array().cloned().unwrap_or_default())
}

fn show(findings: &[Value], compared: usize, arguments: &ReconcileArguments) {
    if arguments.json {
        for finding in findings {
            print(&format!("{finding}\n"));
        }
        return;
    }
    if findings.is_empty() {
        print(&format!("{compared} contracts compared; nothing differs.\n"));
        return;
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_BORDERS_ONLY);
    table.set_header([
        "finding",
        "object",
        "what was seen",
        "repair",
        "gives back",
        "state",
    ]);
    for finding in findings {
        let said = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        let gives_back = finding["gives_back"]["text"].as_str().unwrap_or("nothing");
        table.add_row([
            said("code"),
            said("object"),
            said("seen"),
            said("repair"),
            gives_back.to_owned(),
            said("state"),
        ]);
    }
    print(&format!(
        "{table}\n{compared} contracts compared. No repair charges anybody.\n"
    ));
    if !arguments.apply {
        print(
            "A dry run: nothing was changed. Run it again with --apply --reason \"...\" to begin what is safe.\n",
        );
    }
}
