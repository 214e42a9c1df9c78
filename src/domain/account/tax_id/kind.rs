use serde::{Deserialize, Serialize};

use super::eu_vat;

/// Which number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxIdKind {
    /// A Brazilian company's, numeric or alphanumeric.
    Cnpj,
    /// A Brazilian person's.
    Cpf,
    /// For value-added tax in the European Union and Northern Ireland, with the letters of its country.
    EuVat,
    /// Spain: a company's, a citizen's or a foreigner's (CIF, DNI, NIE).
    EsNif,
    /// Portugal.
    PtNif,
    /// A French company's.
    FrSiren,
    /// One seat of a French company.
    FrSiret,
    /// For value-added tax in the United Kingdom.
    GbVat,
    /// A Swiss company's.
    ChVat,
    /// A Norwegian company's.
    NoVat,
    /// Chile.
    ClRut,
    /// Mexico.
    MxRfc,
    /// Argentina.
    ArCuit,
    /// Colombia.
    CoNit,
    /// Peru.
    PeRuc,
    /// Uruguay.
    UyRut,
    /// A company's in the United States.
    UsEin,
    /// A Canadian company's.
    CaBn,
    /// An Australian company's.
    AuAbn,
}

impl TaxIdKind {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Cnpj,
        Self::Cpf,
        Self::EuVat,
        Self::EsNif,
        Self::PtNif,
        Self::FrSiren,
        Self::FrSiret,
        Self::GbVat,
        Self::ChVat,
        Self::NoVat,
        Self::ClRut,
        Self::MxRfc,
        Self::ArCuit,
        Self::CoNit,
        Self::PeRuc,
        Self::UyRut,
        Self::UsEin,
        Self::CaBn,
        Self::AuAbn,
    ];

    /// Whether billing data of this country can hold such a number.
    pub fn is_of(self, country: &str) -> bool {
        match self.country() {
            Some(own) => own == country,
            None => eu_vat::prefix(country).is_some(),
        }
    }

    /// The one country whose number it is; `None` for what many have.
    fn country(self) -> Option<&'static str> {
        Some(match self {
            Self::Cnpj | Self::Cpf => "BR",
            Self::EuVat => return None,
            Self::EsNif => "ES",
            Self::PtNif => "PT",
            Self::FrSiren | Self::FrSiret => "FR",
            Self::GbVat => "GB",
            Self::ChVat => "CH",
            Self::NoVat => "NO",
            Self::ClRut => "CL",
            Self::MxRfc => "MX",
            Self::ArCuit => "AR",
            Self::CoNit => "CO",
            Self::PeRuc => "PE",
            Self::UyRut => "UY",
            Self::UsEin => "US",
            Self::CaBn => "CA",
            Self::AuAbn => "AU",
        })
    }

    /// Whether the payment provider takes such a number. Its present version knows no SIREN and no SIRET; those stay with the
    /// seller, for its invoices.
    pub fn is_kept_by_the_provider(self) -> bool {
        !matches!(self, Self::FrSiren | Self::FrSiret)
    }

    /// What is written, with the letters of the country where the kind has them and they were left out.
    pub(super) fn with_country(self, country: &str, value: &str) -> String {
        match (self, eu_vat::prefix(country)) {
            (Self::EuVat, Some(prefix)) if !eu_vat::has_prefix(value) => format!("{prefix}{value}"),
            _ => value.to_owned(),
        }
    }

    /// Before which character which mark stands, as people write it.
    pub(super) fn separators(self) -> &'static [(usize, char)] {
        match self {
            Self::Cnpj => &[(2, '.'), (5, '.'), (8, '/'), (12, '-')],
            Self::Cpf => &[(3, '.'), (6, '.'), (9, '-')],
            Self::FrSiren | Self::NoVat | Self::CaBn => &[(3, ' '), (6, ' ')],
            Self::FrSiret => &[(3, ' '), (6, ' '), (9, ' ')],
            Self::ChVat => &[(3, '-'), (6, '.'), (9, '.')],
            Self::ArCuit => &[(2, '-'), (10, '-')],
            Self::UsEin => &[(2, '-')],
            Self::AuAbn => &[(2, ' '), (5, ' '), (8, ' ')],
            Self::EuVat
            | Self::EsNif
            | Self::PtNif
            | Self::GbVat
            | Self::ClRut
            | Self::MxRfc
            | Self::CoNit
            | Self::PeRuc
            | Self::UyRut => &[],
        }
    }
}
