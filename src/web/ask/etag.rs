//! Entity tags: the version of what was read, and of what a command relies on.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::web::problem::{EdgeCode, Problem};

/// The tag of a version. It is a strong one: a version never has two representations that differ in meaning.
pub fn tag(version: u64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// The version that a command insists on; `None` when it insists on none.
///
/// A weak tag never matches (RFC 9110, strong comparison), so that it is refused instead of being understood as something
/// that it is not.
pub fn expected(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let mut given = headers.get_all(header::IF_MATCH).iter();
    let Some(value) = given.next() else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    match (version(text), given.next()) {
        (_, None) if text == "*" => Ok(None),
        (Some(version), None) => Ok(Some(version)),
        _ => Err(Problem::edge(
            EdgeCode::IfMatchInvalid,
            "`If-Match` does not hold exactly one entity tag of this server.",
        )),
    }
}

fn version(tag: &str) -> Option<u64> {
    let digits = tag.strip_prefix('"')?.strip_suffix('"')?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_MATCH, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_tag_reads_back_as_the_version_that_it_was_made_from() {
        for of in [0, 7, u64::MAX] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, tag(of));
            assert_eq!(expected(&headers).ok(), Some(Some(of)));
        }
    }

    #[test]
    fn no_tag_and_any_tag_insist_on_nothing() {
        assert_eq!(expected(&headers(&[])).ok(), Some(None));
        assert_eq!(expected(&headers(&["*"])).ok(), Some(None));
    }

    #[test]
    fn what_is_not_one_strong_tag_of_ours_is_refused() {
        for wrong in [
            "7",
            "W/\"7\"",
            "\"7",
            "\"\"",
            "\"+7\"",
            "\"7\", \"8\"",
            "\"abc\"",
            "\"99999999999999999999\"",
        ] {
            let problem = expected(&headers(&[wrong])).expect_err(wrong);
            assert_eq!(problem.code(), "if_match_invalid", "{wrong}");
        }
        assert!(expected(&headers(&["\"7\"", "\"8\""])).is_err());
    }
}
