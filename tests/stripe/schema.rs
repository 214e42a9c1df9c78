//! Every request that leaves is held against Stripe's published parameters, at the API version that it is sent with. A
//! parameter that is not published, misses, or has another type fails the test.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;
use url::form_urlencoded;

static PUBLISHED: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../src/sandbox/published/operations.json")).expect("JSON")
});

/// A decoded form: texts at the leaves.
#[derive(Debug, Default, Clone)]
struct Node {
    text: Option<String>,
    fields: BTreeMap<String, Node>,
}

/// The version that the parameters are published for.
pub fn version() -> &'static str {
    PUBLISHED["version"].as_str().expect("a version")
}

/// What is wrong with a request, or nothing. `path` may carry a query.
pub fn problems(method: &str, path: &str, body: &str) -> Vec<String> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let Some(operation) = operation(method, path) else {
        return vec![format!("{method} {path} is not published")];
    };
    let mut form = Node::default();
    for (name, value) in
        form_urlencoded::parse(query.as_bytes()).chain(form_urlencoded::parse(body.as_bytes()))
    {
        form.insert(&name, value.into_owned());
    }
    let mut found = Vec::new();
    check(&operation["params"], &form, "", &mut found);
    found
}

fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let fits = |template: &str| {
        let (ours, theirs) = (path.split('/'), template.split('/'));
        ours.clone().count() == theirs.clone().count()
            && ours
                .zip(theirs)
                .all(|(ours, theirs)| theirs.starts_with('{') || ours == theirs)
    };
    let mut published: Vec<&Value> = PUBLISHED["operations"].as_array()?.iter().collect();
    // A path without a variable part comes first: `create_preview` is no invoice.
    published.sort_by_key(|one| one["path"].as_str().unwrap_or_default().matches('{').count());
    published
        .into_iter()
        .find(|one| one["method"] == method && fits(one["path"].as_str().unwrap_or_default()))
}

impl Node {
    fn insert(&mut self, name: &str, value: String) {
        let mut at = self;
        for part in name.split(['[', ']']).filter(|part| !part.is_empty()) {
            at = at.fields.entry(part.to_owned()).or_default();
        }
        at.text = Some(value);
    }
}

fn check(kind: &Value, node: &Node, at: &str, found: &mut Vec<String>) {
    let text = node.text.as_deref();
    let good = match kind {
        Value::String(name) => match (name.as_str(), text) {
            ("string", Some(_)) => true,
            ("integer", Some(text)) => text.parse::<i64>().is_ok(),
            ("boolean", Some(text)) => matches!(text, "true" | "false"),
            ("decimal", Some(text)) => text.parse::<rust_decimal::Decimal>().is_ok(),
            _ => false,
        },
        Value::Object(kind) => {
            let (form, inner) = kind.iter().next().expect("a kind");
            return match form.as_str() {
                "ref" => {
                    let index = usize::try_from(inner.as_u64().expect("an index")).expect("small");
                    check(&PUBLISHED["shared"][index], node, at, found);
                }
                "any" => {
                    let fits = inner.as_array().expect("kinds").iter().any(|kind| {
                        let mut wrong = Vec::new();
                        check(kind, node, at, &mut wrong);
                        wrong.is_empty()
                    });
                    say(fits, at, "fits none of the published kinds", found);
                }
                "enum" => {
                    let fits = inner
                        .as_array()
                        .expect("values")
                        .iter()
                        .any(|one| one.as_str() == text);
                    say(fits, at, "is not one of the published values", found);
                }
                "list" => {
                    let indices = node.fields.keys().all(|index| index.parse::<usize>().is_ok());
                    say(indices && text.is_none(), at, "is not a list", found);
                    for (index, one) in &node.fields {
                        check(inner, one, &format!("{at}[{index}]"), found);
                    }
                }
                "map" => {
                    say(text.is_none(), at, "is not a map", found);
                    for (name, one) in &node.fields {
                        check(inner, one, &format!("{at}[{name}]"), found);
                    }
                }
                "object" => object(inner, node, at, found),
                other => panic!("a kind that is not known: {other}"),
            };
        }
        _ => false,
    };
    say(good, at, "has another type", found);
}

fn object(kind: &Value, node: &Node, at: &str, found: &mut Vec<String>) {
    say(node.text.is_none(), at, "is not an object", found);
    for required in kind["required"].as_array().into_iter().flatten() {
        let there = node.fields.contains_key(required.as_str().expect("a name"));
        say(there, &format!("{at}[{required}]"), "is missing", found);
    }
    for (name, one) in &node.fields {
        match kind["fields"].get(name) {
            Some(kind) => check(kind, one, &format!("{at}[{name}]"), found),
            None => found.push(format!("{at}[{name}] is not published")),
        }
    }
}

fn say(good: bool, at: &str, what: &str, found: &mut Vec<String>) {
    if !good {
        found.push(format!("{at} {what}"));
    }
}

#[test]
fn the_check_itself_can_fail() {
    assert_eq!(
        problems("POST", "/v1/refunds", "amount=1&payment_intent=pi_1"),
        Vec::<String>::new()
    );
    for (path, body) in [
        ("/v1/refunds", "amount=many"),
        ("/v1/refunds", "invoice=in_1"),
        ("/v1/customers/cus_1/tax_ids", "type=br_cpf"),
        ("/v1/customers/cus_1/tax_ids", "type=xx&value=1"),
        ("/v1/subscriptions/sub_1", "items=1"),
        ("/v1/unheard_of", ""),
    ] {
        assert!(!problems("POST", path, body).is_empty(), "{path} {body}");
    }
}
