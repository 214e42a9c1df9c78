use askama::Template;
use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::language::Language;
use crate::mail::StoredMail;
use crate::text;
use crate::web::page::{Allowed, Page, Shell, shown, shown_with};

#[derive(Template)]
#[template(path = "web/mailbox/templates/list.html")]
struct ListPage<'a> {
    shell: Shell,
    mails: &'a [StoredMail],
    full: bool,
}

#[derive(Template)]
#[template(path = "web/mailbox/templates/mail.html")]
struct MailPage<'a> {
    shell: Shell,
    mail: &'a StoredMail,
}

#[derive(Template)]
#[template(path = "web/mailbox/templates/notice.html")]
struct NoticePage<'a> {
    shell: Shell,
    sentence: &'a str,
}

/// The mailbox is for whoever runs the service, so that it is in English and in UTC.
fn shell(title: impl Into<String>) -> Shell {
    Shell {
        home: Some("/".to_owned()),
        ..Shell::own(Language::En, title)
    }
}

pub(super) fn list(mails: &[StoredMail], shown_max: usize) -> Page {
    let title = match mails.len() {
        0 => "Mailbox".to_owned(),
        many => format!("Mailbox ({many})"),
    };
    let page = ListPage {
        shell: shell(title),
        mails,
        full: mails.len() >= shown_max,
    };
    shown(StatusCode::OK, &page)
}

pub(super) fn mail(mail: &StoredMail) -> Page {
    let page = MailPage {
        shell: shell(mail.subject.as_str()),
        mail,
    };
    let own_frame = Allowed {
        frames: " 'self'".to_owned(),
        ..Allowed::default()
    };
    shown_with(StatusCode::OK, &page, &own_frame)
}

pub(super) fn notice(status: StatusCode, title: &str, sentence: &str) -> Page {
    let page = NoticePage {
        shell: shell(title),
        sentence,
    };
    shown(status, &page)
}

fn when(at: &Timestamp) -> String {
    text::moment(Language::En, *at, &TimeZone::UTC)
}
