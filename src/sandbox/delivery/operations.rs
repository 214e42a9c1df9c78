//! Stripe's operations on webhook endpoints, and the roll of a secret, which at Stripe is a button of the dashboard.

use std::{cmp::Reverse, collections::BTreeMap};

use serde_json::{Map, Value, json};

use super::{COMMAND_LINE, Endpoint, Hooks};
use crate::sandbox::{
    error::ApiError,
    file::{Drawer, Write},
};

/// Endpoints at once, as at Stripe.
const ENDPOINTS_MAX: usize = 16;

impl Hooks {
    /// Does one of the operations on webhook endpoints; `None` for every other operation.
    pub(in crate::sandbox) fn perform(
        &mut self,
        operation: &str,
        path: &BTreeMap<String, String>,
        params: &Map<String, Value>,
        now: i64,
    ) -> Option<Result<Value, ApiError>> {
        let id = path.get("webhook_endpoint").map_or("", String::as_str);
        Some(match operation {
            "PostWebhookEndpoints" => self.create(params, now),
            "GetWebhookEndpoints" => Ok(self.list(params)),
            "GetWebhookEndpointsWebhookEndpoint" => self.find(id).map(|endpoint| endpoint.render(false)),
            "PostWebhookEndpointsWebhookEndpoint" => self.update(id, params),
            "DeleteWebhookEndpointsWebhookEndpoint" => self.delete(id),
            _ => return None,
        })
    }

    fn create(&mut self, params: &Map<String, Value>, now: i64) -> Result<Value, ApiError> {
        if self.endpoints.len() >= ENDPOINTS_MAX {
            return Err(ApiError::invalid(format!(
                "You have reached the maximum of {ENDPOINTS_MAX} webhook endpoints."
            )));
        }
        let mut endpoint = Endpoint::new(String::new(), String::new(), String::new(), now);
        endpoint.set(params)?;
        endpoint.id = format!("we_{}", self.word(24));
        endpoint.secret = format!("whsec_{}", self.word(32));
        let answer = endpoint.render(true);
        self.store(endpoint);
        Ok(answer)
    }

    fn list(&self, params: &Map<String, Value>) -> Value {
        let mut endpoints: Vec<_> = self
            .endpoints
            .values()
            .filter(|endpoint| !endpoint.id.starts_with(COMMAND_LINE))
            .collect();
        endpoints.sort_by_key(|endpoint| (Reverse(endpoint.created), &endpoint.id));
        let after = params.get("starting_after").and_then(Value::as_str);
        let start = after
            .and_then(|id| endpoints.iter().position(|endpoint| endpoint.id == id))
            .map_or(0, |at| at + 1);
        let limit = params
            .get("limit")
            .and_then(Value::as_u64)
            .unwrap_or(10)
            .clamp(1, 100);
        let limit = usize::try_from(limit).unwrap_or(10);
        let page: Vec<_> = endpoints
            .iter()
            .skip(start)
            .take(limit)
            .map(|endpoint| endpoint.render(false))
            .collect();
        let has_more = start.saturating_add(page.len()) < endpoints.len();
        json!({ "object": "list", "url": "/v1/webhook_endpoints", "has_more": has_more, "data": page })
    }

    fn find(&self, id: &str) -> Result<&Endpoint, ApiError> {
        let endpoint = self
            .endpoints
            .get(id)
            .filter(|endpoint| !endpoint.id.starts_with(COMMAND_LINE));
        endpoint.ok_or_else(|| ApiError::missing("webhook endpoint", id, "webhook_endpoint"))
    }

    fn update(&mut self, id: &str, params: &Map<String, Value>) -> Result<Value, ApiError> {
        let mut endpoint = self.find(id)?.clone();
        endpoint.set(params)?;
        let answer = endpoint.render(false);
        self.store(endpoint);
        Ok(answer)
    }

    fn delete(&mut self, id: &str) -> Result<Value, ApiError> {
        self.find(id)?;
        self.endpoints.remove(id);
        self.writes.push(Write::delete(Drawer::Endpoints, id));
        Ok(json!({ "id": id, "object": "webhook_endpoint", "deleted": true }))
    }

    /// Gives an endpoint a new secret; the old one signs too for `both_seconds`. The answer shows the new one.
    pub(in crate::sandbox) fn roll(
        &mut self,
        id: &str,
        both_seconds: u32,
        now: i64,
    ) -> Result<Value, ApiError> {
        let mut endpoint = self.find(id)?.clone();
        let secret = format!("whsec_{}", self.word(32));
        let until = now.saturating_add(i64::from(both_seconds));
        endpoint.previous = Some((std::mem::replace(&mut endpoint.secret, secret), until));
        let answer = endpoint.render(true);
        self.store(endpoint);
        Ok(answer)
    }
}
