//! Who is on a page.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use cookie::{Cookie, SameSite};
use uuid::Uuid;

use super::{Alert, Say, Shell, Tab, Trouble};
use crate::domain::account::{Account, Permission};
use crate::domain::catalog::Playbook;
use crate::domain::change::permitted;
use crate::domain::language::Language;
use crate::engine::{Asked, EngineError, PageSession, Purpose};
use crate::web::WebState;
use crate::web::api::views::Reader;
use crate::web::ask;
use crate::web::problem::Problem;

/// The cookie that goes on with a session. Its path is the session's own, so that several can be open in one browser.
const COOKIE: &str = "changeover_session";

/// Somebody who came by a link and is on the pages of one session.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The session.
    pub session: PageSession,
    /// Whose account is shown.
    pub account: Account,
    /// The seller's rules.
    pub playbook: Arc<Playbook>,
    /// The language that they read.
    pub language: Language,
    /// Goes into every form, and shows that it is one of these pages.
    pub token: String,
}

impl Visitor {
    /// Whoever this request comes from, where its cookie fits its address.
    pub async fn of(parts: &mut Parts, state: &WebState) -> Result<Self, Trouble> {
        let spoken = ask::language(&parts.headers).unwrap_or(Language::En);
        let ended = || Trouble::of(spoken, Alert::LinkEnded);
        let named = RawPathParams::from_request_parts(parts, state).await;
        let named = named.ok().and_then(|named| {
            let session = named.iter().find(|(name, _)| *name == "session");
            session.and_then(|(_, id)| Uuid::try_parse(id).ok())
        });
        let token = cookie_in(&parts.headers).ok_or_else(ended)?;
        let session = state.engine.page_session(Purpose::Cookie, &token).await?;
        let session = session
            .filter(|session| Some(session.id) == named)
            .ok_or_else(ended)?;
        let account = state.engine.account_of(session.account, &session.seller).await?;
        let playbook = state.playbook(&session.seller)?;
        let own = session.about.language.or(Some(account.language));
        let mut language = playbook.seller.language(own);
        if let Some(wanted) = wanted(parts).filter(|wanted| playbook.seller.languages.contains(wanted)) {
            if wanted != language {
                state.engine.speak_on_pages(session.clone(), wanted).await?;
            }
            language = wanted;
        }
        let visitor = Self {
            token: state.engine.session_token(Purpose::Form, &session).await?,
            session,
            account,
            playbook,
            language,
        };
        if is_open_to(&visitor.session, parts.uri.path()) {
            Ok(visitor)
        } else {
            Err(visitor.nowhere())
        }
    }

    /// How things are told to them.
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            playbook: &self.playbook,
            language: self.language,
        }
    }

    /// Who asks, for what is only read.
    pub fn asks(&self) -> Asked {
        Asked {
            seller: self.session.seller.clone(),
            actor: self.session.about.actor.clone(),
            key: None,
            expected_version: None,
        }
    }

    /// The address of one of their pages: `rest` begins with a slash, or is empty.
    pub fn at(&self, rest: &str) -> String {
        format!("/p/{}{rest}", self.session.id)
    }

    /// Whether they may do this, by the seller's rules.
    pub fn may(&self, needs: Permission) -> bool {
        permitted(&self.playbook, &self.session.about.actor, needs).is_ok()
    }

    /// The same, as a problem where they may not.
    pub fn needs(&self, needs: Permission) -> Result<(), Trouble> {
        permitted(&self.playbook, &self.session.about.actor, needs)
            .map_err(|no| self.trouble(EngineError::from(no)))
    }

    /// What stands around their pages.
    pub fn shell(&self, title: impl Into<String>) -> Shell {
        Shell {
            home: Some(self.at("/")),
            back: self.session.about.return_url.clone(),
            ..Shell::of(&self.playbook.seller, self.language, title)
        }
    }

    /// The same with the neighbouring pages, as far as this person may see them.
    pub fn shell_with_tabs(&self, here: &str, title: impl Into<String>) -> Shell {
        let say = Say(self.language);
        let held = self.session.about.contract.is_some();
        let all = [
            ("billing", held),
            ("plans", true),
            (
                "clients",
                self.playbook.policy.clients.is_some() && self.may(Permission::ManageClients),
            ),
            ("wallet", self.may(Permission::Wallet)),
            ("invoices", self.may(Permission::Billing)),
            ("usage", held),
            ("history", held),
            ("contact", held && self.may(Permission::ChangePlan)),
        ];
        let shown = all
            .into_iter()
            .filter(|(_, shown)| *shown && !self.session.is_mailed());
        let tabs = shown.map(|(page, _)| Tab {
            url: self.at(&format!("/{page}")),
            name: say.get(&format!("page-tab-{page}")),
            current: page == here,
        });
        Shell {
            tabs: tabs.collect(),
            ..self.shell(title)
        }
    }

    /// A page that says why there is none, within what stands around their pages.
    pub fn trouble(&self, problem: impl Into<Problem>) -> Trouble {
        Trouble::from(problem.into()).within(self.shell(""))
    }

    /// There is no such page for them.
    pub fn nowhere(&self) -> Trouble {
        Trouble::of(self.language, Alert::NoSuchPage).within(self.shell(""))
    }
}

impl FromRequestParts<WebState> for Visitor {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Trouble> {
        Self::of(parts, state).await
    }
}

/// Whether this address is one of the session's pages. Whoever came by a mail sees the change that it was about, and chooses otherwise in
/// it; all the rest of the account stays closed.
fn is_open_to(session: &PageSession, path: &str) -> bool {
    let Some(change) = session.about.change else {
        return true;
    };
    let rest = path
        .strip_prefix(&format!("/p/{}", session.id))
        .unwrap_or_default();
    let own = format!("/changes/{change}");
    matches!(rest, "/" | "/choose" | "/estimate")
        || rest == own
        || rest
            .strip_prefix(&own)
            .is_some_and(|further| further.starts_with('/'))
}

/// The cookie with which a browser goes on with a session.
pub fn cookie_of(session: &PageSession, token: String, secure: bool) -> String {
    Cookie::build((COOKIE, token))
        .path(format!("/p/{}", session.id))
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .build()
        .to_string()
}

fn cookie_in(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter();
    let mut all = all
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse);
    let own = all.find_map(|cookie| cookie.ok().filter(|cookie| cookie.name() == COOKIE))?;
    Some(own.value().to_owned())
}

/// The language that the person has chosen on the page.
fn wanted(parts: &Parts) -> Option<Language> {
    let query = form_urlencoded::parse(parts.uri.query()?.as_bytes());
    let mut chosen = query.filter(|(name, _)| name == "lang");
    chosen.next().and_then(|(_, tag)| tag.parse().ok())
}
