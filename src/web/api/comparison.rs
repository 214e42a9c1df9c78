use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;
use serde::Deserialize;

use super::document::FindProblems;
use super::show::{self, Answer};
use super::views::{ComparisonView, Reader};
use crate::domain::catalog::SellerId;
use crate::domain::language::Language;
use crate::web::WebState;
use crate::web::ask::Asking;
use crate::web::problem::{EdgeCode, Problem};

/// Anybody may keep the answer for five minutes, and asks after that whether it still holds.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// For whom the comparison is shown.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ComparisonQuery {
    /// The language of the texts; the seller's own where it is left out or not served.
    #[param(value_type = Option<String>, example = "es")]
    language: Option<Language>,
}

/// Compare what a seller sells
///
/// Public: it needs no key, and carries nothing about any customer. `ETag` and `If-None-Match` save reading it again.
#[utoipa::path(
    get,
    path = "/v1/sellers/{seller}/comparison",
    tag = "catalog",
    params(("seller" = String, Path, description = "The seller's id."), ComparisonQuery),
    responses(
        (status = 200, description = "Plans, packages, prices and features side by side.", body = ComparisonView),
        (status = 304, description = "It is as it was read before."),
        FindProblems
    ),
    security(())
)]
pub async fn compare_plans(
    State(state): State<WebState>,
    Path(seller): Path<String>,
    Asking(asked): Asking<ComparisonQuery>,
    headers: HeaderMap,
) -> Answer {
    let nobody = || {
        let seller: String = seller.chars().take(40).collect();
        Problem::edge(
            EdgeCode::NotFound,
            format!("No seller `{seller}` is served here."),
        )
    };
    let id: SellerId = seller.parse().map_err(|_| nobody())?;
    let playbook = state.playbook(&id).map_err(|_| nobody())?;
    let reader = Reader::new(&playbook, asked.language);
    // Nothing else goes into the answer.
    let tag = format!(
        "\"{}-{}\"",
        &playbook.version.as_str()[..16],
        reader.language.tag()
    );
    let mut response = if has(&headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        show::now(&ComparisonView::of(reader))?
    };
    let own = response.headers_mut();
    own.insert(header::CACHE_CONTROL, CACHED);
    if let Ok(tag) = HeaderValue::try_from(tag) {
        own.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Whether the client has the answer of this tag already. Weak tags match too (RFC 9110, section 13.1.2).
fn has(headers: &HeaderMap, tag: &str) -> bool {
    let given = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut named = given
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    named.any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
    })
}
