//! JSON bodies: read whole, or told which field is wrong and how.

use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::web::problem::{EdgeCode, FieldError, Problem};

/// How many levels of nesting a body may have: several times what any request here needs.
const DEPTH_MAX: usize = 16;

/// Whether a body is declared as JSON. An absent declaration is fine where there is no body.
pub fn check_content_type(headers: &HeaderMap, body: &[u8]) -> Result<(), Problem> {
    let Some(declared) = headers.get(header::CONTENT_TYPE) else {
        return if body.is_empty() {
            Ok(())
        } else {
            Err(Problem::plain(EdgeCode::ContentTypeUnsupported))
        };
    };
    let media_type = declared.to_str().unwrap_or_default().split(';').next();
    let media_type = media_type.unwrap_or_default().trim().to_ascii_lowercase();
    if media_type == "application/json" {
        Ok(())
    } else {
        Err(Problem::plain(EdgeCode::ContentTypeUnsupported))
    }
}

/// Reads a body. An empty one is read as `{}`, so that a command without any field needs none.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let body = if body.is_empty() { b"{}" } else { body };
    if depth(body) > DEPTH_MAX {
        let detail = format!("The body is nested more than {DEPTH_MAX} levels deep.");
        return Err(Problem::edge(EdgeCode::BodyTooDeep, detail));
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        told(&pointer, error.inner())
    })?;
    reader.end().map_err(|error| told("", &error))?;
    Ok(value)
}

/// The deepest nesting of objects and arrays, without understanding anything else.
fn depth(body: &[u8]) -> usize {
    let (mut now, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                now += 1;
                deepest = deepest.max(now);
            }
            b'}' | b']' if !in_text => now = now.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn told(pointer: &str, error: &serde_json::Error) -> Problem {
    if error.classify() != Category::Data {
        let (line, column) = (error.line(), error.column());
        let detail = format!("The body is not JSON: reading stopped at line {line}, column {column}.");
        return Problem::edge(EdgeCode::BodyMalformed, detail);
    }
    let field = field(pointer, error);
    let place = if field.pointer.is_empty() {
        "the body"
    } else {
        &field.pointer
    };
    let detail = format!("{place}: {}.", field.detail);
    Problem::edge(EdgeCode::RequestInvalid, detail).pointing([field])
}

/// The parser's sentence without the place in the text: the pointer says where better.
fn field(pointer: &str, error: &serde_json::Error) -> FieldError {
    let said = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let said = said.strip_suffix(&place).unwrap_or(&said);
    let mut quoted = said.split('`').skip(1).step_by(2);
    if said.starts_with("unknown field") {
        let unknown = quoted.next().unwrap_or_default();
        let known: Vec<&str> = quoted.collect();
        FieldError::new(child(pointer, unknown), "unknown_field", hint(unknown, &known))
    } else if said.starts_with("missing field") {
        let missing = quoted.next().unwrap_or_default();
        FieldError::new(child(pointer, missing), "missing_field", "this field is needed")
    } else {
        let code = if said.starts_with("invalid type") {
            "wrong_type"
        } else {
            "invalid_value"
        };
        FieldError::new(pointer, code, said)
    }
}

/// The pointer to a member; the tracker names an unknown member sometimes itself.
fn child(pointer: &str, name: &str) -> String {
    let name = escaped(name);
    if pointer.rsplit('/').next() == Some(name.as_str()) {
        pointer.to_owned()
    } else {
        format!("{pointer}/{name}")
    }
}

fn hint(unknown: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(unknown, known), known))
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((distance, known)) if distance <= 3 => {
            format!("there is no such field; did you mean `{known}`?")
        }
        Some(_) => format!("there is no such field; there are: {}", known.join(", ")),
        None => "there is no such field; none is taken here".to_owned(),
    }
}

/// A path as a JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        let name = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => escaped(key),
            Segment::Enum { variant } => escaped(variant),
            Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&name);
    }
    pointer
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde::Deserialize;

    use super::*;
    use crate::domain::catalog::Selection;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read into")]
    struct Order {
        selection: Selection,
        #[serde(default)]
        notes: Vec<u64>,
    }

    fn told_about(body: &str) -> serde_json::Value {
        let problem = parse::<Order>(body.as_bytes()).expect_err(body);
        serde_json::to_value(problem).expect("a problem")
    }

    const GOOD: &str =
        r#"{"selection":{"plan":"growth","quantities":{"device":3},"currency":"BRL","interval":"month"}}"#;

    #[test]
    fn a_good_body_is_read() {
        assert!(parse::<Order>(GOOD.as_bytes()).is_ok());
    }

    #[test]
    fn each_wrong_field_is_pointed_to_with_a_code() {
        for (from, to, pointer, code) in [
            ("\"selection\"", "\"selektion\"", "/selektion", "unknown_field"),
            ("\"plan\"", "\"plam\"", "/selection/plam", "unknown_field"),
            ("\"plan\":\"growth\",", "", "/selection/plan", "missing_field"),
            ("3", "\"three\"", "/selection/quantities/device", "wrong_type"),
            ("3", "-3", "/selection/quantities/device", "invalid_value"),
            ("growth", "Growth!", "/selection/plan", "invalid_value"),
            ("BRL", "REAIS", "/selection/currency", "invalid_value"),
            ("}}", "},\"notes\":[1,\"x\"]}", "/notes/1", "wrong_type"),
        ] {
            let told = told_about(&GOOD.replacen(from, to, 1));
            assert_eq!(told["status"], 422, "{told}");
            assert_eq!(told["errors"][0]["pointer"], pointer, "{told}");
            assert_eq!(told["errors"][0]["code"], code, "{told}");
        }
    }

    #[test]
    fn a_misspelt_field_gets_a_hint() {
        let told = told_about(&GOOD.replace("\"plan\"", "\"plam\""));
        let detail = told["errors"][0]["detail"].as_str().expect("a sentence");
        assert!(detail.contains("did you mean `plan`"), "{detail}");
        assert!(!detail.contains("line"), "{detail}");
    }

    #[test]
    fn an_empty_body_misses_what_is_needed() {
        let told = told_about("");
        assert_eq!(told["errors"][0]["pointer"], "/selection");
        assert_eq!(told["errors"][0]["code"], "missing_field");
    }

    #[test]
    fn what_is_not_json_is_told_by_its_place() {
        for body in [
            "{",
            "nonsense",
            "{\"selection\":}",
            &format!("{GOOD} trailing"),
            "\u{feff}{}",
        ] {
            let told = told_about(body);
            assert_eq!(told["code"], "body_malformed", "{body}");
            assert!(
                told["detail"].as_str().expect("a sentence").contains("line 1"),
                "{told}"
            );
        }
    }

    #[test]
    fn nesting_is_bounded_whatever_the_fields_are_called() {
        let deep = format!("{{\"selection\":{}{}}}", "[".repeat(400), "]".repeat(400));
        assert_eq!(told_about(&deep)["code"], "body_too_deep");
        // Brackets inside of a text are no nesting.
        let text = format!("{{\"selection\":\"{}\\\"[\"}}", "[".repeat(400));
        assert_eq!(told_about(&text)["code"], "request_invalid");
    }

    #[test]
    fn only_json_is_taken() {
        let declared = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(text));
            check_content_type(&headers, b"{}").is_ok()
        };
        assert!(declared("application/json") && declared("Application/JSON; charset=utf-8"));
        assert!(!declared("text/plain") && !declared("application/x-www-form-urlencoded"));
        assert!(check_content_type(&HeaderMap::new(), b"").is_ok());
        assert!(check_content_type(&HeaderMap::new(), b"{}").is_err());
    }
}
