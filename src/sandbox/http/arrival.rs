//! One request to the API as it arrived, and how it is understood: who asks, for what, with which parameters.

use std::collections::BTreeMap;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, header},
};
use bytes::Bytes;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::caller::{Caller, intent_of};
use crate::sandbox::{
    Sandbox,
    error::ApiError,
    form::{self, Form, Tree},
    idempotency::KEY_BYTES_MAX,
    published::Route,
};

/// Bytes of a body.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A request, read to its end.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// A request that may be executed.
#[derive(Debug)]
pub(super) struct Job {
    /// The published `operationId`.
    pub(super) operation: String,
    /// The names that the path carries.
    pub(super) names: BTreeMap<String, String>,
    /// The typed parameters.
    pub(super) params: Map<String, Value>,
    /// The key under which the answer is kept. Only a POST has one; GET and DELETE need none.
    pub(super) key: Option<String>,
    /// Tells requests under one key apart.
    pub(super) fingerprint: String,
    /// For a browser: the operation that reads the intent, and the client secret that it has to match.
    pub(super) proof: Option<(&'static str, String)>,
}

impl Arrival {
    /// Reads a request.
    ///
    /// # Errors
    /// The request without its body, and a 413 or 400, when the body is too large or breaks off.
    pub(super) async fn read(
        id: String,
        request: Request<Body>,
    ) -> Result<Arrival, Box<(Arrival, ApiError)>> {
        let (parts, body) = request.into_parts();
        let mut arrival = Arrival {
            id,
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body: Bytes::new(),
        };
        if let Ok(bytes) = to_bytes(body, BODY_BYTES_MAX).await {
            arrival.body = bytes;
            return Ok(arrival);
        }
        let message = format!("The body broke off or is larger than {BODY_BYTES_MAX} bytes.");
        let error = ApiError {
            status: 413,
            ..ApiError::invalid(message)
        };
        Err(Box::new((arrival, error)))
    }

    /// A header, if it is there and is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A hash over query and body, byte for byte.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.query.as_bytes());
        hash.update(b"\n");
        hash.update(&self.body);
        hex::encode(hash.finalize())
    }

    /// Says what is asked for. `note` hears the operation and the parameters as soon as they are known.
    ///
    /// # Errors
    /// Everything that Stripe refuses before it executes a request.
    pub(super) fn understand(
        &self,
        sandbox: &Sandbox,
        note: impl FnOnce(&str, &Map<String, Value>),
    ) -> Result<Job, ApiError> {
        let caller = Caller::of(&self.headers)?;
        let (operation, names) = match sandbox.published().route(&self.method, &self.path) {
            Route::Found(operation, names) => (operation, names),
            Route::OtherMethods(methods) => return Err(self.wrong_method(&methods)),
            Route::Nothing => return Err(self.unrecognized()),
        };
        caller.may(&operation.id)?;
        self.check_version(sandbox)?;
        let mut form = self.form()?;
        let proof = match intent_of(&operation.id) {
            Some(reader) if caller == Caller::Browser => Some((reader, take_client_secret(&mut form)?)),
            _ => None,
        };
        let params = sandbox.published().parameters(operation, &form)?;
        note(&operation.id, &params);
        let key = if self.method == "POST" { self.key()? } else { None };
        Ok(Job {
            fingerprint: self.fingerprint(&params),
            operation: operation.id.clone(),
            names,
            params,
            key,
            proof,
        })
    }

    fn form(&self) -> Result<Form, ApiError> {
        let mut form = Form::new();
        form::read(self.query.as_bytes(), &mut form)?;
        if self.body.is_empty() {
            return Ok(form);
        }
        let kind = self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        if !kind.is_empty() && !kind.starts_with("application/x-www-form-urlencoded") {
            let message =
                "Invalid request (check that your POST content type is application/x-www-form-urlencoded).";
            return Err(ApiError::invalid(message));
        }
        form::read(&self.body, &mut form)?;
        Ok(form)
    }

    fn key(&self) -> Result<Option<String>, ApiError> {
        match self.header("idempotency-key") {
            None | Some("") => Ok(None),
            Some(key) if key.len() > KEY_BYTES_MAX => Err(ApiError::invalid(format!(
                "Idempotency keys have at most {KEY_BYTES_MAX} characters."
            ))),
            Some(key) => Ok(Some(key.to_owned())),
        }
    }

    fn fingerprint(&self, params: &Map<String, Value>) -> String {
        let mut hash = Sha256::new();
        for part in [self.method.as_bytes(), self.path.as_bytes()] {
            hash.update(part);
            hash.update(b"\n");
        }
        hash.update(serde_json::to_vec(params).unwrap_or_default());
        hex::encode(hash.finalize())
    }

    /// The official clients pin versions of their own, so another version is served as ours, with a warning.
    fn check_version(&self, sandbox: &Sandbox) -> Result<(), ApiError> {
        let ours = &sandbox.published().version;
        if !sandbox.is_strict() || self.header("stripe-version") == Some(ours) {
            return Ok(());
        }
        Err(ApiError::invalid(format!(
            "This sandbox is strict: send the header Stripe-Version: {ours}."
        )))
    }

    fn unrecognized(&self) -> ApiError {
        let message = format!(
            "Unrecognized request URL ({}: {}). If you are trying to list objects, remove the trailing slash. If you are \
             trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code.",
            self.method, self.path
        );
        ApiError {
            status: 404,
            ..ApiError::invalid(message)
        }
    }

    fn wrong_method(&self, methods: &[&str]) -> ApiError {
        let message = format!(
            "{} does not know the method {}; it knows {}.",
            self.path,
            self.method,
            methods.join(", ")
        );
        ApiError {
            status: 405,
            ..ApiError::invalid(message)
        }
    }
}

/// What a browser proves its right with; the published parameters for secret keys do not have it.
fn take_client_secret(form: &mut Form) -> Result<String, ApiError> {
    match form.remove("client_secret") {
        Some(Tree::Text(secret)) if !secret.is_empty() => Ok(secret),
        _ => Err(ApiError::invalid("Missing required param: client_secret.")
            .with_code("parameter_missing")
            .with_param("client_secret")),
    }
}
