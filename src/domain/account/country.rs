//! What an address needs, country by country: which fields, and in which form.
//!
//! Sources: ISO 3166-1 and 3166-2; Universal Postal Union, "Postal addressing systems"; Stripe Tax, "Customer locations" (state and
//! postal code in the United States, postal code or state in Canada).

/// All countries, two letters each.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW \
    BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB \
    GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM \
    KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC \
    NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL \
    SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE \
    YT ZA ZM ZW";

/// Where letters find their way without a postal code, or few people know theirs.
const WITHOUT_POSTAL_CODES: &str = "AE AG AO AW BF BI BJ BO BQ BS BW BZ CD CF CG CI CK CM CO CW DJ DM ER FJ GA GD GH GM GQ GY HK IE \
    JM KI KM KN KP LC LY ML MO MR MW NR NU PA QA RW SB SC SL SO SR SS ST SX SY TD TG TK TL TO TT TV UG VU YE ZW";

/// Where an address, or the tax on what is bought there, is not known without the state.
const WITH_STATES: &str = "AU BR CA IN MX US";

const STATES_OF_BRAZIL: &[&str] = &[
    "AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA", "PB", "PE", "PI",
    "PR", "RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO",
];

const STATES_OF_THE_UNITED_STATES: &[&str] = &[
    "AA", "AE", "AK", "AL", "AP", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "GU", "HI",
    "IA", "ID", "IL", "IN", "KS", "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MP", "MS", "MT", "NC",
    "ND", "NE", "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX",
    "UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY",
];

const PROVINCES_OF_CANADA: &[&str] = &[
    "AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT",
];

const STATES_OF_AUSTRALIA: &[&str] = &["ACT", "NSW", "NT", "QLD", "SA", "TAS", "VIC", "WA"];

pub(super) fn exists(country: &str) -> bool {
    country.len() == 2 && lists(COUNTRIES, country)
}

/// Whether an address there is not complete without a state or province.
pub(super) fn needs_state(country: &str) -> bool {
    lists(WITH_STATES, country)
}

/// Whether an address there is not complete without a postal code.
pub(super) fn needs_postal_code(country: &str) -> bool {
    !lists(WITHOUT_POSTAL_CODES, country)
}

/// The states by their letters, where those are what people write.
pub(super) fn states(country: &str) -> Option<&'static [&'static str]> {
    match country {
        "BR" => Some(STATES_OF_BRAZIL),
        "US" => Some(STATES_OF_THE_UNITED_STATES),
        "CA" => Some(PROVINCES_OF_CANADA),
        "AU" => Some(STATES_OF_AUSTRALIA),
        _ => None,
    }
}

/// The forms of postal codes: `9` is a digit, `A` a letter, the rest stands as it is.
pub(super) fn postal_forms(country: &str) -> Option<&'static [&'static str]> {
    Some(match country {
        "BR" => &["99999-999"],
        "US" => &["99999", "99999-9999"],
        "CA" => &["A9A 9A9"],
        "GB" => &["A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"],
        "DE" | "ES" | "FI" | "FR" | "IT" | "MX" | "PE" | "UY" => &["99999"],
        "AT" | "AU" | "BE" | "CH" | "DK" | "HU" | "LU" | "NO" | "NZ" | "SI" | "BG" | "CY" => &["9999"],
        "AR" => &["9999", "A9999AAA"],
        "CL" => &["9999999"],
        "CO" | "IN" | "RO" | "SG" => &["999999"],
        "CZ" | "GR" | "SE" | "SK" => &["999 99"],
        "IE" => &[
            "A99 AAAA", "A99 9999", "A99 A999", "A99 AA99", "A99 9A99", "A99 A9A9", "A99 AAA9", "A99 A99A",
            "D6W A999",
        ],
        "JP" => &["999-9999"],
        "NL" => &["9999 AA"],
        "PL" => &["99-999"],
        "PT" => &["9999-999"],
        _ => return None,
    })
}

/// What was typed, in this form; `None` where it does not fit.
pub(super) fn written(form: &str, typed: &str) -> Option<String> {
    let mut characters = typed
        .chars()
        .filter(|c| !matches!(c, '-' | '.' | ' ' | '\u{a0}'))
        .map(|c| c.to_ascii_uppercase());
    let mut code = String::with_capacity(form.len());
    for place in form.chars() {
        match place {
            '9' => code.push(characters.next().filter(char::is_ascii_digit)?),
            'A' => code.push(characters.next().filter(char::is_ascii_uppercase)?),
            '-' | ' ' => code.push(place),
            own => code.push(characters.next().filter(|c| *c == own)?),
        }
    }
    characters.next().is_none().then_some(code)
}

fn lists(list: &str, country: &str) -> bool {
    list.split_ascii_whitespace().any(|one| one == country)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_as_their_country_writes_them() {
        for (country, typed, code) in [
            ("BR", "01310100", Some("01310-100")),
            ("US", "94103", Some("94103")),
            ("US", "941031234", Some("94103-1234")),
            ("CA", "k1a0b1", Some("K1A 0B1")),
            ("GB", "sw1a 1aa", Some("SW1A 1AA")),
            ("NL", "1012ab", Some("1012 AB")),
            ("PT", "1000 205", Some("1000-205")),
            ("FR", "7500", None),
            ("FR", "75001x", None),
            ("US", "9410", None),
        ] {
            let forms = postal_forms(country).expect("known");
            let found = forms.iter().find_map(|form| written(form, typed));
            assert_eq!(found.as_deref(), code, "{country} {typed}");
        }
        assert!(exists("BR") && !exists("XX") && !exists("UK") && !exists("BRA"));
        assert_eq!(COUNTRIES.split_ascii_whitespace().count(), 249);
        for country in [WITHOUT_POSTAL_CODES, WITH_STATES]
            .into_iter()
            .flat_map(str::split_ascii_whitespace)
        {
            assert!(exists(country), "{country}");
        }
    }
}
