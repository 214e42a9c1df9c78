//! Who is at the console.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use cookie::{Cookie, SameSite};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::page::{Bar, Section};
use crate::domain::catalog::SellerId;
use crate::domain::change::Actor;
use crate::domain::language::Language;
use crate::engine::{EngineError, StaffMember};
use crate::web::WebState;
use crate::web::page::{Alert, Shell, Trouble, see_other};
use crate::web::problem::Problem;

/// The cookie that goes on with a session. It is sent to the console alone, and never from another site.
const COOKIE: &str = "changeover_staff";

/// Somebody who is signed in at the console.
#[derive(Debug, Clone)]
pub(super) struct OnDuty {
    /// Who.
    pub(super) member: StaffMember,
    /// Goes into every form, and shows that it is one of their own pages.
    pub(super) token: String,
    secret: String,
}

/// Why somebody does not see a page.
pub(super) enum Away {
    /// They must sign in, and then go on here.
    SignIn(String),
    /// Something went wrong.
    Trouble(Trouble),
}

impl IntoResponse for Away {
    fn into_response(self) -> Response {
        match self {
            Self::SignIn(next) => {
                let next = utf8_percent_encode(&next, NON_ALPHANUMERIC);
                see_other(&format!("/console/login?next={next}"))
            }
            Self::Trouble(trouble) => trouble.into_response(),
        }
    }
}

impl From<EngineError> for Away {
    fn from(error: EngineError) -> Self {
        Self::Trouble(error.into())
    }
}

impl OnDuty {
    /// Whoever this request comes from.
    pub(super) async fn of(parts: &Parts, state: &WebState) -> Result<Self, Away> {
        let wanted = || Away::SignIn(parts.uri.to_string());
        let secret = cookie_in(&parts.headers).ok_or_else(wanted)?;
        let member = state.engine.staff_on_duty(&secret).await?;
        Ok(Self {
            member: member.ok_or_else(wanted)?,
            token: token_of(&secret),
            secret,
        })
    }

    /// The seller that they are limited to, if they are.
    pub(super) fn seller(&self) -> Option<&SellerId> {
        self.member.seller.as_ref()
    }

    /// The secret of their session.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// They, acting for this reason.
    pub(super) fn actor(&self, reason: Option<&str>) -> Actor {
        Actor::support(self.member.login.clone(), reason.map(str::to_owned))
    }

    /// Whether a form is one of their own pages.
    pub(super) fn is_own(&self, token: &str) -> bool {
        self.token.as_bytes().ct_eq(token.as_bytes()).into()
    }

    /// What stands around their pages.
    pub(super) fn shell(&self, title: impl Into<String>, here: Section) -> Shell {
        Shell {
            home: Some("/console".to_owned()),
            tabs: Section::tabs(self.member.leads(), here),
            name: "Changeover console".to_owned(),
            ..Shell::own(Language::En, title)
        }
    }

    /// What stands above them.
    pub(super) fn bar(&self, searched: &str) -> Bar {
        Bar {
            login: self.member.login.clone(),
            role: self.member.role.as_str(),
            seller: self.member.seller.as_ref().map(ToString::to_string),
            token: self.token.clone(),
            searched: searched.to_owned(),
        }
    }

    /// A page that says why there is none.
    pub(super) fn trouble(&self, problem: impl Into<Problem>) -> Trouble {
        Trouble::from(problem.into()).within(self.shell("", Section::None))
    }

    /// There is no such page for them.
    pub(super) fn nowhere(&self) -> Trouble {
        Trouble::of(Language::En, Alert::NoSuchPage).within(self.shell("", Section::None))
    }

    /// A page for leads alone.
    pub(super) fn leads(&self) -> Result<(), Trouble> {
        if self.member.leads() {
            Ok(())
        } else {
            Err(self.nowhere())
        }
    }
}

impl FromRequestParts<WebState> for OnDuty {
    type Rejection = Away;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Away> {
        Self::of(parts, state).await
    }
}

/// The cookie of a session; an empty secret takes it away.
pub(super) fn cookie_of(secret: &str, secure: bool) -> String {
    let mut cookie = Cookie::build((COOKIE, secret))
        .path("/console")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Strict);
    if secret.is_empty() {
        cookie = cookie.max_age(cookie::time::Duration::ZERO);
    }
    cookie.build().to_string()
}

/// The secret of the session that a browser goes on with.
pub(super) fn cookie_in(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter();
    let mut all = all
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse);
    let own = all.find_map(|cookie| cookie.ok().filter(|cookie| cookie.name() == COOKIE))?;
    let secret = own.value();
    // Nothing else can be one of ours.
    let fits = secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| secret.to_owned())
}

/// Made from the secret of the session, so that nobody else knows it, and telling nothing of it.
fn token_of(secret: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"a form of the console\n");
    hasher.update(secret.as_bytes());
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_for_the_console_alone() {
        let cookie = cookie_of("ab", true);
        for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/console"] {
            assert!(cookie.contains(part), "{part} in {cookie}");
        }
        assert!(cookie_of("", false).contains("Max-Age=0"));
        assert!(!cookie_of("ab", false).contains("Secure"));
    }

    #[test]
    fn only_what_can_be_a_secret_is_looked_up() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            let cookie = format!("other=1; changeover_staff={value}");
            headers.insert(header::COOKIE, cookie.parse().expect("a header"));
            cookie_in(&headers)
        };
        assert_eq!(with(&"ab".repeat(32)), Some("ab".repeat(32)));
        assert_eq!(with("short"), None);
        assert_eq!(with(&"zz".repeat(32)), None);
    }
}
