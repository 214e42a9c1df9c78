//! A mail as the customer got it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use uuid::Uuid;

use super::duty::OnDuty;
use super::page::{Bar, Section};
use super::words;
use crate::domain::change::ChangeId;
use crate::mail::{Rendered, render};
use crate::ports::mail::Letter;
use crate::web::WebState;
use crate::web::page::{Allowed, Page, Shell, Trouble, shown_with};

/// For the frame that a mail's HTML is shown in: it runs nothing, loads nothing, sends nothing, and is in nobody's origin. Mails carry
/// their styles in attributes.
const NOTHING_BUT_STYLES: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'self'; sandbox";

#[derive(Template)]
#[template(path = "web/console/templates/mail.html")]
struct MailPage {
    shell: Shell,
    bar: Bar,
    change_url: String,
    subject: String,
    to: String,
    from: String,
    language: &'static str,
    at: String,
    text: String,
    html_url: String,
}

/// The page around it.
pub(super) async fn show(
    State(state): State<WebState>,
    duty: OnDuty,
    Path((change, mail)): Path<(Uuid, Uuid)>,
) -> Page {
    let (letter, rendered) = written(&state, &duty, change, mail).await?;
    let page = MailPage {
        shell: duty.shell(rendered.subject.clone(), Section::None),
        bar: duty.bar(""),
        change_url: format!("/console/changes/{change}"),
        subject: rendered.subject,
        to: letter.to.email,
        from: letter.sender.from.email,
        language: letter.language.tag(),
        at: words::clock(letter.at),
        text: rendered.text,
        html_url: format!("/console/changes/{change}/mails/{mail}/html"),
    };
    let own_frame = Allowed {
        frames: " 'self'".to_owned(),
        ..Allowed::default()
    };
    shown_with(StatusCode::OK, &page, &own_frame)
}

/// What stands in the frame.
pub(super) async fn html(
    State(state): State<WebState>,
    duty: OnDuty,
    Path((change, mail)): Path<(Uuid, Uuid)>,
) -> Page {
    let (_, rendered) = written(&state, &duty, change, mail).await?;
    let guards: [(HeaderName, &str); 1] = [(header::CONTENT_SECURITY_POLICY, NOTHING_BUT_STYLES)];
    let response: Response = (guards, Html(rendered.html)).into_response();
    Ok(response)
}

async fn written(
    state: &WebState,
    duty: &OnDuty,
    change: Uuid,
    mail: Uuid,
) -> Result<(Letter, Rendered), Trouble> {
    let letter = state
        .engine
        .letter_of(ChangeId(change), mail, duty.seller())
        .await
        .map_err(|problem| duty.trouble(problem))?;
    let letter = letter.ok_or_else(|| duty.nowhere())?;
    let rendered = render(&letter).map_err(|error| {
        tracing::error!(%error, "a mail could not be written for the console");
        Trouble::internal()
    })?;
    Ok((letter, rendered))
}
