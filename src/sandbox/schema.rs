//! The published type of a parameter, and how a text becomes a value of it.
//!
//! Stripe refuses what it does not know: an unknown parameter is a 400, and so is a wrong type. This file says so in
//! Stripe's words. Rules that tie several parameters together are no part of a schema and live in `core`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    error::ApiError,
    form::{Form, Tree},
};

/// The short notation that `published/trim.py` writes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Schema {
    /// Any text. `""` asks to clear the value, where that makes sense.
    String,
    /// A whole number.
    Integer,
    /// A number that may have a fraction; it stays text, so that nothing is rounded on the way.
    Decimal,
    /// `true` or `false`.
    Boolean,
    /// One of these words. An empty word means: clear it.
    Enum(Vec<String>),
    /// Positions with values.
    List(Box<Schema>),
    /// Any names with values: metadata.
    Map(Box<Schema>),
    /// The first of these that fits.
    Any(Vec<Schema>),
    /// Known names with values.
    Object(Object),
    /// A schema that several parameters share, by its position.
    Ref(usize),
}

/// The names that a hash of parameters may and must have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Object {
    fields: BTreeMap<String, Schema>,
    required: Vec<String>,
}

/// Reads forms by schemas. Holds the schemas that others point to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) shared: &'a [Schema],
}

impl Reader<'_> {
    /// The typed parameters of one request.
    ///
    /// # Errors
    /// Stripe's 400 for a parameter that is unknown, missing or of another type, with its name in `param`.
    pub(super) fn parameters(self, schema: &Schema, form: &Form) -> Result<Map<String, Value>, ApiError> {
        match self.resolve(schema) {
            Schema::Object(object) => self.object(object, form, ""),
            _ => Err(ApiError::internal(
                "the published parameters of this operation are no hash",
            )),
        }
    }

    fn resolve<'s>(&'s self, mut schema: &'s Schema) -> &'s Schema {
        // References point backwards only (a test walks them), so this ends.
        while let Schema::Ref(position) = schema {
            match self.shared.get(*position) {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    fn object(self, object: &Object, form: &Form, at: &str) -> Result<Map<String, Value>, ApiError> {
        let mut values = Map::new();
        for (name, tree) in form {
            let param = join(at, name);
            let schema = object.fields.get(name).ok_or_else(|| unknown(name, &param))?;
            values.insert(name.clone(), self.value(schema, tree, &param)?);
        }
        match object.required.iter().find(|name| !form.contains_key(*name)) {
            Some(name) => Err(missing(&join(at, name))),
            None => Ok(values),
        }
    }

    fn value(self, schema: &Schema, tree: &Tree, param: &str) -> Result<Value, ApiError> {
        match (self.resolve(schema), tree) {
            (Schema::Any(branches), tree) => self.any(branches, tree, param),
            (schema, Tree::Text(text)) => scalar(schema, text, param),
            (Schema::Object(object), Tree::Branch(form)) => {
                Ok(Value::Object(self.object(object, form, param)?))
            }
            (Schema::Map(inner), Tree::Branch(form)) => {
                let entries = form
                    .iter()
                    .map(|(name, tree)| Ok((name.clone(), self.value(inner, tree, &join(param, name))?)));
                Ok(Value::Object(entries.collect::<Result<_, ApiError>>()?))
            }
            (Schema::List(inner), Tree::Branch(form)) => self.list(inner, form, param),
            (_, Tree::Branch(_)) => Err(wrong("Invalid string: a hash or list was given", param)),
        }
    }

    fn list(self, inner: &Schema, form: &Form, param: &str) -> Result<Value, ApiError> {
        let mut places = Vec::with_capacity(form.len());
        for (name, tree) in form {
            let place: usize = name.parse().map_err(|_| wrong("Invalid array", param))?;
            places.push((place, name, tree));
        }
        places.sort_by_key(|(place, ..)| *place);
        let values = places
            .into_iter()
            .map(|(_, name, tree)| self.value(inner, tree, &join(param, name)));
        Ok(Value::Array(values.collect::<Result<_, ApiError>>()?))
    }

    /// The branch that fits the shape decides, so that its own errors are the ones to be seen.
    fn any(self, branches: &[Schema], tree: &Tree, param: &str) -> Result<Value, ApiError> {
        let mut refusal = None;
        for branch in branches {
            match self.value(branch, tree, param) {
                Ok(value) => return Ok(value),
                Err(error) => {
                    let fits = matches!(
                        (self.resolve(branch), tree),
                        (
                            Schema::Object(_) | Schema::Map(_) | Schema::List(_),
                            Tree::Branch(_)
                        ) | (Schema::Integer | Schema::Decimal | Schema::Boolean, Tree::Text(_))
                    );
                    if fits || (refusal.is_none() && !only_clears(branch)) {
                        refusal = Some(error);
                    }
                }
            }
        }
        Err(refusal.unwrap_or_else(|| wrong("Invalid value", param)))
    }
}

/// A text as a value of a schema that is no list, hash or choice of several.
fn scalar(schema: &Schema, text: &str, param: &str) -> Result<Value, ApiError> {
    match schema {
        Schema::String => Ok(Value::from(text)),
        Schema::Enum(words) if words.iter().any(|word| word == text) => Ok(Value::from(text)),
        _ if text.is_empty() => Err(cannot_clear(param)),
        Schema::Integer => match text.parse::<i64>() {
            Ok(number) if !text.starts_with('+') => Ok(Value::from(number)),
            _ => Err(wrong(&format!("Invalid integer: {}", shorten(text)), param)
                .with_code("parameter_invalid_integer")),
        },
        Schema::Decimal if is_decimal(text) => Ok(Value::from(text)),
        Schema::Decimal => Err(wrong(&format!("Invalid decimal: {}", shorten(text)), param)),
        Schema::Boolean => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(wrong(&format!("Invalid boolean: {}", shorten(text)), param)),
        },
        Schema::Enum(words) => {
            let words = words
                .iter()
                .filter(|word| !word.is_empty())
                .take(40)
                .map(String::as_str);
            let words = words.collect::<Vec<_>>().join(", ");
            Err(wrong(&format!("Invalid {param}: must be one of {words}"), param))
        }
        Schema::List(_) => Err(wrong("Invalid array", param)),
        Schema::Map(_) | Schema::Object(_) => Err(wrong("Invalid hash", param)),
        Schema::Any(_) | Schema::Ref(_) => Err(wrong("Invalid value", param)),
    }
}

/// A branch that is there for the empty text alone has nothing to say about other values.
fn only_clears(schema: &Schema) -> bool {
    matches!(schema, Schema::Enum(words) if words.iter().all(String::is_empty))
}

/// Digits with at most one point, and a sign. Twelve places are more than Stripe takes anywhere.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 40 && numeric(whole) && numeric(fraction)
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}[{name}]")
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

