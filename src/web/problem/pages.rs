//! What each code means and what to do: for people as a page, for programs as JSON.

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::{EdgeCode, Entry, Message, Problem, address, all, find};
use crate::text;
use crate::web::WebState;

/// `/problems`, and one page a code.
pub fn router() -> Router<WebState> {
    Router::new()
        .route("/problems", get(index))
        .route("/problems/{code}", get(one))
}

#[derive(Serialize)]
struct Explained {
    #[serde(rename = "type")]
    kind: String,
    code: &'static str,
    status: u16,
    title: &'static str,
    meaning: &'static str,
    next: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
}

#[derive(Template)]
#[template(path = "web/start/templates/problems.html")]
struct IndexPage {
    problems: Vec<Explained>,
}

#[derive(Template)]
#[template(path = "web/start/templates/problem.html")]
struct ProblemPage {
    problem: Explained,
    customer: Vec<Message>,
}

/// The parts of a sentence between its backticks, and whether each is code.
fn pieces(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let parts = text.split('`').enumerate();
    parts.map(|(nth, part)| (part, nth % 2 == 1))
}

async fn index(headers: HeaderMap) -> Result<Response, Problem> {
    let problems: Vec<Explained> = all().map(explained).collect();
    if wants_html(&headers) {
        page(&IndexPage { problems })
    } else {
        Ok(Json(serde_json::json!({ "problems": problems })).into_response())
    }
}

async fn one(Path(code): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let Some(problem) = find(&code).map(explained) else {
        return Err(Problem::edge(
            EdgeCode::NotFound,
            "There is no problem with this code.",
        ));
    };
    if wants_html(&headers) {
        page(&ProblemPage::of(problem))
    } else {
        Ok(Json(problem).into_response())
    }
}

impl ProblemPage {
    fn of(problem: Explained) -> Self {
        let customer = text::OFFERED.map(|language| Message::of(problem.code, None, language));
        Self {
            problem,
            customer: customer.into(),
        }
    }
}

fn explained(entry: Entry) -> Explained {
    Explained {
        kind: address(entry.code),
        code: entry.code,
        status: entry.status.as_u16(),
        title: entry.title,
        meaning: entry.meaning,
        next: entry.next,
        retry_after: entry.retry_after,
    }
}

/// Browsers name HTML first; programs name JSON, or anything.
fn wants_html(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepts.is_some_and(|accepts| accepts.contains("text/html"))
}

fn page(page: &impl Template) -> Result<Response, Problem> {
    match page.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            Err(Problem::plain(EdgeCode::Internal))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::change::RefusalCode;
    use crate::web::problem::{of_edge, of_refusal};

    #[test]
    fn every_code_has_a_status_a_title_and_a_page() {
        let mut words = BTreeSet::new();
        for entry in all() {
            assert!(words.insert(entry.code), "{} twice", entry.code);
            assert!(entry.status.is_client_error() || entry.status.is_server_error());
            for text in [entry.title, entry.meaning, entry.next] {
                assert!(text.len() > 10, "{}: {text:?}", entry.code);
            }
            assert_eq!(find(entry.code), Some(entry));
            let page = ProblemPage::of(explained(entry));
            let html = page.render().expect("a page");
            assert!(
                html.contains(entry.code) && html.contains(entry.title),
                "{}",
                entry.code
            );
            assert!(!html.contains('`'), "{}: a backtick is shown as such", entry.code);
            assert!(html.contains("lang=\"pt-BR\""), "{}", entry.code);
        }
        assert_eq!(words.len(), RefusalCode::ALL.len() + EdgeCode::ALL.len());
    }

    #[test]
    fn server_trouble_says_when_to_come_back() {
        let worth_waiting =
            |entry: &Entry| entry.status.is_server_error() && entry.code != "provider_refused";
        for entry in all().filter(worth_waiting) {
            assert!(entry.retry_after.is_some(), "{}", entry.code);
        }
    }

    #[test]
    fn statuses_that_clients_rely_on() {
        let refusals = [
            (RefusalCode::RoleNotAllowed, 403),
            (RefusalCode::SelectionInvalid, 422),
            (RefusalCode::AmountDiffers, 409),
            (RefusalCode::ChangeInProgress, 409),
            (RefusalCode::ProviderRefused, 502),
        ];
        for (code, status) in refusals {
            assert_eq!(of_refusal(code).status.as_u16(), status, "{code}");
        }
        let edges = [
            (EdgeCode::Unauthorized, 401),
            (EdgeCode::IdempotencyKeyReused, 422),
            (EdgeCode::VersionMoved, 412),
            (EdgeCode::BodyTooLarge, 413),
            (EdgeCode::ContentTypeUnsupported, 415),
            (EdgeCode::StoreUnavailable, 503),
        ];
        for (code, status) in edges {
            assert_eq!(of_edge(code).status.as_u16(), status, "{code:?}");
        }
    }
}
