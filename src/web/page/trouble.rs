//! When there is no page to show: a page that says so, in the reader's language, with a way on.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{Say, Shell, shown};
use crate::domain::language::Language;
use crate::engine::EngineError;
use crate::web::problem::{EdgeCode, OnAPage, Problem};

/// Why there is no page.
#[derive(Debug)]
pub struct Trouble {
    language: Language,
    alert: Alert,
    shell: Option<Box<Shell>>,
}

/// What is the matter.
#[derive(Debug)]
pub enum Alert {
    /// The link, or the session that it began, has ended; or it never was one.
    LinkEnded,
    /// A form came from somewhere else, or from a page that is too old.
    NotOurForm,
    /// A link was opened too often: in how many seconds it opens again.
    TooOften(i64),
    /// There is no such page, or it is not this person's.
    NoSuchPage,
    /// What was asked cannot be done.
    Problem(Box<Problem>),
}

#[derive(Template)]
#[template(path = "web/page/templates/trouble.html")]
struct TroublePage {
    shell: Shell,
    say: Say,
    title: String,
    text: String,
    next: String,
}

impl Trouble {
    /// One in this language, in nobody's name.
    pub fn of(language: Language, alert: Alert) -> Self {
        Self {
            language,
            alert,
            shell: None,
        }
    }

    /// A defect of ours: the log says which.
    pub fn internal() -> Self {
        Self::of(
            Language::En,
            Alert::Problem(Box::new(Problem::plain(EdgeCode::Internal))),
        )
    }

    /// The same, within what stands around a page.
    #[must_use]
    pub fn within(self, shell: Shell) -> Self {
        Self {
            language: shell.language,
            shell: Some(Box::new(shell)),
            ..self
        }
    }
}

impl From<EngineError> for Trouble {
    fn from(error: EngineError) -> Self {
        Problem::from(error).into()
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::of(Language::En, Alert::Problem(Box::new(problem)))
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let say = Say(self.language);
        let (status, title, text, next) = match &self.alert {
            Alert::LinkEnded => (
                StatusCode::UNAUTHORIZED,
                say.get("page-trouble-link-title"),
                say.get("page-trouble-link-text"),
                say.get("page-trouble-link-next"),
            ),
            Alert::NotOurForm => (
                StatusCode::FORBIDDEN,
                say.get("page-trouble-form-title"),
                say.get("page-trouble-form-text"),
                say.get("page-trouble-form-next"),
            ),
            Alert::TooOften(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                say.get("page-trouble-often-title"),
                say.get("page-trouble-often-text"),
                say.get("page-trouble-often-next"),
            ),
            Alert::NoSuchPage => (
                StatusCode::NOT_FOUND,
                say.get("page-trouble-page-title"),
                say.get("page-trouble-page-text"),
                say.get("page-trouble-page-next"),
            ),
            Alert::Problem(problem) => {
                let OnAPage { text, next, .. } = problem.on_a_page(self.language);
                (problem.status(), say.get("page-trouble-title"), text, next)
            }
        };
        let shell = self
            .shell
            .map_or_else(|| Shell::own(self.language, title.clone()), |shell| *shell);
        let page = TroublePage {
            shell,
            say,
            title,
            text,
            next,
        };
        let mut response = shown(status, &page).unwrap_or_else(|_| status.into_response());
        if let Alert::TooOften(seconds) = self.alert {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
