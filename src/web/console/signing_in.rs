//! Coming and going.

use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::duty::{Away, OnDuty, cookie_of};
use super::form::ConsoleForm;
use crate::domain::language::Language;
use crate::engine::SignIn;
use crate::web::WebState;
use crate::web::ask;
use crate::web::page::{Alert, Form, Page, Shell, Trouble, is_from_elsewhere, see_other, shown};

/// The most bytes of the form: a name and a password.
const BODY_BYTES_MAX: usize = 4 * 1024;

#[derive(Template)]
#[template(path = "web/console/templates/login.html")]
struct LoginPage {
    shell: Shell,
    login: String,
    next: String,
    refused: Option<String>,
}

/// Where to go on.
#[derive(Debug, Deserialize)]
pub(super) struct Onward {
    next: Option<String>,
}

/// The form.
pub(super) async fn ask(
    State(state): State<WebState>,
    Query(onward): Query<Onward>,
    request: Request,
) -> Result<Response, Away> {
    let next = within(onward.next.as_deref());
    let (parts, _) = request.into_parts();
    match OnDuty::of(&parts, &state).await {
        Ok(_) => Ok(see_other(&next)),
        Err(Away::SignIn(_)) => asked(StatusCode::OK, String::new(), next, None).map_err(Away::Trouble),
        Err(trouble) => Err(trouble),
    }
}

/// What was typed into it. Whoever is not let in is not told what was wrong.
pub(super) async fn sign_in(State(state): State<WebState>, request: Request) -> Page {
    let (parts, content) = request.into_parts();
    if is_from_elsewhere(&parts.headers) {
        return Err(Trouble::of(Language::En, Alert::NotOurForm));
    }
    let form = Form::read(&ask::raw(content, BODY_BYTES_MAX).await?);
    let (login, next) = (form.text("login"), within(form.get("next")));
    let password = form.whole("password").unwrap_or_default().to_owned();
    match state.engine.sign_in(&login, password).await? {
        SignIn::Done { secret, .. } => {
            let secure = state.engine.pages_at().starts_with("https://");
            Ok(with_cookie(see_other(&next), &secret, secure))
        }
        SignIn::Wrong => {
            let refused = "This name and this password do not belong together.".to_owned();
            asked(StatusCode::UNAUTHORIZED, login, next, Some(refused))
        }
        SignIn::Wait(until) => {
            let seconds = until.duration_since(state.engine.now()).as_secs().max(1);
            let minutes = (seconds + 59).div_euclid(60);
            let refused = format!(
                "Too many attempts under this name. Try again in {minutes} minute{}.",
                if minutes == 1 { "" } else { "s" }
            );
            let mut response = asked(StatusCode::TOO_MANY_REQUESTS, login, next, Some(refused))?;
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(response)
        }
    }
}

/// Leaving.
pub(super) async fn sign_out(State(state): State<WebState>, sent: ConsoleForm) -> Page {
    state.engine.sign_out(sent.duty.secret()).await?;
    let secure = state.engine.pages_at().starts_with("https://");
    Ok(with_cookie(see_other("/console/login"), "", secure))
}

fn asked(status: StatusCode, login: String, next: String, refused: Option<String>) -> Page {
    let shell = Shell {
        name: "Changeover console".to_owned(),
        ..Shell::own(Language::En, "Sign in")
    };
    let page = LoginPage {
        shell,
        login,
        next,
        refused,
    };
    shown(status, &page)
}

fn with_cookie(mut response: Response, secret: &str, secure: bool) -> Response {
    match HeaderValue::try_from(cookie_of(secret, secure)) {
        Ok(cookie) => {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            response
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A page of the console: an address cannot lead out of it.
fn within(next: Option<&str>) -> String {
    let own = |next: &&str| {
        (*next == "/console" || next.starts_with("/console/") || next.starts_with("/console?"))
            && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    next.filter(own).unwrap_or("/console").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_out_of_the_console() {
        assert_eq!(within(Some("/console/changes/7")), "/console/changes/7");
        assert_eq!(within(Some("/console?sort=money")), "/console?sort=money");
        for elsewhere in [
            "https://evil.example",
            "//evil.example",
            "/consoleevil",
            "/v1/changes",
            "/console/\\evil",
            "/console/ x",
        ] {
            assert_eq!(within(Some(elsewhere)), "/console", "{elsewhere}");
        }
    }
}
