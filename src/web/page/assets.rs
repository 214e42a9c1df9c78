//! The files that pages load: few, small, our own, and kept by browsers until they change.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::domain::catalog::SellerId;
use crate::web::WebState;

/// Changes with every release, so that no page meets the files of another one.
pub(super) const STAMP: &str = env!("CARGO_PKG_VERSION");

const PAGE_CSS: &str = include_str!("assets/page.css");
const PAGE_JS: &str = include_str!("assets/page.js");
const CARD_JS: &str = include_str!("assets/card.js");

/// Kept for a day: a page names them with its version.
const KEPT: &str = "public, max-age=86400";

/// `/assets/...`
pub fn router() -> Router<WebState> {
    Router::new()
        .route(
            "/assets/page.css",
            get(|| async { file("text/css; charset=utf-8", PAGE_CSS) }),
        )
        .route(
            "/assets/page.js",
            get(|| async { file("text/javascript; charset=utf-8", PAGE_JS) }),
        )
        .route(
            "/assets/card.js",
            get(|| async { file("text/javascript; charset=utf-8", CARD_JS) }),
        )
        .route("/assets/brand/{file}", get(brand))
}

fn file(kind: &'static str, text: impl IntoResponse) -> Response {
    (
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEPT)],
        text,
    )
        .into_response()
}

/// A seller's colours, or its mark.
async fn brand(State(state): State<WebState>, Path(name): Path<String>) -> Response {
    let Some((seller, kind)) = name.rsplit_once('.') else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let playbook = seller
        .parse::<SellerId>()
        .ok()
        .and_then(|id| state.playbook(&id).ok());
    let (letter, colour) = match &playbook {
        Some(playbook) => (
            playbook.seller.name.chars().next().unwrap_or('•'),
            playbook.seller.colour.map(|colour| colour.to_string()),
        ),
        None if seller == "changeover" => ('C', None),
        None => return StatusCode::NOT_FOUND.into_response(),
    };
    match kind {
        "css" => file("text/css; charset=utf-8", colours(colour.as_deref())),
        "svg" => file("image/svg+xml", mark(letter, colour.as_deref())),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The tokens that a seller's colour stands for, in light and in dark surroundings. White letters are read on it in both.
fn colours(colour: Option<&str>) -> String {
    let Some(colour) = colour else {
        return String::new();
    };
    let mut css = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        css,
        ":root {{ --brand: {colour}; --brand-ink: {colour}; --brand-ground: color-mix(in srgb, {colour} 9%, #fff); }}\n\
         @media (prefers-color-scheme: dark) {{ :root {{ --brand: {colour}; --brand-ink: color-mix(in srgb, {colour} 40%, #fff); \
         --brand-ground: color-mix(in srgb, {colour} 28%, #11141a); }} }}\n",
    );
    css
}

/// A seller's first letter on its colour.
fn mark(letter: char, colour: Option<&str>) -> String {
    let colour = colour.unwrap_or("#0b57c2");
    let letter: String = letter
        .to_uppercase()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"7\" fill=\"{colour}\"/>\
         <text x=\"16\" y=\"22.5\" text-anchor=\"middle\" font-family=\"system-ui,sans-serif\" font-weight=\"700\" font-size=\"18\" \
         fill=\"#fff\">{letter}</text></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_page_are_small() {
        let all = PAGE_CSS.len() + PAGE_JS.len() + CARD_JS.len();
        assert!(all < 60_000, "{all} bytes, of 100 KB that a page may have");
    }

    #[test]
    fn a_mark_holds_nothing_but_a_letter() {
        assert!(mark('<', None).contains("fill=\"#fff\"></text>"));
        assert!(mark('é', Some("#123456")).contains(">É</text>"));
    }
}
