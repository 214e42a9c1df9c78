use changeover::domain::language::Language::{self, En, Es, Fr, PtBr};
use changeover::domain::money::{Currency, Money};
use changeover::text;
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};

use super::money;

#[test]
fn money_reads_as_in_each_language() {
    let cases = [
        (PtBr, money(123_456, "BRL"), "R$\u{a0}1.234,56"),
        (PtBr, money(123_456, "USD"), "US$\u{a0}1.234,56"),
        (PtBr, money(-990, "BRL"), "-R$\u{a0}9,90"),
        (En, money(123_456, "USD"), "$1,234.56"),
        (En, money(123_456, "BRL"), "R$1,234.56"),
        (En, money(1999, "JPY"), "¥1,999"),
        (En, money(1990, "KWD"), "KWD\u{a0}1.990"),
        (En, money(0, "EUR"), "€0.00"),
        (Es, money(1_234_567, "EUR"), "12.345,67\u{a0}€"),
        (Fr, money(123_456, "EUR"), "1\u{202f}234,56\u{a0}€"),
    ];
    for (language, amount, shown) in cases {
        assert_eq!(text::money(language, amount), shown, "{amount} in {language}");
    }
}

#[test]
fn no_amount_is_ever_rounded() {
    // CLDR shows krónur without decimals, the provider counts them with two.
    assert_eq!(text::money(En, money(2_000, "ISK")), "ISK\u{a0}20");
    assert_eq!(text::money(En, money(1_999, "ISK")), "ISK\u{a0}19.99");
    assert_eq!(text::money(PtBr, money(-1_999, "ISK")), "ISK\u{a0}-19,99");
    for language in Language::ALL {
        for currency in Currency::all() {
            let seen: Vec<String> = [101, 110, 111, 1_000, 1_001, 1_234_567, i64::MAX, i64::MIN]
                .into_iter()
                .map(|amount| digits(&text::money(language, Money::new(amount, currency))))
                .collect();
            let mut distinct = seen.clone();
            distinct.sort();
            distinct.dedup();
            assert_eq!(
                distinct.len(),
                seen.len(),
                "two amounts of {currency} look the same in {language}: {seen:?}"
            );
            assert_eq!(seen[5], "1234567", "{currency} in {language}");
            assert_eq!(
                seen[7],
                i64::MIN.unsigned_abs().to_string(),
                "{currency} in {language}"
            );
        }
    }
}

#[test]
fn counts_are_grouped_and_differences_have_a_sign() {
    assert_eq!(text::count(PtBr, 12_500), "12.500");
    assert_eq!(text::count(En, 12_500), "12,500");
    assert_eq!(text::count(Fr, 12_500), "12\u{202f}500");
    assert_eq!(text::count(Es, 1_250), "1250");
    assert_eq!(text::count(En, u64::MAX), "18,446,744,073,709,551,615");
    assert_eq!(text::difference(En, 5, 8), "+3");
    assert_eq!(text::difference(PtBr, 12_500, 10_000), "-2.500");
    assert_eq!(text::difference(En, 4, 4), "0");
    assert_eq!(text::difference(En, 0, u64::MAX), "+18,446,744,073,709,551,615");
}

#[test]
fn days_and_moments_are_those_of_the_time_zone() {
    let late: Timestamp = "2026-03-15T01:30:00Z".parse().expect("a time");
    let brasilia = TimeZone::fixed(offset(-3));
    let days = [
        (En, "March 14, 2026"),
        (PtBr, "14 de março de 2026"),
        (Es, "14 de marzo de 2026"),
        (Fr, "14 mars 2026"),
    ];
    for (language, shown) in days {
        assert_eq!(text::date(language, late, &brasilia), shown);
    }
    assert_eq!(text::date(En, late, &TimeZone::UTC), "March 15, 2026");
    let moments = [
        (En, "March 14, 2026 at 10:30\u{202f}PM (UTC-3)"),
        (PtBr, "14 de março de 2026 às 22:30 (UTC-3)"),
        (Es, "14 de marzo de 2026 a las 22:30 (UTC-3)"),
        (Fr, "14 mars 2026 à 22:30 (UTC-3)"),
    ];
    for (language, shown) in moments {
        assert_eq!(text::moment(language, late, &brasilia), shown);
    }
    assert_eq!(
        text::moment(En, late, &TimeZone::UTC),
        "March 15, 2026 at 1:30\u{202f}AM (UTC)"
    );
    let kolkata = TimeZone::get("Asia/Kolkata").expect("a known zone");
    assert_eq!(
        text::moment(En, late, &kolkata),
        "March 15, 2026 at 7:00\u{202f}AM (UTC+5:30)"
    );
}

fn digits(shown: &str) -> String {
    shown.chars().filter(char::is_ascii_digit).collect()
}
