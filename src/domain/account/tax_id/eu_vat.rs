//! Numbers for value-added tax in the European Union: two letters of the country, and what the country writes.
//!
//! Source of the forms: European Commission, VIES, "What is the format of a VAT number?". Check digits are held against where the
//! member publishes its rule; where it does not, the form alone is.

use super::TaxIdError;
use super::digits::{digits, luhn, mod_11_10, rest, weighted};
use super::numbers::{spanish, verdict};

/// Country of the address, letters of the number: Greece writes EL.
const MEMBERS: [(&str, &str); 27] = [
    ("AT", "AT"),
    ("BE", "BE"),
    ("BG", "BG"),
    ("CY", "CY"),
    ("CZ", "CZ"),
    ("DE", "DE"),
    ("DK", "DK"),
    ("EE", "EE"),
    ("ES", "ES"),
    ("FI", "FI"),
    ("FR", "FR"),
    ("GR", "EL"),
    ("HR", "HR"),
    ("HU", "HU"),
    ("IE", "IE"),
    ("IT", "IT"),
    ("LT", "LT"),
    ("LU", "LU"),
    ("LV", "LV"),
    ("MT", "MT"),
    ("NL", "NL"),
    ("PL", "PL"),
    ("PT", "PT"),
    ("RO", "RO"),
    ("SE", "SE"),
    ("SI", "SI"),
    ("SK", "SK"),
];

/// The letters with which the numbers of a country begin.
pub(super) fn prefix(country: &str) -> Option<&'static str> {
    let member = MEMBERS.iter().find(|(own, _)| *own == country);
    // Monaco's numbers are French ones.
    let monaco = (country == "MC").then_some("FR");
    member.map(|(_, prefix)| *prefix).or(monaco)
}

/// Whether a number names its country. Northern Ireland counts.
pub(super) fn has_prefix(value: &str) -> bool {
    let begins = |letters: &str| value.starts_with(letters);
    // A Spanish number may begin with ES only by naming its country: its own letter is followed by digits.
    MEMBERS.iter().any(|(_, prefix)| begins(prefix)) || begins("XI")
}

