//! Showing: from views and the engine's replies to HTTP answers.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::views::ChangeBody;
use crate::domain::change::ChangeId;
use crate::engine::{Asked, ChangeView, Reply, Wish};
use crate::ports::store::ClientAnswer;
use crate::web::WebState;
use crate::web::ask::tag;
use crate::web::problem::Problem;

/// The answer of a handler.
pub type Answer = Result<Response, Problem>;

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// What is on it.
    pub data: Vec<T>,
    /// The `after` of the next page; nothing on the last.
    pub next: Option<u64>,
}

/// A view as the answer that is kept for repetitions of the request.
pub fn keep<T: Serialize>(status: StatusCode, view: &T) -> Result<ClientAnswer, serde_json::Error> {
    Ok(ClientAnswer {
        status: status.as_u16(),
        body: serde_json::to_vec(view)?,
    })
}

/// A view as an answer that is not kept.
pub fn now<T: Serialize>(view: &T) -> Answer {
    Ok(reply(Reply {
        answer: keep(StatusCode::OK, view)?,
        replayed: false,
    }))
}

/// A view with a tag that stands for all of it; without a body where the reader has it already.
pub fn tagged<T: Serialize>(view: &T, asked: &HeaderMap) -> Answer {
    let answer = keep(StatusCode::OK, view)?;
    let hash = hex::encode(&Sha256::digest(&answer.body)[..16]);
    let tag = format!("\"{hash}\"");
    // RFC 9110, If-None-Match: a weak comparison, so that a tag that a cache has weakened still matches.
    let same = |given: &str| {
        matches!(given.trim().trim_start_matches("W/"), "*") || given.trim().trim_start_matches("W/") == tag
    };
    let given = asked.get_all(header::IF_NONE_MATCH).iter();
    let known = given
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').any(same));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        reply(Reply {
            answer,
            replayed: false,
        })
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// A page of a list.
pub fn page<T: Serialize>(data: Vec<T>, next: Option<u64>) -> Response {
    Json(Page { data, next }).into_response()
}

/// What an answer's headers are made from, wherever the body has it.
#[derive(Deserialize)]
struct Headline {
    version: Option<u64>,
    reference: Option<IgnoredAny>,
    settings: Option<IgnoredAny>,
    url: Option<String>,
}

/// The engine's reply, byte by byte, with the headers that follow from it: a repetition gets the same.
pub fn reply(reply: Reply) -> Response {
    let Reply { answer, replayed } = reply;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headline: Option<Headline> = serde_json::from_slice(&answer.body).ok();
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], answer.body).into_response();
    let headers = response.headers_mut();
    // Only commands on a change, which alone has a reference, and on a client's settings honour `If-Match`: nothing else is given
    // a tag.
    if let Some(headline) = &headline
        && let Some(version) = headline.version
        && (headline.reference.is_some() || headline.settings.is_some())
    {
        headers.insert(header::ETAG, tag(version));
    }
    if status == StatusCode::CREATED
        && let Some(url) = headline.and_then(|headline| HeaderValue::try_from(headline.url?).ok())
    {
        headers.insert(header::LOCATION, url);
    }
    if replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// Asks something of a change, and shows it as it then is.
pub async fn submitted(state: &WebState, change: ChangeId, wish: Wish, asked: &Asked) -> Answer {
    let present = |view: &ChangeView| keep(StatusCode::OK, &ChangeBody::of(view));
    Ok(reply(state.engine.submit(change, &wish, asked, &present).await?))
}

/// The answer that this very request was given before: looked at first by commands that ask the provider something before
/// they ask the engine.
pub async fn replayed(state: &WebState, asked: &Asked) -> Result<Option<Response>, Problem> {
    Ok(state.engine.replay(asked).await?.map(reply))
}

/// A problem is not the last word where this very request was answered before: a card that it named may be gone since.
pub async fn or_replayed(state: &WebState, asked: &Asked, problem: Problem) -> Answer {
    replayed(state, asked).await?.ok_or(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_follow_from_the_kept_body_so_that_a_repetition_has_them_too() {
        let answer = ClientAnswer {
            status: 201,
            body: br#"{"id":"x","reference":"CH-1","url":"/v1/changes/x","version":3}"#.to_vec(),
        };
        let shown = reply(Reply {
            answer,
            replayed: true,
        });
        assert_eq!(shown.status(), StatusCode::CREATED);
        assert_eq!(shown.headers()[header::ETAG], "\"3\"");
        assert_eq!(shown.headers()[header::LOCATION], "/v1/changes/x");
        assert_eq!(shown.headers()["idempotency-replayed"], "true");
    }

    #[test]
    fn a_first_answer_does_not_claim_to_be_a_repetition() {
        let shown = now(&serde_json::json!({ "data": [] })).expect("an answer");
        assert!(!shown.headers().contains_key("idempotency-replayed"));
        assert!(!shown.headers().contains_key(header::ETAG));
    }
}
