//! Customers who send the money themselves: Clint's workflow file with the ways to pay for that, and what they do.

use serde_json::{Value, json};

use super::Clint;
use super::house::House;
use super::people::{Change, Problem};

/// A boleto, as a workflow file says it.
pub const BOLETO: &str = r#"
[[payment_methods]]
kind = "boleto"
releases = { pt-BR = "Liberado quando o boleto for compensado, em até 3 dias úteis.", en = "Released once the boleto is settled, within 3 working days." }
after = "1 month"
pay_within = "3 days"
settles_within = "2 days"
"#;

/// A Pix.
pub const PIX: &str = r#"
[[payment_methods]]
kind = "pix"
releases = { pt-BR = "Liberado em segundos.", en = "Released within seconds." }
pay_within = "30 minutes"
"#;

/// Clint's workflow file, with these ways to pay beside the card.
pub fn selling_by(methods: &[&str]) -> String {
    let text = std::fs::read_to_string("workflows/clint.toml").expect("the file");
    let (before, after) = text.split_once("# The screens in order").expect("its screens");
    format!("{before}{}\n# The screens in order{after}", methods.concat())
}

impl House {
    /// From now on Clint takes boleto and Pix too.
    pub async fn takes_boleto_and_pix(&mut self) {
        if self.folder.path().join("workflows").exists() {
            return;
        }
        let text = selling_by(&[BOLETO, PIX]);
        self.deploy(&[("clint.toml", &text)]).await;
    }
}

impl Clint {
    /// Up to the choice of how to pay.
    pub async fn comes_to_the_choice(&self, house: &mut House, selection: Value) -> Change {
        let change = self.comes_to_the_quote(house, selection).await;
        change.accepts().await.expect("accepting");
        change.gives_billing_data().await.expect("billing data");
        house.settle().await;
        change
    }

    /// Up to the voucher that the customer takes to the bank; the provider's id of its payment.
    pub async fn is_asked_for_the_money(
        &self,
        house: &mut House,
        method: &str,
        selection: Value,
    ) -> (Change, String) {
        let change = self.comes_to_the_choice(house, selection).await;
        change.will_pay_by(method).await.expect("a way to pay");
        change.confirms().await.expect("a confirmation");
        house.settle().await;
        let intent = change.voucher_intent().await;
        (change, intent)
    }
}

impl Change {
    /// Chooses a way to pay by which the customer sends the money.
    pub async fn will_pay_by(&self, method: &str) -> Result<Value, Problem> {
        self.put("payment-method", json!({ "method": method })).await
    }

    /// The word for what to do now.
    pub async fn next(&self) -> String {
        let read = self.read().await;
        read["next_action"]["type"].as_str().expect("a word").to_owned()
    }

    /// One of the ways to pay, as the change shows it.
    pub async fn offered(&self, method: &str) -> Value {
        let read = self.read().await;
        let all = read["payment_methods"].as_array().expect("ways to pay");
        let found = all.iter().find(|one| one["kind"] == method);
        found.cloned().unwrap_or_else(|| panic!("no {method} in {all:?}"))
    }

    /// The provider's id of the payment that a voucher waits for.
    pub async fn voucher_intent(&self) -> String {
        let read = self.read().await;
        let url = read["next_action"]["voucher"]["url"].as_str();
        let url = url.unwrap_or_else(|| panic!("no voucher: {read}"));
        url.rsplit('/').next().expect("an id").to_owned()
    }
}
