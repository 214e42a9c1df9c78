use std::fmt;

use serde::{Deserialize, Serialize};

/// A number under which a tax authority knows a person or company, with its check digits verified.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct TaxId {
    kind: TaxIdKind,
    value: String,
}

/// Which number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxIdKind {
    /// A Brazilian company's, numeric or alphanumeric.
    Cnpj,
    /// A Brazilian person's.
    Cpf,
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

impl TaxIdKind {
    /// How many characters it has without its punctuation.
    fn length(self) -> usize {
        match self {
            Self::Cnpj => 14,
            Self::Cpf => 11,
        }
    }
}

impl TaxId {
    /// Reads a number as people write it, with or without its dots, dashes, slash and blanks, in either case.
    pub fn parse(kind: TaxIdKind, text: &str) -> Result<Self, TaxIdError> {
        let value = normalise(text)?;
        if value.len() != kind.length() {
            return Err(TaxIdError::Length);
        }
        let (body, check) = value.split_at(value.len() - 2);
        let digits_only = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let body_may_have_letters = kind == TaxIdKind::Cnpj;
        if !digits_only(check) || !(body_may_have_letters || digits_only(body)) {
            return Err(TaxIdError::Characters);
        }
        let first = value.bytes().next();
        if value.bytes().all(|b| Some(b) == first) {
            return Err(TaxIdError::Repeated);
        }
        if check_digits(kind, body) == check {
            Ok(Self { kind, value })
        } else {
            Err(TaxIdError::CheckDigits)
        }
    }

    /// Reads a number of whichever accepted kind has this length.
    pub fn parse_any(accepted: &[TaxIdKind], text: &str) -> Result<Self, TaxIdError> {
        let length = normalise(text)?.len();
        let known = [TaxIdKind::Cnpj, TaxIdKind::Cpf]
            .into_iter()
            .find(|kind| kind.length() == length);
        match known {
            Some(kind) if accepted.contains(&kind) => Self::parse(kind, text),
            Some(_) => Err(TaxIdError::NotAccepted),
            None => Err(TaxIdError::Length),
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
        let separators: &[(usize, char)] = match self.kind {
            TaxIdKind::Cnpj => &[(2, '.'), (5, '.'), (8, '/'), (12, '-')],
            TaxIdKind::Cpf => &[(3, '.'), (6, '.'), (9, '-')],
        };
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

fn normalise(text: &str) -> Result<String, TaxIdError> {
    let mut value = String::new();
    for character in text.chars() {
        match character {
            '.' | '-' | '/' | ' ' | '\u{a0}' => {}
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

/// Both numbers end in two digits, each a weighted sum of all before it, modulo 11, where a rest below two gives zero.
///
/// The weights rise from 2 at the right; those of the CNPJ start again at 2 after 9, those of the CPF do not. A character
/// counts as its ASCII code less 48, so that digits count as themselves and `A` as 17. Source for letters, issued since
/// July 2026: Receita Federal, Instrução Normativa RFB 2.229 of 2024 and its technical note on computing the check digits.
fn check_digits(kind: TaxIdKind, body: &str) -> String {
    let mut value = body.to_owned();
    for _ in 0..2 {
        let sum: u32 = value
            .bytes()
            .rev()
            .zip(weights(kind))
            .map(|(character, weight)| u32::from(character.saturating_sub(b'0')) * weight)
            .sum();
        let digit = match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        };
        value.extend(char::from_digit(digit, 10));
    }
    value.split_off(body.len())
}

fn weights(kind: TaxIdKind) -> impl Iterator<Item = u32> {
    let last = match kind {
        TaxIdKind::Cnpj => 9,
        TaxIdKind::Cpf => 11,
    };
    (2..=last).cycle()
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
            let id = TaxId::parse_any(&BOTH, written).expect("valid");
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
            assert_eq!(TaxId::parse_any(&BOTH, written), Err(error), "{written}");
        }
        assert_eq!(
            TaxId::parse_any(&[TaxIdKind::Cnpj], "529.982.247-25"),
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
    fn a_debug_print_shows_no_number() {
        let id = TaxId::parse(TaxIdKind::Cpf, "52998224725").expect("valid");
        assert_eq!(format!("{id:?}"), "TaxId(Cpf, redacted)");
    }
}
