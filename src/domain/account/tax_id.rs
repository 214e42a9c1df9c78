//! Tax numbers, read as people write them and held against the check digits of their kind.
//!
//! The rules are our own: no library for Rust that is kept up says *what* is wrong with a number, knows the letters of the CNPJ and
//! the countries of Latin America, and asks no network. The provider verifies later what a register can verify.

mod digits;
mod eu_vat;
mod kind;
mod numbers;

pub use kind::TaxIdKind;

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number under which a tax authority knows a person or company, with its check digits verified.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct TaxId {
    kind: TaxIdKind,
    value: String,
}

/// Why a text is not such a number. None of them repeats the text: it is personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum TaxIdError {
    /// Nothing was written.
    #[error("the tax number is missing")]
    Missing,
    /// It has too few or too many characters for every accepted kind.
    #[error("the tax number has the wrong length")]
    Length,
    /// There are characters that no such number has.
    #[error("the tax number has characters that do not belong there")]
    Characters,
    /// The last two digits do not fit the others: most often a typing mistake.
    #[error("the check digits of the tax number do not fit")]
    CheckDigits,
    /// One digit all the way through: the check digits fit, but nobody has such a number.
    #[error("nobody has this tax number")]
    Repeated,
    /// This seller does not take numbers of this kind.
    #[error("this kind of tax number is not accepted")]
    NotAccepted,
}

impl TaxIdError {
    /// The stable code, as clients see it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Length => "tax_id_length",
            Self::Characters => "tax_id_characters",
            Self::CheckDigits => "tax_id_check_digits",
            Self::Repeated => "tax_id_repeated",
            Self::NotAccepted => "tax_id_not_accepted",
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: TaxIdKind,
    value: String,
}

impl TryFrom<Written> for TaxId {
    type Error = TaxIdError;

    fn try_from(written: Written) -> Result<Self, TaxIdError> {
        Self::parse(written.kind, &written.value)
    }
}

impl From<TaxId> for Written {
    fn from(id: TaxId) -> Self {
        Self {
            kind: id.kind,
            value: id.value,
        }
    }
}

impl TaxId {
    /// Reads a number as people write it, with or without its dots, dashes, slash and blanks, in either case.
    pub fn parse(kind: TaxIdKind, text: &str) -> Result<Self, TaxIdError> {
        let value = numbers::checked(kind, &normalise(text)?)?;
        Ok(Self { kind, value })
    }

    /// Reads a number of whichever accepted kind fits, for billing data of this country (ISO 3166-1). A VAT number may leave
    /// the letters of its country out.
    pub fn parse_any(accepted: &[TaxIdKind], country: &str, text: &str) -> Result<Self, TaxIdError> {
        let value = normalise(text)?;
        let mut mistake = None;
        for kind in accepted.iter().filter(|kind| kind.is_of(country)) {
            match Self::parse(*kind, &kind.with_country(country, &value)) {
                Ok(id) => return Ok(id),
                // Of several kinds the one that has this length is meant.
                Err(error) => {
                    mistake = mistake
                        .filter(|first| *first != TaxIdError::Length)
                        .or(Some(error));
                }
            }
        }
        match mistake {
            Some(error) if error != TaxIdError::Length => Err(error),
            unfit => {
                let is_another = TaxIdKind::ALL
                    .into_iter()
                    .filter(|kind| kind.is_of(country) && !accepted.contains(kind))
                    .any(|kind| Self::parse(kind, &kind.with_country(country, &value)).is_ok());
                match unfit {
                    Some(length) if !is_another => Err(length),
                    _ => Err(TaxIdError::NotAccepted),
                }
            }
        }
    }

    /// Which number it is.
    pub fn kind(&self) -> TaxIdKind {
        self.kind
    }

    /// Digits and upper-case letters only.
    pub fn normalised(&self) -> &str {
        &self.value
    }

    /// As people write it: `12.ABC.345/01DE-35`, `529.982.247-25`.
    pub fn formatted(&self) -> String {
        let separators = self.kind.separators();
        let mut text = String::with_capacity(self.value.len() + separators.len());
        for (at, character) in self.value.chars().enumerate() {
            text.extend(
                separators
                    .iter()
                    .filter(|(before, _)| *before == at)
                    .map(|(_, separator)| separator),
            );
            text.push(character);
        }
        text
    }
}

/// Says which kind it is and nothing else: it ends up in logs.
impl fmt::Debug for TaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaxId({:?}, redacted)", self.kind)
    }
}

/// The most characters that are looked at: no number has more, punctuation included.
const WRITTEN_MAX: usize = 60;

