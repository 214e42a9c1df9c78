use std::fmt;

use serde::{Deserialize, Serialize};

use super::country;
use super::{PostalAddress, TaxId, TaxIdError, TaxIdKind, can_be_email};

/// To whom invoices are made out: complete, and checked field by field.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillingIdentity {
    /// The company's registered name, or the person's.
    pub legal_name: String,
    /// The number that the tax authority knows it by, where the seller asks for one.
    pub tax_id: Option<TaxId>,
    /// Where invoices and fiscal documents are mailed.
    pub fiscal_email: String,
    /// Where it has its seat.
    pub address: PostalAddress,
}

/// The form as it was filled in: texts, nothing checked yet.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BillingForm {
    /// See [`BillingIdentity::legal_name`].
    pub legal_name: String,
    /// See [`BillingIdentity::tax_id`].
    pub tax_id: String,
    /// See [`BillingIdentity::fiscal_email`].
    pub fiscal_email: String,
    /// See [`PostalAddress::line1`].
    pub line1: String,
    /// See [`PostalAddress::line2`].
    pub line2: String,
    /// See [`PostalAddress::city`].
    pub city: String,
    /// See [`PostalAddress::state`].
    pub state: String,
    /// See [`PostalAddress::postal_code`].
    pub postal_code: String,
    /// See [`PostalAddress::country`].
    pub country: String,
}

/// Which tax numbers a seller asks for. A kind is asked for where it belongs to the country of the address.
#[derive(Debug, Clone, Copy)]
pub struct AskedTaxIds<'a> {
    /// The kinds that it takes; none where it asks for none.
    pub accepted: &'a [TaxIdKind],
    /// Those of them that may be left out.
    pub optional: &'a [TaxIdKind],
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the field of the form of the same name")]
pub enum BillingField {
    LegalName,
    TaxId,
    FiscalEmail,
    Line1,
    Line2,
    City,
    State,
    PostalCode,
    Country,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {problem}", .field.name())]
pub struct FieldProblem {
    /// Which field.
    pub field: BillingField,
    /// What is wrong with it.
    pub problem: FieldMistake,
}

/// Why a field cannot be taken as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum FieldMistake {
    /// It is needed and empty.
    #[error("it is missing")]
    Missing,
    /// It is longer than the provider and the tax systems take.
    #[error("it is too long")]
    TooLong,
    /// It does not have the form that such a thing has.
    #[error("it does not have the right form")]
    Form,
    /// The tax number is not one.
    #[error(transparent)]
    TaxId(TaxIdError),
}

impl BillingField {
    /// Its name in the form and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::LegalName => "legal_name",
            Self::TaxId => "tax_id",
            Self::FiscalEmail => "fiscal_email",
            Self::Line1 => "line1",
            Self::Line2 => "line2",
            Self::City => "city",
            Self::State => "state",
            Self::PostalCode => "postal_code",
            Self::Country => "country",
        }
    }
}

impl FieldMistake {
    /// The stable code, as clients see it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong => "too_long",
            Self::Form => "form",
            Self::TaxId(error) => error.code(),
        }
    }
}

/// The most characters of any field.
const LENGTH_MAX: usize = 200;

