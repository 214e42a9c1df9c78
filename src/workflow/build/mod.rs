//! From the words of the format to the domain: what the sections say about each other is checked here, all of it.

mod clients;
mod directions;
mod metering;
mod offering;
mod prices;
mod rules;
mod selling;
mod tax;
mod ticket;

use jiff::tz::TimeZone;
use toml::Spanned;

use super::problem::{Problems, Span};
use super::raw::{RawSeller, RawWorkflow};
use crate::domain::account::can_be_email;
use crate::domain::catalog::{
    Colour, ColourError, Playbook, SellerProfile, Sender, SupportContact, Terms, WorkflowVersion,
};
use crate::domain::language::{Language, Texts};
use crate::domain::money::Currency;

/// What the file says, with the names of what is sample data. To be used only when no problem was told.
pub(super) fn build(
    raw: RawWorkflow,
    version: WorkflowVersion,
    problems: &mut Problems<'_>,
) -> (Playbook, Vec<String>) {
    let mut builder = Builder {
        languages: raw.seller.languages.get_ref().clone(),
        currencies: raw.seller.currencies.get_ref().clone(),
        samples: Vec::new(),
        problems,
    };
    let (seller, terms) = builder.seller(raw.seller);
    let mut credits = raw.credits;
    let limits = metering::limits_of(&mut credits);
    let catalog = builder.catalog(
        seller.id.clone(),
        selling::RawCatalog {
            offering: offering::RawOffering {
                families: raw.families,
                groups: raw.groups,
                features: raw.features,
                rates: raw.rates,
            },
            credits,
            plans: raw.plans,
            items: raw.items,
            offers: raw.offers,
            prerequisites: raw.prerequisites,
        },
    );
    let clients = raw.clients.map(|clients| builder.clients(clients, &catalog));
    let policy = builder.policy(
        &catalog,
        rules::RawPolicy {
            clients,
            permissions: raw.permissions,
            rules: raw.rules,
            deadlines: raw.deadlines,
            reminders: raw.reminders,
            roles: raw.roles,
            directions: raw.directions,
            payment_methods: raw.payment_methods,
            screens: raw.screens,
            terms,
            ticket: raw.ticket,
            tax: raw.tax,
        },
    );
    let metering = builder.metering(&catalog, limits, raw.meters);
    let samples = builder.samples;
    (
        Playbook {
            version,
            seller,
            catalog,
            policy,
            metering,
        },
        samples,
    )
}

struct Builder<'p, 'a> {
    problems: &'p mut Problems<'a>,
    languages: Vec<Language>,
    currencies: Vec<Currency>,
    samples: Vec<String>,
}

impl Builder<'_, '_> {
    fn say(&mut self, at: &Span, what: impl Into<String>) {
        self.problems.push(at, what, None);
    }

    fn say_with_hint(&mut self, at: &Span, what: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(at, what, Some(hint.into()));
    }

    fn seller(&mut self, raw: RawSeller) -> (SellerProfile, Terms) {
        if raw.name.get_ref().trim().is_empty() {
            self.say(&raw.name.span(), "the seller needs a name");
        }
        self.listed_once(&raw.languages, "language");
        self.listed_once(&raw.currencies, "currency");
        self.email(&raw.sender.email);
        self.email(&raw.support.email);
        self.link(&raw.terms.url);
        if let Some(url) = &raw.support.url {
            self.link(url);
        }
        if raw.terms.version.get_ref().trim().is_empty() {
            self.say(
                &raw.terms.version.span(),
                "the terms need a version: it is kept with each consent",
            );
        }
        for url in &raw.return_urls {
            self.return_url(url);
        }
        let time_zone = TimeZone::get(raw.time_zone.get_ref());
        if time_zone.is_err() {
            let what = format!("there is no time zone `{}`", raw.time_zone.get_ref());
            self.say_with_hint(&raw.time_zone.span(), what, "write it like America/Sao_Paulo");
        }
        let profile = SellerProfile {
            id: raw.id,
            name: raw.name.into_inner(),
            sender: Sender {
                name: raw.sender.name,
                email: raw.sender.email.into_inner(),
            },
            support: SupportContact {
                email: raw.support.email.into_inner(),
                url: raw.support.url.map(Spanned::into_inner),
            },
            languages: raw.languages.into_inner(),
            currencies: raw.currencies.into_inner(),
            // When there is none, a problem was told and this is never used.
            time_zone: time_zone.unwrap_or(TimeZone::UTC),
            return_urls: raw.return_urls.into_iter().map(Spanned::into_inner).collect(),
            colour: raw.colour.and_then(|colour| self.colour(&colour)),
        };
        let terms = Terms {
            version: raw.terms.version.into_inner(),
            url: raw.terms.url.into_inner(),
            how_to_stop: self.texts("`how_to_stop`", raw.how_to_stop),
        };
        (profile, terms)
    }

