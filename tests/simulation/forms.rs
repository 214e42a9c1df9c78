//! What people write into forms: billing data, and answers to the seller's form for less. Mostly what fits.

use std::collections::BTreeMap;

use changeover::domain::account::{BillingForm, BillingIdentity};
use changeover::domain::catalog::{FieldKind, FormField, Playbook, TicketForm};

use crate::chance::Chance;

/// Billing data that this seller takes.
pub fn identity(playbook: &Playbook, mood: &mut Chance) -> BillingIdentity {
    let tax_id = *mood.one_of(&["11.222.333/0001-81", "11.222.333/0001-81", "529.982.247-25"]);
    let street = *mood.one_of(&["Rua das Flores, 100", "Rua das Flores, 100", "Av. Paulista, 1000"]);
    let form = BillingForm {
        legal_name: "Padaria Luz Ltda".to_owned(),
        tax_id: tax_id.to_owned(),
        fiscal_email: "fiscal@padaria-luz.example".to_owned(),
        line1: street.to_owned(),
        line2: String::new(),
        city: "São Paulo".to_owned(),
        state: "SP".to_owned(),
        postal_code: "01310-100".to_owned(),
        country: "BR".to_owned(),
    };
    form.read(playbook.policy.asked_tax_ids())
        .unwrap_or_else(|_| panic!("billing data that can be read"))
}

/// Answers to a form for less; some leave it empty, some answer what nobody asked.
pub fn answers(form: &TicketForm, mood: &mut Chance) -> BTreeMap<String, String> {
    let mut answers = BTreeMap::new();
    for field in &form.fields {
        if field.required || mood.permille(400) {
            answers.insert(field.id.to_string(), answer(field, mood));
        }
    }
    match mood.below(0..100) {
        ..5 => answers.clear(),
        5..10 => {
            answers.insert("unheard-of".to_owned(), "yes".to_owned());
        }
        _ => {}
    }
    answers
}

fn answer(field: &FormField, mood: &mut Chance) -> String {
    match field.kind {
        FieldKind::Text => "We have grown smaller.".to_owned(),
        FieldKind::Choice => mood.one_of(&field.choices).id.to_string(),
        FieldKind::Number => mood.below(0..9).to_string(),
        FieldKind::Email => "dona@padaria-luz.example".to_owned(),
        FieldKind::Date => mood.one_of(&["2026-05-10", "the tenth"]).to_string(),
    }
}
