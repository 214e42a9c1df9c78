//! Who speaks to Changeover: a seller's backend, in the name of its customers.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::Method;
use serde_json::{Value, json};

use super::http::{Answer, Http};

/// The seller's backend.
#[derive(Clone)]
pub struct Backend {
    http: Http,
    authorization: String,
    keys: Arc<AtomicU64>,
}

/// A refusal, as a client reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    pub status: u16,
    pub code: String,
    pub body: Value,
}

impl Backend {
    pub fn new(address: SocketAddr, api_key: &str) -> Self {
        Self {
            http: Http::new(format!("http://{address}")),
            authorization: format!("Bearer {api_key}"),
            keys: Arc::default(),
        }
    }

    /// The same backend, speaking to another node.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self {
            http: Http::new(format!("http://{address}")),
            ..self.clone()
        }
    }

    /// The server's address.
    pub fn base(&self) -> &str {
        self.http.base()
    }

    /// A key that was never used before.
    pub fn fresh_key(&self) -> String {
        format!("key-{}", self.keys.fetch_add(1, Ordering::SeqCst))
    }

    pub async fn raw(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<bytes::Bytes>,
    ) -> Answer {
        self.http.send(method, path, headers, body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.try_get(path).await;
        answer.unwrap_or_else(|problem| panic!("GET {path}: {problem:?}"))
    }

    pub async fn try_get(&self, path: &str) -> Result<Value, Problem> {
        let headers = [("authorization", self.authorization.as_str())];
        read(&self.http.send(Method::GET, path, &headers, "").await)
    }

    /// Sends a request as it is, with this API key and whatever other headers.
    pub async fn sends(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<bytes::Bytes>,
    ) -> Answer {
        let mut all = vec![("authorization", self.authorization.as_str())];
        all.extend(headers);
        self.http.send(method, path, &all, body).await
    }

    /// Sends a command under a fresh key.
    pub async fn command(&self, method: Method, path: &str, body: &Value) -> Result<Value, Problem> {
        self.command_under(&self.fresh_key(), method, path, body).await
    }

    /// Sends a command under a key of the caller's choice, as a client does that tries again.
    pub async fn command_under(
        &self,
        key: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Value, Problem> {
        read(&self.answered(key, method, path, &[], body).await)
    }

    /// Sends a command with further headers, and gives the whole answer.
    pub async fn answered(
        &self,
        key: &str,
        method: Method,
        path: &str,
        further: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let own = [
            ("authorization", self.authorization.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        let headers = [&own, further].concat();
        self.http.send(method, path, &headers, body.to_string()).await
    }
}

/// What an answer says: its body, or why not.
pub fn read(answer: &Answer) -> Result<Value, Problem> {
    let body = answer.json();
    if answer.status < 400 {
        return Ok(body);
    }
    let code = body["code"].as_str().unwrap_or_default().to_owned();
    Err(Problem {
        status: answer.status,
        code,
        body,
    })
}

/// A change, as its customer's backend drives it.
#[derive(Clone)]
pub struct Change {
    pub backend: Backend,
    pub id: String,
    pub role: String,
}

impl Change {
    /// The change that the answer to its opening names, driven by somebody of this role.
    pub fn opened(backend: &Backend, answer: &Value, role: &str) -> Self {
        Self {
            backend: backend.clone(),
            id: answer["id"].as_str().expect("an id").to_owned(),
            role: role.to_owned(),
        }
    }

    /// The same change, seen through another node.
    pub fn at(&self, backend: &Backend) -> Self {
        Self {
            backend: backend.clone(),
            ..self.clone()
        }
    }

    pub async fn read(&self) -> Value {
        self.backend.get(&format!("/v1/changes/{}", self.id)).await
    }

    /// `quote.ready`, `active`.
    pub async fn stage(&self) -> String {
        stage_of(&self.read().await)
    }

    /// What has happened to it, event by event.
    pub async fn events(&self) -> Vec<String> {
        let history = self.history().await;
        let lines = history["data"].as_array().expect("lines").iter();
        lines
            .map(|line| line["event"].as_str().expect("an event").to_owned())
            .collect()
    }

    pub async fn history(&self) -> Value {
        let path = format!("/v1/changes/{}/history?limit=200", self.id);
        self.backend.get(&path).await
    }

    pub async fn reference(&self) -> String {
        self.read().await["reference"]
            .as_str()
            .expect("a reference")
            .to_owned()
    }

    /// The seller's support answers a request to go down.
    pub async fn support_answers(&self, decision: &str, more: Value) -> Result<Value, Problem> {
        let mut body = json!({
            "decision": decision,
            "support": { "id": "agent-7", "reason": "A pedido do cliente." },
        });
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let path = format!("/v1/changes/{}/ticket/answer", self.id);
        self.backend.command(Method::POST, &path, &body).await
    }

    pub async fn quote(&self) -> Value {
        self.read().await["quote"].clone()
    }

    pub async fn post(&self, verb: &str, body: Value) -> Result<Value, Problem> {
        self.send(&self.backend.fresh_key(), Method::POST, verb, body)
            .await
    }

    pub async fn put(&self, verb: &str, body: Value) -> Result<Value, Problem> {
        self.send(&self.backend.fresh_key(), Method::PUT, verb, body)
            .await
    }

    /// Sends a command in the customer's name, under a key of the caller's choice.
    pub async fn send(
        &self,
        key: &str,
        method: Method,
        verb: &str,
        mut body: Value,
    ) -> Result<Value, Problem> {
        body["actor"] = json!({ "role": self.role, "id": "user-1" });
        let path = format!("/v1/changes/{}/{verb}", self.id);
        self.backend.command_under(key, method, &path, &body).await
    }

    pub async fn asks_for_a_quote(&self) -> Result<Value, Problem> {
        self.post("quote", json!({})).await
    }

    pub async fn accepts(&self) -> Result<Value, Problem> {
        let quote = self.quote().await["id"].clone();
        self.post("accept", json!({ "quote": quote })).await
    }

    pub async fn gives_billing_data(&self) -> Result<Value, Problem> {
        self.put("billing-info", billing_data()).await
    }

    /// Begins to give a card; what comes back is for the customer's browser.
    pub async fn begins_a_card(&self) -> Value {
        let path = format!("/v1/changes/{}/card-setup", self.id);
        self.backend
            .command(Method::POST, &path, &json!({}))
            .await
            .expect("a card setup")
    }

    /// What the final button sends: the quote and the amount that stand on the screen.
    pub async fn confirmation(&self) -> Value {
        let change = self.read().await;
        let due = &change["quote"]["due_today"];
        json!({
            "quote": change["quote"]["id"],
            "seen": { "amount": due["amount"], "currency": due["currency"] },
            "terms_version": change["terms"]["version"],
        })
    }

    pub async fn confirms(&self) -> Result<Value, Problem> {
        let body = self.confirmation().await;
        self.post("confirm", body).await
    }

    pub async fn cancels(&self) -> Result<Value, Problem> {
        self.post("cancel", json!({ "why": "changed my mind" })).await
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the change {} of the {}", self.id, self.role)
    }
}

pub fn stage_of(change: &Value) -> String {
    let part = change["sub_stage"].as_str().filter(|part| !part.is_empty());
    [change["stage"].as_str(), part]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(".")
}

pub fn billing_data() -> Value {
    json!({
        "legal_name": "Padaria Luz Ltda",
        "tax_id": "11.222.333/0001-81",
        "fiscal_email": "fiscal@padaria-luz.example",
        "line1": "Rua das Flores, 100",
        "line2": "",
        "city": "São Paulo",
        "state": "SP",
        "postal_code": "01310-100",
        "country": "BR",
    })
}
