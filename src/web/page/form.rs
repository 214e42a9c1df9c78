//! Forms of our own pages: what was typed, once it is known that it was typed there.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method, header};

use super::{Alert, Trouble, Visitor};
use crate::engine::{Asked, ClientKey};
use crate::web::WebState;
use crate::web::ask;
use crate::web::problem::{EdgeCode, Problem};

/// The most bytes of a form.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// The most fields of a form.
const FIELDS_MAX: usize = 500;

/// What was typed, in the order of the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form as browsers send it.
    pub fn read(bytes: &[u8]) -> Self {
        let fields = form_urlencoded::parse(bytes).take(FIELDS_MAX);
        Self(
            fields
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// What stands in a field, without the blanks around it; nothing where it is empty or not there.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter();
        let (_, value) = fields.find(|(field, _)| field == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// What stands in a field, with the blanks around it: a password may have them.
    pub fn whole(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter();
        let (_, value) = fields.find(|(field, _)| field == name)?;
        Some(value.as_str())
    }

    /// The same as [`Self::get`], as a text that may be empty.
    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// All fields whose names begin so, with the rest of their names.
    pub fn beginning<'f>(&'f self, prefix: &'f str) -> impl Iterator<Item = (&'f str, &'f str)> {
        let fields = self.0.iter();
        fields.filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.trim())))
    }
}

/// A form of one of the session's own pages, with who sent it.
#[derive(Debug, Clone)]
pub struct OwnForm {
    /// Who sent it.
    pub visitor: Visitor,
    /// What was typed.
    pub form: Form,
    fingerprint: [u8; 32],
}

impl OwnForm {
    /// The command as the engine is asked: the form's own key makes it be carried out once, however often its button is pressed,
    /// and the version that its page has shown keeps it from being carried out on anything else.
    pub fn asked(&self) -> Asked {
        self.asked_under(self.form.get("key"), self.form.get("version"))
    }

    /// The same for one of several commands that the form stands for: each is carried out once, and the later ones rely on what the
    /// earlier ones have led to.
    pub fn asked_next(&self, step: &str) -> Asked {
        let key = self.form.get("key").map(|key| format!("{key}.{step}"));
        self.asked_under(key.as_deref(), None)
    }

    /// The same where the form itself says what it relies on, as the quote and the amount that were seen: it counts whatever else has been
    /// written about the change meanwhile, such as that its customer was reminded.
    pub fn asked_by_content(&self) -> Asked {
        self.asked_under(self.form.get("key"), None)
    }

    fn asked_under(&self, key: Option<&str>, version: Option<&str>) -> Asked {
        let session = self.visitor.session.id;
        Asked {
            seller: self.visitor.session.seller.clone(),
            actor: self.visitor.session.about.actor.clone(),
            key: key.map(|key| ClientKey {
                key: format!("page-{session}-{}", key.chars().take(60).collect::<String>()),
                fingerprint: self.fingerprint,
            }),
            expected_version: version.and_then(|version| version.parse().ok()),
        }
    }
}

impl FromRequest<WebState> for OwnForm {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Trouble> {
        let (mut parts, content) = request.into_parts();
        let visitor = Visitor::of(&mut parts, state).await?;
        if is_from_elsewhere(&parts.headers) {
            return Err(Trouble::of(visitor.language, Alert::NotOurForm));
        }
        let bytes = ask::raw(content, BODY_BYTES_MAX)
            .await
            .map_err(|problem| visitor.trouble(problem))?;
        let form = Form::read(&bytes);
        let token = form.get("token").unwrap_or_default();
        if !state.engine.is_own_form(&visitor.session, token).await? {
            return Err(Trouble::of(visitor.language, Alert::NotOurForm));
        }
        if form.get("key").is_none() {
            let detail = "The form carries no key.";
            return Err(visitor.trouble(Problem::edge(EdgeCode::IdempotencyKeyMissing, detail)));
        }
        let fingerprint = ask::fingerprint(&Method::POST, parts.uri.path(), &bytes);
        Ok(Self {
            visitor,
            form,
            fingerprint,
        })
    }
}

/// What every form carries.
#[derive(Debug, Clone)]
pub struct FormTokens {
    /// Shows that the form is ours.
    pub token: String,
    /// Makes that it is carried out once.
    pub key: String,
    /// What it relies on.
    pub version: u64,
}

impl FormTokens {
    /// Those of a new form.
    pub fn new(state: &WebState, visitor: &Visitor, version: u64) -> Self {
        Self {
            token: visitor.token.clone(),
            key: state.ids.new_id(state.engine.now()).to_string(),
            version,
        }
    }
}

/// Browsers say where a form was sent from (Fetch Metadata); one from another site is not ours, whatever else it carries.
pub fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    if let Some(site) = site {
        return !matches!(site, "same-origin" | "none");
    }
    let (origin, host) = (headers.get(header::ORIGIN), headers.get(header::HOST));
    match (
        origin.and_then(|origin| origin.to_str().ok()),
        host.and_then(|host| host.to_str().ok()),
    ) {
        (Some(origin), Some(host)) => !origin.ends_with(&format!("//{host}")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_browsers_send_them() {
        let form = Form::read(b"name=+Ana+%26+Co+&empty=&q.device=5&q.user-seat=8");
        assert_eq!(form.get("name"), Some("Ana & Co"));
        assert_eq!(form.get("empty"), None);
        assert_eq!(form.get("none"), None);
        let quantities: Vec<_> = form.beginning("q.").collect();
        assert_eq!(quantities, [("device", "5"), ("user-seat", "8")]);
        assert_eq!(Form::read(&b"a=1&".repeat(10_000)).0.len(), FIELDS_MAX);
    }

    #[test]
    fn a_form_from_another_site_is_known() {
        let from = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().expect("a header"));
            }
            is_from_elsewhere(&headers)
        };
        assert!(from(&[("sec-fetch-site", "cross-site")]));
        assert!(from(&[("sec-fetch-site", "same-site")]));
        assert!(from(&[
            ("origin", "https://evil.example"),
            ("host", "pay.example")
        ]));
        assert!(!from(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(!from(&[
            ("origin", "https://pay.example"),
            ("host", "pay.example")
        ]));
        assert!(!from(&[]));
    }
}
