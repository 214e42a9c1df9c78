use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::account::{BillingForm, FieldProblem, TaxIdKind};
use crate::domain::change::{ChangeId, RefusalCode};
use crate::engine::{ChangeView, EngineError, Wish};
use crate::web::WebState;
use crate::web::api::document::{ChangeHeaders, ChangePath, CommandProblems, FindProblems};
use crate::web::api::show::{self, Answer};
use crate::web::api::views::ChangeBody;
use crate::web::ask::{ActorBody, Caller, Command, Named};
use crate::web::problem::{FieldError, Problem};

/// Billing data as the customer typed it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BillingInfo {
    /// The company's registered name, or the person's.
    #[serde(default)]
    #[schema(required = true, example = "Padaria da Ana Ltda")]
    legal_name: String,
    /// The tax number, with or without its punctuation, where the seller asks for one.
    #[serde(default)]
    #[schema(example = "11.222.333/0001-81")]
    tax_id: String,
    /// Where invoices and fiscal documents are mailed.
    #[serde(default)]
    #[schema(required = true, example = "fiscal@padaria.example")]
    fiscal_email: String,
    /// Street and number.
    #[serde(default)]
    #[schema(required = true, example = "Rua das Flores, 10")]
    line1: String,
    /// Whatever more it takes.
    #[serde(default)]
    line2: String,
    /// Town.
    #[serde(default)]
    #[schema(required = true, example = "São Paulo")]
    city: String,
    /// State or province: in Brazil the two letters.
    #[serde(default)]
    #[schema(example = "SP")]
    state: String,
    /// In Brazil eight digits.
    #[serde(default)]
    #[schema(required = true, example = "01310-100")]
    postal_code: String,
    /// Two letters, ISO 3166-1.
    #[serde(default)]
    #[schema(required = true, example = "BR")]
    country: String,
    /// Who acts.
    actor: ActorBody,
}

/// Billing data to start editing from.
#[derive(Serialize, ToSchema)]
pub struct BillingPrefill {
    /// Whether the account has given billing data before. Otherwise only what the account itself says is filled in.
    pub on_file: bool,
    /// The fields, as `PUT` takes them.
    #[schema(value_type = BillingFields)]
    pub billing: BillingForm,
    /// The kinds of tax number that the seller accepts; none where it asks for none.
    #[schema(value_type = Vec<String>, example = json!(["cnpj", "cpf"]))]
    tax_ids: Vec<TaxIdKind>,
    /// Those of them that may be left out. A kind is asked for where it belongs to the country of the address.
    #[schema(value_type = Vec<String>, example = json!([]))]
    optional_tax_ids: Vec<TaxIdKind>,
}

/// The fields of billing data.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the domain's own form")]
pub struct BillingFields {
    legal_name: String,
    tax_id: String,
    fiscal_email: String,
    line1: String,
    line2: String,
    city: String,
    state: String,
    postal_code: String,
    country: String,
}

impl BillingPrefill {
    /// What is on file, or what the account itself says.
    pub async fn of(state: &WebState, view: &ChangeView) -> Result<Self, EngineError> {
        let store = state.engine.store();
        let identity = match store.billing(view.account.id).await? {
            Some(on_file) => store.identity(on_file.identity.row).await?,
            None => None,
        };
        let from_account = || BillingForm {
            legal_name: view.account.name.clone(),
            fiscal_email: view.account.email.clone(),
            ..BillingForm::default()
        };
        Ok(Self {
            on_file: identity.is_some(),
            billing: identity.map_or_else(from_account, |identity| identity.to_form()),
            tax_ids: view.playbook.policy.tax_ids.clone(),
            optional_tax_ids: view.playbook.policy.optional_tax_ids.clone(),
        })
    }
}

impl BillingInfo {
    fn split(self) -> (BillingForm, ActorBody) {
        let form = BillingForm {
            legal_name: self.legal_name,
            tax_id: self.tax_id,
            fiscal_email: self.fiscal_email,
            line1: self.line1,
            line2: self.line2,
            city: self.city,
            state: self.state,
            postal_code: self.postal_code,
            country: self.country,
        };
        (form, self.actor)
    }
}

/// Read the billing data to start from
///
/// Personal data: for the seller's backend, which shows it to the customer whose it is.
#[utoipa::path(
    get,
    path = "/v1/changes/{id}/billing-info",
    tag = "changes",
    params(ChangePath),
    responses((status = 200, description = "The billing data.", body = BillingPrefill), FindProblems)
)]
pub async fn read_billing_info(
    State(state): State<WebState>,
    caller: Caller,
    Named(id): Named<ChangeId>,
) -> Answer {
    let view = state.engine.change(id, &caller.seller).await?;
    show::now(&BillingPrefill::of(&state, &view).await?)
}

/// Give billing data
///
/// Every mistake is told at once. Where the address or the tax number changes what is due, a new quote follows.
#[utoipa::path(
    put,
    path = "/v1/changes/{id}/billing-info",
    tag = "changes",
    params(ChangePath, ChangeHeaders),
    request_body = BillingInfo,
    responses((status = 200, description = "The change.", body = ChangeBody), CommandProblems)
)]
pub async fn give_billing_info(
    State(state): State<WebState>,
    Named(change): Named<ChangeId>,
    command: Command<BillingInfo>,
) -> Answer {
    let asked = command.asked(command.body.actor.actor());
    if let Some(answer) = show::replayed(&state, &asked).await? {
        return Ok(answer);
    }
    let view = state.engine.change(change, &asked.seller).await?;
    let (form, _) = command.body.split();
    let identity = form
        .read(view.playbook.policy.asked_tax_ids())
        .map_err(|problems| mistakes(&problems))?;
    show::submitted(&state, change, Wish::BillingInfo(identity), &asked).await
}

/// All mistakes of a form at once, each at its field.
pub fn mistakes(problems: &[FieldProblem]) -> Problem {
    let detail = match problems.len() {
        1 => "One field of the billing data needs another look.".to_owned(),
        many => format!("{many} fields of the billing data need another look."),
    };
    let errors = problems.iter().map(|one| {
        FieldError::new(
            format!("/{}", one.field.name()),
            one.problem.code(),
            one.problem.to_string(),
        )
    });
    Problem::refusal(RefusalCode::BillingInfoInvalid, detail).pointing(errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_mistakes_are_told_at_once_without_what_was_typed() {
        let form = BillingForm {
            tax_id: "11222333000182".to_owned(),
            fiscal_email: "ana-at-example".to_owned(),
            country: "BR".to_owned(),
            ..BillingForm::default()
        };
        let problems = form.read(&[TaxIdKind::Cnpj]).expect_err("many mistakes");
        let told = serde_json::to_value(mistakes(&problems)).expect("a problem");
        assert_eq!(told["code"], "billing_info_invalid");
        let pointers: Vec<_> = told["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|e| e["pointer"].clone())
            .collect();
        assert_eq!(
            pointers,
            [
                "/legal_name",
                "/tax_id",
                "/fiscal_email",
                "/line1",
                "/city",
                "/state",
                "/postal_code"
            ]
        );
        assert_eq!(told["errors"][1]["code"], "tax_id_check_digits");
        assert!(!told.to_string().contains("ana-at"), "{told}");
    }
}
