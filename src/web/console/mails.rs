//! A mail as the customer got it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use uuid::Uuid;

use super::duty::OnDuty;
use super::page::{Bar, Section};
use super::words;
use crate::domain::account::AccountId;
use crate::domain::change::ChangeId;
use crate::mail::{Rendered, render};
use crate::ports::mail::Letter;
use crate::ports::store::{Departed, Departure};
use crate::web::WebState;
use crate::web::page::{Allowed, Page, Shell, Trouble, shown_with};

/// For the frame that a mail's HTML is shown in: it runs nothing, loads nothing, sends nothing, and is in nobody's origin. Mails carry
/// their styles in attributes.
const NOTHING_BUT_STYLES: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'self'; sandbox";

/// Where somebody came from, and goes back to.
struct Back {
    url: String,
    name: &'static str,
}

/// A mail in a list.
pub(super) struct ListedMail {
    pub(super) url: String,
    pub(super) what: String,
    pub(super) at: String,
    pub(super) departed: String,
    pub(super) given_up: bool,
}

#[derive(Template)]
#[template(path = "web/console/templates/mail.html")]
struct MailPage {
    shell: Shell,
    bar: Bar,
    back: Back,
    subject: String,
    to: String,
    from: String,
    language: &'static str,
    at: String,
    text: String,
    html_url: String,
}

/// The page around a mail of a change.
pub(super) async fn show(
    State(state): State<WebState>,
    duty: OnDuty,
    Path((change, mail)): Path<(Uuid, Uuid)>,
) -> Page {
    let letter = of_change(&state, &duty, change, mail).await?;
    let back = Back {
        url: format!("/console/changes/{change}"),
        name: "Back to the change",
    };
    around(&duty, back, mail, &letter)
}

/// What stands in its frame.
pub(super) async fn html(
    State(state): State<WebState>,
    duty: OnDuty,
    Path((change, mail)): Path<(Uuid, Uuid)>,
) -> Page {
    framed(&of_change(&state, &duty, change, mail).await?)
}

/// The page around a mail to an account that is about none of its changes.
pub(super) async fn show_to_account(
    State(state): State<WebState>,
    duty: OnDuty,
    Path((account, mail)): Path<(Uuid, Uuid)>,
) -> Page {
    let letter = to_account(&state, &duty, account, mail).await?;
    let back = Back {
        url: format!("/console/accounts/{account}"),
        name: "Back to the account",
    };
    around(&duty, back, mail, &letter)
}

/// What stands in its frame.
pub(super) async fn html_to_account(
    State(state): State<WebState>,
    duty: OnDuty,
    Path((account, mail)): Path<(Uuid, Uuid)>,
) -> Page {
    framed(&to_account(&state, &duty, account, mail).await?)
}

async fn of_change(state: &WebState, duty: &OnDuty, change: Uuid, mail: Uuid) -> Result<Letter, Trouble> {
    let letter = state.engine.letter_of(ChangeId(change), mail, duty.seller());
    let letter = letter.await.map_err(|problem| duty.trouble(problem))?;
    letter.ok_or_else(|| duty.nowhere())
}

async fn to_account(state: &WebState, duty: &OnDuty, account: Uuid, mail: Uuid) -> Result<Letter, Trouble> {
    let letter = state
        .engine
        .account_letter(AccountId(account), mail, duty.seller());
    let letter = letter.await.map_err(|problem| duty.trouble(problem))?;
    letter.ok_or_else(|| duty.nowhere())
}

fn around(duty: &OnDuty, back: Back, mail: Uuid, letter: &Letter) -> Page {
    let rendered = written(letter)?;
    let page = MailPage {
        shell: duty.shell(rendered.subject.clone(), Section::None),
        bar: duty.bar(""),
        html_url: format!("{}/mails/{mail}/html", back.url),
        back,
        subject: rendered.subject,
        to: letter.to.email.clone(),
        from: letter.sender.from.email.clone(),
        language: letter.language.tag(),
        at: words::clock(letter.at),
        text: rendered.text,
    };
    let own_frame = Allowed {
        frames: " 'self'".to_owned(),
        ..Allowed::default()
    };
    shown_with(StatusCode::OK, &page, &own_frame)
}

fn framed(letter: &Letter) -> Page {
    let rendered = written(letter)?;
    let guards: [(HeaderName, &str); 1] = [(header::CONTENT_SECURITY_POLICY, NOTHING_BUT_STYLES)];
    let response: Response = (guards, Html(rendered.html)).into_response();
    Ok(response)
}

fn written(letter: &Letter) -> Result<Rendered, Trouble> {
    render(letter).map_err(|error| {
        tracing::error!(%error, "a mail could not be written for the console");
        Trouble::internal()
    })
}

impl ListedMail {
    /// A mail to this account, as its page lists it.
    pub(super) fn of(mail: &Departure) -> Self {
        Self {
            url: format!("/console/accounts/{}/mails/{}", mail.row.account, mail.row.id),
            what: words::topic(&mail.row.topic),
            at: words::clock(mail.row.at),
            departed: match mail.departed {
                Departed::Sent => "has left".to_owned(),
                Departed::Waiting(at) => format!("leaves at {}", words::clock(at)),
                Departed::GivenUp => "given up".to_owned(),
            },
            given_up: mail.departed == Departed::GivenUp,
        }
    }
}
