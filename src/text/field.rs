//! What is wrong with one field of a form, as its person reads it.

use super::{Arg, Words};
use crate::domain::language::Language;

/// What a field of the billing form is called; its own name where there are no words for it.
pub fn name(language: Language, field: &str) -> String {
    Words::get(language, &format!("field-name-{}", field.replace('_', "-")), &[])
}

/// The sentence for a mistake, by its stable code and the name that the field has in the API, such as `legal_name` and `missing`.
/// Fields that customers do not fill in have none.
pub fn mistake(language: Language, field: &str, code: &str) -> Option<String> {
    let key = |part: &str| part.replace('_', "-");
    let name = Words::find(language, &format!("field-name-{}", key(field)), &[])?;
    Words::find(
        language,
        &format!("field-{}", key(code)),
        &[("field", Arg::from(name))],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{BillingField, FieldMistake, TaxIdError};
    use crate::text::OFFERED;

    #[test]
    fn every_mistake_in_every_field_of_the_billing_form_has_its_sentence() {
        let fields = [
            BillingField::LegalName,
            BillingField::TaxId,
            BillingField::FiscalEmail,
            BillingField::Line1,
            BillingField::Line2,
            BillingField::City,
            BillingField::State,
            BillingField::PostalCode,
            BillingField::Country,
        ];
        let numbers = [
            TaxIdError::Missing,
            TaxIdError::Length,
            TaxIdError::Characters,
            TaxIdError::CheckDigits,
            TaxIdError::Repeated,
            TaxIdError::NotAccepted,
        ];
        let mistakes = [FieldMistake::Missing, FieldMistake::TooLong, FieldMistake::Form]
            .into_iter()
            .chain(numbers.map(FieldMistake::TaxId));
        for language in OFFERED {
            for (field, mistake_made) in fields
                .iter()
                .flat_map(|field| mistakes.clone().map(move |mistake_made| (field, mistake_made)))
            {
                let said = mistake(language, field.name(), mistake_made.code());
                assert!(
                    said.is_some(),
                    "{} {} in {language}",
                    field.name(),
                    mistake_made.code()
                );
            }
            assert_eq!(mistake(language, "quantities", "missing"), None);
        }
    }
}
