//! What happened, as Stripe tells it: snapshots at the time of the event, with the values that were there before.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::operations::Ask;
use super::shelf::AnyShelf;
use super::shown::{CURSOR, stands};
use super::{API_VERSION, World};
use crate::sandbox::error::ApiError;

/// Stripe lists events for this long.
const KEPT_SECONDS: i64 = 30 * 86_400;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Event {
    id: String,
    created: i64,
    kind: String,
    object: Value,
    previous: Option<Value>,
    request_id: Option<String>,
    idempotency_key: Option<String>,
}

stands!(Event, events, "event", "event", "");

impl Event {
    fn render(&self, _: &World) -> Value {
        self.rendered()
    }

    /// How the API and webhooks show it. How many endpoints still wait for it is not known here: the server that
    /// delivers may overwrite `pending_webhooks`.
    pub(super) fn rendered(&self) -> Value {
        let mut data = Map::new();
        data.insert("object".to_owned(), self.object.clone());
        if let Some(previous) = &self.previous {
            data.insert("previous_attributes".to_owned(), previous.clone());
        }
        json!({
            "id": self.id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.created,
            "data": data,
            "livemode": false,
            "pending_webhooks": 0,
            "request": { "id": self.request_id, "idempotency_key": self.idempotency_key },
            "type": self.kind,
        })
    }
}

impl World {
    pub(super) fn emit(&mut self, kind: &str, object: Value) {
        self.record_event(kind, object, None);
    }

    /// Tells of a change, unless nothing changed.
    pub(super) fn emit_change(&mut self, kind: &str, before: &Value, after: Value) {
        if let Some(previous) = difference(before, &after).filter(|_| !kind.is_empty()) {
            self.record_event(kind, after, Some(previous));
        }
    }

    fn record_event(&mut self, kind: &str, object: Value, previous: Option<Value>) {
        let id = self.memory.ids.next("evt");
        let (request_id, idempotency_key) = match &self.request {
            Some((id, key)) => (Some(id.clone()), key.clone()),
            None => (None, None),
        };
        self.outbox.push(id.clone());
        let kind = kind.to_owned();
        self.events.put(Event {
            id,
            created: self.now,
            kind,
            object,
            previous,
            request_id,
            idempotency_key,
        });
    }

    /// Forgets events that Stripe would no longer list. Those not yet handed out stay.
    pub(super) fn forget_old_events(&mut self) {
        let horizon = self.now.saturating_sub(KEPT_SECONDS);
        let old = self.events.iter().take_while(|event| event.created < horizon);
        let old: Vec<String> = old
            .filter(|event| !self.outbox.contains(&event.id))
            .map(|event| event.id.clone())
            .collect();
        for id in old {
            self.events.remove(&id);
        }
        self.events.commit();
    }
}

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Result<Value, ApiError> {
    ask.params
        .only(&[&CURSOR[..], &["created", "type", "types"]].concat())?;
    let kind = ask.params.text("type")?;
    let kinds = ask.params.texts("types")?;
    let fits = |pattern: &str, event: &Event| {
        pattern
            .strip_suffix('*')
            .map_or(event.kind == pattern, |start| event.kind.starts_with(start))
    };
    world.page::<Event>(ask, "/v1/events", |event| {
        kind.is_none_or(|kind| fits(kind, event))
            && (kinds.is_empty() || kinds.iter().any(|kind| fits(kind, event)))
    })
}

/// What of `before` is different in `after`: nested objects down to the changed keys, anything else whole.
fn difference(before: &Value, after: &Value) -> Option<Value> {
    if before == after {
        return None;
    }
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        return Some(before.clone());
    };
    let mut changed = Map::new();
    for (key, value) in old {
        let now = new.get(key).unwrap_or(&Value::Null);
        if let Some(previous) = difference(value, now) {
            changed.insert(key.clone(), previous);
        }
    }
    for key in new.keys().filter(|key| !old.contains_key(*key)) {
        changed.insert(key.clone(), Value::Null);
    }
    Some(Value::Object(changed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previous_attributes_hold_only_what_changed() {
        let before =
            json!({ "id": "x", "status": "open", "metadata": { "a": "1" }, "lines": [1, 2], "due": 5 });
        let after = json!({ "id": "x", "status": "paid", "metadata": { "a": "1", "b": "2" }, "lines": [1], "due": 5 });
        let expected = json!({ "status": "open", "metadata": { "b": null }, "lines": [1, 2] });
        assert_eq!(difference(&before, &after), Some(expected));
        assert_eq!(difference(&before, &before), None);
    }
}
