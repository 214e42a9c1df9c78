use axum::http::{HeaderMap, header};

use crate::domain::language::Language;
use crate::text;

/// The language that a request asks for, where it asks for one that is spoken here.
pub fn language(headers: &HeaderMap) -> Option<Language> {
    let named = headers.get(header::ACCEPT_LANGUAGE)?;
    text::accepted(named.to_str().ok()?)
}
