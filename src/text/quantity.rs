use super::number::decimal;
use crate::domain::language::Language;
use crate::domain::metering::Quantity;

/// An exact amount of use with the grouping and decimal mark of the language: `1.234,5` in pt-BR.
pub fn quantity(language: Language, quantity: Quantity) -> String {
    let written = quantity.to_string();
    decimal(language, &written).unwrap_or(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn use_is_written_as_the_language_does() {
        let used: Quantity = "1234.5".parse().expect("a quantity");
        assert_eq!(quantity(Language::En, used), "1,234.5");
        assert_eq!(quantity(Language::PtBr, used), "1.234,5");
    }
}
