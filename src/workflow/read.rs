//! From text to the words of the format: section by section, so that one misspelt key does not hide the next one.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::problem::{Problems, Span, closest, did_you_mean};
use super::raw::RawWorkflow;

const SECTIONS: [&str; 22] = [
    "seller",
    "rules",
    "deadlines",
    "reminders",
    "roles",
    "families",
    "groups",
    "features",
    "credits",
    "rates",
    "permissions",
    "clients",
    "plans",
    "items",
    "offers",
    "prerequisites",
    "directions",
    "payment_methods",
    "screens",
    "meters",
    "ticket",
    "tax",
];

/// Reads every section; nothing when something could not be read, and then the problems say what.
pub(super) fn read(text: &str, problems: &mut Problems<'_>) -> Option<RawWorkflow> {
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        problems.push(&error.span().unwrap_or(0..0), error.message(), None);
    }
    if !errors.is_empty() {
        return None;
    }
    let mut sections = BTreeMap::new();
    for (key, value) in document.into_inner() {
        if SECTIONS.contains(&key.as_ref().as_ref()) {
            sections.insert(key.into_inner().into_owned(), value);
        } else {
            let hint = did_you_mean(key.as_ref(), SECTIONS);
            problems.push(&key.span(), format!("unknown section `{}`", key.as_ref()), hint);
        }
    }
    let mut reader = Reader { sections, problems };
    let seller = reader.one("seller");
    let change_rules = reader.one("rules");
    let deadlines = reader.one("deadlines");
    let reminders = reader.one_or_default("reminders");
    let roles = reader.many("roles", true);
    let families = reader.many("families", false);
    let groups = reader.many("groups", false);
    let features = reader.many("features", false);
    let credits = reader.many("credits", false);
    let rates = reader.many("rates", false);
    let prerequisites = reader.many("prerequisites", false);
    let permissions = reader.one_or_default("permissions");
    let clients = reader.one_if_any("clients");
    let plans = reader.many("plans", true);
    let items = reader.many("items", false);
    let offers = reader.many("offers", false);
    let directions = reader.many("directions", true);
    let payment_methods = reader.many("payment_methods", true);
    let screens = reader.many("screens", true);
    let meters = reader.many("meters", false);
    let ticket = reader.one_or_default("ticket");
    let tax = reader.one_if_any("tax");
    if !problems.is_empty() {
        return None;
    }
    Some(RawWorkflow {
        seller: seller?,
        rules: change_rules?,
        deadlines: deadlines?,
        reminders: reminders?,
        roles,
        families,
        groups,
        features,
        credits,
        rates,
        prerequisites,
        permissions: permissions?,
        clients,
        plans,
        items,
        offers,
        directions,
        payment_methods,
        screens,
        meters,
        ticket: ticket?,
        tax,
    })
}

struct Reader<'i, 'p, 'a> {
    sections: BTreeMap<String, Spanned<DeValue<'i>>>,
    problems: &'p mut Problems<'a>,
}

impl<'i> Reader<'i, '_, '_> {
    fn one<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let section = self.sections.remove(name);
        if section.is_none() {
            self.problems
                .push(&(0..0), format!("the section `[{name}]` is missing"), None);
        }
        section.and_then(|value| self.value(value))
    }

    fn one_or_default<T: DeserializeOwned + Default>(&mut self, name: &str) -> Option<T> {
        match self.sections.remove(name) {
            Some(value) => self.value(value),
            None => Some(T::default()),
        }
    }

    fn one_if_any<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let section = self.sections.remove(name)?;
        self.value(section)
    }

    fn many<T: DeserializeOwned>(&mut self, name: &str, at_least_one: bool) -> Vec<T> {
        let Some(section) = self.sections.remove(name) else {
            if at_least_one {
                let what = format!("there is no `[[{name}]]`; at least one is needed");
                self.problems.push(&(0..0), what, None);
            }
            return Vec::new();
        };
        let span = section.span();
        if let DeValue::Array(entries) = section.into_inner() {
            return entries
                .into_iter()
                .filter_map(|entry| self.value(entry))
                .collect();
        }
        let hint = format!("begin each one with `[[{name}]]`, in double brackets");
        self.problems
            .push(&span, format!("`{name}` must be a list"), Some(hint));
        Vec::new()
    }

    /// Reads one value. A key that is unknown is told, taken out, and the rest is read again, to find all of them.
    fn value<T: DeserializeOwned>(&mut self, mut value: Spanned<DeValue<'i>>) -> Option<T> {
        let mut meant = Vec::new();
        loop {
            let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
                Ok(read) => return Some(read),
                Err(error) => error,
            };
            let span = error.span().unwrap_or(value.span());
            let said = Said::of(error.message());
            // A key that was only misspelt is not missing too.
            if !said
                .missing
                .as_ref()
                .is_some_and(|missing| meant.contains(missing))
            {
                self.problems.push(&span, said.what, said.hint);
            }
            meant.extend(said.meant);
            if !said.unknown_field || !remove_key(value.get_mut(), &span) {
                return None;
            }
        }
    }
}

/// A deserialisation error, in the words of this room.
struct Said {
    what: String,
    hint: Option<String>,
    unknown_field: bool,
    meant: Option<String>,
    missing: Option<String>,
}

impl Said {
    /// Takes apart serde's sentences, whose words in backticks are names.
    fn of(message: &str) -> Self {
        let mut quoted = message.split('`').skip(1).step_by(2);
        let first = quoted.next().unwrap_or_default();
        let known: Vec<_> = quoted.collect();
        let short = || message.split(", expected").next().unwrap_or(message).to_owned();
        let expected = || match known.as_slice() {
            [] => None,
            some => Some(format!("expected {}", some.join(", "))),
        };
        let unknown_field = message.starts_with("unknown field");
        let mut said = Self {
            what: message.to_owned(),
            hint: None,
            unknown_field,
            meant: None,
            missing: None,
        };
        if unknown_field || message.starts_with("unknown variant") {
            said.what = short()
                .replace("unknown field", "unknown key")
                .replace("unknown variant", "unknown value");
            said.hint = did_you_mean(first, known.iter().copied()).or_else(expected);
            said.meant = closest(first, known.iter().copied()).map(str::to_owned);
        } else if message.starts_with("missing field") {
            said.what = format!("the key `{first}` is missing");
            said.missing = Some(first.to_owned());
        } else if message.ends_with("expected u64") {
            said.what = message.replace("expected u64", "expected a whole number that is not negative");
        } else if message.starts_with("invalid type: floating point") && message.contains("string") {
            said.hint = Some("write amounts as text, exactly: \"49.90\"".to_owned());
        }
        said
    }
}

/// Takes the key that stands at this place out of the value, wherever in it that is.
fn remove_key(value: &mut DeValue<'_>, at: &Span) -> bool {
    match value {
        DeValue::Table(table) => {
            let before = table.len();
            let kept = std::mem::take(table)
                .into_iter()
                .filter(|(key, _)| key.span() != *at)
                .collect();
            *table = kept;
            table.len() < before || table.iter_mut().any(|(_, inner)| remove_key(inner.get_mut(), at))
        }
        DeValue::Array(list) => list.iter_mut().any(|inner| remove_key(inner.get_mut(), at)),
        _ => false,
    }
}
