//! The billing data: prefilled, its fields by country, every mistake at its field.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;

use super::acting::{ChangePath, after, submit};
use super::own_change;
use crate::domain::account::{BillingField, BillingForm, TaxIdKind};
use crate::domain::change::{ChangeId, Event};
use crate::domain::language::Language;
use crate::domain::money::Currency;
use crate::engine::Wish;
use crate::text;
use crate::web::WebState;
use crate::web::api::mistakes;
use crate::web::page::{Form, OwnForm, Page, Say};
use crate::web::problem::OnAPage;

/// The billing data as a page shows them.
#[derive(Debug, Clone)]
pub(super) struct BillingView {
    /// The fields, in order.
    pub fields: Vec<InputView>,
    /// The countries to choose from.
    pub countries: Vec<(&'static str, String, bool)>,
    /// Whether they are on file already.
    pub on_file: bool,
}

/// One field.
#[derive(Debug, Clone)]
pub(super) struct InputView {
    /// Its name.
    pub name: &'static str,
    /// What it is called.
    pub label: String,
    /// What stands in it.
    pub value: String,
    /// What is wrong with it.
    pub wrong: Option<String>,
    /// How browsers fill it in (HTML, autofill).
    pub autocomplete: &'static str,
    /// How wide it is: a class.
    pub width: &'static str,
    /// Whether it may stay empty.
    pub optional: bool,
    /// `email` or `text`.
    pub kind: &'static str,
}

/// Countries of the sellers' customers, the ones with tax numbers that are checked first.
const COUNTRIES: [&str; 34] = [
    "BR", "FR", "ES", "PT", "US", "MX", "AR", "CL", "CO", "PE", "UY", "DE", "IT", "NL", "BE", "LU", "IE",
    "AT", "CH", "GB", "PL", "CZ", "DK", "SE", "FI", "NO", "GR", "RO", "HU", "CA", "AU", "NZ", "JP", "AO",
];

const FIELDS: [(BillingField, &str, &str, bool); 8] = [
    (BillingField::LegalName, "organization", "", false),
    (BillingField::TaxId, "off", "half", true),
    (BillingField::FiscalEmail, "email", "half", false),
    (BillingField::Line1, "address-line1", "", false),
    (BillingField::Line2, "address-line2", "half", true),
    (BillingField::PostalCode, "postal-code", "half", false),
    (BillingField::City, "address-level2", "half", false),
    (BillingField::State, "address-level1", "half", true),
];

impl BillingView {
    /// The form with what is known, and what is wrong with it.
    pub fn of(
        say: Say,
        form: &BillingForm,
        guess: &'static str,
        on_file: bool,
        wrong: Option<&OnAPage>,
    ) -> Self {
        let told = wrong.map(by_field).unwrap_or_default();
        let fields = FIELDS
            .iter()
            .map(|(field, autocomplete, width, optional)| InputView {
                name: field.name(),
                label: text::field::name(say.0, field.name()),
                value: value(form, *field).to_owned(),
                wrong: told.get(field.name()).cloned(),
                autocomplete,
                width,
                optional: *optional,
                kind: if *field == BillingField::FiscalEmail {
                    "email"
                } else {
                    "text"
                },
            });
        let chosen = if form.country.is_empty() {
            guess
        } else {
            form.country.as_str()
        };
        Self {
            fields: fields.collect(),
            countries: countries(say, chosen),
            on_file,
        }
    }
}

/// What is wrong, by the fields' names, as people read it.
fn by_field(wrong: &OnAPage) -> BTreeMap<String, String> {
    let told = wrong.fields.iter().map(|(error, message)| {
        let field = error.pointer.trim_start_matches('/').to_owned();
        (field, message.clone().unwrap_or_else(|| error.detail.clone()))
    });
    told.collect()
}

/// The country that somebody's most likely is, before they have said it: they see it, and can change it.
pub(super) fn likely_country(currency: Currency, language: Language) -> &'static str {
    match (currency.code(), language) {
        ("BRL", _) | (_, Language::PtBr) => "BR",
        (_, Language::Fr) => "FR",
        ("EUR", _) => "ES",
        _ => "US",
    }
}

fn countries(say: Say, chosen: &str) -> Vec<(&'static str, String, bool)> {
    let mut all: Vec<_> = COUNTRIES
        .iter()
        .map(|code| {
            (
                *code,
                text::country(say.0, code),
                code.eq_ignore_ascii_case(chosen),
            )
        })
        .collect();
    all.sort_by(|one, other| one.1.cmp(&other.1));
    all
}

fn value(form: &BillingForm, field: BillingField) -> &str {
    match field {
        BillingField::LegalName => &form.legal_name,
        BillingField::TaxId => &form.tax_id,
        BillingField::FiscalEmail => &form.fiscal_email,
        BillingField::Line1 => &form.line1,
        BillingField::Line2 => &form.line2,
        BillingField::City => &form.city,
        BillingField::State => &form.state,
        BillingField::PostalCode => &form.postal_code,
        BillingField::Country => &form.country,
    }
}

/// What was typed.
pub(super) fn typed(form: &Form) -> BillingForm {
    BillingForm {
        legal_name: form.text("legal_name"),
        tax_id: form.text("tax_id"),
        fiscal_email: form.text("fiscal_email"),
        line1: form.text("line1"),
        line2: form.text("line2"),
        city: form.text("city"),
        state: form.text("state"),
        postal_code: form.text("postal_code"),
        country: form.text("country"),
    }
}

/// The kinds of tax number that the seller takes, as people know them.
pub(super) fn kinds(taken: &[TaxIdKind]) -> String {
    let word = |kind: &TaxIdKind| serde_json::to_value(kind).ok()?.as_str().map(str::to_owned);
    let names = taken.iter().filter_map(word);
    let names: Vec<String> = names.map(|word| word.to_uppercase().replace('_', " ")).collect();
    names.join(", ")
}

/// Takes the form.
pub(super) async fn take(State(state): State<WebState>, Path((_, id)): ChangePath, own: OwnForm) -> Page {
    let change = ChangeId(id);
    let view = own_change(&own.visitor, &state, change).await?;
    let done = if own.form.get("keep").is_some() {
        submit(&state, change, Wish::Event(Event::PassBillingInfo), &own.asked()).await
    } else {
        match typed(&own.form).read(view.playbook.policy.asked_tax_ids()) {
            Ok(identity) => submit(&state, change, Wish::BillingInfo(identity), &own.asked()).await,
            Err(problems) => Err(mistakes(&problems)),
        }
    };
    after(&state, &own, change, done).await
}

/// What is wrong with what was typed so far, by the fields' names. Nothing is kept of it.
pub(super) async fn check(State(state): State<WebState>, Path((_, id)): ChangePath, own: OwnForm) -> Page {
    let visitor = &own.visitor;
    let view = own_change(visitor, &state, ChangeId(id)).await?;
    let read = typed(&own.form).read(view.playbook.policy.asked_tax_ids());
    let wrong = read
        .err()
        .map(|problems| mistakes(&problems).on_a_page(visitor.language));
    let told = wrong.as_ref().map(by_field).unwrap_or_default();
    Ok(Json(told).into_response())
}
