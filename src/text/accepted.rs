//! The languages that a browser names.

use super::OFFERED;
use crate::domain::language::Language;

/// The offered language that an `Accept-Language` header prefers, if it names one (RFC 9110, section 12.5.4). A region that
/// is not offered gets its language as it is spoken elsewhere: `pt-PT` gets `pt-BR`.
pub fn accepted(header: &str) -> Option<Language> {
    let ranges = header.split(',').filter_map(|range| {
        let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
        let weight = thousandths(weight.trim().strip_prefix("q=")?)?;
        Some((offered(tag.trim())?, weight)).filter(|_| weight > 0)
    });
    // The first of those that weigh the same: `max_by_key` would take the last.
    ranges
        .reduce(|best, one| if one.1 > best.1 { one } else { best })
        .map(|(language, _)| language)
}

fn offered(tag: &str) -> Option<Language> {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let exact = OFFERED
        .into_iter()
        .find(|one| one.tag().eq_ignore_ascii_case(tag));
    exact.or_else(|| OFFERED.into_iter().find(|one| primary(one.tag()) == primary(tag)))
}

/// A weight from `0` to `1` with up to three decimals.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, rest) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = rest.len() <= 3 && rest.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "1" => Some(1000),
        "0" if digits => format!("{rest:0<3}").parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_wanted_offered_language_is_spoken() {
        for (header, language) in [
            ("pt-BR", Some(Language::PtBr)),
            ("pt-PT,pt;q=0.9", Some(Language::PtBr)),
            ("de-DE, en-GB;q=0.8, pt;q=0.7", Some(Language::En)),
            ("en;q=0.2, PT-br;q=0.25", Some(Language::PtBr)),
            ("en, pt", Some(Language::En)),
            ("pt;q=0, en;q=0.001", Some(Language::En)),
            ("es-MX, en;q=0.5", Some(Language::Es)),
            ("fr-CA", Some(Language::Fr)),
            ("*", None),
            ("de", None),
            ("", None),
            ("en;q=much, pt;q=2", None),
        ] {
            assert_eq!(accepted(header), language, "{header:?}");
        }
    }
}