    fn colour(&mut self, text: &Spanned<String>) -> Option<Colour> {
        match text.get_ref().parse() {
            Ok(colour) => Some(colour),
            Err(problem) => {
                let problem: ColourError = problem;
                self.say(&text.span(), problem.to_string());
                None
            }
        }
    }

    fn listed_once<T: PartialEq + std::fmt::Display>(&mut self, list: &Spanned<Vec<T>>, what: &str) {
        if list.get_ref().is_empty() {
            self.say(&list.span(), format!("at least one {what} is needed"));
        }
        for (at, entry) in list.get_ref().iter().enumerate() {
            if list.get_ref()[..at].contains(entry) {
                self.say(&list.span(), format!("the {what} {entry} is listed twice"));
            }
        }
    }

    /// A text must be there in each of the seller's languages, and in no other.
    fn texts(&mut self, what: &str, texts: Spanned<Texts>) -> Texts {
        let span = texts.span();
        let texts = texts.into_inner();
        for language in self.languages.clone() {
            if texts.get(&language).is_none_or(|text| text.trim().is_empty()) {
                self.say(&span, format!("{what} has no text in {language}"));
            }
        }
        for language in texts
            .keys()
            .filter(|language| !self.languages.contains(language))
            .copied()
            .collect::<Vec<_>>()
        {
            let hint = format!("add {language} to `languages` in [seller], or take the text out");
            self.say_with_hint(
                &span,
                format!("{what} has a text in {language}, which the seller does not serve"),
                hint,
            );
        }
        texts
    }

    fn email(&mut self, email: &Spanned<String>) {
        if !can_be_email(email.get_ref()) {
            self.say(
                &email.span(),
                format!("`{}` is not a mail address", email.get_ref()),
            );
        }
    }

    /// A link that people follow: encrypted, or on this machine.
    fn link(&mut self, url: &Spanned<String>) {
        if !is_link(url.get_ref()) {
            let what = format!("`{}` is not a usable link", url.get_ref());
            self.say_with_hint(
                &url.span(),
                what,
                "begin it with https:// (http:// only for 127.0.0.1 or localhost)",
            );
        }
    }

    fn return_url(&mut self, url: &Spanned<String>) {
        self.link(url);
        let after_scheme = url.get_ref().split_once("://").map_or("", |(_, rest)| rest);
        if !after_scheme.ends_with('/') {
            let what = format!("the return address `{}` must end with a slash", url.get_ref());
            let hint = "it is a prefix, and without the slash it would let longer host names in";
            self.say_with_hint(&url.span(), what, hint);
        }
    }
}

fn is_link(url: &str) -> bool {
    let host = |rest: &str| {
        rest.split(['/', ':', '?', '#'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let clean = !url
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '@' | '\\' | '*' | '"'));
    let reachable = match url.split_once("://") {
        Some(("https", rest)) => !host(rest).is_empty(),
        Some(("http", rest)) => matches!(host(rest).as_str(), "127.0.0.1" | "localhost"),
        _ => false,
    };
    clean && reachable
}
