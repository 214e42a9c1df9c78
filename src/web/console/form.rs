//! Forms of the console: what was typed, once it is known that it was typed there.

use axum::extract::{FromRequest, Request};
use axum::http::Method;

use super::duty::{Away, OnDuty};
use crate::domain::catalog::SellerId;
use crate::domain::language::Language;
use crate::engine::{Asked, ClientKey};
use crate::web::WebState;
use crate::web::ask;
use crate::web::page::{Alert, Form, Trouble, is_from_elsewhere};

/// The most bytes of a form.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// The longest reason, as in the API.
pub(super) const REASON_MAX: usize = 500;

/// A form of one of somebody's own pages.
#[derive(Debug, Clone)]
pub(super) struct ConsoleForm {
    /// Who sent it.
    pub(super) duty: OnDuty,
    /// What was typed.
    pub(super) form: Form,
    fingerprint: [u8; 32],
}

impl ConsoleForm {
    /// Why they act; nothing where they do not say it, or say too much.
    pub(super) fn reason(&self) -> Option<&str> {
        self.form.get("reason").filter(|reason| fits(reason))
    }

    /// The order as the engine is asked: the form's own key makes it be carried out once, however often its button is pressed, and the
    /// version that its page has shown keeps it from being carried out on anything else.
    pub(super) fn asked(&self, seller: SellerId) -> Asked {
        let key = self.form.get("key").map(|key| ClientKey {
            key: format!("console {}", key.chars().take(60).collect::<String>()),
            fingerprint: self.fingerprint,
        });
        Asked {
            seller,
            actor: self.duty.actor(self.reason()),
            key,
            expected_version: self.form.get("version").and_then(|version| version.parse().ok()),
        }
    }
}

fn fits(reason: &str) -> bool {
    reason.chars().count() <= REASON_MAX && !reason.chars().any(char::is_control)
}

impl FromRequest<WebState> for ConsoleForm {
    type Rejection = Away;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Away> {
        let (parts, content) = request.into_parts();
        let duty = OnDuty::of(&parts, state).await.map_err(|away| match away {
            // What was typed is lost: after signing in they begin on a page.
            Away::SignIn(_) => Away::SignIn("/console".to_owned()),
            trouble @ Away::Trouble(_) => trouble,
        })?;
        let forged = || Away::Trouble(Trouble::of(Language::En, Alert::NotOurForm));
        if is_from_elsewhere(&parts.headers) {
            return Err(forged());
        }
        let bytes = ask::raw(content, BODY_BYTES_MAX)
            .await
            .map_err(|problem| Away::Trouble(duty.trouble(problem)))?;
        let form = Form::read(&bytes);
        if !duty.is_own(form.get("token").unwrap_or_default()) {
            return Err(forged());
        }
        let fingerprint = ask::fingerprint(&Method::POST, parts.uri.path(), &bytes);
        Ok(Self {
            duty,
            form,
            fingerprint,
        })
    }
}
