use icu_experimental::displaynames::DisplayNamesOptions;
use icu_experimental::displaynames::multi::RegionDisplayNames;
use icu_locale_core::subtags::Region;

use super::{customs_of, spoken};
use crate::domain::language::Language;

/// What a country (ISO 3166-1, two letters) is called; its letters where nobody knows it.
pub fn country(language: Language, code: &str) -> String {
    let named = || {
        let customs = customs_of(spoken(language)).into();
        let names = RegionDisplayNames::try_new(customs, DisplayNamesOptions::default()).ok()?;
        let region: Region = code.parse().ok()?;
        names.of(region).map(str::to_owned)
    };
    named().unwrap_or_else(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_names_in_every_language() {
        assert_eq!(country(Language::En, "BR"), "Brazil");
        assert_eq!(country(Language::PtBr, "DE"), "Alemanha");
        assert_eq!(country(Language::Es, "US"), "Estados Unidos");
        assert_eq!(country(Language::Fr, "ES"), "Espagne");
        assert_eq!(country(Language::En, "??"), "??");
    }
}