impl BillingForm {
    /// Reads the form, or tells every field that needs another look. What is needed depends on the country: the tax numbers of
    /// its kinds that the seller accepts, a state, a postal code.
    pub fn read<'a>(&self, asked: impl Into<AskedTaxIds<'a>>) -> Result<BillingIdentity, Vec<FieldProblem>> {
        let asked = asked.into();
        let mut problems = Vec::new();
        let mut say = |field, problem| problems.push(FieldProblem { field, problem });
        let mut text = |field, value: &str, needed| {
            let value = value.trim();
            if needed && value.is_empty() {
                say(field, FieldMistake::Missing);
            } else if value.chars().count() > LENGTH_MAX {
                say(field, FieldMistake::TooLong);
            } else if value.chars().any(char::is_control) {
                say(field, FieldMistake::Form);
            }
            value.to_owned()
        };
        let country = text(BillingField::Country, &self.country, true).to_ascii_uppercase();
        let legal_name = text(BillingField::LegalName, &self.legal_name, true);
        let fiscal_email = text(BillingField::FiscalEmail, &self.fiscal_email, true);
        let mut address = PostalAddress {
            line1: text(BillingField::Line1, &self.line1, true),
            line2: text(BillingField::Line2, &self.line2, false),
            city: text(BillingField::City, &self.city, true),
            state: text(BillingField::State, &self.state, country::needs_state(&country)),
            postal_code: text(
                BillingField::PostalCode,
                &self.postal_code,
                country::needs_postal_code(&country),
            ),
            country,
        };
        if !fiscal_email.is_empty() && !can_be_email(&fiscal_email) {
            say(BillingField::FiscalEmail, FieldMistake::Form);
        }
        address.normalise(&mut say);
        let tax_id = asked
            .read(&address.country, &self.tax_id)
            .unwrap_or_else(|error| {
                say(BillingField::TaxId, FieldMistake::TaxId(error));
                None
            });
        if problems.is_empty() {
            Ok(BillingIdentity {
                legal_name,
                tax_id,
                fiscal_email,
                address,
            })
        } else {
            problems.sort_by_key(|problem| problem.field);
            problems.dedup_by_key(|problem| problem.field);
            Err(problems)
        }
    }
}

impl<'a> From<&'a [TaxIdKind]> for AskedTaxIds<'a> {
    fn from(accepted: &'a [TaxIdKind]) -> Self {
        Self {
            accepted,
            optional: &[],
        }
    }
}

impl<'a> From<&'a Vec<TaxIdKind>> for AskedTaxIds<'a> {
    fn from(accepted: &'a Vec<TaxIdKind>) -> Self {
        accepted.as_slice().into()
    }
}

impl<'a, const N: usize> From<&'a [TaxIdKind; N]> for AskedTaxIds<'a> {
    fn from(accepted: &'a [TaxIdKind; N]) -> Self {
        accepted.as_slice().into()
    }
}

impl AskedTaxIds<'_> {
    /// The number, or none where none is needed.
    fn read(self, country: &str, written: &str) -> Result<Option<TaxId>, TaxIdError> {
        let is_empty = written.trim().is_empty();
        if self.accepted.is_empty() {
            return Ok(None);
        }
        if !country::exists(country) {
            // Which kinds fit is not known before the country is; what is wrong with that is told anyway.
            let all_optional = self.accepted.iter().all(|kind| self.optional.contains(kind));
            return if is_empty && !all_optional {
                Err(TaxIdError::Missing)
            } else {
                Ok(None)
            };
        }
        let mut fitting = self.accepted.iter().filter(|kind| kind.is_of(country)).peekable();
        if is_empty && (fitting.peek().is_none() || fitting.all(|kind| self.optional.contains(kind))) {
            return Ok(None);
        }
        TaxId::parse_any(self.accepted, country, written).map(Some)
    }
}

impl BillingIdentity {
    /// The form filled in with what is known, to start editing from.
    pub fn to_form(&self) -> BillingForm {
        let Self {
            legal_name,
            tax_id,
            fiscal_email,
            address,
        } = self.clone();
        BillingForm {
            legal_name,
            tax_id: tax_id.map(|id| id.formatted()).unwrap_or_default(),
            fiscal_email,
            line1: address.line1,
            line2: address.line2,
            city: address.city,
            state: address.state,
            postal_code: address.postal_code,
            country: address.country,
        }
    }
}

/// Shows no personal data: it ends up in logs.
impl fmt::Debug for BillingIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BillingIdentity")
            .field("tax_id", &self.tax_id)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Shows nothing that was typed.
