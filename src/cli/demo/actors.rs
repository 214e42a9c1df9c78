//! What the people in the demo do: the customer's browser at the provider, and the bank's page.

use anyhow::Context as _;
use serde_json::Value;

use crate::cli::client::Client;
use crate::cli::sample::text_of;

/// A card whose bank asks for authentication at every payment. Source: Stripe, "Testing", 3-D Secure test cards.
pub(super) const CARD: &str = "4000002760003184";

/// The browser gives the card to the provider; neither the seller nor Changeover sees it.
pub(super) async fn give_card(browser: &Client, setup: &Value) -> anyhow::Result<()> {
    let field = |name: &'static str, value: &str| (name, value.to_owned());
    let card = browser
        .form(
            "/v1/payment_methods",
            &[
                field("type", "card"),
                field("card[number]", CARD),
                field("card[exp_month]", "12"),
                field("card[exp_year]", "2031"),
                field("card[cvc]", "123"),
            ],
        )
        .await?;
    let (id, secret) = (text_of(setup, "/setup")?, text_of(setup, "/client_secret")?);
    let confirmed = browser
        .form(
            &format!("/v1/setup_intents/{id}/confirm"),
            &[
                field("payment_method", text_of(&card, "/id")?),
                field("client_secret", secret),
            ],
        )
        .await?;
    if confirmed["status"] == "requires_action" {
        approve(browser, id).await?;
    }
    Ok(())
}

/// The customer passes the bank's 3-D Secure page.
pub(super) async fn approve(browser: &Client, intent: &str) -> anyhow::Result<()> {
    let page = format!("/_sandbox/3ds/{intent}");
    browser.get(&page).await.context("the bank's page")?;
    browser
        .form(&page, &[("outcome", "approve".to_owned())])
        .await
        .context("the bank's page")?;
    Ok(())
}
