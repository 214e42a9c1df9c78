//! Reading the parameters of a call. They come decoded and of the published types; what is checked here is what a schema
//! cannot say, and that nothing is silently ignored. Errors name the parameter in form notation (`items[0][price]`).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::sandbox::error::ApiError;

/// The key-value pairs that people attach to objects.
pub(super) type Metadata = BTreeMap<String, String>;

/// The parameters of a call, or of one nested place in it.
pub(super) struct Params<'a> {
    map: &'a Map<String, Value>,
    place: String,
}

impl<'a> Params<'a> {
    pub(super) fn new(map: &'a Map<String, Value>) -> Params<'a> {
        Params {
            map,
            place: String::new(),
        }
    }

    /// The full name of a parameter at this place.
    pub(super) fn name(&self, key: &str) -> String {
        if self.place.is_empty() {
            key.to_owned()
        } else {
            format!("{}[{key}]", self.place)
        }
    }

    /// Refuses what this operation of the sandbox does not do. To ignore a parameter that changes money would be a lie.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        for (key, value) in self.map {
            if key != "expand" && !value.is_null() && !known.contains(&key.as_str()) {
                let name = self.name(key);
                return Err(ApiError::invalid(format!(
                    "The sandbox does not support the parameter {name} here."
                ))
                .with_code("sandbox_unsupported")
                .with_param(name));
            }
        }
        Ok(())
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.raw(key).is_some()
    }

    pub(super) fn raw(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// A text that is not empty.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, ApiError> {
        match self.raw(key) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "a string")),
        }
    }

    pub(super) fn owned(&self, key: &str) -> Result<Option<String>, ApiError> {
        Ok(self.text(key)?.map(str::to_owned))
    }

    pub(super) fn needed_text(&self, key: &str) -> Result<&'a str, ApiError> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    /// Sets a text field if the parameter is there; the empty text clears it.
    pub(super) fn set_text(&self, key: &str, field: &mut Option<String>) -> Result<(), ApiError> {
        if self.has(key) {
            *field = self.owned(key)?;
        }
        Ok(())
    }

    pub(super) fn integer(&self, key: &str) -> Result<Option<i64>, ApiError> {
        match self.raw(key) {
            None => Ok(None),
            Some(Value::Number(number)) => number
                .as_i64()
                .map(Some)
                .ok_or_else(|| self.wrong(key, "an integer")),
            Some(Value::String(text)) => text.parse().map(Some).map_err(|_| self.wrong(key, "an integer")),
            Some(_) => Err(self.wrong(key, "an integer")),
        }
    }

    pub(super) fn needed_integer(&self, key: &str) -> Result<i64, ApiError> {
        self.integer(key)?.ok_or_else(|| self.missing(key))
    }

    /// An integer that is not negative.
    pub(super) fn count(&self, key: &str) -> Result<Option<u64>, ApiError> {
        let Some(integer) = self.integer(key)? else {
            return Ok(None);
        };
        let refuse = |_| {
            ApiError::invalid("This value must be greater than or equal to 0.")
                .with_code("parameter_invalid_integer")
                .with_param(self.name(key))
        };
        u64::try_from(integer).map(Some).map_err(refuse)
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, ApiError> {
        match self.raw(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(self.wrong(key, "a boolean")),
        }
    }

    /// The parameters nested under `key`; the empty text, which clears, counts as none.
    pub(super) fn child(&self, key: &str) -> Result<Option<Params<'a>>, ApiError> {
        match self.raw(key) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(Params {
                map,
                place: self.name(key),
            })),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(_) => Err(self.wrong(key, "an object")),
        }
    }

    /// The objects of the list under `key`; none if it is absent.
    pub(super) fn children(&self, key: &str) -> Result<Vec<Params<'a>>, ApiError> {
        let mut children = Vec::new();
        for (index, value) in self.values(key)?.iter().enumerate() {
            let place = format!("{}[{index}]", self.name(key));
            match value {
                Value::Object(map) => children.push(Params { map, place }),
                _ => return Err(ApiError::invalid("Invalid object").with_param(place)),
            }
        }
        Ok(children)
    }

    /// The texts of the list under `key`; none if it is absent.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<&'a str>, ApiError> {
        let texts = self.values(key)?.iter().map(Value::as_str);
        texts
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| self.wrong(key, "a list of strings"))
    }

    fn values(&self, key: &str) -> Result<&'a [Value], ApiError> {
        match self.raw(key) {
            None => Ok(&[]),
            Some(Value::Array(values)) => Ok(values),
            Some(Value::String(text)) if text.is_empty() => Ok(&[]),
            Some(_) => Err(self.wrong(key, "a list")),
        }
    }

    /// Merges the pairs under `metadata` into what is there: an empty value removes its key, an empty text removes all.
    pub(super) fn merge_metadata(&self, metadata: &mut Metadata) -> Result<(), ApiError> {
        if self.raw("metadata").and_then(Value::as_str) == Some("") {
            metadata.clear();
            return Ok(());
        }
        let Some(pairs) = self.child("metadata")? else {
            return Ok(());
        };
        for (key, value) in pairs.map {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return Err(pairs.wrong(key, "a string")),
            };
            if text.is_empty() {
                metadata.remove(key);
            } else if key.chars().count() > 40 || text.chars().count() > 500 {
                return Err(ApiError::invalid(
                    "Metadata keys have at most 40 characters, values at most 500.",
                )
                .with_param(pairs.name(key)));
            } else {
                metadata.insert(key.clone(), text);
            }
        }
        if metadata.len() > 50 {
            return Err(ApiError::invalid("An object has at most 50 metadata keys.")
                .with_param(self.name("metadata")));
        }
        Ok(())
    }

    /// The pairs under `metadata` as given, to be merged later with [`apply_metadata`]; an empty value removes its key.
    pub(super) fn metadata_changes(&self) -> Result<Option<Metadata>, ApiError> {
        let Some(pairs) = self.child("metadata")? else {
            return Ok(None);
        };
        // Checked as if merged; then read once more, with what removes.
        self.metadata()?;
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Ok(Some(
            pairs
                .map
                .iter()
                .map(|(key, value)| (key.clone(), text(value)))
                .collect(),
        ))
    }

    pub(super) fn metadata(&self) -> Result<Metadata, ApiError> {
        let mut metadata = Metadata::new();
        self.merge_metadata(&mut metadata)?;
        Ok(metadata)
    }

    pub(super) fn missing(&self, key: &str) -> ApiError {
        let name = self.name(key);
        ApiError::invalid(format!("Missing required param: {name}."))
            .with_code("parameter_missing")
            .with_param(name)
    }

    /// A 400 about one parameter.
    pub(super) fn refuse(&self, key: &str, message: impl Into<String>) -> ApiError {
        ApiError::invalid(message).with_param(self.name(key))
    }

    fn wrong(&self, key: &str, what: &str) -> ApiError {
        let name = self.name(key);
        ApiError::invalid(format!("Invalid {name}: must be {what}")).with_param(name)
    }
}

/// Merges changes that were read earlier.
pub(super) fn apply_metadata(metadata: &mut Metadata, changes: &Metadata) {
    for (key, value) in changes {
        if value.is_empty() {
            metadata.remove(key);
        } else {
            metadata.insert(key.clone(), value.clone());
        }
    }
}
