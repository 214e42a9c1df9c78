//! The operations that Stripe publishes, as far as the sandbox knows them: where each is, and what it takes.
//!
//! The data is `operations.json`, made by `trim.py` from Stripe's OpenAPI description (MIT; `LICENSE` beside it).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    error::ApiError,
    form::Form,
    schema::{Reader, Schema},
};

/// Everything published.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Published {
    #[serde(rename = "notice")]
    _notice: String,
    /// The API version that the sandbox speaks, such as `2026-09-30.endive`.
    pub(super) version: String,
    operations: Vec<Operation>,
    shared: Vec<Schema>,
}

/// One operation: a method on a path.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operation {
    /// Stripe's `operationId`, such as `PostCustomersCustomer`.
    pub(super) id: String,
    method: String,
    path: String,
    params: Schema,
}

/// Where a request leads.
pub(super) enum Route<'a> {
    /// To this operation, with the names that the path carries.
    Found(&'a Operation, BTreeMap<String, String>),
    /// The path exists, with other methods.
    OtherMethods(Vec<&'a str>),
    /// Nowhere.
    Nothing,
}

impl Published {
    /// Reads the embedded file, once for all sandboxes of the process.
    pub(super) fn load() -> Result<&'static Published, serde_json::Error> {
        static READ: OnceLock<Published> = OnceLock::new();
        if let Some(read) = READ.get() {
            return Ok(read);
        }
        let read = serde_json::from_slice(include_bytes!("operations.json"))?;
        Ok(READ.get_or_init(|| read))
    }

    /// Finds the operation of a request; a literal segment wins over a name (`/v1/invoices/create_preview`).
    pub(super) fn route(&self, method: &str, path: &str) -> Route<'_> {
        let mut methods = Vec::new();
        let mut best: Option<(&Operation, BTreeMap<String, String>)> = None;
        for operation in &self.operations {
            let Some(names) = operation.matches(path) else {
                continue;
            };
            if operation.method != method {
                methods.push(operation.method.as_str());
            } else if best.as_ref().is_none_or(|(_, found)| names.len() < found.len()) {
                best = Some((operation, names));
            }
        }
        match best {
            Some((operation, names)) => Route::Found(operation, names),
            None if methods.is_empty() => Route::Nothing,
            None => Route::OtherMethods(methods),
        }
    }

    /// The typed parameters of a request to `operation`.
    pub(super) fn parameters(
        &self,
        operation: &Operation,
        form: &Form,
    ) -> Result<Map<String, Value>, ApiError> {
        Reader { shared: &self.shared }.parameters(&operation.params, form)
    }

    /// An operation by its id.
    #[cfg(test)]
    pub(super) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

impl Operation {
    /// The names that `path` carries, if it is a path of this operation.
    fn matches(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let mut names = BTreeMap::new();
        let mut given = path.split('/');
        for expected in self.path.split('/') {
            let segment = given.next()?;
            match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(_) if segment.is_empty() => return None,
                Some(name) => {
                    names.insert(name.to_owned(), segment.to_owned());
                }
                None if expected == segment => {}
                None => return None,
            }
        }
        given.next().is_none().then_some(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> Option<(String, BTreeMap<String, String>)> {
        match Published::load().unwrap().route(method, path) {
            Route::Found(operation, names) => Some((operation.id.clone(), names)),
            Route::OtherMethods(_) | Route::Nothing => None,
        }
    }

    #[test]
    fn a_literal_segment_wins_over_a_name() {
        let (id, names) = found("POST", "/v1/invoices/create_preview").unwrap();
        assert_eq!((id.as_str(), names.len()), ("PostInvoicesCreatePreview", 0));
        let (id, names) = found("POST", "/v1/invoices/in_1/pay").unwrap();
        assert_eq!(
            (id.as_str(), names["invoice"].as_str()),
            ("PostInvoicesInvoicePay", "in_1")
        );
    }

    #[test]
    fn other_methods_and_other_paths_are_told_apart() {
        let published = Published::load().unwrap();
        assert!(
            matches!(published.route("PUT", "/v1/customers/c"), Route::OtherMethods(methods) if methods.contains(&"GET"))
        );
        assert!(matches!(published.route("GET", "/v1/customers/"), Route::Nothing));
        assert!(matches!(published.route("GET", "/v1/casinos"), Route::Nothing));
    }

    #[test]
    fn shared_schemas_point_backwards_only() {
        fn references(value: &Value, found: &mut Vec<u64>) {
            match value {
                Value::Object(map) => {
                    found.extend(map.get("ref").and_then(Value::as_u64));
                    map.values().for_each(|inner| references(inner, found));
                }
                Value::Array(list) => list.iter().for_each(|inner| references(inner, found)),
                _ => {}
            }
        }
        let file: Value = serde_json::from_slice(include_bytes!("operations.json")).unwrap();
        let shared = file["shared"].as_array().unwrap();
        for (position, schema) in shared.iter().enumerate() {
            let mut found = Vec::new();
            references(schema, &mut found);
            assert!(
                found.iter().all(|target| *target < position as u64),
                "shared schema {position}"
            );
        }
        let mut found = Vec::new();
        references(&file["operations"], &mut found);
        assert!(!found.is_empty() && found.iter().all(|target| *target < shared.len() as u64));
    }
}