fn normalise(text: &str) -> Result<String, TaxIdError> {
    let mut value = String::new();
    for (at, character) in text.chars().enumerate() {
        match character {
            _ if at >= WRITTEN_MAX => return Err(TaxIdError::Length),
            '.' | ',' | '-' | '/' | ' ' | '\u{a0}' | '\u{202f}' => {}
            // Both stand in Mexican numbers.
            '&' => value.push('&'),
            'Ñ' | 'ñ' => value.push('Ñ'),
            c if c.is_ascii_alphanumeric() => value.push(c.to_ascii_uppercase()),
            _ => return Err(TaxIdError::Characters),
        }
    }
    if value.is_empty() {
        Err(TaxIdError::Missing)
    } else {
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [TaxIdKind; 2] = [TaxIdKind::Cnpj, TaxIdKind::Cpf];

    #[test]
    fn numbers_are_read_normalised_and_shown_as_people_write_them() {
        for (written, shown) in [
            ("11222333000181", "11.222.333/0001-81"),
            ("00.000.000/0001-91", "00.000.000/0001-91"),
            // The example of the authority's own note on the alphanumeric form.
            ("12.abc.345/01de-35", "12.ABC.345/01DE-35"),
            ("529 982 247 25", "529.982.247-25"),
            ("111.444.777-35", "111.444.777-35"),
            ("00000000191", "000.000.001-91"),
        ] {
            let id = TaxId::parse_any(&BOTH, "BR", written).expect("valid");
            assert_eq!(id.formatted(), shown);
            assert_eq!(TaxId::parse(id.kind(), &id.formatted()), Ok(id));
        }
    }

    #[test]
    fn each_mistake_has_its_own_name() {
        for (written, error) in [
            ("", TaxIdError::Missing),
            (" . - ", TaxIdError::Missing),
            ("1122233300018", TaxIdError::Length),
            ("11.222.333/0001-8X", TaxIdError::Characters),
            ("52998224a25", TaxIdError::Characters),
            ("11222333_000181", TaxIdError::Characters),
            ("11.222.333/0001-82", TaxIdError::CheckDigits),
            ("21.222.333/0001-81", TaxIdError::CheckDigits),
            ("12.ABC.345/01DE-53", TaxIdError::CheckDigits),
            ("529.982.247-52", TaxIdError::CheckDigits),
            ("000.000.000-00", TaxIdError::Repeated),
            ("00.000.000/0000-00", TaxIdError::Repeated),
        ] {
            assert_eq!(TaxId::parse_any(&BOTH, "BR", written), Err(error), "{written}");
        }
        assert_eq!(
            TaxId::parse_any(&[TaxIdKind::Cnpj], "BR", "529.982.247-25"),
            Err(TaxIdError::NotAccepted)
        );
    }

    #[test]
    fn a_single_wrong_character_never_passes() {
        let valid = "12ABC34501DE35";
        for at in 0..valid.len() {
            for other in b"0123456789ABCXYZ" {
                let mut bytes = valid.as_bytes().to_vec();
                if bytes[at] == *other {
                    continue;
                }
                // Letters eleven apart count the same modulo 11: the scheme cannot tell those.
                if (i16::from(bytes[at]) - i16::from(*other)) % 11 == 0 {
                    continue;
                }
                bytes[at] = *other;
                let text = String::from_utf8(bytes).expect("ASCII");
                let read = TaxId::parse(TaxIdKind::Cnpj, &text);
                // Rests 0 and 1 share a check digit; such a pair is told by the second digit.
                assert!(read.is_err(), "{text}");
            }
        }
    }

    #[test]
    fn the_kinds_of_the_billing_country_are_tried_and_vat_numbers_may_leave_its_letters_out() {
        let all = TaxIdKind::ALL;
        for (country, written, kind, value) in [
            ("FR", "FR 40 303 265 045", TaxIdKind::EuVat, "FR40303265045"),
            ("FR", "40303265045", TaxIdKind::EuVat, "FR40303265045"),
            ("FR", "732 829 320 00074", TaxIdKind::FrSiret, "73282932000074"),
            ("FR", "732 829 320", TaxIdKind::FrSiren, "732829320"),
            ("GR", "094259216", TaxIdKind::EuVat, "EL094259216"),
            ("ES", "A-58818501", TaxIdKind::EuVat, "ESA58818501"),
            ("GB", "GB 980 7806 84", TaxIdKind::GbVat, "980780684"),
            ("CL", "76.086.428-5", TaxIdKind::ClRut, "760864285"),
        ] {
            let id = TaxId::parse_any(&all, country, written).expect(written);
            assert_eq!((id.kind(), id.normalised()), (kind, value), "{written}");
            assert_eq!(TaxId::parse(id.kind(), &id.formatted()), Ok(id));
        }
        let spain = [TaxIdKind::EsNif];
        let id = TaxId::parse_any(&spain, "ES", "a58818501").expect("a company");
        assert_eq!(id.normalised(), "A58818501");
        assert_eq!(
            TaxId::parse_any(&spain, "FR", "A58818501"),
            Err(TaxIdError::NotAccepted),
            "no accepted kind belongs to that country"
        );
    }

    #[test]
    fn a_debug_print_shows_no_number() {
        let id = TaxId::parse(TaxIdKind::Cpf, "52998224725").expect("valid");
        assert_eq!(format!("{id:?}"), "TaxId(Cpf, redacted)");
    }
}