/// Says what is wrong with a number that begins with its country's letters.
pub(super) fn check(value: &str) -> Result<(), TaxIdError> {
    let Some((country, own)) = value.split_at_checked(2) else {
        return Err(TaxIdError::Length);
    };
    if !has_prefix(value) {
        return Err(TaxIdError::Characters);
    }
    match country {
        "AT" => austrian(own),
        "BE" => {
            let padded = format!("{own:0>10}");
            only(&padded, &[10], |d| 97 - rest(&d[..8], 97) == d[8] * 10 + d[9])
        }
        "DE" => only(own, &[9], mod_11_10),
        "DK" => only(own, &[8], |d| {
            weighted(d, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
        }),
        "EE" => only(own, &[9], |d| {
            weighted(d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
        }),
        "EL" => only(own, &[9], |d| {
            weighted(d, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == d[8]
        }),
        "ES" => spanish(own),
        "FI" => only(own, &[8], |d| {
            weighted(d, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11)
        }),
        "FR" => french(own),
        "HR" => only(own, &[11], mod_11_10),
        "HU" => only(own, &[8], |d| {
            weighted(d, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10)
        }),
        "IT" => only(own, &[11], luhn),
        "LU" => only(own, &[8], |d| rest(&d[..6], 89) == d[6] * 10 + d[7]),
        "MT" => only(own, &[8], |d| {
            (weighted(d, &[3, 4, 6, 7, 8, 9]) + d[6] * 10 + d[7]).is_multiple_of(37)
        }),
        "PL" => only(own, &[10], |d| {
            weighted(d, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == d[9]
        }),
        "PT" => super::numbers::portuguese(own),
        "SE" => only(own, &[12], |d| luhn(&d[..10])),
        "SI" => only(own, &[8], |d| {
            (11 - weighted(d, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 10 == d[7] && d[0] != 0
        }),
        "SK" => only(own, &[10], |d| rest(d, 11) == 0),
        "XI" => super::numbers::british(own),
        other => by_form(other, own),
    }
}

/// Members whose check digits are not published, or take more than one rule: the form alone is known.
fn by_form(country: &str, own: &str) -> Result<(), TaxIdError> {
    match country {
        "BG" => only(own, &[9, 10], |_| true),
        "CZ" => only(own, &[8, 9, 10], |_| true),
        "LT" => only(own, &[9, 12], |_| true),
        "LV" => only(own, &[11], |_| true),
        "RO" => only(own, &[2, 3, 4, 5, 6, 7, 8, 9, 10], |_| true),
        "NL" | "CY" | "IE" => with_letters(country, own),
        _ => Err(TaxIdError::Characters),
    }
}

/// Numbers that have letters among their digits, and no check digit that is published.
fn with_letters(country: &str, own: &str) -> Result<(), TaxIdError> {
    match country {
        "NL" => lettered(
            own,
            12,
            |at, c| if at == 9 { c == 'B' } else { c.is_ascii_digit() },
        ),
        "CY" => lettered(own, 9, |at, c| {
            if at == 8 {
                c.is_ascii_uppercase()
            } else {
                c.is_ascii_digit()
            }
        }),
        // Seven digits with one or two letters after them, or one letter in the second place.
        "IE" => {
            let long = own.len() == 9;
            lettered(own, if long { 9 } else { 8 }, |at, c| match at {
                0 | 2..=6 => c.is_ascii_digit(),
                1 => c.is_ascii_alphanumeric(),
                _ => c.is_ascii_uppercase(),
            })
        }
        _ => Err(TaxIdError::Characters),
    }
}

/// Digits alone, in one of these lengths, with a rule.
fn only(own: &str, lengths: &[usize], fits: impl FnOnce(&[u32]) -> bool) -> Result<(), TaxIdError> {
    if !lengths.contains(&own.chars().count()) {
        return Err(TaxIdError::Length);
    }
    let digits = digits(own).ok_or(TaxIdError::Characters)?;
    verdict(fits(&digits))
}

fn lettered(own: &str, length: usize, fits: impl Fn(usize, char) -> bool) -> Result<(), TaxIdError> {
    if own.chars().count() != length {
        return Err(TaxIdError::Length);
    }
    if own.chars().enumerate().all(|(at, c)| fits(at, c)) {
        Ok(())
    } else {
        Err(TaxIdError::Characters)
    }
}

/// `U` and eight digits.
fn austrian(own: &str) -> Result<(), TaxIdError> {
    let Some(number) = own.strip_prefix('U') else {
        return Err(TaxIdError::Characters);
    };
    only(number, &[8], |d| {
        let doubled = |digit: u32| digit * 2 / 10 + digit * 2 % 10;
        let sum = d[0] + doubled(d[1]) + d[2] + doubled(d[3]) + d[4] + doubled(d[5]) + d[6];
        (10 - (sum + 4) % 10) % 10 == d[7]
    })
}

/// A key of two characters, and a SIREN. Monaco's have no SIREN, and no digits that could be held against a rule.
fn french(own: &str) -> Result<(), TaxIdError> {
    if own.chars().count() != 11 || !own.is_ascii() {
        return Err(TaxIdError::Length);
    }
    let (key, siren) = own.split_at(2);
    let siren = digits(siren).ok_or(TaxIdError::Characters)?;
    if siren.starts_with(&[0, 0, 0]) {
        return Ok(());
    }
    match digits(key) {
        Some(key) => verdict((12 + 3 * rest(&siren, 97)) % 97 == key[0] * 10 + key[1]),
        None if key.contains(['I', 'O', '&']) => Err(TaxIdError::Characters),
        None => verdict(luhn(&siren)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_member_are_known_and_typing_mistakes_seen() {
        for value in [
            "ATU13585627",
            "BE0403019261",
            "BE403019261",
            "BG175074752",
            "CY10259033P",
            "CZ25123891",
            "DE136695976",
            "DK13585628",
            "EE100931558",
            "EL094259216",
            "ESA58818501",
            "ESX2482300W",
            "FI20774740",
            "FR40303265045",
            "HR33392005961",
            "HU12892312",
            "IE6433435F",
            "IE8D79739I",
            "IE3628739UA",
            "IT00743110157",
            "LT119511515",
            "LU15027442",
            "LV40003521600",
            "MT11679112",
            "NL004495445B01",
            "PL8567346215",
            "PT501964843",
            "RO18547290",
            "SE556703748501",
            "SI50223054",
            "SK2022749619",
            "XI980780684",
        ] {
            assert_eq!(check(value), Ok(()), "{value}");
        }
        for value in [
            "ATU13585626",
            "BE0403019262",
            "DE136695977",
            "DK13585629",
            "EE100931559",
            "EL094259217",
            "ESA58818502",
            "FI20774741",
            "FR41303265045",
            "HR33392005960",
            "HU12892313",
            "IT00743110158",
            "LU15027443",
            "MT11679113",
            "PL8567346216",
            "PT501964844",
            "SE556703748601",
            "SI50223055",
            "SK2022749618",
            "XI980780685",
        ] {
            assert_eq!(check(value), Err(TaxIdError::CheckDigits), "{value}");
        }
        assert_eq!(check("FR4030326504"), Err(TaxIdError::Length));
        assert_eq!(check("DE13669597A"), Err(TaxIdError::Characters));
        assert_eq!(check("US136695976"), Err(TaxIdError::Characters));
        assert_eq!(check("F"), Err(TaxIdError::Length));
    }
}