impl fmt::Debug for BillingForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BillingForm(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [TaxIdKind; 2] = [TaxIdKind::Cnpj, TaxIdKind::Cpf];

    fn form() -> BillingForm {
        BillingForm {
            legal_name: " Padaria da Ana Ltda ".to_owned(),
            tax_id: "11222333000181".to_owned(),
            fiscal_email: "fiscal@padaria.example".to_owned(),
            line1: "Rua das Flores, 10".to_owned(),
            line2: String::new(),
            city: "São Paulo".to_owned(),
            state: "sp".to_owned(),
            postal_code: "01310100".to_owned(),
            country: "br".to_owned(),
        }
    }

    #[test]
    fn a_good_form_is_read_and_normalised() {
        let identity = form().read(&BOTH).expect("complete");
        assert_eq!(identity.legal_name, "Padaria da Ana Ltda");
        assert_eq!(identity.address.state, "SP");
        assert_eq!(identity.address.postal_code, "01310-100");
        assert_eq!(identity.to_form().read(&BOTH), Ok(identity));
    }

    #[test]
    fn every_field_that_needs_another_look_is_told_at_once() {
        let empty = BillingForm::default().read(&BOTH).expect_err("empty");
        let fields: Vec<_> = empty.iter().map(|problem| problem.field.name()).collect();
        assert_eq!(
            fields,
            [
                "legal_name",
                "tax_id",
                "fiscal_email",
                "line1",
                "city",
                "postal_code",
                "country"
            ]
        );
        let mut wrong = form();
        wrong.fiscal_email = "fiscal".to_owned();
        wrong.state = "XX".to_owned();
        wrong.postal_code = "123".to_owned();
        wrong.tax_id = "11222333000182".to_owned();
        let told = wrong.read(&BOTH).expect_err("four mistakes");
        let told: Vec<_> = told
            .iter()
            .map(|problem| (problem.field, problem.problem))
            .collect();
        assert_eq!(
            told,
            [
                (BillingField::TaxId, FieldMistake::TaxId(TaxIdError::CheckDigits)),
                (BillingField::FiscalEmail, FieldMistake::Form),
                (BillingField::State, FieldMistake::Form),
                (BillingField::PostalCode, FieldMistake::Form),
            ]
        );
    }

    #[test]
    fn what_is_needed_depends_on_the_country() {
        let kinds = [TaxIdKind::Cnpj, TaxIdKind::EuVat, TaxIdKind::FrSiret];
        let french = BillingForm {
            tax_id: "40 303 265 045".to_owned(),
            state: String::new(),
            postal_code: "75001".to_owned(),
            country: "fr".to_owned(),
            ..form()
        };
        let identity = french.read(&kinds).expect("complete");
        assert_eq!(identity.tax_id.map(|id| id.kind()), Some(TaxIdKind::EuVat));
        let asked = AskedTaxIds {
            accepted: &kinds,
            optional: &[TaxIdKind::EuVat, TaxIdKind::FrSiret],
        };
        let told = |form: &BillingForm, asked: AskedTaxIds<'_>| match form.read(asked) {
            Ok(_) => Vec::new(),
            Err(problems) => problems
                .into_iter()
                .map(|one| (one.field.name(), one.problem.code()))
                .collect(),
        };
        let private = BillingForm {
            tax_id: " ".to_owned(),
            ..french.clone()
        };
        assert_eq!(told(&private, asked), []);
        assert_eq!(told(&private, (&kinds).into()), [("tax_id", "missing")]);
        let wrong = BillingForm {
            tax_id: "732 829 320 00075".to_owned(),
            ..french.clone()
        };
        assert_eq!(told(&wrong, asked), [("tax_id", "tax_id_check_digits")]);
        // No accepted kind is American: none is needed, and none is taken.
        let american = BillingForm {
            tax_id: String::new(),
            state: String::new(),
            postal_code: "9410".to_owned(),
            country: "US".to_owned(),
            ..form()
        };
        assert_eq!(
            told(&american, asked),
            [("state", "missing"), ("postal_code", "form")]
        );
        let numbered = BillingForm {
            tax_id: "12-3456789".to_owned(),
            state: "CA".to_owned(),
            postal_code: "94103".to_owned(),
            ..american
        };
        assert_eq!(told(&numbered, asked), [("tax_id", "tax_id_not_accepted")]);
        let nowhere = BillingForm {
            country: "XX".to_owned(),
            ..numbered
        };
        assert_eq!(told(&nowhere, asked), [("country", "form")]);
        let in_hong_kong = BillingForm {
            tax_id: String::new(),
            postal_code: String::new(),
            state: String::new(),
            country: "HK".to_owned(),
            ..form()
        };
        assert_eq!(told(&in_hong_kong, asked), []);
    }

    #[test]
    fn a_debug_print_shows_no_personal_data() {
        let identity = form().read(&BOTH).expect("complete");
        let printed = format!("{identity:?} {:?}", form());
        for secret in ["Ana", "11222333", "11.222", "fiscal@", "Flores", "01310"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
