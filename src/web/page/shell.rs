use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Say;
use super::assets::STAMP;
use crate::domain::catalog::SellerProfile;
use crate::domain::language::Language;
use crate::text;
use crate::web::api::views::SupportView;

/// What stands around a page.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The language.
    pub language: Language,
    /// Its words.
    pub say: Say,
    /// What the page is called.
    pub title: String,
    /// In whose name it speaks.
    pub name: String,
    /// Whose colours it has.
    pub brand: String,
    /// Where the name leads.
    pub home: Option<String>,
    /// Where the product is.
    pub back: Option<String>,
    /// Whom to ask.
    pub support: Option<SupportView>,
    /// What to name when asking.
    pub reference: Option<String>,
    /// The neighbouring pages.
    pub tabs: Vec<Tab>,
    /// Where the page can be read again, as the beginning of an address that `lang=` can follow.
    pub here: String,
    /// The languages that it can be read in.
    pub languages: Vec<Tongue>,
    /// In which time zone days are told.
    pub zone: TimeZone,
    /// Changes with our files, so that browsers may keep them.
    pub stamp: &'static str,
}

/// A neighbouring page.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Where it is.
    pub url: String,
    /// What it is called.
    pub name: String,
    /// Whether it is this one.
    pub current: bool,
}

/// A language that the page can be read in.
#[derive(Debug, Clone)]
pub struct Tongue {
    /// Its tag.
    pub tag: &'static str,
    /// Its own name for itself.
    pub name: &'static str,
    /// Whether it is the one of the page.
    pub current: bool,
}

impl Shell {
    /// A page of ours, in nobody's name.
    pub fn own(language: Language, title: impl Into<String>) -> Self {
        Self {
            language,
            say: Say(language),
            title: title.into(),
            name: "Changeover".to_owned(),
            brand: "changeover".to_owned(),
            home: None,
            back: None,
            support: None,
            reference: None,
            tabs: Vec::new(),
            here: "?".to_owned(),
            languages: Vec::new(),
            zone: TimeZone::UTC,
            stamp: STAMP,
        }
    }

    /// A page in a seller's name, in a language that the seller speaks.
    pub fn of(seller: &SellerProfile, language: Language, title: impl Into<String>) -> Self {
        let tongue = |one: &Language| Tongue {
            tag: one.tag(),
            name: own_name(*one),
            current: *one == language,
        };
        Self {
            name: seller.name.clone(),
            brand: seller.id.to_string(),
            support: Some(SupportView {
                email: seller.support.email.clone(),
                url: seller.support.url.clone(),
            }),
            zone: seller.time_zone.clone(),
            languages: seller.languages.iter().map(tongue).collect(),
            ..Self::own(language, title)
        }
    }
}

impl Shell {
    /// A day, as people read it.
    pub fn day(&self, at: &Timestamp) -> String {
        text::date(self.language, *at, &self.zone)
    }

    /// A day with its time.
    pub fn moment(&self, at: &Timestamp) -> String {
        text::moment(self.language, *at, &self.zone)
    }
}

/// A language's own name for itself.
pub fn own_name(language: Language) -> &'static str {
    match language {
        Language::En => "English",
        Language::PtBr => "Português",
        Language::Es => "Español",
        Language::Fr => "Français",
    }
}
