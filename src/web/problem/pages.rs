//! What each code means and what to do: for people as a page, for programs as JSON.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::{EdgeCode, Entry, Message, Problem, address, all, find};
use crate::domain::language::Language;
use crate::text;
use crate::web::WebState;
use crate::web::page::{Alert, Shell, Trouble, own_name, shown};

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
#[template(path = "web/problem/templates/problems.html")]
struct IndexPage {
    shell: Shell,
    groups: Vec<Group>,
}

/// Problems of one status.
struct Group {
    status: u16,
    reason: &'static str,
    problems: Vec<Explained>,
}

#[derive(Template)]
#[template(path = "web/problem/templates/problem.html")]
struct ProblemPage {
    shell: Shell,
    problem: Explained,
    /// What the customer reads, each with the language's own name for itself.
    customer: Vec<(Message, &'static str)>,
}

/// The parts of a sentence between its backticks, and whether each is code.
fn pieces(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let parts = text.split('`').enumerate();
    parts.map(|(nth, part)| (part, nth % 2 == 1))
}

async fn index(headers: HeaderMap) -> Response {
    let problems = all().map(explained);
    if wants_html(&headers) {
        shown(StatusCode::OK, &IndexPage::of(problems)).into_response()
    } else {
        let problems: Vec<Explained> = problems.collect();
        Json(serde_json::json!({ "problems": problems })).into_response()
    }
}

async fn one(Path(code): Path<String>, headers: HeaderMap) -> Response {
    let wants_html = wants_html(&headers);
    match find(&code).map(explained) {
        Some(problem) if wants_html => shown(StatusCode::OK, &ProblemPage::of(problem)).into_response(),
        Some(problem) => Json(problem).into_response(),
        None if wants_html => {
            let nowhere = Trouble::of(Language::En, Alert::NoSuchPage);
            nowhere.within(shell("", "/problems")).into_response()
        }
        None => Problem::edge(EdgeCode::NotFound, "There is no problem with this code.").into_response(),
    }
}

/// For whoever builds an integration: in English.
fn shell(title: &str, home: &str) -> Shell {
    Shell {
        home: Some(home.to_owned()),
        ..Shell::own(Language::En, title)
    }
}

impl IndexPage {
    fn of(problems: impl Iterator<Item = Explained>) -> Self {
        let mut by_status: BTreeMap<u16, Vec<Explained>> = BTreeMap::new();
        for problem in problems {
            by_status.entry(problem.status).or_default().push(problem);
        }
        let reason = |status| {
            let status = StatusCode::from_u16(status).ok();
            status.and_then(|status| status.canonical_reason())
        };
        let groups = by_status.into_iter().map(|(status, problems)| Group {
            status,
            reason: reason(status).unwrap_or_default(),
            problems,
        });
        Self {
            shell: shell("Problems", "/"),
            groups: groups.collect(),
        }
    }
}

impl ProblemPage {
    fn of(problem: Explained) -> Self {
        let said = |language| (Message::of(problem.code, None, language), own_name(language));
        Self {
            shell: shell(problem.title, "/"),
            customer: text::OFFERED.map(said).into(),
            problem,
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
    fn the_list_leads_to_every_page_and_is_small() {
        let html = IndexPage::of(all().map(explained)).render().expect("a page");
        for entry in all() {
            let link = format!("href=\"{}\"", address(entry.code));
            assert_eq!(html.matches(&link).count(), 1, "{}", entry.code);
        }
        assert!(!html.contains("></h2>") && !html.contains("style=\""), "{html}");
        assert!(html.len() < 40_000, "{} bytes", html.len());
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
