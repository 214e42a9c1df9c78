//! `changeover catalog push`: a seller's products, prices and tax rates at its provider.

use anyhow::{Context as _, bail};
use comfy_table::Table;

use super::terminal::print;
use crate::app::{configure, payments};
use crate::config::{Config, variable};
use crate::domain::catalog::{Playbook, SellerId};
use crate::domain::language::Language;
use crate::stripe::catalog::{PushPlan, PushState};

/// Shows what would be made; makes it with `really`. `false` when something at the provider differs.
pub(super) async fn push(seller: &str, really: bool) -> anyhow::Result<bool> {
    let (config, workflows) = configure()?;
    let id: SellerId = seller.parse()?;
    let workflow = workflows
        .iter()
        .find(|workflow| workflow.playbook.seller.id == id);
    let playbook = &workflow
        .with_context(|| format!("there is no workflow file for the seller `{id}`"))?
        .playbook;
    let own = config.sellers.get(&id).cloned().unwrap_or_default();
    if own.stripe_key.is_none() {
        bail!(
            "{} is not set: there is no provider to push to",
            variable("STRIPE_SECRET_KEY", &id)
        );
    }
    let provider = payments(&config, &own)?;
    let plan = provider
        .plan_push(
            &playbook.catalog,
            playbook.policy.tax_rates(),
            own_language(playbook),
        )
        .await?;
    show(&plan);
    let missing = plan.missing();
    if !really {
        print(&format!(
            "\nA dry run: {missing} would be made. Run it again with --yes to make them.\n"
        ));
    } else if missing > 0 {
        provider.push(&plan).await?;
        print(&format!("\n{missing} made.\n"));
    } else {
        print("\nEverything is there already.\n");
    }
    Ok(!plan.differs())
}

/// Makes what is missing, without a word: what the sandbox needs before it can sell.
pub(super) async fn push_all(config: &Config, playbook: &Playbook) -> anyhow::Result<()> {
    let own = config
        .sellers
        .get(&playbook.seller.id)
        .cloned()
        .unwrap_or_default();
    let provider = payments(config, &own)?;
    let plan = provider
        .plan_push(
            &playbook.catalog,
            playbook.policy.tax_rates(),
            own_language(playbook),
        )
        .await?;
    provider.push(&plan).await?;
    Ok(())
}

fn own_language(playbook: &Playbook) -> Language {
    playbook.seller.languages.first().copied().unwrap_or(Language::En)
}

fn show(plan: &PushPlan) {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_BORDERS_ONLY);
    table.set_header(["", "name", "at the provider"]);
    for product in &plan.products {
        table.add_row(["product".to_owned(), product.id.clone(), said(&product.state)]);
    }
    for price in &plan.prices {
        table.add_row(["price".to_owned(), price.name.to_string(), said(&price.state)]);
    }
    for rate in &plan.tax_rates {
        table.add_row(["tax rate".to_owned(), rate.name.to_string(), said(&rate.state)]);
    }
    print(&format!("{table}\n"));
}

fn said(state: &PushState) -> String {
    match state {
        PushState::Missing => "missing".to_owned(),
        PushState::Present { id } => id.clone(),
        PushState::Differs { id, how } => format!("{id} differs: {}", how.join("; ")),
    }
}