fn wrong(message: &str, param: &str) -> ApiError {
    ApiError::invalid(message).with_param(param)
}

/// Since `2026-09-30.endive` intents take `allowed_payment_method_types`; the old name has an error of its own.
fn unknown(name: &str, param: &str) -> ApiError {
    if param == "payment_method_types" {
        return wrong(
            "payment_method_types is no longer supported: use allowed_payment_method_types.",
            param,
        )
        .with_code("payment_method_types_no_longer_supported");
    }
    wrong(&format!("Received unknown parameter: {}", shorten(name)), param).with_code("parameter_unknown")
}

fn missing(param: &str) -> ApiError {
    wrong(&format!("Missing required param: {param}."), param).with_code("parameter_missing")
}

fn cannot_clear(param: &str) -> ApiError {
    let message = format!(
        "You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; however \
         '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty value."
    );
    wrong(&message, param).with_code("parameter_invalid_empty")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::{form, published::Published};

    fn typed(operation: &str, encoded: &str) -> Result<Value, ApiError> {
        let published = Published::load().unwrap();
        let mut tree = Form::new();
        form::read(encoded.as_bytes(), &mut tree).unwrap();
        let operation = published.operation(operation).expect("a published operation");
        published.parameters(operation, &tree).map(Value::Object)
    }

    #[test]
    fn an_update_as_a_client_writes_it_becomes_typed_values() {
        let values = typed(
            "PostSubscriptionsSubscriptionExposedId",
            "items[0][id]=si_1&items[0][quantity]=3&items[1][price]=price_2&items[1][deleted]=false&proration_date=1760000000\
             &proration_behavior=always_invoice&cancel_at=max_period_end&metadata[change]=12&trial_end=now&off_session=true\
             &expand[0]=latest_invoice.payments",
        );
        let expected = json!({
            "items": [{ "id": "si_1", "quantity": 3 }, { "price": "price_2", "deleted": false }],
            "proration_date": 1_760_000_000, "proration_behavior": "always_invoice", "cancel_at": "max_period_end",
            "metadata": { "change": "12" }, "trial_end": "now", "off_session": true, "expand": ["latest_invoice.payments"],
        });
        assert_eq!(values.unwrap(), expected);
    }

    #[test]
    fn an_empty_text_clears_only_what_can_be_cleared() {
        let cleared = typed("PostCustomersCustomer", "metadata=&address=&email=&tax_exempt=").unwrap();
        assert_eq!(
            cleared,
            json!({ "metadata": "", "address": "", "email": "", "tax_exempt": "" })
        );
        let error = typed("PostCustomersCustomer", "balance=").unwrap_err();
        assert_eq!(
            (error.code.as_deref(), error.param.as_deref()),
            (Some("parameter_invalid_empty"), Some("balance"))
        );
    }

    #[test]
    fn refusals_name_the_parameter_as_the_client_wrote_it() {
        let cases = [
            ("PostCustomers", "emial=a", Some("parameter_unknown"), "emial"),
            (
                "PostSubscriptions",
                "customer=c&items[0][prize]=p",
                Some("parameter_unknown"),
                "items[0][prize]",
            ),
            (
                "PostPaymentIntents",
                "amount=5&currency=brl&payment_method_types[0]=card",
                Some("payment_method_types_no_longer_supported"),
                "payment_method_types",
            ),
            (
                "PostPaymentIntents",
                "amount=5",
                Some("parameter_missing"),
                "currency",
            ),
            (
                "PostCustomers",
                "tax_id_data[0][type]=br_cnpj",
                Some("parameter_missing"),
                "tax_id_data[0][value]",
            ),
            (
                "PostPaymentIntents",
                "amount=5.0&currency=brl",
                Some("parameter_invalid_integer"),
                "amount",
            ),
            (
                "GetCustomers",
                "created[gte]=soon",
                Some("parameter_invalid_integer"),
                "created[gte]",
            ),
            (
                "PostSubscriptions",
                "trial_end=later",
                Some("parameter_invalid_integer"),
                "trial_end",
            ),
            ("PostSubscriptions", "off_session=yes", None, "off_session"),
            (
                "PostSubscriptions",
                "collection_method=cash",
                None,
                "collection_method",
            ),
            ("PostSubscriptions", "items=p", None, "items"),
            ("PostSubscriptions", "items[x][price]=p", None, "items"),
            ("PostCustomers", "email[a]=b", None, "email"),
        ];
        for (operation, encoded, code, param) in cases {
            let error = typed(operation, encoded).expect_err(encoded);
            assert_eq!(
                (error.status, error.code.as_deref(), error.param.as_deref()),
                (400, code, Some(param)),
                "{encoded}"
            );
        }
    }
}
