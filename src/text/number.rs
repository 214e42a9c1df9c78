use std::cell::RefCell;
use std::collections::BTreeMap;

use icu_decimal::DecimalFormatter;
use icu_decimal::input::{Decimal as Digits, SignDisplay};
use icu_decimal::options::DecimalFormatterOptions;
use icu_experimental::dimension::currency::CurrencyType;
use icu_experimental::dimension::currency::formatter::CurrencyFormatter;
use icu_experimental::dimension::currency::options::CurrencyFormatterOptions;

use super::customs_of;
use crate::domain::language::Language;
use crate::domain::money::{Currency, Money};

/// An amount with its symbol, digits and grouping as the language writes them: `R$ 1.234,56` in pt-BR, `¥1,999` in en.
///
/// The symbol is CLDR's ordinary one, which keeps currencies apart (`US$` for dollars in pt-BR), never the narrow one.
/// CLDR also says how many decimals to show, and rounds to them; the provider counts some currencies in finer units
/// (ISK has two decimals there and none in CLDR). An amount that rounding would change is shown in full behind its code
/// instead, so that nobody confirms another amount than the one that is charged.
pub fn money(language: Language, money: Money) -> String {
    let Ok(digits) = money.major().to_string().parse::<Digits>() else {
        return money.to_string();
    };
    by_custom(language, money, &digits).unwrap_or_else(|| match grouped(language, &digits) {
        Some(number) => format!("{}\u{a0}{number}", money.currency),
        None => money.to_string(),
    })
}

/// A whole number with the grouping of the language: `12.500` in pt-BR.
pub fn count(language: Language, count: u64) -> String {
    grouped(language, &Digits::from(count)).unwrap_or_else(|| count.to_string())
}

/// What changed from `before` to `after`, with its sign: `+3`, `-2`, and `0` without one.
pub fn difference(language: Language, before: u64, after: u64) -> String {
    let digits =
        Digits::from(i128::from(after) - i128::from(before)).with_sign_display(SignDisplay::ExceptZero);
    grouped(language, &digits).unwrap_or_else(|| digits.to_string())
}

/// Any decimal number with the grouping and decimal mark of the language; `None` when it cannot be read.
pub(super) fn decimal(language: Language, number: &str) -> Option<String> {
    grouped(language, &number.parse().ok()?)
}

/// How a language writes amounts of one currency; nothing where that is not known.
type AmountCustom = Option<CurrencyFormatter<DecimalFormatter>>;

thread_local! {
    /// What a language does with amounts of a currency takes longer to look up than to do, and an answer shows many amounts.
    static AMOUNTS: RefCell<BTreeMap<(Language, Currency), AmountCustom>> = const { RefCell::new(BTreeMap::new()) };
    /// The same for plain numbers.
    static NUMBERS: RefCell<BTreeMap<Language, Option<DecimalFormatter>>> = const { RefCell::new(BTreeMap::new()) };
}

fn by_custom(language: Language, money: Money, digits: &Digits) -> Option<String> {
    AMOUNTS.with_borrow_mut(|known| {
        let custom = known
            .entry((language, money.currency))
            .or_insert_with(|| custom_of(language, money.currency));
        let shown = custom.as_ref()?.format_fixed_decimal(digits).to_string();
        says_the_whole(money, &shown).then_some(shown)
    })
}

fn custom_of(language: Language, currency: Currency) -> AmountCustom {
    let currency = CurrencyType::try_from_str(currency.code()).ok()?;
    let options = CurrencyFormatterOptions::default();
    CurrencyFormatter::try_new_symbol(customs_of(language).into(), currency, options).ok()
}

/// Whether no digit but trailing zeros was lost. Symbols hold no digits, so the digits shown are those of the amount.
fn says_the_whole(money: Money, shown: &str) -> bool {
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    let Ok(shown) = digits.parse::<u64>() else {
        return false;
    };
    let amount = money.amount.unsigned_abs();
    (0..=u32::from(money.currency.exponent()))
        .map(|dropped| 10_u64.pow(dropped))
        .any(|power| amount.is_multiple_of(power) && amount / power == shown)
}

fn grouped(language: Language, digits: &Digits) -> Option<String> {
    NUMBERS.with_borrow_mut(|known| {
        let custom = known.entry(language).or_insert_with(|| {
            let options = DecimalFormatterOptions::default();
            DecimalFormatter::try_new(customs_of(language).into(), options).ok()
        });
        Some(custom.as_ref()?.format(digits).to_string())
    })
}
