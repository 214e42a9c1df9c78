//! Webhook endpoints: where events go, as Stripe's `/v1/webhook_endpoints` keeps them.

use std::{collections::BTreeMap, net::IpAddr};

use axum::http::Uri;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::sandbox::error::ApiError;

/// One receiver of events.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Endpoint {
    pub(super) id: String,
    pub(super) url: String,
    /// Signs what is sent.
    pub(super) secret: String,
    /// The secret before a roll, and until when it signs too.
    pub(super) previous: Option<(String, i64)>,
    pub(super) enabled_events: Vec<String>,
    pub(super) disabled: bool,
    pub(super) description: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) created: i64,
}

impl Endpoint {
    /// A receiver of everything.
    pub(super) fn new(id: String, url: String, secret: String, now: i64) -> Endpoint {
        Endpoint {
            id,
            url,
            secret,
            previous: None,
            enabled_events: vec!["*".to_owned()],
            disabled: false,
            description: None,
            metadata: BTreeMap::new(),
            created: now,
        }
    }

    /// Whether it wants events of this type.
    pub(super) fn wants(&self, kind: &str) -> bool {
        !self.disabled
            && self
                .enabled_events
                .iter()
                .any(|wanted| wanted == "*" || wanted == kind)
    }

    /// The secrets that sign at `now`, the current one first.
    pub(super) fn secrets(&self, now: i64) -> Vec<String> {
        let previous = self
            .previous
            .iter()
            .filter(|(_, until)| now < *until)
            .map(|(secret, _)| secret);
        std::iter::once(&self.secret).chain(previous).cloned().collect()
    }

    /// Takes over the parameters of a create or update.
    ///
    /// # Errors
    /// A 400 for a URL that is not on loopback.
    pub(super) fn set(&mut self, params: &Map<String, Value>) -> Result<(), ApiError> {
        if let Some(url) = params.get("url").and_then(Value::as_str) {
            target(url).map_err(|why| ApiError::invalid(why).with_param("url"))?;
            url.clone_into(&mut self.url);
        }
        if let Some(events) = params.get("enabled_events").and_then(Value::as_array) {
            self.enabled_events = events
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
        }
        if let Some(disabled) = params.get("disabled").and_then(Value::as_bool) {
            self.disabled = disabled;
        }
        if let Some(description) = params.get("description").and_then(Value::as_str) {
            self.description = (!description.is_empty()).then(|| description.to_owned());
        }
        match params.get("metadata") {
            Some(Value::Object(entries)) => {
                for (name, value) in entries {
                    match value.as_str() {
                        None | Some("") => self.metadata.remove(name),
                        Some(text) => self.metadata.insert(name.clone(), text.to_owned()),
                    };
                }
            }
            Some(_) => self.metadata.clear(),
            None => {}
        }
        Ok(())
    }

    /// The `webhook_endpoint` object. Its secret is shown once, in the answer to its creation.
    pub(super) fn render(&self, with_secret: bool) -> Value {
        let mut object = json!({
            "id": self.id, "object": "webhook_endpoint", "api_version": null, "application": null,
            "created": self.created, "description": self.description, "enabled_events": self.enabled_events,
            "livemode": false, "metadata": self.metadata, "url": self.url,
            "status": if self.disabled { "disabled" } else { "enabled" },
        });
        if with_secret {
            object["secret"] = json!(self.secret);
        }
        object
    }
}

/// The address behind a webhook's URL.
///
/// # Errors
/// A sentence when it is not `http://` on loopback: what happens in the sandbox stays on this machine.
pub(in crate::sandbox) fn target(url: &str) -> Result<Uri, String> {
    let refusal = || "The sandbox delivers webhooks to http:// addresses on loopback only.".to_owned();
    let uri: Uri = url.parse().map_err(|_| refusal())?;
    let host = uri
        .host()
        .ok_or_else(refusal)?
        .trim_start_matches('[')
        .trim_end_matches(']');
    let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if uri.scheme_str() == Some("http") && loopback {
        Ok(uri)
    } else {
        Err(refusal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhooks_never_leave_this_machine() {
        for fine in [
            "http://127.0.0.1:8080/hook",
            "http://localhost/",
            "http://[::1]:1/x",
        ] {
            assert!(target(fine).is_ok(), "{fine}");
        }
        for bad in [
            "http://example.com/",
            "https://127.0.0.1/",
            "http://10.0.0.1/",
            "/hook",
            "http://localhost.example.com/",
            "",
        ] {
            assert!(target(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_old_secret_signs_until_its_end() {
        let mut endpoint = Endpoint::new("we_1".into(), "http://localhost/".into(), "new".into(), 0);
        endpoint.previous = Some(("old".into(), 100));
        assert_eq!(endpoint.secrets(99), ["new", "old"]);
        assert_eq!(endpoint.secrets(100), ["new"]);
    }
}
