//! Problems: what a client is told when something cannot be done (RFC 9457), and the pages that explain the codes.
//!
//! Each speaks to two readers: `detail` and `next`, in English, to the people who build the integration; `message` to the
//! customer, in their language.
//! Knows the engine's errors and how they are told; must never let an internal text out: the log has it, the client gets
//! the code, a sentence and what to do.

mod message;
mod of_engine;
mod pages;
mod table;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::api::views::{MoneyView, SupportView};
use crate::domain::change::{ChangeId, RefusalCode};
use crate::domain::language::Language;
use crate::text;

pub use message::{Message, in_the_customers_language};
pub use pages::router;
pub use table::{EdgeCode, Entry, all, find, of_edge, of_refusal};

/// The media type of every problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not carried out.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Problem(Box<ProblemBody>);

/// Why a request was not carried out. Branch on `code`; `detail` and `next` are for the people who build the integration,
/// `message` is for the customer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// The address of a page about this code, relative to this server.
    #[serde(rename = "type")]
    #[schema(example = "/problems/amount_differs")]
    kind: String,
    /// A few words, the same for every problem with this code.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong this time.
    detail: String,
    /// Names this very answer, for support.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// The stable code.
    #[schema(example = "amount_differs")]
    code: &'static str,
    /// What the integration does now.
    next: &'static str,
    /// What the customer is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
    /// Every field that is wrong, where fields are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ToldError>,
    /// The amount that would have been right, where amounts differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<MoneyView>,
    /// The change that is in the way, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocking_change: Option<BlockingChange>,
    /// From when on the same request may succeed, where time alone helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    again_at: Option<Timestamp>,
    /// The present version, where the one in `If-Match` is outdated.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    /// Whom to ask: the seller's support, once the seller is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    support: Option<SupportView>,
    /// The name between people of the change that the request was about, where it was about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "CH-0F3K2-9XW7Q")]
    reference: Option<String>,
    #[serde(skip)]
    retry_after: Option<u32>,
    /// The seller's own sentence to the customer.
    #[serde(skip)]
    said: Option<String>,
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field in the request's body, as a JSON pointer (RFC 6901).
    #[schema(example = "/selection/quantities/device")]
    pub pointer: String,
    /// A stable code.
    #[schema(example = "out_of_bounds")]
    pub code: String,
    /// What is wrong with it.
    pub detail: String,
    /// What could be had instead, or is missing: ids of plans, items or options.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub instead: Vec<String>,
}

impl FieldError {
    /// A field that is wrong, where nothing can be named instead.
    pub fn new(pointer: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.into(),
            detail: detail.into(),
            instead: Vec::new(),
        }
    }
}

/// One field that is wrong, and what its person reads about it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ToldError {
    /// Which, and what is wrong with it.
    #[serde(flatten)]
    error: FieldError,
    /// The same for the customer, in their language, where the field is one of a form that customers fill in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "CNPJ, CPF ou número fiscal: o dígito verificador não confere.")]
    message: Option<String>,
}

impl From<FieldError> for ToldError {
    fn from(error: FieldError) -> Self {
        Self { error, message: None }
    }
}

impl ToldError {
    fn tell(&mut self, language: Language) {
        let field = self.error.pointer.rsplit('/').next().unwrap_or_default();
        let said = text::field::mistake(text::spoken(language), field, &self.error.code);
        self.message = self.message.take().or(said);
    }
}

/// What a page for customers shows of a problem.
#[derive(Debug, Clone)]
pub struct OnAPage {
    /// The stable code.
    pub code: &'static str,
    /// What is the matter.
    pub text: String,
    /// What they can do now.
    pub next: String,
    /// The fields that are wrong, with what their person reads about each where there are words for it.
    pub fields: Vec<(FieldError, Option<String>)>,
    /// The id of the change that is in the way.
    pub blocking: Option<String>,
    /// From when on it may succeed, where time alone helps.
    pub again_at: Option<Timestamp>,
}

/// What the console shows of a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToStaff {
    /// The stable code.
    pub code: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What is wrong this time.
    pub detail: String,
    /// What to do about it.
    pub next: &'static str,
}

/// The change that is open on a contract.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BlockingChange {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Its name between people.
    #[schema(example = "CH-0F3K2-9XW7Q")]
    reference: String,
    /// Where to read it and go on with it.
    url: String,
    /// Where to give it up. Or name its id in `supersedes` when opening another one, once the customer has agreed.
    cancel_url: String,
}

impl Problem {
    /// A problem of the edge, with what is wrong this time.
    pub fn edge(code: EdgeCode, detail: impl Into<String>) -> Self {
        Self::of(of_edge(code), detail)
    }

