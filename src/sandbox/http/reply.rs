//! What leaves: always JSON, except where a fault or a page wants otherwise.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::Value;

use super::BrokenOff;
use crate::sandbox::{SandboxError, error::ApiError};

/// One answer.
#[derive(Debug)]
pub(super) enum Reply {
    /// JSON with a status and more headers.
    Json {
        status: u16,
        body: String,
        headers: Vec<(&'static str, String)>,
    },
    /// What a proxy says when it cannot reach the API.
    BadGateway,
    /// Nothing: the connection breaks.
    BrokenOff,
    /// The beginning of an answer; then the connection breaks.
    CutShort {
        /// As much of the body as arrives.
        beginning: Bytes,
    },
    /// Something in the middle has replaced the answer by its own, and called it a success.
    Garbled,
}

impl Reply {
    /// A body that is JSON already.
    pub(super) fn json(status: u16, body: String) -> Reply {
        Reply::Json {
            status,
            body,
            headers: Vec::new(),
        }
    }

    /// A 200.
    pub(super) fn ok(value: &Value) -> Reply {
        Reply::json(200, value.to_string())
    }

    /// An error in Stripe's envelope.
    pub(super) fn error(error: &ApiError, request_id: &str) -> Reply {
        Reply::json(error.status, error.envelope(request_id).to_string()).with("request-id", request_id)
    }

    /// Adds a header.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Reply {
        if let Reply::Json { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }

    /// The status, when there is one.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Reply::Json { status, .. } => Some(*status),
            Reply::BadGateway => Some(502),
            Reply::Garbled => Some(200),
            Reply::BrokenOff | Reply::CutShort { .. } => None,
        }
    }

    /// The first half of the same answer.
    pub(super) fn cut_short(self) -> Reply {
        match self {
            Reply::Json { body, .. } => {
                let half = body.len() / 2;
                Reply::CutShort {
                    beginning: Bytes::from(body).slice(..half),
                }
            }
            other => other,
        }
    }

    /// The same answer with a field that no client knows, at its top.
    pub(super) fn with_extra_field(mut self) -> Reply {
        if let Reply::Json { body, .. } = &mut self
            && let Ok(Value::Object(mut fields)) = serde_json::from_str(body)
        {
            fields.insert(
                "sandbox_extra_field".to_owned(),
                serde_json::json!({ "unknown": ["to", "every", "client"] }),
            );
            *body = Value::Object(fields).to_string();
        }
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let (status, kind, body, headers) = match self {
            Reply::Json {
                status,
                body,
                headers,
            } => (status, "application/json", body, headers),
            Reply::BadGateway => (502, "text/html", BAD_GATEWAY.to_owned(), Vec::new()),
            Reply::Garbled => (200, "text/html", GARBLED.to_owned(), Vec::new()),
            Reply::CutShort { beginning } => return Response::new(breaking_off_after(beginning)),
            Reply::BrokenOff => {
                let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
                response.extensions_mut().insert(BrokenOff);
                return response;
            }
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// For the pages and switches, where there is no request of Stripe's to speak of.
impl From<SandboxError> for Reply {
    fn from(error: SandboxError) -> Reply {
        Reply::error(&ApiError::internal(error.to_string()), "req_sandbox")
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Reply {
        Reply::error(&error, "req_sandbox")
    }
}

/// A body that begins, and never ends: the connection breaks once its beginning has left.
fn breaking_off_after(beginning: Bytes) -> Body {
    let breaks = stream::once(async {
        // Lets the connection send what it has.
        tokio::task::yield_now().await;
        Err(std::io::Error::other("a fault was asked for"))
    });
    Body::from_stream(stream::once(async { Ok(beginning) }).chain(breaks))
}

const GARBLED: &str = "<html><body>Welcome to the station's wireless network. Please sign in.</body></html>";

const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>\
                           </center>\r\n</body>\r\n</html>\r\n";
