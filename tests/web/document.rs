//! The OpenAPI document that is made from the handlers: whole enough for the tools that read it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use changeover::web;
use serde_json::{Map, Value};

fn document() -> Value {
    serde_json::to_value(web::document()).expect("a document")
}

/// Every operation with its method and path.
fn operations(document: &Value) -> Vec<(String, String, Map<String, Value>)> {
    let paths = document["paths"].as_object().expect("paths");
    let mut all = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().expect("methods") {
            let operation = operation.as_object().expect("an operation").clone();
            all.push((method.to_uppercase(), path.clone(), operation));
        }
    }
    all
}

fn text<'v>(value: &'v Value, what: &str) -> &'v str {
    match value.as_str() {
        Some(text) if !text.trim().is_empty() => text,
        _ => panic!("{what} has no text"),
    }
}

#[test]
fn what_the_api_can_do() {
    let mut table = String::new();
    for (method, path, operation) in operations(&document()) {
        let id = text(&operation["operationId"], &path);
        let summary = text(&operation["summary"], &path);
        writeln!(table, "{method:4} {path:42} {id:24} {summary}").expect("a line");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn the_document_is_of_the_version_that_it_says() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        document["components"]["securitySchemes"]["api_key"]["scheme"],
        "bearer"
    );
}

#[test]
fn every_operation_is_named_once_summed_up_and_answered() {
    let document = document();
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let what = format!("{method} {path}");
        assert!(
            names.insert(text(&operation["operationId"], &what).to_owned()),
            "{what}"
        );
        text(&operation["summary"], &what);
        let responses = operation["responses"].as_object().expect("responses");
        assert!(responses.keys().any(|status| status.starts_with('2')), "{what}");
        assert!(
            responses.contains_key("401") && responses.contains_key("503"),
            "{what}"
        );
        // What is as it was read before has no body.
        for (status, response) in responses.iter().filter(|(status, _)| *status != "304") {
            text(&response["description"], &format!("{what} {status}"));
            // What the reader has already has no body.
            if status == "304" {
                continue;
            }
            let content = response["content"].as_object().expect("content");
            let media_type = if status.starts_with('2') {
                "application/json"
            } else {
                "application/problem+json"
            };
            assert!(content.contains_key(media_type), "{what} {status}");
        }
    }
}

#[test]
fn every_command_carries_an_idempotency_key_and_a_body() {
    let document = document();
    // An estimate changes nothing, each report of use and each person at the console has a name of its own, and a session is another
    // one every time.
    let without = |path: &str| {
        path.ends_with("/estimate")
            || path == "/v1/usage"
            || path == "/v1/page-sessions"
            || path.starts_with("/v1/staff")
    };
    let changes_something = |method: &str, path: &str| method != "GET" && !without(path);
    for (method, path, operation) in operations(&document) {
        let what = format!("{method} {path}");
        let parameters = operation
            .get("parameters")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let key = parameters.iter().find(|one| one["name"] == "Idempotency-Key");
        assert_eq!(key.is_some(), changes_something(&method, &path), "{what}");
        assert!(
            key.is_none_or(|key| key["required"] == true && key["in"] == "header"),
            "{what}"
        );
        assert_eq!(operation.contains_key("requestBody"), method != "GET", "{what}");
    }
}

#[test]
fn every_part_of_a_path_and_every_parameter_is_described() {
    for (method, path, operation) in operations(&document()) {
        let what = format!("{method} {path}");
        let parameters = operation
            .get("parameters")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for part in path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        {
            let described =
                |one: &Value| one["name"] == part && one["in"] == "path" && one["required"] == true;
            assert!(parameters.iter().any(described), "{what}: {part}");
        }
        for parameter in &parameters {
            text(
                &parameter["description"],
                &format!("{what}: {}", parameter["name"]),
            );
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 20, "{references:?}");
    for reference in references {
        let pointer = reference
            .strip_prefix('#')
            .expect("a reference within the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("$ref", Value::String(reference)) => {
                        references.insert(reference.clone());
                    }
                    _ => collect(member, references),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|one| collect(one, references)),
        _ => {}
    }
}

#[test]
fn every_schema_and_every_field_is_described() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    // The fields of the billing form explain themselves by their names, and those of the command by their descriptions.
    let speaks_for_itself = ["BillingFields"];
    for (name, schema) in schemas
        .iter()
        .filter(|(name, _)| !speaks_for_itself.contains(&name.as_str()))
    {
        for (field, shape) in schema["properties"].as_object().into_iter().flatten() {
            assert!(is_described(shape), "{name}.{field}");
        }
    }
}

/// An optional part has its description beside the reference to the part.
fn is_described(shape: &Value) -> bool {
    let of_one = shape["oneOf"].as_array().into_iter().flatten();
    shape["description"].is_string() || of_one.into_iter().any(|one| one["description"].is_string())
}