    /// A problem of the edge about which there is no more to say than its code means.
    pub fn plain(code: EdgeCode) -> Self {
        let entry = of_edge(code);
        Self::of(entry, entry.meaning)
    }

    /// A refusal, with what is wrong this time.
    pub fn refusal(code: RefusalCode, detail: impl Into<String>) -> Self {
        Self::of(of_refusal(code), detail)
    }

    /// One field of the body that is JSON, but not as it should be.
    pub fn field(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::edge(EdgeCode::RequestInvalid, detail.clone())
            .pointing([FieldError::new(pointer, code, detail)])
    }

    fn of(entry: Entry, detail: impl Into<String>) -> Self {
        Self(Box::new(ProblemBody {
            kind: address(entry.code),
            title: entry.title,
            status: entry.status.as_u16(),
            detail: detail.into(),
            instance: None,
            code: entry.code,
            next: entry.next,
            message: None,
            errors: Vec::new(),
            expected: None,
            blocking_change: None,
            again_at: None,
            version: None,
            support: None,
            reference: None,
            retry_after: entry.retry_after,
            said: None,
        }))
    }

    /// Points to the fields that are wrong.
    #[must_use]
    pub fn pointing(mut self, errors: impl IntoIterator<Item = FieldError>) -> Self {
        self.0.errors.extend(errors.into_iter().map(ToldError::from));
        self
    }

    /// The fields that it points to; a problem without one points to nothing.
    pub fn fields(&self) -> Vec<FieldError> {
        self.0.errors.iter().map(|told| told.error.clone()).collect()
    }

    /// The same problem, where the fields that it points to lie within this part of the body.
    #[must_use]
    pub fn within(mut self, part: &str) -> Self {
        for error in &mut self.0.errors {
            error.error.pointer.insert_str(0, part);
        }
        self
    }

    #[must_use]
    fn blocked_by(mut self, change: ChangeId) -> Self {
        self.0.blocking_change = Some(BlockingChange {
            id: change.to_string(),
            reference: change.reference().0,
            url: format!("/v1/changes/{change}"),
            cancel_url: format!("/v1/changes/{change}/cancel"),
        });
        self
    }

    /// The same problem with whom to ask, and what to quote there.
    #[must_use]
    pub fn to_ask(mut self, support: SupportView, reference: Option<String>) -> Self {
        self.0.support = Some(support);
        self.0.reference = reference;
        self
    }

    /// Tells the customer in this language, unless they are told already.
    #[must_use]
    pub fn told_in(mut self, language: Language) -> Self {
        let Self(body) = &mut self;
        if body.message.is_none() {
            body.message = Some(Message::of(body.code, body.said.as_deref(), language));
            body.errors.iter_mut().for_each(|error| error.tell(language));
        }
        self
    }

    /// This problem as an answer instead of one that it was already written into; headers that were put around that one stay.
    pub fn instead_of(self, response: Response) -> Response {
        let (parts, _) = response.into_parts();
        let mut answer = self.into_response();
        for (name, value) in &parts.headers {
            if name != header::CONTENT_LENGTH {
                answer.headers_mut().insert(name.clone(), value.clone());
            }
        }
        answer
    }

    /// The same problem as the answer to the request of this id.
    #[must_use]
    pub fn in_request(mut self, id: &str) -> Self {
        self.0.instance = Some(format!("urn:changeover:request:{id}"));
        self
    }

    /// What a page shows of it, in this language.
    pub fn on_a_page(&self, language: Language) -> OnAPage {
        let told = self.clone().told_in(language);
        let Self(body) = told;
        let (text, next) = body
            .message
            .map(|message| (message.text, message.next))
            .unwrap_or_default();
        let errors = body.errors.into_iter();
        OnAPage {
            code: body.code,
            text,
            next,
            fields: errors.map(|told| (told.error, told.message)).collect(),
            blocking: body.blocking_change.map(|change| change.id),
            again_at: body.again_at,
        }
    }

    /// The same for the console: in the words that are for whoever works with it.
    pub fn to_staff(&self) -> ToStaff {
        let Self(body) = self;
        ToStaff {
            code: body.code,
            title: body.title,
            detail: body.detail.clone(),
            next: body.next,
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The address of the page about a code.
pub fn address(code: &str) -> String {
    format!("/problems/{code}")
}

/// The answer carries the problem along, so that the layers around it can write the customer's words and the request's id
/// into it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        let mut say = |name: HeaderName, value: HeaderValue| response.headers_mut().insert(name, value);
        if status == StatusCode::UNAUTHORIZED {
            say(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.0.retry_after {
            say(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
